"""From declared settings to those of the model, each shared one only once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.lowering.facts import lower_fact
from policyc.lowering.group_policy import GroupPolicies
from policyc.lowering.group_policy_findings import unfit, wrong_value
from policyc.lowering.layers import Declared, Layers
from policyc.lowering.settings import Reader, lower_setting
from policyc.lowering.slugs import is_device
from policyc.lowering.variables import Scope, Variables, defined, look_up, references, resolved
from policyc.lowering.words import GROUP_POLICY
from policyc.model import Applicability, Location, Role, Setting, TakesEffect
from policyc.model.variable import Named
from policyc.source.beside import read_beside
from policyc.source.files import PROJECT
from policyc.vocabularies import NAMES, load_vocabulary

_ALWAYS = frozenset({"applies_to", "only_if"})
_Form = tuple[object, ...]
"""A declaration, and the overrides that it went through."""


class Lowering:
    """Lowers the settings of all collections. What two of them share is lowered, and complained of, once."""

    def __init__(
        self,
        layers: Layers,
        project_variables: Mapping[str, Any],
        policies: GroupPolicies,
        found: list[Diagnostic],
        root: Path | None = None,
    ) -> None:
        """`root` is the policies folder, where files lie that settings name."""
        self._reader = None if root is None else partial(read_beside, root)
        self._layers = layers
        self._policies = policies
        self._project: Variables = (project_variables, Location(PROJECT, ("variables",)))
        self._found = found
        self._told: set[tuple[str, Location, str]] = set()
        self._used: set[_Form] = set()
        self._done: dict[tuple[object, ...], tuple[Setting, ...]] = {}
        self._kept: list[Declared] = []

    def scope(self, variables: Variables, baselines: tuple[str, ...]) -> Scope:
        """What a setting sees: the collection's, the baselines' from the outside in, the project's."""
        return (variables, *map(self._layers.variables, baselines), self._project)

    def settings(self, declared: Declared, variables: Variables, *, audit: bool) -> tuple[Setting, ...]:
        """The setting, or those that it unfolds to; none where it has an error. Who needs it has these variables."""
        if declared.layer is not None:
            self._used.update(_forms(declared))
        return self._settings(declared, variables, audit=audit)

    def check_alone(self, declared: Declared) -> None:
        """Complain of what is wrong in a setting of which no collection uses any form; variables may still be missing."""
        if _forms(declared)[-1] in self._used:
            return
        nothing: Variables = ({}, Location(""))
        scope = self.scope(nothing, declared.scope)
        if all(defined(name, scope) is not None for _, name in references(declared.tree)):
            self._settings(declared, nothing, audit=False)

    def _settings(self, declared: Declared, variables: Variables, *, audit: bool) -> tuple[Setting, ...]:
        values: dict[str, Any] = {}
        named: list[Named] = []
        ways = list(references(declared.tree))
        if ways:
            scope = self.scope(variables, declared.scope)
            missing: list[Diagnostic] = []
            for way, name in ways:
                at = declared.at.below(*way)
                known = look_up(name, scope, at, missing)
                if known is not None:
                    values[name] = known[0]
                    named.append(Named(at, name, known[1]))
            if missing:
                self._complain(_needed_by(declared, variables[1].file, missing))
                return ()
        if declared.layer is None:
            # Nobody else needs it: its tree goes with its file.
            return self._lowered(declared, values, named, audit=audit)
        key = (id(declared), audit, *named)
        if key not in self._done:
            self._kept.append(declared)  # so that no other object gets its id
            self._done[key] = self._lowered(declared, values, named, audit=audit)
        return self._done[key]

    def _lowered(self, declared: Declared, values: dict[str, Any], named: list[Named], *, audit: bool) -> tuple[Setting, ...]:
        found: list[Diagnostic] = []
        tree = _whole(declared, values, tuple(named), found)
        settings: tuple[Setting, ...] = ()
        if tree is not None and GROUP_POLICY in tree:
            settings = self._unfolded(declared, tree, tuple(named), found, audit=audit)
        elif tree is not None:
            setting = _lower(declared, declared.id, tree, declared.at, tuple(named), found, audit=audit, reader=self._reader)
            settings = () if setting is None else (setting,)
            if setting is not None:
                found += self._policies.contradictions(setting)
        self._complain(found)
        return settings

    def _unfolded(
        self, declared: Declared, tree: dict[str, Any], named: tuple[Named, ...], found: list[Diagnostic], *, audit: bool
    ) -> tuple[Setting, ...]:
        """What a policy of a template unfolds to: all of it, or nothing where there is an error."""
        parts = self._policies.unfold(declared.id, tree, declared.at, found)
        settings: list[Setting] = []
        for part in parts or ():
            wrong = next(unfit(part.id, part.tree), None)
            if wrong is not None:
                found.append(wrong_value(part.id, part.at.below("registry", "equals"), wrong))
                return ()
            told: list[Diagnostic] = []
            said = part.at.below("registry", "equals")
            own = tuple(one for one in named if one.at.file == said.file and one.at.path[: len(said.path)] == said.path)
            setting = _lower(declared, part.id, part.tree, part.at, own, told, audit=audit)
            # An edit that was meant for a registry setting isn't made in a policy's name.
            found += (replace(one, cures=()) for one in told)
            if setting is None:
                return ()
            settings.append(replace(setting, part_of=declared.id))
        return tuple(settings)

    def _complain(self, found: list[Diagnostic]) -> None:
        # What two collections see in different ways (audit, variables) may be wrong in the same way twice.
        for one in found:
            told = (one.code, one.location, one.message)
            if told not in self._told:
                self._told.add(told)
                self._found.append(one)


