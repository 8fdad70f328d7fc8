"""Baselines, overrides and their settings: what each collection's file means with all that it lists.

Layers are joined as trees, before anything is lowered: an override changes words of a setting, and each word keeps the place
where it stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import Change, Layer, Location, Operator, upper

if TYPE_CHECKING:
    from policyc.source import Document

Tree = dict[str, Any]

AS_ONE = (*(operator.value for operator in Operator), "set", "default", "pin", "case")
"""Words of `registry` that mean nothing without each other: an override with one of them replaces them all."""


@dataclass(frozen=True, slots=True)
class Placed(Location):
    """A setting's node whose parts may stand in the overrides of other files."""

    moved: tuple[tuple[tuple[str | int, ...], Location], ...] = ()
    """(way below the setting's node, where it stands instead); the last that fits holds."""

    def below(self, *steps: str | int) -> Location:
        """The location of a part."""
        for way, place in reversed(self.moved):
            if steps[: len(way)] == way:
                return place.below(*steps[len(way) :])
        return Location(self.file, self.path + steps)


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A setting as trees, before it is lowered. Hashed by identity: collections that share one share what becomes of it."""

    id: str
    tree: Tree
    at: Location
    layer: Layer | None
    scope: tuple[str, ...]
    """Baselines whose variables it sees, the nearest first."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a file and everything that it lists say together."""

    settings: dict[str, Declared]
    """In the order of the policy: a file's baselines before its own."""
    chain: tuple[str, ...] = ()
    """All baselines that take part, the nearest first, each once."""
    whole: bool = True
    """Every baseline that is listed was found."""


class Layers:
    """The baselines of a project, each joined once."""

    def __init__(self, documents: Iterable[Document], found: list[Diagnostic]) -> None:
        self._found = found
        self._documents: dict[str, Document] = {}
        self._names: dict[str, str] = {}
        self._joined: dict[str, Joined] = {}
        self._open: list[str] = []
        for document in documents:
            name = document.tree["baseline"]["name"]
            first = self._documents.setdefault(upper(name), document)
            self._names.setdefault(upper(name), name)
            if first is not document:
                message = f"another file describes the baseline '{name}' too"
                related = [Related(Location(first.file, ("baseline", "name")), f"the baseline '{name}'")]
                place = Location(document.file, ("baseline", "name"))
                found.append(error("PC0327", message, place, help="join the two, or rename one", related=related))

    def __iter__(self) -> Iterator[str]:
        """The names, as the files write them."""
        return iter(self._names.values())

    def variables(self, name: str) -> tuple[Mapping[str, Any], Location]:
        """What a baseline's `variables` say, and where they stand."""
        document = self._documents[upper(name)]
        return document.tree.get("variables", {}), Location(document.file, ("variables",))

    def baseline(self, name: str) -> Joined:
        """A baseline with all that it lists."""
        key = upper(name)
        known = self._joined.get(key)
        if known is None:
            self._open.append(key)
            known = self._joined[key] = self.join(self._documents[key], self._names[key], is_baseline=True)
            self._open.pop()
        return known

    def join(self, document: Document, name: str, *, is_baseline: bool = False) -> Joined:
        """A file with its baselines; `name` is the collection's or baseline's own."""
        tree, at = document.tree, Location(document.file)
        settings: dict[str, Declared] = {}
        chain: dict[str, None] = {name: None} if is_baseline else {}
        whole = True
        for number, listed in enumerate(tree.get("baselines", ())):
            below = self._listed(listed, at.below("baselines", number))
            if below is None:
                whole = False
                continue
            whole = whole and below.whole
            chain.update(dict.fromkeys(below.chain))
            self._add(settings, below, at.below("baselines", number), outer=name if is_baseline else None)
        for own_id, override in tree.get("override", {}).items():
            if whole or own_id in settings:
                self._override(settings, own_id, override, name, at.below("override", own_id))
        layer, scope = (Layer((name,)), (name,)) if is_baseline else (None, ())
        for own_id, own in tree.get("settings", {}).items():
            place = at.below("settings", own_id)
            if own_id in settings:
                self._found.append(_twice(own_id, settings[own_id], place))
            else:
                settings[own_id] = Declared(own_id, _narrowed(own, tree.get("applies_to")), place, layer, scope)
        return Joined(settings, tuple(chain), whole)

    def _listed(self, name: str, place: Location) -> Joined | None:
        key = upper(name)
        if key not in self._documents:
            from policyc.source.wording import nearest

            near = nearest(name, self._names.values())
            way_out = (
                f"did you mean '{near}'?" if near else "write a file with 'baseline:' and that 'name:', or take the line out"
            )
            self._found.append(error("PC0328", f"no baseline is called '{name}'", place, help=way_out))
            return None
        if key in self._open:
            way = [*self._open[self._open.index(key) :], key]
            path = " > ".join(f"'{self._names[step]}'" for step in way)
            self._found.append(
                error("PC0329", f"the baseline '{name}' lists itself: {path}", place, help="take one of the lines out")
            )
            return None
        return self.baseline(name)

    def _add(self, settings: dict[str, Declared], below: Joined, place: Location, *, outer: str | None) -> None:
        """Take over the settings of a listed baseline. The same one by two ways is one; two different ones are an error."""
        for name, declared in below.settings.items():
            known = settings.get(name)
            if known is None:
                settings[name] = declared if outer is None else _within(declared, outer)
            elif known.tree is not declared.tree or known.at != declared.at:
                self._found.append(_ambiguous(name, known, declared, place))

    def _override(self, settings: dict[str, Declared], id: str, override: Tree, name: str, place: Location) -> None:
        declared = settings.get(id)
        if declared is None:
            from policyc.source.wording import nearest

            near = nearest(id, settings)
            way_out = f"did you mean '{near}'?" if near else "take the override out, or list the baseline that has the setting"
            message = f"no baseline that '{name}' lists has a setting '{id}'"
            self._found.append(error("PC0330", message, place.key(), help=way_out))
            return
        settings[id] = _overridden(declared, override, name, place)


