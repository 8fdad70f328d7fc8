"""What a help tells to write, as changes that a program can make: an editor's code action, a report's fix, a test.

A `Cure` is what has to be done together; several cures of a finding are choices, any one of which ends it. The help
says the same in words, so each text of an edit stands in it.
"""

from __future__ import annotations

from enum import StrEnum

from policyc.model import Location
from policyc.model.records import dataclass


class Act(StrEnum):
    """What becomes of a node."""

    WRITE = "write"
    """Its value is written as `text`, which is YAML."""
    RENAME = "rename"
    """Its key becomes `text`."""
    REMOVE = "remove"
    """The entry or item is taken out."""
    ADD = "add"
    """The entry is made, with `text`, which is YAML, as its value."""
    MOVE = "move"
    """The entry becomes the one at `to`; what isn't there on the way to it is made."""
    NEST = "nest"
    """Its value becomes what stands below a new key, `text`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one node."""

    act: Act
    location: Location
    """The node; of `ADD`, the one that is made: the way to it ends with its key."""
    text: str = ""
    to: tuple[str | int, ...] = ()
    """Of `MOVE`: the way to where the entry is then, its key at the end."""


Cure = tuple[Edit, ...]


def write(location: Location, text: str) -> Cure:
    """Write a value anew; `text` is YAML."""
    return (Edit(Act.WRITE, location, text),)


def rename(location: Location, key: str) -> Cure:
    """Give an entry another key."""
    return (Edit(Act.RENAME, location, key),)


def remove(location: Location) -> Cure:
    """Take an entry or an item out."""
    return (Edit(Act.REMOVE, location),)


def add(location: Location, text: str) -> Cure:
    """Make an entry; `text` is YAML."""
    return (Edit(Act.ADD, location, text),)


def move(location: Location, to: tuple[str | int, ...]) -> Cure:
    """Take an entry to another mapping."""
    return (Edit(Act.MOVE, location, str(to[-1]), to),)


def nest(location: Location, key: str) -> Cure:
    """Put a value below a key of its own."""
    return (Edit(Act.NEST, location, key),)
