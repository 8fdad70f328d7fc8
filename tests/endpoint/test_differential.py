"""The law at a size that fits: random settings on random devices, scripts and `policyc.evaluation` agree on all of it.

`python3 dev.py differential` is the long run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.device import Device
from endpoint.differential import Report, endpoint, run
from endpoint.differential_cases import TEST_KEY, Family, World, make_family
from endpoint.differential_check import check
from endpoint.differential_policy import settings_of
from endpoint.differential_shrink import shrunk
from endpoint.registry import multi_sz
from policyc.model import ACCOUNTS, Hive, Kind, Operator, View

SEED = 6
COUNT = 600
WORLD = World(("S-1-5-21-0-0-0-1000",), 22000, "Client", ours=True)


@pytest.mark.endpoint
def test_scripts_and_evaluation_agree(tmp_path: Path) -> None:
    try:
        with endpoint(tmp_path) as (device, ours):
            report = run(device, ours=ours, seed=SEED, count=COUNT, folder=tmp_path)
    except LookupError as problem:
        pytest.skip(str(problem))
    assert not report.wrong, report.text()
    _covers_what_it_is_for(report)


@pytest.mark.endpoint
def test_settings_of_one_place_complete_each_other(device: Device, tmp_path: Path) -> None:
    """Both lists are there after one remediation, and nobody else is blamed for what policyc itself has just written."""
    key = rf"HKLM\SOFTWARE\{TEST_KEY}\g0"
    trees = {
        "g0-s0": _list(key, contains=["a", "b"]),
        "g0-s1": _list(key, contains=["B", "c"]),
        "g0-s2": _list(key, contains=["d"], default=["x"]),
        "g0-s4": _list(key, contains=["c"], default=["x"]),
        "g0-s3": {"title": "A key that is made for another one", "registry": {"key": key, "present": True}},
    }
    for number, (names, before) in enumerate(
        [(("g0-s0", "g0-s1"), {}), (("g0-s2", "g0-s4", "g0-s3"), {}), (("g0-s0", "g0-s1"), {"list": multi_sz("A", "y")})]
    ):
        families = [Family(0, {name: trees[name] for name in names}, {key: before} if before else {})]
        world = World((), 22000, "Client", ours=False)
        checked = check(device, world, families, tmp_path / str(number), SEED, number)
        assert not checked.wrong, checked.wrong
        assert checked.counts["refused"] == 0
        assert checked.counts["writes"] >= 2


def _list(key: str, **words: object) -> dict[str, object]:
    return {"title": "A list", "registry": {"key": key, "name": "list", "type": "multi_string", **words}}


def _covers_what_it_is_for(report: Report) -> None:
    least = {"pairs": COUNT, "writes": 200, "rolled back": 100, "left alone": 50, "rolled back by -Force": 40, "keys made": 10}
    least |= {f"verdict {word}": 60 for word in ("Compliant", "NonCompliant", "Error", "NotApplicable")}
    assert {name: report.counts[name] for name in least if report.counts[name] < least[name]} == {}


def test_a_seed_gives_the_same_again() -> None:
    assert [make_family(1, number, WORLD) for number in range(50)] == [make_family(1, number, WORLD) for number in range(50)]
    assert make_family(1, 7, WORLD) != make_family(2, 7, WORLD)


def test_all_that_the_language_has_is_tried(tmp_path: Path) -> None:
    made = settings_of([make_family(SEED, number, WORLD) for number in range(300)], tmp_path)
    settings = made.settings
    assert {one.subject.kind for one in settings} == {None, *Kind}
    assert {one.subject.condition.operator for one in settings} == set(Operator)
    assert {(one.subject.place.hive, one.subject.place.view) for one in settings} == {
        (Hive.MACHINE, View.BITS_64),
        (Hive.MACHINE, View.BITS_32),
        (Hive.USER, View.BITS_64),
        *((hive, View.BITS_64) for hive in ACCOUNTS),
    }
    for wanted in ("sensitive", "remediated"):
        assert {bool(getattr(one, wanted)) for one in settings} == {True, False}, wanted
    for wanted in ("default", "pin", "clear_on_undo"):
        assert {bool(getattr(one.subject, wanted)) for one in settings} == {True, False}, wanted
    assert {one.subject.condition.exact_case for one in settings} == {True, False}
    assert any(one.subject.place.name is None for one in settings)
    assert len({one.subject.place.identity for one in settings}) < len(settings), "several settings on one place"
    assert len(made.refused) < len(settings) // 10, made.refused


def test_a_disagreement_is_shrunk_to_what_makes_it() -> None:
    families = [make_family(SEED, number, WORLD) for number in range(40)]
    (marked,) = [one for one in families if one.number == 23]
    name = next(iter(marked.trees))

    def fails(some: Sequence[Family]) -> bool:
        return any(name in one.trees for one in some)

    (smallest,) = shrunk([replace(one, steps=(), between=()) for one in families], fails)
    assert list(smallest.trees) == [name]
    assert not smallest.before
    assert not smallest.steps
    assert not {"default", "pin", "set", "case"} & smallest.trees[name]["registry"].keys()
