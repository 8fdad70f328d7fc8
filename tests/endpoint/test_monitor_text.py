"""Which cmdlets monitor.ps1 names. What the analyzer says of it, test_analysis.py asks with all other scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from endpoint.engine import Session
from policyc.powershell.monitor_script import monitor_script

pytestmark = pytest.mark.powershell

HERE = Path(__file__).parent
CMDLETS = HERE.parent / "configmgr" / "cmdlets.json"
COMMON = {"ErrorAction", "WhatIf", "Confirm", "Verbose"}
CALL = re.compile(r"\b(\w+-CM\w+)((?: (?!\|)[^\n;{}|]*)?)")
VALUES = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)|'[^']*'|\"[^\"]*\"")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script in a file."""
    path = tmp_path / "monitor.ps1"
    path.write_bytes(monitor_script())
    return path


def test_every_cmdlet_and_parameter_is_documented(powershell: Session, script: Path) -> None:
    if not powershell.serves:
        pytest.skip("on Windows itself: powershell.exe has no -Parse")
    parsed = json.loads(powershell.tool("-Parse", powershell.path(script)).stdout)
    assert parsed["errors"] == []
    known = json.loads(CMDLETS.read_text(encoding="utf-8"))
    named = {command for command in parsed["commands"] if re.fullmatch(r"\w+-CM\w+", command)}
    assert len(named) > 12
    assert named <= known.keys()
    seen = set()
    for line in script.read_text(encoding="ascii").splitlines():
        for cmdlet, arguments in CALL.findall(line):
            if cmdlet not in named:
                continue
            given = set(re.findall(r"(?<=\s)-([A-Z]\w+)", VALUES.sub("()", arguments))) - COMMON
            assert given <= known[cmdlet]["parameters"].keys(), line
            seen |= {(cmdlet, parameter) for parameter in given}
    assert ("Get-CMBaselineDeploymentStatus", "StatusType") in seen
