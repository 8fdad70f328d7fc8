"""Baselines, overrides and their settings: what each collection's file means with all that it lists.

Layers are joined as trees, before anything is lowered: an override changes words of a setting, and each word keeps the place
where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.diagnostics.cures import remove, rename, write
from policyc.lowering.overrides import Tree, narrowed, overridden
from policyc.lowering.variables import Variables, defined, references
from policyc.lowering.words import same_word, subject_words, word_in
from policyc.model import Layer, Location, upper
from policyc.model.records import dataclass
from policyc.source.wording import as_yaml

if TYPE_CHECKING:
    from policyc.source import Document

_PROSE = frozenset({"title", "why", "references"})
"""What a setting may say otherwise that is declared twice, and still be one: the first one's words stand."""
DEEPEST = 32
"""Baselines that may stand on each other. Nobody reads through more, and each costs every setting below it a step."""


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A setting as trees, before it is lowered. Hashed by identity: collections that share one share what becomes of it."""

    id: str
    tree: Tree
    at: Location
    layer: Layer | None
    scope: tuple[str, ...]
    """Baselines whose variables it sees, the nearest to the collection first."""

    @property
    def place(self) -> Location:
        """The declaration itself, whatever became of it on the way."""
        return Location(self.at.file, self.at.path)

    @property
    def way(self) -> str:
        """The baselines that it came through, as messages tell them."""
        return " > ".join(f"'{name}'" for name in self.layer.baselines) if self.layer else ""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a file and everything that it lists say together."""

    settings: dict[str, Declared]
    """In the order of the policy: a file's baselines before its own."""
    chain: tuple[str, ...] = ()
    """All baselines that take part, the nearest first: each after every one that lists it."""
    whole: bool = True
    """Every baseline that is listed was found."""
    refined: frozenset[str] = frozenset()
    """Those whose every setting is here, for as many devices: to list one beside this changes nothing."""
    depth: int = 1
    """How many baselines stand on each other."""


class Layers:
    """The baselines of a project, each joined once."""

    def __init__(self, documents: Iterable[Document], found: list[Diagnostic], *, complete: bool = True) -> None:
        """`complete`: every file could be read, so that a name that isn't among them is nobody's."""
        self._found = found
        self._complete = complete
        self._documents: dict[str, Document] = {}
        self._names: dict[str, str] = {}
        self._joined: dict[str, Joined] = {}
        self._open: dict[str, None] = {}
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

    def variables(self, name: str) -> Variables:
        """What a baseline's `variables` say, and where they stand."""
        document = self._documents[upper(name)]
        return document.tree.get("variables", {}), Location(document.file, ("variables",))

    def baseline(self, name: str) -> Joined:
        """A baseline with all that it lists."""
        self._prepare((name,))
        return self._joined[upper(name)]

    def _prepare(self, names: Iterable[str]) -> None:
        """Join the baselines that these need, the deepest first; not by recursion, as nobody bounds how deep they go."""
        stack = [iter(names)]
        while stack:
            name = next(stack[-1], None)
            if name is None:
                stack.pop()
                if stack:
                    key = next(reversed(self._open))
                    self._joined[key] = self._join(self._documents[key], self._names[key], is_baseline=True)
                    del self._open[key]
                continue
            key = upper(name)
            if key in self._documents and key not in self._joined and key not in self._open:
                self._open[key] = None
                stack.append(iter(self._documents[key].tree.get("baselines", ())))

    def join(self, document: Document, name: str) -> Joined:
        """A collection's file with its baselines; `name` is the collection's own."""
        self._prepare(document.tree.get("baselines", ()))
        return self._join(document, name, is_baseline=False)

    def _join(self, document: Document, name: str, *, is_baseline: bool) -> Joined:
        tree, at = document.tree, Location(document.file)
        listed = [
            (below, at.below("baselines", number))
            for number, other in enumerate(tree.get("baselines", ()))
            if (below := self._listed(other, at.below("baselines", number))) is not None
        ]
        whole = len(listed) == len(tree.get("baselines", ())) and all(below.whole for below, _ in listed)
        chain = _chain([below for below, _ in listed], name if is_baseline else None)
        settings, others = _taken(listed, name if is_baseline else None)
        for own_id, override in tree.get("override", {}).items():
            place = at.below("override", own_id)
            if own_id in settings:
                settings[own_id] = _overridden(settings[own_id], override, name, place)
                others = [(_overridden(one, override, name, place) if one.id == own_id else one, way) for one, way in others]
            elif whole:
                self._found.append(_nothing_to_override(own_id, settings, name, place))
        for other, place in others:
            self._compare(settings[other.id], other, tree.get("variables", {}), place)
        layer = Layer((name,)) if is_baseline else None
        for own_id, own in tree.get("settings", {}).items():
            place = at.below("settings", own_id)
            if own_id in settings:
                self._found.append(_twice(own_id, settings[own_id], place))
            else:
                settings[own_id] = Declared(own_id, own, place, layer, chain)
        narrowing = tree.get("applies_to")
        if narrowing is not None:
            settings = {word: _narrowed(one, narrowing, at.below("applies_to")) for word, one in settings.items()}
        refined: frozenset[str] = frozenset() if narrowing else frozenset().union(*(below.refined for below, _ in listed))
        depth = 1 + max((below.depth for below, _ in listed), default=0)
        return Joined(settings, chain, whole, refined | {name} if is_baseline else refined, depth)

    def _listed(self, name: str, place: Location) -> Joined | None:
        key = upper(name)
        if key not in self._documents:
            if not self._complete:
                return None
            from policyc.source.wording import nearest

            near = nearest(name, self._names.values())
            way_out = (
                f"did you mean '{near}'?" if near else "write a file with 'baseline:' and that 'name:', or take the line out"
            )
            cures = [write(place, as_yaml(near))] if near else [remove(place)]
            self._found.append(error("PC0328", f"no baseline is called '{name}'", place, help=way_out, cures=cures))
            return None
        if key in self._open:
            steps = list(self._open)
            path = " > ".join(f"'{self._names[step]}'" for step in (*steps[steps.index(key) :], key))
            message = f"the baseline '{self._names[key]}' lists itself: {path}"
            self._found.append(error("PC0329", message, place, help="take one of the lines out", cures=[remove(place)]))
            return None
        below = self._joined[key]
        if below.depth >= DEEPEST:
            message = f"'{self._names[key]}' stands on {DEEPEST - 1} other baselines, one on the other: no more are taken"
            self._found.append(error("PC0337", message, place, help="list what lies below directly, or join some of them"))
            return None
        return below

    def _compare(self, one: Declared, other: Declared, own: Mapping[str, Any], place: Location) -> None:
        """A setting that comes by two ways is one, unless it became, or always was, two different ones."""
        declared_twice = one.place != other.place
        words = _differing(one.tree, other.tree, but=_PROSE if declared_twice else frozenset())
        way_out = "override that here, with a reason, or in the baseline where the setting is declared"
        if words and declared_twice:
            way_out = "list one of the two baselines, take the setting out of one of them, or give it another id there"
        if not words:
            names = dict.fromkeys(name for _, name in references(one.tree) if name not in own)
            words = [f"the variable '{name}'" for name in names if self._value(name, one) != self._value(name, other)]
            way_out = "give it the value here, under 'variables:'"
        if words:
            self._found.append(_ambiguous(one, other, ", ".join(words), place, way_out))

    def _value(self, name: str, declared: Declared) -> tuple[Any, ...]:
        found = defined(name, tuple(map(self.variables, declared.scope)))
        return () if found is None else (found[0],)


