"""What a report says, in plain words: no part of it is a model's, so that each form of it says the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Cover(StrEnum):
    """What an estate makes of an entry of a benchmark, the best of its collections."""

    SET = "set"
    """Remediation brings it about."""
    REPORTED = "reported"
    """It is found out, and nothing is changed."""
    EXCEPTED = "excepted"
    """An exception takes it out of each collection that would have it."""
    MISSING = "missing"
    """No setting names it."""


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A collection and what it gets."""

    name: str
    slug: str
    file: str
    targets: tuple[str, ...]
    mode: str
    baselines: tuple[str, ...]
    states: tuple[str, ...]
    """What vocabularies do, as in "defender_atp: onboarded"."""
    settings: int
    remediated: int
    excepted: int
    packages: int
    severities: tuple[tuple[str, int], ...]
    """(Severity, settings), the gravest first, none with no setting."""
    kinds: tuple[tuple[str, int], ...]
    conflicts: int
    """Other collections that it fights with."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """A setting as it stands in a file, whichever collections list it."""

    id: str
    title: str
    kind: str
    place: str
    must: str
    """The end of a sentence that begins with "must"; data of a sensitive setting is left out."""
    severity: str
    remediated: bool
    why: str
    references: tuple[str, ...]
    source: str
    """The baseline that it comes through, or the collection's file."""
    collections: tuple[str, ...]
    excepted_in: tuple[str, ...]
    stays: str
    """Why a rollback doesn't take it back, or not wholly; empty: it does."""
    undo: str
    """Who takes back what stays."""
    takes_effect: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a benchmark."""

    reference: str
    title: str
    cover: Cover
    settings: tuple[str, ...]
    collections: tuple[str, ...]
    """That have it set or reported."""
    excepted_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A benchmark against the estate."""

    name: str
    file: str
    entries: tuple[Entry, ...]
    by_collection: tuple[tuple[str, int, int, int, int], ...]
    """(Name, set, reported, excepted, missing), in the order of the collections."""

    @property
    def counts(self) -> dict[Cover, int]:
        """Entries of each sort."""
        return {cover: sum(one.cover is cover for one in self.entries) for cover in Cover}


@dataclass(frozen=True, slots=True)
class Ending:
    """What holds up to a day: an exception, or a vendor's package."""

    what: str
    collection: str
    ends: date
    """The last day."""
    days: int
    """From the report's day to the last one; below 0, it is over."""
    says: str
    owner: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Fight:
    """Two collections in conflict."""

    one: str
    other: str
    answer: str
    """Whether they share a device: surely, perhaps."""
    reason: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What the project says of collections: that they share no device, or which goes before."""

    what: str
    collections: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """An estate on a day."""

    project: str
    day: date
    collections: tuple[CollectionRow, ...]
    settings: tuple[SettingRow, ...]
    coverage: tuple[Coverage, ...]
    endings: tuple[Ending, ...]
    """Those that end first, first."""
    fights: tuple[Fight, ...]
    statements: tuple[Statement, ...]
    severities: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]

    @property
    def changed(self) -> list[SettingRow]:
        """Settings that a remediation brings about somewhere."""
        return [one for one in self.settings if one.remediated and one.collections]

    @property
    def kept(self) -> list[SettingRow]:
        """Those of them that a rollback doesn't take back, or not wholly."""
        return [one for one in self.changed if one.stays]
