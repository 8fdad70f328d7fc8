"""From a policies folder to findings and artifacts: what `validate` and `compile` share."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.analysis import Context, analyse, reads_disk, settle
from policyc.artifacts import Artifact, Build
from policyc.diagnostics import Diagnostic, error
from policyc.lowering import lower
from policyc.model import Collection, Project
from policyc.source import Documents, Sources, load_project
from policyc.targets import Target, UnknownTargetError, load_targets

if TYPE_CHECKING:
    from policyc.artifacts.collections import Known

_HASH_LENGTH = 12
_NEED_EVERY_FILE = frozenset({"PC0403", "PC0428"})
"""Findings that nothing is called so: a file with an error may hold just that, and then they only follow from it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Policies that have gone through every check."""

    project: Project | None
    """None where no project came of them."""
    targets: tuple[Target, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def stopped(self) -> bool:
        """Whether an error keeps everything from being written."""
        return self.project is None or any(found.is_error and found.holds is None for found in self.diagnostics)

    @property
    def held(self) -> frozenset[str]:
        """Slugs of the collections whose own errors hold their output back."""
        return frozenset(found.holds for found in self.diagnostics if found.is_error and found.holds is not None)

    @property
    def held_identities(self) -> frozenset[str]:
        """The same collections as the ledger knows them."""
        return frozenset(one.identity for one in self.collections if one.slug in self.held)

    @property
    def collections(self) -> tuple[Collection, ...]:
        """All collections of the project."""
        return self.project.collections if self.project else ()

    @property
    def reads_disk(self) -> bool:
        """Whether a package's source on a disk was looked at, which may change while the policies stay."""
        return self.project is not None and reads_disk(self.project)

    @property
    def depends_on_the_day(self) -> str:
        """What another day could judge otherwise, in words; empty where there is nothing."""
        packages = any(package.valid_until is not None for collection in self.collections for package in collection.packages)
        exceptions = any(collection.exemptions for collection in self.collections)
        return " and ".join(word for word, there in (("packages", packages), ("exceptions", exceptions)) if there)


def check(policies: Path, as_of: date, *, read_packages: bool = False, documents: Documents | None = None) -> Checked:
    """Load, lower and check everything. What failed in one step isn't handed to the next; its neighbours are.

    `documents` may know files that were loaded before.
    """
    return check_sources(load_project(policies, documents), as_of, read_packages=read_packages)


def check_sources(sources: Sources, as_of: date, *, read_packages: bool = False) -> Checked:
    """The same, of files that are loaded."""
    project, found = lower(sources)
    diagnostics = [*sources.diagnostics, *found]
    targets: list[Target] = []
    if project is not None:
        project, settled = settle(project)
        diagnostics += settled
        found = analyse(project, Context(as_of, sources.root, read_packages))
        is_whole = not any(one.is_error for one in sources.diagnostics)
        diagnostics += (one for one in found if is_whole or one.code not in _NEED_EVERY_FILE)
        try:
            targets = load_targets(project.targets)
        except UnknownTargetError as unknown:
            diagnostics.append(_unknown_target(project, unknown))
        for target in targets:
            diagnostics += target.check(project)
    return Checked(project, tuple(targets), tuple(diagnostics))


def _unknown_target(project: Project, unknown: UnknownTargetError) -> Diagnostic:
    place = project.origin.below("targets", project.targets.index(unknown.name))
    return error(
        "PC0617",
        f"no target '{unknown.name}' is installed",
        place,
        help=f"write one of: {', '.join(unknown.known)}"
        if unknown.known
        else "install policyc with pip: that brings 'configmgr'",
    )


def chosen(checked: Checked, only: Container[str] | None = None) -> list[Collection]:
    """The collections that a run is about; not those that are held back."""
    held = checked.held
    return [one for one in checked.collections if one.slug not in held and (only is None or one.slug in only)]


def collection_artifacts(project: Project, targets: Iterable[Target], collection: Collection, build: Build) -> list[Artifact]:
    """The files of one collection: a function of it, of what the project says of itself, and of its revisions."""
    from policyc.resolved import FILE, snapshot

    alone = replace(project, collections=())
    files = [file for target in targets for file in target.artifacts(alone, collection, build)]
    # For those who review, whatever the targets are.
    return [*files, Artifact(f"{collection.slug}/{FILE}", snapshot(collection), collection.origin.file, "policyc")]


def artifacts(
    checked: Checked, build: Build, only: Container[str] | None = None
) -> Iterator[tuple[Collection, list[Artifact]]]:
    """The files of one collection after the other; none for those that are held back."""
    if checked.project is not None:
        for collection in chosen(checked, only):
            yield collection, collection_artifacts(checked.project, checked.targets, collection, build)


def project_artifacts(checked: Checked, build: Build, only: Container[str] | None = None) -> Iterator[Artifact]:
    """The files that are no collection's; after those of the collections, as the revisions are among them."""
    if checked.project is not None:
        yield from target_artifacts(checked.project, checked.targets, build)
        yield from memories(checked, build, only)


def target_artifacts(project: Project, targets: Iterable[Target], build: Build) -> Iterator[Artifact]:
    """What the targets write for the project: a function of what it says of itself."""
    alone = replace(project, collections=())
    for target in targets:
        yield from target.project_artifacts(alone, build)


def memories(checked: Checked, build: Build, only: Container[str] | None) -> Iterator[Artifact]:
    """What the output remembers for the next run: who its collections are, and the ledger, where it has anything."""
    from policyc.artifacts import collections, revisions
    from policyc.artifacts.paths import COLLECTIONS, REVISIONS

    project = checked.project
    if project is None:
        return
    if project.collections:
        before = {one.identity: one for one in build.collections}
        stay = {
            one.identity
            for one in project.collections
            if one.slug in checked.held or (only is not None and one.slug not in only)
        }
        listed = [before[one.identity] if one.identity in stay & before.keys() else known(one) for one in project.collections]
        yield Artifact(COLLECTIONS, collections.dump(listed), project.origin.file, "policyc")
    identities = None if only is None else frozenset(one.identity for one in project.collections if one.slug in only)
    entries = build.ledger.entries(checked.held_identities, only=identities)
    if entries:
        yield Artifact(REVISIONS, revisions.dump(entries, project.name, project.id), project.origin.file, "policyc")


def known(collection: Collection) -> Known:
    """The collection as the next run is to know it."""
    from policyc.artifacts.collections import Known

    said = [repr((one.id, one.place, one.condition)) for one in collection.settings]
    said += [package.id for package in collection.packages]
    content = sha256("\n".join(sorted(said)).encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH] if said else ""
    return Known(collection.identity, collection.name, collection.slug, collection.origin.file, collection.formerly, content)
