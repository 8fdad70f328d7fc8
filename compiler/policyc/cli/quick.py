"""`validate` and `compile`, and the short way to them past typer.

Importing typer and building its parameters takes three times as long as checking a small policy. So a command line that
holds nothing but known options, spelled out, is read here; everything else (help, abbreviations, completion, mistakes)
is left to typer, which hands over the same `Line`. A test holds the two to the same reading.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.cli.formats import Format, parse_day, today
from policyc.model.records import dataclass

if TYPE_CHECKING:
    from policyc.driver.order import Compared, Outcome, Written

_VALUES = {"--policies": "policies", "--output": "output", "--format": "format", "--as-of": "as_of", "--target": "target"}
_FLAGS = {"--read-packages": "read_packages", "--check": "check", "--all": "everything"}
_ONLY = {"--output": "compile", "--check": "compile", "--target": "compile", "--all": "validate"}
"""Options of one of the two."""


@dataclass(slots=True)
class Line:
    """A command line that was read."""

    command: str
    policies: Path = Path("policies")
    output: Path = Path("output")
    format: Format = Format.TEXT
    as_of: date | None = None
    read_packages: bool = False
    check: bool = False
    paths: list[Path] = field(default_factory=list)
    everything: bool = False
    target: str | None = None


def read(arguments: list[str]) -> Line | None:
    """The command line, None if it is one for typer."""
    if not arguments or arguments[0] not in ("validate", "compile"):
        return None
    line = Line(arguments[0])
    rest = iter(arguments[1:])
    for argument in rest:
        if _ONLY.get(argument, line.command) != line.command:
            return None
        if argument in _FLAGS:
            setattr(line, _FLAGS[argument], True)
        elif argument in _VALUES:
            text = next(rest, None)
            value = None if text is None or text.startswith("-") else _value(argument, text)
            if value is None:
                return None
            setattr(line, _VALUES[argument], value)
        elif argument.startswith("-") or not argument or line.command != "compile":
            return None
        else:
            line.paths.append(Path(argument))
    return line


def _value(option: str, text: str) -> Format | date | Path | str | None:
    try:
        if option == "--target":
            return text
        if option == "--format":
            return Format(text)
        return parse_day(text) if option == "--as-of" else Path(text)
    except ValueError:
        return None


def run(arguments: list[str]) -> int | None:
    """Run the command and give its exit code, or None if typer has to."""
    if os.environ.get("_POLICYC_COMPLETE"):
        return None
    line = read(arguments)
    if line is None:
        return None
    if line.command == "validate":
        return validate(line)
    from policyc.driver.order import NoSuchTargetError, UnknownPathError

    try:
        return compile(line)
    except (UnknownPathError, NoSuchTargetError):
        return None


def validate(line: Line) -> int:
    """Check all policies and print what was found; gives the exit code."""
    from policyc.cli.reporting import report, say, say_day
    from policyc.driver.check import check

    day = line.as_of or today()
    checked = check(line.policies, day, read_packages=line.read_packages)
    number = len(checked.collections)
    extra = {"asOf": day.isoformat(), "collections": number}
    report(line.policies, checked.diagnostics, line.format, extra, fold=not line.everything)
    say_day(line.format, checked.depends_on_the_day, day)
    if any(found.is_error for found in checked.diagnostics):
        return 1
    say(line.format, f"{number} collection{'' if number == 1 else 's'} checked")
    return 0


def compile(line: Line) -> int:  # noqa: A001 - the command's name
    """Write the output or compare it, and print what came of it; gives the exit code.

    Raises UnknownPathError and NoSuchTargetError.
    """
    from policyc.cli.console import progress
    from policyc.driver.order import Order, open_memory, unchanged

    day = line.as_of or today()
    order = Order(line.policies, line.output, day, line.paths, line.read_packages, line.check, line.target)
    memory = open_memory(order)
    outcome: Outcome | None = unchanged(order, memory)
    if outcome is None:
        from policyc.driver import output

        outcome = output.run(order, memory, progress)
    _tell(line, outcome, day)
    return 1 if any(found.is_error for found in outcome.diagnostics) else 0


def _tell(line: Line, outcome: Outcome, day: date) -> None:
    from policyc.cli.reporting import report, say, say_day
    from policyc.driver.order import Compared, Written

    extra: dict[str, object] = {"output": None}
    last: Iterable[str] = ["nothing was written"]
    if isinstance(outcome, Written):
        extra, last = {"output": outcome.figures}, _written(line, outcome)
    elif isinstance(outcome, Compared):
        extra, last = _compared(line, outcome)
    fold = not isinstance(outcome, Compared)
    report(line.policies, outcome.diagnostics, line.format, {"asOf": day.isoformat(), **extra}, fold=fold)
    say_day(line.format, outcome.depends_on_the_day, day)
    for text in last:
        say(line.format, text)


def _written(line: Line, outcome: Written) -> list[str]:
    if outcome.failed:
        return ["nothing was written, or not all of it: see above"]
    stay = {folder: "stays as it was" if folder.exists() else "is not written" for folder in outcome.held}
    files = outcome.figures
    written = _files(files["written"])
    return [
        *(f"held back: {folder.as_posix()} {what}" for folder, what in stay.items()),
        f"{line.output.as_posix()}: {written} written, {files['unchanged']} unchanged, {files['removed']} removed",
    ]


def _compared(line: Line, outcome: Compared) -> tuple[dict[str, object], list[str]]:
    comparison = outcome.comparison
    differences = comparison.differences
    if line.format is Format.TEXT:
        _print_diffs(found.diff for found in differences)
    drift = [{"path": one.path, "state": one.drift, "source": one.source, "diff": one.diff} for one in differences]
    count = f"{_files(len(drift))} out of date, {comparison.unchanged} as they should be"
    return {"unchanged": comparison.unchanged, "drift": drift}, [f"{line.output.as_posix()}: {count}"]


def _print_diffs(diffs: Iterable[str]) -> None:
    from policyc.diagnostics.reporters.plain import plain

    for diff in diffs:
        sys.stdout.writelines(f"{plain(line)}\n" for line in diff.split("\n")[:-1])
    sys.stdout.flush()


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"
