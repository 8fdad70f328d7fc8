"""What a mitigation's setting means: verdicts, writes, rows, and what is between two settings and a value of the registry."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.driver.check import check
from policyc.evaluation import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.kinds.process_mitigation import ProcessMitigationKind, said_by
from policyc.kinds.process_mitigation.subject import WORDS, MitigationPlace, ProcessMitigation, field_of
from policyc.model import Kind, Location

KIND = ProcessMitigationKind()
PLACE = MitigationPlace("DEP", "a.exe")
SUBJECTS = [
    ProcessMitigation(PLACE, "equals", word, three, writes)
    for word, three, writes in product(WORDS, (True, False), (True, False))
]
SUBJECTS += [ProcessMitigation(PLACE, "not_equals", "off", three, writes) for three, writes in product((True, False), repeat=2)]
STATES: list[State] = [ABSENT, *(Held(Kind.DWORD, number) for number in range(17))]
PROJECT = "project: {name: Mitigations, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
BYTES = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\Winword.exe"
DEP = "process_mitigation: {mitigation: DEP, program: WINWORD.EXE, equals: on}"


def asked(value: str, asked: str = "equals", *, three: bool = False, writes: bool = True) -> ProcessMitigation:
    return ProcessMitigation(PLACE, asked, value, three, writes)


@pytest.mark.parametrize(
    ("subject", "compliant"),
    [
        (asked("on"), {1}),
        (asked("on", three=True), {1, 3}),
        (asked("off"), {2}),
        (asked("not_set"), {0, 16}),
        (asked("off", "not_equals"), {*range(17)} - {2}),
    ],
)
def test_verdicts(subject: ProcessMitigation, compliant: set[int]) -> None:
    held = {number for number in range(17) if KIND.verdict(subject, Held(Kind.DWORD, number)) is Verdict.COMPLIANT}
    assert held == compliant
    assert (KIND.verdict(subject, ABSENT) is Verdict.COMPLIANT) is (0 in compliant)
    assert KIND.verdict(subject, UNREADABLE) is Verdict.ERROR


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_remediation_satisfies_and_leaves_what_complies(subject: ProcessMitigation) -> None:
    for state in STATES:
        after = KIND.after(subject, state)
        assert KIND.verdict(subject, after) is Verdict.COMPLIANT
        if KIND.verdict(subject, state) is Verdict.COMPLIANT:
            assert after == state
        assert KIND.undone(subject, state, after) == state


def test_what_is_between_two_is_exact() -> None:
    for one, other in product(SUBJECTS, repeat=2):
        fields = range(16)
        assert KIND.contradict(one, other) is not any(one.holds(field) and other.holds(field) for field in fields)
        if KIND.implies(one, other):
            assert all(other.holds(field_of(KIND.after(one, Held(Kind.DWORD, field)))) for field in fields)
        if KIND.agree(one, other) and not KIND.contradict(one, other):
            assert all(other.holds(one.next(other.next(field))) for field in fields)
    assert KIND.contradict(asked("on"), asked("off", "not_equals")) is False
    assert KIND.contradict(asked("off"), asked("off", "not_equals"))
    assert KIND.violates(asked("off"), asked("on"))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_row_says_the_policy_s_words(subject: ProcessMitigation) -> None:
    words = said_by(KIND.row(subject))
    assert words == KIND.words(subject, masked=False)
    found: list[Diagnostic] = []
    again = KIND.lower({"title": "x", "process_mitigation": words}, Location(""), found, audit=not subject.writes)
    assert found == []
    assert again is not None
    assert (again.place, again.asked, again.value) == (subject.place, subject.asked, subject.value)


@pytest.mark.parametrize("row", [{}, {"Place": "DEP"}, {"Place": "DEP", "Equals": 3}, {"Place": "DEP", "Equals": 1, "More": 1}])
def test_a_row_of_nobody_s_is_none(row: dict[str, object]) -> None:
    assert said_by(row) is None


def test_data_is_hidden_where_it_is_sensitive() -> None:
    subject = asked("off")
    said = f"{KIND.words(subject, masked=True)} {KIND.must(subject, masked=True)} {KIND.written(subject, masked=True)}"
    assert "off" not in said
    assert KIND.hidden(KIND.plan_words(subject)) == {"equals", "not_equals"}


def project(folder: Path, **collections: str) -> list[Diagnostic]:
    (folder / "project.yaml").write_text(PROJECT, encoding="utf-8")
    for name, settings in collections.items():
        head = f"collection: {{name: {name}, limited_to: All Systems, members: {{devices: [PC-1]}}}}\nsettings:\n"
        (folder / f"{name}.yaml").write_text(head + settings, encoding="utf-8")
    return [one for one in check(folder, date(2026, 1, 31)).diagnostics if one.is_error]


def setting(id: str, words: str, more: str = "") -> str:
    return f"  {id}: {{title: A title, {words}{more}}}\n"


def registry(operator: str = 'equals: "00010000000000000000000000000000"', key: str = BYTES) -> str:
    return f"registry: {{key: '{key}', name: mitigationoptions, type: binary, {operator}}}"


def test_the_bytes_as_a_whole_meet_a_mitigation_in_them(tmp_path: Path) -> None:
    [one] = project(tmp_path, one=setting("dep", DEP) + setting("bytes", registry()))
    assert (one.code, one.location.path[1]) == ("PC1705", "bytes")
    assert "of which 'dep' changes one" in one.message


def test_they_meet_in_two_collections(tmp_path: Path) -> None:
    found = project(tmp_path, one=setting("dep", DEP), two=setting("bytes", registry()))
    assert [one.code for one in found] == ["PC1705"]
    assert "'dep' of 'one'" in found[0].message


@pytest.mark.parametrize(
    "other",
    [
        setting("bytes", registry(), ", remediate: false"),
        setting("bytes", registry(key=BYTES.replace("Winword", "Excel"))),
        setting("debugger", f"registry: {{key: '{BYTES}', name: Debugger, absent: true}}"),
    ],
)
def test_what_leaves_the_bytes_alone_does_not(tmp_path: Path, other: str) -> None:
    assert project(tmp_path, one=setting("dep", DEP) + other) == []


def test_a_key_that_is_to_be_absent_holds_no_mitigation(tmp_path: Path) -> None:
    absent = setting("key", f"registry: {{key: '{BYTES}', absent: true}}", ", remediate: false")
    assert [one.code for one in project(tmp_path, one=setting("dep", DEP) + absent)] == ["PC0418"]
    clear = DEP.replace("equals: on", "equals: not_set")
    assert project(tmp_path, one=setting("dep", clear) + absent) == []


def test_two_of_one_field_meet_whatever_the_case_of_the_program(tmp_path: Path) -> None:
    off = "process_mitigation: {mitigation: DEP, program: winword.exe, equals: off}"
    assert [one.code for one in project(tmp_path, one=setting("on", DEP) + setting("off", off))] == ["PC0415"]
