"""PC0429: an override that leaves a baseline's default behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import check
from policyc.source.files import PROJECT

COMMON = """\
baseline: {name: Common}
settings:
  level:
    title: A level
    registry: {key: 'HKLM\\SOFTWARE\\Example', name: Level, type: dword, at_least: 5, default: 3}
"""


def found(folder: Path, override: str, *collections: str) -> list[Diagnostic]:
    from datetime import date

    (folder / PROJECT).write_text("project: {name: Ex, id: 0bd2bf96-f220-524b-8c4c-7a624ca5eecc}\nconfigmgr: {signing: none}\n")
    (folder / "common.yaml").write_text(COMMON)
    (folder / "middle.yaml").write_text(f"baseline: {{name: Middle}}\nbaselines: [Common]\noverride: {{level: {override}}}\n")
    for number, name in enumerate(collections):
        text = f"collection: {{name: {name}, members: {{devices: [PC-{number}]}}}}\nbaselines: [Middle]\n"
        (folder / f"{name}.yaml").write_text(text)
    return [one for one in check(folder, date(2026, 1, 15)).diagnostics if one.code == "PC0429"]


def test_a_default_that_is_lost_is_told_once(tmp_path: Path) -> None:
    (one,) = found(tmp_path, "{reason: r, registry: {at_least: 3}}", "a", "b")
    assert one.location.file == "middle.yaml"
    assert one.location.path == ("override", "level", "registry")
    assert "the baseline's was 3" in one.message
    assert "add 'default: 3'" in one.help


@pytest.mark.parametrize(
    "override",
    [
        "{reason: r, registry: {at_least: 3, default: 0}}",
        "{reason: r, severity: none}",
        "{reason: r, registry: {absent: true}}",
    ],
)
def test_no_default_is_lost(tmp_path: Path, override: str) -> None:
    assert found(tmp_path, override, "a") == []
