"""Findings as workflow commands, which GitHub shows as annotations of the changed files."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics.diagnostic import Level, Located
from policyc.diagnostics.reporters.plain import plain
from policyc.diagnostics.reporters.report import Report

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(report: Report) -> Iterator[str]:
    """One command a line."""
    for located in report.located:
        yield _command(report, located)


def _command(report: Report, located: Located) -> str:
    found = located.diagnostic
    region = located.region
    properties = {"file": report.shown(found.location.file)} if found.location.file else {}
    line = region.line if region else found.location.line
    column = region.column if region else found.location.column
    if line and properties:
        properties["line"] = str(line)
        if column:
            properties["col"] = str(column)
        if region:
            properties["endLine"] = str(line)
            properties["endColumn"] = str(max(region.column, region.end_column - 1))
    properties["title"] = found.code
    parts = [plain(found.message)]
    for number, related in enumerate(found.related):
        place = located.related[number] if number < len(located.related) else None
        where = report.shown(related.location.file) + (f":{place.line}:{place.column}" if place else "")
        parts.append(plain(f"{where}: {related.message}"))
    if found.help:
        parts.append(plain(f"help: {found.help}"))
    joined = ",".join(f"{name}={_property(plain(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[found.level]} {joined}::{_data(chr(10).join(parts))}\n"


def _data(text: str) -> str:
    """Escaped as the runner's own toolkit escapes a command's text.

    >>> _data("100%" + chr(10) + "::error::x")
    '100%25%0A::error::x'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
