"""Files of the Registry Editor: `Windows Registry Editor Version 5.00` and `REGEDIT4`.

Windows passes over what it doesn't understand. Here such a line is told, so that nobody takes it for imported. Which lines
those are, is established by the expectations of Wine's tests of `reg import`, which are checked on Windows; where they don't
try something, what is plainly meant is read, and anything else is told without a word on what Windows does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from policyc.registry_files.bounds import name_too_long
from policyc.registry_files.entries import Action, Entry, RawValue
from policyc.registry_files.reg_bytes import BytesError, is_rest, read_bytes
from policyc.registry_files.reg_text import DEFAULT_CODE_PAGE, Line, LineError, RegText, from_ansi, read_text
from policyc.registry_files.values import Type, terminated

_REST = r"[ \t]*(?:;[^\r\n]*)?(?=[\r\n]|\Z)"
_NAME = re.compile(r'[ \t]*(?:@|"((?:[^"\\\r\n]++|\\[^\r\n])*+)")[ \t]*=[ \t]*')
# A string may go on over several lines.
_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)"' + _REST, re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_DWORD = re.compile(r"dword:[ \t]*([0-9a-f]{1,8})" + _REST, re.IGNORECASE)
_HEX = re.compile(r"hex(?:\([ \t]*([0-9a-f]{1,8})[ \t]*\))?:", re.IGNORECASE)
_OTHER_TYPE = re.compile(r"[A-Za-z_]+:")
_DELETE = re.compile("-" + _REST)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# A key's own name may hold brackets; behind the key anything may stand, without a bracket in it.
_DOUBTFUL_END = re.compile(r"\][ \t]*;|\][ \t]+[^\\\]]*\[")
_TEXTS = frozenset({Type.REG_SZ, Type.REG_EXPAND_SZ, Type.REG_MULTI_SZ})
_LONGEST_QUOTE = 60
_NO_VALUE = "these bytes belong to no value: it goes on in the next line only where a comma and a backslash end the line"


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that says nothing that could be understood."""

    number: int
    text: str
    reason: str
    known: bool = True
    """Whether it is established that Windows passes over it."""


@dataclass(slots=True)
class RegFile:
    """What a `.reg` file says."""

    entries: list[Entry] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)


def parse_reg(data: bytes, *, code_page: str = DEFAULT_CODE_PAGE) -> RegFile:
    """The entries, and the lines that aren't understood. Raises FormatError where the file isn't a `.reg` file at all."""
    return _Reader(read_text(data, code_page)).run()


