"""Reading what is imported: the jobs of a command, of which each makes a policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.driver.imports import disk
from policyc.driver.imports.backups import Backup, backups, missing_backups
from policyc.driver.imports.request import OF_FOLDERS, WITH_CLASSES, Request, check_several
from policyc.importers import Imported, MissingPackageError, SetError
from policyc.importers.joining import joined
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
    folders: tuple[Path, ...] = ()
    """Those that hold the files, where it is folders that were named."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is read together."""

    files: tuple[Path, ...]
    labels: tuple[str, ...]
    folder: Path | None = None
    """What holds the files, where a folder is read as a whole."""
    left: tuple[tuple[str, str], ...] = ()
    """What else it holds: paths, and why they aren't read."""


@dataclass(slots=True)
class Reading:
    """A command's files."""

    request: Request
    errors: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    """Commands that install what a format needs, of which one has been told."""

    def jobs(self) -> list[Job]:
        """What makes a policy: each file or backup, or with `--into` all of them. Raises UsageError."""
        units = self._backups() if self.request.kind == OF_FOLDERS else self._units()
        check_several(self.request, len(units))
        read = [(unit, imported) for unit in units if (imported := self._read(unit)) is not None]
        if self.request.into is not None and len(read) > 1:
            return [_one(read)]
        return _told_apart([Job(unit.files, imported, unit.labels, _folders([unit])) for unit, imported in read])

    def _units(self) -> list[_Unit]:
        """Each file, but the digests of one command are one set, as in a cabinet."""
        files = self.request.files
        of_set = [file for file in files if file.suffix.lower() in _OF_A_SET] if self.request.kind == "cab" else []
        several = len(of_set) > 1
        apart = several or self.request.into is not None
        labels = dict(zip(files, _labels(files) if apart else [file.name for file in files], strict=True))
        sets = [tuple(of_set)] if several else []
        alone = [(file,) for file in files if not (several and file in of_set)]
        if not self.request.into:
            labels |= {file: file.name for (file,) in alone}
        return [_Unit(unit, tuple(labels[file] for file in unit)) for unit in (*sets, *alone)]

    def _backups(self) -> list[_Unit]:
        """Each backup that the folders hold."""
        units: list[_Unit] = []
        for folder in self.request.files:
            try:
                found = backups(folder)
            except disk.DiskError as failure:
                way_out = "name the folder of a backup, as Backup-GPO and the Group Policy console write it, or one above it"
                self._fail(folder, f"'{folder.as_posix()}' can't be read as '{self.request.kind}': {failure}", way_out)
                continue
            self.warnings += missing_backups(folder, [one.folder.name for one in found])
            units += [_unit_of(one) for one in found]
        return units

    def _read(self, unit: _Unit) -> Imported | None:
        contents: list[tuple[str, bytes]] = []
        for file, label in zip(unit.files, unit.labels, strict=True):
            try:
                contents.append((label, disk.read(file)))
            except disk.DiskError as failure:
                way_out = "look at the path, and whether you may read it"
                self._fail(file, f"'{file.as_posix()}' can't be read: {failure}", way_out)
        if len(contents) < len(unit.files):
            return None
        options = self._options(unit)
        return None if options is None else self._parsed(unit, contents, options)

    def _parsed(self, unit: _Unit, contents: Sequence[tuple[str, bytes]], options: dict[str, Any]) -> Imported | None:
        kind, file = self.request.kind, unit.files[0] if unit.folder is None else unit.folder
        try:
            if unit.folder is not None or len(contents) > 1:
                return importer(kind).read_set(contents, **options)
            return importer(kind).read(contents[0][1], file.name, **options)
        except MissingPackageError as failure:
            if failure.install not in self.missing:  # what helps one file helps all
                self.missing.add(failure.install)
                self._fail(file, f"'{file.as_posix()}' can't be read: {failure.what}", failure.install)
        except FormatError as failure:
            if isinstance(failure, SetError):
                file = unit.files[failure.index]
            way_out = f"look whether it is whole, and of another format that can be imported: {', '.join(IMPORTERS)}"
            self._fail(file, f"'{file.as_posix()}' can't be read as '{kind}': {failure}", way_out)
        return None

    def _fail(self, file: Path, message: str, way_out: str) -> None:
        line = _LINE.search(message)
        where = Location(file.as_posix(), line=int(line[1]) if line else None)
        self.errors.append(error("PC0801", message, where, help=way_out))

    def _options(self, unit: _Unit) -> dict[str, Any] | None:
        """What the format wants to know besides the file; None where it isn't told."""
        request = self.request
        if request.kind == "pol":
            file = unit.files[0]
            hive = request.hive or _HIVES.get(file.absolute().parent.name.lower())
            if hive is None:
                message = f"'{file.as_posix()}' doesn't tell whose policy it is, the machine's or the users'"
                self._fail(file, message, "add --hive HKLM or --hive HKCU")
                return None
            return {"hive": hive}
        options: dict[str, Any] = {"classes": request.classes} if request.kind in WITH_CLASSES else {}
        if request.kind == "reg":
            options["code_page"] = f"cp{request.code_page}"
        if unit.folder is not None:
            options |= {"name": unit.folder.absolute().name, "others": unit.left}
        return options


def _unit_of(backup: Backup) -> _Unit:
    from policyc.importers.gpo import shown, wanted

    read = [(path, file) for path, file in backup.files if wanted(path)]
    left = [*((path, "") for path, _ in backup.files if not wanted(path)), *backup.left]
    return _Unit(tuple(file for _, file in read), tuple(shown(path) for path, _ in read), backup.folder, tuple(left))


def _folders(units: Sequence[_Unit]) -> tuple[Path, ...]:
    return tuple(unit.folder for unit in units if unit.folder is not None)


def _one(read: Sequence[tuple[_Unit, Imported]]) -> Job:
    """All that was read as one policy."""
    units = [unit for unit, _ in read]
    files = tuple(file for unit in units for file in unit.files)
    labels = tuple(label for unit in units for label in unit.labels)
    folders = _folders(units)
    if folders:
        names = _labels(folders)
        named = [(name, imported) for name, (_, imported) in zip(names, read, strict=True)]
        labels = tuple(f"{name}: {label}" for name, unit in zip(names, units, strict=True) for label in unit.labels)
    else:
        # All that is from a set says so already.
        named = [("" if len(unit.files) > 1 else unit.labels[0], imported) for unit, imported in read]
    return Job(files, joined(named), labels, folders)


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
        marks = _marks([(jobs[index].folders or jobs[index].files)[0] for index in several]) if len(several) > 1 else [""]
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
