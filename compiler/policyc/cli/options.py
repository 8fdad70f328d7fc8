"""Options that more than one command has."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from policyc.cli.formats import Format, parse_day


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no day; write it like 2026-01-31") from None


Policies: TypeAlias = Annotated[
    Path,
    typer.Option("--policies", metavar="DIR", help="Folder with project.yaml and the collections.", show_default="policies"),
]
Output: TypeAlias = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder that is written.")]
FormatOption: TypeAlias = Annotated[
    Format,
    typer.Option(
        "--format",
        help="text: for people, findings on stderr. For programs, findings on stdout: json; github, annotations of a "
        "workflow; sarif, version 2.1.0; junit, a test report.",
    ),
]
AsOf: TypeAlias = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        parser=_day,
        help="Day on which packages and exceptions must be valid.",
        show_default="today in UTC",
    ),
]
ReadPackages: TypeAlias = Annotated[
    bool, typer.Option("--read-packages", help="Look into packages on the network too; without it no network path is touched.")
]
