"""The work of `conflicts`: the matrix of the estate."""

from __future__ import annotations

from pathlib import Path

from policyc.analysis import settle
from policyc.diagnostics import Diagnostic
from policyc.lowering import lower
from policyc.matrix import Matrix, matrix
from policyc.source import load_project


def estate_matrix(policies: Path) -> tuple[Matrix | None, list[Diagnostic]]:
    """The matrix, and errors; None where they leave nothing that could be compared."""
    sources = load_project(policies)
    project, found = lower(sources)
    errors = [one for one in (*sources.diagnostics, *found) if one.is_error]
    if project is None or errors:
        # What has an error has no settings that could be compared.
        return None, errors
    project, settled = settle(project)
    return matrix(project, policies), [one for one in settled if one.is_error]
