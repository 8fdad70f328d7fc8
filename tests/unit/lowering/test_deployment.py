"""The `deployment` blocks: what is said where, and what holds where nothing is."""

from __future__ import annotations

from datetime import datetime

import pytest

from policyc.diagnostics import Diagnostic
from policyc.lowering.deployment import lower_deployment, moment, span
from policyc.model import Deployment, Interval, Location, MaintenanceWindow, Purpose, Rerun, Span

PROJECT = Location("project.yaml", ("configmgr", "deployment"))
PILOT = Location("pilot.yaml", ("deployment",))


def lower(project: dict[str, object], collection: dict[str, object]) -> tuple[Deployment, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return lower_deployment(((project, PROJECT), (collection, PILOT)), found), found


def test_nothing_said() -> None:
    assert lower({}, {}) == (Deployment(), [])


def test_the_collection_goes_before_the_project_word_by_word() -> None:
    project = {"purpose": "available", "distribution_point_groups": ["A", "B"], "phase": 3, "remediate": True}
    made, found = lower(project, {"distribution_point_groups": ["C"], "remediate": False})
    assert found == []
    assert made == Deployment(Purpose.AVAILABLE, remediate=False, distribution_point_groups=("C",), phase=3)


def test_an_empty_list_is_a_list() -> None:
    made, _ = lower({"security_scopes": ["A"]}, {"security_scopes": []})
    assert made.security_scopes == ()


def test_every_word() -> None:
    window = {"name": "Night", "start": "2026-12-05T22:00", "duration": "4 hours", "every": "7 days"}
    made, found = lower(
        {},
        {
            "start": "2026-12-01T20:30",
            "time_zone": "utc",
            "evaluate_every": "12 hours",
            "outside_maintenance_windows": True,
            "maintenance_windows": [window],
            "rerun": "always",
            "folder": "policyc/Pilot",
            "co_managed": True,
        },
    )
    assert found == []
    night = MaintenanceWindow(
        "Night", datetime.fromisoformat("2026-12-05T22:00"), Span(4, Interval.HOURS), Span(7, Interval.DAYS)
    )
    assert made == Deployment(
        start=datetime.fromisoformat("2026-12-01T20:30"),
        utc=True,
        evaluate_every=Span(12, Interval.HOURS),
        outside_maintenance_windows=True,
        maintenance_windows=(night,),
        rerun=Rerun.ALWAYS,
        folder="policyc/Pilot",
        co_managed=True,
    )


@pytest.mark.parametrize("text", ["2026-11-31T20:00", "2026-01-01T24:30", "0000-01-01T00:00", "2026-02-29T10:00"])
def test_a_day_that_is_not_in_the_calendar(text: str) -> None:
    found: list[Diagnostic] = []
    assert moment(text, PILOT.below("start"), found) is None
    assert [(one.code, one.location.path) for one in found] == [("PC0326", ("deployment", "start"))]


def test_a_mistake_of_the_project_is_told_once() -> None:
    found: list[Diagnostic] = []
    project = {"maintenance_windows": [{"name": "Night", "start": "2026-99-99T22:00", "duration": "4 hours"}]}
    for file in ("one.yaml", "two.yaml"):
        lower_deployment(((project, PROJECT), ({}, Location(file))), found)
    assert [one.location.path[-3:] for one in found] == [("maintenance_windows", 0, "start")]


@pytest.mark.parametrize(("text", "minutes"), [("1 minute", 1), ("59 minutes", 59), ("1 hour", 60), ("31 days", 44640)])
def test_spans(text: str, minutes: int) -> None:
    assert span(text).minutes == minutes
