"""What the commands' options hold, without the library that reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum


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
