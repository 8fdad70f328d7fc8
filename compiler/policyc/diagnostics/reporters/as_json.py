"""Findings for programs: one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics.diagnostic import Located, Region
from policyc.diagnostics.reporters.report import Report
from policyc.model import Location

VERSION = 1


def render(report: Report) -> Iterator[str]:
    """The object, in ASCII: `version`, `diagnostics`, `summary` and what the command adds."""
    import json

    totals = report.totals
    document = {
        "version": VERSION,
        "diagnostics": [_finding(report, located) for located in report.located],
        "summary": {"errors": totals.errors, "warnings": totals.warnings, "notes": totals.notes},
        **report.extra,
    }
    yield json.dumps(document, indent=2) + "\n"


def _finding(report: Report, located: Located) -> dict[str, Any]:
    found = located.diagnostic
    regions = [*located.related, *[None] * (len(found.related) - len(located.related))]
    return {
        "code": found.code,
        "level": found.level.value,
        "message": found.message,
        **_place(report, found.location, located.region),
        "help": found.help,
        "related": [
            {"message": related.message, **_place(report, related.location, region)}
            for related, region in zip(found.related, regions, strict=False)
        ],
        **({} if report.tests is None else {"tests": [dict(one) for one in report.tests.get(found, ())]}),
    }


def _place(report: Report, location: Location, region: Region | None) -> dict[str, Any]:
    return {
        "file": report.shown(location.file),
        "line": region.line if region else location.line,
        "column": region.column if region else location.column,
        "endColumn": region.end_column if region else None,
    }
