"""The work of `policyc test`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from policyc.cli.formats import Format
from policyc.cli.loading import settled_project
from policyc.cli.reporting import located, report, say, shown_folder
from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.reporters import Report
from policyc.diagnostics.reporters.plain import plain
from policyc.model import Location
from policyc.simulation.cases import Case, run_cases
from policyc.source import Document


class NoTestsError(Exception):
    """A path on the command line that holds no tests: wrong usage."""


def run(paths: Sequence[Path], policies: Path, format: Format) -> int:
    """Run the tests in the paths, or all; gives the exit code. Raises NoTestsError."""
    sources, project, errors = settled_project(policies)
    if project is None or errors:
        return _stopped(policies, errors, format, "the policies have errors")
    documents = [one for one in sources.documents if one.kind == "tests"]
    if not documents:
        way_out = "write a file with the head 'tests:' beside the policies; policyc explain PC0911 shows one"
        return _stopped(
            policies, [error("PC0911", "there are no tests", Location(""), help=way_out)], format, "there are no tests"
        )
    chosen = _chosen(documents, policies, paths) if paths else documents
    cases = [case for document in chosen for case in run_cases(project, document)]
    _write(policies, cases, format)
    return 0 if all(case.passed for case in cases) else 1


def _stopped(policies: Path, found: Sequence[Diagnostic], format: Format, why: str) -> int:
    report(policies, found, format, {"tests": [], "passed": 0, "failed": 0})
    say(format, f"no test was run: {why}")
    return 1


def _chosen(documents: Sequence[Document], policies: Path, paths: Sequence[Path]) -> list[Document]:
    """The files of tests among the paths, which are relative to here or to the policies folder."""
    root = policies.absolute()
    chosen: dict[str, Document] = {}
    for path in paths:
        candidates = [Path(os.path.normpath(one)) for one in (path.absolute(), root / path)]
        below = [one for one in documents if any((root / one.file).is_relative_to(candidate) for candidate in candidates)]
        if not below:
            raise NoTestsError(f"no tests stand in '{plain(path.as_posix())}'")
        chosen |= {one.file: one for one in below}
    return [one for one in documents if one.file in chosen]


def _write(policies: Path, cases: Sequence[Case], format: Format) -> None:
    found = [one for case in cases for one in case.found]
    failed = sum(not case.passed for case in cases)
    if format is Format.JUNIT:
        from policyc.diagnostics.reporters import junit

        tests = [(case.file, case.name, located(policies, case.found)) for case in cases]
        sys.stdout.writelines(junit.render_tests(Report((), shown_folder(policies)), tests))
        return
    results = [{"file": _shown(policies, case), "name": case.name, "passed": case.passed} for case in cases]
    report(policies, found, format, {"tests": results, "passed": len(cases) - failed, "failed": failed})
    for case in cases:
        say(format, f"{'passed' if case.passed else 'failed'}  {plain(f'{_shown(policies, case)}: {case.name}')}")
    count = f"{len(cases)} test{'' if len(cases) == 1 else 's'}"
    say(format, f"{count}, {failed} failed" if failed else f"{count} passed")


def _shown(policies: Path, case: Case) -> str:
    return Report((), shown_folder(policies)).shown(case.file)
