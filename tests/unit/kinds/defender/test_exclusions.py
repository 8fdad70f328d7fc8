"""Lists of exclusions: what a policy says, what it means, and what is said against it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from policyc.diagnostics import Diagnostic
from policyc.evaluation import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.kinds.defender import DefenderKind, said_by
from policyc.kinds.defender.exclusions import LISTS, Exclusions, ListPlace, held_by, key, state_of
from policyc.kinds.defender.risky import risk
from policyc.model import Kind, Location, Operator
from unit.kinds.defender.test_defender import AT, KIND, errors

QUEUE, MAIL = r"C:\Data\Mail\Queue", r"D:\Mail"


def lowered(said: dict[str, Any], *, audit: bool = False, **head: object) -> tuple[Exclusions | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    subject = KIND.lower({"title": "An example", **head, "defender": said}, AT, found, audit=audit)
    assert subject is None or isinstance(subject, Exclusions)
    return subject, found


def asked(operator: Operator, *members: str, also: tuple[str, ...] = (), of: str = "ExclusionPath") -> Exclusions:
    return Exclusions(ListPlace(of), operator, members, also)


def paths(*members: str) -> Held:
    return Held(Kind.MULTI_STRING, members)


@pytest.mark.parametrize("word", ["contains", "none_of", "set_equals"])
def test_a_list_is_lowered(word: str) -> None:
    subject, found = lowered({"list": "ExclusionPath", word: [QUEUE, MAIL]})
    assert found == []
    assert subject == asked(Operator(word), QUEUE, MAIL)
    assert str(subject.place) == "Defender's list ExclusionPath"
    assert lowered({"list": "ExclusionPath", word: [QUEUE]}, remediate=False)[0] is not None
    reported, _ = lowered({"list": "ExclusionPath", word: [QUEUE]}, audit=True)
    assert reported is not None
    assert not reported.writes


def test_the_same_twice_is_one_member_and_told() -> None:
    subject, [one] = lowered({"list": "ExclusionPath", "contains": [QUEUE, QUEUE.upper() + "\\", MAIL]})
    assert subject == asked(Operator.CONTAINS, QUEUE, MAIL)
    assert (one.code, one.location) == ("PC0312", AT.below("defender", "contains", 1))


@pytest.mark.parametrize("word", ["contains", "none_of"])
def test_also_allowed_belongs_to_set_equals(word: str) -> None:
    subject, [one] = lowered({"list": "ExclusionPath", word: [QUEUE], "also_allowed": [MAIL]})
    assert subject is None
    assert one.code == "PC1506"
    assert lowered({"list": "ExclusionPath", "set_equals": [QUEUE], "also_allowed": [MAIL]})[1] == []


OPEN = {
    "ExclusionPath": ["C:\\", "d:", "C:\\*", "*", "*.*", "%SystemDrive%", "%TEMP%", "%AppData%\\X", "C:\\Users\\*"],
    "AttackSurfaceReductionOnlyExclusions": ["C:\\Windows\\Temp\\", "%windir%\\temp\\*", "C:/Users/", "%ProgramData%"],
    "ExclusionExtension": [".exe", "DLL", "*", "ps1"],
    "ExclusionProcess": ["PowerShell.exe", r"C:\Windows\System32\cmd.exe", "*", r"C:\Tools\*"],
}
CLOSED = {
    "ExclusionPath": [QUEUE, r"%ProgramData%\Example\Queue", r"C:\Users\Public\Example", r"\\server\share\Example", "sample.*"],
    "ExclusionExtension": ["mdf", ".edb"],
    "ExclusionProcess": ["sqlservr.exe", r"C:\Program Files\Example\example.exe"],
    "ExclusionIpAddress": ["192.0.2.1"],
}


@pytest.mark.parametrize(("of", "member"), [(of, one) for of, them in OPEN.items() for one in them])
def test_an_open_door_is_told(of: str, member: str) -> None:
    subject, [one] = lowered({"list": of, "contains": [member]})
    assert subject is not None
    assert (one.code, one.is_error, one.location) == ("PC1505", False, AT.below("defender", "contains", 0))
    # To take it out, or to have it taken out, is what one should do.
    assert lowered({"list": of, "none_of": [member]})[1] == []
    assert [one.code for one in lowered({"list": of, "set_equals": [], "also_allowed": [member]})[1]] == ["PC1505"]


@pytest.mark.parametrize(("of", "member"), [(of, one) for of, them in CLOSED.items() for one in them])
def test_what_products_ask_for_is_no_open_door(of: str, member: str) -> None:
    assert risk(of, member) is None


CASES: list[tuple[Exclusions, State, tuple[str, ...]]] = [
    (asked(Operator.CONTAINS, QUEUE), ABSENT, (QUEUE,)),
    (asked(Operator.CONTAINS, QUEUE), paths(QUEUE.lower() + "\\"), (QUEUE.lower() + "\\",)),
    (asked(Operator.CONTAINS, QUEUE, MAIL), paths("C:\\Else", MAIL), ("C:\\Else", MAIL, QUEUE)),
    (asked(Operator.NONE_OF, QUEUE), ABSENT, ()),
    (asked(Operator.NONE_OF, QUEUE), paths(QUEUE, QUEUE + "\\", MAIL), (MAIL,)),
    (asked(Operator.SET_EQUALS), paths(QUEUE, MAIL), ()),
    (asked(Operator.SET_EQUALS), paths(), ()),
    (asked(Operator.SET_EQUALS, QUEUE), paths(MAIL), (QUEUE,)),
    (asked(Operator.SET_EQUALS, QUEUE, also=(MAIL,)), paths("C:\\Else", MAIL.upper()), (MAIL.upper(), QUEUE)),
    (asked(Operator.CONTAINS, ".edb", of="ExclusionExtension"), paths("EDB"), ("EDB",)),
]


@pytest.mark.parametrize(("subject", "state", "left"), CASES)
def test_meaning(subject: Exclusions, state: State, left: tuple[str, ...]) -> None:
    after = KIND.after(subject, state)
    assert held_by(after) == held_by(state_of(left))
    same = set(held_by(state)) == set(left)
    assert KIND.verdict(subject, state) is (Verdict.COMPLIANT if same else Verdict.NON_COMPLIANT)
    assert KIND.verdict(subject, after) is Verdict.COMPLIANT
    assert KIND.after(subject, after) == after
    assert KIND.undone_now(state, after, after) == state or same
    assert KIND.verdict(subject, UNREADABLE) is Verdict.ERROR


def test_a_rollback_leaves_what_others_did_since() -> None:
    before, written = paths("C:\\A", "C:\\B"), paths("C:\\B", "C:\\C")
    assert KIND.undone_now(before, written, paths("c:\\c\\", "C:\\B", "C:\\D")) == paths("C:\\A", "C:\\B", "C:\\D")
    assert KIND.undone_now(before, written, paths()) == paths("C:\\A")
    assert KIND.undone_now(ABSENT, paths("C:\\A"), paths("C:\\A")) is ABSENT
    assert KIND.undone_now(ABSENT, Held(Kind.STRING, "block"), Held(Kind.STRING, "block")) is None


def any_of(random: Random) -> Exclusions:
    operator = random.choice([Operator.CONTAINS, Operator.NONE_OF, Operator.SET_EQUALS])
    members = random.sample("abcd", random.randrange(operator is not Operator.SET_EQUALS, 4))
    also = random.sample("abcd", random.randrange(3)) if operator is Operator.SET_EQUALS else []
    return asked(operator, *members, also=tuple(also))


def test_what_is_between_two_is_what_lists_show() -> None:
    """Against all lists of five members: e stands for any that nobody names."""
    random = Random("exclusions")
    every = [paths(*(one for one, held in zip("abcde", bits, strict=True) if held)) for bits in product((0, 1), repeat=5)]
    for _ in range(300):
        one, other = any_of(random), any_of(random)
        pleased = [{state for state in every if subject.holds(state)} for subject in (one, other)]
        assert KIND.contradict(one, other) is not (pleased[0] & pleased[1])
        assert KIND.contradict(one, other) is (not pleased[0] & pleased[1])
        assert KIND.implies(one, other) is (pleased[0] <= pleased[1])
        if KIND.agree(one, other):
            for state in every:
                there = KIND.after(other, KIND.after(one, state))
                assert one.holds(there), (one, other, state)


@pytest.mark.parametrize("subject", [one for one, _, _ in CASES])
def test_a_row_says_the_policy_s_words(subject: Exclusions) -> None:
    words = said_by(KIND.row(subject))
    assert words == KIND.words(subject, masked=False)
    assert lowered(words)[0] == subject
    assert said_by({**KIND.row(subject), "Strange": 1}) is None
    assert "Queue" not in f"{KIND.words(subject, masked=True)} {KIND.must(subject, masked=True)}"


def test_the_scripts_have_the_same_lists() -> None:
    text = KIND.functions()
    for name, path in LISTS.items():
        assert f"    {name} = '{path}', '" in text
        assert "Exclusion" in name  # by which scripts know a list
    assert key("C:\\A\\") == key("c:\\a")


def test_a_state_names_lists() -> None:
    found: list[Diagnostic] = []
    tree = {"lists": {"ExclusionPath": [MAIL, QUEUE], "ExclusionProcess": ["unreadable"]}}
    assert [(place.name, state) for place, state, _ in KIND.stated(tree, AT, found)] == [
        ("ExclusionPath", paths(QUEUE, MAIL)),
        ("ExclusionProcess", UNREADABLE),
    ]
    assert found == []
    assert (KIND.shown(paths(QUEUE, MAIL)), KIND.shown(paths())) == (f"{QUEUE}, {MAIL}", "empty")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{list: ExclusionPaths, set_equals: []}", "PC0206"),
        ("{list: ExclusionPath, equals: block}", "PC0209"),
        ("{list: ExclusionPath}", "PC0209"),
        ("{preference: PUAProtection, contains: [a]}", "PC0203"),
        ("{list: ExclusionPath, contains: [a], none_of: [b]}", "PC0209"),
        ("{list: ExclusionPath, contains: [a], equals: block}", "PC1506"),
        ("{preference: PUAProtection, equals: enabled, contains: [a]}", "PC1506"),
    ],
)
def test_the_shape_of_a_list(tmp_path: Path, said: str, code: str) -> None:
    assert errors(tmp_path, f"  one: {{title: One, defender: {said}}}\n") == [code]


def test_two_settings_of_a_list_meet(tmp_path: Path) -> None:
    none = "  none: {title: None, defender: {list: ExclusionPath, set_equals: []}}\n"
    some = f"  some: {{title: Some, defender: {{list: ExclusionPath, contains: ['{QUEUE}']}}}}\n"
    other = f"  other: {{title: Other, defender: {{list: ExclusionPath, none_of: ['{MAIL}']}}}}\n"
    assert errors(tmp_path, none + some) == ["PC0415"]
    assert errors(tmp_path, some + other) == []


assert isinstance(AT, Location)
assert isinstance(KIND, DefenderKind)
