"""Account policies and security options: values in Windows' units, conditions that fit, and what belongs together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict
from policyc.kinds.account_policy import AccountPolicyKind
from policyc.kinds.secedit.access import Access
from policyc.kinds.secedit.keys import NEVER, keys
from policyc.kinds.secedit.together import together
from policyc.kinds.security_option import SecurityOptionKind
from policyc.model import Kind, Location, Operator, Setting
from unit.analysis.estates import setting

POLICY, OPTION = AccountPolicyKind(), SecurityOptionKind()
AT = Location(Path("pilot.yaml"), ("settings", "one"))


def lowered(
    kind: AccountPolicyKind | SecurityOptionKind, *, audit: bool = False, remediate: bool = True, **words: Any
) -> tuple[Access | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    tree = {"title": "One", kind.word: words, **({} if remediate else {"remediate": False})}
    return kind.lower(tree, AT, found, audit=audit), found


def policy(word: str, **words: Any) -> Access:
    subject, found = lowered(POLICY, policy=word, **words)
    assert found == []
    assert subject is not None
    return subject


@pytest.mark.parametrize(
    ("word", "said", "number"),
    [
        ("maximum-password-age", 365, 365),
        ("maximum-password-age", "365 days", 365),
        ("maximum-password-age", "1 day", 1),
        ("maximum-password-age", "48 hours", 2),
        ("maximum-password-age", "never", NEVER),
        ("lockout-duration", "1 hour", 60),
        ("lockout-duration", "15 Minutes", 15),
        ("lockout-duration", "never", NEVER),
        ("lockout-threshold", "never", NEVER),
        ("lockout-threshold", "5 attempts", 5),
        ("password-history", 0, 0),
    ],
)
def test_a_number_is_in_the_unit_of_windows(word: str, said: object, number: int) -> None:
    subject = policy(word, equals=said)
    assert subject.value.condition.operands == (number,)
    again = POLICY.words(subject, masked=False)
    assert policy(again.pop("policy"), **again) == subject


@pytest.mark.parametrize(
    ("kind", "words", "code", "below", "way_out"),
    [
        (POLICY, {"policy": "LockoutBadCount", "equals": 5}, "PC1201", "policy", "write lockout-threshold"),
        (POLICY, {"policy": "lockout-treshold", "equals": 5}, "PC1201", "policy", "write lockout-threshold"),
        (POLICY, {"policy": "Account lockout threshold", "equals": 5}, "PC1201", "policy", "write lockout-threshold"),
        (POLICY, {"policy": "guest-status", "equals": 5}, "PC1201", "policy", "'security_option: {option: guest-status, …}'"),
        (POLICY, {"policy": "anything", "equals": 5}, "PC1201", "policy", "'password-history'"),
        (
            OPTION,
            {"option": "lockout-threshold", "equals": 5},
            "PC1201",
            "option",
            "'account_policy: {policy: lockout-threshold, …}'",
        ),
        (POLICY, {"policy": "MaxTicketAge", "at_most": 10}, "PC1202", "policy", "Default Domain Policy"),
        (POLICY, {"policy": "maximum-password-age", "at_most": 0}, "PC1203", "at_most", "from 1 to 999, or 'never'"),
        (POLICY, {"policy": "lockout-threshold", "equals": 0}, "PC1203", "equals", "from 1 to 999, or 'never'"),
        (POLICY, {"policy": "lockout-duration", "equals": -1}, "PC1203", "equals", "or 'never'"),
        (POLICY, {"policy": "lockout-window", "equals": "never"}, "PC1203", "equals", "minutes from 1 to 99999"),
        (POLICY, {"policy": "lockout-window", "equals": "90 seconds"}, "PC1203", "equals", "minutes"),
        (POLICY, {"policy": "maximum-password-age", "equals": "25 hours"}, "PC1203", "equals", "days"),
        (POLICY, {"policy": "password-complexity", "equals": 1}, "PC1203", "equals", "'enabled' or 'disabled'"),
        (POLICY, {"policy": "password-complexity", "at_least": "enabled"}, "PC1204", "at_least", "write 'equals'"),
        (OPTION, {"option": "guest-name", "at_least": "A"}, "PC1204", "at_least", "'none_of'"),
        (OPTION, {"option": "guest-name", "equals": "A" * 21}, "PC1203", "equals", "up to 20 characters"),
        (OPTION, {"option": "guest-name", "equals": 'a"b'}, "PC1203", "equals", "without any of"),
        (OPTION, {"option": "guest-name", "equals": "a\nSeDebugPrivilege = *S-1-1-0"}, "PC1203", "equals", "without any of"),
        (POLICY, {"policy": "lockout-threshold", "between": [5, 1], "set": 5}, "PC0311", "between", "[1, 5]"),
        (POLICY, {"policy": "lockout-threshold", "between": [1, 5]}, "PC0307", "between", "add 'set: …'"),
        (POLICY, {"policy": "lockout-threshold", "between": [1, 5], "set": 6}, "PC0308", "set", "a value that does"),
        (POLICY, {"policy": "maximum-password-age", "at_most": 365, "set": "never"}, "PC0308", "set", "a value that does"),
    ],
)
def test_what_is_refused(kind: Any, words: dict[str, Any], code: str, below: str, way_out: str) -> None:
    subject, [one] = lowered(kind, **words)
    assert subject is None
    assert (one.code, one.location.path[2:4]) == (code, (kind.word, below))
    assert way_out in one.help


def test_what_is_only_reported_needs_no_set() -> None:
    subject, found = lowered(POLICY, remediate=False, policy="lockout-threshold", between=[1, 5])
    assert found == []
    assert subject is not None
    assert (subject.writes, POLICY.written(subject, masked=False)) == (False, "only reported")
    assert lowered(POLICY, audit=True, policy="lockout-threshold", between=[1, 5]) == (subject, [])
    assert [one.code for one in lowered(POLICY, remediate=False, policy="lockout-threshold", between=[1, 5], set=3)[1]] == [
        "PC0309"
    ]


@pytest.mark.parametrize(
    ("subject", "number", "holds"),
    [
        # What never happens is more than any number: locks that never end are long enough.
        (policy("maximum-password-age", at_most=365), 365, True),
        (policy("maximum-password-age", at_most=365), NEVER, False),
        (policy("maximum-password-age", between=[1, 365], set=365), NEVER, False),
        (policy("lockout-duration", at_least=15), NEVER, True),
        (policy("lockout-duration", at_least=15), 10, False),
        (policy("lockout-threshold", between=[1, 5], set=5), NEVER, False),
        (policy("lockout-threshold", equals="never"), NEVER, True),
        (policy("password-complexity", equals="enabled"), 1, True),
        (policy("password-complexity", equals="enabled"), 0, False),
        (policy("password-history", at_least=24), 24, True),
    ],
)
def test_conditions(subject: Access, number: int, *, holds: bool) -> None:
    state = Held(Kind.DWORD, number)
    assert POLICY.verdict(subject, state) is (Verdict.COMPLIANT if holds else Verdict.NON_COMPLIANT)
    assert POLICY.verdict(subject, POLICY.after(subject, state)) is Verdict.COMPLIANT
    assert POLICY.verdict(subject, UNREADABLE) is Verdict.ERROR
    assert POLICY.verdict(subject, ABSENT) is Verdict.NON_COMPLIANT


def test_names() -> None:
    subject, found = lowered(OPTION, option="administrator-name", none_of=["Administrator", "Administrateur"], set="X_Admin")
    assert found == []
    assert subject is not None
    assert OPTION.verdict(subject, Held(Kind.STRING, "administrator")) is Verdict.NON_COMPLIANT
    assert OPTION.after(subject, Held(Kind.STRING, "Administrateur")) == Held(Kind.STRING, "X_Admin")
    assert OPTION.row(subject) == {
        "Place": "NewAdministratorName",
        "Kind": "String",
        "NoneOf": ("Administrator", "Administrateur"),
        "Must": 'be none of "Administrator", "Administrateur"',
        "Set": "X_Admin",
    }
    assert OPTION.needs(subject) == {"Test-NoneOf", "Get-SetState"}
    assert "X_Admin" not in OPTION.written(subject, masked=True)


def test_disabling_the_administrator_is_warned_of() -> None:
    subject, [one] = lowered(OPTION, option="administrator-status", equals="disabled")
    assert subject is not None
    assert (one.code, one.is_error) == ("PC1208", False)
    assert lowered(OPTION, option="administrator-status", equals="enabled")[1] == []
    assert lowered(OPTION, option="guest-status", equals="disabled")[1] == []
    assert lowered(OPTION, remediate=False, option="administrator-status", equals="disabled")[1] == []


def test_what_is_said() -> None:
    subject = policy("lockout-threshold", between=[1, 5], set=5)
    assert POLICY.must(subject, masked=False) == "be from 1 attempt to 5 attempts"
    assert POLICY.written(subject, masked=False) == "sets 5 attempts"
    assert POLICY.row(subject)["Set"] == 5
    assert POLICY.plan_words(subject)["account_policy.policy"] == "lockout-threshold"
    first = policy("password-history", one_of=[24, 12], set=24)
    assert (POLICY.row(first)["Set"], POLICY.words(first, masked=False)["set"]) == (24, 24)


def test_plans_and_conflicts_know_what_a_number_means() -> None:
    loose, strict = policy("maximum-password-age", at_most=365), policy("maximum-password-age", at_most=60)
    assert (POLICY.implies(strict, loose), POLICY.implies(loose, strict)) == (True, False)
    never = policy("maximum-password-age", equals="never")
    assert POLICY.contradict(never, loose)
    assert POLICY.violates(never, loose)


def test_there_are_as_many_as_facts_say() -> None:
    assert (len(keys("account_policy")), len(keys("security_option"))) == (10, 6)


def settings(**policies: dict[str, Any]) -> list[Setting]:
    made = []
    for word, words in policies.items():
        subject = policy(word.replace("_", "-"), **words)
        made.append(Setting(word, "One", subject, Location(Path("pilot.yaml"), ("settings", word))))
    return made


LOCKOUT = {"lockout_threshold": {"equals": 5}, "lockout_window": {"equals": 15}, "lockout_duration": {"equals": 15}}


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"lockout_duration": {"equals": "never"}}, []),
        ({"lockout_duration": {"equals": 14}}, ["PC1205"]),
        ({"lockout_window": {"between": [1, 30], "set": 30}}, ["PC1205"]),
        ({"lockout_threshold": {"equals": "never"}}, ["PC1205", "PC1205"]),
        ({"lockout_window": None}, ["PC1206"]),
        ({"lockout_threshold": None}, ["PC1206", "PC1206"]),
        ({"lockout_window": None, "lockout_duration": None}, []),
        ({"lockout_threshold": None, "lockout_window": None, "lockout_duration": None}, []),
        ({"administrator_lockout": {"equals": "enabled"}}, []),
        ({"minimum_password_age": {"at_least": 1}, "maximum_password_age": {"at_most": 60}}, []),
        ({"minimum_password_age": {"at_least": 60}, "maximum_password_age": {"at_most": 60}}, ["PC1205"]),
        ({"minimum_password_age": {"at_least": 60}, "maximum_password_age": {"equals": "never"}}, []),
        ({"minimum_password_length": {"at_least": 14}}, []),
        ({"minimum_password_length": {"at_least": 15}}, ["PC1207"]),
    ],
)
def test_what_belongs_together(changed: dict[str, Any], codes: list[str]) -> None:
    written = {word: words for word, words in {**LOCKOUT, **changed}.items() if words is not None}
    found = list(together(settings(**written)))
    assert [one.code for one in found] == codes
    assert all(one.location.path[-1] in ("equals", "at_least", "set") for one in found)


def test_administrators_are_locked_beside_a_threshold() -> None:
    [one] = together(settings(administrator_lockout={"equals": "enabled"}))
    assert (one.code, "'lockout-threshold'" in one.message) == ("PC1206", True)


def test_a_long_length_is_fine_where_it_is_allowed() -> None:
    key, name = r"System\CurrentControlSet\Control\SAM", "relaxminimumpasswordlengthlimits"
    allowed = setting("relax", Operator.EQUALS, 1, key=key, name=name)
    assert list(together([*settings(minimum_password_length={"at_least": 20}), allowed])) == []
