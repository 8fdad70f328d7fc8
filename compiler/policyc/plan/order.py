"""Whether a setting asks for more than another: proved by pairs of operators, or not said at all."""

from __future__ import annotations

from policyc.kinds import kind_of
from policyc.model import Applicability, Setting
from policyc.plan.model import Direction


def direction(before: Setting, after: Setting) -> Direction | None:
    """Whether the new condition is stronger or weaker than the old one; None where neither is proved."""
    old, new = before.subject, after.subject
    if old.place.identity != new.place.identity or old.word != new.word:
        return None
    kind = kind_of(new)
    return _direction(back=kind.implies(old, new), forth=kind.implies(new, old))


def reach(before: Applicability, after: Applicability) -> Direction | None:
    """A setting that more devices have to satisfy is stronger.

    >>> reach(Applicability(), Applicability(from_build=22000))
    <Direction.WEAKENED: 'weakened'>
    """
    return _direction(back=_within(after, before), forth=_within(before, after))


def _direction(*, back: bool, forth: bool) -> Direction | None:
    """`forth`: what satisfies the new satisfies the old; `back`: the other way round."""
    if back and forth:
        return Direction.SAME
    if forth:
        return Direction.STRENGTHENED
    return Direction.WEAKENED if back else None


def _within(inner: Applicability, outer: Applicability) -> bool:
    """Whether each device of the one is one of the other."""
    starts = (outer.from_build or 0) <= (inner.from_build or 0)
    ends = outer.before_build is None or (inner.before_build is not None and inner.before_build <= outer.before_build)
    return starts and ends and outer.role in (None, inner.role) and outer.only_if in (None, inner.only_if)
