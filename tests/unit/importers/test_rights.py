"""User rights of templates and finding lists: accounts in every spelling, rights by constant or title."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.importers.accounts import said_account, said_accounts
from policyc.importers.found import NotExpressibleError
from policyc.importers.hardeningkitty import read as read_list
from policyc.importers.inf import read as read_template
from policyc.importers.policy_file import write_policy
from policyc.importers.rights import right_named, right_words
from policyc.kinds.user_right.rights import rights

HEAD = '[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature="$CHICAGO$"\r\nRevision=1\r\n[Privilege Rights]\r\n'
COLUMNS = "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,ClassName,Namespace,Property,"
COLUMNS += "DefaultValue,RecommendedValue,Operator,Severity\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*S-1-5-32-544", "Administrators"),
        ("s-1-5-32-544", "Administrators"),
        ("*S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1001"),
        ("Administrators", "Administrators"),
        (r"BUILTIN\Administrators", "Administrators"),
        (r"nt authority\local service", "Local Service"),
        (r"NT AUTHORITY\Local account", "Local account"),
        (r"NT SERVICE\WdiServiceHost", r"NT SERVICE\WdiServiceHost"),
        (r"Window Manager\Window Manager Group", "Window Manager Group"),
        (r"COMPUTERNAME\Guest", {"device": "Guest"}),
        (r".\Administrator", {"device": "Administrator"}),
        ("Guest", {"device": "Guest"}),
        ("Domain Admins", {"domain": "Domain Admins"}),
    ],
)
def test_an_account_in_every_spelling(text: str, said: object) -> None:
    assert said_account(f" {text} ") == said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Enterprise Admins", "forest's root domain"),
        (r"EXAMPLE\Domain Admins", "known to its domain alone"),
        (r"EXAMPLE\jane", "known to its domain or device alone"),
        ("Administratoren", "Administratoren"),
        (r"BUILTIN\Nobodies", "Nobodies"),
        ("*", "*"),
        ("S-1-x", "S-1-x"),
    ],
)
def test_an_account_that_no_policy_can_name_says_why(text: str, reason: str) -> None:
    with pytest.raises(NotExpressibleError) as wrong:
        said_account(text)
    assert reason in str(wrong.value)


def test_accounts_are_said_once() -> None:
    assert said_accounts(["*S-1-5-32-544", r"BUILTIN\Administrators", "Guest"]) == ["Administrators", {"device": "Guest"}]


@given(st.text(max_size=30))
def test_any_text_is_an_account_or_says_why(text: str) -> None:
    try:
        said_account(text)
    except NotExpressibleError as wrong:
        assert str(wrong)  # noqa: PT017 - either is right


def test_a_right_is_known_by_its_constant_and_by_its_title_in_any_capitals() -> None:
    for right in rights().values():
        assert right_named(right.constant.upper()) is right
        assert right_named(f" {right.title.lower()} ") is right


@pytest.mark.parametrize(
    ("name", "reason"), [("SeDebugPrivilige", "is SeDebugPrivilege meant?"), ("SeFly", "no right 'SeFly'")]
)
def test_a_right_that_is_not_there(name: str, reason: str) -> None:
    with pytest.raises(NotExpressibleError) as wrong:
        right_named(name)
    assert reason in str(wrong.value)


@pytest.mark.parametrize(
    ("line", "words", "title"),
    [
        (
            "SeDebugPrivilege = *S-1-5-32-544,*S-1-5-19",
            {"right": "SeDebugPrivilege", "set_equals": ["Administrators", "Local Service"]},
            "Debug programs: Administrators, Local Service",
        ),
        ("SeTcbPrivilege =", {"right": "SeTcbPrivilege", "set_equals": []}, "Act as part of the operating system: nobody"),
        (
            "sedenyinteractivelogonright = Guest",
            {"right": "SeDenyInteractiveLogonRight", "set_equals": [{"device": "Guest"}]},
            "Deny log on locally: Guest of the device",
        ),
    ],
)
def test_a_line_of_a_template_says_who_alone_has_the_right(line: str, words: dict[str, object], title: str) -> None:
    imported = read_template(f"{HEAD}{line}\r\n".encode("utf-16"), "GptTmpl.inf")
    (found,) = imported.settings
    assert (found.kind, dict(found.words), found.title, found.section) == ("user_right", words, title, "User rights")
    assert (imported.entries, write_policy(imported, name="x").settings) == (1, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SeFly = *S-1-5-32-544", "no right 'SeFly'"),
        ("SeDebugPrivilege", "KEY = VALUE"),
        (r"SeDebugPrivilege = EXAMPLE\jane", "known to its domain or device alone"),
    ],
)
def test_a_line_that_can_not_be_told_is_listed(line: str, reason: str) -> None:
    imported = read_template(f"{HEAD}{line}\n".encode(), "x.inf")
    assert [(one.source, reason in one.reason) for one in imported.refused] == [("line 7", True)]


def test_what_would_shut_administrators_out_is_not_imported_for_nobody_has_accepted_it() -> None:
    lines = "SeDenyNetworkLogonRight = *S-1-5-32-544\nSeNetworkLogonRight =\nSeDenyBatchLogonRight = *S-1-5-32-546\n"
    written = write_policy(read_template(f"{HEAD}{lines}".encode(), "x.inf"), name="x")
    assert (written.settings, len(written.refused)) == (1, 2)
    assert all("administer the device" in one.reason for one in written.refused)


@pytest.mark.parametrize(
    ("argument", "recommended", "operator", "words"),
    [
        ("SeDebugPrivilege", r"BUILTIN\Administrators", "=", {"right": "SeDebugPrivilege", "set_equals": ["Administrators"]}),
        ("SeTcbPrivilege", "", "=", {"right": "SeTcbPrivilege", "set_equals": []}),
        (
            "SeDenyNetworkLogonRight",
            r"BUILTIN\Guests;COMPUTERNAME\Guest",
            "contains",
            {"right": "SeDenyNetworkLogonRight", "contains": ["Guests", {"device": "Guest"}]},
        ),
    ],
)
def test_a_finding_is_a_setting_of_its_kind(argument: str, recommended: str, operator: str, words: dict[str, object]) -> None:
    row = f'1,Rights,Name,accesschk,{argument},,,,,,,"{recommended}",{operator},Medium\n'
    imported = read_list((COLUMNS + row).encode(), "list.csv")
    (found,) = imported.settings
    assert (found.kind, dict(found.words), found.title) == ("user_right", words, "Name")
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,,A,accesschk,SeTcbPrivilege,,,,,,,,contains,", "always passes"),
        ("1,,A,accesschk,SeTcbPrivilege,,,,,,,x,>=,", "'>=' compares text"),
        ("1,,A,accesschk,,,,,,,,x,=,", "no right ''"),
    ],
)
def test_a_finding_that_says_something_else_is_listed(row: str, reason: str) -> None:
    (refused,) = read_list((COLUMNS + row + "\n").encode(), "list.csv").refused
    assert reason in refused.reason


def test_what_is_imported_again_is_the_same_setting_whatever_its_spelling() -> None:
    lines = r"SeDebugPrivilege = *S-1-5-32-544" + "\r\n" + r"SEDEBUGPRIVILEGE = BUILTIN\Administrators" + "\r\n"
    written = write_policy(read_template(f"{HEAD}{lines}".encode(), "x.inf"), name="x")
    assert (written.settings, written.same) == (1, 1)
    assert right_words(right_named("Debug programs"), ["Administrators"]) == dict(written.files[0].settings[0].words)
