"""Laws of remediation and rollback, for settings and devices that nobody thought of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policyc.evaluation.device import KEY, Draft
from policyc.evaluation.state import ABSENT, UNREADABLE, Held
from policyc.evaluation.windows import BUILD
from policyc.model import (
    Append,
    Applicability,
    Condition,
    CreateKey,
    DeleteValue,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    SetValue,
    View,
)
from policyc.simulation.outcomes import Result, remediated, simulate
from policyc.simulation.rollback import rolled_back
from registry_settings import registry_setting

USERS = ("anna", "bert")
KEYS = [
    (Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example"),
    (Hive.MACHINE, View.BITS_32, "SOFTWARE\\Example"),
    (Hive.MACHINE, View.BITS_64, "software\\EXAMPLE\\Below"),
    (Hive.MACHINE, View.BITS_32, "SOFTWARE\\Classes\\CLSID\\{1}"),
    (Hive.USER, View.BITS_64, "Software\\Example"),
]
PLACES = st.builds(lambda key, name: Place(*key, name), st.sampled_from(KEYS), st.sampled_from(["", "A", "a", "B"]))
TEXTS = st.sampled_from(["", "a", "A", "x"])
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
ASKED = st.lists(TEXTS.filter(bool), max_size=3).map(tuple)
"""A policy's elements: none is empty."""
NUMBERS = st.sampled_from([0, 1, 5, 2**32 - 1])
HELD = st.one_of(
    NUMBERS.map(lambda data: Held(Kind.DWORD, data)),
    NUMBERS.map(lambda data: Held(Kind.QWORD, data)),
    TEXTS.map(lambda data: Held(Kind.STRING, data)),
    LISTS.map(lambda data: Held(Kind.MULTI_STRING, data)),
    st.binary(max_size=2).map(lambda data: Held(None, data)),
    st.just(UNREADABLE),
)


def setting(place, operator, operands, kind, write, **more):
    return registry_setting("a", "A", place, Condition(operator, operands), Location("a.yaml"), kind=kind, write=write, **more)


def numbers(place, number, default, pin, build, write):
    limits = Applicability(from_build=build)
    return setting(
        place, Operator.AT_LEAST, (number,), Kind.DWORD, SetValue(number) if write else None,
        default=default, pin=pin and default is not None, applies_to=limits,
    )  # fmt: skip


SETTINGS = st.one_of(
    st.builds(
        numbers, PLACES, NUMBERS, st.none() | NUMBERS, st.booleans(), st.none() | st.sampled_from([1, 30000]), st.booleans()
    ),
    st.builds(lambda at, data: setting(at, Operator.EQUALS, (data,), Kind.STRING, SetValue(data)), PLACES, TEXTS),
    st.builds(lambda at, data: setting(at, Operator.CONTAINS, data, Kind.MULTI_STRING, Append(data)), PLACES, ASKED),
    st.builds(lambda at: setting(at, Operator.ABSENT, (), None, DeleteValue()), PLACES),
    st.sampled_from(KEYS).map(lambda key: setting(Place(*key, None), Operator.PRESENT, (), None, CreateKey())),
    st.sampled_from(KEYS).map(lambda key: setting(Place(*key, None), Operator.ABSENT, (), None, None)),
)


@st.composite
def devices(draw):
    draft = Draft()
    draft.put(BUILD, None, Held(Kind.STRING, "22631"))
    users = draw(st.sampled_from([(), USERS[:1], USERS]))
    for user in users:
        draft.load_user(user)
    for place, state in draw(st.lists(st.tuples(PLACES, HELD), max_size=6)):
        for user in users if place.hive is Hive.USER else (None,):
            if draw(st.booleans()):
                draft.put(place, user, state)
    return draft.device()


def one_a_place(settings):
    """Settings that can't fight."""
    return list({one.subject.place.identity: one for one in settings}.values())


@given(settings=st.lists(SETTINGS, max_size=6).map(one_a_place), device=devices())
def test_a_remediation_mends_all_that_it_may_and_a_second_one_does_nothing(settings, device):
    before = simulate(settings, device)
    after = remediated(device, before)
    again = simulate(settings, after)
    assert [one.writes for one in again] == [()] * len(settings)
    for first, second in zip(before, again, strict=True):
        if first.setting.remediated and first.verdict is Result.NON_COMPLIANT:
            assert second.verdict is Result.COMPLIANT
        if first.verdict is Result.ERROR:
            assert second.verdict is Result.ERROR
        assert (first.verdict is Result.NOT_APPLICABLE) == (not first.applies)


@given(settings=st.lists(SETTINGS, max_size=6), device=devices())
def test_a_rollback_gives_back_what_was_there(settings, device):
    outcomes = simulate(settings, device)
    back = rolled_back(device, outcomes, remediated(device, outcomes))
    assert back.left == ()
    assert back.device.holds_the_same(device)


@given(settings=st.lists(SETTINGS, max_size=6).map(one_a_place), device=devices(), data=st.data())
def test_a_rollback_leaves_what_others_have_changed(settings, device, data):
    outcomes = simulate(settings, device)
    writes = [write for one in outcomes for write in one.writes if write.place.name is not None]
    if not writes:
        return
    changed = data.draw(st.sampled_from(writes))
    state = data.draw(HELD.filter(lambda one: one not in (changed.before, changed.after)))
    draft = Draft(remediated(device, outcomes))
    draft.put(changed.place, changed.user, state)
    back = rolled_back(device, outcomes, draft.device())
    assert back.left == (changed,)
    assert back.device.state(changed.place, changed.user) == state
    for write in writes:
        if write != changed:
            assert back.device.state(write.place, write.user) == write.before


@given(settings=st.lists(SETTINGS, max_size=4), device=devices())
def test_the_device_that_comes_in_stays_as_it_is(settings, device):
    held = {at: dict(key.values) for at, key in device.keys.items()}
    remediated(device, simulate(settings, device))
    assert {at: dict(key.values) for at, key in device.keys.items()} == held


@given(held=st.lists(st.tuples(PLACES, HELD), max_size=6))
def test_above_each_key_stand_keys(held):
    draft = Draft()
    for place, state in held:
        draft.put(place, "anna" if place.hive is Hive.USER else None, state)
    device = draft.device()
    for place, _ in held:
        user = "anna" if place.hive is Hive.USER else None
        assert device.state(Place(place.hive, place.view, place.key, None), user) == KEY
        top = Place(place.hive, View.BITS_64, "SOFTWARE", None)
        assert device.state(top, user) == KEY or device.state(Place(place.hive, View.BITS_32, "SOFTWARE", None), user) == KEY
        draft.put(Place(place.hive, place.view, place.key, None), user, ABSENT)
        assert draft.device().state(place, user) is ABSENT
