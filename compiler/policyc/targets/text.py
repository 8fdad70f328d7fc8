"""Text of a policy in text for people: as it is, with nothing hidden and nothing read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_MARKUP = re.compile(
    r"""[\\`*{}\[\]<>#|~&$]
    |(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])  # within a word it is a character like others
    |:(?=[\w+-]+:)(?!(?<=\d:)\d\d:)  # some renderers make a picture of :word:, and none of a time of day""",
    re.VERBOSE,
)
_MAY_BE_MARKUP = re.compile(r"[\\`*{}\[\]<>#|~&$_:]")
_BACKTICKS = re.compile("`+")


@lru_cache(maxsize=32768)
def visible(text: str) -> str:
    r"""The text on one line, characters that can't be seen by their code point.

    >>> visible("a\nb\u202e")
    'a<U+000A>b<U+202E>'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


@lru_cache(maxsize=32768)
def markdown(text: str) -> str:
    r"""The text as Markdown that shows it as it is, also in a table. Not for the start of a line.

    >>> print(markdown("**x** | <script>"))
    \*\*x\*\* \| \<script\>
    >>> print(markdown("START_PENDING, on: 2026-12-10 23:59:00, :tada:"))
    START_PENDING, on: 2026-12-10 23:59:00, \:tada:
    """
    shown = visible(text)
    return _MARKUP.sub(r"\\\g<0>", shown) if _MAY_BE_MARKUP.search(shown) else shown


@lru_cache(maxsize=32768)
def code(text: str) -> str:
    """The text as inline code, fenced so that no backtick in it ends the code. Not for tables, which a pipe would break.

    >>> print(code("a"), code("`b`"))
    `a` `` `b` ``
    """
    shown = visible(text)
    if not shown:
        return "(empty)"
    if "`" not in shown:
        # One space at both ends would be taken away.
        return f"`  {shown}  `" if shown.startswith(" ") and shown.endswith(" ") and shown.strip() else f"`{shown}`"
    fence = "`" * (max(map(len, _BACKTICKS.findall(shown))) + 1)
    return f"{fence} {shown} {fence}"


def block(lines: Iterable[str], *, indent: str = "") -> list[str]:
    """The lines as a fenced block that no line of them ends."""
    shown = [visible(line) for line in lines]
    fence = "`" * (max((len(run) for line in shown for run in _BACKTICKS.findall(line)), default=2) + 1)
    return [f"{indent}{line}".rstrip() for line in (fence.rjust(3, "`"), *shown, fence.rjust(3, "`"))]
