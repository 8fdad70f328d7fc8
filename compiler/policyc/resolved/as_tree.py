"""A resolved policy as data: each value with the file, line and layer that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policyc.model import Change, Collection, Location, Setting
from policyc.resolved.collection import changed_by, head_tree, with_source
from policyc.resolved.origins import Origin, Places, origin_of, variables_in
from policyc.resolved.settings import values

VERSION = 1
"""Of the JSON and the YAML; it rises when a reader would have to know of a change."""

Tree = dict[str, Any]


def render(collection: Collection, chosen: Sequence[Setting], places: Places) -> Tree:
    """A collection with these settings."""
    head = head_tree(collection)
    for exemption, tree in zip(collection.exemptions, head.get("exceptions", ()), strict=True):
        tree.update(_line(places, exemption.location))
    exempted = {id(one) for one in collection.exempted}
    return {
        "version": VERSION,
        **head,
        "settings": {one.id: _setting(collection, one, places) for one in chosen if id(one) not in exempted},
        "exempted": {one.id: _setting(collection, one, places) for one in chosen if id(one) in exempted},
    }


def _setting(collection: Collection, setting: Setting, places: Places) -> Tree:
    tree = with_source(collection, setting, masked=True)
    tree.pop("variables", None)
    if setting.layer is not None and setting.layer.changes:
        tree["overridden"] = [_change(collection, setting, change, places) for change in setting.layer.changes]
    tree["origins"] = {}
    for value in values(setting, masked=True):
        origin = origin_of(collection, setting, value, places)
        variables = {
            named.name: {"layer": places.layers.get(named.defined.file, ""), **_line(places, named.defined)}
            for named in variables_in(setting, value)
        }
        words = _origin(origin)
        tree["origins"][".".join(value.way)] = {**words, "variables": variables} if variables else words
    return tree


def _change(collection: Collection, setting: Setting, change: Change, places: Places) -> Tree:
    return {
        "by": changed_by(collection, change),
        "reason": change.reason,
        **_line(places, change.location),
        "replaced": dict(replaced(setting, change)),
    }


def replaced(setting: Setting, change: Change) -> list[tuple[str, str | None]]:
    """(word, what stood there before as JSON; None: nothing), the data of a sensitive setting masked."""
    return [
        (word, None if not text else '"(sensitive)"' if setting.sensitive and word.startswith("registry.") else text)
        for word, text in change.replaced
    ]


def _origin(origin: Origin | None) -> Tree:
    if origin is None:
        return {"layer": "default"}
    return {"layer": origin.layer, "file": origin.file, "line": origin.line}


def _line(places: Places, location: Location) -> Tree:
    return {"file": location.file, "line": places.line(location)}
