"""Small estates for the tests of the analysis."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from policyc.analysis import Context
from policyc.model import (
    Action,
    Collection,
    Condition,
    Data,
    Hive,
    Kind,
    Location,
    Members,
    Operator,
    Place,
    Project,
    ScriptPackage,
    Setting,
    SetValue,
    Version,
    View,
    Write,
)
from registry_settings import registry_setting

TODAY = date(2026, 1, 31)
CONTEXT = Context(TODAY, Path("policies"))


def project(*collections: Collection, server: str | None = None, client: str | None = None) -> Project:
    return Project(
        "Example estate",
        "Example IT",
        Location("project.yaml"),
        "8ee4ffd4-acdb-58d3-be46-275fec287ebb",
        server_version=Version(server) if server else None,
        client_version=Version(client) if client else None,
        collections=collections,
    )


def collection(name: str, state: str | None = None, *, limited_to: str | None = None, **rest: Any) -> Collection:
    """A collection in `<name>.yaml`, lower case; members by `query`, `devices`, `include`, `exclude`."""
    rules = {key: rest.pop(key) for key in ("query", "devices", "include", "exclude") if key in rest}
    slug = name.lower().replace(" ", "-")
    return Collection(
        name,
        slug,
        Location(f"{slug}.yaml"),
        limited_to=limited_to,
        members=Members(**rules) if rules else None,
        vocabulary_states=(("defender_atp", state),) if state else (),
        **rest,
    )


def onboarding(script: str = "WindowsDefenderATPOnboardingScript.cmd", **rest: Any) -> ScriptPackage:
    return ScriptPackage(
        id="onboarding",
        product="Windows Defender ATP",
        action=Action.ONBOARD,
        script=script,
        exit_codes=(),
        other_exit_code=299,
        event_source="WDATPOnboarding",
        waits_for_setup=True,
        time_limit_seconds=600,
        duration_minutes=15,
        origin=Location("pilot.yaml").below("defender_atp", "package"),
        **rest,
    )


def offboarding(script: str, **rest: Any) -> ScriptPackage:
    return replace(onboarding(script, **rest), id="offboarding", action=Action.OFFBOARD, longest_validity_days=30)


def setting(
    id: str,
    operator: Operator = Operator.EQUALS,
    *operands: Data,
    key: str = r"SOFTWARE\Example",
    name: str | None = "Value",
    kind: Kind | None = Kind.DWORD,
    write: Write | None = None,
    exact_case: bool = False,
    hive: Hive = Hive.MACHINE,
    view: View = View.BITS_64,
    **rest: Any,
) -> Setting:
    if write is None and rest.pop("remediate", True) and operator is Operator.EQUALS:
        write = SetValue(operands[0])
    return registry_setting(
        id,
        id,
        Place(hive, view, key, name),
        Condition(operator, operands, exact_case),
        rest.pop("origin", Location("pilot.yaml").below("settings", id)),
        kind=kind,
        write=write,
        **rest,
    )
