"""The work of a compile, where there is any: check, make, write or compare."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.artifacts import Build
from policyc.artifacts.collections import load as known_collections
from policyc.artifacts.revisions import Ledger
from policyc.diagnostics import Diagnostic, error
from policyc.driver.check import Checked, check, open_shelf
from policyc.driver.departures import gone
from policyc.driver.estate import another_estate, known_id
from policyc.driver.make import chosen, with_past
from policyc.driver.order import Compared, NoSuchTargetError, Order, Outcome, Stopped, UnknownPathError, Written
from policyc.driver.walk import Staging, Watch, unwatched, walk
from policyc.model import Collection, Location
from policyc.signing.sealing import Seals
from policyc.targets.choosing import without_collections

if TYPE_CHECKING:
    from policyc.cache.memory import Memory

DRIFT = ("PC0612", "PC0613", "PC0614")
"""Files of the output that aren't what the policies give."""
_SIGN_AGAIN = "run policyc compile, then policyc sign, which brings the signed folder up to date"


def run(order: Order, memory: Memory | None = None, watch: Watch = unwatched) -> Outcome:
    """Check all policies, then write or compare. What `memory` knows isn't done again.

    Raises UnknownPathError and NoSuchTargetError.
    """
    output = order.output
    documents = None if memory is None else memory.open_documents()
    shelf = None if order.check_only else open_shelf
    checked = check(order.policies, order.day, read_packages=order.read_packages, documents=documents, open_shelf=shelf)
    if checked.stopped:
        return Stopped(tuple(known_id(checked, output)), checked.depends_on_the_day)
    if order.target is not None:
        checked = _of_target(checked, order.target)
    only = _slugs(checked, order.policies, order.paths) if order.paths else None
    ledger, problems = open_ledger(output)
    before, unknown = known_collections(output)
    problems += unknown
    checked = with_past(checked, before)
    problems += gone(checked, before, _known_to(memory, checked, ledger))
    seals = Seals(output)
    signed = seals.is_signed
    if signed and not order.check_only:
        problems.append(_would_lose_signatures(output))
    renamed = list(another_estate(checked, output))
    checked = replace(checked, diagnostics=(*checked.diagnostics, *problems, *renamed))
    if any(one.is_error for one in problems):
        return Stopped(checked.diagnostics, checked.depends_on_the_day)
    if order.check_only:
        return _compare(checked, output, only, Build(ledger, seals.sealed, signed, before, order.target), watch, signed=signed)
    build = Build(ledger, collections=before, only_of=order.target)
    return _write(checked, order, only, build, None if renamed or problems else memory, watch)


def open_ledger(output: Path, *, signer: str | None = None) -> tuple[Ledger, list[Diagnostic]]:
    """The revisions that an output folder holds, and errors where they can't be trusted."""
    from policyc.artifacts.revisions import load

    known, problems = load(output)
    return Ledger(known, signer=signer), problems


def _of_target(checked: Checked, name: str) -> Checked:
    """The same with this target alone."""
    mine = tuple(target for target in checked.targets if target.name == name)
    if not mine:
        known = ", ".join(target.name for target in checked.targets)
        raise NoSuchTargetError(f"nothing goes by '{name}'; these policies go by: {known}")
    return replace(checked, targets=mine)


def _known_to(memory: Memory | None, checked: Checked, ledger: Ledger) -> Callable[[Collection], bool]:
    """Whether a collection is as in the last run, as far as that is remembered."""
    if memory is None or checked.project is None or not memory.knows_collections:
        return lambda _: False
    alone = without_collections(checked.project)
    return lambda one: memory.is_same(alone, one, ledger.known_of(one.identity))


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


def _write(
    checked: Checked, order: Order, only: frozenset[str] | None, build: Build, memory: Memory | None, watch: Watch
) -> Written:
    from policyc.artifacts import write

    output = order.output
    if not all(type(target).__module__.startswith("policyc.") for target in checked.targets):
        # What another's target writes may depend on more than is known here.
        memory = None
    items = walk(checked, build, only, watch, Staging(output, memory))
    sightings = None if memory is None else memory.sightings
    result = write(output, items, only=only, hold=checked.held, sightings=sightings, only_of=build.only_of)
    diagnostics = (*checked.diagnostics, *result.diagnostics)
    if memory is not None and checked.project is not None and not any(one.is_error for one in result.diagnostics):
        sound = not any(found.is_error for found in diagnostics)
        again = sound and only is None and not order.read_packages and not result.diagnostics
        day = order.day.isoformat()
        said = (day, checked.diagnostics, checked.depends_on_the_day) if again and not checked.reads_disk else None
        alone = without_collections(checked.project)
        memory.remember(alone, chosen(checked, only), build.ledger, result.entries, result.theirs, said)
    return Written(
        diagnostics,
        checked.depends_on_the_day,
        {"written": result.written, "unchanged": result.unchanged, "removed": result.removed},
        failed=any(found.is_error for found in result.diagnostics),
        held=tuple(output / slug for slug in sorted(checked.held)),
    )


def _compare(
    checked: Checked, output: Path, only: frozenset[str] | None, build: Build, watch: Watch, *, signed: bool
) -> Compared:
    from policyc.artifacts import compare

    comparison = compare(output, walk(checked, build, only, watch), only=only, hold=checked.held, only_of=build.only_of)
    found = comparison.diagnostics
    if signed:
        found = tuple(replace(one, help=_SIGN_AGAIN) if one.code in DRIFT else one for one in found)
    return Compared((*checked.diagnostics, *found), checked.depends_on_the_day, comparison)
