"""A project, collections and packages for the tests of this room."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from policyc.artifacts import Build
from policyc.model import (
    Action,
    Collection,
    Condition,
    DeployAs,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    Project,
    ScriptPackage,
    SetValue,
    Severity,
    VendorExitCode,
    View,
)
from policyc.targets.configmgr import ConfigMgr
from registry_settings import altered, registry_setting

ORIGIN = Location("pilot.yaml")

ONBOARDING = ScriptPackage(
    id="onboarding",
    product="Windows Defender ATP",
    action=Action.ONBOARD,
    script="WindowsDefenderATPOnboardingScript.cmd",
    exit_codes=(
        VendorExitCode(5, "offboarding data was found and could not be deleted", 105),
        VendorExitCode(65, "insufficient privileges", 165),
    ),
    other_exit_code=199,
    event_source="WDATPOnboarding",
    waits_for_setup=True,
    time_limit_seconds=600,
    duration_minutes=15,
    origin=ORIGIN.below("defender_atp", "package"),
    source=r"\\files.example.com\packages\defender-atp\onboarding",
    vocabulary="defender_atp",
)
APPLICATION = replace(ONBOARDING, deploy_as=DeployAs.APPLICATION)
POLICY = replace(ONBOARDING, deploy_as=DeployAs.POLICY, configuration_file="WindowsDefenderATP.onboarding")
OFFBOARDING = replace(
    ONBOARDING,
    id="offboarding",
    action=Action.OFFBOARD,
    script="WindowsDefenderATPOffboardingScript_valid_until_2026-12-31.cmd",
    event_source="WDATPOffboarding",
    waits_for_setup=False,
    valid_until=date(2026, 12, 31),
)
SETTING = registry_setting(
    id="lan-manager-level",
    title="Only NTLMv2 is sent, LM and NTLM are refused",
    place=Place(Hive.MACHINE, View.BITS_64, r"SYSTEM\CurrentControlSet\Control\Lsa", "LmCompatibilityLevel"),
    condition=Condition(Operator.AT_LEAST, (5,)),
    origin=ORIGIN.below("settings", "lan-manager-level"),
    kind=Kind.DWORD,
    default=3,
    write=SetValue(5),
    severity=Severity.CRITICAL,
    why="LM and NTLM answers can be cracked offline",
    references=("CIS 2.3.11.7",),
)
REPORTED = altered(SETTING, id="reported", title="Only looked at", write=None, severity=Severity.WARNING)
STATE = altered(
    REPORTED,
    id="defender-atp-onboarding",
    title="The device is onboarded",
    place=Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status", "OnboardingState"),
    condition=Condition(Operator.EQUALS, (1,)),
    default=None,
    severity=Severity.CRITICAL,
    observed=True,
    from_vocabulary="defender_atp",
)
"""What the product's own service writes."""
COLLECTION = Collection(name="Pilot workstations", slug="pilot-workstations", origin=ORIGIN)
PROJECT = Project(
    name="Example estate", publisher="Example IT", origin=Location("project.yaml"), id="8ee4ffd4-acdb-58d3-be46-275fec287ebb"
)


def deployment(project: Project, collection: Collection, build: Build | None = None) -> dict[str, Any]:
    """The collection's deployment.json, read."""
    made: dict[str, Any] = json.loads(files(project, collection, build)["deployment.json"])
    return made


def files(project: Project, collection: Collection, build: Build | None = None) -> dict[str, bytes]:
    """Everything that is written for the collection, by its path below the collection's folder."""
    made = ConfigMgr().artifacts(project, collection, build or Build())
    return {artifact.path.removeprefix(f"{collection.slug}/"): artifact.content for artifact in made}
