"""Reading what is imported: the jobs of a command, of which each makes a policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from policyc.cli import import_disk
from policyc.cli.import_report import labels
from policyc.cli.import_request import Request
from policyc.diagnostics import Diagnostic, error
from policyc.importers import Found, Imported, MissingPackageError
from policyc.importers.registry import IMPORTERS, importer
from policyc.model import Location, upper
from policyc.registry_files import FormatError

_LINE = re.compile(r"line (\d+)")
_HIVES = {"machine": "HKLM", "user": "HKCU"}


@dataclass(frozen=True, slots=True)
class Job:
    """Files that make one policy."""

    files: tuple[Path, ...]
    imported: Imported
    labels: tuple[str, ...]
    """What each is called: where there are several, the shortest ends of their paths that tell them apart."""


@dataclass(slots=True)
class Reading:
    """A command's files."""

    request: Request
    errors: list[Diagnostic] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    """Commands that install what a format needs, of which one has been told."""

    def jobs(self) -> list[Job]:
        """What makes a policy: each file, or with `--into` all of them."""
        units = [(file,) for file in self.request.files]
        read = [(unit, imported) for unit in units if (imported := self._read(unit[0])) is not None]
        if self.request.into is not None and len(read) > 1:
            files = tuple(file for unit, _ in read for file in unit)
            called = labels(files)
            return [Job(files, _joined([(label, one) for label, (_, one) in zip(called, read, strict=True)]), called)]
        return _told_apart([Job(unit, imported, labels(unit)) for unit, imported in read])

    def _read(self, file: Path) -> Imported | None:
        options = self._options(file)
        if options is None:
            return None
        try:
            return importer(self.request.kind).read(import_disk.read(file), file.name, **options)
        except import_disk.DiskError as failure:
            message, way_out = f"'{file.as_posix()}' can't be read: {failure}", "look at the path, and whether you may read it"
        except MissingPackageError as failure:
            if failure.install in self.missing:
                return None  # what helps one file helps all
            self.missing.add(failure.install)
            message, way_out = f"'{file.as_posix()}' can't be read: {failure.what}", failure.install
        except FormatError as failure:
            message = f"'{file.as_posix()}' can't be read as '{self.request.kind}': {failure}"
            way_out = f"look whether it is whole, and of another format that can be imported: {', '.join(IMPORTERS)}"
        line = _LINE.search(message)
        where = Location(file.as_posix(), line=int(line[1]) if line else None)
        self.errors.append(error("PC0801", message, where, help=way_out))
        return None

    def _options(self, file: Path) -> dict[str, Any] | None:
        """What the format wants to know besides the file; None where it isn't told."""
        request = self.request
        if request.kind == "pol":
            hive = request.hive or _HIVES.get(file.absolute().parent.name.lower())
            if hive is None:
                message = f"'{file.as_posix()}' doesn't tell whose policy it is, the machine's or the users'"
                where = Location(file.as_posix())
                self.errors.append(error("PC0801", message, where, help="add --hive HKLM or --hive HKCU"))
                return None
            return {"hive": hive}
        options: dict[str, Any] = {"classes": request.classes}
        if request.kind == "reg":
            options["code_page"] = f"cp{request.code_page}"
        return options


def _joined(read: Sequence[tuple[str, Imported]]) -> Imported:
    """Several files as one, each entry with the file that it is from."""
    settings = tuple(_labelled(one, label) for label, imported in read for one in imported.settings)
    refused, overwritten = (
        tuple(replace(one, source=f"{label}: {one.source}") for label, imported in read for one in getattr(imported, word))
        for word in ("refused", "overwritten")
    )
    entries, same, joined = (sum(getattr(one, word) for _, one in read) for word in ("entries", "same", "joined"))
    return Imported(read[0][1].title, settings, refused, entries, same, joined, overwritten)


def _labelled(one: Found, label: str) -> Found:
    remark = None if one.remark is None else f"{label}: {one.remark}" if one.remark else label
    return replace(one, source=f"{label}: {one.source}", remark=remark)


def _told_apart(jobs: Sequence[Job]) -> list[Job]:
    """The jobs, those of one title with the folder behind it that tells them apart."""
    by_title: dict[str, list[int]] = {}
    for index, job in enumerate(jobs):
        by_title.setdefault(upper(job.imported.title), []).append(index)
    named = list(jobs)
    for several in by_title.values():
        marks = _marks([jobs[index].files[0] for index in several]) if len(several) > 1 else [""]
        for index, mark in zip(several, marks, strict=True):
            if mark:
                title = f"{jobs[index].imported.title} ({mark})"
                named[index] = replace(jobs[index], imported=replace(jobs[index].imported, title=title))
    return named


def _marks(files: Sequence[Path]) -> list[str]:
    """For each file the part of its path, nearest to it, that no other has there; none where there is no such part.

    Of the paths as they were given: what lies above them is another on every machine.

    >>> _marks([Path("a/Machine/x.pol"), Path("b/Machine/x.pol")]), _marks([Path("x.reg"), Path("old/x.reg")])
    (['a', 'b'], ['', 'old'])
    """
    paths = [[part for part in file.parts if part not in (file.anchor, "..")] for file in files]
    for depth in range(1, max(map(len, paths)) + 1):
        parts = [path[-depth] if depth <= len(path) else "" for path in paths]
        if len(set(map(upper, parts))) == len(parts):
            # The name itself without its ending; a folder as it is.
            return [Path(part).stem if depth == 1 else part for part in parts]
    return [""] * len(files)
