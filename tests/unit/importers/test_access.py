"""Account policies and security options of templates and finding lists."""

from __future__ import annotations

import pytest

from policyc.importers.hardeningkitty import read as read_list
from policyc.importers.inf import read as read_template
from policyc.importers.policy_file import write_policy
from policyc.kinds.secedit.keys import keys

HEAD = '[Unicode]\r\nUnicode=yes\r\n[Version]\r\nsignature="$CHICAGO$"\r\nRevision=1\r\n[System Access]\r\n'
COLUMNS = "ID,Category,Name,Method,MethodArgument,RegistryPath,RegistryItem,ClassName,Namespace,Property,"
COLUMNS += "DefaultValue,RecommendedValue,Operator,Severity\n"


@pytest.mark.parametrize(
    ("line", "kind", "words", "title"),
    [
        (
            "MinimumPasswordLength = 14",
            "account_policy",
            {"policy": "minimum-password-length", "equals": 14},
            "Minimum password length: 14",
        ),
        (
            "MaximumPasswordAge = -1",
            "account_policy",
            {"policy": "maximum-password-age", "equals": "never"},
            "Maximum password age: never",
        ),
        (
            "lockoutbadcount=0",
            "account_policy",
            {"policy": "lockout-threshold", "equals": "never"},
            "Account lockout threshold: never",
        ),
        (
            "PasswordComplexity = 1",
            "account_policy",
            {"policy": "password-complexity", "equals": "enabled"},
            "Password must meet complexity requirements: enabled",
        ),
        (
            "EnableGuestAccount = 0",
            "security_option",
            {"option": "guest-status", "equals": "disabled"},
            "Accounts: Guest account status: disabled",
        ),
        (
            'NewGuestName = "Visitor"',
            "security_option",
            {"option": "guest-name", "equals": "Visitor"},
            "Accounts: Rename guest account: Visitor",
        ),
    ],
)
def test_a_line_of_a_template_is_a_setting_of_its_kind(line: str, kind: str, words: dict[str, object], title: str) -> None:
    imported = read_template(f"{HEAD}{line}\r\n".encode("utf-16"), "GptTmpl.inf")
    (found,) = imported.settings
    assert (found.kind, dict(found.words), found.title) == (kind, words, title)
    assert (imported.entries, write_policy(imported, name="x").settings) == (1, 1)


def test_what_means_nothing_without_another_comes_in_with_it() -> None:
    alone = write_policy(read_template(f"{HEAD}LockoutDuration = -1\n".encode(), "x.inf"), name="x")
    assert (alone.settings, len(alone.refused)) == (0, 1)
    lines = "LockoutBadCount = 5\nResetLockoutCount = 15\nLockoutDuration = -1\n"
    imported = read_template(f"{HEAD}{lines}".encode(), "x.inf")
    assert [dict(one.words) for one in imported.settings] == [
        {"policy": "lockout-threshold", "equals": 5},
        {"policy": "lockout-window", "equals": 15},
        {"policy": "lockout-duration", "equals": "never"},
    ]
    assert write_policy(imported, name="x").settings == 3
    rows = "1,A,Account lockout threshold,accountpolicy,,,,,,,Never,10,<=,Low\n"
    rows += "2,A,Account lockout duration,accountpolicy,,,,,,,30,15,>=,Low\n"
    rows += "3,A,Reset account lockout counter,accountpolicy,,,,,,,30,15,>=,Low\n"
    found = read_list((COLUMNS + rows).encode(), "list.csv")
    assert dict(found.settings[1].words) == {"policy": "lockout-duration", "at_least": 15}
    assert write_policy(found, name="x").settings == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("RequireLogonToChangePassword = 0", "no account policy and no security option"),
        ("MinimumPasswordLength = long", "no whole number"),
        ("PasswordComplexity = 2", "neither 0 nor 1"),
        ('NewGuestName = ""', "needs a name"),
        ("MinimumPasswordLength", "KEY = VALUE"),
    ],
)
def test_a_line_that_can_not_be_told_is_listed(line: str, reason: str) -> None:
    imported = read_template(f"{HEAD}{line}\n".encode(), "x.inf")
    assert [(one.source, reason in one.reason) for one in imported.refused] == [("line 7", True)]


