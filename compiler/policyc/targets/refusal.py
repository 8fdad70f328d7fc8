"""What a target says of what it can't take."""

from __future__ import annotations

from policyc.model import Location
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something of a collection that a target can't take, and doesn't write."""

    id: str
    """Of the setting or package; empty: the whole collection."""
    reason: str
    """In words, as a sentence on the target without a full stop."""
    way_out: str
    place: Location
