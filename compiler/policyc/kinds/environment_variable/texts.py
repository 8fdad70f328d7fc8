"""What a device holds of a variable: its type, and a text that may be a list of entries with semicolons between them.

A state keeps the text in parts, each up to a semicolon and with it: so entries can be told apart, no part is empty, and
all parts together are the text to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from policyc.evaluation import Held, State
from policyc.model import Kind, upper

LONGEST = 8191
"""Characters. Programs that cmd.exe starts get no longer variable (Microsoft, "Command prompt line string limitation")."""
_PARTS = re.compile(r"[^;]*;|[^;]+")
_REFERENCE = re.compile(r"%[^%;=]+%")


class Type(StrEnum):
    """The registry's kind of value, as .NET calls it."""

    STRING = "String"
    EXPAND_STRING = "ExpandString"
    """References to other variables count: `%SystemRoot%`."""

    @property
    def said(self) -> str:
        """As a policy says it."""
        return (Kind.STRING if self is Type.STRING else Kind.EXPAND_STRING).value


TYPES = {one.said: one for one in Type}


def refers(text: str) -> bool:
    """Whether it names another variable.

    >>> refers(r"%ProgramFiles%\\Example"), refers("100 %")
    (True, False)
    """
    return _REFERENCE.search(text) is not None


def held(kind: Type, text: str) -> Held:
    """As devices read it and journals keep it."""
    return Held(Kind.MULTI_STRING, (kind.value, *_PARTS.findall(text)))


def of_state(state: State) -> tuple[Type, str] | None:
    """Type and text of a variable that is there and can be read."""
    if isinstance(state, Held) and isinstance(state.data, tuple) and state.data:
        kind, *parts = map(str, state.data)
        return Type(kind), "".join(parts)
    return None


def folded(entry: str) -> str:
    r"""Equal for entries that Windows takes for one.

    >>> folded('"C:\\Program Files\\Example\\"') == folded(r"c:\program files\EXAMPLE")
    True
    """
    return upper(entry.strip(" ").strip('"').rstrip("\\"))


def entries(text: str) -> list[str]:
    """As they stand, the empty ones too."""
    return text.split(";") if text else []


def keys(texts: Iterable[str]) -> frozenset[str]:
    """What tells entries apart; an empty one is none."""
    return frozenset(map(folded, texts)) - {""}


def with_entries(text: str, wanted: Iterable[str]) -> str:
    r"""What is missing stands at the end, and all else as it is.

    >>> with_entries(r"C:\A;;", [r"c:\a\\", r"C:\B"])
    'C:\\A;;C:\\B'
    """
    there = keys(entries(text))
    missing = [entry for entry in wanted if folded(entry) not in there]
    between = ";" if text and missing and not text.endswith(";") else ""
    return text + between + ";".join(missing)


def without_entries(text: str, refused: Iterable[str]) -> str:
    r"""Without each of them, however often it stands there.

    >>> without_entries(r"C:\A;C:\B;c:\a\\;", [r"C:\a"])
    'C:\\B;'
    """
    gone = keys(refused)
    return ";".join(entry for entry in entries(text) if folded(entry) not in gone)
