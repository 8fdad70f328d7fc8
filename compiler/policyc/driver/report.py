"""The work of `report`: the estate at a glance, and its benchmarks from the lists that the project names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policyc.diagnostics import Diagnostic
from policyc.driver.check import settled_project
from policyc.matrix import matrix
from policyc.model import Location
from policyc.report import Benchmark, Report, gather, read_benchmark
from policyc.source import Document


def estate_report(policies: Path, as_of: date) -> tuple[Report | None, list[Diagnostic]]:
    """The report, and errors, with any of which there is none."""
    loaded = settled_project(policies, as_of)
    errors = list(loaded.errors)
    if loaded.project is None or errors:
        return None, errors
    head = next(document for document in loaded.sources.documents if document.kind == "project")
    benchmarks = []
    for found in _benchmarks(policies, head):
        if isinstance(found, Diagnostic):
            errors.append(found)
        else:
            benchmarks.append(found)
    if errors:
        # Without one of its lists it would look whole.
        return None, errors
    return gather(loaded.project, matrix(loaded.project, policies), benchmarks, as_of), errors


def _benchmarks(policies: Path, head: Document) -> list[Benchmark | Diagnostic]:
    at = Location(head.file).below("benchmarks")
    return [read_benchmark(policies, name, file, at.below(name)) for name, file in head.tree.get("benchmarks", {}).items()]