def test_numbers_that_windows_can_not_hold_are_refused_in_the_compilers_words() -> None:
    written = write_policy(read_template(f"{HEAD}PasswordHistorySize = 25\n".encode(), "x.inf"), name="x")
    assert (written.settings, len(written.refused)) == (0, 1)


@pytest.mark.parametrize("kind", ["account_policy", "security_option"])
def test_every_key_is_known_by_windows_name(kind: str) -> None:
    for key in keys(kind).values():
        value = '"Name"' if key.is_name else "1"
        (found,) = read_template(f"{HEAD}{key.constant.upper()} = {value}\n".encode(), "x.inf").settings
        assert (found.kind, next(iter(found.words.values()))) == (kind, key.word)


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (
            "Account lockout threshold,accountpolicy,,10,<=",
            "account_policy",
            {"policy": "lockout-threshold", "at_most": 10},
        ),
        (
            "Account lockout threshold,accountpolicy,,10,<=!0",
            "account_policy",
            {"policy": "lockout-threshold", "between": [1, 10], "set": 10},
        ),
        (
            "Length of password history maintained,accountpolicy,,24,=",
            "account_policy",
            {"policy": "password-history", "equals": 24},
        ),
        (
            r"x,secedit,System Access\PasswordComplexity,1,=",
            "account_policy",
            {"policy": "password-complexity", "equals": "enabled"},
        ),
        (
            r"x,secedit,system access\LSAAnonymousNameLookup,0,=",
            "security_option",
            {"option": "anonymous-name-lookup", "equals": "disabled"},
        ),
        (
            "Accounts: Guest account status,localaccount,501,False,=",
            "security_option",
            {"option": "guest-status", "equals": "disabled"},
        ),
        (
            "Accounts: Rename administrator account,localaccount,500,X_Admin,=",
            "security_option",
            {"option": "administrator-name", "equals": "X_Admin"},
        ),
    ],
)
def test_a_finding_is_a_setting_of_its_kind(row: str, kind: str, words: dict[str, object]) -> None:
    name, method, argument, recommended, operator = row.split(",")
    line = f"1,A,{name},{method},{argument},,,,,,,{recommended},{operator},Low\n"
    imported = read_list((COLUMNS + line).encode(), "list.csv")
    (found,) = imported.settings
    assert (found.kind, dict(found.words), found.title) == (kind, words, name)
    assert write_policy(imported, name="x").settings == 1


def test_a_name_that_is_recommended_against_is_only_reported() -> None:
    line = "1,A,Accounts: Rename administrator account,localaccount,500,,,,,,Administrator,Administrator,!=,Low\n"
    imported = read_list((COLUMNS + line).encode(), "list.csv")
    (found,) = imported.settings
    assert (dict(found.words), found.others["remediate"]) == (
        {"option": "administrator-name", "not_equals": "Administrator"},
        False,
    )
    assert write_policy(imported, name="x").settings == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Weather,accountpolicy,,1,=", "no account policy is called 'Weather'"),
        ("Minimum password length,accountpolicy,,Never,=", "no whole number"),
        ("Minimum password length,accountpolicy,,1,contains", "'contains' compares"),
        (r"x,secedit,Privilege Rights\SeTcbPrivilege,1,=", "no policy of the section"),
        (r"x,secedit,System Access\PasswordComplexity,1,>=", "'>=' compares"),
        ("x,localaccount,503,False,=", "neither 500"),
        ("Accounts: Guest account status,localaccount,501,No,=", "neither True nor False"),
        ("Accounts: Guest account status,localaccount,501,True,>=", "'>=' compares text"),
    ],
)
def test_a_finding_that_says_something_else_is_listed(row: str, reason: str) -> None:
    name, method, argument, recommended, operator = row.split(",")
    line = f"1,A,{name},{method},{argument},,,,,,,{recommended},{operator},Low\n"
    (refused,) = read_list((COLUMNS + line).encode(), "list.csv").refused
    assert reason in refused.reason
