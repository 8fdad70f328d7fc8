"""Circles of include rules and limiting collections."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policyc.analysis import Context
from policyc.analysis.collection_names import collection_names
from policyc.model import Collection, Location, Members, Project


def collection(name: str, limited_to: str | None = None, include: tuple[str, ...] = ()) -> Collection:
    members = Members(include=include, devices=("PC-1",)) if include else None
    return Collection(name, name.lower(), Location(f"{name}.yaml"), limited_to=limited_to, members=members)


def find(*collections: Collection) -> list[tuple[str, str]]:
    project = Project(
        "Estate", "Estate", Location("project.yaml"), "8ee4ffd4-acdb-58d3-be46-275fec287ebb", collections=collections
    )
    return [(found.code, found.message) for found in collection_names(project, Context(date(2026, 1, 1), Path()))]


def test_two_that_include_each_other() -> None:
    message = "The members of 'A' depend on themselves: 'A' includes 'B', 'B' includes 'A'"
    assert find(collection("A", include=("B",)), collection("B", include=("a",))) == [("PC0402", message)]


def test_a_circle_of_both_rules_that_does_not_begin_where_the_search_does() -> None:
    found = find(collection("Z", include=("A",)), collection("A", include=("B",)), collection("B", limited_to="A"))
    assert found == [("PC0402", "The members of 'A' depend on themselves: 'A' includes 'B', 'B' is limited to 'A'")]


@pytest.mark.parametrize("shared", ["All Systems", "C"])
def test_two_ways_to_one_collection_are_no_circle(shared: str) -> None:
    assert find(collection("A", shared, ("B",)), collection("B", shared), collection("C")) == []
