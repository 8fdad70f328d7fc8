"""The files of a collection and of the project, made in memory."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from policyc.artifacts import Artifact, Build
from policyc.driver.check import Checked
from policyc.kinds import journalled, kind_of
from policyc.lowering.slugs import slug
from policyc.model import Collection, Project
from policyc.targets import Target

if TYPE_CHECKING:
    from policyc.artifacts.collections import Known

_HASH_LENGTH = 12


def chosen(checked: Checked, only: Container[str] | None = None) -> list[Collection]:
    """The collections that a run is about; not those that are held back."""
    held = checked.held
    return [one for one in checked.collections if one.slug not in held and (only is None or one.slug in only)]


def collection_artifacts(project: Project, targets: Iterable[Target], collection: Collection, build: Build) -> list[Artifact]:
    """The files of one collection: a function of it, of what the project says of itself, and of its revisions."""
    from policyc.resolved import FILE, snapshot

    alone = replace(project, collections=())
    mine = [target for target in targets if target.name in collection.targets]
    files = [file for target in mine for file in target.artifacts(alone, collection, build)]
    # For those who review, whatever the targets are.
    return [*files, Artifact(f"{collection.slug}/{FILE}", snapshot(collection), collection.origin.file, "policyc")]


def target_artifacts(project: Project, targets: Iterable[Target], build: Build) -> Iterator[Artifact]:
    """What the targets write for the project: a function of what it says of itself."""
    alone = replace(project, collections=())
    for target in targets:
        yield from target.project_artifacts(alone, build)


def memories(checked: Checked, build: Build, only: Container[str] | None, same: Container[str] = ()) -> Iterator[Artifact]:
    """What the output remembers for the next run: who its collections are, and the ledger, where it has anything.

    `same` has the identities of collections that say of devices what they said in the last run.
    """
    from policyc.artifacts import collections, revisions
    from policyc.artifacts.built import git_files
    from policyc.artifacts.paths import COLLECTIONS, REVISIONS

    project = checked.project
    if project is None:
        return
    yield from git_files(project.origin.file, signed=build.signed)
    if project.collections:
        before = {one.identity: one for one in build.collections}
        stay = {
            one.identity
            for one in project.collections
            if one.slug in checked.held or (only is not None and one.slug not in only)
        }
        stay &= before.keys()
        listed = [
            before[one.identity]
            if one.identity in stay
            else known(one, before[one.identity].content if one.identity in same and one.identity in before else None)
            for one in project.collections
        ]
        # Of one that is gone, the kinds of settings that its rollback has to know.
        gone = {slug(name) for name in project.departed} - {one.identity for one in project.collections}
        listed += [one for one in build.collections if one.kinds and one.identity in gone]
        yield Artifact(COLLECTIONS, collections.dump(listed), project.origin.file, "policyc")
    identities = None if only is None else frozenset(one.identity for one in project.collections if one.slug in only)
    if build.only_of is not None:
        # What another target has versioned isn't among what this run gave.
        identities = frozenset()
    entries = build.ledger.entries(checked.held_identities, only=identities)
    if entries:
        yield Artifact(REVISIONS, revisions.dump(entries, project.name, project.id), project.origin.file, "policyc")


def known(collection: Collection, content: str | None = None) -> Known:
    """The collection as the next run is to know it; `content` where that is known already."""
    from policyc.artifacts.collections import Known

    if content is None:
        content = _content(collection)
    kinds = {*collection.past_kinds, *journalled(collection.settings)}
    names = (collection.identity, collection.name, collection.slug, collection.origin.file, collection.formerly)
    return Known(*names, content, tuple(sorted(kinds)))


def _content(collection: Collection) -> str:
    """A hash of what it says of devices; empty where that is nothing."""
    said = [repr((one.id, *kind_of(one.subject).remembered(one.subject))) for one in collection.settings]
    said += [package.id for package in collection.packages]
    return sha256("\n".join(sorted(said)).encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH] if said else ""


def with_past(checked: Checked, before: Iterable[Known]) -> Checked:
    """The same, whose collections know which kinds of settings they have ever changed, of what an output remembers."""
    past = {one.identity: one.kinds for one in before if one.kinds}
    if not past or checked.project is None:
        return checked
    collections = tuple(
        replace(one, past_kinds=past[one.identity]) if one.identity in past else one for one in checked.project.collections
    )
    return replace(checked, project=replace(checked.project, collections=collections))
