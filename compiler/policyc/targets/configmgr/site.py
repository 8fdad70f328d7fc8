"""What deploy.ps1 and monitor.ps1 read of each collection: `deployment.json`.

It is data only. Objects of parameters are named and spelled as the parameters of the cmdlets that take them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from policyc.kinds import by_program
from policyc.model import Collection, DeployAs, Members, Project, ScriptPackage, Setting, log_name
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.application import application_deployment, application_parameters, deployment_type
from policyc.targets.configmgr.built_in import policy_parameters
from policyc.targets.configmgr.compliance import Compliance, Made
from policyc.targets.configmgr.exit_codes import SETTINGS
from policyc.targets.configmgr.package import Package, Program
from policyc.targets.configmgr.package_data import (
    OF_SETTINGS,
    after_parameters,
    codes,
    deployment_parameters,
    deployment_schedule,
    moment,
    program_parameters,
    schedule,
    span,
)
from policyc.targets.identity import HASH_LENGTH, mark, marked, object_id, state_hash
from policyc.targets.layout import layout

VERSION = 1
Tree = dict[str, object]


def deployment_json(
    project: Project,
    collection: Collection,
    compliance: Compliance,
    packages: tuple[Package, ...],
    content: Mapping[str, bytes],
    departed: Sequence[Mapping[str, str]] | None = None,
) -> bytes:
    """What a collection's objects shall be; `content` has every file of the collection's folder by its path.

    `departed` is there for the project's own: the collections that departed, each with its package.
    """
    writer = _Writer(project, collection, content)
    applications = [package for package in packages if package.is_application]
    return layout(
        {
            "version": VERSION,
            "slug": collection.slug,
            "owner": collection.owner,
            "adopts": list(collection.adopts),
            "log": log_name(collection.estate, collection.identity),
            "policy": collection.origin.file,
            "phase": collection.deployment.phase,
            "collection": writer.collection(),
            "baseline": None if compliance.baseline is None else writer.baseline(compliance.baseline, compliance.items),
            "packages": [writer.package(package) for package in packages if not package.is_application],
            "applications": [writer.application(package) for package in applications],
            "policies": [writer.policy(script) for script in collection.packages if script.deploy_as is DeployAs.POLICY],
            **({} if departed is None else {"departed": list(departed)}),
        }
    )


class _Writer:
    """Puts together the parts of one collection's deployment.json."""

    def __init__(self, project: Project, collection: Collection, content: Mapping[str, bytes]) -> None:
        self._project = project
        self._of = collection
        self._files = content

    def _identified(self, kind: str, key: str, state: Tree) -> Tree:
        """The state with its identity. In what order names are listed means nothing."""
        own = object_id(self._project.id, self._of.identity, kind, key)
        return {"id": own.hex, "hash": state_hash(_unordered(state)), **state}

    def _mark(self, kind: str, key: str, state: object) -> str:
        return mark(self._project.id, object_id(self._project.id, self._of.identity, kind, key), state_hash(state))

    def collection(self) -> Tree:
        of, deployment = self._of, self._of.deployment
        return self._identified(
            "collection",
            "",
            {
                "name": of.name,
                "collection_id": of.id,
                "limited_to": of.limited_to,
                "members": None if of.members is None else _members(of.members),
                "states": dict(of.vocabulary_states),
                "folder": deployment.folder,
                "security_scopes": list(deployment.security_scopes),
                "maintenance_windows": [
                    {
                        "name": window.name,
                        "start": moment(window.start),
                        "duration": span(window.duration),
                        "every": None if window.every is None else span(window.every),
                        "utc": deployment.utc,
                    }
                    for window in deployment.maintenance_windows
                ],
            },
        )

    def baseline(self, made: Made, items: tuple[Made, ...]) -> Tree:
        deployment = self._of.deployment
        remediates = deployment.remediate and any(one.remediated and not by_program(one) for one in self._of.settings)
        state: Tree = {
            "parameters": {
                "EnableEnforcement": remediates,
                "OverrideServiceWindow": deployment.outside_maintenance_windows,
            },
            "schedule": schedule(deployment, deployment.evaluate_every),
            "co_managed": deployment.co_managed,
        }
        return {
            **_made(made),
            "items": [{**_made(item), "scripts": item.scripts, "signed": item.signed} for item in items],
            "settings": [_setting(one) for one in self._of.settings],
            "deployment": {"hash": state_hash(state), **state},
        }

    def package(self, package: Package) -> Tree:
        parameters: Tree = {"Name": package.name, "Description": package.description, "Manufacturer": package.manufacturer}
        content = self._content(package)
        programs = [self._program(package, program) for program in package.programs]
        groups = list(self._of.deployment.distribution_point_groups)
        state = {"parameters": parameters, "content": content["hash"], "groups": sorted(groups)}
        written = self._mark("package", package.id, state)
        return {
            "id": object_id(self._project.id, self._of.identity, "package", package.id).hex,
            "hash": state_hash(state),
            "key": package.id,
            "action": _action(package),
            "parameters": {**parameters, "Description": marked(package.description, written, limits.PACKAGE_DESCRIPTION)},
            "content": content,
            "distribution_point_groups": groups,
            "programs": programs,
        }

    def _program(self, package: Package, program: Program) -> Tree:
        key = f"{package.id}/{program.name}"
        new, after = program_parameters(program), after_parameters(program)
        deployment = deployment_parameters(self._of, program)
        state = {"program": new, "after": after}
        deployed: Tree = {"parameters": deployment, "schedule": deployment_schedule(self._of, program)}
        comment = marked(program.comment, self._mark("program", key, state), limits.COMMENT)
        deployment_comment = marked(program.comment, self._mark("deployment", key, deployed), limits.COMMENT)
        return {
            "id": object_id(self._project.id, self._of.identity, "program", key).hex,
            "hash": state_hash(state),
            "name": program.name,
            "program": new,
            "after": {**after, "Comment": comment},
            "deploy": program.deployed,
            "deployment": {
                "id": object_id(self._project.id, self._of.identity, "deployment", key).hex,
                "hash": state_hash(deployed),
                "parameters": {**deployment, "Comment": deployment_comment},
                "schedule": deployed["schedule"],
            },
            # Those that are the same for all collections stand in site.json, by their name.
            "exit_codes": OF_SETTINGS if program.exit_codes == SETTINGS else codes(program.exit_codes),
        }

    def application(self, package: Package) -> Tree:
        script = package.staged
        if script is None:
            raise TypeError("an application deploys a vendor's script")
        parameters, kind = application_parameters(self._of, package), deployment_type(package)
        content = self._content(package)
        detection = f"{package.folder}/detection.ps1"
        deployed = application_deployment(self._of)
        groups = list(self._of.deployment.distribution_point_groups)
        state = {
            "parameters": parameters,
            "deployment_type": kind,
            "content": content["hash"],
            "detection": sha256(self._files[detection]).hexdigest(),
            "groups": sorted(groups),
        }
        written = self._mark("application", package.id, state)
        described = marked(str(parameters["Description"]), written, limits.APPLICATION_DESCRIPTION)
        comment = marked(package.programs[0].comment, self._mark("deployment", package.id, deployed), limits.COMMENT)
        return {
            "id": object_id(self._project.id, self._of.identity, "application", package.id).hex,
            "hash": state_hash(state),
            "key": package.id,
            "action": _action(package),
            "parameters": {**parameters, "Description": described},
            "deployment_type": kind,
            "detection_script": detection,
            "content": content,
            "distribution_point_groups": groups,
            "deployment": {
                "id": object_id(self._project.id, self._of.identity, "deployment", package.id).hex,
                "hash": state_hash(deployed),
                "parameters": {**deployed, "Comment": comment},
            },
            "exit_codes": codes(package.programs[0].exit_codes),
        }

    def policy(self, script: ScriptPackage) -> Tree:
        parameters = policy_parameters(self._of, script)
        file = {"name": script.configuration_file, "from": script.source, "last_day_utc": _day(script)}
        state = {"parameters": parameters, "file": file}
        written = self._mark("policy", script.id, state)
        described = marked(str(parameters["Description"]), written, limits.BUILT_IN_POLICY_DESCRIPTION)
        return {
            "id": object_id(self._project.id, self._of.identity, "policy", script.id).hex,
            "hash": state_hash(state),
            "key": script.id,
            "action": script.action.value,
            "parameters": {**parameters, "Description": described},
            "file": file,
        }

    def _content(self, package: Package) -> Tree:
        files = [
            {"name": name, "sha256": sha256(self._files[f"{package.source_folder}/{name}"]).hexdigest()}
            for name in package.content
        ]
        staged: Tree | None = None
        if package.staged is not None:
            script = package.staged
            staged = {"file": script.script, "from": script.source, "sha256": script.sha256, "last_day_utc": _day(script)}
        return {
            "folder": package.source_folder,
            "files": files,
            "hash": sha256(json.dumps([files, staged]).encode("ascii")).hexdigest()[:HASH_LENGTH],
            "staged": staged,
            "source": package.source,
        }


def _unordered(tree: object) -> object:
    """The tree with its lists of names sorted."""
    if isinstance(tree, dict):
        return {key: _unordered(value) for key, value in tree.items()}
    if isinstance(tree, list) and all(isinstance(part, str) for part in tree):
        return sorted(tree)
    return tree


def _members(members: Members) -> Tree:
    return {
        "query": members.query,
        "devices": list(members.devices),
        "include": list(members.include),
        "exclude": list(members.exclude),
    }


def _setting(setting: Setting) -> Tree:
    said: Tree = {"id": setting.id, "title": setting.title, "severity": setting.severity.value}
    return {**said, "changed_by": "program"} if by_program(setting) else said


def _made(made: Made) -> Tree:
    return {
        "id": made.id.hex,
        "hash": made.hash,
        "name": made.name,
        "description": made.description,
        "unique_id": made.unique_id,
        "revision": made.revision,
        "cabinet": made.cabinet,
    }


def _action(package: Package) -> str:
    return "settings" if package.staged is None else package.staged.action.value


def _day(script: ScriptPackage) -> str | None:
    return None if script.valid_until is None else script.valid_until.isoformat()
