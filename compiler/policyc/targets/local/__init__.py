"""The local target: one script that a person runs on a machine that nothing manages.

What makes files is imported when the first is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policyc.diagnostics import Diagnostic
from policyc.model import LOCAL, Collection, Project
from policyc.targets.refusal import Refusal

if TYPE_CHECKING:
    from policyc.artifacts import Artifact, Build


class Local:
    """What a person takes to a machine."""

    name = LOCAL

    def check(self, project: Project) -> Iterable[Diagnostic]:  # noqa: ARG002 - the protocol's
        """Nothing: a file on a disk may be of any length."""
        return ()

    def refusals(self, project: Project, collection: Collection) -> Iterable[Refusal]:  # noqa: ARG002 - the protocol's
        """What one script can't do."""
        from policyc.targets.local.checks import refusals

        return refusals(collection)

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterator[Artifact]:
        """The script and its page."""
        from policyc.artifacts import Artifact
        from policyc.targets.local.making import collection_files

        for path, content in collection_files(project, collection, build):
            yield Artifact(f"{collection.slug}/{path}", content, collection.origin.file, self.name)

    def project_artifacts(self, project: Project, build: Build) -> Iterable[Artifact]:  # noqa: ARG002 - the protocol's
        """Nothing for the project as a whole."""
        return ()
