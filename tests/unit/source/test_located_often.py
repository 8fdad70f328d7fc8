"""Findings of an estate in conflict name the same few places over and over: each is looked for once."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyc.diagnostics import Region, Related, warning
from policyc.model import Location
from policyc.source import locate
from policyc.source.marks import Marks


def test_each_place_is_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{number}.yaml" for number in range(8)]
    for name in names:
        (tmp_path / name).write_text("collection:\n  name: A\n", encoding="utf-8")
    looked: list[Location] = []
    look = Marks.region

    def counted(marks: Marks, location: Location) -> Region | None:
        looked.append(location)
        return look(marks, location)

    monkeypatch.setattr(Marks, "region", counted)
    at = {name: Location(name, ("collection", "name")) for name in names}
    pairs = [(one, other) for one in names for other in names if one < other]
    found = locate(
        tmp_path, [warning("PC0424", "x", at[one], help="y", related=[Related(at[other], "z")]) for one, other in pairs]
    )
    assert len(found) == len(pairs)
    assert {(one.region.line, one.region.column) for one in found if one.region} == {(2, 9)}
    assert {(region.line, region.column) for one in found for region in one.related if region} == {(2, 9)}
    assert sorted(one.file for one in looked) == names
