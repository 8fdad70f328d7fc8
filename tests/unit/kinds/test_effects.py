"""What it takes after a change until a setting counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policyc.driver.check import check
from policyc.kinds.effects import effect, effect_text
from policyc.model import Setting, TakesEffect

PROJECT = "project: {name: Effects, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"


def lowered(folder: Path, words: str) -> Setting:
    text = f"collection: {{name: One, limited_to: All Systems}}\nsettings:\n  one: {{title: One, {words}}}\n"
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    checked = check(folder, date(2026, 1, 31))
    assert checked.project is not None, checked.diagnostics
    [collection] = checked.project.collections
    [setting] = collection.settings
    return setting


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("audit_policy: {subcategory: Logon, at_least: [success]}", "at once"),
        ("account_policy: {policy: minimum-password-length, at_least: 14}", "at once"),
        ("security_option: {option: guest-status, equals: disabled}", "at once"),
        ("defender: {preference: PUAProtection, equals: enabled}", "at once"),
        (
            "user_right: {right: SeDebugPrivilege, set_equals: [Administrators]}",
            "after the next sign-in of the account, or the next start of the service that uses it",
        ),
        ("service: {name: Fax, startup: manual}", "after the next start of Windows"),
        ("service: {name: Fax, startup: manual, state: stopped}", "at once"),
        ("service: {name: Fax, startup: disabled}", "at once"),
        ("process_mitigation: {mitigation: DEP, program: example.exe, equals: on}", "after the next start of the program"),
        ("process_mitigation: {mitigation: DEP, equals: on}", "after a restart of the device"),
        (
            "optional_feature: {name: TelnetClient, state: disabled}",
            "after a restart of the device, where Windows asks for one",
        ),
        (
            "environment_variable: {name: EXAMPLE, equals: x}",
            "after the next start of what reads it (of services, a restart of the device)",
        ),
        ("registry: {key: HKLM\\SOFTWARE\\E, name: x, type: dword, equals: 1}", None),
    ],
)
def test_of_each_kind(tmp_path: Path, words: str, text: str | None) -> None:
    setting = lowered(tmp_path, words)
    assert effect_text(setting) == text
    assert effect_text(replace(setting, takes_effect=TakesEffect.RESTART)) == "after a restart of the device"


def test_what_is_never_changed_has_none(tmp_path: Path) -> None:
    assert effect(lowered(tmp_path, "remediate: false, audit_policy: {subcategory: Logon, at_least: [success]}")) is None
