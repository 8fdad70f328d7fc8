"""`policyc plan`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from policyc.cli.options import AsOf, Policies


class PlanFormat(StrEnum):
    """How a plan is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


Base = Annotated[
    str | None,
    typer.Argument(
        metavar="BASE", help="Commit to start from: a branch, a tag, a hash.", show_default="what the output folder holds"
    ),
]
Head = Annotated[
    str | None, typer.Argument(metavar="HEAD", help="Commit to arrive at.", show_default="the policies as they are on disk")
]
FormatOption = Annotated[
    PlanFormat, typer.Option("--format", help="text: for people; json: for programs; markdown: for a pull request.")
]
Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder that `policyc compile` has written.")]
Detailed = Annotated[
    bool,
    typer.Option(
        "--detailed-exitcode", help="End with 0 for no change, 2 for changes, and 1 for everything wrong, usage included."
    ),
]


def plan(
    base: Base = None,
    head: Head = None,
    policies: Policies = Path("policies"),
    output: Output = Path("output"),
    format: FormatOption = PlanFormat.TEXT,
    as_of: AsOf = None,
    *,
    detailed_exitcode: Detailed = False,
) -> None:
    """Say what a change of the policies changes, and write nothing.

    For each collection and setting: what is added, removed, strengthened or weakened, what stays behind on devices, and which
    revisions will rise. Formatting, comments, order and renamed files are no change.

    \b
    Examples:
      policyc plan
      policyc plan origin/main
      policyc plan v1.4 v1.5 --format markdown
      policyc plan origin/main --detailed-exitcode --format json
    """
    from policyc.cli.detailed import CHANGES
    from policyc.cli.planning import run

    code, changes = run(base, head, policies, output, format, as_of)
    raise typer.Exit(CHANGES if detailed_exitcode and changes and not code else code)
