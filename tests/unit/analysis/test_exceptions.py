"""PC0420 and PC0421: code, place, words, and whose output is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policyc.analysis import PASSES
from policyc.analysis.exceptions import exceptions
from policyc.diagnostics import Diagnostic
from policyc.model import Exemption, Location
from unit.analysis.estates import CONTEXT, collection, project

AT = Location("pilot.yaml", ("exceptions", 0))


def find(expires: str, *settings: str, ticket: str | None = "CHG-1", as_of: date = CONTEXT.as_of) -> list[Diagnostic]:
    exemption = Exemption(settings or ("deny-lm",), "Scanners", "Print services", date.fromisoformat(expires), AT, ticket)
    pilot = collection("Pilot", exemptions=(exemption,))
    return list(exceptions(project(pilot, collection("Other")), replace(CONTEXT, as_of=as_of)))


@pytest.mark.parametrize("day", ["2026-01-30", "2020-02-29", "0001-01-01"])
def test_past_its_last_day(day: str) -> None:
    (found,) = find(day)
    assert (found.code, found.level, found.holds) == ("PC0420", "error", "pilot")
    assert found.location == AT.below("expires")
    assert found.message == f"The exception of 'Pilot' from 'deny-lm' ended on {day} (today is 2026-01-31)"
    assert found.help == (
        "ask 'Print services' (ticket CHG-1): renew it with a later day, or take it out and the setting is enforced again"
    )


@pytest.mark.parametrize(
    ("day", "left"),
    [("2026-01-31", "today is its last day"), ("2026-02-01", "one day is left"), ("2026-03-03", "31 days are left")],
)
def test_the_last_month(day: str, left: str) -> None:
    (found,) = find(day, "a", "b", "c", ticket=None)
    assert (found.code, found.level, found.holds, found.location) == ("PC0421", "warning", None, AT.below("expires"))
    assert found.message == f"The exception of 'Pilot' from 'a' and 2 more ends on {day}: {left}"
    assert found.help == ("ask 'Print services': renew it with a later day, or take it out and the settings are enforced again")


@pytest.mark.parametrize("day", ["2026-03-04", "9999-12-31"])
def test_long_enough(day: str) -> None:
    assert find(day) == []


@pytest.mark.parametrize("day", [date.min, date.max])
def test_any_day_of_the_calendar(day: date) -> None:
    assert [found.code for found in find("2026-01-31", as_of=day)] == ([] if day == date.min else ["PC0420"])


def test_it_is_among_the_passes() -> None:
    assert exceptions in PASSES
