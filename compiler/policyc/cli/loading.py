"""The policies as compile sees them, for commands that ask about them and check nothing."""

from __future__ import annotations

from pathlib import Path

from policyc.analysis import settle
from policyc.diagnostics import Diagnostic
from policyc.lowering import lower
from policyc.model import Project
from policyc.source import Sources, load_project


def settled_project(policies: Path) -> tuple[Sources, Project | None, list[Diagnostic]]:
    """The files, the project (None where none came of them), and the errors."""
    sources = load_project(policies)
    project, found = lower(sources)
    if project is not None:
        # As compile does it: an order of precedence may have given a collection another rule.
        project, settled = settle(project)
        found += settled
    return sources, project, [one for one in (*sources.diagnostics, *found) if one.is_error]
