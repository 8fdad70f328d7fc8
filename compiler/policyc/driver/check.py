"""From a policies folder to findings: load, lower, settle, check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.analysis import Context, analyse, reads_disk, settle
from policyc.diagnostics import Diagnostic, error
from policyc.lowering import lower, lower_all
from policyc.model import Collection, Project
from policyc.model.records import dataclass
from policyc.source import Documents, Sources, load_packed, load_project
from policyc.targets import Target, UnknownTargetError, load_targets
from policyc.targets.choosing import check as check_targets
from policyc.targets.choosing import named_targets, naming

if TYPE_CHECKING:
    from policyc.definitions import OpenShelf, Shelf

_NEED_EVERY_FILE = frozenset({"PC0403", "PC0428"})
"""Findings that nothing is called so: a file with an error may hold just that, and then they only follow from it."""


def open_shelf(folder: Path) -> Shelf | None:
    """Where the templates of this folder are remembered, for all that is done with its policies."""
    from policyc.cache.store import open_store

    return open_store(folder)


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


def check(
    policies: Path,
    as_of: date,
    *,
    read_packages: bool = False,
    documents: Documents | None = None,
    open_shelf: OpenShelf | None = open_shelf,
) -> Checked:
    """Load, lower and check everything. What failed in one step isn't handed to the next; its neighbours are.

    `documents` may know files that were loaded before, a shelf templates that were read.
    """
    loaded, told = load_packed(policies, documents)
    complete = not any(one.is_error for one in told)
    return _checked(lower_all(loaded, complete=complete, open_shelf=open_shelf), told, Context(as_of, policies, read_packages))


def check_sources(sources: Sources, as_of: date, *, read_packages: bool = False) -> Checked:
    """The same, of files that are loaded."""
    return _checked(lower(sources, open_shelf=open_shelf), sources.diagnostics, Context(as_of, sources.root, read_packages))


def _checked(lowered: tuple[Project | None, list[Diagnostic]], told: Sequence[Diagnostic], context: Context) -> Checked:
    project, found = lowered
    diagnostics = [*told, *found]
    targets: list[Target] = []
    if project is not None:
        project, settled = settle(project)
        diagnostics += settled
        found = analyse(project, context)
        is_whole = not any(one.is_error for one in told)
        diagnostics += (one for one in found if is_whole or one.code not in _NEED_EVERY_FILE)
        names = named_targets(project)
        try:
            targets = load_targets(names)
        except UnknownTargetError as unknown:
            diagnostics.append(_unknown_target(project, unknown))
        diagnostics += check_targets(project, dict(zip(names, targets, strict=False)))
    return Checked(project, tuple(targets), tuple(diagnostics))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Policies that were checked, for those that ask about them."""

    sources: Sources
    project: Project | None
    """None where none came of them."""
    errors: tuple[Diagnostic, ...]
    """What keeps everything from being compiled. What holds back one collection until a day is renewed isn't among them."""
    passed_over: tuple[Diagnostic, ...]
    """Warnings of files that weren't read."""


def settled_project(policies: Path, as_of: date) -> Loaded:
    """Load and check a folder of policies."""
    sources = load_project(policies)
    checked = check_sources(sources, as_of)
    errors = tuple(one for one in checked.diagnostics if one.is_error and one.holds is None)
    return Loaded(sources, checked.project, errors, tuple(one for one in sources.diagnostics if not one.is_error))


def _unknown_target(project: Project, unknown: UnknownTargetError) -> Diagnostic:
    place = naming(project, unknown.name)
    return error(
        "PC0617",
        f"no target '{unknown.name}' is installed",
        place,
        help=f"write one of: {', '.join(unknown.known)}"
        if unknown.known
        else "install policyc with pip: that brings 'configmgr'",
    )
