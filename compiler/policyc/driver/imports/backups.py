"""Finding backups of Group Policy objects on the disk, and what is in them: no link is followed, and all is bounded."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from policyc.diagnostics import Diagnostic, warning
from policyc.driver.imports.disk import DiskError, read
from policyc.model import Location, upper
from policyc.registry_files import FormatError

MOST_FILES = 20_000
"""Of all backups that one folder holds."""
DEEPEST = 24
_MARKS = frozenset({"backup.xml", "bkupinfo.xml", "gpt.ini"})
_LINK = "it is a link, and what it leads to is not a part of the backup"


@dataclass(frozen=True, slots=True)
class Backup:
    """A folder that holds a Group Policy object."""

    folder: Path
    files: tuple[tuple[str, Path], ...]
    """Path below the folder, with slashes, and the file, in the order of small letters."""
    left: tuple[tuple[str, str], ...]
    """Paths of what can't be read, and why."""


def backups(folder: Path) -> list[Backup]:
    """The folder itself if it is a backup, else those below it. Raises DiskError."""
    walk = _Walk()
    found = list(walk.backups(folder, 0))
    if not found:
        raise DiskError(
            "it holds no backup of a Group Policy object: that is a folder with 'Backup.xml' or 'bkupInfo.xml', or 'gpt.ini'"
        )
    return found


@dataclass(slots=True)
class _Walk:
    seen: int = 0
    _left: list[tuple[str, str]] = field(default_factory=list)

    def backups(self, folder: Path, depth: int) -> Iterator[Backup]:
        entries = self._entries(folder, depth)
        if any(entry.name.lower() in _MARKS for entry in entries):
            self._left = []
            files = sorted(self._files(entries, "", depth), key=lambda one: (one[0].lower(), one[0]))
            yield Backup(folder, tuple(files), tuple(sorted(self._left)))
            return
        for entry in sorted(entries, key=lambda one: (one.name.lower(), one.name)):
            if not _is_link(entry) and entry.is_dir(follow_symlinks=False):
                yield from self.backups(folder / entry.name, depth + 1)

    def _files(self, entries: list[os.DirEntry[str]], above: str, depth: int) -> Iterator[tuple[str, Path]]:
        for entry in entries:
            path = above + _characters(entry.name)
            if _is_link(entry):
                self._left.append((path, _LINK))
            elif entry.is_dir(follow_symlinks=False):
                yield from self._files(self._entries(Path(entry.path), depth + 1), f"{path}/", depth + 1)
            elif entry.is_file(follow_symlinks=False):
                yield path, Path(entry.path)
            else:
                self._left.append((path, "it is no ordinary file"))

    def _entries(self, folder: Path, depth: int) -> list[os.DirEntry[str]]:
        if depth > DEEPEST:
            raise DiskError(f"its folders are nested more than {DEEPEST} deep")
        try:
            with os.scandir(folder) as found:
                entries = []
                for entry in found:
                    self.seen += 1
                    if self.seen > MOST_FILES:
                        raise DiskError(f"it holds more than {MOST_FILES:,} files: name the folder of the backup itself")
                    entries.append(entry)
                return entries
        except (OSError, ValueError) as failure:
            raise DiskError(getattr(failure, "strerror", None) or str(failure)) from failure


def _characters(name: str) -> str:
    """The name as text: bytes that are no character where this runs as such that says so."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_link(entry: os.DirEntry[str]) -> bool:
    """Links, and what else leads elsewhere on Windows: junctions and mount points."""
    if entry.is_symlink():
        return True
    attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0))


def missing_backups(folder: Path, names: list[str]) -> list[Diagnostic]:
    """Warnings about backups that the folder's `manifest.xml` names and that aren't in it."""
    from policyc.importers.gpo.manifest import listed_backups

    file = folder / "manifest.xml"
    if not os.path.isfile(file):  # noqa: PTH113 - Path's raises for a name that is too long
        return []
    shown = file.as_posix()
    try:
        listed = listed_backups(read(file))
    except (DiskError, FormatError) as wrong:
        message = f"'{shown}' can't be read, so nobody knows whether backups are missing: {wrong}"
        return [warning("PC0807", message, Location(shown), help="compare what was imported with what the console shows")]
    there = {upper(name) for name in names}
    return [
        warning(
            "PC0807",
            f"'{shown}' names the backup {id_}{f' of {name!r}' if name else ''}, and the folder doesn't hold it",
            Location(shown),
            help="copy the whole folder, or go without this object",
        )
        for id_, name in listed
        if upper(id_) not in there
    ]
