"""The work of `policyc simulate`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from policyc.cli.choosing import find_collection, no_collection
from policyc.cli.formats import Format
from policyc.cli.loading import settled_project
from policyc.cli.reporting import report, say
from policyc.diagnostics import Diagnostic
from policyc.diagnostics.reporters.plain import plain
from policyc.evaluation.device import Device, Draft
from policyc.evaluation.simulation import Outcome, Result, overall, simulate
from policyc.evaluation.windows import UnknownWindowsError
from policyc.model import Collection, Location
from policyc.simulation.cases import places, unknown_windows
from policyc.simulation.files import load_state, split
from policyc.simulation.report import as_text, as_tree


def run(policies: Path, asked: str, states: Sequence[str], format: Format) -> int:
    """Simulate a collection on a device; gives the exit code. Raises NotFoundError."""
    _, project, errors = settled_project(policies)
    if project is None or errors:
        return _stopped(policies, errors, format, "the policies have errors")
    collection = find_collection(project.collections, policies, asked)
    if collection is None:
        raise no_collection(project.collections, asked)
    told: list[Diagnostic] = []
    device = _device(policies, states, collection, told)
    outcomes = None if device is None else _outcomes(policies, collection, device, states, told)
    if device is None or outcomes is None:
        return _stopped(policies, told, format, "the state has errors")
    if format is Format.JSON:
        report(policies, told, format, as_tree(collection, device, outcomes))
    else:
        report(policies, told, format)
        sys.stdout.writelines(f"{plain(line)}\n" for line in as_text(collection, device, outcomes))
    return 0 if overall(outcomes) is Result.COMPLIANT else 1


def _stopped(policies: Path, found: Iterable[Diagnostic], format: Format, why: str) -> int:
    report(policies, found, format)
    say(format, f"nothing was simulated: {why}")
    return 1


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
