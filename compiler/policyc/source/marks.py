"""Where a node stands in its file: the text is parsed again, with marks kept."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property

from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from policyc.diagnostics import Region
from policyc.model import Location
from policyc.model.records import dataclass
from policyc.source import events
from policyc.source.limits import DEEPEST, LONGEST_EXCERPT
from policyc.source.reading import split_lines
from policyc.source.untyped import Event

_STARTS = frozenset({MappingStartEvent, SequenceStartEvent})
_ENDS = frozenset({MappingEndEvent, SequenceEndEvent})
_NODES = _STARTS | {ScalarEvent, AliasEvent}
_UNSEEN = {
    **{code: 0x2400 + code for code in range(0x20) if code != 0x09},
    **dict.fromkeys((0x7F, *range(0x80, 0xA0), 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), 0xFEFF), 0xFFFD),
    **dict.fromkeys(range(0x2060, 0x206A), 0xFFFD),
}
"""What would move or hide text on a terminal, and what an excerpt shows for it; one character for one."""
_NONE: list[Marked] = []
"""The children of a scalar: a file may have very many of them."""


@dataclass(slots=True)
class Marked:
    """A node with its marks: 0-based line and column."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str | None = None
    """Of a scalar."""
    plain: bool = False
    """A scalar without quotes."""
    block: bool = False
    """A mapping or list without brackets."""
    is_mapping: bool = False
    children: list[Marked] = field(default_factory=lambda: _NONE)
    """Items, or keys and values in turn."""
    entries: dict[str | None, tuple[Marked, Marked]] | None = None
    """Key and value of each entry by the key's text, the first of each, once they were asked for."""


class Marks:
    """A file's lines and nodes. The text is parsed only if a node is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = split_lines(text)

    @cached_property
    def _root(self) -> Marked | None:
        return _compose(self._text)

    def region(self, location: Location) -> Region | None:
        """What a report marks for a location: of what no longer exists, the nearest node above; None for the whole file."""
        if location.line is not None:
            return self._region_of_word(location.line, location.column or 1)
        if not location.path or self._root is None:
            return None
        key, node, complete = self.find(location.path)
        if (location.on_key or not complete or node is None or _is_spread(node)) and key is not None:
            node = key
        return None if node is None else self._region(node.start, node.end)

    def line(self, path: tuple[str | int, ...]) -> int | None:
        """The line, from 1, on which an entry or item begins; None where there is no such node."""
        key, node, complete = self.find(path)
        if not complete or node is None:
            return None
        first = key if key is not None and path and isinstance(path[-1], str) else node
        return first.start[0] + 1

    def end(self, path: tuple[str | int, ...]) -> tuple[int, int] | None:
        """Line and column, from 0, behind a node; None where there is none."""
        _, node, complete = self.find(path)
        return node.end if complete and node is not None else None

    def written(self, path: tuple[str | int, ...]) -> str | None:
        """The text of a plain scalar as it stands in the file, of a quoted one without its quotes."""
        _, node, complete = self.find(path)
        return node.text if complete and node is not None else None

    def raw(self, path: tuple[str | int, ...], *, on_key: bool = False) -> str:
        """The text of a node, or of its key, as it stands in the file, with quotes and escapes; empty where there is none."""
        key, node, complete = self.find(path)
        node = key if on_key else node
        if not complete or node is None:
            return ""
        (first, start), (last, end) = node.start, node.end
        lines = self._lines[first : last + 1]
        if len(lines) > last - first:
            lines[-1] = lines[-1][:end]
        return "\n".join(lines)[start:]

    def is_plain(self, path: tuple[str | int, ...]) -> bool:
        """Whether there is a scalar without quotes."""
        _, node, complete = self.find(path)
        return complete and node is not None and node.plain

    def find(self, path: tuple[str | int, ...]) -> tuple[Marked | None, Marked | None, bool]:
        """(The nearest key on the way, the last node that exists, whether that is all of the way)."""
        key: Marked | None = None
        node = self._root
        for step in path:
            pair = _child(node, step)
            if pair is None:
                return key, node, False
            # An item has no key of its own: a spread one is marked from its start.
            key, node = pair
        return key, node, True

    def _region(self, start: tuple[int, int], end: tuple[int, int]) -> Region | None:
        line, column = start
        if line >= len(self._lines):
            return None
        stop = end[1] if end[0] == line else len(self._lines[line])
        return self._excerpt(line, column, stop)

    def _region_of_word(self, line: int, column: int) -> Region | None:
        if not 0 < line <= len(self._lines):
            return None
        text = self._lines[line - 1]
        stop = column - 1
        while stop < min(len(text), column + LONGEST_EXCERPT) and (text[stop].isalnum() or text[stop] in "_-.<&*!%"):
            stop += 1
        return self._excerpt(line - 1, column - 1, stop)

    def _excerpt(self, line: int, start: int, stop: int) -> Region:
        # Columns count from the line's beginning, so only what is behind the place is cut.
        stop = min(stop, start + LONGEST_EXCERPT)
        shown = self._lines[line][: stop + LONGEST_EXCERPT].translate(_UNSEEN)
        return Region(line + 1, start + 1, max(stop, start + 1) + 1, shown)


def _is_spread(node: Marked) -> bool:
    """A mapping or list whose first line is its first entry, or a value of which nothing is written."""
    return (node.text is None and (node.block or node.start[0] != node.end[0])) or node.start == node.end


def _child(node: Marked | None, step: str | int) -> tuple[Marked | None, Marked] | None:
    """(Key, value) of a mapping's entry, (None, item) of a list."""
    if node is None:
        return None
    children = node.children
    if isinstance(step, str):
        if not node.is_mapping:
            return None
        if node.entries is None:
            node.entries = {}
            for key, value in zip(children[::2], children[1::2], strict=False):
                node.entries.setdefault(key.text, (key, value))
        return node.entries.get(step)
    return (None, children[step]) if not node.is_mapping and 0 <= step < len(children) else None


def _compose(text: str) -> Marked | None:
    """The root of the first document, with its nodes as far as the text can be parsed."""
    roots: list[Marked] = []
    try:
        _collect(events.events(text), roots)
    except events.Failure:
        from policyc.source.forgiving import forgiven

        # What stands behind a broken escape has its place, too.
        whole = forgiven(text)
        if whole != text:
            return _compose(whole)
    return roots[0] if roots else None


def _collect(next_event: events.NextEvent, roots: list[Marked]) -> None:
    anchors: dict[str, Marked] = {}
    open_nodes: list[Marked] = []
    while (event := next_event()) is not None:
        kind = type(event)
        if kind in _ENDS:
            open_nodes.pop().end = (event.end_mark.line, event.end_mark.column)
            continue
        if kind not in _NODES:
            continue
        node = anchors.get(event.anchor) if kind is AliasEvent else _node(event)
        if node is None or len(open_nodes) > DEEPEST or (roots and not open_nodes):
            # An alias without an anchor, brackets that take libyaml quadratic time, or a second document.
            return
        if event.anchor is not None:
            anchors[event.anchor] = node
        if open_nodes:
            open_nodes[-1].children.append(node)
        else:
            roots.append(node)
        if kind in _STARTS:
            open_nodes.append(node)


def _node(event: Event) -> Marked:
    start = (event.start_mark.line, event.start_mark.column)
    end = (event.end_mark.line, event.end_mark.column)
    if isinstance(event, ScalarEvent):
        return Marked(start, end, text=event.value, plain=not event.style)
    return Marked(start, end, block=not event.flow_style, is_mapping=isinstance(event, MappingStartEvent), children=[])
