"""The runbook: the sections that apply, and no others; every step of the console; nothing of a policy read as markup."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
import yaml

from policyc.model import (
    Append,
    Collection,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    ExecutionPolicy,
    Hive,
    Kind,
    Members,
    Mode,
    Operator,
    Setting,
    Severity,
)
from policyc.model.setting import SetValue
from policyc.targets.configmgr import exit_codes, limits
from policyc.targets.configmgr.groups import Group
from policyc.targets.configmgr.runbook import runbook
from policyc.targets.configmgr.runbook.phrases import topics
from policyc.targets.configmgr.runbook.settings import setting_lines
from unit.targets.samples import COLLECTION, OFFBOARDING, ONBOARDING, PROJECT, SETTING

REPORTED = replace(SETTING, id="reported", title="Only looked at", write=None, severity=Severity.WARNING)
REMEDIATED = Group("critical-remediated", Severity.CRITICAL, remediated=True, settings=(SETTING,))
LOOKED_AT = Group("warning-reported", Severity.WARNING, remediated=False, settings=(REPORTED,))
ONBOARDED = replace(COLLECTION, packages=(ONBOARDING,), vocabulary_states=(("defender_atp", "onboarded"),))
OFFBOARDED = replace(COLLECTION, packages=(OFFBOARDING,), vocabulary_states=(("defender_atp", "offboarded"),))


def page(collection: Collection, *groups: Group, **project: object) -> str:
    settings = tuple(setting for group in groups for setting in group.settings)
    given = replace(PROJECT, **project)  # type: ignore[arg-type]
    return runbook(given, replace(collection, settings=settings), groups).decode()


def headings(text: str) -> list[str]:
    return [line[3:] for line in text.splitlines() if line.startswith("## ")]


@pytest.mark.parametrize(
    ("collection", "groups", "expected"),
    [
        (COLLECTION, (), ["The collection"]),
        (
            COLLECTION,
            (LOOKED_AT,),
            ["The collection", "Settings", "Compliance settings", "Rollback", "Monitor", "Logs and journal"],
        ),
        (
            COLLECTION,
            (REMEDIATED, LOOKED_AT),
            [
                "The collection",
                "Settings",
                "Compliance settings",
                "Settings package: remediation and rollback as programs",
                "Rollback",
                "Monitor",
                "Logs and journal",
            ],
        ),
        (ONBOARDED, (), ["The collection", "Before you start", "Onboarding package", "Monitor", "Logs and journal"]),
        (OFFBOARDED, (), ["The collection", "Before you start", "Offboarding package", "Monitor", "Logs and journal"]),
        (
            replace(ONBOARDED, built_in_policy=True),
            (),
            ["The collection", "Before you start", "Onboarding policy", "Monitor"],
        ),
        (replace(ONBOARDED, packages=()), (), ["The collection", "Before you start", "No package"]),
    ],
)
def test_only_the_sections_that_apply(collection: Collection, groups: tuple[Group, ...], expected: list[str]) -> None:
    assert headings(page(collection, *groups)) == expected


def test_the_script_is_staged_beside_the_launcher() -> None:
    text = page(ONBOARDED)
    assert (
        r"Copy-Item -LiteralPath (Join-Path 'FileSystem::\\files.example.com\packages\defender-atp\onboarding' "
        "'WindowsDefenderATPOnboardingScript.cmd') -Destination $contentSource"
    ) in text
    assert "It then holds `launch.ps1`, `run.cmd` and `WindowsDefenderATPOnboardingScript.cmd`, and nothing else." in text


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (None, "Copy-Item -LiteralPath (Join-Path $from 'WindowsDefenderATPOnboardingScript.cmd') -Destination $contentSource"),
        (r"C:\in\package.ZIP", r"Expand-Archive -LiteralPath 'C:\in\package.ZIP' -DestinationPath $extracted"),
        (r"..\in\it's.cmd", r"Copy-Item -LiteralPath '..\in\it''s.cmd' -Destination (Join-Path $contentSource "),
    ],
)
def test_where_the_script_comes_from(source: str | None, line: str) -> None:
    assert line in page(replace(ONBOARDED, packages=(replace(ONBOARDING, source=source),)))


def test_the_hash_is_shown_beside_the_expected_one() -> None:
    text = page(replace(ONBOARDED, packages=(replace(ONBOARDING, sha256="ab" * 32),)))
    assert f"'{'AB' * 32}' # what the policy asks for" in text
    assert "names no `sha256`" not in text


@pytest.mark.parametrize("policy", ExecutionPolicy)
def test_signing(policy: ExecutionPolicy) -> None:
    assert f"asks for the execution policy {policy.value}" in page(ONBOARDED, execution_policy=policy)


def test_every_attribute_and_exit_code_of_the_program() -> None:
    text = page(ONBOARDED)
    for row in (
        "| Name | Onboarding - Pilot workstations |",
        "| Command line | cmd.exe /d /c run.cmd |",
        "| Run | Hidden |",
        "| Program can run | Whether or not a user is logged on |",
        "| Run mode | Run with administrative rights |",
        "| Drive mode | Runs with UNC name |",
        "| Maximum allowed run time (minutes) | 15 |",
        "| General: After running | No action required |",
        "| Advanced: Suppress program notifications | on |",
        "| Purpose | Required |",
        "| Rerun behavior | Rerun if failed previous attempt |",
    ):
        assert row in text
    assert "| 1618 | the client tries again | " in text
    assert "| 105 | failure | The vendor's script ended with 5: " in text
    assert text.count("\n### Exit codes of ") == 1


def test_offboarding_says_when_it_ends_and_in_which_order_devices_move() -> None:
    text = page(OFFBOARDED)
    assert "| This deployment will expire | on\\: 2026-12-31 23\\:59, UTC |" in text
    assert (
        text.index("Exclude this collection from every onboarding")
        < text.index("Wait until its client")
        < text.index("5. Offboard.")
    )
    assert "for up to 6 months" in text
    assert f"| {exit_codes.EXPIRED.code} | failure |" in text


def test_compliance_items_name_their_scripts() -> None:
    text = page(COLLECTION, REMEDIATED, LOOKED_AT)
    assert (
        "| Pilot workstations - critical-remediated | `compliance/critical-remediated/discovery.ps1` | "
        "`compliance/critical-remediated/remediation.ps1`, on | Critical |"
    ) in text
    assert (
        "| Pilot workstations - warning-reported | `compliance/warning-reported/discovery.ps1` | none, off | Warning |" in text
    )
    assert "Remediate noncompliant rules when supported: on." in text
    assert "Remediate noncompliant rules when supported: off." in page(COLLECTION, LOOKED_AT)


def test_membership() -> None:
    members = Members("select `*`\nfrom ```SMS_R_System", ("PC-1", "PC-2"), ("IT | department",), ("Off",))
    text = page(replace(COLLECTION, id="PS10001F", limited_to="All Systems", members=members, mode=Mode.AUDIT))
    assert "- CollectionID: `PS10001F`\n- Limiting collection: All Systems\n- Mode: audit." in text
    assert "  - Query:\n\n    ````\n    select `*`\n    from ```SMS_R_System\n    ````\n\n  - Direct: PC-1, PC-2\n" in text
    assert "  - Include: IT \\| department\n  - Exclude: Off\n" in text


def lines(**changes: object) -> list[str]:
    return list(setting_lines(replace(SETTING, **changes)))  # type: ignore[arg-type]


def test_a_setting_in_words() -> None:
    assert lines() == [
        "- `lan-manager-level`: Only NTLMv2 is sent, LM and NTLM are refused",
        r"  - Place: `HKLM\SYSTEM\CurrentControlSet\Control\Lsa : LmCompatibilityLevel`, dword",
        "  - Compliant where it is at least `5`; an absent value counts as `3`",
        "  - Remediation writes `5`",
        "  - Why: LM and NTLM answers can be cracked offline",
        "  - References: CIS 2.3.11.7",
    ]


@pytest.mark.parametrize(
    ("operator", "operands", "changes", "expected"),
    [
        (Operator.EQUALS, ("",), {"kind": Kind.STRING}, 'it equals `""`; an absent value fails'),
        (Operator.EQUALS, ((),), {"kind": Kind.MULTI_STRING}, "it equals the empty list; an absent value fails"),
        (Operator.EQUALS, (b"",), {"kind": Kind.BINARY}, "it equals no bytes; an absent value fails"),
        (
            Operator.EQUALS,
            (0,),
            {"default": 0, "pin": True},
            "it equals `0`; an absent value fails, even if the default would do",
        ),
        (Operator.NOT_EQUALS, (1,), {}, "it is not `1`; an absent value is compliant"),
        (Operator.BETWEEN, (1, 900), {}, "it is between `1` and `900`, both included; an absent value fails"),
        (Operator.ONE_OF, ("a", "b"), {"kind": Kind.STRING}, 'it is one of `"a"`, `"b"`; an absent value fails'),
        (Operator.CONTAINS, ("a",), {"kind": Kind.MULTI_STRING}, 'it holds `"a"`; an absent value fails'),
        (Operator.PRESENT, (), {}, "it is there"),
        (Operator.ABSENT, (), {}, "it is not there"),
    ],
)
def test_conditions(operator: Operator, operands: tuple[Data, ...], changes: dict[str, object], expected: str) -> None:
    given: dict[str, object] = {"condition": Condition(operator, operands), "default": None, **changes}
    assert lines(**given)[2] == f"  - Compliant where {expected}"


def test_case_is_said_where_it_counts() -> None:
    condition = Condition(Operator.EQUALS, ("x",), exact_case=True)
    assert "(upper and lower case differ)" in lines(condition=condition, kind=Kind.STRING, default=None)[2]
    assert "case" not in lines(condition=replace(condition, operands=(1,)), default=None)[2]


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (None, "Remediation: none, it is reported only"),
        (SetValue(("a", "")), 'Remediation writes `"a"`, `""`'),
        (Append(("a",)), 'Remediation appends what is missing of `"a"`'),
        (DeleteValue(), "Remediation deletes the value"),
        (CreateKey(), "Remediation creates the key"),
    ],
)
def test_writes(write: object, expected: str) -> None:
    assert lines(write=write)[3] == f"  - {expected}"


def test_sensitive_data_is_masked_everywhere() -> None:
    condition = Condition(Operator.ONE_OF, ("secret-1", "secret-2"))
    text = "\n".join(
        lines(condition=condition, kind=Kind.STRING, default="secret-3", write=SetValue("secret-4"), sensitive=True)
    )
    assert "secret" not in text
    assert text.count("(masked)") == 3


def test_long_data_is_cut() -> None:
    text = lines(condition=Condition(Operator.EQUALS, ("x" * 32000,)), kind=Kind.STRING, default=None)[2]
    assert "... (32000 characters)" in text
    assert len(text) < 400


def test_users_and_tags() -> None:
    text = lines(place=replace(SETTING.place, hive=Hive.USER), clear_on_undo=True)
    assert text[1].endswith(", dword, of every user whose hive is loaded")
    assert text[3].endswith("rollback clears the data and keeps the value")


def test_policy_text_starts_no_heading_list_or_table() -> None:
    hostile = "# x\n## y | <b> **c** `d`\n- e"
    setting: Setting = replace(SETTING, title=hostile, why=hostile, references=(hostile,))
    collection = replace(ONBOARDED, name=hostile, limited_to=hostile, members=Members(include=(hostile,)))
    text = page(collection, replace(REMEDIATED, settings=(setting,)), publisher=hostile, name=hostile)
    plain = page(ONBOARDED, REMEDIATED)
    assert headings(text) == headings(plain)
    assert "<b>" not in text
    assert "**c**" not in text


def vocabularies() -> list[dict[str, Any]]:
    folder = files("policyc.vocabularies")
    names = [file.name for file in folder.iterdir() if file.name.endswith(".yaml") and not file.name.endswith("_hazards.yaml")]
    return [yaml.safe_load((folder / name).read_text(encoding="utf-8")) for name in sorted(names)]


def test_every_state_of_every_vocabulary_has_its_phrases() -> None:
    for vocabulary in vocabularies():
        for state in vocabulary["packages"]:
            found = topics(((vocabulary["name"], state),))
            assert {"Before", "Download", "Built-in policy", "Monitor"} <= set(found), (vocabulary["name"], state)
            for code in vocabulary["packages"][state]["exit_codes"]:
                assert f"| {code} " in found["Monitor"], (vocabulary["name"], state, code)


def test_codes_of_vocabularies_are_neither_ours_nor_special() -> None:
    own = {entry.code for entry in (*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE, *exit_codes.SETTINGS)}
    special = limits.SUCCESS_CODES | limits.RESTART_CODES | limits.RETRY_CODES
    for vocabulary in vocabularies():
        launcher = vocabulary["launcher"]
        mapped = {
            code + launcher["exit_code_offset"] for package in vocabulary["packages"].values() for code in package["exit_codes"]
        }
        assert not (mapped | {launcher["other_exit_code"]}) & (own | special)
