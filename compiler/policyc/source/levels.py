"""The mappings that a schema knows, and the keys of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policyc.source.untyped import Node


@dataclass(frozen=True, slots=True)
class Level:
    """A mapping of the language."""

    steps: tuple[str, ...]
    """The way to it; `*` is an id."""
    keys: dict[str, dict[str, Any]]
    """Known keys, and what the schema says of each."""
    title: str = ""
    """What stands under an id: a setting, a value."""
    required: tuple[str, ...] = ()
    """Keys that may not be missing."""

    @property
    def where(self) -> str:
        """Its place, in words."""
        if not self.steps:
            return "at the top level"
        return f"in a {self._what}" if self.steps[-1] == "*" else f"under '{self.steps[-1]}'"

    @property
    def target(self) -> str:
        """Where a key is moved that belongs there, in words."""
        if not self.steps:
            return "to the top level, without an indent"
        return f"to the {self._what} itself" if self.steps[-1] == "*" else f"below '{self.steps[-1]}:'"

    @property
    def _what(self) -> str:
        return self.title.lower() or "setting"

    def is_above(self, other: Level) -> bool:
        """Whether the way to the other leads through this one."""
        return other.steps[: len(self.steps)] == self.steps


def levels(schema: dict[str, Any]) -> list[Level]:
    """The levels of a schema, from the top down."""
    return sorted(_below(schema, schema, ()), key=lambda level: len(level.steps))


def resolved(schema: dict[str, Any], node: Node) -> dict[str, Any]:
    """A part of the schema with its `$ref`, if any, followed."""
    while isinstance(node, dict) and "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node if isinstance(node, dict) else {}


def _below(schema: dict[str, Any], node: Node, steps: tuple[str, ...]) -> Iterator[Level]:
    node = resolved(schema, node)
    properties = node.get("properties", {})
    if node.get("additionalProperties") is False:
        yield Level(steps, properties, node.get("title", ""), _required(node))
    elif isinstance(node.get("additionalProperties"), dict):
        yield from _below(schema, node["additionalProperties"], (*steps, "*"))
    for key, value in properties.items():
        yield from _below(schema, value, (*steps, key))


def _required(node: dict[str, Any]) -> tuple[str, ...]:
    """The keys that have to be there, in any case or in most."""
    return (*node.get("required", ()), *node.get("else", {}).get("required", ()))
