"""Who has a right: what is judged, written, undone, and proved of two settings, against every list of a few accounts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.evaluation import ABSENT, UNREADABLE, Verdict
from policyc.kinds.accounts import of_sid
from policyc.kinds.user_right import UserRightKind, sets
from policyc.kinds.user_right.subject import Right, UserRight
from policyc.model import Operator

KIND = UserRightKind()
SIDS = ("S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-551", "S-1-5-21-1-2-3-1104")
LISTS = [frozenset(some) for some in chain.from_iterable(combinations(SIDS, size) for size in range(len(SIDS) + 1))]


def right(operator: Operator, members: frozenset[str], also: frozenset[str] = frozenset(), *, writes: bool = True) -> UserRight:
    accounts = [tuple(of_sid(sid) for sid in sorted(some)) for some in (members, also)]
    return UserRight(Right("SeBatchLogonRight"), operator, *accounts, writes=writes)


RIGHTS = st.builds(
    lambda operator, members, also: right(operator, members, also if operator is Operator.SET_EQUALS else frozenset()),
    st.sampled_from((Operator.CONTAINS, Operator.NONE_OF, Operator.SET_EQUALS)),
    st.sampled_from(LISTS),
    st.sampled_from(LISTS),
)


def satisfying(one: UserRight) -> Iterator[frozenset[str]]:
    return (held for held in LISTS if sets.verdict(one, sets.state_of(held)) is Verdict.COMPLIANT)


@pytest.mark.parametrize(
    ("operator", "members", "also", "held", "holds"),
    [
        (Operator.CONTAINS, {0}, set(), {0, 1}, True),
        (Operator.CONTAINS, {0, 2}, set(), {0, 1}, False),
        (Operator.NONE_OF, {1}, set(), {0}, True),
        (Operator.NONE_OF, {1, 2}, set(), {0, 1}, False),
        (Operator.SET_EQUALS, {0}, set(), {0}, True),
        (Operator.SET_EQUALS, {0}, set(), {0, 3}, False),
        (Operator.SET_EQUALS, {0}, {3}, {0, 3}, True),
        (Operator.SET_EQUALS, {0}, {3}, {3}, False),
        (Operator.SET_EQUALS, set(), set(), set(), True),
    ],
)
def test_conditions(operator: Operator, members: set[int], also: set[int], held: set[int], *, holds: bool) -> None:
    of = [frozenset(SIDS[at] for at in some) for some in (members, also, held)]
    wanted = Verdict.COMPLIANT if holds else Verdict.NON_COMPLIANT
    assert sets.verdict(right(operator, of[0], of[1]), sets.state_of(of[2])) is wanted


def test_a_right_that_is_not_listed_is_nobodys() -> None:
    nobody = right(Operator.SET_EQUALS, frozenset())
    assert sets.verdict(nobody, ABSENT) is Verdict.COMPLIANT
    assert sets.verdict(nobody, UNREADABLE) is Verdict.ERROR


@given(RIGHTS, st.sampled_from(LISTS))
def test_what_is_written_satisfies_and_is_the_least_change(one: UserRight, held: frozenset[str]) -> None:
    before = sets.state_of(held)
    after = sets.held_by(sets.after(one, before))
    assert after in set(satisfying(one))
    changed = len(after ^ held)
    assert changed == min(len(other ^ held) for other in satisfying(one))


@given(RIGHTS, RIGHTS)
def test_what_is_proved_of_two_settings(one: UserRight, other: UserRight) -> None:
    both = set(satisfying(one)) & set(satisfying(other))
    assert KIND.contradict(one, other) == (not both)
    # A list may hold accounts that none of the two names; the fourth is named by some.
    if KIND.implies(one, other):
        assert both == set(satisfying(one))
    assert KIND.violates(one, other) == (not both)


@given(RIGHTS, RIGHTS, st.sampled_from(LISTS))
def test_two_that_agree_leave_the_same_in_either_order(one: UserRight, other: UserRight, held: frozenset[str]) -> None:
    before = sets.state_of(held)
    ways = [sets.after(last, sets.after(first, before)) for first, last in ((one, other), (other, one))]
    if KIND.agree(one, other):
        assert ways[0] == ways[1]
        assert {sets.verdict(asked, ways[0]) for asked in (one, other)} == {Verdict.COMPLIANT}


def test_implied_by_what_it_says() -> None:
    administrators, both = frozenset(SIDS[:1]), frozenset(SIDS[:2])
    assert KIND.implies(right(Operator.CONTAINS, both), right(Operator.CONTAINS, administrators))
    assert not KIND.implies(right(Operator.CONTAINS, administrators), right(Operator.CONTAINS, both))
    assert KIND.implies(right(Operator.SET_EQUALS, administrators), right(Operator.NONE_OF, frozenset(SIDS[1:])))
    assert KIND.implies(right(Operator.NONE_OF, both), right(Operator.NONE_OF, administrators))
    assert not KIND.implies(right(Operator.CONTAINS, both), right(Operator.SET_EQUALS, both))
    assert KIND.implies(right(Operator.SET_EQUALS, administrators), right(Operator.SET_EQUALS, administrators, both))


@given(RIGHTS, st.sampled_from(LISTS), st.sampled_from(LISTS), st.sampled_from(LISTS))
def test_a_rollback_leaves_what_others_did(
    one: UserRight, held: frozenset[str], given_since: frozenset[str], taken_since: frozenset[str]
) -> None:
    first = sets.state_of(held)
    written = sets.after(one, first)
    assert sets.held_by(sets.undone(first, written, written)) == held
    # Whom others gave the right, and whom policyc never touched.
    untouched = frozenset(SIDS) - (sets.held_by(written) ^ held)
    now = (sets.held_by(written) | (given_since & untouched)) - (taken_since & untouched)
    back = sets.held_by(sets.undone(first, written, sets.state_of(now)))
    assert back & untouched == now & untouched
    assert back - untouched == held - untouched
