"""What a policy says of an environment variable, what it means against every state of a few, and what is said against it."""

from __future__ import annotations

from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import check
from policyc.evaluation import ABSENT, UNREADABLE, State, Verdict
from policyc.kinds.environment_variable import EnvironmentVariableKind, said_by
from policyc.kinds.environment_variable.meaning import holds, undone
from policyc.kinds.environment_variable.subject import EnvironmentVariable
from policyc.kinds.environment_variable.texts import LONGEST, Type, held, with_entries, without_entries
from policyc.model import Location

AT = Location("pilot.yaml", ("settings", "example"))
KIND = EnvironmentVariableKind()
PROJECT = "project: {name: Variables, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"


def lowered(*, audit: bool = False, remediate: bool = True, **said: Any) -> tuple[EnvironmentVariable | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    tree = {"title": "x", "environment_variable": {"name": "EXAMPLE", **said}, **({} if remediate else {"remediate": False})}
    return KIND.lower(tree, AT, found, audit=audit), found


def variable(**said: Any) -> EnvironmentVariable:
    subject, found = lowered(**said)
    assert found == []
    assert subject is not None
    return subject


def complaint(**said: Any) -> Diagnostic:
    subject, [one] = lowered(**said)
    assert (subject is None) is one.is_error
    return one


WORDS: list[dict[str, Any]] = [
    {"equals": "A"},
    {"equals": "a", "case": "exact"},
    {"equals": "A;B"},
    {"equals": "A;B", "type": "expand_string"},
    {"equals": r"%X%\C"},
    {"equals": "C", "remediate": False},
    {"contains": ["A"]},
    {"contains": ["A", "B"]},
    {"contains": ["B"], "type": "string"},
    {"contains": [r"%X%\C", "A"]},
    {"none_of": ["A"]},
    {"none_of": ["A", "C"]},
    {"none_of": ["B"]},
    {"present": True, "set": "A"},
    {"present": True, "set": "B"},
    {"present": True, "remediate": False},
    {"present": True, "set": r"%X%\C"},
    {"absent": True},
]
SUBJECTS = [variable(**words) for words in WORDS]
LISTS = [";".join(some) for size in range(5) for some in combinations(["A", "B", "C", r"%X%\C"], size)]
TEXTS = [*LISTS, "a", "a;b", "B;A", ";", '"A";B\\;', r"A;%x%\c", "D"]
STATES: list[State] = [ABSENT, *(held(kind, text) for kind, text in product(Type, TEXTS))]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_remediation_satisfies_and_a_rollback_gives_back(subject: EnvironmentVariable) -> None:
    for state in STATES:
        after = KIND.after(subject, state)
        if KIND.verdict(subject, state) is Verdict.COMPLIANT:
            assert after == state
        elif subject.writes:
            assert KIND.verdict(subject, after) is Verdict.COMPLIANT, state
            assert KIND.undone(subject, state, after) == state
            assert undone(state, after, after) is None, "nobody else has changed it"
    assert KIND.verdict(subject, UNREADABLE) is Verdict.ERROR
    assert KIND.after(subject, UNREADABLE) is UNREADABLE


@pytest.mark.parametrize(("one", "other"), list(product(SUBJECTS, SUBJECTS)))
def test_what_is_said_of_two_is_true_of_every_state(one: EnvironmentVariable, other: EnvironmentVariable) -> None:
    both = [state for state in STATES if holds(one, state) and holds(other, state)]
    assert KIND.contradict(one, other) is not bool(both)
    assert KIND.contradict(one, other) is KIND.contradict(other, one)
    if KIND.implies(one, other):
        assert [state for state in STATES if holds(one, state)] == both
    if KIND.agree(one, other) and one.writes and other.writes:
        for state in STATES:
            assert holds(one, KIND.after(other, KIND.after(one, state))), state
    if KIND.violates(one, other):
        assert not any(holds(other, KIND.after(one, state)) for state in STATES)
    if KIND.covers(one, other):
        assert KIND.implies(one, other)
        assert KIND.implies(other, one)


def test_which_ones_imply_others() -> None:
    for one in SUBJECTS:
        assert KIND.implies(one, one), one
    assert KIND.implies(variable(contains=["A", "B"]), variable(contains=["a"]))
    assert KIND.implies(variable(equals="A;B"), variable(none_of=["C"]))
    assert not KIND.implies(variable(equals="a"), variable(equals="A", case="exact"))
    assert KIND.implies(variable(absent=True), variable(none_of=["A"]))


def test_entries_are_windows_own() -> None:
    assert with_entries(r'"C:\Program Files\A";;C:\B', [r"c:\program files\a\\", r"C:\C"]) == r'"C:\Program Files\A";;C:\B;C:\C'
    assert without_entries(r"C:\B\;c:\b;;C:\Ä;C:\ä\\", [r"C:\b", r"C:\Ä"]) == ""
    assert without_entries(r"C:\A;C:\B", [r"C:\C"]) == r"C:\A;C:\B"


def test_others_entries_stay_in_a_rollback() -> None:
    before, written = held(Type.EXPAND_STRING, "A;B"), held(Type.EXPAND_STRING, "A;B;Ours")
    assert undone(before, written, held(Type.EXPAND_STRING, "First;A;B;Ours;Last")) == held(
        Type.EXPAND_STRING, "First;A;B;Last"
    )
    assert undone(before, held(Type.STRING, "A"), held(Type.STRING, "A;New")) == held(Type.STRING, "A;New;B")
    assert undone(ABSENT, held(Type.STRING, "Ours"), held(Type.STRING, "ours;")) == ABSENT
    assert undone(ABSENT, held(Type.STRING, "Ours"), held(Type.STRING, "Theirs")) == held(Type.STRING, "Theirs")
    # One text in the place of another one is no list.
    assert undone(held(Type.STRING, "8"), held(Type.STRING, "11"), held(Type.STRING, "17")) is None


def test_what_refers_to_others_has_the_type_for_it() -> None:
    assert variable(equals=r"%SystemRoot%\x").type is Type.EXPAND_STRING
    assert variable(equals=r"%SystemRoot%\x", type="string").type is Type.STRING
    assert variable(equals="100 %").type is None
    # What is to go may stand in either.
    assert variable(none_of=[r"%X%\x"]).type is None
    assert KIND.after(variable(contains=["Z"]), held(Type.EXPAND_STRING, "A")) == held(Type.EXPAND_STRING, "A;Z")
    assert KIND.after(variable(contains=[r"%X%\Z"]), held(Type.STRING, "A")) == held(Type.EXPAND_STRING, r"A;%X%\Z")


def test_what_would_be_too_long_is_not_written() -> None:
    most = held(Type.STRING, "A" * LONGEST)
    assert KIND.after(variable(contains=["B"]), most) == most
    longer = held(Type.STRING, "A;" + "B" * LONGEST)
    assert KIND.after(variable(none_of=["A"]), longer) == held(Type.STRING, "B" * LONGEST)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_row_says_the_policy_s_words(subject: EnvironmentVariable) -> None:
    words = said_by(KIND.row(subject))
    assert words == KIND.words(subject, masked=False)
    again, found = lowered(**words, remediate=subject.writes)
    assert (again, found) == (subject, [])
    assert {word: value for word, value in KIND.plan_words(subject).items() if value is not None} == {
        "environment_variable.name": "EXAMPLE",
        **{word: value for word, value in words.items() if word != "name"},
    }


def test_a_row_of_another_kind_says_nothing() -> None:
    assert said_by({"Place": "EXAMPLE"}) is None
    assert said_by({"Place": "EXAMPLE", "Equals": "a", "Absent": True}) is None


@pytest.mark.parametrize("said", ["%Path%", " Path", "A=B", "%%", "="])
def test_names(said: str) -> None:
    one = complaint(name=said, contains=[r"C:\A"])
    assert (one.code, one.location) == ("PC1801", AT.below("environment_variable", "name"))
    assert one.help == ("write Path" if "Path" in said else "write its name alone, such as JAVA_HOME")


@pytest.mark.parametrize("said", ["A;B", '"A"', " A", "\\", '"'])
def test_an_entry_is_one(said: str) -> None:
    one = complaint(contains=["C", said])
    assert (one.code, one.location.path[-1]) == ("PC1802", 1)


def test_an_entry_named_twice() -> None:
    subject, [one] = lowered(contains=[r"C:\A", r"c:\a\\", r"C:\B"])
    assert one.code == "PC0312"
    assert subject is not None
    assert subject.texts == (r"C:\A", r"C:\B")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"name": "path", "absent": True}, "PC1804"),
        ({"name": "ComSpec", "absent": True}, "PC1804"),
        ({"name": "Path", "equals": r"C:\Windows;C:\A"}, "PC1804"),
        ({"name": "Path", "none_of": [r"%systemroot%\System32\\"]}, "PC1804"),
        ({"name": "Path", "none_of": [r"C:\Windows\system32\Wbem"]}, "PC1804"),
        ({"name": "Path", "equals": r"%SystemRoot%\system32"}, "PC1803"),
        ({"name": "TEMP", "equals": r"%SystemRoot%\Temp"}, "PC1803"),
        ({"name": "PSModulePath", "absent": True}, "PC1803"),
        ({"name": "Path", "contains": [r"C:\A", "tools"]}, "PC1805"),
        ({"name": "Path", "contains": [r"%LOCALAPPDATA%\A"]}, "PC1805"),
        ({"name": "PSModulePath", "contains": [r"C:\Users\Public\Modules"]}, "PC1805"),
        ({"present": True}, "PC1806"),
        ({"absent": True, "set": "A"}, "PC1807"),
        ({"contains": ["A"], "case": "exact"}, "PC1807"),
        ({"none_of": ["A"], "type": "string"}, "PC1807"),
    ],
)
def test_what_does_harm_is_told(words: dict[str, Any], code: str) -> None:
    assert complaint(**words).code == code


