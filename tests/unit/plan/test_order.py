"""Stronger and weaker: never claimed where a state of a device says otherwise, and claimed where order tells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict, verdict
from policyc.kinds.registry import order
from policyc.model import Applicability, Condition, Hive, Kind, Location, Operator, Place, Role, Setting, View
from policyc.plan.model import Direction
from policyc.plan.order import direction, reach
from registry_settings import altered, registry_setting

PLACE = Place(Hive.MACHINE, View.BITS_64, "SOFTWARE\\Example", "V")
PLAIN = registry_setting("s", "S", PLACE, Condition(Operator.PRESENT), Location("a.yaml"))
TEXTS = st.text(alphabet="aAbBſıİ", max_size=2)
NUMBERS = st.one_of(st.integers(0, 6), st.integers(2**32 - 3, 2**32 - 1))
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
BYTES = st.binary(max_size=2)
PATTERNS = st.sampled_from(["a", "[a-b]*", "[^a]", "A|b", "(?:ab)?", "[A-Z]+", "a{1,2}"])
DATA = {
    Kind.DWORD: NUMBERS,
    Kind.STRING: TEXTS,
    Kind.MULTI_STRING: LISTS,
    Kind.BINARY: BYTES,
}


@st.composite
def conditions(draw, kind: Kind) -> Condition:
    data = DATA[kind]
    one, many = data.map(lambda item: (item,)), st.lists(data, min_size=1, max_size=3).map(tuple)
    operands = {
        Operator.EQUALS: one,
        Operator.NOT_EQUALS: one,
        Operator.ONE_OF: many,
        Operator.NONE_OF: many,
        Operator.PRESENT: st.just(()),
        Operator.ABSENT: st.just(()),
    }
    if kind is Kind.DWORD:
        between = st.tuples(data, data).map(sorted).map(tuple)
        operands |= {Operator.AT_LEAST: one, Operator.AT_MOST: one, Operator.BETWEEN: between}
    elif kind is Kind.STRING:
        operands[Operator.MATCHES] = PATTERNS.map(lambda text: (text,))
    elif kind is Kind.MULTI_STRING:
        elements = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
        operands |= {Operator.CONTAINS: elements, Operator.SET_EQUALS: elements}
    operator = draw(st.sampled_from(sorted(operands)))
    return Condition(operator, draw(operands[operator]), draw(st.booleans()))


@st.composite
def some_settings(draw, kind: Kind) -> Setting:
    default = draw(st.none() | DATA[kind])
    chosen = draw(st.sampled_from([kind, kind, kind, kind, Kind.EXPAND_STRING]))
    pin = default is not None and draw(st.booleans())
    return altered(
        PLAIN, kind=chosen if kind is Kind.STRING else kind, condition=draw(conditions(kind)), default=default, pin=pin
    )


def states(kind: Kind):
    held = DATA[kind].map(lambda data: Held(kind, data))
    others = st.sampled_from([ABSENT, UNREADABLE, Held(None, None), Held(Kind.EXPAND_STRING, "a"), Held(Kind.QWORD, 1)])
    return held | others


@pytest.mark.parametrize("kind", DATA)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_what_is_said_holds_for_every_state(kind: Kind, data: st.DataObject) -> None:
    before, after = data.draw(some_settings(kind)), data.draw(some_settings(kind))
    claim = direction(before, after)
    for state in data.draw(st.lists(states(kind), min_size=10, max_size=30)):
        old, new = (verdict(one.subject, state) is Verdict.COMPLIANT for one in (before, after))
        if claim in (Direction.STRENGTHENED, Direction.SAME):
            assert old or not new, state
        if claim in (Direction.WEAKENED, Direction.SAME):
            assert new or not old, state


@settings(deadline=None)
@given(data=st.data(), kind=st.sampled_from(list(DATA)))
def test_a_setting_means_the_same_as_itself_and_the_reverse_is_the_reverse(data: st.DataObject, kind: Kind) -> None:
    one, other = data.draw(some_settings(kind)), data.draw(some_settings(kind))
    assert direction(one, one) is Direction.SAME
    there, back = direction(one, other), direction(other, one)
    turned = {Direction.STRENGTHENED: Direction.WEAKENED, Direction.WEAKENED: Direction.STRENGTHENED}
    assert back is (turned.get(there, there) if there else None)


def a(operator: str, *operands, kind: Kind = Kind.DWORD, exact: bool = False, **more) -> Setting:
    return altered(PLAIN, kind=kind, condition=Condition(Operator(operator), operands, exact), **more)


STRING, MULTI = Kind.STRING, Kind.MULTI_STRING


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a("at_least", 3), a("at_least", 5)),
        (a("at_most", 9), a("at_most", 4)),
        (a("between", 1, 9), a("between", 2, 9)),
        (a("at_least", 3), a("equals", 3)),
        (a("at_least", 3), a("between", 3, 5)),
        (a("one_of", 1, 2, 3), a("one_of", 3, 1)),
        (a("one_of", 1, 2, 3), a("between", 1, 2)),
        (a("none_of", 1), a("none_of", 1, 2)),
        (a("not_equals", 0), a("none_of", 0, 1)),
        (a("not_equals", 0, default=1), a("at_least", 1, default=1)),
        (a("one_of", "a", "b", kind=STRING), a("one_of", "B", kind=STRING)),
        (a("equals", "a", kind=STRING), a("equals", "a", kind=STRING, exact=True)),
        (a("matches", "[0-9]+", kind=STRING), a("equals", "12", kind=STRING, exact=True)),
        (a("contains", "a", kind=MULTI), a("contains", "A", "b", kind=MULTI)),
        (a("contains", "a", kind=MULTI), a("set_equals", "a", "b", kind=MULTI)),
        (a("present"), a("at_least", 0)),
        (a("at_least", 1, default=2), a("at_least", 1)),
        (a("at_least", 1, default=2), a("at_least", 1, default=2, pin=True)),
        (a("none_of", 5), a("absent")),
    ],
)
def test_order_tells(before: Setting, after: Setting) -> None:
    assert direction(before, after) is Direction.STRENGTHENED
    assert direction(after, before) is Direction.WEAKENED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a("one_of", 1, 2), a("one_of", 2, 1, 1)),
        (a("equals", 1), a("one_of", 1)),
        (a("equals", 1), a("between", 1, 1)),
        (a("at_least", 0), a("at_most", 2**32 - 1)),
        (a("equals", "text", kind=STRING), a("equals", "TEXT", kind=STRING)),
        (a("equals", 1), a("equals", 1, exact=True)),
    ],
)
def test_another_word_for_the_same(before: Setting, after: Setting) -> None:
    assert direction(before, after) is Direction.SAME


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a("equals", 1), a("equals", 2)),
        (a("at_least", 3), a("at_most", 5)),
        (a("between", 1, 5), a("between", 2, 6)),
        (a("present"), a("absent")),
        (a("equals", 1), a("equals", "1", kind=STRING)),
        (a("matches", "a+", kind=STRING), a("matches", "a", kind=STRING)),
        (a("at_least", 3), altered(a("at_least", 5), place=replace(PLACE, name="Other"))),
        # Stricter where there is a value, weaker where there is none.
        (a("at_least", 3), a("at_least", 5, default=5)),
    ],
)
def test_nothing_is_said_where_order_doesn_t_tell(before: Setting, after: Setting) -> None:
    assert direction(before, after) is None


def test_an_implication_needs_one_type() -> None:
    text = a("equals", "a", kind=STRING).subject
    assert not order.implies(text, a("equals", "a", kind=Kind.EXPAND_STRING).subject)
    assert order.implies(text, a("present", kind=None).subject)


@settings(deadline=None)
@given(st.data())
def test_a_narrower_reach_is_weaker_on_every_device(data: st.DataObject) -> None:
    bounds = st.none() | st.integers(1, 5)
    devices = st.builds(Applicability, bounds, bounds, st.none() | st.sampled_from(Role))
    before, after = data.draw(devices), data.draw(devices)
    claim = reach(before, after)
    for build in range(7):
        for role in Role:
            device = Applicability(build, build + 1, role)
            old, new = before.meets(device), after.meets(device)
            assert claim not in (Direction.STRENGTHENED, Direction.SAME) or new or not old
            assert claim not in (Direction.WEAKENED, Direction.SAME) or old or not new
