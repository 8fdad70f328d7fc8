"""Which files of an output folder are known to hold what they should, without reading them again.

As git does it: a file whose size, times and inode are those that it had when its bytes were last known holds the same bytes.
The time of the last change of the inode is among them, which no program can set back. Windows tells programs no such time,
so there every file is read.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping, Sequence
from struct import Struct
from typing import TypeAlias

from policyc.artifacts.disk import Tree
from policyc.artifacts.failures import Obstacle

Sighting: TypeAlias = tuple[str, int, int, int, int]
"""SHA-256, size, modified, inode changed (both in nanoseconds), inode."""

_PACKED = Struct("<QqqQ")
_TELLS_CHANGES = os.name != "nt"
_SECOND = 1_000_000_000
_TICK = 20_000_000
"""Nanoseconds: a file system stamps with the clock's last tick, so two changes within one can't be told apart."""
_COARSE = 3 * _SECOND
"""The same where a file system keeps whole seconds only."""


class Sightings:
    """What was known of the files when they were last looked at, and what is known now."""

    def __init__(self, before: Mapping[str, Sequence[object]] | None = None) -> None:
        self._before = before or {}
        self._now: dict[str, bytes] = {}
        """Without the hash, packed: an estate has a hundred thousand."""

    def __contains__(self, path: object) -> bool:
        """Whether a file was seen in this run, or is still as it was seen before."""
        return path in self._now

    def seen(self, path: str) -> tuple[int, ...]:
        """Size, times and inode of a file; nothing of one that wasn't seen."""
        packed = self._now.get(path)
        return () if packed is None else _PACKED.unpack(packed)

    def holds(self, tree: Tree, path: str, sha256: str) -> bool:
        """Whether the file has this hash; it is read only where that isn't known. False for what is no ordinary file."""
        try:
            if not tree.folder(path.rpartition("/")[0], make=False):
                return False
            seen = self._see(tree, path, sha256)
            if seen is None:
                return False
            if _TELLS_CHANGES and seen == tuple(self._before.get(path, ())):
                self._now[path] = _PACKED.pack(*seen[1:])
                return True
            if tree.digest(path) != sha256:
                return False
        except (Obstacle, OSError):
            return False
        self._keep(path, seen, self._see(tree, path, sha256))
        return True

    def written(self, tree: Tree, path: str, sha256: str, modified: int) -> None:
        """A file was written with these bytes, and last modified then: later somebody else's may stand there."""
        try:
            seen = self._see(tree, path, sha256)
        except OSError:
            return
        if seen is not None and seen[2] == modified:
            self._keep(path, seen, seen)

    def _see(self, tree: Tree, path: str, sha256: str) -> Sighting | None:
        info = os.lstat(tree.absolute(path))
        if not stat.S_ISREG(info.st_mode):
            return None
        return sha256, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino

    def _keep(self, path: str, first: Sighting, last: Sighting | None) -> None:
        """A file that changed just now could change once more without its times telling."""
        changed = max(first[2], first[3])
        margin = _TICK if first[3] % _SECOND else _COARSE
        if _TELLS_CHANGES and first == last and time.time_ns() - changed > margin:
            self._now[path] = _PACKED.pack(*first[1:])
