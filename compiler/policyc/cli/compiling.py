"""The door of `policyc compile`: where nothing has changed since the last run, nothing more is imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.cli.formats import Format, today

if TYPE_CHECKING:
    from policyc.cache.memory import Known, Memory


class UnknownPathError(Exception):
    """A path on the command line that holds no collection: wrong usage."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for."""

    paths: Sequence[Path]
    policies: Path
    output: Path
    format: Format
    read_packages: bool
    check_only: bool


def run(
    paths: Sequence[Path],
    policies: Path,
    output: Path,
    format: Format,
    as_of: date | None,
    *,
    read_packages: bool,
    check_only: bool,
) -> int:
    """Check all policies, then write or compare; gives the exit code. Raises UnknownPathError."""
    day = as_of or today()
    order = Order(paths, policies, output, format, read_packages, check_only)
    # What is checked is checked anew.
    memory = None if check_only else _open_memory(order)
    if memory is not None and not paths and not read_packages:
        known = memory.unchanged(day.isoformat())
        if known is not None:
            _report_unchanged(order, day, known)
            return 0
    from policyc.cli import building

    return building.run(order, day, memory)


def _open_memory(order: Order) -> Memory | None:
    from policyc.cache.store import open_store

    store = open_store(order.output)
    if store is None:
        return None
    from policyc.cache.memory import Memory

    return Memory(store, order.policies, order.output)


def _report_unchanged(order: Order, day: date, known: Known) -> None:
    from policyc.cli.reporting import report, say, say_day, say_written

    figures = {"written": 0, "unchanged": known.files, "removed": 0}
    report(order.policies, known.diagnostics, order.format, {"asOf": day.isoformat(), "output": figures}, fold=True)
    say_day(order.format, known.depends_on_the_day, day)
    say(order.format, say_written(order.output, **figures))
