"""A contradiction is found exactly where trying every state finds none that satisfies both."""

from __future__ import annotations

from itertools import chain, product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from policyc.analysis.same_place import contradict
from policyc.evaluation import ABSENT, Held, Verdict, verdict
from policyc.model import Data, Kind, Operator, Setting
from unit.analysis.estates import setting

LIST = (Operator.ONE_OF, Operator.NONE_OF)
ONE = (Operator.EQUALS, Operator.NOT_EQUALS, Operator.AT_LEAST, Operator.AT_MOST)
TOP = 2**32 - 1


def compliant(one: Setting, state: Held | str) -> bool:
    return verdict(one.subject, state) is Verdict.COMPLIANT


def numbers(kind: Kind, values: list[int]) -> st.SearchStrategy[Setting]:
    number = st.sampled_from(values)
    conditions = st.one_of(
        st.tuples(st.sampled_from(ONE), number.map(lambda one: (one,))),
        st.tuples(st.sampled_from(LIST), st.lists(number, min_size=1, max_size=4, unique=True).map(tuple)),
        st.tuples(st.just(Operator.BETWEEN), st.tuples(number, number)),
    )
    return st.builds(
        lambda condition, default, pin: setting(
            "s", condition[0], *condition[1], kind=kind, default=default, pin=pin and default is not None, remediate=False
        ),
        conditions,
        st.none() | number,
        st.booleans(),
    )


SMALL = [0, 1, 2, 3, 4]
LARGE = [0, 1, TOP - 1, TOP]
AT_TOP = setting("a", Operator.AT_LEAST, TOP)
NOT_TOP = setting("b", Operator.NOT_EQUALS, TOP, default=TOP)


@settings(max_examples=150, deadline=None)
@given(*[numbers(Kind.DWORD, SMALL) | numbers(Kind.DWORD, LARGE) | numbers(Kind.QWORD, SMALL)] * 2)
@example(AT_TOP, NOT_TOP)
def test_numbers(one: Setting, other: Setting) -> None:
    tried = chain(range(8), range(TOP - 3, TOP + 1))
    states = [ABSENT, *(Held(kind, number) for number in tried for kind in (Kind.DWORD, Kind.QWORD))]
    assert contradict(one, other) is not any(compliant(one, state) and compliant(other, state) for state in states)
    assert contradict(one, other) is contradict(other, one)


def lists_of(size: int) -> list[tuple[str, ...]]:
    return [*chain.from_iterable(product("aAb", repeat=length) for length in range(size + 1))]


def texts(kind: Kind) -> st.SearchStrategy[Setting]:
    text = st.sampled_from(["a", "A", "b"])
    data: st.SearchStrategy[Data] = text if kind is Kind.STRING else st.lists(text, max_size=2).map(tuple)
    whole = st.tuples(
        st.sampled_from((Operator.EQUALS, Operator.NOT_EQUALS, *LIST)),
        st.lists(data, min_size=1, max_size=2, unique=True).map(tuple),
    )
    other = (
        st.tuples(st.just(Operator.MATCHES), st.sampled_from([("a",), ("[A-Z]",), ("[a-z]+",)]))
        if kind is Kind.STRING
        else st.tuples(
            st.sampled_from((Operator.CONTAINS, Operator.SET_EQUALS)), st.lists(text, min_size=1, max_size=2).map(tuple)
        )
    )
    return st.builds(
        lambda condition, exact: setting("s", condition[0], *condition[1], kind=kind, exact_case=exact, remediate=False),
        whole | other,
        st.booleans(),
    )


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([Kind.STRING, Kind.MULTI_STRING]).flatmap(lambda kind: st.tuples(texts(kind), texts(kind))))
def test_no_contradiction_where_a_state_satisfies_both(pair: tuple[Setting, Setting]) -> None:
    one, other = pair
    tried: list[Data] = ["a", "A", "b", "B", "c", ""] if one.subject.kind is Kind.STRING else [*lists_of(4)]
    if any(compliant(one, Held(one.subject.kind, data)) and compliant(other, Held(one.subject.kind, data)) for data in tried):
        assert not contradict(one, other)
        assert not contradict(other, one)
