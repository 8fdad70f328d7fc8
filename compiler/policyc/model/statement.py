"""What the project file states of its collections, beyond what each says of itself."""

from __future__ import annotations

from policyc.model.location import Location
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Apart:
    """An entry of `disjoint`: no device is in two of these collections."""

    collections: tuple[str, ...]
    reason: str
    origin: Location


@dataclass(frozen=True, slots=True)
class Precedence:
    """An order of `precedence`: where two of these collections conflict, the earlier one's settings stand."""

    collections: tuple[str, ...]
    origin: Location
    """The list of names."""
