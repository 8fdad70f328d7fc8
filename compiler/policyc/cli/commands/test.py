"""`policyc test`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli.formats import Format, today
from policyc.cli.options import Policies

if TYPE_CHECKING:
    from policyc.diagnostics import Diagnostic
    from policyc.driver.test import Tested
    from policyc.simulation.cases import Case

_Named = dict[str, str]
"""A test: its file and its name."""

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Test files, or folders with some; without one, all below the policies folder."),
]


class TestFormat(StrEnum):
    """How results are written."""

    __test__ = False
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    JUNIT = "junit"


FormatOption = Annotated[
    TestFormat,
    typer.Option(
        "--format",
        help="text: for people, findings on stderr. For programs, on stdout: json; github, annotations of a workflow; junit, a "
        "case for each test.",
    ),
]


def test(  # the command's name
    paths: Paths = None,  # noqa: PT028
    policies: Policies = Path("policies"),  # noqa: PT028
    format: FormatOption = TestFormat.TEXT,  # noqa: PT028
) -> None:
    """Run the tests of the policies: files with a tests: head.

    Each test holds a collection against an imagined device, and says what must come of it. Nothing is compiled, and no
    machine is touched. Ends with 0 if all tests passed, with 1 if one failed or there is none.

    \b
    Examples:
      policyc test
      policyc test policies/tests/hardening.yaml
      policyc test --format junit > results.xml
    """
    from policyc.driver.test import NoTestsError, run

    wanted = Format(format.value)
    try:
        tested = run(paths or [], policies, today())
    except NoTestsError as unknown:
        raise typer.BadParameter(str(unknown), param_hint="PATH") from None
    if tested.stopped:
        raise typer.Exit(_stopped(policies, tested, wanted))
    _write(policies, tested.cases, tested.others, wanted)
    raise typer.Exit(0 if all(case.passed for case in tested.cases) else 1)


def _stopped(policies: Path, tested: Tested, format: Format) -> int:
    from policyc.cli.reporting import report, say

    report(policies, tested.others, format, {"tests": [], "passed": 0, "failed": 0})
    say(format, f"no test was run: {tested.stopped}")
    return 1


def _write(policies: Path, cases: Sequence[Case], others: Sequence[Diagnostic], format: Format) -> None:
    from policyc.cli.reporting import report, say
    from policyc.diagnostics.reporters import Report, shown_folder
    from policyc.diagnostics.reporters.plain import plain
    from policyc.source import located

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
    from policyc.diagnostics.reporters import Report, shown_folder

    return Report((), shown_folder(policies)).shown(case.file)
