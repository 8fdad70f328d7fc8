"""Security settings, audit policies and services in an object, and what of them no object says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from unit.targets.group_policy.samples import HEAD, backup, checked, compiled, one

TEMPLATE = "DomainSysvol/GPO/Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf"
AUDIT = "DomainSysvol/GPO/Machine/Microsoft/Windows NT/Audit/audit.csv"
START = ["[Unicode]", "Unicode=yes", "[Version]", 'signature="$CHICAGO$"', "Revision=1"]


def template(content: bytes) -> list[str]:
    assert content.startswith(b"\xff\xfe")
    text = content[2:].decode("utf-16-le")
    assert text.endswith("\r\n")
    return text.removesuffix("\r\n").split("\r\n")


@pytest.mark.parametrize(
    ("kind", "words", "lines"),
    [
        ("account_policy", "policy: lockout-threshold, equals: never", ["[System Access]", "LockoutBadCount = 0"]),
        ("account_policy", "policy: maximum-password-age, equals: never", ["[System Access]", "MaximumPasswordAge = -1"]),
        ("account_policy", "policy: minimum-password-length, at_least: 14", ["[System Access]", "MinimumPasswordLength = 14"]),
        ("account_policy", "policy: password-complexity, equals: enabled", ["[System Access]", "PasswordComplexity = 1"]),
        ("security_option", "option: guest-name, equals: Ütz 'x'", ["[System Access]", "NewGuestName = \"Ütz 'x'\""]),
        ("user_right", "right: SeTcbPrivilege, set_equals: []", ["[Privilege Rights]", "SeTcbPrivilege ="]),
        (
            "user_right",
            "right: SeDebugPrivilege, set_equals: [Administrators, 'NT SERVICE\\TrustedInstaller']",
            [
                "[Privilege Rights]",
                "SeDebugPrivilege = *S-1-5-32-544,*S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
            ],
        ),
        ("service", "name: Spooler, startup: disabled", ["[Service General Setting]", '"Spooler",4,""']),
        ("service", "name: Spooler, startup: manual, missing: compliant", ["[Service General Setting]", '"Spooler",3,""']),
    ],
)
def test_a_security_template_says_it(tmp_path: Path, kind: str, words: str, lines: list[str]) -> None:
    files = backup(tmp_path, one(words, kind=kind)).files
    assert list(files) == [TEMPLATE]
    assert template(files[TEMPLATE]) == [*START, *lines]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("equals: []", ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},No Auditing,,0"),
        ("equals: [failure]", ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Failure,,2"),
        ("at_least: [success, failure]", ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success and Failure,,3"),
    ],
)
def test_an_audit_policy_says_it(tmp_path: Path, words: str, line: str) -> None:
    files = backup(tmp_path, one(f"subcategory: Logon, {words}", kind="audit_policy")).files
    assert list(files) == [AUDIT]
    head, *lines = files[AUDIT].decode("ascii").removesuffix("\r\n").split("\r\n")
    assert head.count(",") == 6
    assert lines == [line]


def test_a_subcategory_that_must_audit_at_least_something_audits_just_that(tmp_path: Path) -> None:
    found = checked(tmp_path, one("subcategory: Logon, at_least: [success]", kind="audit_policy")).diagnostics
    told = [one for one in found if one.code == "PC2201"]
    assert [finding.location.path for finding in told] == [("settings", "one", "audit_policy", "at_least")]
    assert "the object sets success and no more than the collection asks for" in told[0].message


def test_what_several_settings_ask_of_one_place_is_one_line(tmp_path: Path) -> None:
    settings = (
        "settings:\n  a: {title: a, audit_policy: {subcategory: Logon, at_least: [success]}}\n"
        "  b: {title: b, audit_policy: {subcategory: Logon, at_least: [failure]}}\n"
        "  c: {title: c, account_policy: {policy: minimum-password-length, at_least: 14}}\n"
        "  d: {title: d, account_policy: {policy: minimum-password-length, equals: 14}}\n"
    )
    files = backup(tmp_path, settings).files
    assert files[AUDIT].decode("ascii").split("\r\n")[1:] == [
        ",System,Audit Logon,{0cce9215-69ae-11d9-bed3-505054503030},Success and Failure,,3",
        "",
    ]
    assert template(files[TEMPLATE]) == [*START, "[System Access]", "MinimumPasswordLength = 14"]


@pytest.mark.parametrize(
    ("kind", "words", "reason"),
    [
        ("user_right", "right: SeDebugPrivilege, contains: [Administrators]", "'contains' leaves others alone"),
        ("user_right", "right: SeDebugPrivilege, none_of: [Users]", "'none_of' leaves others alone"),
        (
            "user_right",
            "right: SeDebugPrivilege, set_equals: [Administrators], also_allowed: [Users]",
            "'also_allowed' leaves others alone",
        ),
        (
            "user_right",
            "right: SeDebugPrivilege, set_equals: [Administrators, {domain: Domain Admins}]",
            "'Domain Admins of the domain' has another one",
        ),
        ("service", "name: Spooler, state: stopped", "how a service starts, and not whether it runs"),
        ("service", "name: Spooler, startup: disabled, state: stopped", "how a service starts, and not whether it runs"),
        ("service", "name: Spooler, startup: delayed", "no delayed start"),
        ("security_option", "option: guest-name, equals: '100%'", "can't hold a character"),
    ],
)
def test_what_a_template_cannot_say_is_refused(tmp_path: Path, kind: str, words: str, reason: str) -> None:
    found = [finding for finding in checked(tmp_path, one(words, kind=kind)).diagnostics if finding.code == "PC2001"]
    assert [finding.location.path for finding in found] == [("settings", "one", kind)]
    assert reason in found[0].message


SETTINGS = """settings:
  a: {title: a, account_policy: {policy: lockout-threshold, equals: 5}}
  b: {title: b, security_option: {option: guest-status, equals: disabled}}
  c: {title: c, user_right: {right: SeBackupPrivilege, set_equals: [Administrators, S-1-5-21-1-2-3-1001]}}
  d: {title: d, service: {name: RemoteRegistry, startup: disabled}}
  e: {title: e, audit_policy: {subcategory: Plug and Play Events, equals: [success]}}
"""


def policyc(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "policyc", *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr


def test_an_import_says_the_same_of_all_kinds(tmp_path: Path) -> None:
    """Compiled, imported, compiled once more: the object is the same but for who it is."""
    first = compiled(tmp_path, SETTINGS)
    again = tmp_path / "again"
    (again / "policies").mkdir(parents=True)
    (again / "policies" / "project.yaml").write_text(f"{HEAD}targets: [group_policy]\n", encoding="utf-8")
    written = again / "policies" / "kiosks.yaml"
    policyc(again, "import", "gpo", str(first / "backup"), "--collection", "--into", "policies/kiosks.yaml")
    # What is imported is only reported, until somebody has read it.
    written.write_text(written.read_text("utf-8").replace("mode: audit", "mode: enforce"), encoding="utf-8")
    policyc(again, "compile", "--as-of", "2026-01-15")
    second = again / "output" / "kiosks" / "group_policy"
    for name in ("GptTmpl.inf", "audit.csv"):
        contents = [sorted(next(folder.rglob(name)).read_bytes().splitlines()) for folder in (first, second)]
        assert contents[0] == contents[1]
        assert contents[0]
