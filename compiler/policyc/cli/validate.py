"""`policyc validate`."""

from __future__ import annotations

from pathlib import Path

import typer

from policyc.cli.formats import Format
from policyc.cli.options import AsOf, FormatOption, Policies, ReadPackages


def validate(
    policies: Policies = Path("policies"),
    format: FormatOption = Format.TEXT,
    as_of: AsOf = None,
    *,
    read_packages: ReadPackages = False,
) -> None:
    """Check all policies and write nothing.

    Ends with 0 if no error was found (warnings are fine), with 1 otherwise.

    \b
    Examples:
      policyc validate
      policyc validate --policies estate/policies --as-of 2026-01-31
      policyc validate --format github
    """
    from policyc.cli.validating import run

    raise typer.Exit(run(policies, format, as_of, read_packages=read_packages))