def test_the_warned_entry_is_the_one_that_stands_there() -> None:
    _, found = lowered(name="Path", contains=[r"C:\A", r"c:\a", r"%TEMP%\x"])
    assert [(one.code, one.location.path[-1]) for one in found] == [("PC0312", 1), ("PC1805", 2)]


def test_what_is_only_reported_may_say_less() -> None:
    assert lowered(present=True, remediate=False)[1] == []
    assert lowered(present=True, audit=True)[1] == []
    assert lowered(name="PSModulePath", absent=True, remediate=False)[1] == []


def test_a_state_is_checked_as_policies_are() -> None:
    found: list[Diagnostic] = []
    tree = {"Path": {"type": "expand_string", "value": "A;;"}, "%X%": {}, "N": {"type": "unreadable"}, "E": {}}
    stated = [(place.name, state) for place, state, _ in KIND.stated(tree, AT, found)]
    assert stated == [("Path", held(Type.EXPAND_STRING, "A;;")), ("N", UNREADABLE), ("E", held(Type.STRING, ""))]
    assert [one.code for one in found] == ["PC1801"]


def codes(folder: Path, settings: str) -> list[str]:
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    head = "collection: {name: One, limited_to: All Systems}\nsettings:\n"
    (folder / "one.yaml").write_text(head + settings, encoding="utf-8")
    return [one.code for one in check(folder, date(2026, 1, 31)).diagnostics if one.is_error]


