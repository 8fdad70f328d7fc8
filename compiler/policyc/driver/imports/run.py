"""The work of `import`: read, translate, look whether there is room, write all or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from policyc.diagnostics import Diagnostic, error
from policyc.driver.check import open_shelf
from policyc.driver.imports import disk, room
from policyc.driver.imports.findings import Outcome
from policyc.driver.imports.reading import Job, Reading
from policyc.driver.imports.request import LONGEST_NAME, Request, UsageError, check
from policyc.importers.policy_file import Naming, write_policy
from policyc.lowering.slugs import is_device, slug
from policyc.model import Location, Project
from policyc.source import Document, load_project
from policyc.source.files import PROJECT
from policyc.targets import UnknownTargetError, load_targets


@dataclass(slots=True)
class Run:
    """What was asked for, and what came of it."""

    request: Request
    documents: tuple[Document, ...] = ()
    errors: list[Diagnostic] = field(default_factory=list)
    """Where there is one, nothing was written."""
    warnings: list[Diagnostic] = field(default_factory=list)
    """About what was named as a whole."""
    outcomes: list[Outcome] = field(default_factory=list)
    named: Naming = list
    """What says settings by the names of policies."""


def run(request: Request) -> Run:
    """Import the files. Raises UsageError."""
    check(request)
    state = Run(request)
    if os.path.isfile(request.policies / PROJECT):  # noqa: PTH113 - Path's raises for a name that is too long
        state.documents = load_project(request.policies).documents
    if request.definitions:
        state.named = _by_name(state)
    reading = Reading(request, state.errors, state.warnings)
    state.outcomes += [_translated(state, job) for job in reading.jobs()]
    _find_room(state)
    if not state.errors:
        _write(state)
    return state


def _by_name(state: Run) -> Naming:
    """How settings become policies by their names. Raises UsageError where the project names no templates."""
    head = next((document.tree for document in state.documents if document.kind == "project"), {})
    if not head.get("definitions"):
        way_out = "'definitions: [definitions]' with the folder that holds them"
        raise UsageError("--definitions", f"the project names no folder of templates: write {way_out} into {PROJECT}")
    from policyc.definitions import Library
    from policyc.definitions.folders import STANDARD
    from policyc.importers.policies import by_name

    language = head.get("definitions_language", STANDARD)
    library = Library(state.request.policies, tuple(head["definitions"]), language, open_shelf)
    return lambda settings: by_name(settings, library)


# Translating


def _translated(state: Run, job: Job) -> Outcome:
    request = state.request
    imported = job.imported
    name = request.name or _usable(imported.title)
    labels = [folder.absolute().name for folder in job.folders] or job.labels
    quoted = ", ".join(f"'{label}'" for label in labels)
    remark = f"Imported from {quoted} with 'policyc import {request.kind}'"
    written = write_policy(
        imported,
        name=name,
        head=request.head,
        remarks=lambda head: [*room.schema_line(head, request.policies, request.into), remark],
        check=lambda one: _limits(state, one),
        named=state.named,
        earlier=room.earlier(name, state.documents, request.policies, request.into) if request.force else (),
    )
    return Outcome(job.files, written, room.places(written, request.policies, request.into), job.labels, job.folders)


def _usable(title: str) -> str:
    """A title as a name: on one line, without what can't be seen."""
    shown = "".join(character if character.isprintable() else " " for character in title)
    name = " ".join(shown.split())[:LONGEST_NAME].strip() or "Imported"
    return f"{name} policy" if is_device(slug(name)) else name


def _limits(state: Run, project: Project) -> Iterable[Diagnostic]:
    """What the project's targets have against settings."""
    head = next((document.tree for document in state.documents if document.kind == "project"), {})
    try:
        targets = load_targets(head.get("targets", ("configmgr",)))
    except UnknownTargetError:
        return []  # a mistake of the project, which validate tells
    return [found for target in targets for found in target.check(project)]


# Room


def _find_room(state: Run) -> None:
    wanted = [outcome.places for outcome in state.outcomes]
    state.errors += room.find_room(wanted, state.documents, state.request.policies, force=state.request.force)


def _write(state: Run) -> None:
    texts = {place: file.text for outcome in state.outcomes for place, file in outcome.places}
    try:
        disk.write(texts, force=state.request.force)
    except disk.ThereAlreadyError as failure:
        state.errors.append(room.there_already(Path(str(failure)).as_posix()))
    except disk.DiskError as failure:
        where = next(iter(texts)).parent.as_posix()
        message = f"The policies can't be written to '{where}': {failure}"
        state.errors.append(error("PC0806", message, Location(where), help="look whether you may write there, and at the disk"))
