"""A plan for a pull request: Markdown in which no text of a policy is markup, a link or a mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policyc.diagnostics.reporters.plain import plain
from policyc.plan import grouping
from policyc.plan.model import Action, Change, Plan, Subject
from policyc.plan.summary import identity_pieces, summary
from policyc.plan.wording import (
    Pieces,
    Said,
    change_pieces,
    collection_pieces,
    counted,
    difference,
    left_pieces,
    moved_pieces,
    names,
    pair,
    rise_text,
    short,
    silent,
    together,
    where,
    word_pieces,
)

LIMIT = 65_000
"""Characters of a comment: GitHub takes 65,536."""
_ROOM_FOR_THE_CUT = 300
_FOLDED_FROM = 8
_ROWS = 25
"""Rows of one table, so that a cut takes no more away than it must."""
_HEAD = "| Change | Word | Before | After | Meaning |\n|---|---|---|---|---|\n"
_TICKS = re.compile("`+")


def render(plan: Plan) -> str:
    """The comment, never longer than `LIMIT`; a cut is stated."""
    text = _top(plan)
    blocks = list(_blocks(plan))
    for number, block in enumerate(blocks):
        if len(text) + len(block) > LIMIT - _ROOM_FOR_THE_CUT:
            return text + _cut(len(blocks) - number)
        text += block
    return text


def _cut(rest: int) -> str:
    return f"\n**Cut here:** {counted(rest, 'more part')} would be too long for a comment. `policyc plan` shows all.\n"


def code(text: str) -> str:
    """Policy text as a code span, in which nothing is markup.

    In a table a `|` would end the cell even there, so such a text is written with character references.

    >>> code("a`b"), code("@team"), code("a|b")
    ('``a`b``', '`@team`', '<code>a&#124;b</code>')
    """
    text = plain(text)
    if not text:
        return "(empty)"
    if "|" in text:
        return html_code(text)
    ticks = "`" * (max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    # Of a span with a space at both ends one is taken off, unless there is nothing else.
    pad = " " if text.strip(" ") and (text[0] in "` " or text[-1] in "` ") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def html_code(text: str) -> str:
    """The same inside of HTML: all but letters, digits and spaces as character references."""
    shown = "".join(
        character if character.isalnum() or character == " " or ord(character) > 0x7F else f"&#{ord(character)};"
        for character in plain(text)
    )
    # An e-mail address would be linked even when written so: a comment parts it.
    return f"<code>{shown.replace('&#64;', '&#64;<!-- -->')}</code>"


def marked(pieces: Pieces) -> str:
    """Pieces as Markdown, the policy's as code."""
    return "".join(code(piece.text) if isinstance(piece, Said) else piece for piece in pieces)


def _in_html(pieces: Pieces) -> str:
    return "".join(html_code(piece.text) if isinstance(piece, Said) else piece for piece in pieces)


def _top(plan: Plan) -> str:
    sides = f"From {code(str(plan.base))} to {code(str(plan.head))}, as of {plan.as_of}."
    identity = identity_pieces(plan)
    told = "" if identity is None else f"{marked(identity)}\n\n"
    return f"## Plan of the policies\n\n**{summary(plan)}**\n\n{told}{sides}\n"


def _blocks(plan: Plan) -> Iterator[str]:
    if plan.project:
        yield "\n### Project\n\n" + _list(marked(word_pieces(word, Action.CHANGED)) for word in plan.project)
    told = [one for one in plan.collections if one.action not in (None, Action.CHANGED) or (one.held and one.action)]
    yield from _lists("Collections", [marked(collection_pieces(collection)) for collection in told])
    for section in grouping.changes(plan):
        rows = [row for change in section.items for row in _rows(change)]
        for start in range(0, len(rows), _ROWS):
            yield _table(where(section.collections), rows[start : start + _ROWS], len(rows), again=start > 0)
    moved = [
        f"{marked(where(section.collections))}: {marked(pieces)}"
        for section in grouping.moved(plan)
        for pieces in moved_pieces(section.items)
    ]
    yield from _lists("Moved, and the same for devices", moved)
    left = [
        f"{marked(where(section.collections))}: {marked(left_pieces(left))}. Roll back: {marked([Said(left.undo)])}"
        for section in grouping.left(plan)
        for left in section.items
    ]
    yield from _lists("Left behind on devices", left)
    yield from _revisions(plan)


def _table(heading: Pieces, rows: list[str], total: int, *, again: bool) -> str:
    goes_on = ", continued" if again else ""
    if total <= _FOLDED_FROM:
        return f"\n### {marked(heading)}\n\n{_HEAD}{''.join(rows)}"
    what = f"{_in_html(heading)}{goes_on}: {counted(len(rows), 'row')}"
    return f"\n<details><summary>{what}</summary>\n\n{_HEAD}{''.join(rows)}\n</details>\n"


def _rows(change: Change) -> Iterator[str]:
    first = marked(change_pieces(change))
    if change.reasons:
        first += "; reason: " + ", ".join(code(short(reason)) for reason in change.reasons)
    if change.means or change.in_force:
        yield _row(first, "", "", marked(together(change.in_force, Action.ADDED)), change.means)
        first = ""
    if change.subject is Subject.SETTING and change.action in (Action.ADDED, Action.REMOVED):
        shown = marked(together(change.words, change.action))
        cells = ("", shown) if change.action is Action.ADDED else (shown, "")
        yield _row(first, "", *cells, "")
        return
    for word in change.words:
        before, after = pair(word)
        meaning = ", ".join(text for text in (word.direction.value if word.direction else "", word.note) if text)
        changed = change.action not in (Action.ADDED, Action.REMOVED)
        parts = difference(word) if changed else None
        if parts is not None:
            yield _row(first, code(word.word), "", marked(parts), meaning)
        else:
            cells = ("" if word.before is None else code(before), "" if word.after is None else code(after))
            yield _row(first, code(word.word), *cells, meaning)
        first = ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _list(items: Iterable[str]) -> str:
    return "".join(f"- {item}\n" for item in items)


def _lists(title: str, items: list[str]) -> Iterator[str]:
    for start in range(0, len(items), _ROWS):
        part = items[start : start + _ROWS]
        head = title if not start else f"{title}, continued"
        if len(items) <= _FOLDED_FROM:
            yield f"\n### {head}\n\n{_list(part)}"
        else:
            yield f"\n<details><summary>{head}: {len(part)}</summary>\n\n{_list(part)}\n</details>\n"


def _revisions(plan: Plan) -> Iterator[str]:
    rows = [
        _row(marked(where(section.collections)), marked([", ".join(rise_text(rise) for rise in section.items)]))
        for section in grouping.rises(plan)
    ]
    for start in range(0, len(rows), _ROWS):
        table = "| Where | Revisions |\n|---|---|\n" + "".join(rows[start : start + _ROWS])
        goes_on = ", continued" if start else ""
        yield f"\n<details><summary>Revisions that rise on the site{goes_on}</summary>\n\n{table}\n</details>\n"
    for collections, why in silent(plan):
        yield f"\nIn {marked(names(collections))} {why}.\n"


__all__ = ["LIMIT", "code", "html_code", "render"]
