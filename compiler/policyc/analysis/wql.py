"""WQL as membership queries use it: a lexer, and a reader that finds what a site surely refuses.

The subset is the documented one: `select … from CLASS [joins … on …] [where CONDITION] [order by …]`, comparisons, `like`,
`in`, `is null`, `and`, `or`, `not`, parentheses, functions and queries inside queries. What isn't known to be wrong is passed
over: the site's provider takes more than its documentation says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache

from policyc.source.wording import quoted

_TEXT = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_TEXT_ALONE = r"""'[^']*'|"[^"]*\""""
"""A text in which a backslash stands for itself."""
_PATTERN = r"""(?P<space>\s+)
    |(?P<text>{text})
    |(?P<number>-?\d+(?:\.\d+)*(?![\w.]))
    |(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*|\[[^\]]*\])
    |(?P<operator><=|>=|<>|!=|=|<|>)
    |(?P<open>\()|(?P<close>\))
    |(?P<other>.)"""
_CURLY = "\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u00b4`"
_JOINING = frozenset({"INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "JOIN"})
_CLAUSES = frozenset({"SELECT", "FROM", "WHERE", "ON", "ORDER", "GROUP", "HAVING", "BY", *_JOINING})
_LINKS = frozenset({"AND", "OR"})
_WORDS = frozenset(
    {"NOT", "LIKE", "IN", "IS", "ISA", "BETWEEN", "ESCAPE", "AS", "DISTINCT", "ASC", "DESC", "ALL", "TOP", "ANY"}
)
_CONSTANTS = frozenset({"NULL", "TRUE", "FALSE"})
_COMPARING = frozenset({"LIKE", "IN", "IS", "ISA", "BETWEEN"})


class Kind(Enum):
    """What a token is to the grammar."""

    TEXT = auto()
    NUMBER = auto()
    NAME = auto()
    OPERATOR = auto()
    """`=` and its like, `LIKE`, `IN`, `IS`, `ISA`, `BETWEEN`."""
    CLAUSE = auto()
    LINK = auto()
    """`AND`, `OR`."""
    NOT = auto()
    WORD = auto()
    OPEN = auto()
    CLOSE = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query."""

    kind: Kind
    text: str

    @property
    def word(self) -> str:
        """In upper case: WQL has no case."""
        return self.text.upper()

    @property
    def is_operand(self) -> bool:
        """Whether it can stand at a side of a comparison."""
        return self.kind in (Kind.TEXT, Kind.NUMBER, Kind.NAME)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why no site takes a query."""

    why: str
    help: str


@dataclass(slots=True)
class Query:
    """What a query names."""

    classes: list[str] = field(default_factory=list)
    """In the order of the query, those of queries inside it too."""
    aliases: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """Properties, each as written: with its class or alias, or without."""
    bare: list[tuple[str, str]] = field(default_factory=list)
    """(Operator, name): names without a class to the right of a comparison, where a text is more often meant."""


def read(query: str) -> Query | Fault:
    """What a query names, or why it is none.

    >>> read("select * from SMS_R_System where Name like 'KIOSK%'").classes
    ['SMS_R_System']
    >>> read("select * from SMS_R_System where Name like KIOSK%").why
    "'KIOSK%' stands without quotes"
    """
    found = _read(query, _pattern(_TEXT))
    if isinstance(found, Query) or "\\" not in query:
        return found
    # Whether a backslash before a quote takes its meaning away depends on who reads: one reading is enough.
    otherwise = _read(query, _pattern(_TEXT_ALONE))
    return otherwise if isinstance(otherwise, Query) else found


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(_PATTERN.replace("{text}", text), re.VERBOSE | re.DOTALL)


def _read(query: str, pattern: re.Pattern[str]) -> Query | Fault:
    tokens = _tokens(query, pattern)
    if isinstance(tokens, Fault):
        return tokens
    fault = _shape(tokens) or _condition(tokens)
    return fault if fault is not None else _named(tokens)


def _tokens(query: str, pattern: re.Pattern[str]) -> list[Token] | Fault:
    tokens: list[Token] = []
    at = 0
    while at < len(query):
        found = pattern.match(query, at)
        assert found is not None  # noqa: S101 - the last branch takes any character
        kind, text = found.lastgroup or "", found.group()
        if text in "'\"":
            return Fault(f"the text that begins with {quoted(query[at:])} has no end", f"close it with {text}")
        if text in _CURLY:
            return Fault(f"{text} is no quote of WQL", "write straight quotes: ' or \"")
        if text == "%":
            begin = max(query.rfind(sign, 0, at) for sign in " \t\r\n(=,") + 1
            piece = re.split(r"[\s),]", query[begin:], maxsplit=1)[0]
            return Fault(f"{quoted(piece)} stands without quotes", f"write '{piece}' in quotes")
        at += len(text)
        if kind != "space":
            tokens.append(_token(kind, text))
    return tokens


def _token(kind: str, text: str) -> Token:
    word = text.upper()
    if kind == "name":
        for known, meant in ((_CLAUSES, Kind.CLAUSE), (_LINKS, Kind.LINK), (_COMPARING, Kind.OPERATOR)):
            if word in known:
                return Token(meant, text)
        if word in _WORDS:
            return Token(Kind.NOT if word == "NOT" else Kind.WORD, text)
    return Token(Kind[kind.upper()], text)


def _shape(tokens: list[Token]) -> Fault | None:
    """`select`, `from` with a class, and parentheses that close."""
    if not tokens or tokens[0].word != "SELECT":
        return Fault("it doesn't begin with 'select'", "write 'select ResourceId from SMS_R_System where …'")
    depth = 0
    from_class = False
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
        if depth < 0:
            return Fault("a ')' closes nothing", "take it out, or open a '(' before it")
        if token.word == "FROM" and token.kind is Kind.CLAUSE:
            if after is None or after.kind is not Kind.NAME:
                return Fault("no class stands behind 'from'", "write 'from SMS_R_System'")
            from_class = from_class or depth == 0
    if depth:
        return Fault(f"{depth} '(' {'is' if depth == 1 else 'are'} not closed", "close each with a ')'")
    return None if from_class else Fault("it names no class", "write 'from SMS_R_System' behind what is selected")


def _condition(tokens: list[Token]) -> Fault | None:
    """Comparisons with both of their sides, and links between two terms."""
    clauses = ["SELECT"]
    """Of each open parenthesis, the clause that it stands in."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if token.kind is Kind.OPEN:
            clauses.append(clauses[-1] if _is_condition(clauses[-1]) and not _calls(before) else "")
        elif token.kind is Kind.CLOSE:
            clauses.pop()
        elif token.kind is Kind.CLAUSE:
            fault = _empty_clause(token, after)
            if fault is not None:
                return fault
            clauses[-1] = token.word
        elif _is_condition(clauses[-1]):
            fault = _term(token, before, after)
            if fault is not None:
                return fault
    return None


def _is_condition(clause: str) -> bool:
    return clause in ("WHERE", "ON")


def _calls(before: Token | None) -> bool:
    """Whether a parenthesis holds a function's arguments or a list, which have commas."""
    return before is not None and (before.kind is Kind.NAME or before.word == "IN")


def _empty_clause(token: Token, after: Token | None) -> Fault | None:
    if not _is_condition(token.word):
        return None
    if after is None or after.kind in (Kind.CLOSE, Kind.CLAUSE, Kind.LINK):
        return Fault(f"no condition stands behind '{token.text}'", f"write one, or take '{token.text}' out")
    return None


def _term(token: Token, before: Token | None, after: Token | None) -> Fault | None:
    if token.kind is Kind.OPERATOR:
        return _comparison(token, before, after)
    if token.kind is Kind.LINK and (after is None or after.kind in (Kind.CLOSE, Kind.LINK, Kind.CLAUSE)):
        return Fault(f"nothing stands behind '{token.text}'", f"write a condition, or take '{token.text}' out")
    if token.is_operand and before is not None and before.is_operand:
        words = f"{before.text} {token.text}"
        if token.kind is Kind.TEXT and before.kind is Kind.TEXT:
            return None  # a doubled quote
        return Fault(f"{quoted(words)} has no operator between the two", "write 'and' or an operator, or put a text in quotes")
    return None


def _comparison(token: Token, before: Token | None, after: Token | None) -> Fault | None:
    left = before is not None and (before.is_operand or before.kind in (Kind.CLOSE, Kind.NOT, Kind.OTHER))
    right = after is not None and (after.is_operand or after.kind in (Kind.OPEN, Kind.OTHER, Kind.WORD, Kind.NOT))
    if not left:
        return Fault(f"nothing stands before '{token.text}'", "write what is compared")
    if not right:
        return Fault(f"nothing stands behind '{token.text}'", "write what it is compared with, a text in quotes")
    assert after is not None  # noqa: S101 - there is a right side
    if token.word == "IN" and after.kind not in (Kind.OPEN, Kind.OTHER):
        return Fault(f"no list stands behind '{token.text}'", "write the list in parentheses: in ('A', 'B')")
    if token.word == "IS" and after.word not in ("NULL", "NOT"):
        return Fault(f"'is' stands before {quoted(after.text)}", "only 'is null' and 'is not null' are conditions; write '='")
    return None


def _named(tokens: list[Token]) -> Query:
    query = Query()
    clause = ""
    for at, token in enumerate(tokens):
        if token.kind is Kind.CLAUSE:
            clause = token.word
        before = tokens[at - 1] if at else None
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if token.kind is not Kind.NAME or token.word in _CONSTANTS:
            continue
        if clause in ("FROM", "JOIN") and before is not None and (before.word == clause or before.text == ","):
            query.classes.append(token.text)
            query.aliases += _alias(tokens[at + 1 : at + 3])
        elif (after is None or after.kind is not Kind.OPEN) and token.text not in query.aliases:
            query.names.append(token.text)
            if before is not None and before.kind is Kind.OPERATOR and "." not in token.text:
                query.bare.append((before.text, token.text))
    return query


def _alias(following: list[Token]) -> Iterator[str]:
    """The name that a query gives a class: `SMS_R_System sys`, `SMS_R_System as sys`."""
    for token in following:
        if token.kind is Kind.NAME:
            yield token.text
        if token.word != "AS":
            return
