"""Unknown keys: what was meant, and a copy of the tree in which it says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from policyc.source.keywords import fits
from policyc.source.levels import Level, levels, resolved
from policyc.source.limits import MOST_FINDINGS
from policyc.source.other_words import COMMENTS, KEYS, plain
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
    becomes: Path | None = None
    """The way to it when it stands where it was meant, in the file as it is; None where nothing near is known."""
    is_comment: bool = False
    """It says something to people, for which there is no place."""


@dataclass(slots=True)
class Mended:
    """A copy of a tree in which every known key stands where it belongs, and unknown ones are gone."""

    tree: Tree
    unknown: list[Unknown] = field(default_factory=list)
    origins: dict[Path, Path] = field(default_factory=dict)
    """New path to old path of what was renamed or moved."""
    guessed: set[Path] = field(default_factory=set)
    """What stands at a guess: that it doesn't fit there may be the guess's fault."""
    unclear: set[Path] = field(default_factory=set)
    """Mappings with a key of which nobody knows what it means: what they lack may be just that."""

    def origin(self, path: Path) -> Path:
        """Where a node of the mended tree stands in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]] + path[length:]
        return path


@dataclass(frozen=True, slots=True)
class _Meant:
    """What an unknown key was probably meant to be."""

    level: Level
    key: str
    is_exact: bool = False
    """The language's own word, at another level."""


def mend(schema: dict[str, Any], tree: Tree) -> Mended:
    """A mended copy of the tree."""
    mended = Mended(_copy(tree))
    known = levels(schema)
    for level in known:
        for at, mapping in list(_mappings(mended.tree, level.steps, ())):
            # A word that can mean one thing only goes before one that takes what is left: `data` before `value`.
            for key in sorted((key for key in mapping if key not in level.keys), key=lambda key: _choices(level, key)):
                if len(mended.unknown) >= MOST_FINDINGS:
                    return mended
                _Mending(schema, mended, known, level, at).mend(mapping, key)
    return mended


def _choices(level: Level, key: str) -> int:
    words = KEYS.get(level.steps)
    return len(words.get(plain(key), ())) if words else 0


@dataclass(frozen=True, slots=True)
class _Mending:
    """Mends the keys of one mapping."""

    schema: dict[str, Any]
    mended: Mended
    known: list[Level]
    level: Level
    at: Path

    def mend(self, mapping: dict[str, Any], key: str) -> None:
        """Rename or move one key, or take it out."""
        value = mapping.pop(key)
        old = self.mended.origin((*self.at, key))
        meant = self._meant(mapping, key)
        if meant is None:
            self.mended.unknown.append(self._nothing_near(old, key))
            self.mended.unclear.add(self.at)
            return
        way = _concrete(self.at, meant.level.steps)
        new = (*way, meant.key)
        if meant.level is not self.level and not _is_there(self.mended.tree, way):
            # What it makes holds this one key: what else belongs there is no mistake of its own.
            self.mended.unclear.add(way)
        target = mapping if meant.level is self.level else _mapping_at(self.mended.tree, self.at, meant.level.steps)
        can_be = target is not None and meant.key not in target and self._fits(meant, value)
        becomes = (*self.mended.origin(new[:-1]), meant.key) if can_be else None
        self.mended.unknown.append(self._renamed(old, key, meant, becomes))
        if target is not None and meant.key not in target:
            target[meant.key] = value
            self.mended.origins[new] = old
            if not meant.is_exact and plain(meant.key) != plain(key):
                self.mended.guessed.add(new)

    def _meant(self, mapping: dict[str, Any], key: str) -> _Meant | None:
        """The key that was meant: the language's own word elsewhere, another tool's word, or a slip of the hand."""
        related = [
            other
            for other in self.known
            if other is not self.level and (other.is_above(self.level) or self.level.is_above(other))
        ]
        exact = [_Meant(other, key, is_exact=True) for other in related if key in other.keys]
        there = next((meant for meant in exact if not self._is_said(mapping, meant)), None)
        theirs = self._theirs(mapping, key)
        # `name` in a setting without a title is that, and not the name of the value.
        lacking = theirs is not None and theirs.level is self.level and theirs.key in self.level.required
        if there is not None or theirs is not None:
            return theirs if lacking else there or theirs
        here = nearest(key, self.level.keys)
        if here is not None:
            return _Meant(self.level, here)
        if exact:
            return exact[0]
        same = (_Meant(other, ours) for other in related for ours in other.keys if plain(ours) == plain(key))
        return next(same, None)

    def _theirs(self, mapping: dict[str, Any], key: str) -> _Meant | None:
        """What another tool's word means here: of several, the first that isn't said yet."""
        by_steps = {level.steps: level for level in self.known}
        for ours in KEYS.get(self.level.steps, {}).get(plain(key), ()):
            *below, word = ours.split(".")
            level = by_steps.get((*self.level.steps, *below))
            if level is not None and word in level.keys:
                meant = _Meant(level, word)
                if not self._is_said(mapping, meant):
                    return meant
        return None

    def _is_said(self, mapping: dict[str, Any], meant: _Meant) -> bool:
        if meant.level is self.level:
            return meant.key in mapping
        target: Tree = self.mended.tree
        for step in _concrete(self.at, meant.level.steps):
            target = target.get(step) if isinstance(target, dict) else None
        return isinstance(target, dict) and meant.key in target

    def _fits(self, meant: _Meant, value: Tree) -> bool:
        """Whether the value can stand there; what is wrong further inside is another mistake."""
        part = meant.level.keys[meant.key]
        wanted = resolved(self.schema, part).get("type")
        kind = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else None
        return wanted in (None, kind) if kind else fits(self.schema, part, value)

    def _renamed(self, old: Path, key: str, meant: _Meant, becomes: Path | None) -> Unknown:
        if meant.level is self.level:
            message = f"{quoted(key)} is not known {self.level.where}"
            return Unknown(old[:-1], key, message, f"did you mean {quoted(meant.key)}?", becomes=becomes)
        more = "" if key == meant.key else f"; did you mean {quoted(meant.key)}?"
        it = "" if key == meant.key else f" {quoted(meant.key)}"
        message = f"{quoted(key)} stands {self.level.where}, but{it} belongs {meant.level.where}"
        return Unknown(old[:-1], key, message, f"move it {meant.level.target}{more}", moved=True, becomes=becomes)

    def _nothing_near(self, old: Path, key: str) -> Unknown:
        message = f"{quoted(key)} is not known {self.level.where}"
        if plain(key) in COMMENTS:
            way_out = "take it out, or make it a comment: a line that begins with '#'"
            return Unknown(old[:-1], key, message, way_out, is_comment=True)
        return Unknown(old[:-1], key, message, f"known here: {listed(sorted(self.level.keys), 'and')}")


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


def _is_there(tree: Tree, way: Path) -> bool:
    for step in way:
        if not isinstance(tree, dict) or step not in tree:
            return False
        tree = tree[step]
    return True


def _copy(value: Tree) -> Tree:
    """A copy in which nothing is shared, as aliases share; recursion is as deep as the tree, which its builder bounds."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return list(map(_copy, value)) if isinstance(value, list) else value
