"""What a policy makes of those who have a right: algebra of sets of SIDs."""

from __future__ import annotations

from policyc.evaluation import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.kinds.members import contradict, implies
from policyc.kinds.user_right.subject import UserRight
from policyc.model import Kind

__all__ = ["after", "contradict", "held_by", "implies", "state_of", "undone", "verdict"]


def held_by(state: State) -> frozenset[str]:
    """Those who have the right: a right that nobody has isn't listed by Windows."""
    return frozenset(state.data) if isinstance(state, Held) and isinstance(state.data, tuple) else frozenset()


def state_of(sids: frozenset[str]) -> Held:
    """As devices read it and journals keep it."""
    return Held(Kind.MULTI_STRING, tuple(sorted(sids)))


def verdict(subject: UserRight, state: State) -> Verdict:
    """As scripts judge it."""
    if state is UNREADABLE:
        return Verdict.ERROR
    held = held_by(state)
    allowed = subject.allowed
    holds = subject.required <= held and not subject.refused & held and (allowed is None or held <= allowed)
    return Verdict.COMPLIANT if holds else Verdict.NON_COMPLIANT


def after(subject: UserRight, state: State) -> State:
    """Member by member: who is missing is added, who must not be there is taken away, all others stay."""
    held = held_by(state)
    kept = held - subject.refused if subject.allowed is None else held & subject.allowed
    return state_of(kept | subject.required)


def undone(before: State, written: State, current: State) -> State:
    """What is there now, less those whom policyc added, and with those whom it took away."""
    first, last = held_by(before), held_by(written)
    left = (held_by(current) - (last - first)) | (first - last)
    return ABSENT if before is ABSENT and not left else state_of(left)
