"""`policyc plan`."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli.formats import CHANGES, DETAILED, today
from policyc.cli.options import AsOf, Policies

if TYPE_CHECKING:
    from policyc.driver.plan import Planned
    from policyc.model import Project
    from policyc.plan import Plan

_WRONG_USAGE = 2


class PlanFormat(StrEnum):
    """How a plan is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    SHEET = "sheet"
    SHEET_MARKDOWN = "sheet-markdown"


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
    PlanFormat,
    typer.Option(
        "--format",
        help="text: for people; json: for programs; markdown: for a pull request; sheet: one HTML page for the change board; "
        "sheet-markdown: the same for a ticket.",
    ),
]
Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder that `policyc compile` has written.")]
Detailed = Annotated[
    bool,
    typer.Option(DETAILED, help="End with 0 for no change, 2 for changes, and 1 for everything wrong, usage included."),
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
      policyc plan v1.4 v1.5 --format sheet > change.html
      policyc plan origin/main --detailed-exitcode --format json
    """
    from policyc.cli.console import progress
    from policyc.driver.plan import planned
    from policyc.plan import StateError

    day = as_of or today()
    try:
        found = planned(base, head, policies, output, day, progress)
    except StateError as failure:
        from policyc.diagnostics.reporters.plain import plain

        sys.stderr.write(f"error: {plain(failure.message)}\nhelp: {plain(failure.way_out)}\n")
        raise typer.Exit(_WRONG_USAGE if failure.is_usage else 1) from None
    _print(found, format, day)
    changes = detailed_exitcode and found.plan is not None and found.plan.has_changes
    raise typer.Exit(1 if found.errors else CHANGES if changes else 0)


def _print(found: Planned, format: PlanFormat, day: date) -> None:
    from policyc.cli.console import colour
    from policyc.diagnostics.reporters import Report

    plan, errors = found.plan, found.errors
    if format is PlanFormat.JSON:
        from policyc.diagnostics.reporters import as_json
        from policyc.plan.tree import tree

        content: dict[str, object] = {"asOf": day.isoformat(), "changes": None} if plan is None else tree(plan)
        sys.stdout.writelines(as_json.render(Report(errors, "", content)))
        return
    if errors:
        from policyc.diagnostics.reporters import text

        sys.stderr.writelines(text.render(Report(errors, ""), colour=colour(sys.stderr)))
        sys.stderr.flush()
    if plan is None:
        return
    if found.projects is not None and format in (PlanFormat.SHEET, PlanFormat.SHEET_MARKDOWN):
        sys.stdout.write(_sheet(plan, found.projects, format))
        return
    if format is PlanFormat.MARKDOWN:
        from policyc.plan import markdown

        sys.stdout.write(markdown.render(plan))
        return
    from policyc.plan.text import render

    sys.stdout.writelines(render(plan))


def _sheet(plan: Plan, projects: tuple[Project, Project], format: PlanFormat) -> str:
    from policyc.plan.sheet import make_sheet

    sheet = make_sheet(plan, *projects)
    if format is PlanFormat.SHEET:
        from policyc.plan import sheet_page

        return sheet_page.render(sheet).decode("ascii")
    from policyc.plan import sheet_markdown

    return sheet_markdown.render(sheet)
