"""The work of `policyc conflicts`."""

from __future__ import annotations

import sys
from pathlib import Path

from policyc.analysis import Answer, settle
from policyc.cli.formats import Format, MatrixFormat
from policyc.cli.reporting import report
from policyc.lowering import lower
from policyc.matrix import Matrix, matrix
from policyc.source import load_project


def run(policies: Path, format: MatrixFormat, output: Path | None) -> int:
    """Write the matrix of the estate; gives the exit code."""
    sources = load_project(policies)
    project, found = lower(sources)
    errors = [one for one in (*sources.diagnostics, *found) if one.is_error]
    if project is None or errors:
        # What has an error has no settings that could be compared.
        report(policies, errors, Format.TEXT)
        sys.stderr.write("no matrix: the policies have errors\n")
        return 1
    project, settled = settle(project)
    errors = [one for one in settled if one.is_error]
    report(policies, errors, Format.TEXT)
    whole = matrix(project, policies)
    if not _write(whole, format, output):
        return 1
    return 1 if errors or any(cell.answer is Answer.SURELY for cell in whole.conflicts) else 0


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
