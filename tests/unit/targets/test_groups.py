"""Which settings share a pair of compliance scripts."""

from __future__ import annotations

from policyc.model import (
    Collection,
    Condition,
    Granularity,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    Setting,
    SetValue,
    Severity,
    View,
)
from policyc.powershell.scripts import Script, entry, script_text
from policyc.targets.configmgr.groups import SCRIPT_BUDGET, groups

ORIGIN = Location("pilot.yaml")
WRITES_ONE = SetValue(1)


def setting(number, severity=Severity.WARNING, write=WRITES_ONE, title="A setting"):
    place = Place(Hive.MACHINE, View.BITS_64, rf"SOFTWARE\Example\{number}", "Value")
    condition = Condition(Operator.EQUALS, (1,))
    return Setting(f"setting-{number}", title, place, condition, ORIGIN, kind=Kind.DWORD, write=write, severity=severity)


def collection(*settings):
    return Collection("Pilot", "pilot", ORIGIN, settings=settings)


def test_a_group_has_one_severity_and_one_kind_of_remediation():
    found = groups(
        collection(
            setting(1),
            setting(2, Severity.CRITICAL, None),
            setting(3, write=None),
            setting(4, Severity.CRITICAL),
            setting(5),
        ),
        Granularity.GROUP,
    )
    assert [(group.id, [one.id for one in group.settings]) for group in found] == [
        ("critical-remediated", ["setting-4"]),
        ("critical-reported", ["setting-2"]),
        ("warning-remediated", ["setting-1", "setting-5"]),
        ("warning-reported", ["setting-3"]),
    ]


def test_one_setting_a_group_if_the_project_says_so():
    found = groups(collection(setting(1), setting(2)), Granularity.SETTING)
    assert [group.id for group in found] == ["setting-1", "setting-2"]


def test_a_large_group_goes_on_in_a_second_one_and_no_script_passes_the_budget():
    members = [setting(number) for number in range(200)]
    found = groups(collection(*members), Granularity.GROUP)
    assert [group.id for group in found][:2] == ["warning-remediated", "warning-remediated-2"]
    assert [one for group in found for one in group.settings] == members
    for group in found:
        rows = [entry(one) for one in group.settings]
        sizes = [len(script_text(script, slug="pilot", source="pilot.yaml", entries=rows)) for script in Script]
        assert max(sizes[-2:]) <= SCRIPT_BUDGET
