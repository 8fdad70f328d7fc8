"""The work of `policyc compile`, where there is any: check, make, write or compare."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.artifacts import Artifact, Build
from policyc.artifacts.collections import load as known_collections
from policyc.artifacts.revisions import Ledger
from policyc.artifacts.staging import Looked
from policyc.cli.compiling import Order, UnknownPathError
from policyc.cli.console import progress
from policyc.cli.departures import gone
from policyc.cli.estate import another_estate, known_id
from policyc.cli.formats import Format
from policyc.cli.pipeline import (
    Checked,
    artifacts,
    check,
    chosen,
    collection_artifacts,
    memories,
    project_artifacts,
    target_artifacts,
)
from policyc.cli.reporting import count_of_files, report, say, say_day, say_written
from policyc.diagnostics import Diagnostic, error
from policyc.model import Collection, Location, Project
from policyc.signing.sealing import Seals

if TYPE_CHECKING:
    from policyc.cache.memory import Memory

_DRIFT = ("PC0612", "PC0613", "PC0614")
_SIGN_AGAIN = "run policyc compile, then policyc sign, which brings the signed folder up to date"


def run(order: Order, day: date, memory: Memory | None) -> int:
    """Check all policies, then write or compare; gives the exit code. Raises UnknownPathError."""
    policies, output = order.policies, order.output
    documents = None if memory is None else memory.open_documents()
    checked = check(policies, day, read_packages=order.read_packages, documents=documents)
    if checked.stopped:
        checked = replace(checked, diagnostics=tuple(known_id(checked, output)))
        _report_stopped(checked, policies, order.format, day)
        return 1
    only = _slugs(checked, policies, order.paths) if order.paths else None
    ledger, problems = open_ledger(output)
    before, unknown = known_collections(output)
    problems += unknown
    problems += gone(checked, before)
    seals = Seals(output)
    signed = seals.is_signed
    if signed and not order.check_only:
        problems.append(_would_lose_signatures(output))
    renamed = list(another_estate(checked, output))
    checked = replace(checked, diagnostics=(*checked.diagnostics, *problems, *renamed))
    if any(one.is_error for one in problems):
        _report_stopped(checked, policies, order.format, day)
        return 1
    if order.check_only:
        build = Build(ledger, seals.sealed, before)
        return 0 if _compare(checked, policies, output, order.format, day, only, build, signed=signed) else 1
    return (
        0
        if _write(checked, order, day, only, Build(ledger, collections=before), None if renamed or problems else memory)
        else 1
    )


def open_ledger(output: Path, *, signer: str | None = None) -> tuple[Ledger, list[Diagnostic]]:
    """The revisions that an output folder holds, and errors where they can't be trusted."""
    from policyc.artifacts.revisions import load

    known, problems = load(output)
    return Ledger(known, signer=signer), problems


def _would_lose_signatures(output: Path) -> Diagnostic:
    return error(
        "PC0623",
        f"'{output.as_posix()}' holds signed scripts, and compile would write unsigned ones over them",
        Location(""),
        help="compile into the folder that git keeps, then run policyc sign, which brings this one up to date",
    )


def _slugs(checked: Checked, policies: Path, paths: Sequence[Path]) -> frozenset[str]:
    """The collections whose files are among the paths, which are relative to here or to the policies folder."""
    root = policies.absolute()
    chosen: set[str] = set()
    for path in paths:
        found = {
            collection.slug
            for collection in checked.collections
            for candidate in (_normal(path.absolute()), _normal(root / path))
            if _normal(root / collection.origin.file).is_relative_to(candidate)
        }
        if not found:
            raise UnknownPathError(f"no collection stands in '{path.as_posix()}'")
        chosen |= found
    return frozenset(chosen)


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))


def all_artifacts(checked: Checked, build: Build, only: frozenset[str] | None = None) -> Iterator[Artifact]:
    """Everything that is made, with a count on the console of what is done."""
    total = len(checked.collections) if only is None else len(only)
    for _, files in progress(artifacts(checked, build, only), total, "collections"):
        yield from files
    yield from project_artifacts(checked, build, only)


