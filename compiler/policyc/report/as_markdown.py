"""The report as Markdown, for a wiki or a merge request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policyc.report.model import Coverage, Report
from policyc.targets.text import markdown


def render(report: Report) -> Iterator[str]:
    """Line by line, each with its line feed."""
    for line in _lines(report):
        yield f"{line}\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_cell(report.project)} on {report.day.isoformat()}"
    yield ""
    counts = ", ".join(f"{number} {word}" for word, number in report.severities)
    many = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in _totals(report)]
    yield f"{', '.join(many)}{f' ({counts})' if counts else ''}."
    yield from _collections(report)
    for one in report.coverage:
        yield from _coverage(one)
    yield from _endings(report)
    yield from _conflicts(report)
    kept = [[one.id, one.title, one.stays, one.undo] for one in report.kept]
    if kept:
        yield from _section(
            "What a rollback doesn't take back", ("Setting", "Title", "What stays", "What has to be done"), kept
        )
    yield from _section(
        "Settings",
        ("Setting", "Title", "Where", "It must", "Severity", "Changed", "References", "Collections"),
        (
            [
                *(one.id, one.title, one.place, one.must, one.severity, "yes" if one.remediated else "reported only"),
                *(", ".join(one.references), ", ".join(one.collections)),
            ]
            for one in report.settings
        ),
    )


def _totals(report: Report) -> tuple[tuple[int, str], ...]:
    return (len(report.collections), "collection"), (len(report.settings), "setting")


def _collections(report: Report) -> Iterator[str]:
    yield from _section(
        "Collections",
        ("Collection", "By", "Mode", "Settings", "Changed", "Excepted", "In conflict with"),
        (
            [one.name, ", ".join(one.targets), one.mode, *map(str, (one.settings, one.remediated, one.excepted, one.conflicts))]
            for one in report.collections
        ),
    )


def _coverage(one: Coverage) -> Iterator[str]:
    said = ", ".join(f"{number} {cover.value}" for cover, number in one.counts.items())
    yield from _section(
        f"Coverage of {one.name}",
        ("Entry", "Title", "State", "Settings", "Collections", "Excepted in"),
        (
            [
                row.reference,
                row.title,
                row.cover.value,
                *(", ".join(row.settings), ", ".join(row.collections)),
                ", ".join(row.excepted_in),
            ]
            for row in one.entries
        ),
        f"{len(one.entries)} entries: {said}.",
    )


def _endings(report: Report) -> Iterator[str]:
    rows = [
        [one.ends.isoformat(), str(one.days), one.collection, one.what, one.says, one.owner, one.ticket]
        for one in report.endings
    ]
    if rows:
        head = ("Last day", "Days", "Collection", "What", "It says", "Owner", "Ticket")
        yield from _section("Exceptions and packages", head, rows)


def _conflicts(report: Report) -> Iterator[str]:
    if report.fights:
        rows = [[one.one, one.other, f"{one.answer}: {one.reason}", ", ".join(one.places)] for one in report.fights]
        yield from _section("Conflicts", ("Collection", "Other", "Share a device", "Places"), rows)
    if report.statements:
        rows = [[", ".join(one.collections), one.what, one.reason] for one in report.statements]
        yield from _section("Statements", ("Collections", "What is stated", "Reason"), rows)


def _section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], said: str = "") -> Iterator[str]:
    yield from ("", f"## {_cell(title)}", "")
    if said:
        yield from (said, "")
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    # A name behind the sign would be told of it where the text is posted.
    return markdown(text).replace("@", "&#64;")
