"""The commit record: what a run is about to do, so that the next one can finish it."""

# ruff: noqa: PTH106, PTH208

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from io import BytesIO

from policyc.artifacts.disk import Tree, create, replace, unlink
from policyc.artifacts.failures import Grouped, Obstacle
from policyc.artifacts.paths import BUILT, MANIFEST, WORK_FOLDER, problem
from policyc.model.records import dataclass

STAGE = f"{WORK_FOLDER}/stage"
RECORD = f"{WORK_FOLDER}/commit.json"
_NEW_RECORD = f"{WORK_FOLDER}/commit.new"
_STAGED = {MANIFEST: "manifest", BUILT: "built"}
"""policyc's own files, and what they are called in the staging folder; `BUILT` is there before the manifest speaks of it."""
_VERSION = 1

FOREIGN_HELP = "move or remove what policyc didn't write, or restore manifest.json from git if it did, then run it again"


@dataclass(frozen=True, slots=True)
class Move:
    """A staged file and where it goes."""

    number: int
    """Its name in the staging folder."""
    path: str
    sha256: str
    source: str
    fresh: bool
    """Nothing was there, so what is there now is somebody else's."""
    modified: int = 0
    """When it was staged, in the file system's nanoseconds; no part of the record."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A file that no policy gives any more; removed only if it still holds what policyc wrote."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything between the staged files and the finished output."""

    moves: tuple[Move, ...]
    removals: tuple[Removal, ...]


def staged(tree: Tree, number: int) -> str:
    """Absolute path of a staged file."""
    return tree.absolute(f"{STAGE}/{number}")


def stage_own(tree: Tree, name: str, content: bytes) -> None:
    """Put the new manifest, or record of what was built here, beside the staged files; not what is there already."""
    if not tree.holds(name, content):
        create(tree.absolute(f"{STAGE}/{_STAGED[name]}"), content)


def publish_own(tree: Tree) -> None:
    """Move those that are staged into place."""
    for name, staged_name in reversed(_STAGED.items()):
        with suppress(FileNotFoundError):
            replace(tree.absolute(f"{STAGE}/{staged_name}"), tree.absolute(name))


def save(tree: Tree, record: Record) -> None:
    """Write the record: from here on the run is finished, by itself or by the next one."""
    text = BytesIO()
    text.write(f'{{"version": {_VERSION}, "moves": ['.encode("ascii"))
    between = ""
    # One by one: an estate has a hundred thousand.
    for move in record.moves:
        said = json.dumps([move.number, move.path, move.sha256, move.source, move.fresh])
        text.write(f"{between}{said}".encode("ascii"))
        between = ", "
    removals = json.dumps([[removal.path, removal.sha256] for removal in record.removals])
    text.write(f'], "removals": {removals}}}'.encode("ascii"))
    create(tree.absolute(_NEW_RECORD), text.getvalue())
    replace(tree.absolute(_NEW_RECORD), tree.absolute(RECORD))


def load(tree: Tree) -> Record | None:
    """The record that a killed run has left; None without one, or with one that can't be trusted.

    It appears by a rename, so a kill can't leave half of it. What a loss of power made of it is no loss: the
    files are compared with the policies all the same.
    """
    content = tree.read(RECORD)
    if content is None:
        return None
    try:
        return _parse(json.loads(content))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _parse(data: object) -> Record:
    if not isinstance(data, dict) or data["version"] != _VERSION:
        raise ValueError("another version")
    moves = tuple(
        Move(_number(number), _path(path), str(digest), str(source), fresh is True)
        for number, path, digest, source, fresh in data["moves"]
    )
    removals = tuple(Removal(_path(path), str(digest)) for path, digest in data["removals"])
    return Record(moves, removals)


def _number(number: object) -> int:
    if not isinstance(number, int):
        raise TypeError("no number of a staged file")
    return number


def _path(path: str) -> str:
    if problem(path):
        raise ValueError("a path that policyc wouldn't write")
    return path


def carry_out(tree: Tree, record: Record) -> None:
    """Bring the staged files into place, then remove what is left over, then publish the manifest."""
    for move in record.moves:
        replace(staged(tree, move.number), tree.absolute(move.path))
    _finish(tree, record.removals)


def roll_forward(tree: Tree, record: Record) -> None:
    """Finish what a killed run began. Raises Obstacle where somebody else's file is in the way by now.

    What can't be written here at all (the folder lies deeper by now) is left out: else no run could ever finish this one.
    The policies are compared with the disk afterwards all the same, and it is told then, if they still give it.
    """
    foreign = Grouped(tree.root)
    waiting: list[Move] = []
    for move in record.moves:
        content = tree.read(f"{STAGE}/{move.number}")
        if content is None or sha256(content).hexdigest() != move.sha256:
            continue
        if move.fresh and tree.digest(move.path) not in (None, move.sha256):
            foreign.add(move.source, move.path)
        waiting.append(move)
    for diagnostic in foreign.errors("PC0607", "not written by policyc, and in the way", FOREIGN_HELP, placed=False):
        raise Obstacle(diagnostic)
    for move in waiting:
        try:
            tree.folder(move.path.rpartition("/")[0], make=True)
            tree.must_take(move.path)
        except OSError as failure:
            if failure.errno == errno.ENAMETOOLONG:
                continue
            raise
        replace(staged(tree, move.number), tree.absolute(move.path))
    _finish(tree, record.removals)


def _finish(tree: Tree, removals: Iterable[Removal]) -> None:
    folders: dict[str, None] = {}
    for removal in removals:
        with suppress(Obstacle):
            if tree.digest(removal.path) == removal.sha256:
                unlink(tree.absolute(removal.path))
            folders[removal.path.rpartition("/")[0]] = None
    for folder in sorted(folders, reverse=True):
        tree.remove_empty(folder)
    publish_own(tree)
    unlink(tree.absolute(RECORD))


def open_stage(tree: Tree) -> None:
    """An empty staging folder."""
    tree.folder(WORK_FOLDER, make=True)
    tree.folder(STAGE, make=True)


def clear(tree: Tree) -> None:
    """Throw away what was staged and not committed; only files that policyc itself puts there."""
    for leftover in (RECORD, _NEW_RECORD):
        unlink(tree.absolute(leftover))
    if not tree.folder(STAGE, make=False):
        return
    for name in os.listdir(tree.absolute(STAGE)):
        if name.isdecimal() or name in _STAGED.values():
            unlink(tree.absolute(f"{STAGE}/{name}"))
    with suppress(OSError):
        os.rmdir(tree.absolute(STAGE))
    tree.forget(STAGE)
