"""The short way to `validate` and `compile`, past typer.

Importing typer and building its parameters takes three times as long as checking a small policy. So a command line that
holds nothing but known options, spelled out, is read here; everything else (help, abbreviations, completion, mistakes)
is left to typer. A test holds the two to the same reading.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from policyc.cli.formats import Format, parse_day

_VALUES = {"--policies": "policies", "--output": "output", "--format": "format", "--as-of": "as_of"}
_FLAGS = {"--read-packages": "read_packages", "--check": "check", "--all": "everything"}
_ONLY = {"--output": "compile", "--check": "compile", "--all": "validate"}
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


def _value(option: str, text: str) -> Format | date | Path | None:
    try:
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
        from policyc.cli import validating

        return validating.run(
            line.policies, line.format, line.as_of, read_packages=line.read_packages, everything=line.everything
        )
    from policyc.cli import compiling

    try:
        return compiling.run(
            line.paths,
            line.policies,
            line.output,
            line.format,
            line.as_of,
            read_packages=line.read_packages,
            check_only=line.check,
        )
    except compiling.UnknownPathError:
        return None
