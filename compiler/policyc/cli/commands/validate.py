"""`policyc validate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from policyc.cli import quick
from policyc.cli.formats import Format
from policyc.cli.options import AsOf, FormatOption, Policies, ReadPackages

Everything = Annotated[
    bool,
    typer.Option("--all", help="Show every finding with its lines, in the order of the files; without it, one of each cause."),
]


def validate(
    policies: Policies = Path("policies"),
    format: FormatOption = Format.TEXT,
    as_of: AsOf = None,
    *,
    read_packages: ReadPackages = False,
    everything: Everything = False,
) -> None:
    """Check all policies and write nothing.

    Ends with 0 if no error was found (warnings are fine), with 1 otherwise.

    \b
    Examples:
      policyc validate
      policyc validate --all
      policyc validate --policies estate/policies --as-of 2026-01-31
      policyc validate --format github
    """
    line = quick.Line("validate", policies, format=format, as_of=as_of, read_packages=read_packages, everything=everything)
    raise typer.Exit(quick.validate(line))
