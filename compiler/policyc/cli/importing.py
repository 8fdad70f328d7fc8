"""The work of `policyc import`: read, translate, look whether there is room, write all or nothing, tell."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from policyc.cli import import_disk, import_room
from policyc.cli.import_report import Outcome, labels, tell
from policyc.diagnostics import Diagnostic, error
from policyc.importers import Imported, MissingPackageError
from policyc.importers.policy_file import write_policy
from policyc.importers.registry import IMPORTERS, importer
from policyc.lowering.slugs import is_device, slug
from policyc.model import Location, Project
from policyc.registry_files import FormatError
from policyc.source import Document, load_project
from policyc.source.files import PROJECT
from policyc.source.schema import is_valid
from policyc.source.wording import visible
from policyc.targets import UnknownTargetError, load_targets

_LONGEST_NAME = 200
_LINE = re.compile(r"line (\d+)")
_ENDINGS = {".reg": "reg", ".pol": "pol", ".csv": "hardeningkitty", ".cab": "cab", ".xml": "cab"}
_HIVES = {"machine": "HKLM", "user": "HKCU"}


class UsageError(Exception):
    """The command line can't be meant so."""

    def __init__(self, option: str, message: str) -> None:
        self.option = option
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    kind: str
    files: tuple[Path, ...]
    policies: Path
    name: str | None = None
    head: str = "baseline"
    into: Path | None = None
    hive: str | None = None
    code_page: int = 1252
    force: bool = False


@dataclass(slots=True)
class _Run:
    request: Request
    documents: tuple[Document, ...] = ()
    errors: list[Diagnostic] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    """Commands that install what a format needs, of which one has been told."""


def run(request: Request, *, as_json: bool) -> int:
    """Import the files; gives the exit code."""
    _check(request)
    state = _Run(request)
    if os.path.isfile(request.policies / PROJECT):  # noqa: PTH113 - Path's raises for a name that is too long
        state.documents = load_project(request.policies).documents
    for files, imported in _jobs(state):
        state.outcomes.append(_translated(state, files, imported))
    _find_room(state)
    if not state.errors:
        _write(state)
    tell(state.outcomes, state.errors, request.policies, as_json=as_json)
    return 1 if state.errors else 0


def _check(request: Request) -> None:
    if request.kind not in IMPORTERS:
        raise UsageError("FORMAT", _no_format(request))
    if not request.files:
        raise UsageError("FILE", f"name a file to import: policyc import {request.kind} FILE")
    if request.name is not None:
        if (
            _is_no_text(request.name)
            or not is_valid("baseline", {"baseline": {"name": request.name}})
            or len(request.name) > _LONGEST_NAME
        ):
            raise UsageError("--name", f"a name is one line of at most {_LONGEST_NAME} characters, without spaces at its ends")
        if request.head == "collection" and is_device(slug(request.name)):
            raise UsageError(
                "--name", f"Windows takes '{request.name}' for a device, and no folder can be called so: add a word"
            )
        if len(request.files) > 1 and request.into is None:
            raise UsageError("--name", "several files make several policies; join them with --into, or import one by one")
    if request.into is not None:
        _check_into(request.into, request.policies)
    try:
        codecs.lookup(f"cp{request.code_page}")
    except LookupError:
        raise UsageError("--code-page", f"no code page {request.code_page} is known") from None
    if request.hive is not None and request.kind != "pol":
        raise UsageError("--hive", f"a file of the format '{request.kind}' says itself whose registry it is about")


def _check_into(into: Path, policies: Path) -> None:
    if into.suffix != ".yaml":
        raise UsageError("--into", "names of policy files end in '.yaml'")
    if into.absolute() == (policies / PROJECT).absolute():
        raise UsageError("--into", f"'{PROJECT}' describes the project: write another file")
    if _is_no_text(into.name) or visible(into.name) != into.name:
        raise UsageError("--into", "names of policy files hold nothing that can't be seen")


def _is_no_text(argument: str) -> bool:
    """Whether it holds bytes that are no character where this runs."""
    return not argument.isascii() and any("\ud800" <= character <= "\udfff" for character in argument)


def _no_format(request: Request) -> str:
    """The file may stand where the format belongs."""
    message = f"no format '{request.kind}' is known; write one of: {', '.join(IMPORTERS)}"
    meant = _ENDINGS.get(Path(request.kind).suffix.lower())
    if meant is None:
        return message
    files = " ".join(_quoted(file) for file in (request.kind, *map(str, request.files)))
    return f"'{request.kind}' is no format: did you mean 'policyc import {meant} {files}'?"


def _quoted(file: str) -> str:
    return f'"{file}"' if any(character.isspace() for character in file) else file


# Reading


def _jobs(state: _Run) -> list[tuple[tuple[Path, ...], Imported]]:
    """What makes a policy: each file, or with `--into` all of them."""
    read = [(file, imported) for file in state.request.files if (imported := _read(state, file)) is not None]
    if state.request.into is None or len(read) < 2:
        return [((file,), imported) for file, imported in read]
    return [(tuple(file for file, _ in read), _joined(read))]


