"""Reading what is imported: the jobs of a command, of which each makes a policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.driver.imports import disk
from policyc.driver.imports.request import Request
from policyc.importers import Found, Imported, MissingPackageError, SetError
from policyc.importers.registry import IMPORTERS, importer
from policyc.model import Location, upper
from policyc.registry_files import FormatError

_LINE = re.compile(r"line (\d+)")
_OF_A_SET = (".xml", ".resx")
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
        read = [(unit, imported) for unit in self._units() if (imported := self._read(unit)) is not None]
        if self.request.into is not None and len(read) > 1:
            files = tuple(file for unit, _ in read for file in unit)
            # All that is from a set says so already.
            named = [("" if len(unit) > 1 else self._label(unit[0]), imported) for unit, imported in read]
            return [Job(files, _joined(named), tuple(map(self._label, files)))]
        return _told_apart([Job(unit, imported, tuple(map(self._label, unit))) for unit, imported in read])

    def _units(self) -> list[tuple[Path, ...]]:
        """What is read together: each file, but the digests of one command are one set, as in a cabinet."""
        files = self.request.files
        of_set = [file for file in files if file.suffix.lower() in _OF_A_SET] if self.request.kind == "cab" else []
        if len(of_set) < 2:
            return [(file,) for file in files]
        return [tuple(of_set), *((file,) for file in files if file not in of_set)]

    def _label(self, file: Path) -> str:
        """The end of its path that tells it apart in the command, or in its set."""
        files = self.request.files
        alone = self.request.into is None and not any(file in unit and len(unit) > 1 for unit in self._units())
        return file.name if alone else dict(zip(files, _labels(files), strict=True))[file]

    def _read(self, unit: tuple[Path, ...]) -> Imported | None:
        contents: list[tuple[str, bytes]] = []
        for file in unit:
            try:
                contents.append((self._label(file), disk.read(file)))
            except disk.DiskError as failure:
                way_out = "look at the path, and whether you may read it"
                self._fail(file, f"'{file.as_posix()}' can't be read: {failure}", way_out)
        if len(contents) < len(unit):
            return None
        options = self._options(unit[0])
        return None if options is None else self._parsed(unit, contents, options)

    def _parsed(self, unit: Sequence[Path], contents: Sequence[tuple[str, bytes]], options: dict[str, Any]) -> Imported | None:
        kind, file = self.request.kind, unit[0]
        try:
            if len(unit) > 1:
                return importer(kind).read_set(contents, **options)
            return importer(kind).read(contents[0][1], file.name, **options)
        except MissingPackageError as failure:
            if failure.install not in self.missing:  # what helps one file helps all
                self.missing.add(failure.install)
                self._fail(file, f"'{file.as_posix()}' can't be read: {failure.what}", failure.install)
        except FormatError as failure:
            if isinstance(failure, SetError):
                file = unit[failure.index]
            way_out = f"look whether it is whole, and of another format that can be imported: {', '.join(IMPORTERS)}"
            self._fail(file, f"'{file.as_posix()}' can't be read as '{kind}': {failure}", way_out)
        return None

    def _fail(self, file: Path, message: str, way_out: str) -> None:
        line = _LINE.search(message)
        where = Location(file.as_posix(), line=int(line[1]) if line else None)
        self.errors.append(error("PC0801", message, where, help=way_out))

    def _options(self, file: Path) -> dict[str, Any] | None:
        """What the format wants to know besides the file; None where it isn't told."""
        request = self.request
        if request.kind == "pol":
            hive = request.hive or _HIVES.get(file.absolute().parent.name.lower())
            if hive is None:
                message = f"'{file.as_posix()}' doesn't tell whose policy it is, the machine's or the users'"
                self._fail(file, message, "add --hive HKLM or --hive HKCU")
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
        tuple(replace(one, source=_prefixed(label, one.source)) for label, imported in read for one in getattr(imported, word))
        for word in ("refused", "overwritten")
    )
    entries, same, joined = (sum(getattr(one, word) for _, one in read) for word in ("entries", "same", "joined"))
    return Imported(read[0][1].title, settings, refused, entries, same, joined, overwritten)


def _labelled(one: Found, label: str) -> Found:
    if not label:
        return one
    remark = None if one.remark is None else f"{label}: {one.remark}" if one.remark else label
    return replace(one, source=f"{label}: {one.source}", remark=remark)


def _prefixed(label: str, source: str) -> str:
    return f"{label}: {source}" if label else source


def _labels(files: Sequence[Path]) -> tuple[str, ...]:
    """The shortest ends of paths that tell the files apart.

    >>> _labels([Path("a/x.reg"), Path("b/x.reg")])
    ('a/x.reg', 'b/x.reg')
    """
    for depth in range(1, max(len(file.parts) for file in files) + 1):
        found = tuple("/".join(file.parts[-depth:]) for file in files)
        if len(set(found)) == len(files):
            return found
    return tuple(file.as_posix() for file in files)


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