def _chain(listed: list[Joined], own: str | None) -> tuple[str, ...]:
    """Each baseline once, where it comes last: so it stands behind all that list it."""
    backwards = dict.fromkeys(name for below in reversed(listed) for name in reversed(below.chain))
    return (*(() if own is None else (own,)), *reversed(backwards))


def _taken(
    listed: list[tuple[Joined, Location]], outer: str | None
) -> tuple[dict[str, Declared], list[tuple[Declared, Location]]]:
    """The settings of the listed baselines, and those that came a second time, with the line that brought them.

    A baseline that another listed one contains brings nothing of its own: the other has had its say about all of it.
    """
    settings: dict[str, Declared] = {}
    others = []
    for number, (below, place) in enumerate(listed):
        name = below.chain[0]
        if any(name in other.refined and other is not below for other, _ in listed):
            continue
        if any(other is below for other, _ in listed[:number]):
            continue
        for declared in below.settings.values():
            came = declared if outer is None else _within(declared, outer)
            if settings.setdefault(came.id, came) is not came:
                others.append((came, place))
    return settings, others


def _within(declared: Declared, outer: str) -> Declared:
    """The setting as it comes through the baseline `outer`."""
    layer = declared.layer or Layer(())
    return replace(declared, layer=replace(layer, baselines=(outer, *layer.baselines)), scope=(outer, *declared.scope))


def _overridden(declared: Declared, override: Tree, name: str, place: Location) -> Declared:
    tree, at, change = overridden(declared.tree, declared.at, override, name, place)
    layer = declared.layer or Layer(())
    return replace(declared, tree=tree, at=at, layer=replace(layer, changes=(*layer.changes, change)))


def _narrowed(declared: Declared, outer: Tree, place: Location) -> Declared:
    tree, at = narrowed(declared.tree, declared.at, outer, place)
    return replace(declared, tree=tree, at=at)


def _differing(one: Tree, other: Tree, but: frozenset[str]) -> list[str]:
    """The words in which two forms of a setting differ; those of `but` don't count."""
    if one is other:
        return []
    skipped = but | subject_words()
    words = [f"'{word}'" for word in dict.fromkeys((*one, *other)) if word not in skipped and one.get(word) != other.get(word)]
    kind = word_in(one)
    if kind not in other:
        return [*words, f"'{kind}'"]
    before, after = one[kind], other[kind]
    return words + [
        f"'{word}'" for word in dict.fromkeys((*before, *after)) if not same_word(kind, word, before.get(word), after.get(word))
    ]


def _nothing_to_override(id: str, settings: Iterable[str], name: str, place: Location) -> Diagnostic:
    from policyc.source.wording import nearest

    near = nearest(id, settings)
    way_out = f"did you mean '{near}'?" if near else "take the override out, or list the baseline that has the setting"
    cures = [rename(place, near)] if near else [remove(place)]
    return error("PC0330", f"no baseline that '{name}' lists has a setting '{id}'", place.key(), help=way_out, cures=cures)


def _twice(id: str, declared: Declared, place: Location) -> Diagnostic:
    return error(
        "PC0331",
        f"the setting '{id}' comes from the baseline {declared.way} already",
        place.key(),
        help="change it in part under 'override:', with a reason, or give this one another id",
        related=[Related(declared.place, f"'{id}' of the baseline")],
    )


def _ambiguous(one: Declared, other: Declared, words: str, place: Location, way_out: str) -> Diagnostic:
    def at(declared: Declared) -> Location:
        return declared.layer.changes[-1].location if declared.layer and declared.layer.changes else declared.place

    return error(
        "PC0332",
        f"the setting '{one.id}' comes by two ways that differ in {words}: {one.way} and {other.way}",
        place,
        help=way_out,
        related=[
            Related(at(one), f"'{one.id}' through {one.way}"),
            Related(at(other), f"'{one.id}' through {other.way}"),
        ],
    )