def _all_staged(
    checked: Checked, build: Build, output: Path, only: frozenset[str] | None, memory: Memory | None
) -> Iterator[Artifact | Looked]:
    """The same without what is known to be there, and made by several processes where that is much."""
    if checked.project is None:
        return
    collections = chosen(checked, only)
    alone = replace(checked.project, collections=())
    made = []
    for collection in collections:
        known = build.ledger.known_of(collection.identity) if memory else {}
        kept = memory.kept(alone, collection, known) if memory else None
        if kept is None:
            made.append(collection)
        else:
            build.ledger.take(known)
            yield from kept
    for _, files in progress(_staged(checked, alone, tuple(made), build, output), len(made), "collections"):
        yield from files
    known_project = memory.kept_project(alone) if memory else None
    yield from target_artifacts(alone, checked.targets, build) if known_project is None else known_project
    yield from memories(checked, build, only)


def _staged(
    checked: Checked, alone: Project, collections: tuple[Collection, ...], build: Build, output: Path
) -> Iterator[tuple[Collection, Iterable[Artifact | Looked]]]:
    from policyc.cli import workers

    processes = workers.how_many(collections)
    if processes > 1:
        ledger = build.ledger
        job = workers.Job(alone, checked.targets, ledger.known, ledger.signer, collections, output)
        yield from workers.staged(job, build, processes)
    else:
        for collection in collections:
            yield collection, collection_artifacts(alone, checked.targets, collection, build)


def _report_stopped(checked: Checked, policies: Path, format: Format, day: date) -> None:
    report(policies, checked.diagnostics, format, {"asOf": day.isoformat(), "output": None}, fold=True)
    say_day(format, checked.depends_on_the_day, day)
    say(format, "nothing was written")


def _write(checked: Checked, order: Order, day: date, only: frozenset[str] | None, build: Build, memory: Memory | None) -> bool:
    from policyc.artifacts import write

    output = order.output
    if not all(type(target).__module__.startswith("policyc.") for target in checked.targets):
        # What another's target writes may depend on more than is known here.
        memory = None
    items = _all_staged(checked, build, output, only, memory)
    sightings = None if memory is None else memory.sightings
    result = write(output, items, only=only, hold=checked.held, sightings=sightings)
    diagnostics = (*checked.diagnostics, *result.diagnostics)
    figures = {"written": result.written, "unchanged": result.unchanged, "removed": result.removed}
    report(order.policies, diagnostics, order.format, {"asOf": day.isoformat(), "output": figures}, fold=True)
    say_day(order.format, checked.depends_on_the_day, day)
    if any(found.is_error for found in result.diagnostics):
        say(order.format, "nothing was written, or not all of it: see above")
        return False
    for slug in sorted(checked.held):
        folder = output / slug
        say(order.format, f"held back: {folder.as_posix()} {'stays as it was' if folder.exists() else 'is not written'}")
    say(order.format, say_written(output, **figures))
    sound = not any(found.is_error for found in diagnostics)
    if memory is not None and checked.project is not None:
        again = sound and only is None and not order.read_packages and not result.diagnostics
        said = (day.isoformat(), checked.diagnostics, checked.depends_on_the_day) if again and not checked.reads_disk else None
        memory.remember(replace(checked.project, collections=()), chosen(checked, only), build.ledger, result.entries, said)
    return sound


def _compare(
    checked: Checked,
    policies: Path,
    output: Path,
    format: Format,
    day: date,
    only: frozenset[str] | None,
    build: Build,
    *,
    signed: bool,
) -> bool:
    from policyc.artifacts import compare

    comparison = compare(output, all_artifacts(checked, build, only), only=only, hold=checked.held)
    found = comparison.diagnostics
    if signed:
        found = tuple(replace(one, help=_SIGN_AGAIN) if one.code in _DRIFT else one for one in found)
    diagnostics = (*checked.diagnostics, *found)
    drift = [
        {"path": found.path, "state": found.drift, "source": found.source, "diff": found.diff}
        for found in comparison.differences
    ]
    if format is Format.TEXT:
        _print_diffs(found.diff for found in comparison.differences)
    report(policies, diagnostics, format, {"asOf": day.isoformat(), "unchanged": comparison.unchanged, "drift": drift})
    say_day(format, checked.depends_on_the_day, day)
    say(format, f"{output.as_posix()}: {count_of_files(len(drift))} out of date, {comparison.unchanged} as they should be")
    return not any(found.is_error for found in diagnostics)


def _print_diffs(diffs: Iterable[str]) -> None:
    from policyc.diagnostics.reporters.plain import plain

    for diff in diffs:
        sys.stdout.writelines(f"{plain(line)}\n" for line in diff.split("\n")[:-1])
    sys.stdout.flush()
