"""The `deployment` blocks of project and collection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.model import Deployment, Interval, Location, MaintenanceWindow, Purpose, Rerun, Span
from policyc.model.deployment import AS_IT_COMES

_INTERVALS = {"minute": Interval.MINUTES, "hour": Interval.HOURS, "day": Interval.DAYS}

Block = tuple[dict[str, Any], Location]
"""A block and where it stands."""


def lower_deployment(blocks: tuple[Block, ...], found: list[Diagnostic]) -> Deployment:
    """What the blocks say together, the last before the first, key by key. Lists are replaced as one."""
    words: dict[str, Any] = {}
    places: dict[str, Location] = {}
    for tree, at in blocks:
        words.update(tree)
        places.update({word: at.below(word) for word in tree})
    defaults = AS_IT_COMES
    return Deployment(
        purpose=Purpose(words.get("purpose", defaults.purpose)),
        remediate=words.get("remediate", defaults.remediate),
        remediate_program=words.get("remediate_program", defaults.remediate_program),
        start=moment(words["start"], places["start"], found) if "start" in words else None,
        utc=words.get("time_zone") == "utc",
        evaluate_every=span(words["evaluate_every"]) if "evaluate_every" in words else defaults.evaluate_every,
        outside_maintenance_windows=words.get("outside_maintenance_windows", defaults.outside_maintenance_windows),
        maintenance_windows=tuple(
            _window(tree, places["maintenance_windows"].below(number), found)
            for number, tree in enumerate(words.get("maintenance_windows", ()))
        ),
        rerun=Rerun(words["rerun"]) if "rerun" in words else None,
        distribution_point_groups=tuple(dict.fromkeys(words.get("distribution_point_groups", ()))),
        folder=words.get("folder"),
        security_scopes=tuple(dict.fromkeys(words.get("security_scopes", ()))),
        phase=words.get("phase", defaults.phase),
        co_managed=words.get("co_managed", defaults.co_managed),
    )


def span(text: str) -> Span:
    """The length of time that the schema let through.

    >>> span("4 hours")
    Span(count=4, interval=<Interval.HOURS: 'Hours'>)
    """
    count, _, unit = text.partition(" ")
    return Span(int(count), _INTERVALS[unit.removesuffix("s")])


def moment(text: str, at: Location, found: list[Diagnostic]) -> datetime | None:
    """The day and time; None and an error where the calendar has no such day."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        finding = error(
            "PC0326",
            f"there is no such day or time as '{text}'",
            at,
            help="write a day of the calendar and a time from 00:00 to 23:59, as in '2026-12-05T22:00'",
        )
        # The project's block is read for each collection.
        if finding not in found:
            found.append(finding)
        return None


def _window(tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> MaintenanceWindow:
    return MaintenanceWindow(
        name=tree["name"],
        # A window without its moment stands beside an error, which keeps everything from being written.
        start=moment(tree["start"], at.below("start"), found) or datetime.min,  # noqa: DTZ901 - no zone: see Deployment.utc
        duration=span(tree["duration"]),
        every=span(tree["every"]) if "every" in tree else None,
        origin=at,
    )
