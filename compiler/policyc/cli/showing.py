"""The work of `policyc show`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from policyc.cli.choosing import find_collection, no_collection, no_setting
from policyc.cli.formats import Format
from policyc.cli.loading import settled_project
from policyc.cli.reporting import report
from policyc.model import Change, Collection, Location, Setting
from policyc.resolved import changed_by, head_tree, values, with_source, yaml_text
from policyc.resolved.origins import Origin, Places, origin_of, variables_in
from policyc.source import Sources
from policyc.source.lines import Lines

VERSION = 1
"""Of the JSON and the YAML; it rises when a reader would have to know of a change."""

Tree = dict[str, Any]


def run(policies: Path, asked: str, asked_setting: str | None, format: str) -> int:
    """Show a collection, or one of its settings; gives the exit code. Raises NotFoundError."""
    loaded = settled_project(policies)
    errors = loaded.errors
    report(policies, errors, Format.TEXT)
    collections = () if loaded.project is None else loaded.project.collections
    collection = find_collection(collections, policies, asked)
    if collection is None:
        if errors:
            # It may be what couldn't be read.
            return 1
        raise no_collection(collections, asked)
    settings = [*collection.settings, *collection.exempted]
    chosen = [one for one in settings if asked_setting in (None, one.id)]
    if asked_setting is not None and not chosen:
        if errors:
            return 1
        raise no_setting(collection, settings, asked_setting)
    places = Places(Lines(policies).line, _layers(loaded.sources))
    _write(collection, chosen, places, format, whole=asked_setting is None)
    return 1 if errors else 0


def _layers(sources: Sources) -> dict[str, str]:
    return {
        document.file: f"{document.kind} '{document.tree[document.kind]['name']}'"
        for document in sources.documents
        if "name" in document.tree.get(document.kind, ())
    }


def _write(collection: Collection, chosen: list[Setting], places: Places, format: str, *, whole: bool) -> None:
    if format == "text":
        from policyc.cli.show_text import render

        sys.stdout.writelines(f"{line}\n" for line in render(collection, chosen, places, whole=whole))
        return
    tree = tree_of(collection, chosen, places)
    if format == "yaml":
        sys.stdout.write(yaml_text(tree))
    else:
        import json

        sys.stdout.write(json.dumps(tree, indent=2) + "\n")


def tree_of(collection: Collection, chosen: list[Setting], places: Places) -> Tree:
    """All that is shown, as data."""
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
