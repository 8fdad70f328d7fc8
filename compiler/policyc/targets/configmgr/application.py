"""A vendor's script as an application: run again and again until its detection script finds the device as it should be."""

from __future__ import annotations

from policyc.model import Collection, Purpose, Setting
from policyc.powershell.scripts import Script, collection_script, entry
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.package import LAUNCHER_COMMAND, Package
from policyc.targets.configmgr.package_data import moment
from policyc.targets.lengths import shorten


def application_parameters(collection: Collection, package: Package) -> dict[str, object]:
    """New-CMApplication, but for the mark in the description."""
    return {
        "Name": shorten(package.name, limits.APPLICATION_NAME),
        "Description": f"{package.description}, from {collection.origin.file}",
        "Publisher": package.manufacturer,
        "LocalizedName": shorten(package.name, limits.APPLICATION_NAME),
        "AutoInstall": False,
    }


def deployment_type(package: Package) -> dict[str, object]:
    """Add-CMScriptDeploymentType, but for the application, the content and the detection script."""
    program = package.programs[0]
    return {
        "DeploymentTypeName": program.name,
        "InstallCommand": LAUNCHER_COMMAND,
        "ScriptLanguage": "PowerShell",
        "InstallationBehaviorType": "InstallForSystem",
        "LogonRequirementType": "WhetherOrNotUserLoggedOn",
        "UserInteractionMode": "Hidden",
        "RebootBehavior": "NoAction",
        "MaximumRuntimeMins": program.duration_minutes,
        "SlowNetworkDeploymentMode": "Download",
    }


def application_deployment(collection: Collection) -> dict[str, object]:
    """New-CMApplicationDeployment, but for application, collection and the mark in the comment."""
    deployment = collection.deployment
    required = deployment.purpose is Purpose.REQUIRED
    parameters: dict[str, object] = {
        "DeployAction": "Install",
        "DeployPurpose": "Required" if required else "Available",
        "UserNotification": "HideAll" if required else "DisplaySoftwareCenterOnly",
        "TimeBaseOn": "Utc" if deployment.utc else "LocalTime",
        "OverrideServiceWindow": deployment.outside_maintenance_windows,
        "RebootOutsideServiceWindow": False,
        "UseMeteredNetwork": False,
    }
    if deployment.start is not None:
        parameters["AvailableDateTime"] = moment(deployment.start)
        if required:
            parameters["DeadlineDateTime"] = moment(deployment.start)
    return parameters


def detection_script(collection: Collection, vocabulary: str) -> bytes:
    """Prints a line where the product's own state is as the policy says, nothing where it isn't yet."""
    observed: list[Setting] = [one for one in collection.settings if one.from_vocabulary == vocabulary and one.observed]
    if not observed:
        raise TypeError("nothing tells whether the application is there")
    rows = [entry(setting) for setting in observed]
    return collection_script(Script.DETECTION, collection, rows)
