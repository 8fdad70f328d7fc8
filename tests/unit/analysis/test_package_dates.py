"""PC0701 to PC0705: code, place, words, and whose output is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from policyc.analysis.package_dates import package_dates
from policyc.diagnostics import Diagnostic
from policyc.model import DeployAs, Location
from unit.analysis.estates import CONTEXT, collection, offboarding, onboarding, project

NAME = "WindowsDefenderATPOffboardingScript{}.cmd"
SCRIPT = Location("pilot.yaml", ("defender_atp", "package", "script"))


def find(suffix: str) -> list[Diagnostic]:
    leaving = collection("Leaving", "offboarded", packages=(offboarding(NAME.format(suffix)),))
    return list(package_dates(project(leaving), CONTEXT))


@pytest.mark.parametrize("day", ["2026-01-30", "2020-02-29"])
def test_past_its_date(day: str) -> None:
    (found,) = find(f"_valid_until_{day}")
    assert (found.code, found.level, found.location, found.holds) == ("PC0701", "error", SCRIPT, "leaving")
    assert found.message == f"The offboarding package of 'Leaving' was valid until {day} (today is 2026-01-31)"
    assert "download a new offboarding package" in found.help


@pytest.mark.parametrize(
    ("day", "left"),
    [("2026-01-31", "today is its last day"), ("2026-02-01", "one day is left"), ("2026-02-07", "7 days are left")],
)
def test_the_last_week(day: str, left: str) -> None:
    (found,) = find(f"_valid_until_{day}")
    assert (found.code, found.level, found.location, found.holds) == ("PC0702", "warning", SCRIPT, None)
    assert found.message == f"The offboarding package of 'Leaving' is valid until {day}: {left}"


@pytest.mark.parametrize("day", ["2026-02-08", "2026-03-02", "2026-03-03"])
def test_long_enough(day: str) -> None:
    assert find(f"_valid_until_{day}") == []


@pytest.mark.parametrize("suffix", ["", "_valid_until_YYYY-MM-DD", "_valid_until_", "_2026-02-20"])
def test_no_date(suffix: str) -> None:
    (found,) = find(suffix)
    assert (found.code, found.level, found.location, found.holds) == ("PC0703", "error", SCRIPT, "leaving")
    assert "'_valid_until_'" in found.help


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "0000-01-01", "2026-2-1"])
def test_no_such_date(day: str) -> None:
    (found,) = find(f"_valid_until_{day}")
    assert (found.code, found.level, found.location, found.holds) == ("PC0704", "error", SCRIPT, "leaving")
    assert found.message == f"'{day}' in the name of the offboarding package is no date"


@pytest.mark.parametrize("day", ["2026-03-04", "9999-12-31"])
def test_later_than_the_service_gives(day: str) -> None:
    (found,) = find(f"_valid_until_{day}")
    assert (found.code, found.level, found.location, found.holds) == ("PC0705", "error", SCRIPT, "leaving")
    assert f"valid until {day}: the service gives at most 30 days" in found.message


def test_the_built_in_policy_takes_the_other_file() -> None:
    package = offboarding(
        NAME.format(""), configuration_file="WindowsDefenderATP_valid_until_2026-01-01.offboarding", deploy_as=DeployAs.POLICY
    )
    leaving = collection("Leaving", "offboarded", packages=(package,))
    (found,) = package_dates(project(leaving), CONTEXT)
    assert (found.code, found.location.path[-1]) == ("PC0701", "configuration_file")


def test_only_the_day_of_the_run_decides() -> None:
    leaving = collection("Leaving", "offboarded", packages=(offboarding(NAME.format("_valid_until_2020-02-29")),))
    context = replace(CONTEXT, as_of=date(2020, 2, 10))
    assert list(package_dates(project(leaving), context)) == []
    assert list(package_dates(project(collection("Pilot", "onboarded", packages=(onboarding(),))), CONTEXT)) == []


def test_what_is_no_offboarding_package_at_all_has_no_date() -> None:
    leaving = collection("Leaving", "offboarded", packages=(offboarding("WindowsDefenderATPOnboardingScript.cmd"),))
    assert list(package_dates(project(leaving), CONTEXT)) == []
