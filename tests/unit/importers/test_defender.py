"""Preferences of Microsoft Defender in HardeningKitty's finding lists."""

from __future__ import annotations

import pytest

from policyc.importers.hardeningkitty import read
from policyc.importers.policy_file import write_policy

COLUMNS = "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,ClassName,Namespace,Property,"
COLUMNS += "DefaultValue,RecommendedValue,Operator,Severity\n"


def row(argument: str, recommended: str, operator: str = "=", method: str = "MpPreference") -> bytes:
    return f"{COLUMNS}1,Defender,Name,{method},{argument},,,,,,0,{recommended},{operator},Medium\n".encode()


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


@pytest.mark.parametrize(
    ("recommended", "members"), [("", []), ("C:\\Data\\Queue", ["C:\\Data\\Queue"]), ("C:\\A; D:\\B;", ["C:\\A", "D:\\B"])]
)
@pytest.mark.parametrize("name", ["ExclusionPath", "AttackSurfaceReductionOnlyExclusions"])
def test_a_list_has_these_members_alone(name: str, recommended: str, members: list[str]) -> None:
    imported = read(row(name, recommended, method="MpPreferenceExclusion"), "list.csv")
    (found,) = imported.settings
    assert (found.kind, dict(found.words)) == ("defender", {"list": name, "set_equals": members})
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("name", "operator", "reason"),
    [("ExclusionPath", "contains", "compares text"), ("ControlledFolderAccessProtectedFolders", "=", "that no policy sets")],
)
def test_what_no_list_says_is_listed(name: str, operator: str, reason: str) -> None:
    imported = read(row(name, "C:\\Data", operator, method="MpPreferenceExclusion"), "list.csv")
    assert imported.settings == ()
    assert [reason in one.reason for one in imported.refused] == [True]