def test_a_variable_and_its_value_are_one_place(tmp_path: Path) -> None:
    variable_ = "  a: {title: A, environment_variable: {name: example, equals: '1'}}\n"
    key = r"HKLM\SYSTEM\ControlSet001\Control\Session Manager\Environment"
    value = f"  b: {{title: B, registry: {{key: '{key}', name: EXAMPLE, type: string, equals: '1'}}}}\n"
    assert codes(tmp_path, variable_) == []
    assert codes(tmp_path, variable_ + value) == ["PC0416"]
    other = "  c: {title: C, environment_variable: {name: EXAMPLE, contains: ['2']}}\n"
    assert codes(tmp_path, variable_ + other) == ["PC0415"]
    apart = "  c: {title: C, environment_variable: {name: Path, contains: ['C:\\A']}}\n"
    both = "  d: {title: D, environment_variable: {name: PATH, none_of: ['C:\\B']}}\n"
    assert codes(tmp_path, apart + both) == []


def test_data_is_hidden_where_it_is_sensitive() -> None:
    for subject in (variable(equals="hush"), variable(contains=["hush"]), variable(present=True, set="hush")):
        said = f"{KIND.words(subject, masked=True)} {KIND.must(subject, masked=True)} {KIND.written(subject, masked=True)}"
        assert "hush" not in said
