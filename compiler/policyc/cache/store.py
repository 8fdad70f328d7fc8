"""Where it is kept: a folder for each output folder, a file for each kind of memory.

An entry is believed only if it is this user's own file in a folder of this user's own, and sealed (HMAC-SHA-256 with the user's
key) for this very policyc, this output and this name: an edited entry, and one from another place, is as good as none.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from policyc.cache.fingerprint import fingerprint
from policyc.cache.ownership import is_own_folder, make_own_folder, make_parents, read_own
from policyc.cache.secret import load_secret

VARIABLE = "POLICYC_CACHE"
"""Names another folder, or is `off`."""
_OFF = "off"
_MOST_OUTPUTS = 50
_LARGEST = 1024 * 1024 * 1024
_MARK = b"policyc "
"""Begins every file that is kept; nothing else is deleted or written over."""
_FOLDER = re.compile(r"[0-9a-f]{32}")
_FILES = re.compile(r"(?:run|documents|definitions|templates)\.json\w*")

_AT_ONCE = 500
"""So many pairs of a mapping are turned to text in one go."""

Tree = dict[str, Any]


class Store:
    """The memory of one output folder."""

    def __init__(self, folder: Path, key: bytes, output: str = "") -> None:
        self.folder = folder
        self._key = key
        self._head = _MARK + fingerprint().encode("ascii") + b" "
        self._context = b"\0".join((self._head, os.fsencode(output), b""))

    def read(self, name: str) -> Tree | None:
        """What was kept under this name, by this user and this very policyc; None for anything else that is there."""
        if not is_own_folder(self.folder):
            return None
        content = read_own(self.folder / name, _LARGEST)
        if content is None:
            return None
        head, _, body = content.partition(b"\n")
        if not hmac.compare_digest(head, self._head + self._seal(name, body)):
            return None
        try:
            tree = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return tree if isinstance(tree, dict) else None

    def write(self, name: str, tree: Tree | Iterator[tuple[str, Any]]) -> None:
        """Keep it for the next run; nothing is said where that can't be done.

        What may be large is given as an iterator of keys and values, itself or as a value: it is written as it comes.
        """
        if not (make_parents(self.folder) and make_own_folder(self.folder)) or not self._is_free(name):
            return
        with suppress(OSError):
            descriptor, temporary = tempfile.mkstemp(prefix=name, dir=self.folder)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    seal = self._sealing(name)
                    stream.write(self._head + b"0" * len(seal.hexdigest()) + b"\n")
                    for piece in _pieces(iter(tree.items()) if isinstance(tree, dict) else tree):
                        seal.update(piece)
                        stream.write(piece)
                    stream.seek(len(self._head))
                    stream.write(seal.hexdigest().encode("ascii"))
                Path(temporary).replace(self.folder / name)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def forget(self, name: str) -> None:
        """Nothing of this name holds any more."""
        if is_own_folder(self.folder) and _is_marked(self.folder / name):
            with suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)

    def _seal(self, name: str, body: bytes) -> bytes:
        seal = self._sealing(name)
        # Not one text of all of it: a body may have tens of megabytes.
        seal.update(body)
        return seal.hexdigest().encode("ascii")

    def _sealing(self, name: str) -> hmac.HMAC:
        return hmac.new(self._key, self._context + name.encode("ascii") + b"\0", "sha256")

    def _is_free(self, name: str) -> bool:
        """Whether nothing of the name is there, or something of ours."""
        return not os.path.lexists(self.folder / name) or _is_marked(self.folder / name)


def _pieces(pairs: Iterator[tuple[str, Any]]) -> Iterator[bytes]:
    """The JSON of a mapping, never all of it at once."""
    begin = "{"
    while some := dict(islice(pairs, _AT_ONCE)):
        plain: Tree = {}
        for key, value in some.items():
            if not isinstance(value, Iterator):
                plain[key] = value
                continue
            if plain:
                yield f"{begin}{_json(plain)[1:-1]}".encode("ascii")
                begin, plain = ",", {}
            yield f"{begin}{_json(key)}:".encode("ascii")
            yield from _pieces(value)
            begin = ","
        if plain:
            yield f"{begin}{_json(plain)[1:-1]}".encode("ascii")
            begin = ","
    yield b"{}" if begin == "{" else b"}"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def open_store(output: Path) -> Store | None:
    """The memory of this output folder; None where nothing is to be remembered, or the user has no place of their own."""
    given = os.environ.get(VARIABLE, "")
    home = None if given.lower() == _OFF else _home()
    key = None if home is None else load_secret(home)
    if home is None or key is None:
        return None
    base = Path(given) if given else home if os.name == "nt" or sys.platform == "darwin" else home / "outputs"
    absolute = os.fspath(output.absolute())
    folder = base / sha256(os.fsencode(absolute)).hexdigest()[:32]
    if not folder.is_dir():
        _make_room(base)
    return Store(folder, key, absolute)


def _home() -> Path | None:
    """The user's own folder, with the key; without a name in `POLICYC_CACHE` the outputs are remembered in it, too."""
    home = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("HOME")
    if not home or not Path(home).is_absolute():
        return None
    if os.name == "nt":
        return Path(home, "policyc", "Cache")
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches", "policyc")
    given = os.environ.get("XDG_CACHE_HOME", "")
    return Path(given if Path(given).is_absolute() else Path(home, ".cache"), "policyc")


def _make_room(base: Path) -> None:
    """Forget the outputs that weren't compiled for the longest time: of files only those that carry the mark, and no link."""
    with suppress(OSError, ValueError):
        named = (entry for entry in base.iterdir() if _FOLDER.fullmatch(entry.name))
        folders = sorted(filter(is_own_folder, named), key=lambda entry: entry.lstat().st_mtime)
        for folder in folders[: max(0, len(folders) - _MOST_OUTPUTS + 1)]:
            files = list(folder.iterdir())
            if all(_FILES.fullmatch(file.name) and _is_marked(file) for file in files):
                for file in files:
                    file.unlink()
                folder.rmdir()


def _is_marked(file: Path) -> bool:
    """Whether it is a file of this user's that policyc has written."""
    return read_own(file, _LARGEST, first=len(_MARK)) == _MARK
