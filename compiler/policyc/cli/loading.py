"""The policies as `validate` sees them, for commands that ask about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policyc.cli.formats import today
from policyc.cli.pipeline import check_sources
from policyc.diagnostics import Diagnostic
from policyc.model import Project
from policyc.source import Sources, load_project


@dataclass(frozen=True, slots=True)
class Loaded:
    """Policies that were checked."""

    sources: Sources
    project: Project | None
    """None where none came of them."""
    errors: tuple[Diagnostic, ...]
    """What keeps everything from being compiled. What holds back one collection until a day is renewed isn't among them."""
    passed_over: tuple[Diagnostic, ...]
    """Warnings of files that weren't read."""


def settled_project(policies: Path) -> Loaded:
    """Load and check a folder of policies."""
    sources = load_project(policies)
    checked = check_sources(sources, today())
    errors = tuple(one for one in checked.diagnostics if one.is_error and one.holds is None)
    return Loaded(sources, checked.project, errors, tuple(one for one in sources.diagnostics if not one.is_error))
