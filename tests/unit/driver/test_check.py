"""One cause, one finding: what only follows from a file with an error isn't told."""

from __future__ import annotations

from pathlib import Path

import pytest

from curing import DAY, PROJECT
from policyc.driver.check import check


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    (tmp_path / "project.yaml").write_text(PROJECT + "precedence: [Pilot, Other]\n", encoding="utf-8")
    other = "collection: {name: Other, members: {devices: [PC-1], exclude: [Pilto]}}\nbaselines: [Common]\n"
    (tmp_path / "other.yaml").write_text(other, encoding="utf-8")
    (tmp_path / "common.yaml").write_text("baseline: {name: Common}\n", encoding="utf-8")
    (tmp_path / "pilot.yaml").write_text("collection: {name: Pilot}\n", encoding="utf-8")
    return tmp_path


def codes(estate: Path) -> list[str]:
    return [one.code for one in check(estate, DAY).diagnostics if one.code != "PC0504"]


def test_who_is_called_so_stands_in_a_file_with_an_error(estate: Path) -> None:
    (estate / "pilot.yaml").write_text("collection: {name: Pilot, modes: audit}\n", encoding="utf-8")
    assert codes(estate) == ["PC0201"]


def test_a_baseline_in_a_file_with_an_error(estate: Path) -> None:
    (estate / "common.yaml").write_text("baseline: {name: Common, xyz: 5}\n", encoding="utf-8")
    assert codes(estate) == ["PC0201"]


def test_where_all_files_are_right_it_is_told(estate: Path) -> None:
    assert codes(estate) == ["PC0403"]
    (estate / "pilot.yaml").unlink()
    assert codes(estate) == ["PC0428"]
