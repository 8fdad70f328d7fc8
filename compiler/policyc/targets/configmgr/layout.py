"""JSON for people who review it: short records on a line of their own, everything else indented."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

_LONGEST = 120
_encode = json.JSONEncoder().encode
"""All on one line and in ASCII, by the encoder that is written in C: with `indent` the standard library has none."""


def layout(tree: object) -> bytes:
    """The tree as JSON, ASCII, with a line feed at its end. A lone surrogate becomes its escape, which JSON reads.

    >>> print(layout({"a": {"b": 1, "c": []}, "d": [{"e": None}]}).decode(), end="")
    {
      "a": {"b": 1, "c": []},
      "d": [
        {"e": null}
      ]
    }
    """
    lines: list[str] = []
    _add(lines, "", tree, "", "")
    return ("\n".join(lines) + "\n").encode("ascii")


def _add(lines: list[str], indent: str, value: object, before: str, behind: str) -> None:
    """The lines of a value; `before` is its key, `behind` a comma."""
    if isinstance(value, Mapping) and value and not (indent and _is_short(value, value.values(), indent)):
        lines.append(f"{indent}{before}{{")
        last = len(value) - 1
        for number, (key, part) in enumerate(value.items()):
            _add(lines, indent + "  ", part, f"{_encode(key)}: ", "" if number == last else ",")
        lines.append(f"{indent}}}{behind}")
    elif isinstance(value, list | tuple) and value and not _is_short(value, value, indent):
        lines.append(f"{indent}{before}[")
        last = len(value) - 1
        for number, part in enumerate(value):
            _add(lines, indent + "  ", part, "", "" if number == last else ",")
        lines.append(f"{indent}]{behind}")
    else:
        lines.append(f"{indent}{before}{_encode(value)}{behind}")


def _is_short(value: object, parts: Iterable[object], indent: str) -> bool:
    """Whether a container holds nothing but scalars and empty containers, and fits on a line."""
    for part in parts:
        if isinstance(part, Mapping | list | tuple) and part:
            return False
    return len(indent) + len(_encode(value)) <= _LONGEST