def _within(declared: Declared, outer: str) -> Declared:
    """The setting as it comes through the baseline `outer`."""
    layer = declared.layer or Layer(())
    return replace(declared, layer=replace(layer, baselines=(outer, *layer.baselines)), scope=(outer, *declared.scope))


def _overridden(declared: Declared, override: Tree, name: str, place: Location) -> Declared:
    tree = dict(declared.tree)
    moved: list[tuple[tuple[str | int, ...], Location]] = []
    replaced: list[tuple[str, str]] = []
    for word, value in override.items():
        if word == "reason":
            continue
        if word == "registry":
            before = tree["registry"]
            kept = {key: old for key, old in before.items() if key not in AS_ONE} if value else before
            tree["registry"] = {**kept, **value}
            moved += [(("registry", part), place.below("registry", part)) for part in value]
            gone = {key: before[key] for key in before if key in AS_ONE} if value else {}
            replaced += [(f"registry.{key}", _text(gone.get(key))) for key in dict.fromkeys((*gone, *value))]
        else:
            replaced.append((word, _text(tree.get(word))))
            tree[word] = value
            moved.append(((word,), place.below(word)))
    before_moved = declared.at.moved if isinstance(declared.at, Placed) else ()
    at = Placed(declared.at.file, declared.at.path, moved=(*before_moved, *moved))
    change = Change(name, place, override["reason"], tuple(replaced))
    layer = declared.layer or Layer(())
    return replace(declared, tree=tree, at=at, layer=replace(layer, changes=(*layer.changes, change)))


def _text(value: Any) -> str:  # noqa: ANN401 - a node of YAML
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _narrowed(own: Tree, outer: Tree | None) -> Tree:
    """The setting with what its baseline says of the devices that it is about, too."""
    if outer is None:
        return own
    inner = own.get("applies_to", {})
    bounds = {
        word: choose([part[word] for part in (outer, inner) if word in part])
        for word, choose in (("from_build", max), ("before_build", min))
        if word in outer or word in inner
    }
    roles = {part["role"] for part in (outer, inner) if "role" in part}
    if len(roles) == 1:
        bounds["role"] = roles.pop()
    elif roles:
        # Of no device at all: the bounds say so.
        bounds = {"from_build": 1, "before_build": 1}
    return {**own, "applies_to": bounds}


def _twice(id: str, declared: Declared, place: Location) -> Diagnostic:
    names = " > ".join(f"'{name}'" for name in declared.layer.baselines) if declared.layer else ""
    return error(
        "PC0331",
        f"the setting '{id}' comes from the baseline {names} already",
        place.key(),
        help="change it in part under 'override:', with a reason, or give this one another id",
        related=[Related(declared.at, f"'{id}' of the baseline")],
    )


def _ambiguous(id: str, one: Declared, other: Declared, place: Location) -> Diagnostic:
    def way(declared: Declared) -> str:
        return " > ".join(f"'{name}'" for name in declared.layer.baselines) if declared.layer else ""

    return error(
        "PC0332",
        f"the setting '{id}' comes by two ways, as two different ones: {way(one)} and {way(other)}",
        place,
        help="give one of them another id, or override it in the baseline that both of them list",
        related=[Related(one.at, f"'{id}' by the first way"), Related(other.at, f"'{id}' by the second way")],
    )
