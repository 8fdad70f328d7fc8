"""What a run reports."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from policyc.diagnostics.diagnostic import Diagnostic, Level, Located
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Totals:
    """How many findings of each level."""

    errors: int
    warnings: int
    notes: int

    def __str__(self) -> str:
        """As the last line of a report says it.

        >>> str(Totals(2, 1, 0))
        '2 errors, 1 warning'
        """
        named = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")]
        return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in named if number)


def count(diagnostics: Iterable[Diagnostic]) -> Totals:
    """The totals of these findings."""
    levels = [found.level for found in diagnostics]
    return Totals(levels.count(Level.ERROR), levels.count(Level.WARNING), levels.count(Level.NOTE))


def shown_folder(policies: Path) -> str:
    """The policies folder as reports name it: relative to here where it lies below, so that GitHub finds the file."""
    if policies.is_absolute():
        try:
            policies = policies.relative_to(Path.cwd())
        except (ValueError, OSError):
            return policies.as_posix()
    return policies.as_posix()


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, and what else the machine-readable formats say of the run."""

    located: tuple[Located, ...]
    folder: str
    """The policies folder as the user named it, POSIX: what files are shown below."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Further members of the JSON object, as the command documents them."""
    files: tuple[str, ...] = ()
    """Policy files that were checked, for the formats that also say what was found to be right."""
    tests: Mapping[Diagnostic, Sequence[Mapping[str, str]]] | None = None
    """The tests that each finding comes of, for the JSON object; None where the run was about no tests."""

    @property
    def totals(self) -> Totals:
        """How many findings of each level."""
        return count(item.diagnostic for item in self.located)

    def shown(self, file: str) -> str:
        """A policy file's name as the user would write it.

        >>> Report((), "policies").shown("rings/pilot.yaml")
        'policies/rings/pilot.yaml'
        """
        if not file:
            return self.folder
        if file.startswith("../"):
            # A state that lies elsewhere.
            return posixpath.normpath(f"{self.folder or '.'}/{file}")
        return file if self.folder in ("", ".") else f"{self.folder.rstrip('/')}/{file}"
