"""Everything that a collection gets for CSPs, in files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from policyc.model import Collection, Project
from policyc.targets.csp.bodies import assignments, blob_setting, health_settings, oma_setting, policy, profile
from policyc.targets.csp.profile import Said, all_said, blob, monitored, way_back
from policyc.targets.csp.runbook import runbook
from policyc.targets.layout import layout
from policyc.targets.tenant import only_servers

FOLDER = "csp"
FILL_IN = "_project/csp/fill-in.ps1"


def collection_files(project: Project, collection: Collection) -> Iterator[tuple[str, bytes]]:
    """(Path below the collection's folder, content) of all its files."""
    if only_servers(collection):
        return
    said = all_said(collection)
    package, onboarded = blob(collection), monitored(collection)
    settings = [oma_setting(one) for one in said if not one.node.sensor]
    sensor = [oma_setting(one) for one in said if one.node.sensor]
    if package is not None:
        sensor.insert(0, blob_setting(package))
    if settings:
        yield f"{FOLDER}/settings/profile.json", layout(profile(project, collection, "settings", "settings", settings))
    if sensor:
        yield f"{FOLDER}/sensor/profile.json", layout(profile(project, collection, "sensor", "sensor", sensor))
        yield f"{FOLDER}/sensor/policy.json", layout(policy(project, collection, package, _sharing(said)))
    if onboarded is not None:
        health = health_settings(onboarded=onboarded)
        yield f"{FOLDER}/monitoring/profile.json", layout(profile(project, collection, "monitoring", "monitoring", health))
    back = [oma_setting(one) for one in way_back(said)]
    if back:
        yield f"{FOLDER}/way-back/profile.json", layout(profile(project, collection, "way-back", "way back", back))
    assigned = assignments(collection)
    if assigned is not None and (settings or sensor):
        yield f"{FOLDER}/assignments.json", layout(assigned)
    yield f"{FOLDER}/README.md", runbook(project, collection, said)


def _sharing(said: Sequence[Said]) -> int | None:
    return next((one.value for one in said if one.node.sensor and isinstance(one.value, int)), None)


@cache
def fill_in_script() -> bytes:
    """Puts the content of the tenant's file in the place of the reference to it; ASCII with LF."""
    return Path(__file__).with_name("fill-in.ps1").read_bytes()
