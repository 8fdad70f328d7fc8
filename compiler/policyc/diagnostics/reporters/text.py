"""Findings for people: message, excerpt with the place marked, related places, help, and a count."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics.diagnostic import Level, Located, Region
from policyc.diagnostics.reporters.folding import Folded, folded
from policyc.diagnostics.reporters.plain import excerpt, plain
from policyc.diagnostics.reporters.report import Report
from policyc.model import Location

_ROOM = 110
"""Characters of a line that are shown before it is cut around the mark."""
_SCREENFUL = 60
"""Lines; more are read by nobody from the top."""
_NAMED = 6
"""Places that are named of a mistake that was made more often."""
_COLOURS = {Level.ERROR: "1;31", Level.WARNING: "1;33", Level.NOTE: "1;36"}
_FRAME = "34"
_HELP = "32"


def render(report: Report, *, colour: bool = False, fold: bool = False) -> Iterator[str]:
    """One piece of text for each finding, each ending in a line feed, then the count.

    With `fold`, errors come first and one finding stands for all of its cause; where that is still more than a screenful,
    each is a line and its way out, without the excerpt.
    """
    if not fold:
        for located in report.located:
            yield "\n".join(_finding(report, located, colour=colour)) + "\n\n"
    else:
        yield from _folded(report, folded(report.located), colour=colour)
    if report.located:
        yield f"{report.totals}\n"


def _folded(report: Report, causes: list[Folded], *, colour: bool) -> Iterator[str]:
    pieces = [[*_finding(report, cause.first, colour=colour), *_others(report, cause), ""] for cause in causes]
    is_short = sum(map(len, pieces)) > _SCREENFUL
    if is_short:
        pieces = [[*_in_short(report, cause.first, colour=colour), *_others(report, cause)] for cause in causes]
    yield from ("\n".join(lines) + "\n" for lines in pieces)
    if is_short:
        yield "policyc validate --all shows each with its lines\n"


def _others(report: Report, cause: Folded) -> Iterator[str]:
    if not cause.more:
        return
    number = len(cause.more)
    if cause.command:
        where = f" in {cause.files} files" if cause.files > 1 else ""
        yield f"and {number} more {cause.first.diagnostic.code}{where}: {cause.command} shows all"
        return
    named = [_where(report, one.diagnostic.location, one.region) for one in cause.more[:_NAMED]]
    rest = f" and {number - _NAMED} more" if number > _NAMED else ""
    yield f"also at {', '.join(named)}{rest}"


def _in_short(report: Report, located: Located, *, colour: bool) -> Iterator[str]:
    found = located.diagnostic
    head = _paint(f"{found.level}[{found.code}]", _COLOURS[found.level], colour=colour)
    yield f"{_where(report, found.location, located.region)}: {head}: {plain(found.message)}"
    if found.help:
        yield f"  {_paint('help', _HELP, colour=colour)}: {plain(found.help)}"


def _where(report: Report, location: Location, region: Region | None) -> str:
    line = region.line if region else location.line
    column = region.column if region else location.column
    return plain(report.shown(location.file)) + (f":{line}:{column or 1}" if line else "")


def _finding(report: Report, located: Located, *, colour: bool) -> Iterator[str]:
    found = located.diagnostic
    tone = _COLOURS[found.level]
    yield f"{_paint(f'{found.level}[{found.code}]', tone, colour=colour)}: {plain(found.message)}"
    regions = [located.region, *located.related]
    gutter = max([len(str(region.line)) for region in regions if region is not None], default=1)
    yield from _place(report, found.location, located.region, "", gutter, tone if colour else "")
    for related, region in zip(found.related, located.related, strict=False):
        yield from _place(report, related.location, region, related.message, gutter, _FRAME if colour else "")
    if found.help:
        yield f"{_paint('help', _HELP, colour=colour)}: {plain(found.help)}"


def _place(report: Report, location: Location, region: Region | None, message: str, gutter: int, tone: str) -> Iterator[str]:
    where = _where(report, location, region)
    pad = " " * gutter
    frame = _FRAME if tone else ""
    arrow = _paint(f"{pad}-->", frame, colour=bool(tone))
    yield f"{arrow} {where}" + (f": {plain(message)}" if message else "")
    if region is None or not region.excerpt.strip():
        return
    text, start, width = excerpt(region.excerpt, region.column - 1, region.end_column - 1, _ROOM)
    bar = _paint("|", frame, colour=bool(tone))
    yield f"{pad} {bar}"
    yield f"{_paint(f'{region.line:>{gutter}}', frame, colour=bool(tone))} {bar} {text}"
    yield f"{pad} {bar} {' ' * start}{_paint('^' * width, tone, colour=bool(tone))}"


def _paint(text: str, tone: str, *, colour: bool) -> str:
    return f"\x1b[{tone}m{text}\x1b[0m" if colour else text
