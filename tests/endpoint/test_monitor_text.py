"""Which cmdlets monitor.ps1 names. What the analyzer says of it, test_analysis.py asks with all other scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from endpoint.engine import Session
from policyc.powershell.monitor_script import monitor_script
from policyc.targets.configmgr.site_head import site_json
from unit.targets.samples import PROJECT

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


def function(name: str) -> str:
    """One function of the script, as it stands there."""
    text = monitor_script().decode("ascii")
    start = text.index(f"function {name} {{")
    return text[start : text.index("\n}\n", start) + 3]


@pytest.mark.parametrize(
    ("codes", "code", "meaning"),
    [
        ("settings", "6", "The journal on the device has a broken entry"),
        ("settings", "1618", "Another run of policyc was busy"),
        ("settings", "77", ""),
        ("nowhere", "6", ""),
        ([{"code": 6, "meaning": "Its own"}], "6", "Its own"),
        ([{"code": 6, "meaning": "Its own"}], "60", ""),
        ([], "6", ""),
    ],
)
def test_codes_that_all_collections_share_are_found_by_their_name(
    powershell: Session, tmp_path: Path, codes: object, code: str, meaning: str
) -> None:
    """`deployment.json` names them, `site.json` has them."""
    (tmp_path / "site.json").write_bytes(site_json(PROJECT))
    (tmp_path / "program.json").write_text(json.dumps({"exit_codes": codes}), encoding="ascii")
    script = tmp_path / "ask.ps1"
    script.write_text(
        "\n".join(
            (
                "Set-StrictMode -Version 3.0",
                "$ErrorActionPreference = 'Stop'",
                *(function(name) for name in ("Get-Field", "Find-ExitCode")),
                'function Read-Json { ConvertFrom-Json -InputObject ([IO.File]::ReadAllText("$PSScriptRoot/$args")) }',
                "$Estate = Read-Json 'site.json'",
                "$wanted = Read-Json 'program.json'",
                f"$found = Find-ExitCode -Wanted $wanted -Code '{code}'",
                "if ($null -ne $found) { $found.meaning }",
            )
        ),
        encoding="ascii",
    )
    answer = powershell.run(script)
    assert answer.stderr == ""
    assert answer.stdout.startswith(meaning)
    assert bool(answer.stdout.strip()) == bool(meaning)
