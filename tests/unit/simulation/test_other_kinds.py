"""Tests of policies whose settings aren't the registry's: states, writes, verdicts, in the words of their kind."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policyc.driver.test import run

PROJECT = "project: {name: Tests, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
PILOT = """\
collection: {name: Pilot, limited_to: All Systems}
settings:
  logon: {title: Sign-ins, audit_policy: {subcategory: Logon, at_least: [success, failure]}}
  files: {title: Files, audit_policy: {subcategory: File System, equals: []}}
"""
WHOLE = """\
    audit_policy: {Logon: [success], File System: [failure]}
    expect:
      verdict: non-compliant
      settings: {logon: non-compliant, files: non-compliant}
      writes:
        audit_policy: {Logon: [success, failure], File System: []}
      only_these_writes: true
      after_remediation: compliant
      rollback_restores: true
"""


def found(folder: Path, test: str) -> list[str]:
    """What the test finds: code, message and help of each."""
    policies = folder / "policies"
    policies.mkdir()
    tests = f"tests:\n  one:\n    collection: Pilot\n{test}"
    for name, text in {"project": PROJECT, "pilot": PILOT, "tests": tests}.items():
        (policies / f"{name}.yaml").write_text(text, encoding="utf-8")
    tested = run((), policies, date(2026, 1, 31))
    return [
        f"{one.code} {one.message} {one.help}"
        for one in (*tested.others, *(each for case in tested.cases for each in case.found))
    ]


def test_all_that_can_be_expected(tmp_path: Path) -> None:
    assert found(tmp_path, WHOLE) == []


@pytest.mark.parametrize(
    ("here", "instead", "said"),
    [
        ("Logon: [success, failure], File", "Logon: [failure], File", "becomes success and failure, expected failure"),
        (", File System: []", "", "a remediation also writes the audit policy of File System"),
        ("File System: []", "Logoff: []", "nothing is written to the audit policy of Logoff, expected none"),
        ("File System: [failure]", "File System: [unreadable]", "this build of Windows does not know the subcategory"),
        ("File System: [failure]", "File Systems: []", "PC1002"),
        ("files: non-compliant", "files: compliant", "the audit policy of File System is failure, must be none"),
    ],
)
def test_what_is_not_met_is_told_in_its_words(tmp_path: Path, here: str, instead: str, said: str) -> None:
    told = found(tmp_path, WHOLE.replace(here, instead))
    assert any(said in one for one in told), told


def test_what_is_not_named_is_not_audited(tmp_path: Path) -> None:
    test = "    device: {}\n    expect: {settings: {logon: non-compliant, files: compliant}}\n"
    assert found(tmp_path, test) == []


DEPENDING = """\
collection: {name: Pilot, limited_to: All Systems}
settings:
  with: {title: With it, only_if: {feature: SMB1Protocol}, registry: {key: HKLM\\SOFTWARE\\X, name: A, type: dword, equals: 1}}
  without:
    title: Without it
    only_if: {feature: SMB1Protocol, state: disabled}
    registry: {key: HKLM\\SOFTWARE\\X, name: B, type: dword, equals: 2}
"""


@pytest.mark.parametrize(
    ("features", "with_it", "without"),
    [
        ("SMB1Protocol: enabled", "non-compliant", "not-applicable"),
        ("smb1protocol: disabled", "not-applicable", "non-compliant"),
        ("TelnetClient: enabled", "not-applicable", "not-applicable"),
        ("SMB1Protocol: unreadable", "error", "error"),
    ],
)
def test_settings_that_depend_on_a_feature(tmp_path: Path, features: str, with_it: str, without: str) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    test = f"    optional_feature: {{{features}}}\n    expect: {{settings: {{with: {with_it}, without: {without}}}}}\n"
    files = {"project": PROJECT, "pilot": DEPENDING, "tests": f"tests:\n  one:\n    collection: Pilot\n{test}"}
    for name, text in files.items():
        (policies / f"{name}.yaml").write_text(text, encoding="utf-8")
    tested = run((), policies, date(2026, 1, 31))
    assert [one for case in tested.cases for one in case.found] == []
    assert [one for one in tested.others if one.is_error] == []
