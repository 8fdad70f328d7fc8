"""As much of PowerShell's tokens as tells what no engine would parse, and where a script ends by itself.

Strings, here-strings, comments and brackets, and the words at which a statement begins. What is in a string of double quotes is
read for `$(...)` alone. Everything that isn't seen here, an engine still may refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PAIRS = {"(": ")", "{": "}", "[": "]"}
_CLOSES = frozenset(_PAIRS.values())
_HERE = re.compile(r"@(['\"])[ \t]*\n")
_WORD = re.compile(r"[A-Za-z][\w-]*")
_BARE = re.compile(r"[\w.\-:\\/*?%+~=!]")
"""What a `#` may stand behind without beginning a comment."""
_STATEMENTS = frozenset("\n;{}(|&")
_END = re.compile(r"[;\n})]|\Z")
_REST_IS_RAW = re.compile(r"--%[^\n]*")


@dataclass(frozen=True, slots=True)
class Fault:
    """What PowerShell wouldn't parse."""

    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Exit:
    """A statement that ends the script."""

    offset: int
    code: str
    """What stands behind the word, up to the end of the statement."""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[tuple[str, int]] = []
        self.exits: list[Exit] = []
        self.fault: Fault | None = None

    def read(self, *, until: int = 0) -> None:
        """Up to the end, or to the bracket that closes the one at which `open` has this depth."""
        begins = True
        while self.at < len(self.text) and self.fault is None:
            sign = self.text[self.at]
            begins = self._take(sign, begins=begins)
            if until and len(self.open) < until:
                return
        if self.fault is None and self.open:
            opened, offset = self.open[-1]
            self.fault = Fault(offset, f"this '{opened}' is never closed")

    def _take(self, sign: str, *, begins: bool) -> bool:
        """One token; whether a statement may begin behind it."""
        text, at = self.text, self.at
        if self._passed(sign):
            return begins
        if self._string(sign):
            return False
        if raw := _REST_IS_RAW.match(text, at):
            self.at = raw.end()
        elif sign in _PAIRS or sign in _CLOSES:
            self._bracket(sign)
            return sign in _STATEMENTS
        elif word := _WORD.match(text, at):
            self._word(word, begins=begins)
        else:
            self.at += 1
            return sign in _STATEMENTS or (begins and sign in " \t\r")
        return False

    def _passed(self, sign: str) -> bool:
        """An escape or a comment: whatever may begin behind it might have begun before."""
        text, at = self.text, self.at
        if sign == "`":
            self.at += 2
        elif text.startswith("<#", at):
            self._jump("#>", at + 2, "this comment is never closed")
        elif sign == "#" and (at == 0 or not _BARE.match(text[at - 1])):
            end = text.find("\n", at)
            self.at = len(text) if end < 0 else end
        else:
            return False
        return True

    def _string(self, sign: str) -> bool:
        """A string, or a variable whose name is in braces."""
        if here := _HERE.match(self.text, self.at):
            self._here(here)
        elif sign == "'":
            self._jump("'", self.at + 1, "this string is never closed")
        elif sign == '"':
            self._double()
        elif self.text.startswith("${", self.at):
            self._jump("}", self.at + 2, "this name of a variable is never closed")
        else:
            return False
        return True

    def _bracket(self, sign: str) -> None:
        if sign in _PAIRS:
            self.open.append((sign, self.at))
        elif not self.open or _PAIRS[self.open[-1][0]] != sign:
            self.fault = Fault(self.at, f"this '{sign}' closes nothing")
        else:
            self.open.pop()
        self.at += 1

    def _word(self, word: re.Match[str], *, begins: bool) -> None:
        self.at = word.end()
        before = self.text[word.start() - 1] if word.start() else "\n"
        if begins and word[0].lower() == "exit" and before not in "$.-:":
            end = _END.search(self.text, self.at)
            self.exits.append(Exit(word.start(), self.text[self.at : end.start() if end else None].strip(" (")))

    def _jump(self, end: str, start: int, message: str) -> None:
        found = self.text.find(end, start)
        if found < 0:
            self.fault = Fault(self.at, message)
        else:
            self.at = found + len(end)

    def _here(self, opens: re.Match[str]) -> None:
        # Its end stands at the beginning of a line, and may be the next one.
        found = self.text.find(f"\n{opens[1]}@", opens.end() - 1)
        if found < 0:
            self.fault = Fault(self.at, "this here-string is never closed: its end stands at the beginning of a line")
        else:
            self.at = found + 3

    def _double(self) -> None:
        start = self.at
        self.at += 1
        while self.at < len(self.text) and self.fault is None:
            sign = self.text[self.at]
            if sign == "`":
                self.at += 2
            elif sign == '"':
                self.at += 1
                return
            elif self.text.startswith("$(", self.at):
                self.at += 2
                self.open.append(("(", self.at - 1))
                self.read(until=len(self.open))
            else:
                self.at += 1
        if self.fault is None:
            self.fault = Fault(start, "this string is never closed")


def read(text: str) -> tuple[Fault | None, tuple[Exit, ...]]:
    """What is wrong, if anything is, and the statements that end the script up to there.

    >>> read('if ($a) { "b $("c")" ')[0]
    Fault(offset=8, message="this '{' is never closed")
    >>> [one.code for one in read("function f { exit 3 }; 'exit 4' # exit 5")[1]]
    ['3']
    """
    reader = _Reader(text)
    reader.read()
    return reader.fault, tuple(reader.exits)


_STRANGE = re.compile(r"[^\t\n -~]")


def strange(text: str) -> Iterator[tuple[int, str]]:
    """Characters that not every PowerShell reads as they were written, each with its offset."""
    for found in _STRANGE.finditer(text):
        yield found.start(), found[0]
