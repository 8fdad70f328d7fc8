"""The mutations of `dev.py mutations`: that there are some, and that the self-test notices those of the conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.device import Device
from endpoint.mutations import mutants, survivors
from policyc.powershell.linker import library


def test_every_change_is_one_and_stays_in_its_function() -> None:
    made = list(mutants())
    assert len(made) > 500
    assert {one.function for one in made} <= library().keys()
    for one in made:
        assert one.old != one.new
        assert one.old == library()[one.function].text


@pytest.mark.endpoint
def test_conditions_that_are_turned_around_are_noticed(device: Device, tmp_path: Path) -> None:
    turned = [one for one in mutants() if one.function in ("Test-AtMost", "Test-Between") and "turned" in one.what]
    assert len(turned) == 4
    assert [one.what for one, survives in survivors(device, turned, tmp_path) if survives] == []
