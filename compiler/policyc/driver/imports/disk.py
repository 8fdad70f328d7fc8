"""Reading what is imported, and writing what came of it: all files or none, and none over another."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is imported. An export of a whole hive is larger, and no policy."""


class DiskError(Exception):
    """What the system has against a file."""


class ThereAlreadyError(DiskError):
    """A file is there that would be overwritten."""


def read(file: Path) -> bytes:
    """The bytes of an ordinary file of a sane size. Raises DiskError."""
    try:
        with open(file, "rb", opener=_open_without_waiting) as stream:
            info = os.fstat(stream.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise DiskError("it is no ordinary file")
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as failure:
        raise DiskError(_reason(failure)) from failure
    if len(data) > LARGEST:
        raise DiskError(f"it is larger than {LARGEST // (1024 * 1024)} MB: export or choose a part of it")
    return data


def write(texts: Mapping[Path, str], *, force: bool) -> None:
    """Write the files. Raises DiskError, or ThereAlreadyError without `force`; then all is as it was."""
    staged: dict[Path, Path] = {}
    made: list[Path] = []
    kept: dict[Path, Path] = {}
    try:
        for file, text in texts.items():
            staged[file] = _stage(file, text.encode("utf-8"))
        for file, temporary in staged.items():
            if force and (before := _set_aside(file)) is not None:
                kept[file] = before
            _put(file, temporary, force=force)
            made.append(file)
    except (OSError, ValueError) as failure:
        for file in made:
            with suppress(OSError):
                file.unlink()
        for file, before in kept.items():
            with suppress(OSError):
                before.replace(file)
        if isinstance(failure, FileExistsError):
            raise ThereAlreadyError(str(failure.filename2 or failure.filename)) from failure
        raise DiskError(_reason(failure)) from failure
    finally:
        for temporary in (*staged.values(), *kept.values()):
            with suppress(OSError):
                temporary.unlink()


def _set_aside(file: Path) -> Path | None:
    """Another name for what is there, until all is written; None where nothing is."""
    if not os.path.lexists(file) or os.path.isdir(file):  # noqa: PTH112 - Path's raises for a name that is too long
        return None
    before = file.with_name(f".{file.name}.{os.getpid()}.old")
    before.unlink(missing_ok=True)
    file.replace(before)
    return before


def _stage(file: Path, content: bytes) -> Path:
    """The content beside its place, under a name that is no policy's."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as failure:
        raise NotADirectoryError(errno.ENOTDIR, f"'{failure.filename}' is no folder", str(file)) from failure
    temporary = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        # Only a run that was killed and had this number can have left it.
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as stream:
            stream.write(content)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _put(file: Path, temporary: Path, *, force: bool) -> None:
    if force:
        if os.path.isdir(file):  # noqa: PTH112 - Path's raises for a name that is too long
            raise IsADirectoryError(errno.EISDIR, f"'{file.as_posix()}' is a folder", str(file))
        temporary.replace(file)
        return
    try:
        # Unlike a rename, a link never takes the place of what came in between.
        os.link(temporary, file)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(file):
            raise FileExistsError(errno.EEXIST, "it is there", str(file)) from None
        temporary.rename(file)


def _reason(failure: Exception) -> str:
    return getattr(failure, "strerror", None) or str(failure)


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
