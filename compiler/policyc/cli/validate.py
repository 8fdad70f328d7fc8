"""`policyc validate`."""

from __future__ import annotations

from pathlib import Path

import typer

from policyc.cli.options import AsOf, Format, FormatOption, Policies, ReadPackages, today


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
    from policyc.cli.pipeline import check
    from policyc.cli.reporting import report, say

    day = as_of or today()
    checked = check(policies, day, read_packages=read_packages)
    number = len(checked.collections)
    report(policies, checked.diagnostics, format, {"asOf": day.isoformat(), "collections": number})
    if checked.depends_on_the_day:
        say(format, f"packages judged as of {day.isoformat()} (UTC)")
    if any(found.is_error for found in checked.diagnostics):
        raise typer.Exit(1)
    say(format, f"{number} collection{'' if number == 1 else 's'} checked")
