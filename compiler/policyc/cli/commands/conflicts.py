"""`policyc conflicts`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli.formats import Format, MatrixFormat
from policyc.cli.options import Policies

if TYPE_CHECKING:
    from policyc.matrix import Matrix

FormatOption = Annotated[
    MatrixFormat,
    typer.Option("--format", help="text: the conflicts; csv: all pairs, for a spreadsheet; html: one page with the matrix."),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="File that is written.", show_default="standard output")
]


def conflicts(
    policies: Policies = Path("policies"),
    format: FormatOption = MatrixFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Show which collections can share a device, and what they fight over.

    Each pair of collections with settings for the same places: whether they share a device (never, surely, perhaps), why, and
    both places of each setting in conflict. Ends with 1 if collections that surely meet are in conflict.

    \b
    Examples:
      policyc conflicts
      policyc conflicts --format html --output conflicts.html
      policyc conflicts --format csv --output conflicts.csv
    """
    from policyc.analysis import Answer
    from policyc.cli.reporting import report
    from policyc.driver.conflicts import estate_matrix

    whole, errors = estate_matrix(policies)
    report(policies, errors, Format.TEXT)
    if whole is None:
        sys.stderr.write("no matrix: the policies have errors\n")
        raise typer.Exit(1)
    sound = _write(whole, format, output) and not errors
    raise typer.Exit(0 if sound and not any(cell.answer is Answer.SURELY for cell in whole.conflicts) else 1)


def _write(whole: Matrix, format: MatrixFormat, output: Path | None) -> bool:
    data = _rendered(whole, format)
    if output is None:
        # The bytes as they are: a terminal's code page must not change them, nor the line ends.
        if format is MatrixFormat.TEXT:
            sys.stdout.write(data.decode("utf-8"))
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return True
    # Excel takes a CSV file for UTF-8 only by its mark.
    mark = b"\xef\xbb\xbf" if format is MatrixFormat.CSV else b""
    try:
        output.write_bytes(mark + data)
    except OSError as failure:
        sys.stderr.write(f"error: '{output.as_posix()}' can't be written: {failure.strerror}\n")
        return False
    conflicts = len(whole.conflicts)
    sys.stdout.write(f"{output.as_posix()}: {conflicts} pair{'' if conflicts == 1 else 's'} in conflict\n")
    return True


def _rendered(whole: Matrix, format: MatrixFormat) -> bytes:
    if format is MatrixFormat.HTML:
        from policyc.matrix import page

        return page.render(whole)
    if format is MatrixFormat.CSV:
        from policyc.matrix import as_csv

        return as_csv.render(whole).encode("utf-8", "backslashreplace")
    from policyc.matrix import as_text

    return "".join(as_text.render(whole)).encode("utf-8", "backslashreplace")
