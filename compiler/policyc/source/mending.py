"""Unknown keys: what was meant, and a copy of the tree in which it says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from policyc.source.levels import Level, levels
from policyc.source.limits import MOST_FINDINGS
from policyc.source.untyped import Tree
from policyc.source.wording import listed, nearest, quoted

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A key that the schema doesn't know where it stands."""

    at: Path
    """Its mapping."""
    key: str
    message: str
    help: str
    moved: bool = False
    """It is known at another level."""


@dataclass(slots=True)
class Mended:
    """A copy of a tree in which every known key stands where it belongs, and unknown ones are gone."""

    tree: Tree
    unknown: list[Unknown] = field(default_factory=list)
    origins: dict[Path, Path] = field(default_factory=dict)
    """New path to old path of what was renamed or moved."""

    def origin(self, path: Path) -> Path:
        """Where a node of the mended tree stands in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]] + path[length:]
        return path


def mend(schema: dict[str, Any], tree: Tree) -> Mended:
    """A mended copy of the tree."""
    mended = Mended(_copy(tree))
    known = levels(schema)
    for level in known:
        for at, mapping in list(_mappings(mended.tree, level.steps, ())):
            for key in [key for key in mapping if key not in level.keys]:
                if len(mended.unknown) >= MOST_FINDINGS:
                    return mended
                _mend_key(mended, known, level, at, mapping, key)
    return mended


def _mend_key(mended: Mended, known: list[Level], level: Level, at: Path, mapping: dict[str, Any], key: str) -> None:
    value = mapping.pop(key)
    old = mended.origin((*at, key))
    meant, other = _meant(known, level, key)
    if other is not None and meant is not None:
        unknown = _misplaced(old, level, other, key, meant)
        target = _mapping_at(mended.tree, at, other.steps)
        new = (*_concrete(at, other.steps), meant)
    else:
        unknown = _unknown(old, level, key, meant)
        target, new = mapping, (*at, meant or key)
    mended.unknown.append(unknown)
    if meant is not None and target is not None and meant not in target:
        target[meant] = value
        mended.origins[new] = old


def _meant(known: list[Level], level: Level, key: str) -> tuple[str | None, Level | None]:
    """The key that was meant, and its level if that is another one."""
    related = [other for other in known if other is not level and (other.is_above(level) or level.is_above(other))]
    for other in related:
        if key in other.keys:
            return key, other
    here = nearest(key, level.keys)
    if here is not None:
        return here, None
    for other in related:
        near = nearest(key, other.keys)
        if near is not None:
            return near, other
    return None, None


def _unknown(old: Path, level: Level, key: str, meant: str | None) -> Unknown:
    way_out = f"did you mean {quoted(meant)}?" if meant else f"known here: {listed(sorted(level.keys), 'and')}"
    return Unknown(old[:-1], key, f"{quoted(key)} is not known {level.where}", way_out)


def _misplaced(old: Path, level: Level, other: Level, key: str, meant: str) -> Unknown:
    more = "" if key == meant else f"; did you mean {quoted(meant)}?"
    it = "" if key == meant else f" {quoted(meant)}"
    message = f"{quoted(key)} stands {level.where}, but{it} belongs {other.where}"
    return Unknown(old[:-1], key, message, f"move it {other.target}{more}", moved=True)


def _mappings(tree: Tree, steps: Path, at: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every mapping of a level; `*` is any key."""
    if not isinstance(tree, dict):
        return
    if not steps:
        yield at, tree
    elif steps[0] == "*":
        for key, value in tree.items():
            yield from _mappings(value, steps[1:], (*at, key))
    elif steps[0] in tree:
        yield from _mappings(tree[steps[0]], steps[1:], (*at, steps[0]))


def _concrete(at: Path, steps: Path) -> Path:
    """A level's steps with the ids that the path has: a setting's key stays in its setting."""
    return tuple(at[index] if step == "*" and index < len(at) else step for index, step in enumerate(steps))


def _mapping_at(tree: Tree, at: Path, steps: Path) -> dict[str, Any] | None:
    """The mapping to which a key is moved, made where it is missing; None where there can't be one."""
    for step in _concrete(at, steps):
        if step == "*" or not isinstance(tree, dict):
            return None
        tree = tree.setdefault(step, {})
    return tree if isinstance(tree, dict) else None


def _copy(value: Tree) -> Tree:
    """A copy in which nothing is shared, as aliases share; recursion is as deep as the tree, which its builder bounds."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return list(map(_copy, value)) if isinstance(value, list) else value
