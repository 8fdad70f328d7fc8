"""`policyc compile`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli.options import AsOf, Format, FormatOption, Output, Policies, ReadPackages, today

if TYPE_CHECKING:
    from policyc.artifacts import Artifact
    from policyc.cli.pipeline import Checked

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Policy files or folders to write; all policies are checked all the same."),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Write nothing; show what writing would change and end with 1 if there is anything.")
]


def compile(  # noqa: A001 - the command's name
    paths: Paths = None,
    policies: Policies = Path("policies"),
    output: Output = Path("output"),
    format: FormatOption = Format.TEXT,
    as_of: AsOf = None,
    *,
    read_packages: ReadPackages = False,
    check: CheckOption = False,
) -> None:
    """Check all policies and write their artifacts.

    An error keeps everything from being written; an overdue package only its own collection's files. Ends with 0 if
    all is well, with 1 if there was an error or, with --check, a difference.

    \b
    Examples:
      policyc compile
      policyc compile policies/rings/pilot.yaml
      policyc compile --check --format github
      policyc compile --output build --as-of 2026-01-31
    """
    from policyc.cli.pipeline import check as check_policies

    day = as_of or today()
    checked = check_policies(policies, day, read_packages=read_packages)
    only = None if not paths or checked.stopped else _slugs(checked, policies, paths)
    if checked.stopped:
        _report_stopped(checked, policies, format, day)
        raise typer.Exit(1)
    run = _compare if check else _write
    if not run(checked, policies, output, format, day, only):
        raise typer.Exit(1)


def _slugs(checked: Checked, policies: Path, paths: list[Path]) -> frozenset[str]:
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
            raise typer.BadParameter(f"no collection stands in '{path.as_posix()}'", param_hint="PATH")
        chosen |= found
    return frozenset(chosen)


def _normal(path: Path) -> Path:
    import os.path

    return Path(os.path.normpath(path))


def _artifacts(checked: Checked, only: frozenset[str] | None) -> Iterator[Artifact]:
    from policyc.cli.console import progress
    from policyc.cli.pipeline import artifacts

    total = len(checked.collections) if only is None else len(only)
    for _, files in progress(artifacts(checked, only), total, "collections"):
        yield from files


def _report_stopped(checked: Checked, policies: Path, format: Format, day: date) -> None:
    from policyc.cli.reporting import report, say

    report(policies, checked.diagnostics, format, {"asOf": day.isoformat(), "output": None})
    if checked.depends_on_the_day:
        say(format, f"packages judged as of {day.isoformat()} (UTC)")
    say(format, "nothing was written")


def _write(checked: Checked, policies: Path, output: Path, format: Format, day: date, only: frozenset[str] | None) -> bool:
    from policyc.artifacts import write
    from policyc.cli.reporting import report, say

    result = write(output, _artifacts(checked, only), only=only, hold=checked.held)
    diagnostics = (*checked.diagnostics, *result.diagnostics)
    figures = {"written": result.written, "unchanged": result.unchanged, "removed": result.removed}
    report(policies, diagnostics, format, {"asOf": day.isoformat(), "output": figures})
    if checked.depends_on_the_day:
        say(format, f"packages judged as of {day.isoformat()} (UTC)")
    if any(found.is_error for found in result.diagnostics):
        say(format, "nothing was written, or not all of it: see above")
        return False
    for slug in sorted(checked.held):
        say(format, f"held back: {(output / slug).as_posix()} stays as it was")
    say(
        format,
        f"{output.as_posix()}: {_files(result.written)} written, {result.unchanged} unchanged, {result.removed} removed",
    )
    return not any(found.is_error for found in diagnostics)


def _compare(checked: Checked, policies: Path, output: Path, format: Format, day: date, only: frozenset[str] | None) -> bool:
    from policyc.artifacts import compare
    from policyc.cli.reporting import report, say

    comparison = compare(output, _artifacts(checked, only), only=only, hold=checked.held)
    diagnostics = (*checked.diagnostics, *comparison.diagnostics)
    drift = [
        {"path": found.path, "state": found.drift, "source": found.source, "diff": found.diff}
        for found in comparison.differences
    ]
    if format is Format.TEXT:
        _print_diffs(found.diff for found in comparison.differences)
    report(policies, diagnostics, format, {"asOf": day.isoformat(), "unchanged": comparison.unchanged, "drift": drift})
    if checked.depends_on_the_day:
        say(format, f"packages judged as of {day.isoformat()} (UTC)")
    say(format, f"{output.as_posix()}: {_files(len(drift))} out of date, {comparison.unchanged} as they should be")
    return not any(found.is_error for found in diagnostics)


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"


def _print_diffs(diffs: Iterator[str]) -> None:
    from policyc.diagnostics.reporters.plain import plain

    for diff in diffs:
        sys.stdout.writelines(f"{plain(line)}\n" for line in diff.split("\n")[:-1])
    sys.stdout.flush()
