"""From the bytes of a `.reg` file to its lines: encodings, and the first line, which says how the rest is meant."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from policyc.registry_files.bounds import too_many
from policyc.registry_files.entries import FormatError

DEFAULT_CODE_PAGE = "cp1252"
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class LineError(Exception):
    """A line can't be understood. The message says why."""

    def __init__(self, reason: str, *, known: bool = True) -> None:
        super().__init__(reason)
        self.known = known
        """Whether it is established that Windows passes over such a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, without its end."""

    number: int
    """From 1."""
    text: str
    start: int
    """Its offset in the whole text."""


@dataclass(frozen=True, slots=True)
class RegText:
    """A `.reg` file as text."""

    text: str
    lines: tuple[Line, ...]
    """Those behind the first one."""
    is_ansi: bool
    """`REGEDIT4`: strings in `hex(2)` and `hex(7)` are bytes of the code page."""
    code_page: str


def read_text(data: bytes, code_page: str = DEFAULT_CODE_PAGE) -> RegText:
    """The text of a `.reg` file. `code_page` is that of a file that names none and isn't UTF-8. Raises FormatError."""
    text = _decoded(data, code_page)
    large = too_many(text.count("\n") + text.count("\r") - text.count("\r\n"), "lines")
    if large is not None:
        raise FormatError(large)
    lines = tuple(_lines(text))
    first = lines[0].text.strip() if lines else ""
    if first not in ("Windows Registry Editor Version 5.00", "REGEDIT4"):
        raise FormatError(_no_head(first))
    return RegText(text, lines[1:], first == "REGEDIT4", code_page)


def is_reg(data: bytes) -> bool:
    """Whether bytes begin as a `.reg` file does, in any of its encodings."""
    start = data[:4].removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE).removeprefix(codecs.BOM_UTF8)
    return start.replace(b"\0", b"")[:1] in (b"W", b"R")


def _no_head(first: str) -> str:
    message = "the first line isn't that of a .reg file, which is 'Windows Registry Editor Version 5.00' or 'REGEDIT4'"
    if first == "REGEDIT":
        return f"{message}; 'REGEDIT' begins the form of Windows 3.1, which isn't read here"
    # Of a file with any other line that begins so, Windows imports nothing, and calls that a success.
    return f"{message}; Windows imports nothing of this file" if first.startswith("REGEDIT") else message


def from_ansi(data: bytes, code_page: str) -> str:
    """Bytes of a code page as Windows reads them: what a single-byte code page leaves undefined is the control character."""
    try:
        return data.decode(code_page)
    except UnicodeDecodeError:
        if code_page != DEFAULT_CODE_PAGE:
            raise
    return "".join(_character(byte) for byte in data)


def _character(byte: int) -> str:
    try:
        return bytes([byte]).decode(DEFAULT_CODE_PAGE)
    except UnicodeDecodeError:
        return chr(byte)


def _decoded(data: bytes, code_page: str) -> str:
    encoding = _WIDE.get(data[:2])
    if encoding is None and data[:20].startswith(("Win".encode("utf-16-le"), "REG".encode("utf-16-le"))):
        encoding = "utf-16-le"
    if encoding is not None:
        if len(data) % 2:
            raise FormatError("the file ends in the middle of a character: it is UTF-16 and has an odd number of bytes")
        # The names of registry values may hold half a surrogate pair, and regedit writes them as they are.
        return data.decode(encoding, "surrogatepass").removeprefix("\ufeff")
    try:
        if not data.lstrip(b" \t").startswith(b"REGEDIT4"):
            return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return from_ansi(data, code_page)
    except UnicodeDecodeError as failure:
        number = data.count(b"\n", 0, failure.start) + 1
        raise FormatError(f"line {number}: the byte 0x{data[failure.start]:02X} is no character of {code_page}") from failure


def _lines(text: str) -> list[Line]:
    found = []
    for number, match in enumerate(_LINE.finditer(text), start=1):
        found.append(Line(number, match[1], match.start()))
        if match.end() == len(text):
            break
    return found