def _read(state: _Run, file: Path) -> Imported | None:
    request = state.request
    options: dict[str, Any] = {}
    if request.kind == "pol":
        options["hive"] = request.hive or _HIVES.get(file.absolute().parent.name.lower())
        if options["hive"] is None:
            message = f"'{file.as_posix()}' doesn't tell whose policy it is, the machine's or the users'"
            state.errors.append(error("PC0801", message, Location(file.as_posix()), help="add --hive HKLM or --hive HKCU"))
            return None
    elif request.kind == "reg":
        options["code_page"] = f"cp{request.code_page}"
    try:
        return importer(request.kind).read(import_disk.read(file), file.name, **options)
    except import_disk.DiskError as failure:
        message, way_out = f"'{file.as_posix()}' can't be read: {failure}", "look at the path, and whether you may read it"
    except MissingPackageError as failure:
        if failure.install in state.missing:
            return None  # what helps one file helps all
        state.missing.add(failure.install)
        message, way_out = f"'{file.as_posix()}' can't be read: {failure.what}", failure.install
    except FormatError as failure:
        message = f"'{file.as_posix()}' can't be read as '{request.kind}': {failure}"
        way_out = f"look whether it is whole, and of another format that can be imported: {', '.join(IMPORTERS)}"
    line = _LINE.search(message)
    state.errors.append(error("PC0801", message, Location(file.as_posix(), line=int(line[1]) if line else None), help=way_out))
    return None


def _joined(read: list[tuple[Path, Imported]]) -> Imported:
    """Several files as one, each entry with the file that it is from."""
    called = labels([file for file, _ in read])
    every = [(label, imported) for label, (_, imported) in zip(called, read, strict=True)]
    settings = tuple(replace(one, source=f"{label}: {one.source}") for label, imported in every for one in imported.settings)
    refused, overwritten = (
        tuple(replace(one, source=f"{label}: {one.source}") for label, imported in every for one in getattr(imported, word))
        for word in ("refused", "overwritten")
    )
    entries, same = (sum(getattr(imported, word) for _, imported in read) for word in ("entries", "same"))
    return Imported(read[0][1].title, settings, refused, entries, same, overwritten)


# Translating


def _translated(state: _Run, files: tuple[Path, ...], imported: Imported) -> Outcome:
    request = state.request
    name = request.name or _usable(imported.title)
    called = labels(files)
    quoted = ", ".join(f"'{label}'" for label in called)
    remark = f"Imported from {quoted} with 'policyc import {request.kind}'"
    written = write_policy(
        imported,
        name=name,
        head=request.head,
        remarks=lambda head: [*import_room.schema_line(head, request.policies, request.into), remark],
        check=lambda one: _limits(state, one),
        earlier=import_room.earlier(name, state.documents, request.policies, request.into) if request.force else (),
    )
    return Outcome(files, written, import_room.places(written, request.policies, request.into), called)


def _usable(title: str) -> str:
    """A title as a name: on one line, without what can't be seen."""
    shown = "".join(character if character.isprintable() else " " for character in title)
    name = " ".join(shown.split())[:_LONGEST_NAME].strip() or "Imported"
    return f"{name} policy" if is_device(slug(name)) else name


def _limits(state: _Run, project: Project) -> Iterable[Diagnostic]:
    """What the project's targets have against settings."""
    head = next((document.tree for document in state.documents if document.kind == "project"), {})
    try:
        targets = load_targets(head.get("targets", ("configmgr",)))
    except UnknownTargetError:
        return []  # a mistake of the project, which validate tells
    return [found for target in targets for found in target.check(project)]


# Room


def _find_room(state: _Run) -> None:
    state.errors += [_nothing(outcome) for outcome in state.outcomes if not outcome.places]
    wanted = [outcome.places for outcome in state.outcomes]
    state.errors += import_room.find_room(wanted, state.documents, state.request.policies, force=state.request.force)


def _nothing(outcome: Outcome) -> Diagnostic:
    message = f"Nothing of '{outcome.shown}' can be expressed, so no policy is written"
    return error("PC0805", message, Location(outcome.shown), help="look at the reasons; is it the file that you meant?")


def _write(state: _Run) -> None:
    texts = {place: file.text for outcome in state.outcomes for place, file in outcome.places}
    try:
        import_disk.write(texts, force=state.request.force)
    except import_disk.ThereAlreadyError as failure:
        state.errors.append(import_room.there_already(Path(str(failure)).as_posix()))
    except import_disk.DiskError as failure:
        where = next(iter(texts)).parent.as_posix()
        message = f"The policies can't be written to '{where}': {failure}"
        state.errors.append(error("PC0806", message, Location(where), help="look whether you may write there, and at the disk"))
