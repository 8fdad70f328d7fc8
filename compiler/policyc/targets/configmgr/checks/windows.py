"""Maintenance windows: their names, and programs that fit into none of them."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.model import Collection, Location, MaintenanceWindow, Project, Purpose, upper
from policyc.targets.configmgr.package import built_packages, settings_minutes, settings_scripts


def windows(project: Project) -> Iterator[Diagnostic]:
    """Findings about the windows of each collection; those of the project's file are told once."""
    told: set[tuple[str, Location]] = set()
    for collection in project.collections:
        for found in (*_names(collection), *_too_short(collection)):
            if (found.code, found.location) not in told:
                told.add((found.code, found.location))
                yield found


def _names(collection: Collection) -> Iterator[Diagnostic]:
    first: dict[str, MaintenanceWindow] = {}
    for window in collection.deployment.maintenance_windows:
        other = first.setdefault(upper(window.name), window)
        if other is not window:
            yield error(
                "PC0508",
                f"two maintenance windows are called '{window.name}', and only the name tells them apart on the site",
                window.origin.below("name"),
                help="give one of them another name",
                related=[Related(other.origin.below("name"), "the other one")],
            )


def _too_short(collection: Collection) -> Iterator[Diagnostic]:
    """A required program runs only in a window that is as long as it may take; an available one when its user says so."""
    deployment = collection.deployment
    if not deployment.maintenance_windows or deployment.outside_maintenance_windows:
        return
    longest = max(deployment.maintenance_windows, key=lambda window: window.duration.minutes)
    needed = _minutes(collection) if deployment.purpose is Purpose.REQUIRED else 0
    if needed > longest.duration.minutes:
        yield warning(
            "PC0505",
            f"no maintenance window of '{collection.name}' is as long as its programs may run ({needed} minutes), "
            "so unless another collection brings a longer one, they never run",
            longest.origin.below("duration"),
            help=f"give it at least {needed} minutes, or write 'outside_maintenance_windows: true'",
        )


def _minutes(collection: Collection) -> int:
    """The longest that a program of the collection may run; 0 where it has none."""
    minutes = [script.duration_minutes for script in built_packages(collection)]
    if settings_scripts(collection):
        minutes.append(settings_minutes(collection))
    return max(minutes, default=0)
