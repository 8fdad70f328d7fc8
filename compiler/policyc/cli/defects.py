"""A failure that is no finding: what the user is asked to do."""

from __future__ import annotations

import os
import sys

EXIT_CODE = 3
_MESSAGE = """\
policyc has run into a defect of its own: {summary}.
Your policies are not to blame, and no file was left half-written. Please report it with the command that you ran and
{trace}. Say which version you have ({version}).
"""


def report(defect: Exception) -> int:
    """Ask for a report; the traceback goes to a file, with POLICYC_DEBUG to the terminal. Gives the exit code."""
    from policyc import __version__
    from policyc.diagnostics.reporters.plain import plain

    summary = plain(" ".join(f"{type(defect).__name__}: {defect}".split()))[:300]
    if os.environ.get("POLICYC_DEBUG"):
        import traceback

        sys.stderr.writelines(traceback.format_exception(defect))
        trace = "what stands above"
    else:
        trace = _saved(defect)
    sys.stderr.write(_MESSAGE.format(summary=summary, trace=trace, version=__version__))
    return EXIT_CODE


def _saved(defect: Exception) -> str:
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="policyc-defect-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.writelines(traceback.format_exception(defect))
    except OSError:
        return "what it says with the environment variable POLICYC_DEBUG=1"
    return f"the file {file.name}"
