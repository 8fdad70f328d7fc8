"""Text that does nothing to a terminal, whatever a policy holds."""

from __future__ import annotations

TAB_WIDTH = 4


def _escaped(character: str) -> str:
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def plain(text: str) -> str:
    """The text with everything invisible written out: control characters, bidirectional marks, odd spaces.

    >>> plain("a" + chr(27) + "[31mb" + chr(0x202E))
    'a\\\\x1b[31mb\\\\u202e'
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def width(text: str) -> int:
    """Columns that a text of `plain` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1


def excerpt(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """A line to show, the column (from 0) at which its mark begins, and the mark's width (at least 1).

    `start` and `end` are 0-based, in characters of `line`; a line wider than `room` is cut around the mark.
    """
    start = max(0, min(start, len(line)))
    end = max(start, min(end, len(line)))
    first, last = 0, len(line)
    if last > room:
        first = max(0, start - room // 3)
        last = first + room
    end = max(start, min(end, last))
    before, marked, after = (
        plain(part.replace("\t", " " * TAB_WIDTH)) for part in (line[first:start], line[start:end], line[end:last])
    )
    lead = "..." if first else ""
    tail = "..." if last < len(line) else ""
    return f"{lead}{before}{marked}{after}{tail}", width(lead + before), max(1, width(marked))
