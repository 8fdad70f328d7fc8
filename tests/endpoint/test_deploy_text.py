"""What PowerShell's parser and PSScriptAnalyzer say of deploy.ps1, and which cmdlets it names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from endpoint.engine import Session
from policyc.powershell.site_scripts import deploy_script

pytestmark = pytest.mark.powershell

HERE = Path(__file__).parent
CMDLETS = HERE.parent / "configmgr" / "cmdlets.json"
SWITCH = re.compile(r"\b(\w+-CM\w+)((?: (?!\|)[^\n;{}|]*)?)")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script in a file."""
    path = tmp_path / "deploy.ps1"
    path.write_bytes(deploy_script())
    return path


def test_every_cmdlet_and_parameter_is_documented(powershell: Session, script: Path) -> None:
    if not powershell.serves:
        pytest.skip("on Windows itself: powershell.exe has no -Parse")
    parsed = json.loads(powershell.tool("-Parse", powershell.path(script)).stdout)
    assert parsed["errors"] == []
    known = json.loads(CMDLETS.read_text(encoding="utf-8"))
    named = {command for command in parsed["commands"] if re.fullmatch(r"\w+-CM\w+", command)}
    assert len(named) > 60
    assert named <= known.keys()
    common = {"ErrorAction", "WhatIf", "Confirm", "Verbose"}
    for line in script.read_text(encoding="ascii").splitlines():
        for cmdlet, arguments in SWITCH.findall(line):
            if cmdlet not in known:
                continue
            bare = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)|'[^']*'|\"[^\"]*\"", "()", arguments)
            given = set(re.findall(r"(?<=\s)-([A-Z]\w+)", bare)) - common
            assert given <= known[cmdlet]["parameters"].keys(), line


def test_the_analyzer_has_no_finding(powershell: Session, script: Path) -> None:
    if not powershell.serves:
        pytest.skip("on Windows itself: powershell.exe has no -Analyze")
    settings = powershell.path(HERE / "windows-powershell-5.1.psd1")
    found = powershell.tool("-Analyze", "-Settings", settings, powershell.path(script), timeout=120)
    assert found.stdout == ""
    assert found.returncode == 0, found.stderr
