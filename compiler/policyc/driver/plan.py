"""The work of `plan`: two states of the policies, and what lies between them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from policyc.artifacts import Build
from policyc.artifacts.paths import REVISIONS
from policyc.artifacts.revisions import Ledger, Revision, parse
from policyc.diagnostics import Diagnostic, Located
from policyc.diagnostics.reporters import shown_folder
from policyc.driver.check import Checked, check
from policyc.driver.engines import Files, Reader, in_commit, in_folder, with_engines
from policyc.driver.estate import NO_ID
from policyc.driver.output import open_ledger
from policyc.driver.walk import Watch, unwatched, walk
from policyc.model import CONFIGMGR, Project
from policyc.plan import Commit, Plan, Repository, Side, StateError, make_plan
from policyc.plan.compare import pairs
from policyc.plan.damage import reading
from policyc.plan.deployed import DEPLOYMENT, deployment_tree, read
from policyc.plan.model import Word
from policyc.plan.revisions import rises
from policyc.plan.site import site_changes
from policyc.source import located
from policyc.source.files import PROJECT

_COMPARABLE = ("PC04", "PC07", NO_ID)
"""Findings about policies that were understood: conflicts, packages, a project without its id."""


@dataclass(frozen=True, slots=True)
class State:
    """One of the two states, read and checked."""

    side: Side
    project: Project | None
    """None where an error stops the plan."""
    day: date
    """Its day, for what ends between the two."""
    errors: tuple[Located, ...]
    checked: Checked | None = None
    """None for what an output folder holds."""
    revisions: Mapping[str, Revision] | None = None
    """None where it keeps none."""
    output: Path | None = None
    """The folder, where the state is an output."""
    reader: Reader | None = None
    """Reads what it has compiled; None where that isn't there."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a change changes, and what is wrong with either of its states."""

    plan: Plan | None
    """None where errors leave nothing to compare."""
    errors: tuple[Located, ...]
    projects: tuple[Project, Project] | None = None
    """Both states, where there is a plan."""


def planned(base: str | None, head: str | None, policies: Path, output: Path, day: date, watch: Watch = unwatched) -> Planned:
    """Compare two states of the policies. Raises StateError where one can't be had."""
    with ExitStack() as kept:
        before, after = _states(base, head, policies, output, day, kept)
        plan = _plan(before, after, watch)
        projects = None
        if plan is not None and before.project is not None and after.project is not None:
            projects = before.project, after.project
        return Planned(plan, (*before.errors, *after.errors), projects)


def _states(
    base: str | None, head: str | None, policies: Path, output: Path, day: date, kept: ExitStack
) -> tuple[State, State]:
    if base is None:
        after = _on_disk(policies, day)
        return _deployed(output, after, day)
    repository = Repository(policies)
    first = repository.commit(base)
    second = None if head is None else repository.commit(head)
    before = _committed(repository, first, policies, output, day, kept)
    # What holds back a collection, or an id that isn't there yet, is no matter of the past: the plan may be its cure.
    stopping = (one for one in before.errors if one.diagnostic.holds is None and one.diagnostic.code != NO_ID)
    before = replace(before, errors=tuple(stopping))
    after = _on_disk(policies, day) if second is None else _committed(repository, second, policies, output, day, kept)
    return before, replace(after, day=day)


def _on_disk(policies: Path, day: date) -> State:
    checked = check(policies, day)
    folder = shown_folder(policies)
    return _state(Side("files", folder), checked, policies, folder, day)


def _committed(repository: Repository, commit: Commit, policies: Path, output: Path, day: date, kept: ExitStack) -> State:
    """The policies of a commit, laid out in a folder that is gone when the plan is made."""
    folder = repository.inside(policies)
    if folder is None:
        raise StateError(f"'{policies.as_posix()}' lies outside of the repository", "name the policies folder with --policies")
    top = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="policyc-plan-")))
    root = top / folder
    root.mkdir(parents=True, exist_ok=True)
    # Templates may lie beside the policies.
    project = repository.read(commit, f"{folder}/{PROJECT}") if folder else None
    repository.extract(commit, folder, root, beside=top if project is not None and b"definitions" in project else None)
    shown = f"{commit.name}:{folder}" if folder else f"{commit.name}:."
    state = _state(Side("commit", commit.name, commit.hash), check(root, day), root, shown, commit.day)
    compiled = repository.inside(output)
    reader = None if compiled is None else in_commit(repository, commit, compiled)
    return replace(state, revisions=_revisions(repository, commit, output), reader=reader)


