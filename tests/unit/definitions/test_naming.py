"""Ids of what a policy unfolds to: stable, and never one for two."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from policyc.definitions.naming import LONGEST, crowded, part_id

IDS = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
NAMES = st.text("abAB1-_. */é", min_size=1, max_size=40)


@given(st.lists(NAMES.filter(lambda name: "/" not in name), min_size=1, max_size=5, unique_by=str.lower), st.lists(NAMES))
def test_no_two_parts_share_an_id(options: list[str], names: list[str]) -> None:
    same = crowded(options)
    abouts = {"", *options, *(f"{options[0]}/{name}" for name in names), *(f"/{name}" for name in names)}
    folded = {about.lower() for about in abouts}
    ids = [part_id("one", about, same) for about in sorted(folded)]
    assert len(set(ids)) == len(ids)
    assert all(IDS.fullmatch(one) and len(one) <= LONGEST for one in ids)


def test_case_of_a_name_changes_no_id() -> None:
    assert part_id("one", "List/A b") == part_id("one", "List/a B")


def test_long_ids_are_cut_and_marked() -> None:
    long = "a" * 64
    made = part_id(long, "Option")
    assert len(made) == LONGEST
    assert made.startswith("a" * 55 + "-")
