"""What policyc says of a policy: one finding, with its place and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from policyc.diagnostics.cures import Cure
from policyc.model import Location
from policyc.model.records import dataclass


class Level(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """Nothing is written."""
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding is about."""

    location: Location
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding."""

    code: str
    """`PC0402`: the family's two digits, then two of its own; its page is in `catalogue/`."""
    level: Level
    message: str
    """One sentence in the user's terms, without a full stop. May quote policy text."""
    location: Location
    help: str = ""
    """What to write instead."""
    related: tuple[Related, ...] = ()
    holds: str | None = None
    """Slug of the collection whose output alone this error holds back; None: an error stops the whole project."""
    cures: tuple[Cure, ...] = ()
    """What the help tells to do, for programs: choices, each of which ends the finding. None where only a person knows."""

    @property
    def is_error(self) -> bool:
        """Whether it changes the exit code."""
        return self.level is Level.ERROR


def error(
    code: str,
    message: str,
    location: Location,
    *,
    help: str = "",
    related: Iterable[Related] = (),
    holds: str | None = None,
    cures: Iterable[Cure] = (),
) -> Diagnostic:
    """An error: nothing is written (or, with `holds`, nothing of that collection)."""
    return Diagnostic(code, Level.ERROR, message, location, help, tuple(related), holds, tuple(cures))


def warning(
    code: str,
    message: str,
    location: Location,
    *,
    help: str = "",
    related: Iterable[Related] = (),
    cures: Iterable[Cure] = (),
) -> Diagnostic:
    """A warning: shown, and compiled all the same."""
    return Diagnostic(code, Level.WARNING, message, location, help, tuple(related), cures=tuple(cures))


def note(
    code: str,
    message: str,
    location: Location,
    *,
    help: str = "",
    related: Iterable[Related] = (),
    cures: Iterable[Cure] = (),
) -> Diagnostic:
    """A note: worth knowing."""
    return Diagnostic(code, Level.NOTE, message, location, help, tuple(related), cures=tuple(cures))


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a file's text, 1-based and in characters; the end is exclusive and on the same line."""

    line: int
    column: int
    end_column: int
    excerpt: str
    """The line, without its end."""


@dataclass(frozen=True, slots=True)
class Located:
    """A diagnostic with its location, and those of its related places in order, looked up in their files."""

    diagnostic: Diagnostic
    region: Region | None
    """None where the file can't be read, or the finding is about a file or folder as a whole."""
    related: tuple[Region | None, ...] = ()


def sort_key(located: Located) -> tuple[str, int, int, str, str]:
    """The order of a report: by file, line, column, code, message."""
    place = located.region
    found = located.diagnostic
    return (found.location.file, place.line if place else 0, place.column if place else 0, found.code, found.message)
