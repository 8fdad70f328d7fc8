"""Where a package's source is, and what it holds: bounded reading of folders, .zip and .cmd files.

Nothing here touches the network: a path that may lead there is told apart by its text, links are followed by their text.
"""

from __future__ import annotations

import os
import re
import stat
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.model.records import dataclass

if TYPE_CHECKING:
    from zipfile import ZipFile

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[\\/]{2}")
_DRIVE = re.compile(r"[A-Za-z]:")
_MOUNTED_ON_DEMAND = ("/net/", "/Network/", "/misc/", "/afs/", "/proc/", "/dev/", "/sys/")
"""Folders of other systems in which a path alone reaches a server, or which hold no files."""
_MOST_LINKS = 16
_MOST_ENTRIES = 10_000
LARGEST_SCRIPT = 4 * 1024 * 1024
_LARGEST_ZIP = 64 * 1024 * 1024
_REMOTE_DRIVE = 4
_WINDOWS = os.name == "nt"


class Problem(StrEnum):
    """Why a source gave no script."""

    NO_SOURCE = "no source"
    NO_SCRIPT = "no script"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds."""

    content: bytes | None = None
    """The script; None with a problem."""
    files: tuple[Path, ...] = ()
    """What was found on disk: the script, or the file that holds it."""
    problem: Problem | None = None
    detail: str = ""
    """The problem in words."""


def is_network(source: str) -> bool:
    r"""Whether a path, as written, may lead to another machine.

    >>> [is_network(path) for path in (r"\\server\share", "//server/share", r"\\?\UNC\server\share", "http://example.com/x.zip")]
    [True, True, True, True]
    >>> is_network("packages/onboarding")
    False
    """
    return source[:2].replace("/", "\\") == "\\\\" or bool(_URL.match(source)) or source.startswith(_MOUNTED_ON_DEMAND)


def local_path(source: str, root: Path) -> Path | None:
    """Where a source is on this machine; None where it can't be told without reaching for another one.

    Raises OSError where the policies folder is relative to a folder that is gone.
    """
    if is_network(source) or "\0" in source:
        return None
    if _DRIVE.match(source):
        if not _WINDOWS or _is_remote_drive(source[:2]):
            return None
        return _followed(Path(source))
    text = source if _WINDOWS else source.replace("\\", "/")
    return _followed(root / text)


def _is_remote_drive(drive: str) -> bool:
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only Windows has it
    return bool(kernel.GetDriveTypeW(drive + "\\") == _REMOTE_DRIVE)


def _followed(path: Path) -> Path | None:
    """The path without links; None if a link leads to another machine, or in circles."""
    waiting = list(reversed(Path(os.path.abspath(path)).parts))  # noqa: PTH100 - Path.resolve() would follow links
    done = Path(waiting.pop())
    links = 0
    while waiting:
        step = waiting.pop()
        here = done / step
        try:
            target = os.readlink(here)  # noqa: PTH115 - as text: Path would drop the double slash of a network path
        except (OSError, ValueError):
            done = here  # no link, or not there
            continue
        links += 1
        target = target.removeprefix("\\\\?\\") if _WINDOWS else target
        if links > _MOST_LINKS or is_network(target):
            return None
        absolute = Path(os.path.abspath(done / target))  # noqa: PTH100
        parts = list(reversed(absolute.parts))
        waiting += parts[:-1]
        done = Path(parts[-1])
    return None if is_network(str(done)) else done


def read_source(path: Path, script: str) -> Found:
    """The script in a folder or .zip, or the .cmd file itself. Any failure is a problem in words."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _from_folder(path, script)
        if not stat.S_ISREG(mode):
            return _unusable("it is neither a folder nor a file")
        if path.suffix.lower() == ".zip":
            return _from_zip(path, script)
        if path.suffix.lower() == ".cmd":
            return _from_cmd(path, script)
    except (FileNotFoundError, NotADirectoryError):
        return Found(problem=Problem.NO_SOURCE, detail="it isn't there")
    except (OSError, ValueError) as failure:
        return Found(problem=Problem.NO_SOURCE, detail=f"it can't be read ({getattr(failure, 'strerror', None) or 'bad path'})")
    return _unusable("it is neither a folder nor a .zip or .cmd file")


def _from_folder(folder: Path, script: str) -> Found:
    others = []
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if entry.name.lower() == script.lower():
                return _from_file(folder / entry.name)
            if count >= _MOST_ENTRIES:
                return _unusable(f"the folder holds more than {_MOST_ENTRIES} files")
            others.append(entry.name)
    return _missing(others)


def _from_cmd(path: Path, script: str) -> Found:
    return _from_file(path) if path.name.lower() == script.lower() else _missing([path.name])


def _from_file(path: Path) -> Found:
    real = _followed(path)
    if real is None or not stat.S_ISREG(real.stat().st_mode):
        return _unusable("the script isn't an ordinary file")
    with real.open("rb") as file:
        content = file.read(LARGEST_SCRIPT + 1)
    if len(content) > LARGEST_SCRIPT:
        return _unusable("the script is larger than 4 MiB", path)
    return Found(content, (path,))


def _from_zip(path: Path, script: str) -> Found:
    import zipfile

    if path.stat().st_size > _LARGEST_ZIP:
        return _unusable("the .zip is larger than 64 MiB", path)
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _from_archive(path, archive, script)
        except Exception as failure:  # zipfile lets errors of its decompressors and of `struct` through
            encrypted = isinstance(failure, RuntimeError) and "encrypted" in str(failure)
            return _unusable(
                "the .zip is encrypted" if encrypted else "the .zip is broken, or of a kind that can't be read", path
            )


def _from_archive(path: Path, archive: ZipFile, script: str) -> Found:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        return _unusable(f"the .zip holds more than {_MOST_ENTRIES} files", path)
    odd = next((entry.orig_filename for entry in entries if _is_odd(entry.orig_filename)), None)
    if odd is not None:
        return _unusable(f"the .zip holds a path that leads out of it, {odd[:100]!a}", path)
    wanted = [entry for entry in entries if entry.filename.lower() == script.lower()]
    if not wanted:
        return _missing([entry.filename for entry in entries], path)
    if len(wanted) > 1:
        return _unusable("the .zip holds the script more than once", path)
    if wanted[0].file_size > LARGEST_SCRIPT:
        return _unusable("the script is larger than 4 MiB", path)
    with archive.open(wanted[0]) as file:
        content = file.read(LARGEST_SCRIPT + 1)
    return Found(content, (path,))


def _is_odd(name: str) -> bool:
    """Whether unpacking this name would write somewhere else."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ":" in plain or ".." in plain.split("/") or "\0" in plain


def _unusable(detail: str, *files: Path) -> Found:
    return Found(files=files, problem=Problem.UNUSABLE, detail=detail)


def _missing(others: list[str], *files: Path) -> Found:
    scripts = sorted(name for name in others if name.lower().endswith(".cmd"))[:3]
    there = f"there is {', '.join(repr(name)[:200] for name in scripts)}" if scripts else "it holds no .cmd file"
    return Found(files=files, problem=Problem.NO_SCRIPT, detail=there)
