"""Files of the Registry Editor: `Windows Registry Editor Version 5.00` and `REGEDIT4`.

The Registry Editor passes over what it doesn't understand. Here such a line is told, so that nobody takes it for imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from policyc.registry_files.entries import Action, Entry, FormatError, RawValue
from policyc.registry_files.reg_text import DEFAULT_CODE_PAGE, Line, RegText, from_ansi, read_text
from policyc.registry_files.values import Type, terminated

_REST = r"[ \t]*(?:;[^\r\n]*)?(?=[\r\n]|\Z)"
_NAME = re.compile(r'[ \t]*(?:@|"((?:[^"\\\r\n]++|\\[^\r\n])*+)")[ \t]*=[ \t]*')
# A string may go on over several lines.
_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)"' + _REST, re.DOTALL)
_DWORD = re.compile(r"dword:[ \t]*([0-9a-f]{1,8})" + _REST, re.IGNORECASE)
_HEX = re.compile(r"hex(?:\([ \t]*([0-9a-f]{1,8})[ \t]*\))?:", re.IGNORECASE)
_BYTES = re.compile(r"[0-9a-f]{1,2}(?:,[0-9a-f]{1,2})*", re.IGNORECASE)
_MORE = re.compile(r"[0-9a-fA-F, \t]*\\?[ \t]*(?:;.*)?")
_DELETE = re.compile("-" + _REST)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DOUBTFUL_END = re.compile(r"\][ \t]*;")
_TEXTS = frozenset({Type.REG_SZ, Type.REG_EXPAND_SZ, Type.REG_MULTI_SZ})
_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that says nothing that could be understood."""

    number: int
    text: str
    reason: str


@dataclass(slots=True)
class RegFile:
    """What a `.reg` file says."""

    entries: list[Entry] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)


def read_reg(data: bytes, *, code_page: str = DEFAULT_CODE_PAGE) -> list[Entry]:
    """The entries of a file in which every line is understood. Raises FormatError."""
    found = parse_reg(data, code_page=code_page)
    for line in found.malformed:
        raise FormatError(f"line {line.number}: {line.reason}")
    return found.entries


def parse_reg(data: bytes, *, code_page: str = DEFAULT_CODE_PAGE) -> RegFile:
    """The entries, and the lines that aren't understood. Raises FormatError where the file isn't a `.reg` file at all."""
    return _Reader(read_text(data, code_page)).run()


class _LineError(Exception):
    """The line can't be understood."""


class _Reader:
    def __init__(self, file: RegText) -> None:
        self._file = file
        self._found = RegFile()
        self._key: str | None = None
        self._index = 0

    def run(self) -> RegFile:
        while self._index < len(self._file.lines):
            line = self._file.lines[self._index]
            self._index += 1
            content = line.text.strip()
            if not content or content.startswith(";"):
                continue
            try:
                self._found.entries.append(self._key_line(line, content) if content[0] == "[" else self._value_line(line))
            except _LineError as wrong:
                shown = content if len(content) <= _LONGEST_QUOTE else content[:_LONGEST_QUOTE] + "…"
                self._found.malformed.append(Malformed(line.number, shown, str(wrong)))
        return self._found

    def _key_line(self, line: Line, content: str) -> Entry:
        self._key = None
        key, bracket, rest = content[1:].rpartition("]")
        if not bracket:
            raise _LineError("the key has no ']' at its end")
        if (rest.strip() and not rest.strip().startswith(";")) or _DOUBTFUL_END.search(key):
            raise _LineError("it isn't clear where the key ends: nothing but a comment without ']' may stand behind it")
        delete = key.startswith("-")
        key = key.removeprefix("-")
        if not key.strip():
            raise _LineError("there is no key between the brackets")
        if delete:
            return Entry(Action.DELETE_KEY, key, None, None, line.number)
        self._key = key
        return Entry(Action.CREATE_KEY, key, None, None, line.number)

    def _value_line(self, line: Line) -> Entry:
        text = self._file.text
        match = _NAME.match(text, line.start)
        if match is None:
            raise _LineError("this is no key, no value and no comment")
        if self._key is None:
            raise _LineError("no key is open here: values stand below a line with '[key]'")
        name = "" if match[1] is None else _unescaped(match[1])
        at = match.end()
        if _DELETE.match(text, at):
            return Entry(Action.DELETE_VALUE, self._key, name, None, line.number)
        return Entry(Action.SET, self._key, name, self._value(line, at), line.number)

    def _value(self, line: Line, at: int) -> RawValue:
        text = self._file.text
        if text.startswith('"', at):
            string = _STRING.match(text, at)
            if string is None:
                raise _LineError("the string has no closing quote, or something stands behind it")
            value = RawValue(Type.REG_SZ, terminated(_unescaped(string[1])))
            self._go_behind(string.end())
            return value
        if number := _DWORD.match(text, at):
            return RawValue(Type.REG_DWORD, int(number[1], 16).to_bytes(4, "little"))
        if start := _HEX.match(text, at):
            return self._hex(line, start)
        raise _LineError('the data is none of "text", dword:, hex:, hex(n): and -')

    def _go_behind(self, offset: int) -> None:
        lines = self._file.lines
        while self._index < len(lines) and lines[self._index].start < offset:
            self._index += 1

    def _hex(self, line: Line, start: re.Match[str]) -> RawValue:
        pieces = [_without_comment(line.text[start.end() - line.start :])]
        while pieces[-1].endswith("\\"):
            pieces[-1] = pieces[-1][:-1]
            following = self._file.lines[self._index].text if self._index < len(self._file.lines) else None
            if following is None or not _MORE.fullmatch(following):
                raise _LineError("the data goes on in the next line, as the backslash says, and there is none of it")
            pieces.append(_without_comment(following))
            self._index += 1
        digits = re.sub(r"[ \t]", "", "".join(pieces))
        if digits and not _BYTES.fullmatch(digits):
            raise _LineError("the data is no list of bytes: pairs of hex digits with commas between")
        kind = Type.REG_BINARY if start[1] is None else int(start[1], 16)
        data = bytes(int(byte, 16) for byte in digits.split(",")) if digits else b""
        return RawValue(kind, self._wide(data) if self._file.is_ansi and kind in _TEXTS else data)

    def _wide(self, data: bytes) -> bytes:
        try:
            return from_ansi(data, self._file.code_page).encode("utf-16-le")
        except UnicodeDecodeError as failure:
            message = f"the byte 0x{data[failure.start]:02X} of the data is no character of {self._file.code_page}"
            raise _LineError(message) from failure


def _without_comment(text: str) -> str:
    return text.partition(";")[0].strip(" \t")


def _unescaped(text: str) -> str:
    wrong = next((escape for escape in _ESCAPE.finditer(text) if escape[1] not in '"\\'), None)
    if wrong is not None:
        shown = wrong[1] if wrong[1].isprintable() else f"U+{ord(wrong[1]):04X}"
        raise _LineError(rf"'\{shown}' is no escape: in a .reg file a backslash is written as '\\' and a quote as '\"'")
    return _ESCAPE.sub(r"\1", text)
