"""Tests of policies, as their files say them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policyc.diagnostics import Diagnostic, Related, error
from policyc.diagnostics.cures import write
from policyc.evaluation.device import Device, Draft
from policyc.evaluation.windows import BUILD, INSTALLATION_TYPE, UnknownWindowsError
from policyc.model import EVERYWHERE, Collection, Location, Place, Project, upper
from policyc.simulation.files import Layer, load_state, split
from policyc.simulation.judging import judge
from policyc.simulation.outcomes import simulate
from policyc.simulation.statements import stated
from policyc.source import Document
from policyc.source.wording import as_yaml, nearest, quoted

Loader = Callable[[str, Location, list[Diagnostic]], Layer | None]


@dataclass(frozen=True, slots=True)
class Case:
    """A test and what came of it."""

    file: str
    name: str
    found: tuple[Diagnostic, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not any(one.is_error for one in self.found)


def run_cases(project: Project, document: Document) -> Iterator[Case]:
    """The tests of a file, one after the other, in its order."""
    load = _loader(project, document)
    for name, tree in document.tree["tests"].items():
        found: list[Diagnostic] = []
        _run(project, tree, Location(document.file).below("tests", name), load, found)
        yield Case(document.file, name, tuple(found))


def places(collections: Iterable[Collection]) -> list[Place]:
    """All that collections ask of a device's registry."""
    settings = (setting for collection in collections for setting in collection.settings)
    asked = (setting.subject.place for setting in settings)
    return [BUILD, INSTALLATION_TYPE, *(place for place in asked if isinstance(place, Place))]


def unknown_windows(failure: UnknownWindowsError, collection: Collection, at: Location | None) -> Diagnostic:
    """A state that doesn't say which Windows it is, though a setting asks for it. `at` None: there is no state file."""
    asking = next(setting for setting in collection.settings if setting.applies_to != EVERYWHERE)
    word = "build" if failure.place == BUILD else "role"
    message = f"the state doesn't say the {word} of Windows, and '{asking.id}' applies to some devices only"
    related = [Related(asking.origin, "the setting that asks for it")] if at is not None else []
    way_out = (
        f"write it under 'device' of the state, as in 'device: {{{word}: {'22631' if word == 'build' else 'workstation'}}}'"
    )
    return error("PC0906", message, at or asking.origin, help=way_out, related=related)


def _loader(project: Project, document: Document) -> Loader:
    """Reads the states that the tests of a file name, each once."""
    wanted = places(project.collections)
    folder = posixpath.dirname(document.file)
    known: dict[str, tuple[Layer | None, list[Diagnostic]]] = {}

    def load(text: str, at: Location, found: list[Diagnostic]) -> Layer | None:
        outside = _outside(folder, text, at)
        if outside is not None:
            found.append(outside)
            return None
        if text not in known:
            told: list[Diagnostic] = []
            place, name = split(text)
            inside = posixpath.normpath(posixpath.join(folder, name))
            layer = load_state(document.root, inside if place is None else f"{place}={inside}", at, wanted, told)
            known[text] = (layer, told)
        layer, told = known[text]
        found += told
        return layer

    return load


def _outside(folder: str, text: str, at: Location) -> Diagnostic | None:
    name = split(text)[1]
    inside = posixpath.normpath(posixpath.join(folder, name.replace("\\", "/")))
    if not inside.startswith("../") and inside != ".." and not posixpath.isabs(inside) and not Path(name).is_absolute():
        return None
    way_out = "put the file beside the tests: what is tested must be what is reviewed"
    return error("PC0901", f"{quoted(name)} leads out of the policies folder", at, help=way_out)


def _run(project: Project, tree: Mapping[str, Any], at: Location, load: Loader, found: list[Diagnostic]) -> None:
    collection = _collection(project, tree["collection"], at.below("collection"), found)
    device = _device(tree, at, load, found)
    if collection is None or device is None:
        return
    try:
        outcomes = simulate(collection.settings, device)
    except UnknownWindowsError as failure:
        found.append(unknown_windows(failure, collection, at.key()))
        return
    found += judge(tree["expect"], at.below("expect"), collection, device, outcomes)


def _collection(project: Project, name: str, at: Location, found: list[Diagnostic]) -> Collection | None:
    chosen = next((one for one in project.collections if upper(one.name) == upper(name)), None)
    if chosen is None:
        near = nearest(name, [one.name for one in project.collections])
        way_out = f"did you mean {quoted(near)}?" if near else "write the name of a collection, as its file has it"
        cures = [write(at, as_yaml(near))] if near else []
        found.append(error("PC0907", f"no collection is called {quoted(name)}", at, help=way_out, cures=cures))
    return chosen


def _device(tree: Mapping[str, Any], at: Location, load: Loader, found: list[Diagnostic]) -> Device | None:
    before = len(found)
    layers: list[Layer | None] = [
        load(text, at.below("states", number), found) for number, text in enumerate(tree.get("states", ()))
    ]
    layers.append(stated(tree, at, found))
    if any(one.is_error for one in found[before:]):
        return None
    draft = Draft()
    for layer in layers:
        if layer is not None:
            layer.lay(draft)
    return draft.device()
