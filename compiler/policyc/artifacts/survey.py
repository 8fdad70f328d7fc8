"""What is on the disk, against what the policies give."""

# ruff: noqa: PTH121

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping
from enum import Enum, auto
from hashlib import sha256
from sys import intern

from policyc.artifacts.disk import Tree
from policyc.artifacts.failures import Obstacle
from policyc.artifacts.manifest import Entries, Entry
from policyc.artifacts.paths import NO_TARGET, collection_of, fold, is_of_project
from policyc.artifacts.staging import Looked, unwritable
from policyc.model.records import dataclass


class State(Enum):
    """A file of the new output, as it is on the disk."""

    SAME = auto()
    STALE = auto()
    """There, listed in the manifest, with other bytes."""
    MISSING = auto()
    OUTDATED = auto()
    """There, as a run on this disk has built it, for another state of the policies."""
    FOREIGN = auto()
    """There, not listed, with other bytes: not policyc's to change."""
    THEIRS = auto()
    """Offered, and a user has another one there, which stays."""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A file of the old manifest that no policy gives any more."""

    path: str
    entry: Entry
    changed: bool
    """It no longer holds what policyc wrote, or something else stands there."""
    listed: bool = True
    """The old manifest lists it; otherwise only the record of what was built here does."""


class Survey:
    """Takes in one file after the other, and looks in the end at what is left of the old manifest."""

    def __init__(
        self,
        tree: Tree,
        old: Entries,
        only: Container[str] | None = None,
        hold: Container[str] = (),
        built_here: Mapping[str, str] | None = None,
        only_of: str | None = None,
    ) -> None:
        self.tree = tree
        self._only_of = only_of
        self._only = only
        self._hold = hold
        self._old = old
        self._old_folded: dict[str, str] | None = None
        self._built = built_here or {}
        self.theirs: list[str] = []
        """What was offered and isn't wanted."""
        self.new: Entries = {path: entry for path, entry in old.items() if self._stays(path, entry)}
        """The manifest to be."""
        self._folded: dict[str, str] = {}
        """By their folded form those that aren't the same as it, and what was offered and isn't wanted."""
        for path in self.new:
            self._know(path)

    def takes(self, path: str) -> bool:
        """Whether the path belongs to a collection that this run is about, or to none: those of the project are always made."""
        slug = collection_of(path)
        if is_of_project(path):
            return True
        return slug not in self._hold and (self._only is None or slug in self._only)

    def _stays(self, path: str, entry: Entry) -> bool:
        """Whether it isn't of this run: another collection's, or a target's that the run isn't about."""
        return not self.takes(path) or (self._only_of is not None and entry.target not in (self._only_of, NO_TARGET))

    def enter(self, looked: Looked) -> State:
        """Enter a file into the new manifest. Raises Obstacle where another one has its name."""
        path = looked.path
        twin = self._twin(path)
        if twin is not None:
            why = f"'{twin}' is written already, and a file system may take the two for one"
            raise unwritable(looked.target, path, looked.source, why)
        self._know(path)
        if looked.offered and looked.same is False and not self._is_as_written(path):
            self.theirs.append(path)
            self._folded[fold(path)] = path
            return State.THEIRS
        # What other processes tell of has texts of its own for each file.
        self.new[path] = Entry(looked.sha256, intern(looked.source), intern(looked.target), looked.built)
        if looked.same is None:
            return State.MISSING
        if looked.same:
            return State.SAME
        if looked.built and path in self._built and self._digest(path) == self._built[path]:
            return State.OUTDATED
        return State.STALE if path in self._old or self._listed_otherwise(path) else State.FOREIGN

    def _know(self, path: str) -> None:
        folded = fold(path)
        if folded != path:
            self._folded[folded] = path

    def _twin(self, path: str) -> str | None:
        """A path that was entered, and that a file system may take for this one."""
        folded = fold(path)
        return folded if folded in self.new else self._folded.get(folded)

    def _is_as_written(self, path: str) -> bool:
        """Whether an offered file is policyc's own, maybe with the line ends that git gave it."""
        if path not in self._old:
            return False
        try:
            content = self.tree.read(path) or b""
        except Obstacle:
            return False
        return sha256(content.replace(b"\r\n", b"\n")).hexdigest() == self._old[path].sha256

    def _digest(self, path: str) -> str | None:
        """SHA-256 of what is there; empty for what is no ordinary file."""
        try:
            return self.tree.digest(path)
        except Obstacle:
            return ""

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
        """Files that the old manifest lists, or that were built here, the new manifest doesn't, and that are still there."""
        for path, entry in self._old.items():
            if path not in self.theirs and self._is_left(path):
                digest = self._digest(path)
                if digest is not None:
                    yield LeftOver(path, entry, changed=digest != entry.sha256)
        if self._only_of is not None:
            return
        for path, built in self._built.items():
            if path not in self._old and self.takes(path) and self._is_left(path) and self._digest(path) == built:
                yield LeftOver(path, Entry(built, "", "", built=True), changed=False, listed=False)

    def _is_left(self, path: str) -> bool:
        if path in self.new:
            return False
        twin = self._twin(path)
        return twin is None or not self._one_file(path, twin)

    def built_here(self) -> dict[str, str]:
        """What the record of what was built here is to say after this run."""
        others = {path for path, entry in self._old.items() if self._stays(path, entry)}
        stays = {path: digest for path, digest in self._built.items() if path in others or self._is_nobodys(path)}
        return stays | {path: entry.sha256 for path, entry in self.new.items() if entry.built and path not in others}

    def _is_nobodys(self, path: str) -> bool:
        """Built here, and neither listed before nor of this run."""
        return path not in self._old and (self._only_of is not None or not self.takes(path))
