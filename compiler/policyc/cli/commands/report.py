"""`policyc report`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli.formats import Format, today
from policyc.cli.options import AsOf, Policies

if TYPE_CHECKING:
    from policyc.report import Report


class ReportFormat(StrEnum):
    """How the report is written."""

    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"


_BY_ENDING = {".md": ReportFormat.MARKDOWN, ".json": ReportFormat.JSON}
FormatOption = Annotated[
    ReportFormat | None,
    typer.Option(
        "--format",
        help="html: one page; markdown: for a wiki; json: for programs.",
        show_default="by the file's ending, else html",
    ),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="File that is written.", show_default="standard output")
]


def report(
    policies: Policies = Path("policies"),
    format: FormatOption = None,
    output: OutputOption = None,
    as_of: AsOf = None,
) -> None:
    """Show the estate on one page: who gets what, what is covered, what ends, what conflicts.

    Collections with their settings by severity and kind; coverage of the lists that the project names under 'benchmarks';
    exceptions and packages with their last days; conflicts; what a rollback doesn't take back; every setting. The page opens
    from disk.

    \b
    Examples:
      policyc report --output report.html
      policyc report --output report.md
      policyc report --format json
    """
    from policyc.cli.reporting import report as tell
    from policyc.driver.report import estate_report

    found, errors = estate_report(policies, as_of or today())
    tell(policies, errors, Format.TEXT)
    if found is None:
        sys.stderr.write("no report: there are errors\n")
        raise typer.Exit(1)
    chosen = format or _BY_ENDING.get("" if output is None else output.suffix.lower(), ReportFormat.HTML)
    raise typer.Exit(0 if _write(_rendered(found, chosen), output) else 1)


def _rendered(found: Report, format: ReportFormat) -> bytes:
    if format is ReportFormat.HTML:
        from policyc.report import page

        return page.render(found)
    if format is ReportFormat.JSON:
        from policyc.report import as_json

        return as_json.render(found).encode("ascii")
    from policyc.report import as_markdown

    return "".join(as_markdown.render(found)).encode("utf-8", "backslashreplace")


def _write(data: bytes, output: Path | None) -> bool:
    if output is None:
        # The bytes as they are: a terminal's code page must not change them, nor the line ends.
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return True
    try:
        output.write_bytes(data)
    except OSError as failure:
        sys.stderr.write(f"error: '{output.as_posix()}' can't be written: {failure.strerror}\n")
        return False
    sys.stdout.write(f"{output.as_posix()}: written\n")
    return True
