"""Variables: a value that is written once, and named where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import write
from policyc.lowering.words import word_in
from policyc.model import Location

Tree = dict[str, Any]
Way = tuple[str | int, ...]
Variables = tuple[Mapping[str, Any], Location]
"""One layer's variables by name, and where they stand."""
Scope = tuple[Variables, ...]
"""The nearest layer's first."""

_NAME = "variable"
_NODES = (list, dict)
_NAMED = frozenset({"only_values", "options"})
"""Words whose mapping has names of anybody's choice: one of them may be `variable`."""


def references(tree: Tree) -> Iterator[tuple[Way, str]]:
    """(Way to it, name of the variable) of each reference among the operands of a setting."""
    kind = word_in(tree)
    for word, value in tree[kind].items():
        # Nearly all are scalars, of very many settings.
        if isinstance(value, _NODES):
            yield from _in((kind, word), value, named=word in _NAMED)


def _in(way: Way, value: Any, *, named: bool = False) -> Iterator[tuple[Way, str]]:  # noqa: ANN401 - a node of YAML
    if not named and _is_reference(value):
        yield way, value[_NAME]
    elif isinstance(value, list | dict):
        for step, part in enumerate(value) if isinstance(value, list) else value.items():
            yield from _in((*way, step), part)


def _is_reference(value: object) -> bool:
    """Whether a variable stands here; a kind may have mappings of its own, as `{domain: Domain Admins}`."""
    return isinstance(value, dict) and _NAME in value


def defined(name: str, scope: Scope) -> tuple[Any, Location] | None:
    """The variable's value and where it stands; None where there is none of that name."""
    return next(((layer[name], place.below(name)) for layer, place in scope if name in layer), None)


def look_up(name: str, scope: Scope, place: Location, found: list[Diagnostic]) -> tuple[Any, Location] | None:
    """As `defined`, with an error at the reference where there is none."""
    known = defined(name, scope)
    if known is None:
        from policyc.source.wording import nearest

        near = nearest(name, [other for layer, _ in scope for other in layer])
        way_out = (
            f"did you mean '{near}'?" if near else f"add '{name}: …' under 'variables:' of the collection or of the project"
        )
        cures = [write(place.below(_NAME), near)] if near else []
        found.append(error("PC0333", f"there is no variable '{name}'", place, help=way_out, cures=cures))
    return known


def resolved(tree: Tree, values: Mapping[str, Any]) -> Tree:
    """The setting with the values in place of the references."""
    kind = word_in(tree)
    return {**tree, kind: {word: _resolved(value, values, named=word in _NAMED) for word, value in tree[kind].items()}}


def _resolved(value: Any, values: Mapping[str, Any], *, named: bool = False) -> Any:  # noqa: ANN401
    if not named and _is_reference(value):
        return values[value[_NAME]]
    if isinstance(value, list):
        return [_resolved(part, values) for part in value]
    if isinstance(value, dict):
        return {name: _resolved(part, values) for name, part in value.items()}
    return value
