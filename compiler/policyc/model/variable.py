"""A value that was written as the name of a variable."""

from __future__ import annotations

from policyc.model.location import Location
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A reference, and the variable that gave its value."""

    at: Location
    """The reference's node."""
    name: str
    defined: Location
    """The variable's node, in the layer that was the nearest."""
