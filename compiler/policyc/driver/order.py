"""What a compile is asked for, what it can come to, and whether there is anything to do.

Where nothing has changed since the last run, nothing more is imported than this.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from policyc.model.records import dataclass

if TYPE_CHECKING:
    from policyc.artifacts.comparison import Comparison
    from policyc.cache.memory import Memory
    from policyc.diagnostics import Diagnostic


class UnknownPathError(Exception):
    """A path that holds no collection: wrong usage."""


class NoSuchTargetError(Exception):
    """A target that the policies don't go by: wrong usage."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    policies: Path
    output: Path
    day: date
    paths: Sequence[Path] = ()
    """What is written; all policies are checked all the same."""
    read_packages: bool = False
    check_only: bool = False
    target: str | None = None
    """The one whose files are written; all are checked all the same."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Errors kept everything from being written."""

    diagnostics: tuple[Diagnostic, ...]
    depends_on_the_day: str


@dataclass(frozen=True, slots=True)
class Written:
    """The output was brought to what the policies give, as far as its findings don't say otherwise."""

    diagnostics: tuple[Diagnostic, ...]
    depends_on_the_day: str
    figures: dict[str, int]
    """Files: written, unchanged, removed."""
    failed: bool = False
    """Whether something was in the way of writing."""
    held: tuple[Path, ...] = ()
    """Folders of collections that are held back by errors of their own."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The output was compared with what the policies give."""

    diagnostics: tuple[Diagnostic, ...]
    depends_on_the_day: str
    comparison: Comparison


Outcome: TypeAlias = "Stopped | Written | Compared"


def open_memory(order: Order) -> Memory | None:
    """What is remembered of earlier runs; None where nothing may be, and where all is to be checked anew."""
    if order.check_only or order.target is not None:
        return None
    from policyc.cache.store import open_store

    store = open_store(order.output)
    if store is None:
        return None
    from policyc.cache.memory import Memory

    return Memory(store, order.policies, order.output)


def unchanged(order: Order, memory: Memory | None) -> Written | None:
    """What the last run came to, where everything is still as it left it."""
    if memory is None or order.paths or order.read_packages:
        return None
    known = memory.unchanged(order.day.isoformat())
    if known is None:
        return None
    figures = {"written": 0, "unchanged": known.files, "removed": 0}
    return Written(known.diagnostics, known.depends_on_the_day, figures)
