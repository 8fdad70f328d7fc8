"""Nodes of a tree and what a schema asks of them, in words."""

from __future__ import annotations

from typing import Any

from policyc.source.untyped import Violation
from policyc.source.wording import quoted

_FIRST = ("type", "enum", "const", "oneOf", "required", "maxLength", "minLength", "maxItems", "minItems")
"""Of several errors of one node, the first in this order is the mistake, the others follow from it."""
NUMBERS = ("at_least", "at_most")
"""Conditions that say what is written, too: with another type, nothing else is missing."""
BY_KEY = ("required", "propertyNames", "additionalProperties")
"""Keywords whose errors are each about a key, which is their message."""
UNITS = {"maxLength": "characters", "maxItems": "items", "maxProperties": "entries"}


def label(path: tuple[str | int, ...]) -> str:
    """A node in words: its key, or its place in a list.

    >>> label(("members", "devices", 2))
    "item 3 of 'devices'"
    """
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of {label(path[:-1])}"
    return quoted(path[-1])


def how_many(schema: dict[str, Any]) -> str:
    """How many items a list may have."""
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    return f"exactly {least} items" if least == most else f"{least} to {most} items"


def rank(found: Violation) -> int:
    """The order of errors of one node: the lowest is the mistake."""
    if found.validator == "false":
        return -1
    return _FIRST.index(found.validator) if found.validator in _FIRST else len(_FIRST)
