"""What is on the disk, against what the policies give."""

# ruff: noqa: PTH121

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from policyc.artifacts.disk import Tree
from policyc.artifacts.failures import Obstacle
from policyc.artifacts.manifest import Entries, Entry
from policyc.artifacts.paths import collection_of, fold
from policyc.artifacts.staging import Looked, unwritable


class State(Enum):
    """A file of the new output, as it is on the disk."""

    SAME = auto()
    STALE = auto()
    """There, listed in the manifest, with other bytes."""
    MISSING = auto()
    FOREIGN = auto()
    """There, not listed, with other bytes: not policyc's to change."""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A file of the old manifest that no policy gives any more."""

    path: str
    entry: Entry
    changed: bool
    """It no longer holds what policyc wrote, or something else stands there."""


class Survey:
    """Takes in one file after the other, and looks in the end at what is left of the old manifest."""

    def __init__(self, tree: Tree, old: Entries, only: Container[str] | None, hold: Container[str]) -> None:
        self.tree = tree
        self._only = only
        self._hold = hold
        self._old = old
        self._old_folded: dict[str, str] | None = None
        self.new: Entries = {path: entry for path, entry in old.items() if not self.takes(path)}
        """The manifest to be."""
        self._folded = {fold(path): path for path in self.new}

    def takes(self, path: str) -> bool:
        """Whether the path belongs to a collection that this run is about, or to none: those of the project are always made."""
        slug = collection_of(path)
        if slug == path:
            return True
        return slug not in self._hold and (self._only is None or slug in self._only)

    def enter(self, looked: Looked) -> State:
        """Enter a file into the new manifest. Raises Obstacle where another one has its name."""
        path = looked.path
        folded = fold(path)
        if folded in self._folded:
            why = f"'{self._folded[folded]}' is written already, and a file system may take the two for one"
            raise unwritable(looked.target, path, looked.source, why)
        self._folded[folded] = path
        self.new[path] = Entry(looked.sha256, looked.source, looked.target)
        if looked.same is None:
            return State.MISSING
        if looked.same:
            return State.SAME
        return State.STALE if path in self._old or self._listed_otherwise(path) else State.FOREIGN

    def _listed_otherwise(self, path: str) -> bool:
        """Whether the manifest lists the same file in other capitals, where the file system doesn't tell them apart."""
        if self._old_folded is None:
            self._old_folded = {fold(listed): listed for listed in self._old}
        listed = self._old_folded.get(fold(path))
        return listed is not None and self._one_file(listed, path)

    def _one_file(self, first: str, second: str) -> bool:
        try:
            return os.path.samefile(self.tree.absolute(first), self.tree.absolute(second))
        except OSError:
            return False

    def left_over(self) -> Iterator[LeftOver]:
        """Files that the old manifest lists, the new one doesn't, and that are still there."""
        for path, entry in self._old.items():
            if path in self.new:
                continue
            twin = self._folded.get(fold(path))
            if twin is not None and self._one_file(path, twin):
                continue
            try:
                digest = self.tree.digest(path)
            except Obstacle:
                yield LeftOver(path, entry, changed=True)
                continue
            if digest is not None:
                yield LeftOver(path, entry, changed=digest != entry.sha256)
