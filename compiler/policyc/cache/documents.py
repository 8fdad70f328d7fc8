"""Policy files that were loaded and found valid, so that only those are parsed that have changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from policyc.cache.store import Store
from policyc.source.spool import Spool

_NAME = "documents.json"
_FEW = 20
"""One in so many."""


class Documents:
    """Trees by file and text, kept as JSON: as text they take a quarter of the memory, and a run needs each but once. Those
    of this run wait in a spool.

    What JSON would give back as something else isn't kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before = store.read(_NAME) or {}
        self._now: dict[str, tuple[int, int] | None] = {}
        """Where a tree is in the spool; None of one that was known before."""
        self._spool = Spool()
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
        self._now[key] = None
        kind, tree = json.loads(known)
        return kind, tree

    def keep(self, file: str, text: str, kind: str, tree: dict[str, Any]) -> None:
        """A file with this text is valid, and no finding is about it."""
        self._now[_key(file, text)] = self._spool.add(json.dumps([kind, tree], separators=(",", ":")).encode("ascii"))

    def save(self) -> None:
        """Keep the files of this run, and no others. A few that have changed are sooner parsed once more than all written."""
        changed = len(self._now.keys() ^ self._before.keys())
        if changed > len(self._before) // _FEW:
            texts = ((key, self._text(key, place)) for key, place in self._now.items())
            self._store.write(_NAME, texts)

    def _text(self, key: str, place: tuple[int, int] | None) -> str:
        known: str = self._before[key] if place is None else self._spool.get(place).decode("ascii")
        return known


def _key(file: str, text: str) -> str:
    return sha256(f"{file}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
