"""Passes over the whole project: what no single policy shows.

A pass is a function of the project and a context that yields diagnostics. It may rely on what lowering guarantees and must not
rely on another pass. A new one is a file here, its test, its catalogue pages, and a line in `PASSES`.

Before the passes, `settle` adds the exclude rules that the project's `precedence` asks for: they count like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from policyc.analysis.account_policies import account_policies
from policyc.analysis.build_queries import build_queries
from policyc.analysis.built_in_collections import built_in_collections
from policyc.analysis.collection_names import collection_names
from policyc.analysis.collisions import collisions
from policyc.analysis.conflicts import conflicts
from policyc.analysis.consequences import consequences
from policyc.analysis.context import Context
from policyc.analysis.defender_policies import defender_policies
from policyc.analysis.delayed_starts import delayed_starts
from policyc.analysis.device_names import device_names
from policyc.analysis.exceptions import exceptions
from policyc.analysis.fights import fights
from policyc.analysis.hazards import hazards
from policyc.analysis.legacy_audit import legacy_audit
from policyc.analysis.lost_defaults import lost_defaults
from policyc.analysis.meetings import Answer, Meetings
from policyc.analysis.mitigation_bytes import mitigation_bytes
from policyc.analysis.package_dates import package_dates
from policyc.analysis.package_files import package_files, reads_disk
from policyc.analysis.package_names import package_names
from policyc.analysis.precedence import settle
from policyc.analysis.queries import queries
from policyc.analysis.same_place import condition_of, same_place
from policyc.analysis.statements import statements
from policyc.analysis.versions import versions
from policyc.diagnostics import Diagnostic
from policyc.model import Project

PASSES: tuple[Callable[[Project, Context], Iterable[Diagnostic]], ...] = (
    collisions,
    collection_names,
    built_in_collections,
    queries,
    build_queries,
    versions,
    hazards,
    legacy_audit,
    mitigation_bytes,
    defender_policies,
    delayed_starts,
    consequences,
    same_place,
    lost_defaults,
    account_policies,
    statements,
    conflicts,
    exceptions,
    package_dates,
    package_names,
    device_names,
    package_files,
)


def analyse(project: Project, context: Context) -> list[Diagnostic]:
    """What all passes find, in their order."""
    return [found for a_pass in PASSES for found in a_pass(project, context)]


__all__ = ["PASSES", "Answer", "Context", "Meetings", "analyse", "condition_of", "fights", "reads_disk", "settle"]
