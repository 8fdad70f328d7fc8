"""All passes together."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from time import process_time

import pytest

import policyc.analysis
from policyc.analysis import PASSES, Context, analyse
from policyc.model import Operator, SetValue
from unit.analysis.estates import CONTEXT, TODAY, collection, onboarding, project, setting


def test_every_pass_is_registered_under_the_name_of_its_file() -> None:
    folder = Path(policyc.analysis.__file__).parent
    passes = [one.__name__ for one in PASSES]
    assert len(set(passes)) == len(passes)
    assert all((folder / f"{name}.py").is_file() for name in passes)


def test_findings_of_all_passes_are_collected() -> None:
    pilot = collection("Pilot", "onboarded", packages=(onboarding("Local.cmd", source="nowhere"),), limited_to="Pilot")
    found = analyse(project(pilot, collection("Leaving", "offboarded"), server="1406"), CONTEXT)
    assert [one.code for one in found] == ["PC0401", "PC0402", "PC0405", "PC0708", "PC0711"]


def test_an_empty_project() -> None:
    assert analyse(project(), CONTEXT) == []


@pytest.mark.skipif(os.name == "nt", reason="the working folder can't be removed there")
def test_a_folder_that_is_gone(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    pilot = collection("Pilot", "onboarded", packages=(onboarding(source="package"),))
    assert analyse(project(pilot), Context(TODAY, Path("policies"))) == []


def test_a_large_estate_takes_a_fraction_of_a_second() -> None:
    settings = tuple(
        setting(f"s{at}", Operator.AT_LEAST, 5, key=rf"SOFTWARE\Example\{at}", write=SetValue(5)) for at in range(20)
    )
    pilot = collection("Pilot", "onboarded", query="select * from SMS_R_System", exclude=("Leaving",), settings=settings)
    estate = project(
        *[replace(pilot, name=f"Ring {at}", slug=f"ring-{at}") for at in range(500)], collection("Leaving", "offboarded")
    )
    analyse(estate, CONTEXT)
    start = process_time()
    assert analyse(estate, CONTEXT) == []
    assert process_time() - start < 1
