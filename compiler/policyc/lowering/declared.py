"""From declared settings to those of the model, each shared one only once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.lowering.layers import Declared, Layers, Placed
from policyc.lowering.settings import lower_setting
from policyc.lowering.variables import Scope, look_up, references, resolved
from policyc.model import Applicability, Location, Role, Setting, TakesEffect
from policyc.vocabularies import NAMES, load_vocabulary


class Lowering:
    """Lowers the settings of all collections. What two of them share is lowered, and complained of, once."""

    def __init__(self, layers: Layers, project_variables: Mapping[str, Any], found: list[Diagnostic]) -> None:
        self._layers = layers
        self._project = project_variables
        self._found = found
        self._done: dict[tuple[object, ...], Setting | None] = {}
        self._kept: list[Declared] = []

    def scope(self, variables: Mapping[str, Any], baselines: tuple[str, ...]) -> Scope:
        """What a setting sees: the collection's, the baselines' from the outside in, the project's."""
        return (variables, *(self._layers.variables(name)[0] for name in baselines), self._project)

    def setting(self, declared: Declared, variables: Mapping[str, Any], *, audit: bool) -> Setting | None:
        """The setting, None where it has an error."""
        names = dict.fromkeys(name for _, name in references(declared.tree))
        values: dict[str, Any] = {}
        if names:
            scope = self.scope(variables, declared.scope)
            for way, name in references(declared.tree):
                value = look_up(name, scope, declared.at.below(*way), self._found)
                if value is None:
                    return None
                values[name] = value
        key = (id(declared), audit, repr(values))
        if key not in self._done:
            self._kept.append(declared)  # so that no other object gets its id
            self._done[key] = self._lower(declared, values, audit=audit)
        return self._done[key]

    def check_alone(self, declared: Declared) -> None:
        """Complain of what is wrong in a setting that no collection uses; variables may still be missing."""
        scope = self.scope({}, declared.scope)
        if all(any(name in layer for layer in scope) for _, name in references(declared.tree)):
            self.setting(declared, {}, audit=False)

    def _lower(self, declared: Declared, values: Mapping[str, Any], *, audit: bool) -> Setting | None:
        owner = _owner_of(declared.id)
        if owner is not None:
            self._complain(
                error(
                    "PC0319",
                    f"the id '{declared.id}' belongs to '{owner}'",
                    declared.at.key(),
                    help=f"use the words of '{owner}', or give the setting another id",
                )
            )
            return None
        tree = resolved(declared.tree, values) if values else declared.tree
        if values or isinstance(declared.at, Placed):
            wrong = list(_mistakes(declared, tree))
            if wrong:
                for one in wrong:
                    self._complain(one)
                return None
        found: list[Diagnostic] = []
        setting = lower_setting(declared.id, tree, declared.at, found, audit=audit)
        for one in found:
            self._complain(one)
        if setting is None:
            return None
        effect = tree.get("takes_effect")
        if declared.layer is None and effect is None and "applies_to" not in tree:
            return setting
        return replace(
            setting,
            layer=declared.layer,
            applies_to=_applies_to(tree.get("applies_to")),
            takes_effect=None if effect is None else TakesEffect(effect),
        )

    def _complain(self, one: Diagnostic) -> None:
        # A setting that two collections use with different variables may be wrong in the same way twice.
        if one not in self._found:
            self._found.append(one)


def _mistakes(declared: Declared, tree: dict[str, Any]) -> Iterator[Diagnostic]:
    """What the schema has against a setting that was put together of several places."""
    from policyc.source.schema import is_valid

    whole = {"collection": {"name": "x"}, "settings": {declared.id: tree}}
    if is_valid("collection", whole):
        return
    from policyc.source.explain import explain

    for one in explain(declared.at.file, "collection", whole, ""):
        yield replace(one, location=_place(declared, one.location))


def _place(declared: Declared, found: Location) -> Location:
    """Where it stands really: in the override that holds the word, or else in the last override, which left it out."""
    steps = found.path[2:]
    place = declared.at.below(*steps)
    changed = declared.layer.changes[-1].location if declared.layer and declared.layer.changes else None
    if changed is not None and place.path == (*declared.at.path, *steps) and place.file == declared.at.file:
        return changed.key()
    return replace(place, on_key=found.on_key) if type(place) is Location else place


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
