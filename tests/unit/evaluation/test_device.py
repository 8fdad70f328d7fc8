"""Imagined devices: what stands where, what a simulation says, what a remediation and a rollback make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyc.evaluation.device import KEY, Device, Draft
from policyc.evaluation.state import ABSENT, UNREADABLE, Held
from policyc.evaluation.windows import BUILD, INSTALLATION_TYPE, UnknownWindowsError, applies
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
    Role,
    SetValue,
    View,
)
from policyc.simulation.outcomes import Result, Write, remediated, simulate
from policyc.simulation.rollback import rolled_back
from registry_settings import registry_setting

MACHINE = Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", "Name")
USER = Place(Hive.USER, View.BITS_64, "Software\\Example", "Name")


def setting(operator, *operands, at=MACHINE, kind=Kind.DWORD, id="a", **more):
    return registry_setting(id, "A", at, Condition(operator, operands), Location("a.yaml"), kind=kind, **more)


def at_least_5(**more):
    return setting(Operator.AT_LEAST, 5, write=SetValue(5), **more)


def number(data):
    return Held(Kind.DWORD, data)


def device(*held, users=()):
    draft = Draft()
    for user in users:
        draft.load_user(user)
    for place, user, state in held:
        draft.put(place, user, state)
    return draft.device()


def all_states(one):
    return {
        (at, name): state for at, key in one.keys.items() for name, (_, state) in [*key.values.items(), (None, (None, KEY))]
    }


def test_a_place_is_found_however_it_is_spelled():
    one = device((MACHINE, None, number(1)))
    assert one.state(Place(Hive.MACHINE, View.BITS_64, "software\\EXAMPLE", "nAME")) == number(1)
    assert one.state(Place(Hive.MACHINE, View.BITS_64, "software", None)) == KEY
    assert one.state(Place(Hive.MACHINE, View.BITS_32, "SOFTWARE\\Example", "Name")) is ABSENT
    assert one.state(Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", "")) is ABSENT
    assert one.state(Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Other", None)) is ABSENT


def test_above_a_key_of_the_32_bit_view_stands_the_shared_one():
    one = device((Place(Hive.MACHINE, View.BITS_32, "SOFTWARE\\Classes\\CLSID\\{1}", None), None, KEY))
    assert one.state(Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Classes", None)) == KEY
    assert one.state(Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Classes\\CLSID", None)) is ABSENT
    assert one.state(Place(Hive.MACHINE, View.BITS_32, "SOFTWARE\\Classes\\CLSID", None)) == KEY
    draft = Draft(one)
    draft.put(Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Classes", None), None, ABSENT)
    assert [at for at in draft.device().keys if "CLASSES" in at[2]] == []


def test_users_hold_things_of_their_own():
    one = device((USER, "anna", number(1)), users=["anna", "bert"])
    assert one.state(USER, "anna") == number(1)
    assert one.state(USER, "bert") is ABSENT


def test_what_isnt_there_isnt_compliant_and_is_written_with_its_key():
    found = simulate([at_least_5()], Device())
    assert found[0].verdict is Result.NON_COMPLIANT
    assert found[0].writes == (Write(MACHINE, None, ABSENT, number(5)),)
    after = remediated(Device(), found)
    assert after.state(MACHINE) == number(5)
    assert simulate([at_least_5()], after)[0].verdict is Result.COMPLIANT
    assert rolled_back(Device(), found, after).device == Device()


def test_a_setting_of_users_is_judged_for_each():
    one = device((USER, "anna", number(1)), (USER, "bert", number(7)), users=["anna", "bert", "cleo"])
    (found,) = simulate([at_least_5(at=USER)], one)
    assert [(finding.user, finding.verdict) for finding in found.findings] == [
        ("anna", "non-compliant"),
        ("bert", "compliant"),
        ("cleo", "non-compliant"),
    ]
    assert [(write.user, write.before, write.after) for write in found.writes] == [
        ("anna", number(1), number(5)),
        ("cleo", ABSENT, number(5)),
    ]
    assert found.verdict is Result.NON_COMPLIANT


def test_without_a_loaded_user_a_setting_of_users_is_compliant():
    (found,) = simulate([at_least_5(at=USER)], Device())
    assert (found.verdict, found.findings, found.writes) == (Result.COMPLIANT, (), ())


def test_one_users_unreadable_value_is_an_error_and_the_others_are_mended():
    one = device((USER, "anna", UNREADABLE), users=["anna", "bert"])
    (found,) = simulate([at_least_5(at=USER)], one)
    assert found.verdict is Result.ERROR
    assert [write.user for write in found.writes] == ["bert"]


def test_a_reported_setting_writes_nothing():
    (found,) = simulate([setting(Operator.EQUALS, 1)], Device())
    assert (found.verdict, found.writes) == (Result.NON_COMPLIANT, ())


def test_two_settings_complete_one_list():
    names = Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", "List")
    one = setting(Operator.CONTAINS, "a", at=names, kind=Kind.MULTI_STRING, write=Append(("a",)))
    two = setting(Operator.CONTAINS, "b", at=names, kind=Kind.MULTI_STRING, write=Append(("b",)), id="b")
    found = simulate([one, two], Device())
    assert [write.before for outcome in found for write in outcome.writes] == [ABSENT, Held(Kind.MULTI_STRING, ("a",))]
    assert remediated(Device(), found).state(names) == Held(Kind.MULTI_STRING, ("a", "b"))


def test_what_another_setting_has_just_written_is_not_written_again():
    one, two = at_least_5(), at_least_5(id="again")
    first, second = simulate([one, two], Device())
    assert (first.verdict, second.verdict) == (Result.NON_COMPLIANT, Result.NON_COMPLIANT)
    assert (len(first.writes), second.writes) == (1, ())


def test_a_key_that_another_setting_has_made_is_not_made_again():
    key = replace(MACHINE, name=None)
    made = setting(Operator.PRESENT, at=key, kind=None, write=CreateKey(), id="made")
    first, second = simulate([at_least_5(), made], Device())
    assert (len(first.writes), second.writes) == (1, ())
    assert [len(one.writes) for one in simulate([made, at_least_5()], Device())] == [1, 1]


WINDOWS_11 = [(BUILD, None, Held(Kind.STRING, "22631")), (INSTALLATION_TYPE, None, Held(Kind.STRING, "Client"))]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Applicability(), True),
        (Applicability(from_build=22631), True),
        (Applicability(from_build=22632), False),
        (Applicability(before_build=22632), True),
        (Applicability(before_build=22631), False),
        (Applicability(role=Role.WORKSTATION), True),
        (Applicability(role=Role.SERVER), False),
    ],
)
def test_applies_to(limits, expected):
    assert applies(limits, device(*WINDOWS_11)) is expected
    (found,) = simulate([at_least_5(applies_to=limits)], device(*WINDOWS_11))
    assert (found.verdict is Result.NOT_APPLICABLE) is not expected
    assert bool(found.writes) is expected


@pytest.mark.parametrize(
    "build", [ABSENT, UNREADABLE, Held(Kind.STRING, "22631.1"), Held(Kind.STRING, ""), Held(Kind.BINARY, b"")]
)
def test_a_build_that_cant_be_read_stops_everything(build):
    one = device((BUILD, None, build))
    with pytest.raises(UnknownWindowsError, match="the build of Windows could not be read"):
        simulate([at_least_5(), at_least_5(applies_to=Applicability(role=Role.SERVER))], one)
    assert simulate([at_least_5()], one)


@pytest.mark.parametrize("build", [Held(Kind.STRING, " 22631 "), number(22631), Held(Kind.MULTI_STRING, ("22631",))])
def test_a_build_in_another_kind_is_read_as_powershell_does(build):
    assert applies(Applicability(from_build=22631, before_build=22632), device((BUILD, None, build)))


def test_the_kind_of_windows_is_asked_only_where_it_matters():
    one = device((BUILD, None, Held(Kind.STRING, "22631")))
    assert not applies(Applicability(from_build=30000, role=Role.SERVER), one)
    with pytest.raises(UnknownWindowsError, match="the kind of Windows could not be read"):
        applies(Applicability(role=Role.SERVER), one)
    assert applies(
        Applicability(role=Role.SERVER), device((INSTALLATION_TYPE, None, Held(Kind.STRING, "Server Core")), *WINDOWS_11[:1])
    )


def test_a_rollback_gives_back_values_and_takes_made_keys_away():
    other = Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example\\Deep\\Deeper", "Gone")
    settings = [
        at_least_5(),
        setting(Operator.ABSENT, at=other, kind=None, write=DeleteValue(), id="b"),
        setting(
            Operator.PRESENT, at=Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\New\\Key", None), kind=None, write=CreateKey()
        ),
    ]
    before = device((MACHINE, None, Held(Kind.STRING, "x")), (other, None, Held(None, b"\x01")))
    found = simulate(settings, before)
    after = remediated(before, found)
    assert [one.verdict for one in simulate(settings, after)] == ["compliant"] * 3
    back = rolled_back(before, found, after)
    assert (all_states(back.device), back.left) == (all_states(before), ())


def test_a_rollback_leaves_what_others_have_changed():
    found = simulate([at_least_5()], Device())
    now = device((MACHINE, None, number(9)))
    back = rolled_back(Device(), found, now)
    assert (back.device, back.left) == (now, found[0].writes)
    assert rolled_back(Device(), found, now, force=True).device == Device()


def test_a_rollback_keeps_a_made_key_in_which_something_else_is():
    found = simulate([at_least_5()], Device())
    elses = Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", "Else")
    draft = Draft(remediated(Device(), found))
    draft.put(elses, None, number(1))
    assert rolled_back(Device(), found, draft.device()).device == device((elses, None, number(1)))


def test_what_is_unreadable_or_not_loaded_stays():
    before = device(users=["anna"])
    found = simulate([at_least_5(), at_least_5(at=USER)], before)
    now = device((MACHINE, None, UNREADABLE))
    assert rolled_back(before, found, now, force=True).left == (found[0].writes[0], found[1].writes[0])


def test_a_user_who_left_is_told_and_no_failure():
    before = device(users=["anna", "bert"])
    found = simulate([at_least_5(at=USER)], before)
    anna, bert = found[0].writes
    back = rolled_back(before, found, device(users=[]), profiles=["bert"])
    assert (back.left, back.gone) == ((bert,), (anna,))
    assert rolled_back(before, found, device(users=[])).left == (anna, bert)
    assert rolled_back(before, found, remediated(before, found), profiles=[]).gone == ()


@pytest.mark.parametrize(("at", "users", "most"), [(MACHINE, [], 2**20), (USER, ["anna"], 2**16)])
def test_what_the_journal_does_not_keep_is_not_written(at, users, most):
    for size in (most, most + 2):
        held = device((at, users[0] if users else None, Held(Kind.STRING, "x" * (size // 2))), users=users)
        [found] = simulate([at_least_5(at=at)], held)
        assert found.verdict == "non-compliant"
        assert len(found.writes) == (1 if size == most else 0)


def test_cleared_on_undo():
    tag = setting(Operator.EQUALS, "x", kind=Kind.STRING, write=SetValue("x"), clear_on_undo=True)
    found = simulate([tag], Device())
    after = remediated(Device(), found)
    assert rolled_back(Device(), found, after).device.state(MACHINE) == Held(Kind.STRING, "")
    held = device((MACHINE, None, Held(Kind.STRING, "old")))
    found = simulate([tag], held)
    assert rolled_back(held, found, remediated(held, found)).device == held


def test_a_value_written_twice_goes_back_to_what_was_first():
    one, two = at_least_5(), setting(Operator.AT_LEAST, 7, write=SetValue(7), id="b")
    before = device((MACHINE, None, number(1)))
    found = simulate([one, two], before)
    after = remediated(before, found)
    assert after.state(MACHINE) == number(7)
    assert rolled_back(before, found, after).device == before
