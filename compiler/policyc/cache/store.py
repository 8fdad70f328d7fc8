"""Where it is kept: a folder for each output folder, a file for each kind of memory."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from policyc.cache.fingerprint import fingerprint

VARIABLE = "POLICYC_CACHE"
"""Names another folder, or is `off`."""
_OFF = "off"
_MOST_OUTPUTS = 50
_LARGEST = 1024 * 1024 * 1024

Tree = dict[str, Any]


class Store:
    """The memory of one output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._head = b"policyc " + fingerprint().encode("ascii") + b" "

    def read(self, name: str) -> Tree | None:
        """What was kept under this name, by this very policyc; None for anything else that is there."""
        try:
            # Whatever stands there: a pipe isn't waited for, and nothing without an end is read.
            with open(self.folder / name, "rb", opener=_open_without_waiting) as stream:
                info = os.fstat(stream.fileno())
                if not stat.S_ISREG(info.st_mode) or info.st_size > _LARGEST:
                    return None
                head, _, body = stream.read(info.st_size).partition(b"\n")
            if head != self._head + sha256(body).hexdigest().encode("ascii"):
                return None
            tree = json.loads(body)
        except (OSError, ValueError, RecursionError):
            return None
        return tree if isinstance(tree, dict) else None

    def write(self, name: str, tree: Tree) -> None:
        """Keep it for the next run; nothing is said where that can't be done."""
        body = json.dumps(tree, separators=(",", ":")).encode("ascii")
        head = self._head + sha256(body).hexdigest().encode("ascii")
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(prefix=name, dir=self.folder)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.writelines((head, b"\n", body))
                Path(temporary).replace(self.folder / name)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def forget(self, name: str) -> None:
        """Nothing of this name holds any more."""
        with suppress(OSError):
            (self.folder / name).unlink(missing_ok=True)


def open_store(output: Path) -> Store | None:
    """The memory of this output folder; None where nothing is to be remembered."""
    base = _base()
    if base is None:
        return None
    name = sha256(os.fsencode(output.absolute())).hexdigest()[:32]
    folder = base / name
    if not folder.is_dir():
        _make_room(base)
    return Store(folder)


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _base() -> Path | None:
    given = os.environ.get(VARIABLE, "")
    if given.lower() == _OFF:
        return None
    if given:
        return Path(given)
    home = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("HOME")
    if not home or not Path(home).is_absolute():
        return None
    if os.name == "nt":
        return Path(home, "policyc", "Cache")
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches", "policyc")
    given = os.environ.get("XDG_CACHE_HOME", "")
    return Path(given if Path(given).is_absolute() else Path(home, ".cache"), "policyc", "outputs")


def _make_room(base: Path) -> None:
    """Forget the outputs that weren't compiled for the longest time."""
    with suppress(OSError):
        folders = sorted((entry for entry in base.iterdir() if entry.is_dir()), key=lambda entry: entry.stat().st_mtime)
        for folder in folders[: max(0, len(folders) - _MOST_OUTPUTS + 1)]:
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
