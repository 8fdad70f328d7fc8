"""Lists of which a policy names members: what is between two settings of one list, whatever the members are."""

from __future__ import annotations

from typing import Protocol


class Members(Protocol):
    """What a setting asks of a list, its members in the one form in which they are compared."""

    @property
    def required(self) -> frozenset[str]:
        """All that must be in it."""

    @property
    def refused(self) -> frozenset[str]:
        """All that must not, whatever else may."""

    @property
    def allowed(self) -> frozenset[str] | None:
        """All that may; None where anything else may, too."""


def contradict(one: Members, other: Members) -> bool:
    """Whether no list satisfies both: the least one that could has all that are required, and no other."""
    required = one.required | other.required
    closed = any(side.allowed is not None and not required <= side.allowed for side in (one, other))
    return closed or bool(required & (one.refused | other.refused))


def implies(one: Members, other: Members) -> bool:
    """Whether each list that satisfies `one` satisfies `other`."""
    if not other.required <= one.required:
        return False
    if one.allowed is None:
        return other.allowed is None and other.refused <= one.refused
    return not other.refused & one.allowed and (other.allowed is None or one.allowed <= other.allowed)
