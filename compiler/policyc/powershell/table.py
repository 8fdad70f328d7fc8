"""The table of settings in a script that policyc wrote, read back as data. Nothing is run.

The grammar is what `literals` and `rows` write, to the character: anything else is no script of policyc's.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from typing import TypeAlias

from policyc.powershell.literals import literal

Cell: TypeAlias = str | int | bytes | tuple[str, ...] | list["Cell"] | dict[str, "Cell"]
"""A value of a row; a bool where the script has one. A list is PowerShell's `@(...)`, a tuple its `[string[]]`."""
Row: TypeAlias = dict[str, Cell]

_NAME = re.compile(r"([A-Z][A-Za-z]*) = ")
_TEXT = re.compile(r"'((?:[ -&(-~]|'')*)'")
_CHARACTER = re.compile(r"\[char\]0x([0-9A-F]{4})")
_CHARACTERS = re.compile(r"\(-join \[char\[\]\]@\((0x[0-9A-F]{4}(?:, 0x[0-9A-F]{4})*)\)\)")
_NUMBER = re.compile(r"[0-9]{1,20}")
_NEGATIVE = re.compile(r"\((-[0-9]{1,20})\)")
_BYTES = re.compile(r"\(\[Convert\]::FromBase64String\('([A-Za-z0-9+/]*={0,2})'\)\)")
_EARLIER_BYTES = re.compile(r"\(\[byte\[\]\]@\(((?:[0-9]{1,3}(?:, [0-9]{1,3})*)?)\)\)")
"""As earlier versions wrote them: their cabinets are read all the same."""


class ForeignScriptError(ValueError):
    """This is no script that policyc wrote; the message says where it stops being one."""


def read_table(text: str, start: int) -> tuple[list[Row], int]:
    """The rows of the table whose first row begins at `start`, and where the text goes on behind it."""
    reader = _Reader(text, start)
    rows = []
    while True:
        if reader.takes("    @{ "):
            rows.append(reader.line())
        elif reader.takes("    @{\n"):
            rows.append(reader.row())
        else:
            break
    reader.expect(")\n")
    return rows, reader.at


def _earlier(value: Cell) -> str | None:
    """Bytes as earlier versions wrote them."""
    return f"([byte[]]@({', '.join(map(str, value))}))" if isinstance(value, bytes) else None


def read_literal(text: str) -> Cell:
    r"""The value of an expression that `literal` wrote.

    >>> read_literal("(-join @([char]0x00FC, 'ber', [char]0x000A))")
    'über\n'
    """
    reader = _Reader(text, 0)
    value = reader.value()
    reader.expect_end()
    return value


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    def takes(self, words: str) -> bool:
        """Whether these words are next; they are then behind."""
        found = self._text.startswith(words, self.at)
        self.at += len(words) * found
        return found

    def expect(self, words: str) -> None:
        """Go on behind these words, which must be next."""
        if not self.takes(words):
            raise self._foreign()

    def expect_end(self) -> None:
        """Nothing must be left."""
        if self.at < len(self._text):
            raise self._foreign()

    def line(self) -> Row:
        """A row on one line, from behind its opening brace."""
        found = self._pairs({}, self.value)
        self.expect(" }\n")
        return found

    def row(self) -> Row:
        """A row as earlier versions wrote it, up to its end, from behind its opening line."""
        found: Row = {}
        while not self.takes("    }\n"):
            self.expect("        ")
            self._pairs(found, self.value)
            self.expect("\n")
        return found

    def value(self) -> Cell:
        """Any expression that a row may have."""
        if self.takes("@("):
            return self._array()
        if self.takes("@{ "):
            pairs = self._pairs({}, self._plain)
            self.expect(" }")
            return pairs
        return self._plain()

    def _plain(self) -> Cell:
        """A literal: none of them holds another expression than constants."""
        start = self.at
        value = self._scalar()
        if self._text[start : self.at] not in (literal(value), _earlier(value)):
            self.at = start
            raise self._foreign()
        return value

    def _pairs(self, found: Row, value: Callable[[], Cell]) -> Row:
        while True:
            name = self._match(_NAME)[1]
            if name in found:
                raise self._foreign()
            found[name] = value()
            if not self.takes("; "):
                return found

    def _array(self) -> list[Cell]:
        # A lone comma keeps an array of one array from being unrolled.
        if self.takes(")"):
            return []
        one = self.takes(", ")
        values = [self._element()]
        while not one and self.takes(", "):
            values.append(self._element())
        self.expect(")")
        if one is not (len(values) == 1):
            raise self._foreign()
        return values

    def _element(self) -> Cell:
        """A literal, or a row of a list of values."""
        if not self.takes("@{ "):
            return self._plain()
        pairs = self._pairs({}, self._plain)
        self.expect(" }")
        return pairs

    def _scalar(self) -> str | int | bytes | tuple[str, ...]:
        if self.takes("([string[]]@("):
            return tuple(self._listed(self._string))
        if self.takes("$true"):
            return True
        if self.takes("$false"):
            return False
        if found := _BYTES.match(self._text, self.at):
            return self._bytes(found)
        if found := _EARLIER_BYTES.match(self._text, self.at):
            return self._numbers(found)
        if found := _NEGATIVE.match(self._text, self.at) or _NUMBER.match(self._text, self.at):
            self.at = found.end()
            return int(found[0].strip("()"))
        return self._string()

    def _bytes(self, found: re.Match[str]) -> bytes:
        try:
            value = b64decode(found[1], validate=True)
        except ValueError:
            raise self._foreign() from None
        self.at = found.end()
        return value

    def _numbers(self, found: re.Match[str]) -> bytes:
        numbers = [int(number) for number in found[1].split(", ")] if found[1] else []
        if max(numbers, default=0) > 255:
            raise self._foreign()
        self.at = found.end()
        return bytes(numbers)

    def _string(self) -> str:
        if not self.takes("(-join @("):
            return self._match(_TEXT)[1].replace("''", "'")
        narrow = "".join(self._listed(self._run))
        # Two units of UTF-16 may be one character.
        return narrow.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def _run(self) -> str:
        for pattern in (_CHARACTER, _CHARACTERS):
            if found := pattern.match(self._text, self.at):
                self.at = found.end()
                return "".join(chr(int(unit, 16)) for unit in found[1].split(", "))
        return self._match(_TEXT)[1].replace("''", "'")

    def _listed(self, one: Callable[[], str]) -> list[str]:
        """Elements up to the two brackets that end an array and its cast."""
        if self.takes("))"):
            return []
        found = [one()]
        while self.takes(", "):
            found.append(one())
        self.expect("))")
        return found

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self.at)
        if found is None:
            raise self._foreign()
        self.at = found.end()
        return found

    def _foreign(self) -> ForeignScriptError:
        line = self._text.count("\n", 0, self.at) + 1
        return ForeignScriptError(f"its line {line} isn't as policyc writes it")
