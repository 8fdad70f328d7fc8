"""Options that more than one command has."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def _day(text: str) -> date:
    # fromisoformat alone would take 20260131 and 2026-W05-6 too.
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise typer.BadParameter(f"'{text}' is no day; write it like 2026-01-31")
    return day


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


Policies: TypeAlias = Annotated[
    Path,
    typer.Option("--policies", metavar="DIR", help="Folder with project.yaml and the collections.", show_default="policies"),
]
Output: TypeAlias = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder that is written.")]
FormatOption: TypeAlias = Annotated[
    Format,
    typer.Option("--format", help="text: for people, findings on stderr; json and github: for programs, findings on stdout."),
]
AsOf: TypeAlias = Annotated[
    date | None,
    typer.Option(
        "--as-of", metavar="YYYY-MM-DD", parser=_day, help="Day on which packages must be valid.", show_default="today in UTC"
    ),
]
ReadPackages: TypeAlias = Annotated[
    bool, typer.Option("--read-packages", help="Look into packages on the network too; without it no network path is touched.")
]
