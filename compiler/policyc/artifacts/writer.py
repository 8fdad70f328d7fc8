"""Writing an output folder: every file whole, and all of them or none."""

# ruff: noqa: PTH106

from __future__ import annotations

import os
from collections.abc import Container, Generator, Iterable
from contextlib import closing, suppress
from dataclasses import field, replace
from pathlib import Path
from sys import intern

from policyc.artifacts import built, manifest, record
from policyc.artifacts.artifact import Artifact
from policyc.artifacts.disk import Tree, leads_elsewhere, unlink
from policyc.artifacts.failures import Grouped, Obstacle, file_for_folder, from_os_error, linked_root
from policyc.artifacts.lock import locked
from policyc.artifacts.paths import BUILT, MANIFEST
from policyc.artifacts.record import FOREIGN_HELP, Move, Record, Removal
from policyc.artifacts.sightings import Sightings
from policyc.artifacts.staging import Looked, look, stage
from policyc.artifacts.survey import State, Survey
from policyc.diagnostics import Diagnostic
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a run has done to the output folder."""

    written: int = 0
    """Files that were made or changed."""
    unchanged: int = 0
    removed: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    """With an error among them nothing was written, or the next run finishes it."""
    entries: manifest.Entries = field(default_factory=dict)
    """What the manifest lists now; nothing where there is an error."""
    theirs: tuple[str, ...] = ()
    """What was offered, and stays as a user has it."""


def write(
    root: Path,
    items: Iterable[Artifact | Looked],
    *,
    only: Container[str] | None = None,
    hold: Container[str] = (),
    sightings: Sightings | None = None,
    only_of: str | None = None,
) -> WriteResult:
    """Bring the folder to hold these artifacts, and nothing else that policyc wrote there before.

    A `Looked` stands for an artifact that was compared and staged elsewhere, once the first item was asked for.
    `only` names the collections (slugs) to write, None means all; `hold` those that stay as they were. `only_of` names
    the target whose files are written, with those of none. `sightings` learns
    of what was written. Nothing is raised for what stands on the disk: it comes back as a diagnostic.
    """
    tree = Tree(root)
    try:
        _make_root(tree)
        with locked(tree):
            run = _Run(tree)
            run.begin(only, hold, only_of)
            try:
                # Whoever stages must have ended before the staging folder is cleared.
                with closing(_each(items)) as each:
                    for item in each:
                        run.take(item)
                result = run.commit()
            finally:
                run.end()
            if sightings is not None and not run.problems:
                for move in run.moves:
                    sightings.written(tree, move.path, move.sha256, move.modified)
            return result
    except Obstacle as obstacle:
        return WriteResult(diagnostics=(obstacle.diagnostic,))
    except _Refused as refused:
        return WriteResult(diagnostics=(refused.diagnostic,))


def _each(items: Iterable[Artifact | Looked]) -> Generator[Artifact | Looked, None, None]:
    """The items, from a generator that can be closed; with it closes the one that it takes them from."""
    yield from items


class _Refused(Exception):  # noqa: N818 - carries a diagnostic past the targets' own failures
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def _make_root(tree: Tree) -> None:
    if leads_elsewhere(tree.root):
        raise Obstacle(linked_root(tree.root))
    try:
        tree.root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise Obstacle(file_for_folder(tree.root, "")) from None
    except OSError as failure:
        raise Obstacle(from_os_error(failure, tree.root, "")) from failure


class _Run:
    """One run, between taking the lock and letting it go."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.old: manifest.Entries = {}
        self.survey = Survey(tree, {})
        self.moves: list[Move] = []
        self.unchanged = 0
        self.foreign = Grouped(tree.root)
        self.problems: list[Diagnostic] = []
        self.committed = False

    def begin(self, only: Container[str] | None, hold: Container[str], only_of: str | None = None) -> None:
        """Finish or undo what a killed run has left, then read what there is."""
        try:
            left = record.load(self.tree)
            if left is not None:
                record.roll_forward(self.tree, left)
            record.clear(self.tree)
            self.old = manifest.load(self.tree)
            record.open_stage(self.tree)
        except OSError as failure:
            raise _Refused(from_os_error(failure, self.tree.root, self._name(failure, ""))) from failure
        self.tree.made.clear()
        self.survey = Survey(self.tree, self.old, only, hold, built.load(self.tree), only_of)

    def take(self, item: Artifact | Looked) -> None:
        """Stage one artifact, if it isn't on the disk already, or take over what others have staged."""
        path = item.path
        if not self.survey.takes(path):
            return
        try:
            if isinstance(item, Artifact):
                item = look(self.tree, item) if self._is_over else stage(self.tree, item, len(self.moves))
            self._enter(item)
        except Obstacle as obstacle:
            self.problems.append(obstacle.diagnostic)
        except OSError as failure:
            raise _Refused(from_os_error(failure, self.tree.root, path)) from failure

    @property
    def _is_over(self) -> bool:
        """Whether nothing will be written any more: the rest is only looked at for what else is wrong."""
        return bool(self.problems or self.foreign.files)

    def _enter(self, looked: Looked) -> None:
        state = self.survey.enter(looked)
        if state is State.SAME:
            self.unchanged += 1
        elif state is State.FOREIGN:
            self.foreign.add(looked.source, looked.path)
        elif state is State.THEIRS:
            if looked.number is not None:
                # The next file takes the number.
                unlink(record.staged(self.tree, looked.number))
        elif not self._is_over and looked.number is not None:
            self.tree.folder(looked.path.rpartition("/")[0], make=True)
            self.tree.must_take(looked.path)
            fresh, modified = state is State.MISSING, looked.modified or 0
            self.moves.append(Move(looked.number, looked.path, looked.sha256, intern(looked.source), fresh, modified))

    def commit(self) -> WriteResult:
        """Bring everything into place, unless something stands in the way."""
        self.problems.extend(self.foreign.errors("PC0607", "not written by policyc, and in the way", FOREIGN_HELP))
        if self.problems:
            return WriteResult(diagnostics=tuple(dict.fromkeys(self.problems)))
        try:
            return self._commit()
        except OSError as failure:
            found = from_os_error(failure, self.tree.root, self._name(failure, MANIFEST))
            if self.committed:
                found = replace(found, help="remove the cause and run policyc compile again: it finishes what this run began")
            raise _Refused(found) from failure

    def _commit(self) -> WriteResult:
        kept = Grouped(self.tree.root)
        removals: list[Removal] = []
        for left in self.survey.left_over():
            if left.changed:
                kept.add(left.entry.source, left.path)
            else:
                removals.append(Removal(left.path, left.entry.sha256))
        record.stage_own(self.tree, MANIFEST, manifest.dump(self.survey.new))
        known = self.survey.built_here()
        if known or self.tree.holds(BUILT, b"") is not None:
            record.stage_own(self.tree, BUILT, built.dump(known))
        planned = Record(tuple(self.moves), tuple(removals))
        if self.moves or removals:
            record.save(self.tree, planned)
            self.committed = True
            record.carry_out(self.tree, planned)
            self.committed = False
        else:
            record.publish_own(self.tree)
        warnings = kept.warnings(
            "PC0609",
            "changed by hand and given by no policy any more, so kept",
            "remove it if nobody needs it; policyc takes no further notice of it",
        )
        result = WriteResult(len(self.moves), self.unchanged, len(removals), tuple(warnings), self.survey.new)
        return replace(result, theirs=tuple(self.survey.theirs))

    def end(self) -> None:
        """Clear the staging folder, unless the next run needs it."""
        if self.committed:
            return
        with suppress(OSError, Obstacle):
            record.clear(self.tree)
            for folder in reversed(self.tree.made):
                with suppress(OSError):
                    os.rmdir(self.tree.absolute(folder))

    def _name(self, failure: OSError, otherwise: str) -> str:
        name = failure.filename2 or failure.filename
        prefix = self.tree.absolute("")
        if not isinstance(name, str) or not name.startswith(prefix):
            return otherwise
        return name.removeprefix(prefix).replace(os.sep, "/")
