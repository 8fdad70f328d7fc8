"""JSON for people who review it: short records on a line of their own, everything else indented."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as _quoted

_LONGEST = 120
_CONTAINERS = (dict, list, tuple)
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
    if isinstance(tree, dict) and tree:
        _add_mapping(lines, "", "", tree, "")
    else:
        _add(lines, "", "", tree, "")
    return ("\n".join(lines) + "\n").encode("ascii")


def _add(lines: list[str], indent: str, before: str, value: object, behind: str) -> None:
    """The lines of a value; `before` is its key, `behind` a comma."""
    if isinstance(value, dict) and value and not _fits(value, value.values(), indent):
        _add_mapping(lines, indent, before, value, behind)
    elif isinstance(value, list | tuple) and value and not _fits(value, value, indent):
        _add_list(lines, indent, before, value, behind)
    else:
        text = _quoted(value) if isinstance(value, str) else _encode(value)
        lines.append(f"{indent}{before}{text}{behind}")


def _fits(value: object, parts: Iterable[object], indent: str) -> bool:
    """Whether a container holds nothing but scalars and empty containers, and fits on a line."""
    for part in parts:
        if part and isinstance(part, _CONTAINERS):
            return False
    return len(indent) + len(_encode(value)) <= _LONGEST


def _add_mapping(lines: list[str], indent: str, before: str, value: Mapping[str, object], behind: str) -> None:
    lines.append(f"{indent}{before}{{")
    last = len(value) - 1
    for number, (key, part) in enumerate(value.items()):
        _add(lines, indent + "  ", f"{_quoted(key)}: ", part, "" if number == last else ",")
    lines.append(f"{indent}}}{behind}")


def _add_list(lines: list[str], indent: str, before: str, value: Sequence[object], behind: str) -> None:
    lines.append(f"{indent}{before}[")
    last = len(value) - 1
    for number, part in enumerate(value):
        _add(lines, indent + "  ", "", part, "" if number == last else ",")
    lines.append(f"{indent}]{behind}")
