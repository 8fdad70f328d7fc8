"""An estate of very many files is lowered file by file, and says what a small one says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policyc.driver.check import check, check_sources
from policyc.source import Document, Packed, load_packed, load_project, project

BASE = "baseline: {name: Base}\nsettings:\n  one:\n    title: T\n    registry: "
OWN = "settings:\n  two:\n    title: T\n    registry: "
FILES = {
    "project.yaml": "project: {name: A, id: 0b9e0a5e-5f5c-4f5f-9f57-0c5f1b8b2a11}\n",
    "base.yaml": f"{BASE}{{key: HKLM\\SOFTWARE\\A, name: v, type: dword, equals: 1}}\n",
    "a.yaml": "collection: {name: A}\nbaselines: [Base]\noverride:\n  one: {reason: why, registry: {equals: 2}}\n",
    "b.yaml": f"collection: {{name: B}}\n{OWN}{{key: HKLM\\SOFTWARE\\Ü, name: v, type: qword, equals: 0x1FFFFFFFFFFFFFFFF}}\n",
    "c.yaml": f"collection: {{name: C}}\n{OWN}{{key: HKLM\\SOFTWARE\\Ü, name: v, type: multi_string, equals: [a, ü]}}\n",
    "d.yaml": f"collection: {{name: D}}\n{OWN}{{key: HKLM\\SOFTWARE\\D, name: v, type: qword, equals: 0xFFFFFFFFFFFFFFFF}}\n",
    "t.yaml": "tests:\n  x: {collection: C, expect: {verdict: non-compliant}}\n",
}


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_collections_are_packed_and_come_out_as_they_were(policies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(isinstance(one, Document) for one in load_packed(policies)[0])
    monkeypatch.setattr(project, "MANY", 2)
    packed, found = load_packed(policies)
    assert sorted(one.file for one in packed if isinstance(one, Packed)) == ["a.yaml", "c.yaml", "d.yaml"]
    sources = load_project(policies)
    assert tuple(one.unpacked() if isinstance(one, Packed) else one for one in packed) == sources.documents
    assert tuple(found) == sources.diagnostics


def test_the_same_is_found_either_way(policies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2026, 1, 1)
    few = check(policies, day)
    monkeypatch.setattr(project, "MANY", 2)
    many = check(policies, day)
    assert many.project == few.project
    assert many.diagnostics == few.diagnostics == check_sources(load_project(policies), day).diagnostics
    assert {one.name for one in many.collections} == {"A", "C", "D"}
