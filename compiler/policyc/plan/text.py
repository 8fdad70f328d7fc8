"""A plan for people, on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from policyc.diagnostics.reporters.plain import plain
from policyc.plan import grouping
from policyc.plan.model import Action, Change, Plan, Subject, Word
from policyc.plan.summary import identity_pieces, summary
from policyc.plan.wording import (
    Pieces,
    Said,
    change_pieces,
    collection_pieces,
    left_pieces,
    means_pieces,
    moved_pieces,
    names,
    rise_text,
    silent,
    together,
    where,
    word_pieces,
)

WIDTH = 96
_SIGNS = {Action.ADDED: "+", Action.REMOVED: "-", Action.RENAMED: ">"}


def render(plan: Plan) -> Iterator[str]:
    """The lines, each with its end; the summary stands first and last."""
    yield from _line(["Plan from ", Said(str(plan.base)), " to ", Said(str(plan.head)), f", as of {plan.as_of}"], 0)
    yield from _wrapped(summary(plan), 0)
    if (identity := identity_pieces(plan)) is not None:
        yield "\n"
        yield from _line(identity, 0)
    body = list(_body(plan))
    yield from body
    if body and plan.has_changes:
        yield "\n"
        yield from _wrapped(summary(plan), 0)


def _body(plan: Plan) -> Iterator[str]:
    yield from _project(plan.project)
    yield from _collections(plan)
    for section in grouping.changes(plan):
        yield "\n"
        yield from _line(where(section.collections), 0)
        for change in section.items:
            yield from _change(change)
    yield from _moved(plan)
    yield from _left(plan)
    yield from _rises(plan)


def _project(words: tuple[Word, ...]) -> Iterator[str]:
    if words:
        yield "\nProject\n"
    for word in words:
        yield from _line(word_pieces(word, Action.CHANGED), 4)


def _collections(plan: Plan) -> Iterator[str]:
    told = [one for one in plan.collections if one.action not in (None, Action.CHANGED) or (one.held and one.action)]
    if told:
        yield "\nCollections\n"
    for collection in told:
        sign = _SIGNS.get(collection.action or Action.CHANGED, "~")
        yield from _line([f"{sign} ", *collection_pieces(collection)], 2)


def _change(change: Change) -> Iterator[str]:
    sign = _SIGNS.get(change.action, "~")
    yield from _line([f"{sign} ", *change_pieces(change)], 2)
    yield from _line(means_pieces(change), 6)
    if change.subject is Subject.SETTING and change.action in (Action.ADDED, Action.REMOVED):
        yield from _line(together(change.words, change.action), 6)
    else:
        for word in change.words:
            yield from _line(word_pieces(word, change.action), 6)
    for reason in change.reasons:
        yield from _line(["reason: ", Said(reason)], 6)


def _moved(plan: Plan) -> Iterator[str]:
    sections = grouping.moved(plan)
    if sections:
        yield "\nMoved, and the same for devices\n"
    for section in sections:
        yield from _line(where(section.collections), 2)
        for pieces in moved_pieces(section.items):
            yield from _line(pieces, 4)


def _left(plan: Plan) -> Iterator[str]:
    sections = grouping.left(plan)
    if sections:
        yield "\nLeft behind on devices\n"
    for section in sections:
        yield from _line(where(section.collections), 2)
        undo = ""
        for left in section.items:
            if undo and left.undo != undo:
                yield from _line(["roll back: ", Said(undo)], 6)
            undo = left.undo
            yield from _line(left_pieces(left), 4)
        yield from _line(["roll back: ", Said(undo)], 6)


def _rises(plan: Plan) -> Iterator[str]:
    sections = grouping.rises(plan)
    if sections:
        yield "\nRevisions that rise on the site\n"
    for section in sections:
        yield from _line([*where(section.collections), ": ", ", ".join(rise_text(rise) for rise in section.items)], 2)
    for collections, why in silent(plan):
        yield from _line(["In ", *names(collections), f" {why}."], 2)


def _line(pieces: Pieces, indent: int) -> Iterator[str]:
    text = "".join(plain(piece.text) if isinstance(piece, Said) else piece for piece in pieces)
    yield from _wrapped(text, indent)


def _wrapped(text: str, indent: int) -> Iterator[str]:
    """Lines of at most `WIDTH` characters; what doesn't fit goes on a little further in."""
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 4),
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    yield from (f"{line}\n" for line in lines)
