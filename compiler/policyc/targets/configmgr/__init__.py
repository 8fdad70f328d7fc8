"""The ConfigMgr target: scripts for compliance settings and consoles, packages, a runbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyc.artifacts import Artifact, Build
from policyc.diagnostics import Diagnostic
from policyc.model import Collection, Mode, Project
from policyc.powershell.monitor_script import monitor_script
from policyc.powershell.scripts import Script, entry, script_text
from policyc.powershell.site_scripts import deploy_script
from policyc.targets.configmgr.checks import check
from policyc.targets.configmgr.compliance import compliance
from policyc.targets.configmgr.groups import items
from policyc.targets.configmgr.package import Package, built_packages, script_package, settings_programs, settings_scripts
from policyc.targets.configmgr.packages import package_files
from policyc.targets.configmgr.runbook import runbook
from policyc.targets.configmgr.site import deployment_json, site_json


class ConfigMgr:
    """What a ConfigMgr site takes, made by hand in the console or by a script."""

    name = "configmgr"

    def check(self, project: Project) -> Iterable[Diagnostic]:
        """Lengths and names that the site refuses."""
        return check(project)

    def artifacts(self, project: Project, collection: Collection, build: Build) -> Iterator[Artifact]:
        """Console scripts, compliance scripts by group, packages and the runbook of a collection."""
        for path, content in self._files(project, collection, build):
            yield Artifact(f"{collection.slug}/{path}", content, collection.origin.file, self.name)

    def project_artifacts(self, project: Project, build: Build) -> Iterator[Artifact]:
        """What the site's administrator starts, and what it knows of the project."""
        files = {"site.json": site_json(project), "deploy.ps1": deploy_script(), "monitor.ps1": monitor_script()}
        for path, content in files.items():
            sealed = build.sealed(path, content) if path.endswith(".ps1") else content
            yield Artifact(path, sealed, project.origin.file, self.name)

    def _files(self, project: Project, collection: Collection, build: Build) -> Iterator[tuple[str, bytes]]:
        console = console_scripts(collection)
        parts = items(collection, project.granularity)
        made = compliance(project, collection, parts, build)
        packages = _packages(project, collection)
        files = {
            **console,
            **dict(made.files),
            **{path: content for package in packages for path, content in package_files(project, collection, package, console)},
        }
        sealed = {
            path: build.sealed(f"{collection.slug}/{path}", content) if path.endswith(".ps1") else content
            for path, content in files.items()
            if not path.startswith("compliance/")
        }
        files.update(sealed)
        yield from files.items()
        yield "deployment.json", deployment_json(project, collection, made, packages, files)
        yield "README.md", runbook(project, collection, made, parts)


def _packages(project: Project, collection: Collection) -> tuple[Package, ...]:
    packages = [script_package(project, collection, script) for script in built_packages(collection)]
    programs = settings_scripts(collection)
    if programs:
        packages.append(settings_programs(project, collection, programs))
    return tuple(packages)


def console_scripts(collection: Collection) -> dict[str, bytes]:
    """detect.ps1, remediate.ps1 where something is remediated, and what undoes, which outlives the settings that it undoes.

    Where nothing is changed by policy, nothing is kept: rollback.ps1 does all that retire.ps1 could.
    """
    rows = [entry(setting) for setting in collection.settings]
    changed = [row for row in rows if row.setting.remediated]
    wanted = [(Script.DETECT, rows)] if rows else []
    wanted += [(Script.REMEDIATE, changed)] if changed else []
    wanted += [(Script.RETIRE, changed)] if collection.mode is not Mode.AUDIT else []
    wanted += [(Script.ROLLBACK, [])]
    return {
        f"{script}.ps1": script_text(script, slug=collection.slug, source=collection.origin.file, entries=entries)
        for script, entries in wanted
    }
