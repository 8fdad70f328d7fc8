"""Writing a report to where its format belongs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from policyc.cli.console import colour
from policyc.cli.formats import Format
from policyc.diagnostics import Diagnostic
from policyc.diagnostics.reporters import Report, shown_folder
from policyc.source import located


def report(
    policies: Path,
    diagnostics: Iterable[Diagnostic],
    format: Format,
    extra: Mapping[str, object] | None = None,
    *,
    fold: bool = False,
) -> None:
    """Write the findings: text to stderr (with `fold` a screenful of it), the formats for programs to stdout."""
    content = Report(located(policies, diagnostics), shown_folder(policies), extra or {})
    if format is Format.JSON:
        from policyc.diagnostics.reporters import as_json

        sys.stdout.writelines(as_json.render(content))
    elif format is Format.GITHUB:
        from policyc.diagnostics.reporters import github

        sys.stdout.writelines(github.render(content))
    elif format is Format.SARIF:
        from policyc.diagnostics.reporters import sarif

        sys.stdout.writelines(sarif.render(content))
    elif format is Format.JUNIT:
        from policyc.diagnostics.reporters import junit
        from policyc.source.files import find_files

        sys.stdout.writelines(junit.render(replace(content, files=tuple(find_files(policies).files))))
    elif content.located:
        from policyc.diagnostics.reporters import text

        sys.stderr.writelines(text.render(content, colour=colour(sys.stderr), fold=fold))
        sys.stderr.flush()


def say(format: Format, text: str) -> None:
    """A line for people, on stdout; nothing in the formats for programs."""
    if format is Format.TEXT:
        sys.stdout.write(f"{text}\n")


def say_day(format: Format, depends_on_the_day: str, day: date) -> None:
    """The day of the run, where another one could give other findings."""
    if depends_on_the_day:
        say(format, f"{depends_on_the_day} judged as of {day.isoformat()} (UTC)")
