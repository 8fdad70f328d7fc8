"""Writing a report to where its format belongs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from policyc.cli.console import colour
from policyc.cli.formats import Format
from policyc.diagnostics import Diagnostic, Located, sort_key
from policyc.diagnostics.reporters import Report
from policyc.source import locate


def located(root: Path, diagnostics: Iterable[Diagnostic]) -> tuple[Located, ...]:
    """The findings with their places, each once, in the order of a report."""
    unique = list(dict.fromkeys(diagnostics))
    if not unique:
        return ()
    in_files = [found for found in unique if found.location.file]
    others = [Located(found, None, (None,) * len(found.related)) for found in unique if not found.location.file]
    return tuple(sorted([*others, *(locate(root, in_files) if in_files else ())], key=sort_key))


def shown_folder(policies: Path) -> str:
    """The policies folder as reports name it: relative to here where it lies below, so that GitHub finds the file."""
    if policies.is_absolute():
        try:
            policies = policies.relative_to(Path.cwd())
        except (ValueError, OSError):
            return policies.as_posix()
    return policies.as_posix()


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


def say_written(output: Path, written: int, unchanged: int, removed: int) -> str:
    """What a run has done to the output folder."""
    return f"{output.as_posix()}: {count_of_files(written)} written, {unchanged} unchanged, {removed} removed"


def count_of_files(number: int) -> str:
    """`1 file`, `2 files`."""
    return f"{number} file{'' if number == 1 else 's'}"
