"""The text of a policy without the escapes that stop its reading, so that what stands behind them is seen."""

from __future__ import annotations

from policyc.diagnostics import Diagnostic
from policyc.source.limits import MOST_FINDINGS
from policyc.source.reading import split_lines
from policyc.source.tree import build

_LETTER = "/"
"""Stands for the backslash: no word of the language and no escape."""


def without_escape(text: str, failure: Diagnostic) -> str | None:
    """The text with the backslash of a broken escape as a letter; None where that isn't what is wrong."""
    place = failure.location
    if place.line is None or place.column is None or "escape" not in failure.message:
        return None
    lines = split_lines(text)
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    # Parsers mark the backslash, or what stands behind it.
    at = line.rfind("\\", 0, place.column)
    if at < 0:
        return None
    start = _start_of(text, place.line) + at
    return text[:start] + _LETTER + text[start + 1 :]


def forgiven(text: str) -> str:
    """The text with all broken escapes as letters: what stands behind one has its place, too."""
    for _ in range(MOST_FINDINGS):
        findings = build("", text).findings
        following = without_escape(text, findings[-1]) if findings else None
        if following is None:
            break
        text = following
    return text


def _start_of(text: str, line: int) -> int:
    start = 0
    for number, held in enumerate(split_lines(text), start=1):
        if number == line:
            return start
        start += len(held)
        start += 2 if text.startswith("\r\n", start) else 1
    return start
