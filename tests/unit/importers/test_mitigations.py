"""Mitigations of HardeningKitty's finding lists."""

from __future__ import annotations

from typing import Any

import pytest

from policyc.importers.hardeningkitty import read
from policyc.importers.policy_file import write_policy

COLUMNS = "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,ClassName,Namespace,Property,"
COLUMNS += "DefaultValue,RecommendedValue,Operator,Severity\n"


def row(argument: str, recommended: str, operator: str = "=", *, id: str = "1") -> str:
    method = "ProcessmitigationApplication" if "/" in argument else "Processmitigation"
    return f"{id},Exploit protection,Name {id},{method},{argument},,,,,,,{recommended},{operator},Medium\n"


@pytest.mark.parametrize(
    ("argument", "recommended", "words"),
    [
        ("DEP.Enable", "ON", {"mitigation": "DEP", "equals": "on"}),
        ("Cfg.Enable", "off", {"mitigation": "CFG", "equals": "off"}),
        ("HEAP.TerminateOnError", "NOTSET", {"mitigation": "TerminateOnError", "equals": "not_set"}),
        ("ASLR.OverrideBottomUp", "False", {"mitigation": "BottomUp", "not_equals": "off"}),
        ("HEAP.OverrideHEAP", "False", {"mitigation": "TerminateOnError", "not_equals": "off"}),
        (
            "example.exe/ASLR/ForceRelocateImages",
            "ON",
            {"mitigation": "ForceRelocateImages", "program": "example.exe", "equals": "on"},
        ),
        (
            "example.exe/Payload/OverrideEnableExportAddressFilterPlus",
            "False",
            {"mitigation": "EnableExportAddressFilterPlus", "program": "example.exe", "not_equals": "off"},
        ),
        (
            "example.exe/ChildProcess/OverrideChildProcess",
            "False",
            {"mitigation": "DisallowChildProcessCreation", "program": "example.exe", "not_equals": "off"},
        ),
    ],
)
def test_a_finding_is_a_mitigation(argument: str, recommended: str, words: dict[str, Any]) -> None:
    imported = read((COLUMNS + row(argument, recommended)).encode(), "list.csv")
    (found,) = imported.settings
    assert (found.kind, dict(found.words)) == ("process_mitigation", words)
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("argument", "recommended", "operator", "reason"),
    [
        ("SEHOP.TelemetryOnly", "OFF", "=", "where Windows keeps 'TelemetryOnly' isn't documented"),
        ("DEP.OverrideDEP", "True", "=", "isn't documented"),
        ("DEP.Weather", "ON", "=", "no mitigation is called 'Weather'"),
        ("DEP", "ON", "=", "GROUP.OPTION"),
        ("example.exe/DEP", "ON", "=", "PROGRAM/GROUP/OPTION"),
        ("DEP.Enable", "yes", "=", "none of ON, OFF and NOTSET"),
        ("DEP.Enable", "ON", "!=", "compares text"),
    ],
)
def test_what_can_not_be_told_is_listed(argument: str, recommended: str, operator: str, reason: str) -> None:
    imported = read((COLUMNS + row(argument, recommended, operator)).encode(), "list.csv")
    assert imported.settings == ()
    assert [reason in one.reason for one in imported.refused] == [True]


@pytest.mark.parametrize(("enable", "settings"), [("ON", 1), ("OFF", 2)])
def test_on_and_not_overridden_is_one_setting(enable: str, settings: int) -> None:
    rows = row("DEP.OverrideDEP", "False") + row("DEP.Enable", enable, id="2")
    imported = read((COLUMNS + rows).encode(), "list.csv")
    assert (len(imported.settings), imported.joined) == (settings, 2 - settings)
    if settings == 1:
        assert dict(imported.settings[0].words) == {"mitigation": "DEP", "equals": "on"}
        assert imported.settings[0].others["references"] == ["HardeningKitty 2", "HardeningKitty 1"]
