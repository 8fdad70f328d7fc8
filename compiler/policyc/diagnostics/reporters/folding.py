"""A screenful: errors first, and one finding for all that has one cause.

Only for people. What programs read is whole, in the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyc.diagnostics.diagnostic import Level, Located
from policyc.model.records import dataclass

_WEIGHT = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTE: 2}
_PAIRS = frozenset({"PC0423", "PC0424", "PC0425", "PC0426"})
"""Findings of two collections each: the matrix shows all of them, and who wins."""
_OF_THE_OUTPUT = "PC06"
"""What stands in the output folder, `validate` knows nothing of: it is shown whole."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Findings of one cause."""

    first: Located
    """The one that is shown."""
    more: tuple[Located, ...] = ()

    @property
    def command(self) -> str:
        """What shows the others; empty where their places say all, as the words are the same."""
        if self.first.diagnostic.code in _PAIRS:
            return "policyc conflicts"
        return "" if self.first.diagnostic.is_error else "policyc validate --all"

    @property
    def files(self) -> int:
        """How many files they are in."""
        return len({one.diagnostic.location.file for one in (self.first, *self.more)})


def folded(located: Iterable[Located]) -> list[Folded]:
    """The findings by cause, errors first, else in their order."""
    causes: dict[tuple[str, ...], list[Located]] = {}
    for number, one in enumerate(sorted(located, key=lambda one: _WEIGHT[one.diagnostic.level])):
        causes.setdefault(_cause(one, number), []).append(one)
    return [Folded(first, tuple(more)) for first, *more in causes.values()]


def _cause(one: Located, number: int) -> tuple[str, ...]:
    found = one.diagnostic
    if found.code.startswith(_OF_THE_OUTPUT):
        return (str(number),)
    if found.code in _PAIRS or not found.is_error:
        # An error among warnings of a code that has both weighs more.
        return (found.code, found.level.value)
    # The same words twice are the same mistake; what is said in other words may be another one.
    return (found.code, found.message, found.help)
