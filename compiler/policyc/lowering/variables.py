"""Variables: a value that is written once, and named where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.model import Location

Tree = dict[str, Any]
Scope = tuple[Mapping[str, Any], ...]
"""Variables by name, the nearest layer's first."""

_NAME = "variable"


def references(tree: Tree) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(Way to it, name of the variable) of each reference among the operands of a setting."""
    for word, value in tree["registry"].items():
        if isinstance(value, dict):
            yield ("registry", word), value[_NAME]
        elif isinstance(value, list):
            yield from _in_list(("registry", word), value)


def _in_list(way: tuple[str | int, ...], values: list[Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for number, value in enumerate(values):
        if isinstance(value, dict):
            yield (*way, number), value[_NAME]
        elif isinstance(value, list):
            yield from _in_list((*way, number), value)


def look_up(name: str, scope: Scope, place: Location, found: list[Diagnostic]) -> Any:  # noqa: ANN401 - a node of YAML
    """The variable's value; None, and an error, where there is none of that name."""
    for layer in scope:
        if name in layer:
            return layer[name]
    from policyc.source.wording import nearest

    near = nearest(name, [known for layer in scope for known in layer])
    way_out = f"did you mean '{near}'?" if near else f"add '{name}: …' under 'variables:' here or in the project"
    found.append(error("PC0333", f"there is no variable '{name}'", place, help=way_out))
    return None


def resolved(tree: Tree, values: Mapping[str, Any]) -> Tree:
    """The setting with the values in place of the references."""
    return {**tree, "registry": {word: _resolved(value, values) for word, value in tree["registry"].items()}}


def _resolved(value: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return values[value[_NAME]]
    if isinstance(value, list):
        return [_resolved(part, values) for part in value]
    return value
