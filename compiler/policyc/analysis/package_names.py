"""The names of a package's files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Action, Collection, Project, ScriptPackage

_SCRIPTS = {
    Action.ONBOARD: (
        re.compile(r"WindowsDefenderATPOnboardingScript\.cmd", re.IGNORECASE),
        "WindowsDefenderATPOnboardingScript.cmd",
    ),
    Action.OFFBOARD: (
        re.compile(r"WindowsDefenderATPOffboardingScript_valid_until_[0-9-]*\.cmd", re.IGNORECASE),
        "WindowsDefenderATPOffboardingScript_valid_until_YYYY-MM-DD.cmd",
    ),
}
_CONFIGURATION_FILES = {
    Action.ONBOARD: (".onboarding", "WindowsDefenderATP.onboarding"),
    Action.OFFBOARD: (".offboarding", "WindowsDefenderATP_valid_until_YYYY-MM-DD.offboarding"),
}
_STATES = {Action.ONBOARD: "onboarded", Action.OFFBOARD: "offboarded"}


def package_names(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Whether the files are those that the vendor gives for this deployment method and this direction."""
    for collection in project.collections:
        for package in collection.packages:
            if package.script and not collection.built_in_policy:
                yield from _script(collection, package)
            if package.configuration_file:
                yield from _configuration_file(collection, package, package.configuration_file)


def _other(action: Action) -> Action:
    return Action.OFFBOARD if action is Action.ONBOARD else Action.ONBOARD


def _means(name: str, action: Action) -> bool:
    """Whether a name speaks of onboarding (offboarding)."""
    return f"{action.value}ing" in name.lower()


def _script(collection: Collection, package: ScriptPackage) -> Iterator[Diagnostic]:
    name, action = package.script, package.action
    location = package.origin.below("script")
    pattern, vendor_name = _SCRIPTS[action]
    if pattern.fullmatch(name):
        return
    if not name.lower().endswith(".cmd") or any(sign in name for sign in "\\/:"):
        yield error(
            "PC0709",
            f"'{name}' isn't the file name of a .cmd script",
            location,
            help=f"write the name of the vendor's script alone, '{vendor_name}'; what holds it is the 'source:'",
            holds=collection.slug,
        )
    elif _means(name, _other(action)):
        yield error(
            "PC0706",
            f"'{name}' is the script for the other direction: the devices of '{collection.name}' are {_STATES[action]}",
            location,
            help=f"write '{vendor_name}', or 'state: {_STATES[_other(action)]}'",
            holds=collection.slug,
        )
    elif "local" in name.lower():
        yield error(
            "PC0708",
            f"'{name}' is the script for running by hand: it asks a question, and as SYSTEM nobody answers",
            location,
            help="download the package for the deployment method 'System Center Configuration Manager' from the portal",
            holds=collection.slug,
        )
    else:
        yield warning(
            "PC0707",
            f"'{name}' isn't the name that the portal gives",
            location,
            help=f"write '{vendor_name}', or rename the file back so that it can be told which package it is",
        )


def _configuration_file(collection: Collection, package: ScriptPackage, name: str) -> Iterator[Diagnostic]:
    action = package.action
    ending, vendor_name = _CONFIGURATION_FILES[action]
    if name.lower().endswith(ending):
        return
    swapped = name.lower().endswith(_CONFIGURATION_FILES[_other(action)][0])
    what = "is the file for the other direction" if swapped else "isn't what the built-in policy takes"
    yield error(
        "PC0710",
        f"'{name}' {what}: for devices that are {_STATES[action]} it ends in '{ending}'",
        package.origin.below("configuration_file"),
        help=f"write the name as the portal gives it, '{vendor_name}'",
        holds=collection.slug,
    )
