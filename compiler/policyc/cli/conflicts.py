"""`policyc conflicts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from policyc.cli.formats import MatrixFormat
from policyc.cli.options import Policies

FormatOption = Annotated[
    MatrixFormat,
    typer.Option("--format", help="text: the conflicts; csv: all pairs, for a spreadsheet; html: one page with the matrix."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="File that is written.", show_default="standard output")
]


def conflicts(
    policies: Policies = Path("policies"),
    format: FormatOption = MatrixFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Show which collections can share a device, and what they fight over.

    Each pair of collections with settings for the same places: whether they share a device (never, surely, perhaps), why, and
    both places of each setting in conflict. Ends with 1 if collections that surely meet are in conflict.

    \b
    Examples:
      policyc conflicts
      policyc conflicts --format html --output conflicts.html
      policyc conflicts --format csv --output conflicts.csv
    """
    from policyc.cli.conflicting import run

    raise typer.Exit(run(policies, format, output))
