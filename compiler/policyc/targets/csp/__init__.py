"""The CSP target: nodes of configuration service providers, set by a custom profile (OMA-URI) of Intune.

What makes files is imported when the first is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policyc.diagnostics import Diagnostic
from policyc.model import CSP, Collection, Project
from policyc.targets.refusal import Refusal

if TYPE_CHECKING:
    from policyc.artifacts import Artifact, Build


class Csp:
    """Profiles that a tenant takes, and the same of the product as a policy for endpoint detection and response."""

    name = CSP

    def check(self, project: Project) -> Iterable[Diagnostic]:
        """What two systems bring to one device."""
        from policyc.targets.csp.checks import check

        return check(project)

    def refusals(self, project: Project, collection: Collection) -> Iterable[Refusal]:  # noqa: ARG002 - the protocol's
        """What has no node, and what a profile can't do."""
        from policyc.targets.csp.checks import refusals

        return refusals(collection)

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterator[Artifact]:  # noqa: ARG002
        """Profiles, the policy, assignments and the page of a collection."""
        from policyc.artifacts import Artifact
        from policyc.targets.csp.making import collection_files

        for path, content in collection_files(project, collection):
            yield Artifact(f"{collection.slug}/{path}", content, collection.origin.file, self.name)

    def project_artifacts(self, project: Project, build: Build) -> Iterator[Artifact]:
        """The script that fills the tenant's blob in, once for all collections."""
        from policyc.artifacts import Artifact
        from policyc.targets.csp.making import FILL_IN, fill_in_script

        yield Artifact(FILL_IN, build.sealed(FILL_IN, fill_in_script()), project.origin.file, self.name)
