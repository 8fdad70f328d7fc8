"""Looking at artifacts and putting their bytes aside: what several processes may do at once."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from policyc.artifacts.artifact import Artifact
from policyc.artifacts.disk import Tree, create
from policyc.artifacts.failures import Obstacle, at
from policyc.artifacts.paths import problem
from policyc.artifacts.record import staged
from policyc.diagnostics import error


class Looked(NamedTuple):
    """An artifact without its bytes: what the manifest says of it, and whether the disk holds it already."""

    path: str
    sha256: str
    source: str
    target: str
    same: bool | None
    """Whether the file on the disk holds the same bytes; None: there is none."""
    number: int | None = None
    """Its name in the staging folder, where its bytes were put there."""
    modified: int | None = None
    """When that was, in the file system's nanoseconds."""
    built: bool = False
    offered: bool = False
    """Both as the artifact says."""


def look(tree: Tree, artifact: Artifact) -> Looked:
    """Compare an artifact with the disk. Raises Obstacle for what can't be written there."""
    path = artifact.path
    why = problem(path)
    if why is not None:
        raise unwritable(artifact.target, path, artifact.source, why)
    digest = sha256(artifact.content).hexdigest()
    try:
        same = tree.holds(path, artifact.content)
    except Obstacle:
        if not artifact.offered:
            raise
        same = False
    return Looked(path, digest, artifact.source, artifact.target, same, built=artifact.built, offered=artifact.offered)


def stage(tree: Tree, artifact: Artifact, number: int) -> Looked:
    """The same, and what the disk doesn't hold is put into the staging folder under this number."""
    looked = look(tree, artifact)
    if looked.same:
        return looked
    return looked._replace(number=number, modified=create(staged(tree, number), artifact.content))


def unwritable(target: str, path: str, source: str, why: str) -> Obstacle:
    """The finding on a path that no file can have."""
    return Obstacle(
        error(
            "PC0615",
            f"the target '{target}' gives a file '{path}' that can't be written: {why}",
            at(source),
            help="rename the collection or setting that the name comes from, or report it to the target's author",
        )
    )
