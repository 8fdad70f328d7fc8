"""The work of `policyc test`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
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

TESTS_END = ".yaml"
_Named = dict[str, str]
"""A test: its file and its name."""


class NoTestsError(Exception):
    """A path on the command line that holds no tests: wrong usage."""


def run(paths: Sequence[Path], policies: Path, format: Format) -> int:
    """Run the tests in the paths, or all; gives the exit code. Raises NoTestsError."""
    loaded = settled_project(policies)
    if loaded.project is None or loaded.errors:
        found = [*loaded.errors, *loaded.passed_over]
        return _stopped(policies, found, format, "the policies or their tests have errors")
    documents = [one for one in loaded.sources.documents if one.kind == "tests"]
    chosen = _chosen(documents, policies, paths) if paths else documents
    if not chosen:
        way_out = "write a file with the head 'tests:' beside the policies; policyc explain PC0911 shows one"
        none = error("PC0911", "there are no tests", Location(""), help=way_out)
        return _stopped(policies, [none, *loaded.passed_over], format, "there are no tests")
    cases = [case for document in chosen for case in run_cases(loaded.project, document)]
    _write(policies, cases, loaded.passed_over, format)
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


def _write(policies: Path, cases: Sequence[Case], others: Sequence[Diagnostic], format: Format) -> None:
    failed = sum(not case.passed for case in cases)
    if format is Format.JUNIT:
        from policyc.diagnostics.reporters import junit

        tests = [(case.file, case.name, located(policies, case.found)) for case in cases]
        sys.stdout.writelines(junit.render_tests(Report(located(policies, others), shown_folder(policies)), tests))
        return
    named = _by_finding(policies, cases)
    if format is Format.JSON:
        from policyc.diagnostics.reporters import as_json

        results = [{**_named(policies, case), "passed": case.passed} for case in cases]
        extra = {"tests": results, "passed": len(cases) - failed, "failed": failed}
        found = located(policies, [*others, *named])
        sys.stdout.writelines(as_json.render(Report(found, shown_folder(policies), extra, tests=named)))
        return
    report(policies, [*others, *(_with_names(one, tests) for one, tests in named.items())], format)
    for case in cases:
        say(format, f"{'passed' if case.passed else 'failed'}  {plain(f'{_shown(policies, case)}: {case.name}')}")
    count = f"{len(cases)} test{'' if len(cases) == 1 else 's'}"
    say(format, f"{count}, {failed} failed" if failed else f"{count} passed")


def _by_finding(policies: Path, cases: Sequence[Case]) -> dict[Diagnostic, list[_Named]]:
    """The tests of each finding: one of a state that several tests name is the finding of all of them."""
    named: dict[Diagnostic, list[_Named]] = {}
    for case in cases:
        for one in dict.fromkeys(case.found):
            named.setdefault(one, []).append(_named(policies, case))
    return named


def _named(policies: Path, case: Case) -> _Named:
    return {"file": _shown(policies, case), "name": case.name}


def _with_names(found: Diagnostic, tests: Sequence[_Named]) -> Diagnostic:
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    return replace(found, message=f"{found.message} (test '{tests[0]['name']}'{more})")


def _shown(policies: Path, case: Case) -> str:
    return Report((), shown_folder(policies)).shown(case.file)