def _needed_by(declared: Declared, file: str, missing: list[Diagnostic]) -> list[Diagnostic]:
    """A baseline's reference may be right for all collections but one: name it."""
    if declared.layer is None or not file:
        return missing
    related = (Related(Location(file, ("collection", "name")), "the collection that needs it"),)
    return [replace(one, related=related) for one in missing]


def _forms(declared: Declared) -> list[_Form]:
    """The setting as it was declared, and after each override."""
    changes = declared.layer.changes if declared.layer else ()
    places = [(change.location.file, change.location.path) for change in changes]
    return [(declared.place, *places[:number]) for number in range(len(places) + 1)]


def _whole(
    declared: Declared, values: Mapping[str, Any], named: tuple[Named, ...], found: list[Diagnostic]
) -> dict[str, Any] | None:
    """The tree with the values of its variables; None where it can't be a setting."""
    owner = _owner_of(declared.id)
    if owner is not None:
        message = f"the id '{declared.id}' belongs to '{owner}'"
        way_out = f"use the words of '{owner}', or give the setting another id"
        found.append(error("PC0319", message, declared.at.key(), help=way_out))
        return None
    if is_device(declared.id):
        message = f"the id '{declared.id}' is one that Windows takes for a device, so no folder can be called so"
        found.append(error("PC0338", message, declared.at.key(), help="add a word to the id"))
        return None
    tree = resolved(declared.tree, values) if values else declared.tree
    if values or (declared.layer and declared.layer.changes):
        wrong = list(_mistakes(declared, tree, named))
        if wrong:
            found += wrong
            return None
    return tree


def _lower(
    declared: Declared,
    id: str,
    tree: dict[str, Any],
    at: Location,
    named: tuple[Named, ...],
    found: list[Diagnostic],
    *,
    audit: bool,
    reader: Reader | None = None,
) -> Setting | None:
    setting = lower_setting(id, tree, at, found, audit=audit, reader=reader)
    effect = tree.get("takes_effect")
    if setting is None or (declared.layer is None and effect is None and not named and _ALWAYS.isdisjoint(tree)):
        return setting
    fact = None
    if "only_if" in tree:
        fact = lower_fact(tree["only_if"], at.below("only_if"), found)
        if fact is None:
            return None
    applies_to = replace(_applies_to(tree.get("applies_to")), only_if=fact)
    if not applies_to.meets(applies_to):
        found.append(_of_no_device(declared))
    return replace(
        setting,
        layer=declared.layer,
        applies_to=applies_to,
        takes_effect=None if effect is None else TakesEffect(effect),
        variables=named,
    )


def _of_no_device(declared: Declared) -> Diagnostic:
    return warning(
        "PC0336",
        f"no device is left to which '{declared.id}' applies",
        declared.at.below("applies_to"),
        help="look at 'applies_to' of the setting and of the baselines that it comes through: both have to hold",
        related=[Related(declared.place, f"'{declared.id}' is declared here")],
    )


def _mistakes(declared: Declared, tree: dict[str, Any], named: tuple[Named, ...]) -> Iterator[Diagnostic]:
    """What the schema has against a setting that was put together of several places."""
    from policyc.source.schema import is_valid

    whole = {"collection": {"name": "x"}, "settings": {declared.id: tree}}
    if is_valid("collection", whole):
        return
    from policyc.source.explain import explain

    ways = dict(zip((way for way, _ in references(declared.tree)), named, strict=True))
    for one in explain(declared.at.file, "collection", whole, ""):
        steps = one.location.path[2:]
        misfit = next((variable for way, variable in ways.items() if steps[: len(way)] == way), None)
        if misfit is None:
            yield _moved(declared, one, steps)
        else:
            message = f"the value of the variable '{misfit.name}' doesn't fit: {one.message}"
            related = [Related(misfit.defined, f"the variable '{misfit.name}'")]
            yield error("PC0334", message, misfit.at, help=one.help, related=related)


def _moved(declared: Declared, one: Diagnostic, steps: tuple[str | int, ...]) -> Diagnostic:
    """Where it stands really: in the override that holds the word, or else in the last override, which left it out."""
    place = declared.at.below(*steps)
    # What else it names stands in the same tree, and so it may be elsewhere, too.
    others = (replace(each, location=_really(declared, each.location)) for each in one.related)
    one = replace(one, related=tuple(others))
    changes = declared.layer.changes if declared.layer else ()
    if changes and (place.file, place.path) == (declared.at.file, (*declared.at.path, *steps)):
        here = changes[-1].location.key()
        if one.code == "PC0203":
            # A type above all, which an override can't give.
            related = (Related(declared.place, f"'{declared.id}' is declared here"),)
            return replace(
                one, location=here, help="add it where the setting is declared, an override can't", related=related, cures=()
            )
        why = "an override replaces condition, set, default, pin and case as one"
        return replace(one, location=here, help=f"{one.help}; {why}" if one.help else why, cures=())
    there = _really(declared, one.location)
    # An edit that was meant for another node isn't made here.
    return replace(one, location=there, cures=one.cures if there == one.location else ())


def _really(declared: Declared, said: Location) -> Location:
    place = declared.at.below(*said.path[2:])
    return Location(place.file, place.path, on_key=said.on_key)


def _applies_to(tree: dict[str, Any] | None) -> Applicability:
    if not tree:
        return Applicability()
    role = tree.get("role")
    return Applicability(tree.get("from_build"), tree.get("before_build"), None if role is None else Role(role))


def _owner_of(id: str) -> str | None:
    """The vocabulary that has this id for itself. Read only where the id's beginning asks for it."""
    for name in NAMES:
        if id.startswith(name.replace("_", "-")) and id in load_vocabulary(name).setting_ids:
            return name
    return None