def _revisions(repository: Repository, commit: Commit, output: Path) -> Mapping[str, Revision] | None:
    folder = repository.inside(output)
    content = None if folder is None else repository.read(commit, f"{folder}/{REVISIONS}" if folder else REVISIONS)
    if content is None:
        return None
    try:
        return parse(content)
    except ValueError as failure:
        message = f"the revisions of {commit.name} ({output.as_posix()}/{REVISIONS}) can't be used: {failure}"
        raise StateError(message, "name another commit, or restore the file", is_usage=False) from failure


def _state(side: Side, checked: Checked, root: Path, shown: str, day: date) -> State:
    errors = [found for found in checked.diagnostics if found.is_error]
    # What contradicts itself can still be compared; what couldn't be read, or would never be written, can't.
    unknown = any(found.holds is None and not found.code.startswith(_COMPARABLE) for found in errors)
    project = None if unknown else checked.project
    return State(side, project, day, tuple(_shown(located(root, errors), shown)), checked)


def _shown(found: tuple[Located, ...], folder: str) -> Iterator[Located]:
    """The findings with the side in the name of each file."""

    def named(diagnostic: Diagnostic) -> Diagnostic:
        related = tuple(
            replace(one, location=replace(one.location, file=_below(folder, one.location.file))) for one in diagnostic.related
        )
        return replace(
            diagnostic, related=related, location=replace(diagnostic.location, file=_below(folder, diagnostic.location.file))
        )

    return (replace(one, diagnostic=named(one.diagnostic)) for one in found)


def _below(folder: str, file: str) -> str:
    if not file or folder in ("", "."):
        return file or folder
    return folder[:-1] + file if folder.endswith(":.") else f"{folder}/{file}"


def _deployed(output: Path, after: State, day: date) -> tuple[State, State]:
    """What the output folder holds, and the policies without what an error of its own holds back: that stays as it is."""
    ledger, problems = open_ledger(output)
    side = Side("output", output.as_posix())
    found = tuple(Located(one, None) for one in problems)
    before = State(side, None, day, found, revisions=ledger.known, output=output, reader=in_folder(output))
    if problems or after.project is None or after.checked is None:
        return before, after
    held = after.checked.held
    project = read(output, after.project, held)
    staying = tuple(collection for collection in after.project.collections if collection.slug not in held)
    return replace(before, project=project), replace(after, project=replace(after.project, collections=staying))


def _plan(before: State, after: State, watch: Watch) -> Plan | None:
    if before.project is None or after.project is None or after.checked is None:
        return None
    held = after.checked.held
    known = before.revisions
    numbered = known is not None
    if known is None:
        known = {} if before.checked is None else _given(before.checked, {}, watch)
    files = Files()
    risen = rises(known, _given(after.checked, known, watch, files), held=after.checked.held_identities, numbered=numbered)
    if numbered and before.reader is not None:
        risen = with_engines(risen, before.project, before.reader, after.project, files)
    site = {} if before.output is None else _site(before.output, before.project, after.project, files.deployments)
    sides = (before.side, before.project), (after.side, after.project)
    return make_plan(*sides, (before.day, after.day), rises=risen, held=held, site=site)


def _given(checked: Checked, known: Mapping[str, Revision], watch: Watch, files: Files | None = None) -> dict[str, Revision]:
    """The revisions that compiling these policies over the known ones would give. Nothing is written.

    `files` gets what there is to be seen of each collection.
    """
    build = Build(Ledger(known))
    for file in walk(checked, build, watch=watch):
        if files is not None:
            files.add(file.path, file.content)
    return build.ledger.entries(checked.held_identities)


def _site(output: Path, before: Project, after: Project, files: Mapping[str, bytes]) -> dict[str, tuple[Word, ...]]:
    """What the site is told otherwise, of the collections of both, by their slugs of today."""
    found = {}
    for old, new in pairs(before.collections, after.collections):
        if old is not None and new is not None and CONFIGMGR in old.targets and f"{new.slug}/{DEPLOYMENT}" in files:
            there = deployment_tree(output, old.slug)
            with reading(output / old.slug / DEPLOYMENT):
                found[new.slug] = site_changes(there, json.loads(files[f"{new.slug}/{DEPLOYMENT}"]))
    return found
