"""Preferences of Microsoft Defender in HardeningKitty's finding lists."""

from __future__ import annotations

import pytest

from policyc.importers.hardeningkitty import read
from policyc.importers.policy_file import write_policy

COLUMNS = "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,ClassName,Namespace,Property,"
COLUMNS += "DefaultValue,RecommendedValue,Operator,Severity\n"


def row(argument: str, recommended: str, operator: str = "=") -> bytes:
    return f"{COLUMNS}1,Defender,Name,MpPreference,{argument},,,,,,0,{recommended},{operator},Medium\n".encode()


@pytest.mark.parametrize(
    ("argument", "recommended", "word"),
    [("PUAProtection", "1", "enabled"), ("CloudBlockLevel", "6", "zero_tolerance"), ("MAPSReporting", "2", "advanced")],
)
def test_a_finding_is_a_preference(argument: str, recommended: str, word: str) -> None:
    imported = read(row(argument, recommended), "list.csv")
    (found,) = imported.settings
    assert (found.kind, dict(found.words)) == ("defender", {"preference": argument, "equals": word})
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("argument", "recommended", "operator", "reason"),
    [
        ("PUAProtection", "0", "=", "no policy sets 'PUAProtection' to '0'"),
        ("CloudBlockLevel", "5", "=", "no policy sets"),
        ("CloudBlockLevel", "2", ">=", "compares text"),
        ("DisableRealtimeMonitoring", "False", "=", "the policy of the same purpose lies in the registry"),
    ],
)
def test_what_no_policy_sets_is_listed(argument: str, recommended: str, operator: str, reason: str) -> None:
    imported = read(row(argument, recommended, operator), "list.csv")
    assert imported.settings == ()
    assert [reason in one.reason for one in imported.refused] == [True]
