"""The smallest families that still disagree, found by leaving out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from endpoint.differential_cases import Family, Tree
from endpoint.registry import Type, Value

Fails = Callable[[Sequence[Family]], bool]
MOST = 250
"""Runs on the endpoint, at most."""


def shrunk(families: Sequence[Family], fails: Fails, suspects: frozenset[int] = frozenset()) -> list[Family]:
    """Fewer and smaller families, of which `fails` still holds."""
    budget = _Budget(fails)
    left = _fewer(list(families), budget, suspects)
    for at, family in enumerate(left):
        rest = (left[:at], left[at + 1 :])
        left[at] = _smaller(family, lambda one, rest=rest: budget([*rest[0], one, *rest[1]]))
    return left


class _Budget:
    def __init__(self, fails: Fails) -> None:
        self._fails = fails
        self._left = MOST

    def __call__(self, families: Sequence[Family]) -> bool:
        self._left -= 1
        return self._left >= 0 and self._fails(families)


def _fewer(families: list[Family], fails: Fails, suspects: frozenset[int]) -> list[Family]:
    for family in families:
        if family.number in suspects and fails([family]):
            return [family]
    size = len(families) // 2
    while size and len(families) > 1:
        for start in range(0, len(families), size):
            rest = families[:start] + families[start + size :]
            if rest and fails(rest):
                families = rest
                break
        else:
            size //= 2
        size = min(size, len(families) // 2)
    return families


def _smaller(family: Family, fails: Callable[[Family], bool]) -> Family:
    progress = True
    while progress:
        progress = False
        for smaller in _candidates(family):
            if fails(smaller):
                family, progress = smaller, True
                break
    return family


def _candidates(family: Family) -> Iterator[Family]:
    """The family with one thing less, the largest things first."""
    yield from _without_parts(family)
    for path, values in family.before.items():
        yield replace(family, before={key: held for key, held in family.before.items() if key != path})
        for name in values:
            fewer = {one: held for one, held in values.items() if one != name}
            yield replace(family, before={**family.before, path: fewer})
    for name, tree in family.trees.items():
        for less in _trees(tree):
            yield replace(family, trees={**family.trees, name: less})
    for path, values in family.before.items():
        for name, held in values.items():
            for less in _values(held):
                yield replace(family, before={**family.before, path: {**values, name: less}})


def _without_parts(family: Family) -> Iterator[Family]:
    if len(family.trees) > 1:
        for name in family.trees:
            yield replace(family, trees={one: tree for one, tree in family.trees.items() if one != name})
    for word, steps in (("steps", family.steps or ()), ("between", family.between or ())):
        if steps:
            yield replace(family, **{word: ()})
        for at in range(len(steps)):
            yield replace(family, **{word: steps[:at] + steps[at + 1 :]})
    if family.cleared or family.lone:
        yield replace(family, cleared=frozenset(), lone=False)


def _trees(tree: Tree) -> Iterator[Tree]:
    for word in ("applies_to", "sensitive", "remediate"):
        if word in tree:
            yield {one: held for one, held in tree.items() if one != word}
    registry: Tree = tree["registry"]
    for words in (("default", "pin"), ("pin",), ("set",), ("case",)):
        if words[0] in registry:
            yield {**tree, "registry": {one: held for one, held in registry.items() if one not in words}}
    for word, held in registry.items():
        if word not in ("key", "name", "type", "view", "matches"):
            for less in _words(held):
                yield {**tree, "registry": {**registry, word: less}}


def _words(held: Any) -> Iterator[Any]:
    if isinstance(held, (str, list)) and held:
        half = len(held) // 2 & ~1
        for less in (held[:half], held[half:], held[:-1], held[1:]):
            if less != held:
                yield less
    if isinstance(held, list):
        for at, one in enumerate(held):
            for less in _words(one):
                yield [*held[:at], less, *held[at + 1 :]]


def _values(held: Value) -> Iterator[Value]:
    if held.type in (Type.SZ, Type.EXPAND_SZ) and len(held.data) > 2:
        half = len(held.data) // 4 * 2
        for less in (held.data[:half] + held.data[-2:], held.data[half:]):
            if less != held.data:
                yield Value(held.type, less)
