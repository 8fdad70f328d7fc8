"""Everything that a collection and the project get, in files."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.artifacts import Build
from policyc.model import Collection, Mode, Project
from policyc.powershell.monitor_script import monitor_script
from policyc.powershell.scripts import Script, collection_script, entry
from policyc.powershell.site_scripts import deploy_script
from policyc.targets.configmgr.compliance import compliance
from policyc.targets.configmgr.groups import items
from policyc.targets.configmgr.left_behind import left_behind_files
from policyc.targets.configmgr.own_scripts import own_files
from policyc.targets.configmgr.package import (
    SCRIPTS,
    Package,
    built_packages,
    script_package,
    settings_programs,
    settings_scripts,
)
from policyc.targets.configmgr.packages import package_files
from policyc.targets.configmgr.runbook import project_page, runbook
from policyc.targets.configmgr.site import deployment_json
from policyc.targets.configmgr.site_head import site_json


def project_files(project: Project, build: Build) -> Iterator[tuple[str, bytes]]:
    """(Path below the output folder, content) of what the site's administrator starts, and what it knows of the project."""
    yield "README.md", project_page(project)
    yield "site.json", site_json(project)
    for path, content in (("deploy.ps1", deploy_script()), ("monitor.ps1", monitor_script())):
        yield path, build.sealed(path, content)
    yield from left_behind_files(project, build)


def collection_files(project: Project, collection: Collection, build: Build) -> Iterator[tuple[str, bytes]]:
    """(Path below the collection's folder, content) of all its files."""
    parts = items(collection, project.granularity)
    made = compliance(project, collection, parts, build)
    yield from made.files
    packages = _packages(project, collection)
    files = {f"{SCRIPTS}/{name}": content for name, content in console_scripts(collection).items()}
    files.update({f"{SCRIPTS}/{name}": text.content for name, text in own_files(collection)})
    for package in packages:
        files.update(package_files(project, collection, package))
    for path, content in files.items():
        if path.endswith(".ps1"):
            files[path] = build.sealed(f"{collection.slug}/{path}", content)
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
    """detect.ps1, remediate.ps1 where something is remediated, and what undoes, which outlives the settings that it undoes."""
    rows = [entry(setting) for setting in collection.settings]
    changed = [row for row in rows if row.setting.remediated]
    wanted = [(Script.DETECT, rows)] if rows else []
    wanted += [(Script.REMEDIATE, rows)] if changed else []
    wanted += [(Script.ROLLBACK, changed if collection.mode is not Mode.AUDIT else [])]
    return {f"{script}.ps1": collection_script(script, collection, entries) for script, entries in wanted}
