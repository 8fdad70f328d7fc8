"""The report as one page that needs nothing else: no server, no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policyc.diagnostics.reporters.plain import plain
from policyc.report.model import Cover, Coverage, Ending, Report

_ON_LINE = 60
"""Endings that are drawn; the table has all."""
_WIDTH, _HEIGHT, _NAMES = 900, 22, 240
"""Of the drawing, of one line in it, and of what stands left of the line: in its own units."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An ending on the time line."""

    ending: Ending
    start: int
    """Where its line begins: the report's day, or the ending where that is over."""
    width: int
    y: int
    state: str
    """over, soon or later."""


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Endings as lines from the report's day on."""

    height: int
    today: int
    marks: tuple[Mark, ...]
    months: tuple[tuple[int, str], ...]
    """(Where, which)."""


def render(report: Report) -> bytes:
    """The page's bytes: ASCII, as everything else is a character reference."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        # The style that all pages share is the matrix's.
        loader=ChoiceLoader([PackageLoader("policyc.report"), PackageLoader("policyc.matrix")]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = plain
    text = environment.get_template("report.html.j2").render(
        report=report,
        most_severities=_most(report.severities),
        most_kinds=_most(report.kinds),
        shares=shares,
        line=time_line(report.endings, report.day),
    )
    return text.encode("ascii", "xmlcharrefreplace")


def _most(counts: Sequence[tuple[str, int]]) -> int:
    return max((number for _, number in counts), default=1)


def shares(one: Coverage) -> list[tuple[str, int, float]]:
    """(State, entries, per cent of all) of a benchmark."""
    return [(cover.value, number, round(100 * number / len(one.entries), 2)) for cover, number in one.counts.items()]


def time_line(endings: Sequence[Ending], day: date) -> TimeLine | None:
    """Those that end first; None where nothing ends."""
    if not endings:
        return None
    drawn = endings[:_ON_LINE]
    first, last = min(day, drawn[0].ends), max(day + timedelta(days=30), drawn[-1].ends)
    days = max((last - first).days, 1)

    def at(when: date) -> int:
        return _NAMES + round((_WIDTH - _NAMES - 20) * (when - first).days / days)

    marks = [
        Mark(one, min(at(day), at(one.ends)), max(abs(at(one.ends) - at(day)), 3), 30 + _HEIGHT * number, _state(one))
        for number, one in enumerate(drawn)
    ]
    return TimeLine(
        40 + _HEIGHT * len(drawn), at(day), tuple(marks), tuple((at(one), one.isoformat()[:7]) for one in _months(first, last))
    )


def _state(one: Ending) -> str:
    return "over" if one.days < 0 else "soon" if one.days <= 30 else "later"


def _months(first: date, last: date) -> Iterable[date]:
    """At most a dozen first days of months."""
    found = []
    year, month = first.year, first.month
    while True:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        if date(year, month, 1) > last:
            break
        found.append(date(year, month, 1))
    return found[:: max(1, -(-len(found) // 12))]


__all__ = ["Cover", "render", "shares", "time_line"]
