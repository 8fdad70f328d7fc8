"""The work of `policyc validate`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policyc.cli.formats import Format, today
from policyc.cli.pipeline import check
from policyc.cli.reporting import report, say, say_day


def run(policies: Path, format: Format, as_of: date | None, *, read_packages: bool, everything: bool = False) -> int:
    """Check all policies; gives the exit code."""
    day = as_of or today()
    checked = check(policies, day, read_packages=read_packages)
    number = len(checked.collections)
    report(policies, checked.diagnostics, format, {"asOf": day.isoformat(), "collections": number}, fold=not everything)
    say_day(format, checked.depends_on_the_day, day)
    if any(found.is_error for found in checked.diagnostics):
        return 1
    say(format, f"{number} collection{'' if number == 1 else 's'} checked")
    return 0