class _Reader:
    def __init__(self, file: RegText) -> None:
        self._file = file
        self._found = RegFile()
        self._key: str | None = None
        self._no_key = LineError("no key is open here: values stand below a line with '[key]'")
        """Why there is none."""
        self._index = 0

    def run(self) -> RegFile:
        while self._index < len(self._file.lines):
            line = self._file.lines[self._index]
            self._index += 1
            content = line.text.strip(" \t")
            if not content or content[0] in ";#":
                continue
            try:
                self._found.entries.append(self._key_line(line, content) if content[0] == "[" else self._value_line(line))
            except BytesError as wrong:
                self._tell(line, wrong)
                self._index += wrong.read
                self._lose(line, wrong.lost)
            except LineError as wrong:
                self._tell(line, wrong)
                self._lose(line, None)
        return self._found

    def _tell(self, line: Line, wrong: LineError) -> None:
        content = line.text.strip(" \t")
        shown = content if len(content) <= _LONGEST_QUOTE else content[:_LONGEST_QUOTE] + "…"
        self._found.malformed.append(Malformed(line.number, shown, str(wrong), wrong.known))

    def _lose(self, line: Line, lost: Line | None) -> None:
        """What goes with a line that can't be read: the rest of its bytes, or another line that is read as such."""
        if lost is None:
            while self._index < len(self._file.lines) and is_rest(self._file.lines[self._index].text):
                self._index += 1
            return
        reason = f"it is read as data of line {line.number}, which goes on here, as the backslash there says"
        self._tell(lost, LineError(reason))
        if lost.text.strip(" \t").startswith("["):
            self._key = None
            reason = f"no key is open here: line {lost.number}, which should open one, is read as data of line {line.number}"
            self._no_key = LineError(reason, known=False)

    def _key_line(self, line: Line, content: str) -> Entry:
        self._key = None
        self._no_key = LineError("no key is open here, as the last line with a key can't be read", known=False)
        key, bracket, _ = content[1:].rpartition("]")
        if not bracket:
            raise LineError("the key has no ']' at its end")
        if _DOUBTFUL_END.search(key):
            raise LineError("it isn't clear where the key ends: no ']' may stand behind it", known=False)
        delete = key.startswith("-")
        # Windows drops backslashes at the end.
        key = key.removeprefix("-").rstrip("\\")
        if key.startswith((" ", "\t")):
            raise LineError("a blank stands where the key should begin")
        if not key:
            raise LineError("there is no key between the brackets", known=False)
        if delete:
            self._no_key = LineError("no key is open here: the last one is deleted, and values stand below a line with '[key]'")
            return Entry(Action.DELETE_KEY, key, None, None, line.number)
        self._key = key
        return Entry(Action.CREATE_KEY, key, None, None, line.number)

    def _value_line(self, line: Line) -> Entry:
        text = self._file.text
        match = _NAME.match(text, line.start)
        if match is None:
            raise LineError(_NO_VALUE if is_rest(line.text) else "this is no key, no value and no comment")
        if self._key is None:
            raise self._no_key
        name = "" if match[1] is None else _unescaped(match[1])
        large = name_too_long(name)
        if large is not None:
            raise LineError(large, known=False)
        at = match.end()
        if _DELETE.match(text, at):
            return Entry(Action.DELETE_VALUE, self._key, name, None, line.number)
        return Entry(Action.SET, self._key, name, self._value(line, at), line.number)

    def _value(self, line: Line, at: int) -> RawValue:
        text = self._file.text
        if text.startswith('"', at):
            string = _STRING.match(text, at)
            if string is None:
                raise self._no_string(line, at)
            value = RawValue(Type.REG_SZ, terminated(_unescaped(string[1])))
            self._go_behind(string.end())
            return value
        if number := _DWORD.match(text, at):
            return RawValue(Type.REG_DWORD, int(number[1], 16).to_bytes(4, "little"))
        if start := _HEX.match(text, at):
            return self._hex(line, start)
        known = _OTHER_TYPE.match(text, at) is None or text.startswith(("dword:", "hex"), at)
        raise LineError('the data is none of "text", dword:, hex:, hex(n): and -', known=known)

    def _no_string(self, line: Line, at: int) -> LineError:
        if _QUOTED.match(line.text, at - line.start):
            return LineError("something stands behind the string's closing quote, and only a comment with ';' may")
        return LineError("the string has no closing quote", known=False)

    def _go_behind(self, offset: int) -> None:
        lines = self._file.lines
        while self._index < len(lines) and lines[self._index].start < offset:
            self._index += 1

    def _hex(self, line: Line, start: re.Match[str]) -> RawValue:
        found = read_bytes(line.text[start.end() - line.start :], self._file.lines, self._index)
        self._index += found.read
        kind = Type.REG_BINARY if start[1] is None else int(start[1], 16)
        return RawValue(kind, self._wide(found.data) if self._file.is_ansi and kind in _TEXTS else found.data)

    def _wide(self, data: bytes) -> bytes:
        try:
            return from_ansi(data, self._file.code_page).encode("utf-16-le")
        except UnicodeDecodeError as failure:
            message = f"the byte 0x{data[failure.start]:02X} of the data is no character of {self._file.code_page}"
            raise LineError(message, known=False) from failure


def _unescaped(text: str) -> str:
    wrong = next((escape for escape in _ESCAPE.finditer(text) if escape[1] not in '"\\'), None)
    if wrong is not None:
        shown = wrong[1] if wrong[1].isprintable() else f"U+{ord(wrong[1]):04X}"
        reason = rf"'\{shown}' is no escape: in a .reg file a backslash is written as '\\' and a quote as '\"'"
        raise LineError(reason, known=wrong[1] == "0")
    return _ESCAPE.sub(r"\1", text)
