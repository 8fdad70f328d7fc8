"""The sheet as Markdown, for a ticket or a wiki."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.plan.markdown import code, marked
from policyc.plan.sheet import Section, Sheet


def render(sheet: Sheet) -> str:
    """The whole text."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield from (
        "# Change of the policies",
        "",
        f"Project: {code(sheet.project)}. {marked(sheet.sides)}.",
        "",
        f"**{sheet.summary}**",
    )
    for section in sheet.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"## {section.title}")
    for pieces in section.said:
        yield from ("", marked(pieces))
    if section.rows:
        yield from ("", f"| {' | '.join(section.head)} |", f"|{'---|' * len(section.head)}")
        yield from (f"| {' | '.join(marked(cell) for cell in row)} |" for row in section.rows)
    if section.more:
        yield from ("", f"{section.more} more: `policyc plan` shows all.")
