"""The work of `policyc compile`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from policyc.artifacts import Artifact, Build
from policyc.artifacts.revisions import Ledger
from policyc.cli.console import progress
from policyc.cli.formats import Format, today
from policyc.cli.pipeline import Checked, artifacts, check, project_artifacts
from policyc.cli.reporting import report, say, say_day
from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Location
from policyc.signing.sealing import Seals

_DRIFT = ("PC0612", "PC0613", "PC0614")
_SIGN_AGAIN = "run policyc compile, then policyc sign, which brings the signed folder up to date"


class UnknownPathError(Exception):
    """A path on the command line that holds no collection: wrong usage."""


def run(
    paths: Sequence[Path],
    policies: Path,
    output: Path,
    format: Format,
    as_of: date | None,
    *,
    read_packages: bool,
    check_only: bool,
) -> int:
    """Check all policies, then write or compare; gives the exit code. Raises UnknownPathError."""
    day = as_of or today()
    checked = check(policies, day, read_packages=read_packages)
    if checked.stopped:
        _report_stopped(checked, policies, format, day)
        return 1
    only = _slugs(checked, policies, paths) if paths else None
    ledger, problems = open_ledger(output)
    seals = Seals(output)
    signed = seals.is_signed
    if signed and not check_only:
        problems.append(_would_lose_signatures(output))
    checked = replace(checked, diagnostics=(*checked.diagnostics, *problems, *_renamed(checked, output)))
    if problems:
        _report_stopped(checked, policies, format, day)
        return 1
    if check_only:
        build = Build(ledger, seals.sealed)
        return 0 if _compare(checked, policies, output, format, day, only, build, signed=signed) else 1
    return 0 if _write(checked, policies, output, format, day, only, Build(ledger)) else 1


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


def _renamed(checked: Checked, output: Path) -> Iterator[Diagnostic]:
    """A warning where the project has another name than the output was compiled with."""
    from policyc.artifacts.revisions import project_of

    before = project_of(output)
    if checked.project is None or before in (None, checked.project.name):
        return
    yield warning(
        "PC0624",
        f"the project was called '{before}': with another name, every object on the site gets a new identity",
        checked.project.origin.below("project", "name"),
        help=f"keep the name '{before}'; or remove the old objects first, as the page of this code says",
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


def _report_stopped(checked: Checked, policies: Path, format: Format, day: date) -> None:
    report(policies, checked.diagnostics, format, {"asOf": day.isoformat(), "output": None})
    say_day(format, checked, day)
    say(format, "nothing was written")


def _write(
    checked: Checked, policies: Path, output: Path, format: Format, day: date, only: frozenset[str] | None, build: Build
) -> bool:
    from policyc.artifacts import write

    result = write(output, all_artifacts(checked, build, only), only=only, hold=checked.held)
    diagnostics = (*checked.diagnostics, *result.diagnostics)
    figures = {"written": result.written, "unchanged": result.unchanged, "removed": result.removed}
    report(policies, diagnostics, format, {"asOf": day.isoformat(), "output": figures})
    say_day(format, checked, day)
    if any(found.is_error for found in result.diagnostics):
        say(format, "nothing was written, or not all of it: see above")
        return False
    for slug in sorted(checked.held):
        folder = output / slug
        say(format, f"held back: {folder.as_posix()} {'stays as it was' if folder.exists() else 'is not written'}")
    say(
        format,
        f"{output.as_posix()}: {_files(result.written)} written, {result.unchanged} unchanged, {result.removed} removed",
    )
    return not any(found.is_error for found in diagnostics)


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
    say_day(format, checked, day)
    say(format, f"{output.as_posix()}: {_files(len(drift))} out of date, {comparison.unchanged} as they should be")
    return not any(found.is_error for found in diagnostics)


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"


def _print_diffs(diffs: Iterable[str]) -> None:
    from policyc.diagnostics.reporters.plain import plain

    for diff in diffs:
        sys.stdout.writelines(f"{plain(line)}\n" for line in diff.split("\n")[:-1])
    sys.stdout.flush()
