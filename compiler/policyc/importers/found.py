"""What an importer finds in a file, before it is a policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policyc.kinds.registry import RegistryKind
from policyc.registry_files import FormatError


class MissingPackageError(FormatError):
    """Nothing is wrong with the file: a package that reads its format isn't installed."""

    def __init__(self, what: str, install: str) -> None:
        self.what = what
        self.install = install
        """The command that installs it."""
        super().__init__(f"{what}: {install}")


class SetError(FormatError):
    """One of several files that belong together isn't of the format."""

    def __init__(self, index: int, message: str) -> None:
        self.index = index
        """Which one, from 0."""
        super().__init__(message)


class NotExpressibleError(Exception):
    """No setting of the language means the same. The message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """A setting, in the words of the language."""

    title: str
    words: Mapping[str, Any]
    """What a policy says below the kind's word; of `registry` key (with its hive), name, type, one condition, set, ..."""
    source: str
    """Where it came from, for a comment and for reports: `finding 1300`, `line 12`."""
    id: str = ""
    """The id that it should have; empty: made from the title."""
    section: str = ""
    """Under which heading it belongs; empty: none."""
    others: Mapping[str, Any] = field(default_factory=dict)
    """What stands beside the kind's word: why, severity, remediate, references, applies_to, ..."""
    remark: str | None = None
    """What the comment behind the id says, where that isn't the source: what the setting says itself needs no comment."""
    kind: str = RegistryKind.word
    """The key of a policy that names the kind."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that no policy can express."""

    source: str
    what: str
    """Its name or place, as its author would know it."""
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """All that a file held: nothing of it is left out here."""

    title: str
    """What the file is called in words, for the name of the policy."""
    settings: tuple[Found, ...]
    refused: tuple[Refused, ...]
    entries: int
    """How many things the file says: each is in one of the lists, or in `same`."""
    same: int = 0
    """Entries that say what another one says already."""
    joined: int = 0
    """Entries that are said together with another one in one setting."""
    overwritten: tuple[Refused, ...] = ()
    """Entries of which another one leaves nothing. The reason is where that one stands."""
