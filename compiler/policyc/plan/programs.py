"""The programs that a collection's packages have on a ConfigMgr site."""

from __future__ import annotations

from policyc.model import CONFIGMGR, Collection, Project
from policyc.plan.words import Words
from policyc.targets.configmgr.package import Program, built_packages, script_package, settings_programs, settings_scripts


def programs(project: Project, collection: Collection | None) -> dict[str, Words]:
    """`<package>/<program>` and what an administrator sees of it; none where it doesn't go by ConfigMgr."""
    if collection is None or CONFIGMGR not in collection.targets:
        return {}
    packages = [script_package(project, collection, script) for script in built_packages(collection)]
    if scripts := settings_scripts(collection):
        packages.append(settings_programs(project, collection, scripts))
    # An application has a deployment type instead.
    return {
        f"{package.id}/{program.name}": _words(program)
        for package in packages
        if not package.is_application
        for program in package.programs
    }


def _words(program: Program) -> Words:
    return {
        "command_line": program.command_line,
        "rerun": program.rerun,
        "duration_minutes": program.duration_minutes,
        "deployed": program.deployed,
    }
