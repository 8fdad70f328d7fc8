"""Whether a batch file waits for somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECE = re.compile(r'"[^"]*"?|\|\||&&|[&|()]|[^"&|()]+')
_SEPARATORS = frozenset({"&", "&&", "|", "||", "(", ")"})
_LEADING = re.compile(r"(?:[@\s,;=]|[0-9]?[<>]{1,2}\s*[^\s<>]+)+")
_ASKS = re.compile(r"set\s*[\s\"]?\s*/p\b", re.IGNORECASE)
_PAUSES = re.compile(r"pause(?![\w.\\:=-])", re.IGNORECASE)
_INTRODUCTION = re.compile(r"(?:else|do|call|cmd(?:\.exe)?\s+/c)\s+", re.IGNORECASE)
_CONDITION = re.compile(r"if\s.*?\s(?=(?:pause\s*$|set\s*[\s\"]?\s*/p\b))", re.IGNORECASE)
_LOOP = re.compile(r"for\s.*?\bdo\s+", re.IGNORECASE)
_EMPTY_INPUT = re.compile(r"<\s*nul\b", re.IGNORECASE)


def find_prompt(script: bytes) -> tuple[int, str] | None:
    """The line (1-based) and the command (`set /p` or `pause`) with which a batch file would wait; None if it doesn't.

    Comments don't count, nor text that is printed or quoted, nor input that comes from a pipe or from NUL.

    >>> find_prompt(b"@echo off\\r\\nrem pause\\r\\npause\\r\\n")
    (3, 'pause')
    """
    encoding = "utf-16" if script[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    text = script.decode(encoding, errors="replace")
    for number, line in enumerate(text.split("\n"), start=1):
        lowered = line.lower()
        if "pause" in lowered or "/p" in lowered:
            command = _in_line(line.rstrip("\r\0"))
            if command is not None:
                return number, command
    return None


def _in_line(line: str) -> str | None:
    for command, fed in _commands(line):
        bare = _LEADING.match(command)
        text = command[bare.end() :] if bare else command
        if re.match(r"(?:rem\b|:)", text, re.IGNORECASE):
            return None
        if fed or _EMPTY_INPUT.search(command):
            continue
        for lead in (_LOOP, _INTRODUCTION, _CONDITION, _INTRODUCTION):
            introduced = lead.match(text)
            text = text[introduced.end() :].lstrip(" @") if introduced else text
        if _ASKS.match(text):
            return "set /p"
        if _PAUSES.match(text):
            return "pause"
    return None


def _commands(line: str) -> Iterator[tuple[str, bool]]:
    """The commands of a line, and whether each reads from a pipe."""
    command, fed = "", False
    for piece in _PIECE.findall(line):
        if piece in _SEPARATORS:
            yield command, fed
            command, fed = "", piece == "|"
        else:
            command += piece
    yield command, fed
