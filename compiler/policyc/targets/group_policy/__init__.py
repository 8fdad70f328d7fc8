"""The Group Policy target: a backup of a Group Policy object that `Import-GPO` takes.

What makes files is imported when the first is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policyc.diagnostics import Diagnostic
from policyc.model import GROUP_POLICY, Collection, Project
from policyc.targets.refusal import Refusal

if TYPE_CHECKING:
    from policyc.artifacts import Artifact, Build


class GroupPolicy:
    """What a domain takes, brought in by a person with the Group Policy module."""

    name = GROUP_POLICY

    def check(self, project: Project) -> Iterable[Diagnostic]:
        """What comes out otherwise than a policy says it."""
        from policyc.targets.group_policy.checks import check

        return check(project)

    def refusals(self, project: Project, collection: Collection) -> Iterable[Refusal]:  # noqa: ARG002 - the protocol's
        """What a Group Policy object can't say."""
        from policyc.targets.group_policy.checks import refusals

        return refusals(collection)

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterator[Artifact]:  # noqa: ARG002
        """The backup, LGPO's text and the runbook of a collection."""
        from policyc.artifacts import Artifact
        from policyc.targets.group_policy.making import collection_files

        for path, content in collection_files(project, collection):
            yield Artifact(f"{collection.slug}/{path}", content, collection.origin.file, self.name)

    def project_artifacts(self, project: Project, build: Build) -> Iterable[Artifact]:  # noqa: ARG002 - the protocol's
        """Nothing for the project as a whole."""
        return ()
