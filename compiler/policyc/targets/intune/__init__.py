"""The Intune target: Remediations, custom compliance, and how both come to a tenant.

What makes files is imported when the first is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policyc.diagnostics import Diagnostic
from policyc.model import INTUNE, Collection, Project
from policyc.targets.refusal import Refusal

if TYPE_CHECKING:
    from policyc.artifacts import Artifact, Build


class Intune:
    """What a tenant takes, uploaded by hand or through Graph."""

    name = INTUNE

    def check(self, project: Project) -> Iterable[Diagnostic]:
        """Numbers and sizes that the tenant refuses."""
        from policyc.targets.intune.checks import check

        return check(project)

    def refusals(self, project: Project, collection: Collection) -> Iterable[Refusal]:  # noqa: ARG002 - the protocol's
        """What a Remediation can't do."""
        from policyc.targets.intune.checks import refusals

        return refusals(collection)

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterator[Artifact]:
        """Script packages with their bodies and assignments, custom compliance, the runbook of a collection."""
        from policyc.artifacts import Artifact
        from policyc.targets.intune.making import collection_files

        for path, content in collection_files(project, collection, build):
            yield Artifact(f"{collection.slug}/{path}", content, collection.origin.file, self.name)

    def project_artifacts(self, project: Project, build: Build) -> Iterator[Artifact]:
        """deploy-intune.ps1 and what it knows of the project."""
        from policyc.artifacts import Artifact
        from policyc.targets.intune.making import project_files

        for path, content in project_files(project, build):
            yield Artifact(path, content, project.origin.file, self.name)
