"""What a layer does to a setting that comes from below: changes a part, or narrows the devices that it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policyc.lowering.words import as_one, subject_words
from policyc.model import Change, Location
from policyc.model.records import dataclass

Tree = dict[str, Any]
Way = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Placed(Location):
    """A setting's node whose parts may stand in other files: in overrides, or where a baseline narrows all its settings."""

    moved: tuple[tuple[Way, Location], ...] = ()
    """(way below the setting's node, where it stands instead); the last that fits holds."""

    def below(self, *steps: str | int) -> Location:
        """The location of a part."""
        for way, place in reversed(self.moved):
            if steps[: len(way)] == way:
                return place.below(*steps[len(way) :])
        return Location(self.file, self.path + steps)


def moved(at: Location, *parts: tuple[Way, Location]) -> Placed:
    """The location with these parts elsewhere."""
    before = at.moved if isinstance(at, Placed) else ()
    return Placed(at.file, at.path, moved=(*before, *parts))


def overridden(tree: Tree, at: Location, override: Tree, by: str, place: Location) -> tuple[Tree, Location, Change]:
    """The setting with an override of `by`, where its parts stand now, and what became of the old ones."""
    changed = dict(tree)
    parts: list[tuple[Way, Location]] = []
    replaced: list[tuple[str, str]] = []
    kinds = subject_words()
    for word, value in override.items():
        if word == "reason":
            continue
        if word in kinds:
            before = tree.get(word, {})
            gone = {key: old for key, old in before.items() if key in as_one(word)}
            changed[word] = {**{key: old for key, old in before.items() if key not in gone}, **value}
            parts += [((word, part), place.below(word, part)) for part in value]
            replaced += [(f"{word}.{key}", _text(gone.get(key))) for key in dict.fromkeys((*gone, *value))]
        else:
            replaced.append((word, _text(tree.get(word))))
            changed[word] = value
            parts.append(((word,), place.below(word)))
    return changed, moved(at, *parts), Change(by, place, override["reason"], tuple(replaced))


def _text(value: Any) -> str:  # noqa: ANN401 - a node of YAML
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def narrowed(tree: Tree, at: Location, outer: Tree, place: Location) -> tuple[Tree, Location]:
    """The setting with what its baseline says, at `place`, of the devices that it is about, too."""
    inner = tree.get("applies_to")
    if inner is None:
        return {**tree, "applies_to": outer}, moved(at, (("applies_to",), place))
    return {**tree, "applies_to": _meet(outer, inner)}, at


def _meet(one: Mapping[str, Any], other: Mapping[str, Any]) -> Tree:
    bounds = {
        word: choose([part[word] for part in (one, other) if word in part])
        for word, choose in (("from_build", max), ("before_build", min))
        if word in one or word in other
    }
    roles = {part["role"] for part in (one, other) if "role" in part}
    if len(roles) == 1:
        bounds["role"] = roles.pop()
    elif roles:
        # Of no device at all: the bounds say so.
        bounds = {"from_build": 1, "before_build": 1}
    return bounds
