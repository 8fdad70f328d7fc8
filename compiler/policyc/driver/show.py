"""The work of `show`: a collection with all layers joined, and where each value comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policyc.diagnostics import Diagnostic
from policyc.driver.check import settled_project
from policyc.driver.find import find_collection, no_collection, no_setting
from policyc.model import Collection, Setting
from policyc.resolved.origins import Places
from policyc.source import Sources
from policyc.source.lines import Lines


@dataclass(frozen=True, slots=True)
class Shown:
    """What was found."""

    errors: tuple[Diagnostic, ...]
    collection: Collection | None
    """None where what is asked for may be what couldn't be read."""
    settings: tuple[Setting, ...]
    """Those that are asked for, also of those that an exception takes out."""
    places: Places


def show(policies: Path, asked: str, asked_setting: str | None, day: date) -> Shown:
    """A collection, or one of its settings. Raises NotFoundError."""
    loaded = settled_project(policies, day)
    errors = loaded.errors
    collections = () if loaded.project is None else loaded.project.collections
    collection = find_collection(collections, policies, asked)
    places = Places(Lines(policies).line, _layers(loaded.sources))
    nothing = Shown(errors, None, (), places)
    if collection is None:
        if errors:
            return nothing
        raise no_collection(collections, asked)
    settings = [*collection.settings, *collection.exempted]
    chosen = tuple(one for one in settings if asked_setting in (None, one.id, one.whole))
    if asked_setting is not None and not chosen:
        if errors:
            return nothing
        raise no_setting(collection, settings, asked_setting)
    return Shown(errors, collection, chosen, places)


def _layers(sources: Sources) -> dict[str, str]:
    return {
        document.file: f"{document.kind} '{document.tree[document.kind]['name']}'"
        for document in sources.documents
        if "name" in document.tree.get(document.kind, ())
    }
