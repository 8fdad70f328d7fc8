"""Services of templates and finding lists."""

from __future__ import annotations

import pytest

from policyc.importers.hardeningkitty import read as read_list
from policyc.importers.inf import read as read_template
from policyc.importers.policy_file import write_policy

HEAD = '[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature="$CHICAGO$"\r\nRevision=1\r\n[Service General Setting]\r\n'
COLUMNS = "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,ClassName,Namespace,Property,"
COLUMNS += "DefaultValue,RecommendedValue,Operator,Severity\n"


@pytest.mark.parametrize(
    ("line", "words", "title"),
    [
        ('"Spooler",4,""', {"name": "Spooler", "startup": "disabled"}, "Service Spooler is disabled"),
        ("Spooler, 3", {"name": "Spooler", "startup": "manual"}, "Service Spooler starts when asked"),
        ('"Contoso agent",2,""', {"name": "Contoso agent", "startup": "automatic"}, "Service Contoso agent starts by itself"),
    ],
)
def test_a_line_of_a_template_is_how_a_service_starts(line: str, words: dict[str, object], title: str) -> None:
    imported = read_template(f"{HEAD}{line}\r\n".encode("utf-16"), "GptTmpl.inf")
    (found,) = imported.settings
    assert (found.kind, dict(found.words), found.title) == ("service", words, title)
    assert (imported.entries, write_policy(imported, name="x").settings) == (1, 1)


def test_permissions_of_a_service_are_listed_beside_how_it_starts() -> None:
    imported = read_template(f'{HEAD}"Spooler",4,"D:AR(A;;RPWPDTRC;;;SY)"\n'.encode(), "x.inf")
    assert (len(imported.settings), imported.entries) == (1, 2)
    assert [(one.source, one.what) for one in imported.refused] == [("line 7", "permissions of the service Spooler")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [('"Spooler",0,""', "0 is no start type"), ('"Spooler"', '"NAME",START'), ('"Spooler",x,""', '"NAME",START')],
)
def test_a_line_that_can_not_be_told_is_listed(line: str, reason: str) -> None:
    imported = read_template(f"{HEAD}{line}\n".encode(), "x.inf")
    assert [(one.source, reason in one.reason) for one in imported.refused] == [("line 7", True)]


def test_a_service_that_windows_can_not_do_without_is_refused_in_the_compilers_words() -> None:
    written = write_policy(read_template(f'{HEAD}"RpcSs",4,""\n'.encode(), "x.inf"), name="x")
    assert (written.settings, len(written.refused)) == (0, 1)


@pytest.mark.parametrize(("number", "settings", "joined"), [(4, 1, 1), (3, 0, 0)])
def test_a_start_type_that_a_list_asks_for_twice_is_one_setting(number: int, settings: int, joined: int) -> None:
    rows = (
        rf"1,S,Value,Registry,,HKLM:\SYSTEM\CurrentControlSet\Services\spooler,Start,,,,2,{number},=,Medium",
        "2,S,Type,service,Spooler,,,,,,Automatic,Disabled,=,Medium",
    )
    imported = read_list((COLUMNS + "\n".join(rows)).encode(), "list.csv")
    written = write_policy(imported, name="x")
    assert (written.settings, written.joined, written.contradicted) == (settings, joined, 0 if joined else 2)
    if joined:
        (found,) = imported.settings
        assert dict(found.words) == {"name": "Spooler", "startup": "disabled"}
        assert found.others["references"] == ["HardeningKitty 1", "HardeningKitty 2"]


@pytest.mark.parametrize(
    ("recommended", "operator", "words"),
    [
        ("Disabled", "=", {"name": "Spooler", "startup": "disabled"}),
        ("disabled", "=|0", {"name": "Spooler", "startup": "disabled"}),
        ("Manual", "=", {"name": "Spooler", "startup": "manual"}),
        ("Manual", "=|0", {"name": "Spooler", "startup": "manual", "missing": "compliant"}),
    ],
)
def test_a_finding_is_a_setting_of_its_kind(recommended: str, operator: str, words: dict[str, object]) -> None:
    row = f"1,Services,Name,service,Spooler,,,,,,Automatic,{recommended},{operator},Medium\n"
    imported = read_list((COLUMNS + row).encode(), "list.csv")
    (found,) = imported.settings
    assert (found.kind, dict(found.words), found.title) == ("service", words, "Name")
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("row", "words", "reason"),
    [
        (
            "WindowsOptionalFeature,smb1protocol,,,,,,Disabled,Disabled,contains,High",
            {"name": "smb1protocol", "state": "disabled"},
            "",
        ),
        ("WindowsOptionalFeature,TFTP,,,,,,Disabled,Enabled,=,Low", {"name": "TFTP", "state": "enabled"}, ""),
        ("WindowsOptionalFeature,TFTP,,,,,,Disabled,DisablePending,=,Low", None, "neither Enabled nor Disabled"),
        ("WindowsOptionalFeature,TFTP,,,,,,Disabled,Disabled,!=,Low", None, "'!=' compares text"),
        ("WindowsOptionalFeature,,,,,,,Disabled,Disabled,=,Low", None, "doesn't name one feature"),
    ],
)
def test_a_feature_of_a_list(row: str, words: dict[str, str] | None, reason: str) -> None:
    imported = read_list(f"{COLUMNS}1,Features,A feature,{row}\n".encode(), "list.csv")
    assert [(one.kind, dict(one.words)) for one in imported.settings] == (
        [] if words is None else [("optional_feature", words)]
    )
    assert [reason in one.reason for one in imported.refused] == ([] if words else [True])
    assert write_policy(imported, name="x").settings == len(imported.settings)
