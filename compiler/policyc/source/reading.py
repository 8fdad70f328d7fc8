"""From a file to its text, or to the reason why it can't be one."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path

from policyc.diagnostics import Diagnostic, error
from policyc.model import Location
from policyc.source.limits import LARGEST_FILE

_CONTROLS = bytes(c for c in range(0x20) if c not in b"\t\n\r") + b"\x7f"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_BREAKS = ("\x85", "\u2028", "\u2029")


def read_text(root: Path, file: str) -> str | Diagnostic:
    """The text of a policy file, without a byte order mark, or the one reason why it can't be read."""
    data = read_bytes(root, file)
    if isinstance(data, Diagnostic):
        return data
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    if data.startswith(_WIDE_MARKS) or _looks_wide(data):
        return error(
            "PC0107",
            f"'{file}' is encoded as UTF-16 or UTF-32, not as UTF-8",
            Location(file),
            help="save it as UTF-8; in Windows PowerShell 5.1, '>' and Out-File write UTF-16",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as failure:
        line, column = position(data[: failure.start].decode("utf-8"), failure.start)
        return error(
            "PC0107",
            f"The byte 0x{data[failure.start]:02X} is not UTF-8 here",
            Location(file, line=line, column=column),
            help="save the file as UTF-8; it was probably written in an older Windows code page",
        )
    return _control_character(file, data, text) or text


def read_bytes(root: Path, file: str) -> bytes | Diagnostic:
    """What a file holds, if it is an ordinary file of a sane size."""
    place = Location(file)
    try:
        with open(root / file, "rb", opener=_open_without_waiting) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return error("PC0109", f"'{file}' is not a file", place, help="only ordinary files can hold policies")
            if os.fstat(stream.fileno()).st_size <= LARGEST_FILE:
                data = stream.read(LARGEST_FILE + 1)
                if len(data) <= LARGEST_FILE:
                    return data
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        return error(
            "PC0110", f"'{file}' can't be read: {reason}", place, help="check that the account of this run may read it"
        )
    megabytes = LARGEST_FILE // (1024 * 1024)
    return error(
        "PC0112",
        f"'{file}' is larger than {megabytes} MB",
        place,
        help="one file describes one collection: look for generated or repeated content, or split the collection",
    )


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at this offset."""
    before = split_lines(text[:offset])
    return len(before), len(before[-1]) + 1


_LINE_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The lines as YAML 1.2 counts them: CR, LF and CRLF end one, and nothing else does."""
    return _LINE_END.split(text)


def _open_without_waiting(path: str, flags: int) -> int:
    # A pipe that became a policy file would otherwise be waited for.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _looks_wide(data: bytes) -> bool:
    """UTF-16 or UTF-32 without a mark: ASCII text has a NUL in the first two bytes."""
    return 0 in data[:2] and 0 in data[2:4] and any(data[:4])


def _control_character(file: str, data: bytes, text: str) -> Diagnostic | None:
    # Two passes in C; the search that knows where is for the rare file that needs it.
    if len(data.translate(None, _CONTROLS)) == len(data) and (text.isascii() or not _CONTROL.search(text)):
        return None
    found = _CONTROL.search(text)
    if found is None:
        return None
    line, column = position(text, found.start())
    character = found.group()
    place = Location(file, line=line, column=column)
    written = f"\\x{ord(character):02X}" if ord(character) < 0x100 else f"\\u{ord(character):04X}"
    if character in _BREAKS:
        message = f"The line break U+{ord(character):04X} is none in YAML 1.2, and can't be seen"
        return error("PC0108", message, place, help=f"write it as {written} in double quotes, or take it out")
    if character == "\0":
        return error("PC0108", "The file holds the character NUL", place, help="take it out: no registry string can hold it")
    message = f"The file holds the control character U+{ord(character):04X}"
    return error("PC0108", message, place, help=f"write it as {written} in double quotes, or take it out")
