"""Which settings share a pair of compliance scripts."""

from __future__ import annotations

from dataclasses import replace

from policyc.kinds import KINDS
from policyc.model import (
    Collection,
    Condition,
    Granularity,
    Hive,
    Kind,
    Layer,
    Location,
    Operator,
    Place,
    Setting,
    SetValue,
    Severity,
    View,
)
from policyc.powershell.scripts import Script, entry, script_text
from policyc.targets.configmgr.groups import ITEM_BUDGET, groups, items
from policyc.targets.configmgr.limits import SCRIPT_BUDGET
from registry_settings import altered, registry_setting

ORIGIN = Location("pilot.yaml")
WRITES_ONE = SetValue(1)


def setting(number, severity=Severity.WARNING, write=WRITES_ONE, title="A setting"):
    place = Place(Hive.MACHINE, View.BITS_64, rf"SOFTWARE\Example\{number}", "Value")
    condition = Condition(Operator.EQUALS, (1,))
    return registry_setting(
        f"setting-{number}", title, place, condition, ORIGIN, kind=Kind.DWORD, write=write, severity=severity
    )


def collection(*settings):
    return Collection("Pilot", "pilot", ORIGIN, settings=settings)


def lowered(kind, id, **words):
    subject = KINDS[kind].lower({kind: words}, ORIGIN.below("settings", id), [], audit=False)
    return Setting(id, "A setting", subject, ORIGIN)


def grouped(*settings, granularity=Granularity.GROUP):
    return groups(collection(*settings), settings, granularity)


def test_a_group_has_one_severity_and_one_kind_of_remediation():
    found = grouped(
        setting(1),
        setting(2, Severity.CRITICAL, None),
        setting(3, write=None),
        setting(4, Severity.CRITICAL),
        setting(5),
    )
    assert [(group.id, [one.id for one in group.settings]) for group in found] == [
        ("critical-remediated", ["setting-4"]),
        ("critical-reported", ["setting-2"]),
        ("warning-remediated", ["setting-1", "setting-5"]),
        ("warning-reported", ["setting-3"]),
    ]


def test_one_setting_a_group_if_the_project_says_so():
    found = grouped(setting(1), setting(2), granularity=Granularity.SETTING)
    assert [group.id for group in found] == ["setting-1", "setting-2"]


def test_a_large_group_goes_on_in_a_second_one_and_no_script_passes_the_budget():
    members = [setting(number) for number in range(200)]
    found = grouped(*members)
    assert [group.id for group in found][:2] == ["warning-remediated", "warning-remediated-2"]
    assert [one for group in found for one in group.settings] == members
    for group in found:
        rows = [entry(one) for one in group.settings]
        sizes = [
            len(script_text(script, slug="pilot", source="pilot.yaml", entries=rows))
            for script in (Script.DISCOVERY, Script.REMEDIATION)
        ]
        assert max(sizes) <= SCRIPT_BUDGET


def test_settings_of_a_kind_that_ask_for_other_functions_come_apart_where_a_script_would_be_too_long():
    def defender(number, **words):
        return lowered("defender", f"setting-{number}", **words)

    words = [
        defender(1, preference="PUAProtection", equals="enabled"),
        defender(4, preference="CloudBlockLevel", equals="high"),
    ]
    lists = [defender(2, list="ExclusionPath", set_equals=[]), defender(3, list="ExclusionProcess", contains=["a.exe"])]
    found = grouped(words[0], *lists, words[1])
    assert [(group.id, list(group.settings)) for group in found] == [
        ("warning-remediated", words),
        ("warning-remediated-2", lists),
    ]
    for group in found:
        text = script_text(
            Script.REMEDIATION, slug="pilot", source="pilot.yaml", entries=[entry(one) for one in group.settings]
        )
        assert len(text) <= SCRIPT_BUDGET
    reported = [replace(one, subject=replace(one.subject, writes=False)) for one in (words[0], lists[0])]
    assert [list(group.settings) for group in grouped(*reported)] == [reported]


def test_a_native_setting_is_a_group_of_its_own_behind_the_scripts():
    native = replace(setting(1, Severity.CRITICAL, None), native=True)
    found = grouped(native, setting(2, write=None), setting(3, Severity.CRITICAL, None))
    assert [(group.id, group.native) for group in found] == [
        ("critical-reported", False),
        ("warning-reported", False),
        ("native:setting-1", True),
    ]


def test_items_by_who_writes_the_settings():
    product = replace(setting(1), from_vocabulary="defender_atp")
    state = replace(setting(2, write=None), from_vocabulary="defender_atp", observed=True)
    found = items(collection(setting(3), product, state), Granularity.GROUP)
    assert [(item.key, [group.id for group in item.groups], item.remediated) for item in found] == [
        ("settings", ["warning-remediated"], True),
        ("defender-atp", ["warning-remediated"], True),
        ("defender-atp-state", ["warning-reported"], False),
    ]
    assert [item.title for item in found][1:] == ["Windows Defender ATP", "Windows Defender ATP, state"]


def test_an_item_beyond_its_budget_goes_on_in_a_second_one():
    members = [setting(number, write=None) for number in range(2 * ITEM_BUDGET + 1)]
    found = items(collection(*members), Granularity.SETTING)
    assert [(item.key, item.title, len(item.groups)) for item in found] == [
        ("settings", "settings", ITEM_BUDGET),
        ("settings--2", "settings (2)", ITEM_BUDGET),
        ("settings--3", "settings (3)", 1),
    ]
    assert [one for item in found for group in item.groups for one in group.settings] == members


def test_no_settings_no_items():
    assert items(collection(), Granularity.GROUP) == ()


def test_each_baseline_that_is_listed_has_an_item_of_its_own():
    own = setting(1)
    common = replace(setting(2), layer=Layer(("Windows hardening", "Common")))
    other = replace(setting(3), layer=Layer(("Windows hardening",)))
    long = replace(setting(4), layer=Layer(("A name that goes on " * 12,)))
    found = items(collection(common, other, long, own), Granularity.GROUP)
    assert [(item.key.split("-a-")[0], [one.id for group in item.groups for one in group.settings]) for item in found] == [
        ("baseline-windows-hardening", ["setting-2", "setting-3"]),
        ("baseline", ["setting-4"]),
        ("settings", ["setting-1"]),
    ]
    assert [item.title for item in found][::2] == ["Windows hardening", "settings"]
    assert len(found[1].title) <= 100


def test_a_native_setting_may_be_called_as_a_group():
    named = altered(setting(1), id="warning-remediated", write=None, native=True)
    found = grouped(setting(2), named)
    assert len({group.id for group in found}) == 2
    assert found[0].id == "warning-remediated"


def test_portions_of_one_baseline_are_not_those_of_another():
    """'Foo' goes on where 'Foo 2' might begin."""
    many = [replace(setting(number), layer=Layer(("Foo",))) for number in range(ITEM_BUDGET + 2)]
    other = replace(setting(1000), layer=Layer(("Foo 2",)))
    found = items(collection(*many, other), Granularity.SETTING)
    assert [item.key for item in found] == ["baseline-foo", "baseline-foo--2", "baseline-foo-2"]
