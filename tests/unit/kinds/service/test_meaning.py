"""What a service's setting means: verdicts, writes, what goes back, and what is between two settings."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.evaluation import ABSENT, UNREADABLE, State, Verdict
from policyc.kinds.registry.places import KeyPlace, parse_key
from policyc.kinds.service import ServiceKind, said_by
from policyc.kinds.service.installed import Installed, installed
from policyc.kinds.service.subject import Running, Service, ServicePlace, Startup
from policyc.model import Place

KIND = ServiceKind()
STARTS = [(2, False), (2, True), (3, False), (4, False)]
SERVICES = [Installed(start, delayed, running) for (start, delayed), running in product(STARTS, (True, False))]
DRIVERS = [Installed(start, delayed=False, running=None) for start in range(5)]
STATES: list[State] = [ABSENT, UNREADABLE, *(one.state for one in [*SERVICES, *DRIVERS])]
SUBJECTS = [
    Service(ServicePlace("Fax"), startup, running, missing, writes)
    for startup, running, missing, writes in product([None, *Startup], [None, *Running], (True, False), (True, False))
    if (startup or running) and not (startup is Startup.DISABLED and running is Running.RUNNING)
]
subjects = st.sampled_from(SUBJECTS)
states = st.sampled_from(STATES)


def asked(startup: str | None = None, state: str | None = None, *, missing: bool = False, writes: bool = True) -> Service:
    return Service(ServicePlace("Fax"), startup and Startup(startup), state and Running(state), missing, writes)


@pytest.mark.parametrize(
    ("subject", "held", "verdict"),
    [
        (asked("disabled"), "disabled;running", Verdict.COMPLIANT),
        (asked("disabled"), "manual;stopped", Verdict.NON_COMPLIANT),
        (asked("automatic"), "delayed;running", Verdict.NON_COMPLIANT),
        (asked("delayed"), "delayed;stopped", Verdict.COMPLIANT),
        (asked("disabled", "stopped"), "disabled;running", Verdict.NON_COMPLIANT),
        (asked(state="running"), "manual;running", Verdict.COMPLIANT),
        (asked("disabled"), "disabled", Verdict.COMPLIANT),
        (asked("disabled"), "boot", Verdict.NON_COMPLIANT),
        (asked("disabled", "stopped"), "disabled", Verdict.ERROR),
    ],
)
def test_verdicts(subject: Service, held: str, verdict: Verdict) -> None:
    [state] = [one.state for one in [*SERVICES, *DRIVERS] if getattr(one.state, "data", "") == held]
    assert KIND.verdict(subject, state) is verdict


def test_what_is_not_there_or_not_read() -> None:
    assert KIND.verdict(asked("disabled", missing=True), ABSENT) is Verdict.COMPLIANT
    assert KIND.verdict(asked("disabled"), ABSENT) is Verdict.NON_COMPLIANT
    assert KIND.verdict(asked("disabled", missing=True), UNREADABLE) is Verdict.ERROR
    assert not KIND.is_kept(ABSENT, None)


@given(subjects, states)
def test_a_remediation_satisfies_and_changes_no_more_than_is_asked(subject: Service, state: State) -> None:
    if KIND.verdict(subject, state) is not Verdict.NON_COMPLIANT or state is ABSENT:
        return
    before, after = installed(state), installed(KIND.after(subject, state))
    assert before is not None
    assert after is not None
    if after.start == 4 and subject.running is Running.RUNNING:
        # Nobody can start it.
        assert after == before
        return
    assert KIND.verdict(subject, after.state) is Verdict.COMPLIANT
    if subject.startup is None:
        assert (after.start, after.delayed) == (before.start, before.delayed)
    if subject.running is None:
        assert after.running == before.running


@given(subjects, states)
def test_what_was_changed_goes_back(subject: Service, state: State) -> None:
    before = installed(state)
    if before is None:
        return
    undone = installed(KIND.undone(subject, state, KIND.after(subject, state)))
    assert undone is not None
    assert (undone.start, undone.delayed) == (before.start, before.delayed)
    if undone.running != before.running:
        # It was disabled and ran, and policy stopped it: nobody can start it.
        assert (before.start, before.running, subject.running) == (4, True, Running.STOPPED)


@pytest.mark.parametrize(
    ("before", "written", "now", "left"),
    [
        ("automatic;running", "disabled;stopped", "disabled;stopped", "automatic;running"),
        ("automatic;running", "disabled;stopped", "disabled;running", "automatic;running"),
        ("automatic;stopped", "disabled;stopped", "disabled;running", "automatic;running"),
        ("automatic;running", "automatic;stopped", "manual;stopped", "manual;running"),
        ("automatic;running", "automatic;stopped", "disabled;stopped", "disabled;stopped"),
        ("disabled;running", "disabled;stopped", "disabled;stopped", "disabled;stopped"),
        ("manual;stopped", "automatic;running", "automatic;running", "manual;stopped"),
        ("automatic;running", "disabled;stopped", "manual;stopped", None),
        ("boot", "disabled", "disabled", "boot"),
    ],
)
def test_each_part_goes_back_by_itself(before: str, written: str, now: str, left: str | None) -> None:
    by_text = {getattr(state, "data", ""): state for state in STATES}
    assert KIND.undone_now(by_text[before], by_text[written], by_text[now]) == (None if left is None else by_text[left])


def test_of_what_was_removed_since_nothing_goes_back() -> None:
    automatic, disabled = Installed(2, delayed=False, running=True).state, Installed(4, delayed=False, running=False).state
    assert KIND.undone_now(automatic, disabled, ABSENT) is ABSENT


@given(subjects, states, states)
def test_a_second_rollback_finds_nothing_to_do(subject: Service, before: State, now: State) -> None:
    written = KIND.after(subject, before)
    left = KIND.undone_now(before, written, now)
    if left is not None and installed(now) and installed(before):
        assert KIND.undone_now(before, written, left) in (left, None)


def test_no_policy_installs_a_service() -> None:
    assert KIND.after(asked("automatic", "running"), ABSENT) is ABSENT


@given(subjects, subjects, states)
def test_implication_is_proved(one: Service, other: Service, state: State) -> None:
    if KIND.implies(one, other) and KIND.verdict(one, state) is Verdict.COMPLIANT and state != ABSENT:
        assert KIND.verdict(other, state) is not Verdict.NON_COMPLIANT
    if KIND.implies(one, other) and KIND.verdict(one, ABSENT) is Verdict.COMPLIANT:
        assert KIND.verdict(other, ABSENT) is Verdict.COMPLIANT


@given(subjects, subjects)
def test_contradiction_is_sure_and_agreement_settles(one: Service, other: Service) -> None:
    both = [s for s in STATES if KIND.verdict(one, s) is KIND.verdict(other, s) is Verdict.COMPLIANT]
    durable = [s for s in both if (held := installed(s)) is None or not (held.start == 4 and held.running)]
    if KIND.contradict(one, other):
        assert durable == []
    if KIND.agree(one, other):
        for service in SERVICES:
            first = KIND.after(other, KIND.after(one, service.state))
            # A service that is disabled until the second one comes is started by the next run.
            second = KIND.after(one, KIND.after(other, KIND.after(one, KIND.after(other, service.state))))
            assert first == second or KIND.after(other, KIND.after(one, first)) == second
    assert KIND.contradict(one, other) is KIND.contradict(other, one)
    assert KIND.agree(one, other) is KIND.agree(other, one)


@pytest.mark.parametrize(
    ("writer", "judge", "violates"),
    [
        (asked("disabled"), asked("manual"), True),
        (asked("disabled"), asked("disabled", "stopped"), False),
        (asked("disabled"), asked(state="running"), True),
        (asked(state="stopped"), asked(state="running"), True),
        (asked(state="running"), asked("disabled"), True),
        (asked("disabled", writes=False), asked("manual"), False),
        (asked("delayed"), asked("automatic"), True),
        (asked("manual"), asked(state="stopped"), False),
    ],
)
def test_whose_write_fails_whom(writer: Service, judge: Service, violates: bool) -> None:
    assert KIND.violates(writer, judge) is violates


def test_who_covers_whom() -> None:
    whole, part = asked("disabled", "stopped"), asked("disabled")
    assert KIND.covers(whole, whole)
    assert KIND.covers(whole, asked("disabled", "stopped", writes=False))
    assert not KIND.covers(asked("disabled", "stopped", writes=False), whole)
    assert not KIND.covers(whole, part)


@pytest.mark.parametrize(
    "key",
    [
        r"HKLM\SYSTEM\CurrentControlSet\Services\Fax",
        r"HKEY_LOCAL_MACHINE\System\ControlSet001\services\FAX",
    ],
)
def test_the_registry_s_value_is_the_same_place(key: str) -> None:
    place = parse_key(key, None)
    assert isinstance(place, KeyPlace)
    of_registry = {name: Place(place.hive, place.view, place.key, name).identity for name in ("Start", "Type")}
    assert of_registry["Start"] == ServicePlace("fax").identity
    assert of_registry["Type"] != ServicePlace("fax").identity


def test_the_keys_above_it() -> None:
    above = list(KIND.above(asked("disabled")))
    assert above[0] == ("HKLM", 64, r"SYSTEM\CURRENTCONTROLSET\SERVICES\FAX", None)
    assert above[-1] == ("HKLM", 64, "SYSTEM", None)
    assert KIND.needs_above(asked("automatic"))
    assert not KIND.needs_above(asked("disabled", missing=True))


@pytest.mark.parametrize(
    ("subject", "must", "written"),
    [
        (
            asked("disabled", "stopped", missing=True),
            "be disabled and stopped; not installed counts as that",
            "disables it and stops it",
        ),
        (asked("automatic", "running"), "be automatic and running", "sets it to automatic and starts it"),
        (asked("delayed"), "be delayed", "sets it to automatic, delayed"),
        (asked(state="stopped", writes=False), "be stopped", "only reported"),
    ],
)
def test_words(subject: Service, must: str, written: str) -> None:
    assert KIND.must(subject, masked=False) == must
    assert KIND.written(subject, masked=False) == written
    assert "(sensitive)" in KIND.must(subject, masked=True)
    for word in ("disabled", "automatic", "running", "stopped", "delayed"):
        assert word not in KIND.must(subject, masked=True)
        assert word not in str(KIND.words(subject, masked=True))


def test_a_row_says_what_the_policy_says() -> None:
    assert KIND.row(asked("disabled", "stopped", missing=True)) == {
        "Place": "Fax", "Startup": "disabled", "State": "stopped", "Missing": True
    }  # fmt: skip
    assert KIND.row(asked(state="running")) == {"Place": "Fax", "State": "running"}


@given(subjects)
def test_a_row_is_read_back(subject: Service) -> None:
    words = said_by(KIND.row(subject))
    assert words == KIND.words(subject, masked=False)


@pytest.mark.parametrize(
    "row", [{}, {"Place": "Fax", "Startup": "never"}, {"Startup": "manual"}, {"Place": "Fax", "Startup": "manual", "More": 1}]
)
def test_another_row_is_none_of_ours(row: dict[str, object]) -> None:
    assert said_by(row) is None
