"""Settings of all kinds in one collection, at a size that fits: scripts and evaluation agree on all that comes of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from endpoint.device import Device
from endpoint.differential_kinds import SORTS, check_all_kinds, made, sort_of
from endpoint.standins import StandIns
from policyc.kinds import KINDS

SEED = 3


@pytest.mark.endpoint
@pytest.mark.usefixtures("standins")
@pytest.mark.parametrize("number", range(2))
def test_scripts_and_evaluation_agree(device: Device, standins: StandIns, tmp_path: Path, number: int) -> None:
    """One collection of each: changed by `remediation.ps1` and by `remediate.ps1`."""
    checked = check_all_kinds(device, tmp_path, SEED, number)
    assert not checked.wrong, "\n".join(checked.wrong)
    assert checked.counts["settings"] == len(made(Random(f"{SEED}/kinds/{number}")))
    least = {"writes": 80, "rolled back": 60, "left alone": 5, "rolled back by -Force": 5}
    least |= {
        "verdict Compliant": 60,
        "verdict NonCompliant": 80,
        "verdict Error": 1,
        **{f"kind {kind}": 5 for kind in KINDS if kind != "script"},
    }
    least |= {"kind script": 2, "of them lists of Defender": 3, "of them keys with all below them": 6}
    assert {name: checked.counts[name] for name in least if checked.counts[name] < least[name]} == {}


def test_every_kind_is_tried() -> None:
    settings = made(Random(1))
    assert {one.subject.word for one in settings} == KINDS.keys()
    assert {type(sort_of(one)) for one in settings} == {type(sort) for sort in SORTS.values()}
    assert {one.remediated for one in settings} == {one.sensitive for one in settings} == {True, False}
    assert len({one.id for one in settings}) == len(settings)
    assert len({one.subject.place.identity for one in settings}) < len(settings), "some share a place"


def test_a_seed_gives_the_same_again() -> None:
    assert made(Random(1)) == made(Random(1))
    assert made(Random(1)) != made(Random(2))
