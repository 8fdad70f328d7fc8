"""What PowerShell's parser and PSScriptAnalyzer say of every script that policyc can write."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import VALUE_SETTINGS, reported, write_scripts
from endpoint.engine import Session
from policyc.artifacts import Build
from policyc.lowering import lower
from policyc.model import Hive
from policyc.powershell.monitor_script import monitor_script
from policyc.powershell.scripts import Script
from policyc.powershell.site_scripts import deploy_intune_script
from policyc.source import load_project
from policyc.targets.configmgr import ConfigMgr
from registry_settings import altered

pytestmark = pytest.mark.powershell

HERE = Path(__file__).parent
POLICIES = HERE.parents[1] / "policies"
HOSTILE = "'‘’“”; $(throw) `n # <# #> \r\n\0\t \U0001f600"


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every script of the example estate, one of each kind for every single setting of the matrix, and constant ones."""
    folder = tmp_path_factory.mktemp("scripts")
    project, _ = lower(load_project(POLICIES))
    assert project is not None
    target = ConfigMgr()
    for collection in project.collections:
        for artifact in target.artifacts(project, collection, Build()):
            if artifact.path.endswith(".ps1"):
                path = folder / "estate" / artifact.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(artifact.content)
    for kind, settings in VALUE_SETTINGS.items():
        write_scripts(folder / kind, settings, scripts=Script)
        write_scripts(
            folder / f"{kind}-users",
            [altered(one, place=replace(one.subject.place, hive=Hive.USER)) for one in settings],
            scripts=Script,
        )
    alone = {one.subject.condition.operator: one for settings in VALUE_SETTINGS.values() for one in settings}
    for one in alone.values():
        write_scripts(folder / one.id, [one], scripts=Script)
    write_scripts(folder / "reported", [reported(one) for one in VALUE_SETTINGS["dword"]], scripts=Script)
    write_scripts(folder / "hostile", [replace(VALUE_SETTINGS["string"][0], title=HOSTILE)], scripts=Script)
    (folder / "monitor.ps1").write_bytes(monitor_script())
    (folder / "deploy-intune.ps1").write_bytes(deploy_intune_script())
    return sorted(folder.rglob("*.ps1"))


def listed(scripts: list[Path], session: Session, tmp_path: Path) -> Path:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(session.path(script) for script in scripts), encoding="utf-8")
    return path


def test_the_parser_has_no_error(powershell: Session, scripts: list[Path], tmp_path: Path) -> None:
    answer = powershell.run(HERE / "parse.ps1", "-List", powershell.path(listed(scripts, powershell, tmp_path)))
    assert len(scripts) > 80
    assert (answer.failure, answer.lines) == (None, [])


def test_the_analyzer_has_no_finding(powershell: Session, scripts: list[Path], tmp_path: Path) -> None:
    if not powershell.serves:
        pytest.skip("on Windows itself: powershell.exe has no -Analyze")
    settings = powershell.path(HERE / "windows-powershell-5.1.psd1")
    found = powershell.tool(
        "-Analyze", "-Settings", settings, f"@{powershell.path(listed(scripts, powershell, tmp_path))}", timeout=300
    )
    findings = [json.loads(line) for line in found.stdout.splitlines()]
    shown = {f"{one['rule']} at {Path(one['file']).name}:{one.get('line')}: {one['message']}" for one in findings}
    assert sorted(shown) == []
    assert found.returncode == 0, found.stderr


def test_every_script_is_ascii_with_plain_line_ends(scripts: list[Path]) -> None:
    for script in scripts:
        content = script.read_bytes()
        assert content.isascii(), script
        assert not {byte for byte in content if byte < 0x20} - {0x0A, 0x0D}, script
