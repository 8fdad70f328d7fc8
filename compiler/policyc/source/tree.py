"""From YAML text to plain dicts, lists and scalars, in one pass over the parser's events and without recursion."""

from __future__ import annotations

import re
from dataclasses import field
from sys import intern
from typing import Any, NoReturn

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from policyc.diagnostics import Diagnostic, Related, error
from policyc.diagnostics.cures import rename
from policyc.model import Location
from policyc.model.records import dataclass
from policyc.source import events
from policyc.source.limits import DEEPEST, MOST_ALIASED, MOST_FINDINGS, MOST_NODES
from policyc.source.scalars import FIRST, has_leading_zero, resolve
from policyc.source.sizes import measure
from policyc.source.syntax import explain_failure
from policyc.source.untyped import Event, Tree
from policyc.source.wording import quoted

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "bool": (bool,), "null": (type(None),)}
_NO_KEY: Any = object()
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_WIDEST = 2**64 - 1

_Frame = tuple[dict[str, Any] | None, list[Any] | None, Any, str | None]
"""A mapping or None, a list or None, the key that waits for its value, the anchor."""


@dataclass(slots=True)
class Built:
    """A document as plain data."""

    tree: Any = None
    findings: list[Diagnostic] = field(default_factory=list)
    """If there is one, the tree is not to be used but for finding more."""
    is_whole: bool = False
    """The text was understood to its end."""
    unusual: bool = False
    """It holds a float or an integer of more than 64 bits: the language knows no place for either."""
    leading_zeros: list[tuple[tuple[str | int, ...], str]] = field(default_factory=list)
    """Numbers as in `0777`: path and text."""


def build(file: str, text: str) -> Built:
    """The one document of a file. Every finding is kept up to the point where the text can't be understood."""
    return _Builder(file, text).run()


class _Stop(Exception):  # noqa: N818 - it ends the loop, it isn't an error
    """Nothing behind this point can be understood."""


