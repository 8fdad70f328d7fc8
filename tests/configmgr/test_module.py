"""The engine sees each cmdlet as its documentation has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from configmgr.module import HERE
from configmgr.site import Site

pytestmark = pytest.mark.powershell

LIST = """
foreach ($command in Get-Command -Module ConfigurationManager -Name '*-CM*') {
    foreach ($set in $command.ParameterSets) {
        foreach ($parameter in $set.Parameters) {
            '{0} {1} {2} {3} {4}' -f $command.Name, $set.Name, $parameter.Name, [int]$parameter.IsMandatory, $parameter.Position
        }
    }
}
"""
COMMON = {
    *(
        "WhatIf",
        "Confirm",
        "Verbose",
        "Debug",
        "ErrorAction",
        "WarningAction",
        "InformationAction",
        "ProgressAction",
        "OutBuffer",
    ),
    *("ErrorVariable", "WarningVariable", "InformationVariable", "OutVariable", "PipelineVariable"),
}


def documented() -> set[str]:
    """A line for each parameter of each set, as the engine would name it."""
    cmdlets: dict[str, Any] = json.loads((HERE / "cmdlets.json").read_text(encoding="utf-8"))
    lines = set()
    for name, cmdlet in cmdlets.items():
        every = cmdlet.get("sets", ["__AllParameterSets"])
        for parameter, facts in cmdlet["parameters"].items():
            for sets, required, position in facts["in"]:
                place = -(2**31) if position is None else position
                lines |= {f"{name} {one} {parameter} {int(required)} {place}" for one in sets or every}
    return lines


def test_parameter_sets_are_the_documented_ones(site: Site) -> None:
    result = site.run_on_drive(LIST)
    assert result.stderr == ""
    lines = set(result.stdout.splitlines())
    assert {line for line in lines if line.split()[2] not in COMMON} == documented()


def test_whatif_is_there_where_it_is_documented(site: Site) -> None:
    text = (
        "(Get-Command -Module ConfigurationManager -Name '*-CM*' | Where-Object { $_.Parameters.ContainsKey('WhatIf') }).Name"
    )
    cmdlets = json.loads((HERE / "cmdlets.json").read_text(encoding="utf-8"))
    assert set(site.run_on_drive(text).stdout.split()) == {name for name, cmdlet in cmdlets.items() if cmdlet["whatif"]}
