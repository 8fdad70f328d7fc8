"""`policyc test`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from policyc.cli.options import Policies

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
    from policyc.cli.formats import Format
    from policyc.cli.testing import NoTestsError, run

    try:
        code = run(paths or [], policies, Format(format.value))
    except NoTestsError as unknown:
        raise typer.BadParameter(str(unknown), param_hint="PATH") from None
    raise typer.Exit(code)
