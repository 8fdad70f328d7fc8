"""The last day of an offboarding package, which the vendor writes into its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Action, Collection, Location, Project, ScriptPackage

_VALID_UNTIL = re.compile(r"valid_until_([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?![0-9])", re.IGNORECASE | re.ASCII)
_SOON = timedelta(days=7)
_OTHER_CLOCKS = timedelta(days=1)
"""The service may be a day ahead of the runner."""
_DOWNLOAD = "download a new offboarding package from the portal and write the names of its files here"


def package_dates(project: Project, context: Context) -> Iterator[Diagnostic]:
    """An expired package is refused by the devices, so its own collection is held back; the last day itself is good."""
    for collection in project.collections:
        for package in collection.packages:
            if package.action is Action.OFFBOARD:
                yield from _package(collection, package, context.as_of)


def _package(collection: Collection, package: ScriptPackage, as_of: date) -> Iterator[Diagnostic]:
    names = {"configuration_file": package.configuration_file} if collection.built_in_policy else {"script": package.script}
    for key, name in names.items():
        if name:
            yield from _name(collection, package, name, package.origin.below(key), as_of)


def _name(collection: Collection, package: ScriptPackage, name: str, location: Location, as_of: date) -> Iterator[Diagnostic]:
    written = _VALID_UNTIL.search(name)
    if written is None:
        lowered = name.lower()
        if Action.ONBOARD in lowered and Action.OFFBOARD not in lowered:
            return  # no offboarding package at all, which its name already shows
        yield error(
            "PC0703",
            f"The name of the offboarding package '{name}' says no last day",
            location,
            help="write the name as the portal gives it: it ends in '_valid_until_' and the year, month and day",
            holds=collection.slug,
        )
        return
    try:
        last = date.fromisoformat(written[1])
    except ValueError:
        yield error(
            "PC0704",
            f"'{written[1]}' in the name of the offboarding package is no date",
            location,
            help="write the name as the portal gives it: year, month and day, as in '_valid_until_2026-02-28'",
            holds=collection.slug,
        )
        return
    if last < as_of:
        yield error(
            "PC0701",
            f"The offboarding package of '{collection.name}' was valid until {last} (today is {as_of})",
            location,
            help=_DOWNLOAD,
            holds=collection.slug,
        )
    elif last - as_of <= _SOON:
        days = (last - as_of).days
        left = "today is its last day" if not days else "one day is left" if days == 1 else f"{days} days are left"
        yield warning(
            "PC0702", f"The offboarding package of '{collection.name}' is valid until {last}: {left}", location, help=_DOWNLOAD
        )
    longest = package.longest_validity_days
    if longest is not None and last - as_of > timedelta(days=longest) + _OTHER_CLOCKS:
        yield error(
            "PC0705",
            f"No offboarding package is valid until {last}: the service gives at most {longest} days (today is {as_of})",
            location,
            help="write the name as the portal gives it: another date in the name doesn't make the package valid for longer",
            holds=collection.slug,
        )
