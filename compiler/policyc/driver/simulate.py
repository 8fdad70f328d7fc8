"""The work of `simulate`: a collection on an imagined device."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from policyc.diagnostics import Diagnostic
from policyc.driver.check import settled_project
from policyc.driver.find import NotFoundError, find_collection, no_collection, no_setting
from policyc.evaluation.device import Device, Draft
from policyc.evaluation.windows import UnknownWindowsError
from policyc.model import Collection, Location
from policyc.simulation.cases import places, unknown_windows
from policyc.simulation.files import load_state, split
from policyc.simulation.outcomes import Outcome, simulate
from policyc.simulation.report import Simulation


class StoppedError(Exception):
    """Nothing can be simulated: why, and what was found."""

    def __init__(self, why: str, found: Sequence[Diagnostic]) -> None:
        super().__init__(why)
        self.found = tuple(found)


def simulated(
    policies: Path, asked: str, setting: str | None, states: Sequence[str], day: date, *, failing: bool = False
) -> tuple[Simulation, list[Diagnostic]]:
    """A collection on a device, and what was found in its state. Raises NotFoundError and StoppedError."""
    loaded = settled_project(policies, day)
    if loaded.project is None or loaded.errors:
        raise StoppedError("the policies or their tests have errors", loaded.errors)
    collection = find_collection(loaded.project.collections, policies, asked)
    if collection is None:
        raise no_collection(loaded.project.collections, asked)
    _must_have(collection, setting)
    told: list[Diagnostic] = []
    device = _device(policies, states, collection, told)
    outcomes = None if device is None else _outcomes(policies, collection, device, states, told)
    if device is None or outcomes is None:
        raise StoppedError("the state has errors", told)
    return Simulation(collection, device, outcomes, setting, failing), told


def _must_have(collection: Collection, setting: str | None) -> None:
    if setting is None or any(setting in (one.id, one.whole) for one in collection.settings):
        return
    if any(setting in (one.id, one.whole) for one in collection.exempted):
        message = f"'{collection.name}' goes without '{setting}' by an exception, so there is nothing to judge"
        raise NotFoundError(message, "SETTING")
    raise no_setting(collection, collection.settings, setting)


def _device(policies: Path, states: Sequence[str], collection: Collection, told: list[Diagnostic]) -> Device | None:
    wanted = places([collection])
    found: list[Diagnostic] = []
    draft = Draft()
    for text in states:
        layer = load_state(Path(), text, Location(split(text)[1]), wanted, found)
        if layer is not None:
            layer.lay(draft)
    told += [_seen_from(policies, one) for one in found]
    return None if any(one.is_error for one in found) else draft.device()


def _outcomes(
    policies: Path, collection: Collection, device: Device, states: Sequence[str], told: list[Diagnostic]
) -> tuple[Outcome, ...] | None:
    try:
        return simulate(collection.settings, device)
    except UnknownWindowsError as failure:
        files = [split(text)[1] for text in states if text.lower().endswith((".yaml", ".yml"))]
        at = Location(_seen(policies, files[-1])) if files else None
        told.append(unknown_windows(failure, collection, at))
        return None


def _seen_from(policies: Path, found: Diagnostic) -> Diagnostic:
    """The finding of a state, whose files are named from here, with its files named from the policies folder, as all are."""
    related = tuple(
        replace(one, location=replace(one.location, file=_seen(policies, one.location.file))) for one in found.related
    )
    return replace(found, location=replace(found.location, file=_seen(policies, found.location.file)), related=related)


def _seen(policies: Path, file: str) -> str:
    try:
        return Path(os.path.relpath(file, policies)).as_posix() if file else ""
    except ValueError:
        # On Windows, another drive.
        return file
