"""The work of `test`: the tests of the policies, run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.reporters.plain import plain
from policyc.driver.check import settled_project
from policyc.model import Location
from policyc.simulation.cases import Case, run_cases
from policyc.source import Document

TESTS_END = ".yaml"


class NoTestsError(Exception):
    """A path on the command line that holds no tests: wrong usage."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What was run, or why nothing was."""

    cases: tuple[Case, ...] = ()
    others: tuple[Diagnostic, ...] = ()
    """Findings that are no test's."""
    stopped: str = ""
    """Why no test was run; else empty."""


def run(paths: Sequence[Path], policies: Path, day: date) -> Tested:
    """Run the tests in the paths, or all. Raises NoTestsError."""
    loaded = settled_project(policies, day)
    if loaded.project is None or loaded.errors:
        return Tested((), (*loaded.errors, *loaded.passed_over), "the policies or their tests have errors")
    documents = [one for one in loaded.sources.documents if one.kind == "tests"]
    chosen = _chosen(documents, policies, paths) if paths else documents
    if not chosen:
        way_out = "write a file with the head 'tests:' beside the policies; policyc explain PC0911 shows one"
        none = error("PC0911", "there are no tests", Location(""), help=way_out)
        return Tested((), (none, *loaded.passed_over), "there are no tests")
    cases = tuple(case for document in chosen for case in run_cases(loaded.project, document))
    return Tested(cases, loaded.passed_over)


def _chosen(documents: Sequence[Document], policies: Path, paths: Sequence[Path]) -> list[Document]:
    """The files of tests among the paths, which are relative to here or to the policies folder."""
    root = policies.absolute()
    chosen: dict[str, Document] = {}
    for path in paths:
        candidates = [Path(os.path.normpath(one)) for one in (path.absolute(), root / path)]
        below = [one for one in documents if any((root / one.file).is_relative_to(candidate) for candidate in candidates)]
        if not below:
            raise NoTestsError(_nothing_in(path, any(one.exists() for one in candidates)))
        chosen |= {one.file: one for one in below}
    return [one for one in documents if one.file in chosen]


def _nothing_in(path: Path, there: bool) -> str:  # noqa: FBT001
    shown = plain(path.as_posix())
    if not there:
        return f"'{shown}' doesn't exist"
    if path.suffix != TESTS_END and path.suffix.lower() in (TESTS_END, ".yml"):
        return f"'{shown}' is not read: names of test files end in '{TESTS_END}'"
    return f"no tests stand in '{shown}'"
