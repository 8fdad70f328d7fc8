"""The mutations of `dev.py mutations`: that there are some, and that the self-test notices those of the conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.device import Device
from endpoint.mutations import differs, mutants, survivors, wrong
from policyc.powershell.linker import library, link, packed


def test_every_change_is_one_and_stays_in_its_function() -> None:
    made = list(mutants())
    assert len(made) > 500
    assert {one.function for one in made} <= library().keys()
    assert [one.number for one in made] == list(range(len(made)))
    for one in made:
        assert one.old == library()[one.function].text
        # A comment that is gone is no change.
        assert packed(one.old) != packed(one.new), one.what


def test_scripts_are_made_with_a_change_and_then_without() -> None:
    one = next(one for one in mutants() if one.function == "Test-Verdict")
    sound = link("discovery", frozenset()).tail
    with wrong(one):
        made = link("discovery", frozenset()).tail.decode("ascii")
        assert one.new in made
        assert one.old not in made
    assert link("discovery", frozenset()).tail == sound


@pytest.mark.endpoint
def test_conditions_that_are_turned_around_are_noticed(device: Device, tmp_path: Path) -> None:
    turned = [one for one in mutants() if one.function in ("Test-AtMost", "Test-Between") and "turned" in one.what]
    assert len(turned) == 4
    assert [one.what for one, survives in survivors(device, turned, tmp_path) if survives] == []


@pytest.mark.endpoint
def test_a_differential_run_notices_what_the_self_test_does_not(device: Device, tmp_path: Path) -> None:
    """The self-test has no settings of users."""
    one = next(one for one in mutants() if one.function == "Get-UserSid")
    assert differs(device, one, 1, tmp_path, ours=device.is_stand_in)