class _Builder:
    """The loop over the events keeps the innermost frame in local names: it runs for every node of every policy.

    What is rare is a method, which gets the frames as `at`, innermost last.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.built = Built()
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Any] = {}
        self.known: dict[str, Any] = {}
        self.sizes: dict[int, tuple[int, int]] = {}
        self.aliased = 0

    def run(self) -> Built:
        findings = self.built.findings
        try:
            documents = self._loop(events.events(self.text))
        except _Stop:
            return self.built
        except events.Failure as failure:
            findings.append(explain_failure(self.file, self.text, failure))
            return self.built
        self.built.is_whole = True
        if not findings and (not documents or self.built.tree is None):
            way_out = "write a 'collection:' head, or delete the file"
            findings.append(error("PC0111", f"{quoted(self.file)} is empty", Location(self.file), help=way_out))
        return self.built

    def _loop(self, next_event: events.NextEvent) -> int:  # noqa: C901, PLR0912, PLR0915 - calls would cost more than the rest
        documents = nodes = 0
        stack, known = self.stack, self.known
        mapping: dict[str, Any] | None = None
        items: list[Any] | None = None
        key: Any = _NO_KEY
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is ScalarEvent:
                value: Any = event.value
                if event.style:
                    if event.style == '"' and _FORBIDDEN.search(value):
                        self._forbidden(event, (mapping, items, key, None))
                elif value[:1] in FIRST:
                    value = known[value] if value in known else self._plain(value, (mapping, items, key, None))
                if event.tag is not None:
                    value = self._tagged(event, value, (mapping, items, key, None))
                if event.anchor is not None:
                    self.anchors[event.anchor] = value
                if mapping is not None:
                    if key is not _NO_KEY:
                        mapping[key] = value
                        key = _NO_KEY
                    elif type(value) is not str or value in mapping or value == "<<":
                        self._key(event, value, (mapping, items, key, None))
                        key = event.value
                    else:
                        key = intern(value)
                elif items is not None:
                    items.append(value)
                else:
                    self.built.tree = value
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if event.tag is not None or len(stack) >= DEEPEST or (mapping is not None and key is _NO_KEY):
                    self._container(event, (mapping, items, key, None))
                child: Any = {} if kind is MappingStartEvent else []
                # The key stays pending until the child is closed: it is a step of the way to whatever is in there.
                if mapping is not None:
                    mapping[key] = child
                elif items is not None:
                    items.append(child)
                else:
                    self.built.tree = child
                if event.anchor is not None:
                    self.anchors[event.anchor] = _NO_KEY
                stack.append((mapping, items, key, event.anchor))
                mapping, items = (child, None) if kind is MappingStartEvent else (None, child)
                key = _NO_KEY
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                child = mapping if mapping is not None else items
                nodes += len(child)
                if nodes > MOST_NODES:
                    way_out = "look for generated or repeated content, or split the collection"
                    self._stop("PC0112", f"The file holds more than {MOST_NODES} values", event, (), way_out)
                mapping, items, _, anchor = stack.pop()
                key = _NO_KEY
                if anchor is not None:
                    self.anchors[anchor] = child
            elif kind is AliasEvent:
                value = self._alias(event, (mapping, items, key, None))
                if mapping is not None:
                    mapping[key] = value
                    key = _NO_KEY
                elif items is not None:
                    items.append(value)
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    way_out = "a file holds one document: move the rest to a file of its own and take out the '---'"
                    self._stop("PC0104", "A second document begins here", event, (), way_out)
        return documents

    # Scalars

    def _plain(self, text: str, at: _Frame) -> Tree:
        value = resolve(text)
        kind = type(value)
        if kind is float or (kind is int and not -_WIDEST <= value <= _WIDEST):  # type: ignore[operator]
            self.built.unusual = True
        elif kind is int and has_leading_zero(text):
            self.built.leading_zeros.append((self._path(at), text))
        elif len(text) < 100:
            self.known[text] = value
        return value

    def _forbidden(self, event: Event, at: _Frame) -> None:
        if "\0" in event.value:
            self._report("PC0108", "The text holds the character NUL", event, at, "take it out: no registry string can hold it")
            return
        way_out = "write the character itself, or its full escape such as \\U0001F600"
        self._report("PC0108", "The text holds half of a surrogate pair, which is no character", event, at, way_out)

    def _tagged(self, event: Event, value: Tree, at: _Frame) -> Tree:
        tag: str = event.tag
        if tag in ("!", _CORE + "str"):
            return event.value
        kinds = _SCALAR_TAGS.get(tag.removeprefix(_CORE)) if tag.startswith(_CORE) else None
        if kinds is None:
            self._unknown_tag(event, at)
            return value
        value = self._plain(event.value, at)
        if type(value) not in kinds:
            self._report("PC0103", f"{quoted(event.value)} is not what its tag says", event, at, "take out the tag")
        return value

    def _unknown_tag(self, event: Event, at: _Frame) -> None:
        tag: str = event.tag
        shown = f"!!{tag.removeprefix(_CORE)}" if tag.startswith(_CORE) else tag
        self._report("PC0103", f"The tag {quoted(shown)} is not known", event, at, "take it out: policies need no tags")

    # Keys, mappings and lists

    def _key(self, event: Event, key: Tree, at: _Frame) -> None:
        text = event.value
        if type(key) is not str:
            if text:
                way = Location(self.file, (*self._path(at), text), on_key=True)
                message = f"The key {quoted(text)} is not text unless it has quotes"
                cures = [rename(way, f'"{text}"')]
                self._add(error("PC0114", message, self._location(event, at), help=f'write "{text}":', cures=cures))
            else:
                self._report("PC0114", "A key is missing before the colon", event, at, "write the key, or take out the line")
        elif key in (at[0] or {}):
            first = Location(self.file, (*self._path(at), key), on_key=True)
            finding = error(
                "PC0102",
                f"The key {quoted(key)} stands here a second time",
                self._location(event, at),
                help="delete one of the two, or give it another name",
                related=[Related(first, "the first one is here")],
            )
            self._add(finding)
        elif not event.style:
            way_out = "write the keys out, or use an alias for a whole mapping"
            self._report("PC0113", "'<<' (merge) is not part of YAML 1.2", event, at, way_out)

    def _container(self, event: Event, at: _Frame) -> None:
        if len(self.stack) >= DEEPEST:
            way_out = "no policy needs more than seven: look for brackets that aren't closed"
            self._stop("PC0121", f"Mappings and lists are nested more than {DEEPEST} levels deep", event, (), way_out)
        if at[0] is not None and at[2] is _NO_KEY:
            way_out = "put text that begins with a bracket or brace in quotes"
            self._stop("PC0114", "A list or mapping is used as a key", event, at, way_out)
        core = "map" if type(event) is MappingStartEvent else "seq"
        if event.tag is not None and event.tag not in ("!", _CORE + core):
            self._unknown_tag(event, at)

    # Aliases

    def _alias(self, event: Event, at: _Frame) -> Tree:
        name: str = event.anchor
        value = self.anchors.get(name, None)
        if name not in self.anchors:
            way_out = f"put text that begins with '*' in quotes, or write '&{name}' where it is first used"
            self._stop("PC0105", f"The alias {quoted('*' + name)} has no anchor before it", event, at, way_out)
        if value is _NO_KEY:
            self._stop("PC0105", f"The alias {quoted('*' + name)} stands inside of what it names", event, at, "write it out")
        if at[0] is not None and at[2] is _NO_KEY:
            self._stop("PC0114", "An alias is used as a key", event, at, "write the key out")
        size, height = measure(value, self.sizes)
        self.aliased += size
        if self.aliased > MOST_ALIASED or len(self.stack) + height > DEEPEST:
            message = "The aliases of this file unfold to far more than the file says"
            self._stop("PC0106", message, event, at, "write out what they stand for")
        return value

    # Findings

    def _path(self, at: _Frame) -> tuple[str | int, ...]:
        """The way to the node that comes next (for a key, to its mapping)."""
        steps: list[str | int] = []
        for mapping, items, key, _ in [*self.stack[1:], at]:
            if mapping is not None and key is not _NO_KEY:
                steps.append(key)
            elif items is not None:
                steps.append(len(items) if items is at[1] else len(items) - 1)
        return tuple(steps)

    def _location(self, event: Event, at: _Frame | tuple[()]) -> Location:
        mark = event.start_mark
        return Location(self.file, self._path(at) if at else (), line=mark.line + 1, column=mark.column + 1)

    def _report(self, code: str, message: str, event: Event, at: _Frame | tuple[()], help: str) -> None:
        self._add(error(code, message, self._location(event, at), help=help))

    def _stop(self, code: str, message: str, event: Event, at: _Frame | tuple[()], help: str) -> NoReturn:
        self._report(code, message, event, at, help)
        raise _Stop

    def _add(self, finding: Diagnostic) -> None:
        self.built.findings.append(finding)
        if len(self.built.findings) >= MOST_FINDINGS:
            raise _Stop
