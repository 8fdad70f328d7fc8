"""The ConfigMgr target: scripts for compliance settings and consoles, packages, a runbook.

What makes files is imported when the first is asked for: `validate` only checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from policyc.diagnostics import Diagnostic
from policyc.model import Collection, Project
from policyc.targets.configmgr.checks import check

if TYPE_CHECKING:
    from policyc.artifacts import Artifact, Build


class ConfigMgr:
    """What a ConfigMgr site takes, made by hand in the console or by a script."""

    name = "configmgr"

    def check(self, project: Project) -> Iterable[Diagnostic]:
        """Lengths and names that the site refuses."""
        return check(project)

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterator[Artifact]:
        """Configuration items and baseline, console scripts, packages, data for deploy.ps1 and the runbook of a collection."""
        from policyc.artifacts import Artifact
        from policyc.targets.configmgr.making import collection_files
        from policyc.targets.configmgr.own_scripts import sources

        own = sources(collection)
        for path, content in collection_files(project, collection, build):
            built = _is_built(path, build)
            source = own.get("/".join(path.rsplit("/", 2)[-2:]), collection.origin.file) if own else collection.origin.file
            yield Artifact(f"{collection.slug}/{path}", content, source, self.name, built=built)

    def project_artifacts(self, project: Project, build: Build) -> Iterator[Artifact]:
        """deploy.ps1, monitor.ps1 and what they know of the project."""
        from policyc.artifacts import Artifact
        from policyc.targets.configmgr.making import project_files

        for path, content in project_files(project, build):
            yield Artifact(path, content, project.origin.file, self.name, built=_is_built(path, build))


def _is_built(path: str, build: Build) -> bool:
    """What git doesn't keep; a signed cabinet can't be made again."""
    return path.endswith(".cab") and not build.signed
