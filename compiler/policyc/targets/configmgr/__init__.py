"""The ConfigMgr target: scripts for compliance settings and consoles, packages, a runbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyc.artifacts import Artifact
from policyc.diagnostics import Diagnostic
from policyc.model import Collection, Project
from policyc.powershell.scripts import Script, entry, script_text
from policyc.targets.configmgr.checks import check
from policyc.targets.configmgr.groups import Group, groups
from policyc.targets.configmgr.packages import package_artifacts, settings_package
from policyc.targets.configmgr.runbook import runbook


class ConfigMgr:
    """What a ConfigMgr site takes, made by hand in the console or by a script."""

    name = "configmgr"

    def check(self, project: Project) -> Iterable[Diagnostic]:
        """Lengths and names that the site refuses."""
        return check(project)

    def artifacts(self, project: Project, collection: Collection) -> Iterator[Artifact]:
        """Console scripts, compliance scripts by group, packages and the runbook of a collection."""
        for path, content in self._files(project, collection):
            yield Artifact(f"{collection.slug}/{path}", content, collection.origin.file, self.name)

    def _files(self, project: Project, collection: Collection) -> Iterator[tuple[str, bytes]]:
        console = console_scripts(collection)
        yield from console.items()
        parts = groups(collection, project.granularity)
        for group in parts:
            yield from _compliance_scripts(collection, group)
        yield from package_artifacts(project, collection)
        if any(setting.remediated for setting in collection.settings):
            yield from settings_package(project, collection, console)
        yield "README.md", runbook(project, collection, parts)


def console_scripts(collection: Collection) -> dict[str, bytes]:
    """detect.ps1, remediate.ps1 where something is remediated, and rollback.ps1, which outlives the settings that it undoes."""
    rows = [entry(setting) for setting in collection.settings]
    changed = [row for row in rows if row.setting.remediated]
    wanted = [(Script.DETECT, rows), (Script.REMEDIATE, changed)]
    scripts = {
        f"{script}.ps1": script_text(script, slug=collection.slug, source=collection.origin.file, entries=entries)
        for script, entries in wanted
        if entries
    }
    rollback = script_text(Script.ROLLBACK, slug=collection.slug, source=collection.origin.file)
    return {**scripts, "rollback.ps1": rollback}


def _compliance_scripts(collection: Collection, group: Group) -> Iterator[tuple[str, bytes]]:
    rows = [entry(setting) for setting in group.settings]
    wanted = [Script.DISCOVERY, Script.REMEDIATION] if group.remediated else [Script.DISCOVERY]
    for script in wanted:
        text = script_text(script, slug=collection.slug, source=collection.origin.file, entries=rows)
        yield f"compliance/{group.id}/{script}.ps1", text
