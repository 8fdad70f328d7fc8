"""Policy files that were loaded and found valid, so that only those are parsed that have changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from policyc.cache.store import Store

_NAME = "documents.json"
_FEW = 20
"""One in so many."""


class Documents:
    """Trees by file and text, kept as JSON: as text they take a quarter of the memory, and a run needs each but once.

    What JSON would give back as something else isn't kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before = store.read(_NAME) or {}
        self._now: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def digest(self, file: str) -> str | None:
        """A hash of the file's name and text; None of one that this run hasn't read."""
        return self._keys.get(file)

    def find(self, file: str, text: str) -> tuple[str, dict[str, Any]] | None:
        """Kind and tree of a file with this text."""
        key = self._keys[file] = _key(file, text)
        known = self._before.get(key)
        if known is None:
            return None
        self._now[key] = known
        kind, tree = json.loads(known)
        return kind, tree

    def keep(self, file: str, text: str, kind: str, tree: dict[str, Any]) -> None:
        """A file with this text is valid, and no finding is about it."""
        self._now[_key(file, text)] = json.dumps([kind, tree], separators=(",", ":"))

    def save(self) -> None:
        """Keep the files of this run, and no others. A few that have changed are sooner parsed once more than all written."""
        changed = len(self._now.keys() ^ self._before.keys())
        if changed > len(self._before) // _FEW:
            self._store.write(_NAME, self._now)


def _key(file: str, text: str) -> str:
    return sha256(f"{file}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
