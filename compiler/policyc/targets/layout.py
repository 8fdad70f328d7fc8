"""JSON for people who review it: short records on a line of their own, everything else indented."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii as _quoted

_LONGEST = 120
_CONTAINERS = (dict, list, tuple)
_WORDS = {None: "null", True: "true", False: "false"}
_encode = json.JSONEncoder().encode


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
    text = _on_a_line(value, _LONGEST - len(indent))
    if text is not None:
        lines.append(f"{indent}{before}{text}{behind}")
    elif isinstance(value, dict):
        _add_mapping(lines, indent, before, value, behind)
    elif isinstance(value, list | tuple):
        _add_list(lines, indent, before, value, behind)


def _on_a_line(value: object, room: int) -> str | None:
    """A scalar, or a container that holds nothing but scalars and empty containers and has room on a line; None for others."""
    if not isinstance(value, _CONTAINERS):
        return _leaf(value)
    for part in value.values() if isinstance(value, dict) else value:
        if part and isinstance(part, _CONTAINERS):
            return None
    if isinstance(value, dict):
        text = "{" + ", ".join([f"{_quoted(key)}: {_leaf(part)}" for key, part in value.items()]) + "}"
    else:
        text = "[" + ", ".join(map(_leaf, value)) + "]"
    return text if len(text) <= room or not value else None


def _leaf(value: object) -> str:
    """A scalar, or a container that is empty."""
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return int.__repr__(value) if isinstance(value, int) else _encode(value)


def _add_mapping(lines: list[str], indent: str, before: str, value: Mapping[str, object], behind: str) -> None:
    lines.append(f"{indent}{before}{{")
    last = len(value) - 1
    inner = f"{indent}  "
    for number, (key, part) in enumerate(value.items()):
        comma = "" if number == last else ","
        # Most are scalars, which stand on a line of their own however long they are.
        if isinstance(part, _CONTAINERS):
            _add(lines, inner, f"{_quoted(key)}: ", part, comma)
        else:
            lines.append(f"{inner}{_quoted(key)}: {_leaf(part)}{comma}")
    lines.append(f"{indent}}}{behind}")


def _add_list(lines: list[str], indent: str, before: str, value: Sequence[object], behind: str) -> None:
    lines.append(f"{indent}{before}[")
    last = len(value) - 1
    for number, part in enumerate(value):
        _add(lines, indent + "  ", "", part, "" if number == last else ",")
    lines.append(f"{indent}]{behind}")
