"""What the project itself has on the site: a report of whose changes are on devices, and a rollback of what departed.

All of it lies below `_project/`, as that of a collection does below its folder, and deploy.ps1 brings it to the site in the
same way. The report goes to a collection that devices don't leave; no run deploys a rollback by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from policyc.artifacts import Build
from policyc.artifacts.paths import PROJECT_FOLDER
from policyc.kinds import may_take_long
from policyc.lowering.slugs import slug
from policyc.model import Collection, Mode, Platform, Project, Rerun, Severity, is_derived
from policyc.powershell.left_behind import left_behind_script
from policyc.powershell.scripts import Script, script_text
from policyc.targets.configmgr import exit_codes, limits
from policyc.targets.configmgr.compliance import FOLDER, Compliance, made_baseline, made_item
from policyc.targets.configmgr.digest import ConfigurationItem, Identity, ScriptSetting
from policyc.targets.configmgr.package import (
    LAUNCHER_COMMAND,
    LONG_DURATION_MINUTES,
    RERUNS,
    SETTINGS_DURATION_MINUTES,
    SETTINGS_PROGRAMS,
    Package,
    Program,
    package_source,
)
from policyc.targets.configmgr.packages import package_files
from policyc.targets.configmgr.platforms import rule_ids
from policyc.targets.configmgr.site import deployment_json
from policyc.targets.identity import object_id, scope_id, short
from policyc.targets.lengths import shorten

ITEM = "left-behind"
_AFTER_ALL_OTHERS = 0
"""A phase that no collection has: deploy.ps1 takes it last."""
_WHOM = "a collection of just the devices that monitor.ps1 lists"


def left_behind_files(project: Project, build: Build) -> Iterator[tuple[str, bytes]]:
    """(Path below the output folder, content). Nothing where neither a report is wanted nor anything has departed."""
    if not project.left_behind.report and not project.departed:
        return
    whom = _reported_in(project)
    made = _report(project, whom, build) if project.left_behind.report else Compliance((), None, ())
    packages = tuple(_release(project, whom, name, build) for name in project.departed)
    files: dict[str, bytes] = {}
    for name, package in zip(project.departed, packages, strict=True):
        path = f"{package.source_folder}/{Script.ROLLBACK}.ps1"
        files[path] = build.sealed(f"{PROJECT_FOLDER}/{path}", _rollback(project, name, build))
        files.update(package_files(project, replace(whom, name=_WHOM, id=None), package))
    departed = [
        {"owner": slug(name), "name": name, "package": package.id}
        for name, package in zip(project.departed, packages, strict=True)
    ]
    everything = (
        *made.files,
        *files.items(),
        ("deployment.json", deployment_json(project, whom, made, packages, files, departed)),
    )
    for path, content in everything:
        yield f"{PROJECT_FOLDER}/{path}", content


def _reported_in(project: Project) -> Collection:
    """The collection of the report, as one that is somebody else's: nothing of it is changed."""
    told = project.left_behind
    return Collection(
        name=told.collection,
        slug=PROJECT_FOLDER,
        origin=project.origin,
        id=told.id,
        estate=project.id,
        mode=Mode.AUDIT,
        platforms=(Platform.ALL,),
        deployment=replace(
            told.deployment, remediate=False, folder=None, maintenance_windows=(), rerun=None, phase=_AFTER_ALL_OTHERS
        ),
    )


def _report(project: Project, whom: Collection, build: Build) -> Compliance:
    files: list[tuple[str, bytes]] = []
    name = f"Left behind on devices - {shorten(project.name, 200)} ({short(project.id)})"
    path = f"{FOLDER}/{ITEM}/{Script.DISCOVERY}.ps1"
    script = left_behind_script(project.id, project.origin.file, map(slug, project.departed))
    sealed = build.sealed(f"{PROJECT_FOLDER}/{path}", script)
    files.append((path, sealed))
    setting = ScriptSetting(
        str(object_id(project.id, whom.identity, "setting", ITEM)),
        "Nothing is left of collections that departed",
        "Names departed collections that changed something here; behind 'others:' the project's other ones that did",
        sealed.decode("ascii"),
        None,
        Severity.WARNING,
        begins=True,
    )
    plain = ConfigurationItem(
        Identity(scope_id(project.id), f"OperatingSystem_{object_id(project.id, whom.identity, 'item', ITEM)}", 0),
        name,
        f"Reports only, from {project.origin.file}",
        (setting,),
        rule_ids(whom.platforms, project.server_version),
    )
    item = made_item(project, whom, ITEM, plain, [(script, None)], build, files, signed=sealed != script)
    baseline = made_baseline(project, whom, name, [item], build, files)
    return Compliance(tuple(files), baseline, (item,))


def _release(project: Project, whom: Collection, name: str, build: Build) -> Package:
    """The package that undoes what a departed collection changed."""
    undo = SETTINGS_PROGRAMS[-1]
    key = slug(name)
    long = any(map(may_take_long, _kinds(build, key)))
    program = Program(
        name=undo.name,
        command_line=f"{LAUNCHER_COMMAND} {undo.words}",
        comment=shorten(f"For '{name}', which departed", limits.COMMENT),
        duration_minutes=LONG_DURATION_MINUTES if long else SETTINGS_DURATION_MINUTES,
        # For the reasons of other rollbacks: each is a new deployment, and safe to run twice.
        rerun=RERUNS[Rerun.ALWAYS],
        recurs_daily=False,
        exit_codes=exit_codes.SETTINGS,
        deployed=False,
    )
    return Package(
        id=key,
        name=f"Release - {shorten(name, limits.PACKAGE_NAME - 10)}",
        description="Undoes on devices what a collection changed that departed",
        manufacturer=project.publisher,
        content=(f"{Script.ROLLBACK}.ps1", "run.cmd"),
        programs=(program,),
        source=package_source(project, whom, key),
        alone=True,
    )


def _kinds(build: Build, identity: str) -> tuple[str, ...]:
    """The kinds of what a collection changed that is there no more."""
    return next((one.kinds for one in build.collections if one.identity == identity), ())


def _rollback(project: Project, name: str, build: Build) -> bytes:
    """rollback.ps1 of a departed collection, which works from the journal alone, and knows the kinds of what it changed."""
    identity = slug(name)
    kinds = _kinds(build, identity)
    adopts = (identity,) if is_derived(project.id) else ()
    source = project.origin.file
    return script_text(Script.ROLLBACK, slug=identity, source=source, estate=project.id, adopts=adopts, kinds=kinds)
