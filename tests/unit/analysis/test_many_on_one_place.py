"""Many settings on one place give one finding each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policyc.analysis import Context
from policyc.analysis.same_place import same_place
from policyc.model import (
    Append,
    Collection,
    Condition,
    Data,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    Project,
    Setting,
    SetValue,
    View,
    Write,
)
from registry_settings import registry_setting

ORIGIN = Location("pilot.yaml")
PLACE = Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\Example", "Value")


def setting(number: int, condition: Condition, kind: Kind, write: Write, default: Data | None = None) -> Setting:
    origin = ORIGIN.below("settings", f"s{number}")
    return registry_setting(f"s{number}", "Title", PLACE, condition, origin, kind=kind, write=write, default=default)


def codes(*settings: Setting) -> list[str]:
    collection = Collection("Pilot", "pilot", ORIGIN, settings=settings)
    project = Project("Estate", "Estate", ORIGIN, "8ee4ffd4-acdb-58d3-be46-275fec287ebb", collections=(collection,))
    return [found.code for found in same_place(project, Context(date(2026, 1, 1), Path()))]


def test_a_thousand_that_say_the_same_give_a_note_each() -> None:
    same = [setting(n, Condition(Operator.EQUALS, (1,)), Kind.DWORD, SetValue(1)) for n in range(1000)]
    assert codes(*same) == ["PC0417"] * 999


def test_a_thousand_that_fight_give_an_error_each() -> None:
    fighting = [setting(n, Condition(Operator.EQUALS, (n,)), Kind.DWORD, SetValue(n)) for n in range(1000)]
    assert codes(*fighting) == ["PC0415"] * 999


def test_lists_that_are_completed_from_different_defaults_would_be_written_differently() -> None:
    one = setting(1, Condition(Operator.CONTAINS, ("a",)), Kind.MULTI_STRING, Append(("a",)), ("b",))
    other = setting(2, Condition(Operator.CONTAINS, ("b",)), Kind.MULTI_STRING, Append(("b",)), ("c",))
    assert codes(one, other) == ["PC0416"]
