"""Queries that compare a Windows build as if it were a number.

Build, BuildNumber and Version are strings in WQL: '9600' is greater than '14393', and '6.3.9600' than '10.0.14393'. Only beside
a term that pins the generation of Windows does a relational operator say what it seems to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, warning
from policyc.model import Project
from policyc.model.records import dataclass

_TEXTS = frozenset({"BUILD", "BUILDNUMBER", "VERSION"})
_NAMES_OF_WINDOWS = frozenset({"OPERATINGSYSTEMNAMEANDVERSION", "CAPTION"})
_TOKEN = re.compile(r"""\s*('(?:[^']|'')*'?|"[^"]*"?|[<>!]=|<>|[<>=()]|[^\s'"<>!=()]+|.)""", re.DOTALL)
_GENERATION = re.compile(r"\d+\.")
_PIN = "OperatingSystemNameandVersion like '%Workstation 10.0%'"


def build_queries(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Builds compared with <, <=, > or >= where nothing pins the generation."""
    for collection in project.collections:
        query = None if collection.members is None else collection.members.query
        if query is None:
            continue
        attribute = unpinned_comparison(query)
        if attribute is not None:
            yield warning(
                "PC0404",
                f"'{attribute}' is compared as text, and as text 9600 and 6.3.9600 are greater than 10.0.14393",
                collection.origin.below("collection", "members", "query"),
                help=f"pin the generation with a further term: and {_PIN}",
            )


@dataclass(slots=True)
class _Part:
    """What a part of a condition says."""

    pins: bool = False
    """Only one generation of Windows satisfies it."""
    bare: str | None = None
    """An attribute that is compared as text and not pinned within the part."""


def unpinned_comparison(query: str) -> str | None:
    """The attribute that a WQL query compares as text without pinning the generation; None if there is none.

    >>> unpinned_comparison("select * from SMS_R_System where Build >= '10.0.14393'")
    'Build'
    """
    tokens = _TOKEN.findall(query)
    if not any(attribute_of(token) in _TEXTS for token in tokens):
        return None
    return _Reader(tokens).whole().bare


def attribute_of(token: str) -> str:
    """The last part of a dotted name, in upper case.

    >>> attribute_of("SMS_R_System.Build")
    'BUILD'
    """
    return token.rpartition(".")[2].upper()


class _Reader:
    """Reads a query's condition by its `and`, `or`, `not` and parentheses; whatever else stands there belongs to a term."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def whole(self) -> _Part:
        """The whole query, with those inside it: a stack of open parentheses rather than recursion, whatever the depth."""
        stack: list[_Group] = [_Group()]
        for token in self._tokens:
            word = token.upper()
            if token == "(":  # noqa: S105 - a parenthesis
                stack.append(_Group())
            elif token == ")" and len(stack) > 1:  # noqa: S105 - a parenthesis
                inner = stack.pop().close()
                stack[-1].inner.append(inner)
            elif word in ("AND", "OR", "WHERE", "NOT"):
                stack[-1].word(word)
            else:
                stack[-1].term.append(token)
        while len(stack) > 1:
            inner = stack.pop().close()
            stack[-1].inner.append(inner)
        return stack[-1].close()


class _Group:
    """One level of parentheses while it is read: alternatives, each of terms that all hold."""

    def __init__(self) -> None:
        self.term: list[str] = []
        self.inner: list[_Part] = []
        self._denied = False
        self._together: list[_Part] = []
        self._alternatives: list[_Part] = []

    def word(self, word: str) -> None:
        if word == "NOT":
            self._denied = True
            self.term.append(word)
            return
        self._end_term()
        if word == "OR":
            self._end_alternative()
        elif word == "WHERE":
            self._together.clear()  # what stood before it is no condition

    def close(self) -> _Part:
        self._end_term()
        self._end_alternative()
        bare = next((part.bare for part in self._alternatives if part.bare), None)
        return _Part(all(part.pins for part in self._alternatives), bare)

    def _end_term(self) -> None:
        part = _term(self.term)
        for inner in self.inner:
            part.pins = part.pins or inner.pins
            part.bare = part.bare or inner.bare
        if self._denied:
            part.pins = False
        self._together.append(part)
        self.term, self.inner, self._denied = [], [], False

    def _end_alternative(self) -> None:
        pins = any(part.pins for part in self._together)
        bare = None if pins else next((part.bare for part in self._together if part.bare), None)
        self._alternatives.append(_Part(pins, bare))
        self._together = []


def _term(tokens: list[str]) -> _Part:
    """A single comparison, written from either side."""
    if len(tokens) != 3:
        return _Part()
    left, operator, right = tokens
    if left[0] in "'\"":
        left, right = right, left
    attribute, text = attribute_of(left), right.strip("'\"")
    if operator in ("<", "<=", ">", ">="):
        return _Part(bare=left.rpartition(".")[2] if attribute in _TEXTS else None)
    if operator == "=" or operator.upper() == "LIKE":
        named = attribute in _NAMES_OF_WINDOWS and any(map(str.isdigit, text))
        return _Part(pins=named or (attribute in _TEXTS and _GENERATION.match(text) is not None))
    return _Part()
