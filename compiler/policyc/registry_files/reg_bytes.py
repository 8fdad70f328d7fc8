"""The bytes of `hex:` and `hex(n):` in a `.reg` file, which may go on over several lines.

What goes on, and what ends it, is as Windows does (the expectations of Wine's tests of `reg import`, which are checked on
Windows): a backslash behind a comma goes on in the next line, blank lines and those with `;` are passed over there, and any
other line that doesn't begin with a byte is read as data nevertheless, and lost with the value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from policyc.registry_files.reg_text import Line, LineError

_LINE = re.compile(
    r"(?P<bytes>(?:[ \t]*+[0-9a-f]{1,2},)*+)(?P<last>[ \t]*+[0-9a-f]{1,2})?[ \t]*+(?P<on>\\[ \t]*+)?(?:;.*)?", re.IGNORECASE
)
_BEGINS = re.compile(r"[ \t]*[0-9a-f]", re.IGNORECASE)
_PASSED_OVER = re.compile(r"[ \t]*(?:;.*)?")
_REST = re.compile(r"[ \t]*+(?:[0-9a-f]{0,2}[ \t]*+,[0-9a-f, \t]*+\\?|[0-9a-f]{1,2}|\\)[ \t]*+(?:;.*)?", re.IGNORECASE)
# Blanks before a comma, and a byte of three digits: Wine's tests don't try them.
_UNTRIED = re.compile(
    r"(?:[ \t]*+0*[0-9a-f]{1,2}[ \t]*+,)*+[ \t]*+(?:0*[0-9a-f]{1,2})?[ \t]*+\\?[ \t]*+(?:;.*)?", re.IGNORECASE
)


class BytesError(LineError):
    """The bytes can't be read."""

    def __init__(self, reason: str, read: int, *, lost: Line | None = None, known: bool = True) -> None:
        super().__init__(reason, known=known)
        self.read = read
        """How many of the lines below were read as data."""
        self.lost = lost
        """The one of them that would say something if it weren't read as data."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """The data."""

    data: bytes
    read: int
    """How many of the lines below belong to it."""


def read_bytes(first: str, below: Sequence[Line], start: int) -> Bytes:
    """The bytes behind `hex:`, of which `first` is the first line; `below[start]` is the next one. Raises BytesError."""
    found: list[str] = []
    goes_on = _piece(first, found, 0)
    read = 0
    while goes_on:
        following = next((line for line in below[start + read : start + read + 1]), None)
        if following is None:
            break  # A backslash at the end of the file: the data is what there is.
        read += 1
        if _PASSED_OVER.fullmatch(following.text):
            continue
        if not _BEGINS.match(following.text):
            raise _no_bytes(following, read)
        goes_on = _piece(following.text, found, read)
    return Bytes(bytes(int(byte, 16) for piece in found for byte in piece.split(",") if byte), read)


def is_rest(text: str) -> bool:
    """Whether a line holds nothing but bytes, and so is what is left of a value."""
    return _REST.fullmatch(text) is not None


def _piece(text: str, found: list[str], read: int) -> bool:
    """Whether the data goes on in the next line."""
    line = _LINE.fullmatch(text)
    if line is None:
        reason = "the data is no list of bytes: pairs of hex digits with commas between"
        raise BytesError(reason, read, known=_UNTRIED.fullmatch(text) is None)
    if line["on"] is not None and line["last"] is not None:
        raise BytesError("the data goes on in the next line only where a comma stands before the backslash", read)
    found.append(line["bytes"] + (line["last"] or ""))
    return line["on"] is not None


def _no_bytes(line: Line, read: int) -> BytesError:
    content = line.text.strip(" \t")
    if content.startswith("#"):
        return BytesError(f"its data goes on in line {line.number}, and within data only ';' begins a comment", read)
    lost = None if is_rest(content) else line
    return BytesError(f"its data goes on in line {line.number}, as the backslash says, and there are no bytes", read, lost=lost)
