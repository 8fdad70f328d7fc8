"""Preferences of Microsoft Defender and the policies of the registry that go before them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import check

RULE = "C1DB55AB-C21A-4637-BB3F-A12568109D35"
POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender"
RULES = POLICIES + r"\Windows Defender Exploit Guard\ASR\Rules"
PATHS = POLICIES + r"\Exclusions\Paths"
PROJECT = "project: {name: Defended, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
ONE = "collection: {name: One, limited_to: All Systems, members: {devices: [PC-0001]}}\n"
OTHERS = {
    "surely": "collection: {name: Two, limited_to: All Systems, members: {devices: [PC-0001, PC-0002]}}\n",
    "perhaps": "collection: {name: Two, limited_to: All Systems}\n",
    "never": "collection: {name: Two, limited_to: All Systems, members: {devices: [PC-0002]}}\n",
}
SEEN = {f"PC15{number:02}" for number in range(7, 11)} | {"PC0415", "PC0416", "PC0417", "PC0423", "PC0424"}


def setting(name: str, words: str) -> str:
    return f"  {name}: {{title: The {name}, why: It is asked for, severity: warning, {words}}}\n"


def ours(words: str, more: str = "") -> str:
    return setting("ours", f"defender: {{{words}}}{more}")


def policy(key: str, words: str, more: str = "") -> str:
    return setting("policy", f"registry: {{key: '{key}', {words}}}{more}")


def found(folder: Path, *files: str) -> list[Diagnostic]:
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    for number, text in enumerate(files):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    diagnostics = check(folder, date(2026, 1, 31)).diagnostics
    assert not [one for one in diagnostics if one.is_error and one.code not in SEEN], diagnostics
    return [one for one in diagnostics if one.code in SEEN]


def codes(diagnostics: Iterable[Diagnostic]) -> list[str]:
    return sorted(one.code for one in diagnostics)


def together(folder: Path, *settings: str) -> list[str]:
    return codes(found(folder, f"{ONE}settings:\n{''.join(settings)}"))


@pytest.mark.parametrize(
    ("ours_is", "policy_is", "expected"),
    [
        ("block", "type: string, equals: '1'", ["PC1507"]),
        ("block", "type: dword, equals: 1", ["PC1507"]),
        ("block", "type: string, equals: '2'", ["PC0415"]),
        ("block", "type: string, equals: '2', remediate: no", ["PC0415"]),
        ("warn", "type: string, equals: '6'", ["PC1507"]),
        ("off", "type: string, equals: '0'", ["PC1507"]),
        ("not_configured", "type: string, equals: '0'", ["PC0415"]),
        ("not_configured", "absent: true", []),
        ("audit", "absent: true", []),
        ("audit", "type: string, one_of: ['1', '2'], set: '1'", ["PC0416"]),
        ("audit", "type: string, one_of: ['1', '2'], set: '2'", ["PC1507"]),
    ],
)
def test_a_rule_is_held_against_its_policy(folder_of: Path, ours_is: str, policy_is: str, expected: list[str]) -> None:
    words, _, audit = policy_is.partition(", remediate: ")
    more = f", remediate: {audit.replace('no', 'false')}" if audit else ""
    one = ours(f"asr_rule: {RULE}, equals: {ours_is}")
    assert together(folder_of, one, policy(RULES, f"name: '{RULE.lower()}', {words}", more)) == expected


@pytest.fixture
def folder_of(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize(
    ("ours_is", "key", "name", "number", "expected"),
    [
        ("preference: PUAProtection, equals: audit", "", "PUAProtection", 2, ["PC1507"]),
        ("preference: PUAProtection, equals: audit", "", "PUAProtection", 1, ["PC0415"]),
        ("preference: MAPSReporting, equals: advanced", r"\Spynet", "spynetreporting", 2, ["PC1507"]),
        ("preference: CloudBlockLevel, equals: high", r"\MpEngine", "MpCloudBlockLevel", 4, ["PC0415"]),
        ("preference: CloudBlockLevel, equals: high_plus", r"\MpEngine", "MpCloudBlockLevel", 4, ["PC1507"]),
    ],
)
def test_so_is_a_preference(tmp_path: Path, ours_is: str, key: str, name: str, number: int, expected: list[str]) -> None:
    beside = policy(POLICIES + key, f"name: {name}, type: dword, equals: {number}")
    assert together(tmp_path, ours(ours_is), beside) == expected


def test_a_key_that_holds_rules_and_no_others_is_held_against_each(tmp_path: Path) -> None:
    values = f"only_values: {{'{RULE}': '1'}}, type: string"
    assert together(tmp_path, ours(f"asr_rule: {RULE}, equals: audit"), policy(RULES, values)) == ["PC0415"]
    assert together(tmp_path, ours(f"asr_rule: {RULE}, equals: block"), policy(RULES, values)) == ["PC1507"]
    other = "01443614-CD74-433A-B99E-2ECDC07BFC25"
    assert together(tmp_path, ours(f"asr_rule: {other}, equals: audit"), policy(RULES, values)) == []


@pytest.mark.parametrize(("meeting", "expected"), [("surely", "PC0423"), ("perhaps", "PC0424"), ("never", None)])
def test_two_collections_fight_over_a_rule(tmp_path: Path, meeting: str, expected: str | None) -> None:
    beside = policy(RULES, f"name: {RULE}, type: string, equals: '2'")
    files = (f"{ONE}settings:\n{ours(f'asr_rule: {RULE}, equals: block')}", f"{OTHERS[meeting]}settings:\n{beside}")
    assert codes(found(tmp_path, *files)) == [expected] * (expected is not None)


@pytest.mark.parametrize(("meeting", "expected"), [("surely", "PC1507"), ("perhaps", None), ("never", None)])
def test_two_that_agree_are_told_where_they_surely_meet(tmp_path: Path, meeting: str, expected: str | None) -> None:
    beside = policy(RULES, f"name: {RULE}, type: string, equals: '1'")
    files = (f"{ONE}settings:\n{ours(f'asr_rule: {RULE}, equals: block')}", f"{OTHERS[meeting]}settings:\n{beside}")
    assert codes(found(tmp_path, *files)) == [expected] * (expected is not None)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("none_of: ['c:\\data\\']", ["PC1508"]),
        ("none_of: ['C:\\Other']", []),
        ("set_equals: []", ["PC1508"]),
        ("set_equals: ['C:\\Other']", ["PC1508"]),
        ("set_equals: [], also_allowed: ['C:\\DATA']", []),
        ("set_equals: ['C:\\Data']", ["PC1507"]),
        ("contains: ['C:\\Data']", ["PC1507"]),
        ("contains: ['C:\\Other']", []),
    ],
)
def test_a_list_is_held_against_what_policies_add(tmp_path: Path, asked: str, expected: list[str]) -> None:
    one = ours(f"list: ExclusionPath, {asked}")
    assert together(tmp_path, one, policy(PATHS, r"name: 'C:\Data', type: string, equals: '0'")) == expected
    assert together(tmp_path, one, policy(PATHS, r"only_values: {'C:\Data': '0'}, type: string")) == expected
    assert together(tmp_path, one, policy(PATHS, r"name: 'C:\Data', absent: true")) == []
    assert (
        together(tmp_path, one, policy(POLICIES + r"\Exclusions\Processes", r"name: 'C:\Data', type: string, equals: '0'"))
        == []
    )


@pytest.mark.parametrize(("meeting", "expected"), [("surely", "PC1508"), ("perhaps", "PC1509"), ("never", None)])
def test_policies_of_another_collection_count_where_it_may_meet(tmp_path: Path, meeting: str, expected: str | None) -> None:
    beside = policy(PATHS, r"name: 'C:\Data', type: string, equals: '0'")
    files = (f"{ONE}settings:\n{ours('list: ExclusionPath, set_equals: []')}", f"{OTHERS[meeting]}settings:\n{beside}")
    diagnostics = found(tmp_path, *files)
    assert codes(diagnostics) == [expected] * (expected is not None)
    assert all("'Two'" in one.message and one.is_error is (meeting == "surely") for one in diagnostics)


def test_settings_for_other_devices_dont_meet(tmp_path: Path) -> None:
    one = ours("list: ExclusionPath, set_equals: []", ", applies_to: {before_build: 22000}")
    beside = policy(PATHS, r"name: 'C:\Data', type: string, equals: '0'", ", applies_to: {from_build: 22000}")
    assert together(tmp_path, one, beside) == []


def test_lists_that_only_policies_fill_are_told(tmp_path: Path) -> None:
    merge = "name: DisableLocalAdminMerge, type: dword, equals: "
    adds = ours("list: ExclusionExtension, contains: [iso]")
    assert together(tmp_path, adds, policy(POLICIES, merge + "1")) == ["PC1510"]
    assert together(tmp_path, adds, policy(POLICIES, merge + "0")) == []
    assert together(tmp_path, ours("list: ExclusionExtension, none_of: [iso]"), policy(POLICIES, merge + "1")) == []
    assert (
        together(
            tmp_path, ours("list: ExclusionExtension, contains: [iso]", ", remediate: false"), policy(POLICIES, merge + "1")
        )
        == []
    )
