"""What the commands' options hold, without the library that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum

DETAILED = "--detailed-exitcode"
"""The option of `policyc plan`: 0 no change, 2 changes, 1 everything else."""
CHANGES = 120
"""How the command ends where there are changes: 2 would be a mistake on the command line until it is translated here."""
_MISTAKE, _DEFECT = 2, 3


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


class MatrixFormat(StrEnum):
    """How the matrix of conflicts is written."""

    TEXT = "text"
    CSV = "csv"
    HTML = "html"


def parse_day(text: str) -> date:
    """A day as `--as-of` takes it, with the year first and nothing left out. Raises ValueError."""
    # fromisoformat alone would take 20260131 and 2026-W05-6 too.
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"'{text}' is not written like 2026-01-31")
    return day


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def translated(arguments: Sequence[str], code: int | str | None) -> int | str | None:
    """The exit code of the process for that of the command.

    >>> translated(["plan", "--detailed-exitcode"], CHANGES), translated(["plan", "--detailed-exitcode"], 2)
    (2, 1)
    >>> translated(["plan"], 2)
    2
    """
    if code == CHANGES:
        return 2
    return 1 if arguments[:1] == ["plan"] and DETAILED in arguments and code in (_MISTAKE, _DEFECT) else code
