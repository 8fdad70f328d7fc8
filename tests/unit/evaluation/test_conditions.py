"""The meaning of each condition, absence, wrong kinds, and what a remediation leaves."""

from __future__ import annotations

import pytest

from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict, after, satisfies, verdict
from policyc.model import (
    Append,
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
from registry_settings import registry_setting

PLACE = Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", "Name")


def setting(operator, *operands, kind=Kind.DWORD, **more):
    exact = more.pop("exact_case", False)
    return registry_setting("a", "A", PLACE, Condition(operator, operands, exact), Location("a.yaml"), kind=kind, **more)


def number(data):
    return Held(Kind.DWORD, data)


@pytest.mark.parametrize(
    ("operator", "operands", "kind", "yes", "no"),
    [
        ("equals", (0,), Kind.DWORD, [0], [1]),
        ("equals", (2**64 - 1,), Kind.QWORD, [2**64 - 1], [0]),
        ("equals", ("",), Kind.STRING, [""], [" "]),
        ("equals", ("straße",), Kind.STRING, ["STRAßE"], ["STRASSE"]),
        ("equals", (("a", "B"),), Kind.MULTI_STRING, [("A", "b")], [("B", "a"), ("a",), ()]),
        ("equals", ((),), Kind.MULTI_STRING, [()], [("a",)]),
        ("equals", (b"\x00",), Kind.BINARY, [b"\x00"], [b"", b"\x00\x00"]),
        ("not_equals", (5,), Kind.DWORD, [0, 6], [5]),
        ("at_least", (5,), Kind.DWORD, [5, 0xFFFFFFFF], [4]),
        ("at_most", (5,), Kind.DWORD, [5, 0], [6, 0xFFFFFFFF]),
        ("between", (3, 5), Kind.DWORD, [3, 5], [2, 6]),
        ("one_of", ("a", "b"), Kind.STRING, ["B"], ["", "c"]),
        ("none_of", ("a", "b"), Kind.EXPAND_STRING, ["", "%a%"], ["A"]),
        ("one_of", (("a",), ()), Kind.MULTI_STRING, [(), ("A",)], [("b",)]),
        ("matches", ("a[b-d]+",), Kind.STRING, ["ABCD"], ["a", "xab"]),
        ("contains", ("a", "b"), Kind.MULTI_STRING, [("B", "x", "A")], [("a",), ()]),
        ("set_equals", ("a", "b"), Kind.MULTI_STRING, [("B", "A", "a")], [("a",), ("a", "b", "c")]),
        ("present", (), Kind.DWORD, [0], []),
        ("absent", (), Kind.DWORD, [], [0]),
    ],
)
def test_satisfies(operator, operands, kind, yes, no):
    condition = Condition(Operator(operator), operands)
    assert [satisfies(condition, kind, data) for data in yes] == [True] * len(yes)
    assert [satisfies(condition, kind, data) for data in no] == [False] * len(no)


def test_exact_case():
    assert not satisfies(Condition(Operator.EQUALS, ("a",), exact_case=True), Kind.STRING, "A")
    assert not satisfies(Condition(Operator.CONTAINS, ("a",), exact_case=True), Kind.MULTI_STRING, ("A",))


@pytest.mark.parametrize("operator", Operator)
def test_absence_without_default(operator):
    operands = {"between": (1, 2), "matches": ("a",)}.get(operator, () if operator in ("present", "absent") else (1,))
    assert satisfies(Condition(operator, operands), Kind.DWORD, None) is (operator in ("absent", "not_equals", "none_of"))


@pytest.mark.parametrize("operator", [Operator.EQUALS, Operator.NOT_EQUALS, Operator.NONE_OF, Operator.AT_LEAST])
def test_a_wrong_kind_fails_whatever_it_holds(operator):
    assert verdict(setting(operator, 5).subject, Held(Kind.STRING, "7")) is Verdict.NON_COMPLIANT
    assert verdict(setting(operator, 5).subject, Held(Kind.QWORD, 7)) is Verdict.NON_COMPLIANT
    assert verdict(setting(operator, 5).subject, Held(None, b"")) is Verdict.NON_COMPLIANT


def test_any_kind_is_presence():
    assert verdict(setting(Operator.PRESENT, kind=None).subject, Held(None, b"")) is Verdict.COMPLIANT
    assert verdict(setting(Operator.PRESENT, kind=Kind.DWORD).subject, Held(Kind.STRING, "")) is Verdict.COMPLIANT
    assert verdict(setting(Operator.ABSENT, kind=None).subject, Held(Kind.STRING, "")) is Verdict.NON_COMPLIANT
    assert verdict(setting(Operator.ABSENT, kind=None).subject, ABSENT) is Verdict.COMPLIANT


@pytest.mark.parametrize(("operator", "expected"), [("equals", "error"), ("absent", "error"), ("present", "compliant")])
def test_what_cannot_be_read_is_an_error_and_stays(operator, expected):
    judged = setting(Operator(operator), *((1,) if operator == "equals" else ()), write=SetValue(1))
    assert verdict(judged.subject, UNREADABLE) == expected
    assert after(judged.subject, UNREADABLE) is UNREADABLE


@pytest.mark.parametrize(
    ("operator", "operand", "default", "pin", "expected"),
    [
        (Operator.NOT_EQUALS, 5, 5, False, Verdict.NON_COMPLIANT),
        (Operator.NOT_EQUALS, 5, 3, False, Verdict.COMPLIANT),
        (Operator.EQUALS, 0, 0, False, Verdict.COMPLIANT),
        (Operator.EQUALS, 0, 0, True, Verdict.NON_COMPLIANT),
        (Operator.AT_LEAST, 5, 3, False, Verdict.NON_COMPLIANT),
    ],
)
def test_absence_with_default(operator, operand, default, pin, expected):
    assert verdict(setting(operator, operand, default=default, pin=pin).subject, ABSENT) is expected


@pytest.mark.parametrize(
    ("judged", "before", "left"),
    [
        (setting(Operator.AT_LEAST, 5, write=SetValue(5)), number(9), number(9)),
        (setting(Operator.AT_LEAST, 5, write=SetValue(5)), number(4), number(5)),
        (setting(Operator.AT_LEAST, 5, write=SetValue(5)), Held(Kind.STRING, "9"), number(5)),
        (setting(Operator.EQUALS, 0, default=0, write=SetValue(0)), ABSENT, ABSENT),
        (setting(Operator.EQUALS, 0, default=0, pin=True, write=SetValue(0)), ABSENT, number(0)),
        (setting(Operator.EQUALS, 1), number(0), number(0)),
        (setting(Operator.ABSENT, write=DeleteValue()), Held(Kind.STRING, ""), ABSENT),
        (setting(Operator.PRESENT, kind=None, write=CreateKey()), ABSENT, Held(None, None)),
    ],
)
def test_after(judged, before, left):
    assert after(judged.subject, before) == left


@pytest.mark.parametrize(
    ("before", "default", "left"),
    [
        (Held(Kind.MULTI_STRING, ("x", "A")), None, ("x", "A", "b")),
        (Held(Kind.MULTI_STRING, ()), ("x",), ("a", "b")),
        (Held(Kind.STRING, "x"), None, ("a", "b")),
        (ABSENT, None, ("a", "b")),
        (ABSENT, ("x", "b"), ("x", "b", "a")),
        (Held(Kind.MULTI_STRING, ("x", "", "a", "b")), None, ("x", "a", "b")),
        (Held(Kind.MULTI_STRING, ("A", "")), None, ("A", "b")),
        (Held(Kind.MULTI_STRING, ("", "x")), None, ("a", "b")),
        (Held(Kind.MULTI_STRING, ("",)), ("x",), ("a", "b")),
    ],
)
def test_append_keeps_what_is_there(before, default, left):
    elements = ("a", "b", "B")
    judged = setting(Operator.CONTAINS, *elements, kind=Kind.MULTI_STRING, default=default, write=Append(elements))
    assert after(judged.subject, before) == Held(Kind.MULTI_STRING, left)
    assert verdict(judged.subject, after(judged.subject, before)) is Verdict.COMPLIANT


@pytest.mark.parametrize(
    ("operator", "operands", "there", "holds"),
    [
        (Operator.EQUALS, ((),), ("",), True),
        (Operator.EQUALS, ((),), ("", "", ""), True),
        (Operator.EQUALS, ((),), ("", "a"), True),
        (Operator.EQUALS, (("a",),), ("a", "", "b"), True),
        (Operator.EQUALS, (("a", "b"),), ("a", "", "b"), False),
        (Operator.EQUALS, (("a", "b"),), ("a", "b", ""), True),
        (Operator.NOT_EQUALS, ((),), ("",), False),
        (Operator.ONE_OF, ((), ("a",)), ("", "a"), True),
        (Operator.NONE_OF, (("a", "b"),), ("a", "", "b"), True),
        (Operator.CONTAINS, ("a",), ("a", "", "b"), True),
        (Operator.CONTAINS, ("b",), ("a", "", "b"), False),
        (Operator.SET_EQUALS, ("a",), ("a", "", "b"), True),
        (Operator.SET_EQUALS, (), ("", "b"), True),
    ],
)
def test_a_list_ends_at_its_first_empty_element(operator, operands, there, holds):
    judged = setting(operator, *operands, kind=Kind.MULTI_STRING)
    expected = Verdict.COMPLIANT if holds else Verdict.NON_COMPLIANT
    assert verdict(judged.subject, Held(Kind.MULTI_STRING, there)) is expected
