"""YAML as people read it in a review, byte for byte the same on every machine.

PyYAML's two emitters, one in C and one in Python, quote and fold differently, and which one there is depends on the machine.
This one is for trees of plain data and knows four ways to write text; whatever isn't plainly harmless is quoted, so that any
loader of YAML 1.1 or 1.2 gives back the very text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from policyc.model.characters import look_alikes

_UNSEEN = (
    "\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ESCAPED = re.compile(f'[{_UNSEEN}"\\\\]')
_VISIBLE = re.compile(f"[^{_UNSEEN}]*")
_PLAIN = re.compile(f"[A-Za-z](?:(?!: | #)[^{_UNSEEN}])*(?<![: ])")
_WORDS = frozenset(["true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "nan", "inf"])
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_INDENT = "  "
_PLACES = frozenset({"key", "name"})
_NODES = (dict, list)


def yaml_text(tree: dict[str, Any]) -> str:
    """The text of a tree of dicts with text as keys, lists, text, whole numbers, booleans and None."""
    lines: list[str] = []
    _add_mapping(lines, "", "", tree)
    return "".join(f"{line}\n" for line in lines)


def _add_mapping(lines: list[str], first: str, indent: str, node: dict[str, Any]) -> None:
    """The lines of a mapping; `first` stands before the first of them, `indent` before the others."""
    before = first
    for key, value in node.items():
        name = f"{before}{_text(key)}:"
        if value and isinstance(value, _NODES):
            lines.append(name)
            _add(lines, indent + _INDENT, indent + _INDENT, value)
        elif isinstance(value, str):
            _add_text(lines, f"{name} ", indent, value, is_place=key in _PLACES)
        else:
            lines.append(f"{name} {_scalar(value)}")
        before = indent


def _add(lines: list[str], first: str, indent: str, node: dict[str, Any] | list[Any]) -> None:
    if isinstance(node, dict):
        _add_mapping(lines, first, indent, node)
        return
    before = first
    for item in node:
        if item and isinstance(item, _NODES):
            _add(lines, f"{before}- ", indent + _INDENT, item)
        elif isinstance(item, str):
            _add_text(lines, f"{before}- ", indent, item)
        else:
            lines.append(f"{before}- {_scalar(item)}")
        before = indent


def _add_text(lines: list[str], before: str, indent: str, value: str, *, is_place: bool = False) -> None:
    """A text, more than one line where it is one of lines."""
    disguised = look_alikes(value, is_place=is_place)
    if disguised:
        text = _ESCAPED.sub(lambda found: _escape(found.group()), value)
        lines.append(before + '"' + "".join(_escape(one) if one in disguised else one for one in text) + '"')
        return
    if "\n" in value:
        block = value.removesuffix("\n").split("\n")
        if block[0][:1].strip() and block[-1] and all(line == line.rstrip(" ") and _VISIBLE.fullmatch(line) for line in block):
            lines.append(before + ("|" if value.endswith("\n") else "|-"))
            lines.extend(indent + _INDENT + line if line else line for line in block)
            return
    lines.append(before + _text(value))


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    """A text on one line. The words of the language, and most of its values, stand in every file."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if _VISIBLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + _ESCAPED.sub(lambda found: _escape(found.group()), value) + '"'


def _scalar(value: Any) -> str:  # noqa: ANN401 - a number, a word, or a node that is empty
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else "[]" if isinstance(value, list) else "{}"


def _escape(character: str) -> str:
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    return f"\\x{number:02X}" if number < 0x100 else f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"
