"""What a policy says of Microsoft Defender, what it means, and what is said against it."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import check
from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict
from policyc.kinds.defender import DefenderKind, said_by
from policyc.kinds.defender.preferences import PREFERENCES, RULE_WORDS, rules
from policyc.kinds.defender.subject import Defender, DefenderPlace
from policyc.model import Kind, Location

AT = Location("pilot.yaml", ("settings", "example"))
KIND = DefenderKind()
RANSOMWARE = "C1DB55AB-C21A-4637-BB3F-A12568109D35"
PROJECT = "project: {name: Defended, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
SUBJECTS = [
    *(Defender(DefenderPlace(RANSOMWARE, None), word, writes) for word, writes in product(RULE_WORDS, (True, False))),
    *(
        Defender(DefenderPlace(None, name), word)
        for name, one in PREFERENCES.items()
        for word in one.words
        if word not in one.refused
    ),
]


def lowered(said: dict[str, Any], *, audit: bool = False, **head: object) -> tuple[Defender | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return KIND.lower({"title": "An example", **head, "defender": said}, AT, found, audit=audit), found


def complaint(said: dict[str, Any]) -> Diagnostic:
    subject, found = lowered(said)
    [one] = found
    assert subject is None
    return one


@pytest.mark.parametrize(
    "said", [RANSOMWARE, RANSOMWARE.lower(), f"{{{RANSOMWARE}}}", "use advanced protection against Ransomware"]
)
def test_a_rule_is_one_however_it_is_named(said: str) -> None:
    subject, found = lowered({"asr_rule": said, "equals": "block"})
    assert found == []
    assert subject is not None
    assert (subject.place.rule, subject.place.name) == (RANSOMWARE, RANSOMWARE.lower())
    assert subject.place.parts == {"asr_rule": "Use advanced protection against ransomware"}


def test_a_rule_of_tomorrow_has_a_guid() -> None:
    assert lowered({"asr_rule": "01234567-89ab-cdef-0123-456789abcdef", "equals": "warn"})[1] == []
    assert len(rules()) == 19


@pytest.mark.parametrize(
    ("said", "near"),
    [
        ("Block Webshel creation for Servers", "Block Webshell creation for Servers"),
        ("ransomware", "Use advanced protection against ransomware"),
    ],
)
def test_the_nearest_rule_is_named(said: str, near: str) -> None:
    one = complaint({"asr_rule": said, "equals": "block"})
    assert (one.code, one.help) == ("PC1501", f"write {near}")


def test_what_nobody_means_is_told() -> None:
    one = complaint({"asr_rule": "Weather", "equals": "block"})
    assert (one.code, one.location) == ("PC1501", AT.below("defender", "asr_rule"))


def test_preferences() -> None:
    assert complaint({"preference": "puaprotecton", "equals": "enabled"}).help == "write 'PUAProtection'"
    for name in ("DisableRealtimeMonitoring", "ExclusionPath", "Weather"):
        one = complaint({"preference": name, "equals": "enabled"})
        assert one.code == "PC1502"
        assert r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender" in (one.help or "")


@pytest.mark.parametrize(("value", "near"), [("blok", "write 'block'"), ("1", "write one of 'not_configured', 'off'")])
def test_words_are_those_of_the_place(value: str, near: str) -> None:
    one = complaint({"asr_rule": RANSOMWARE, "equals": value})
    assert one.code == "PC1503"
    assert (one.help or "").startswith(near)


@pytest.mark.parametrize("name", ["PUAProtection", "MAPSReporting", "EnableNetworkProtection", "EnableControlledFolderAccess"])
def test_no_protection_is_turned_off(name: str) -> None:
    assert complaint({"preference": name, "equals": "disabled"}).code == "PC1504"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_meaning(subject: Defender) -> None:
    for word in subject.place.words:
        state = Held(Kind.STRING, word)
        assert (KIND.verdict(subject, state) is Verdict.COMPLIANT) is (word == subject.value)
        assert KIND.verdict(subject, KIND.after(subject, state)) is Verdict.COMPLIANT
        assert KIND.undone(subject, state, KIND.after(subject, state)) == state
        by_default = Held(Kind.STRING, f"{word};default")
        assert KIND.verdict(subject, by_default) is KIND.verdict(subject, state)
        assert KIND.after(subject, by_default) == (by_default if word == subject.value else Held(Kind.STRING, subject.value))
    assert KIND.verdict(subject, UNREADABLE) is Verdict.ERROR


def test_what_nobody_has_set_is_as_defender_has_it() -> None:
    assert KIND.verdict(Defender(DefenderPlace(None, "MAPSReporting"), "advanced"), ABSENT) is Verdict.COMPLIANT
    assert KIND.verdict(Defender(DefenderPlace(None, "PUAProtection"), "enabled"), ABSENT) is Verdict.NON_COMPLIANT
    # Off and not configured are two things.
    assert KIND.verdict(Defender(DefenderPlace(RANSOMWARE, None), "off"), ABSENT) is Verdict.NON_COMPLIANT
    assert KIND.verdict(Defender(DefenderPlace(RANSOMWARE, None), "not_configured"), ABSENT) is Verdict.COMPLIANT


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_row_says_the_policy_s_words(subject: Defender) -> None:
    words = said_by(KIND.row(subject))
    assert words == KIND.words(subject, masked=False)
    again, found = lowered(words, audit=not subject.writes)
    assert (again, found) == (subject, [])


def test_the_scripts_have_the_same_words_and_places() -> None:
    text = KIND.functions()
    for name, one in PREFERENCES.items():
        by_number = {number: word for word, number in one.words.items()}
        words = ",".join(by_number.get(number, "") for number in range(max(by_number) + 1))
        assert f"{name} = '{one.value}|{words}'" in text
    by_number = {number: word for word, number in RULE_WORDS.items() if number is not None}
    assert f"'{','.join(by_number.get(number, '') for number in range(7))}'" in text


def test_a_state_is_checked_as_policies_are() -> None:
    found: list[Diagnostic] = []
    tree = {
        "asr_rules": {RANSOMWARE: "block", "Weather": "block"},
        "preferences": {"PUAProtection": "unreadable", "MAPSReporting": "x"},
    }
    stated = [(place.name, state) for place, state, _ in KIND.stated(tree, AT, found)]
    assert stated == [(RANSOMWARE.lower(), Held(Kind.STRING, "block")), ("PUAProtection", UNREADABLE)]
    assert sorted(one.code for one in found) == ["PC1501", "PC1503"]


def errors(folder: Path, settings: str) -> list[str]:
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    head = "collection: {name: One, limited_to: All Systems}\nsettings:\n"
    (folder / "one.yaml").write_text(head + settings, encoding="utf-8")
    return [one.code for one in check(folder, date(2026, 1, 31)).diagnostics if one.is_error]


def test_a_rule_and_its_policy_are_one_place(tmp_path: Path) -> None:
    rule = f"  rule: {{title: A rule, defender: {{asr_rule: {RANSOMWARE}, equals: audit}}}}\n"
    key = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
    value = f"name: {RANSOMWARE.lower()}, type: string, equals: '1'"
    policy = f"  policy: {{title: A policy, registry: {{key: '{key}', {value}}}}}\n"
    assert errors(tmp_path, rule) == []
    assert errors(tmp_path, rule + policy) == ["PC0415"]
    named = (
        rule.replace(RANSOMWARE, "Use advanced protection against ransomware")
        .replace("rule:", "other:", 1)
        .replace("audit", "block")
    )
    assert errors(tmp_path, rule + named) == ["PC0415"]


def test_data_is_hidden_where_it_is_sensitive() -> None:
    subject = Defender(DefenderPlace(RANSOMWARE, None), "audit")
    said = f"{KIND.words(subject, masked=True)} {KIND.must(subject, masked=True)} {KIND.written(subject, masked=True)}"
    assert "audit" not in said
