"""The vdi target: a golden image of non-persistent virtual desktops, and what its clones start with.

What makes files is imported when the first is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policyc.diagnostics import Diagnostic
from policyc.model import VDI, Collection, Project
from policyc.targets.refusal import Refusal

if TYPE_CHECKING:
    from policyc.artifacts import Artifact, Build


class Vdi:
    """What is staged in an image, and what must not be in it."""

    name = VDI

    def check(self, project: Project) -> Iterable[Diagnostic]:  # noqa: ARG002 - the protocol's
        """Nothing: what it can't take, it refuses."""
        return ()

    def refusals(self, project: Project, collection: Collection) -> Iterable[Refusal]:  # noqa: ARG002 - the protocol's
        """What an image can't have."""
        from policyc.targets.vdi.checks import refusals

        return refusals(collection)

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterator[Artifact]:
        """Start-up entries, scripts and the page."""
        from policyc.artifacts import Artifact
        from policyc.targets.vdi.making import collection_files

        for path, content in collection_files(project, collection, build):
            yield Artifact(f"{collection.slug}/{path}", content, collection.origin.file, self.name)

    def project_artifacts(self, project: Project, build: Build) -> Iterable[Artifact]:  # noqa: ARG002 - the protocol's
        """Nothing for the project as a whole."""
        return ()
