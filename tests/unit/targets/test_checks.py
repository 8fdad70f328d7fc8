"""PC05xx: code, place and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest

from policyc.diagnostics import Diagnostic
from policyc.diagnostics.diagnostic import Level
from policyc.lowering.settings import lower_setting
from policyc.model import (
    Append,
    Applicability,
    Collection,
    Condition,
    Data,
    Deployment,
    Fact,
    Hive,
    Interval,
    Kind,
    Location,
    MaintenanceWindow,
    Mode,
    Operator,
    Place,
    Project,
    Purpose,
    Role,
    Setting,
    SetValue,
    Signing,
    Span,
    View,
)
from policyc.powershell.scripts import Script, entry, script_text
from policyc.targets.configmgr import ConfigMgr
from policyc.targets.configmgr.checks import check
from policyc.targets.configmgr.checks.native import why_not
from policyc.targets.configmgr.checks.scripts import _SMALL, _size
from policyc.targets.configmgr.groups import items
from policyc.targets.configmgr.limits import SCRIPT_BUDGET
from policyc.targets.configmgr.naming import item_name
from policyc.vocabularies import NAMES, load_vocabulary
from registry_settings import altered
from unit.targets.samples import COLLECTION, ONBOARDING, ORIGIN, POLICY, PROJECT, REPORTED, SETTING, STATE, files

LONG = "Pilot workstations of the northern branch offices"
SIGNED = replace(PROJECT, signing=Signing.REQUIRED)


def findings(*collections: Collection, project: Project = SIGNED) -> list[Diagnostic]:
    return list(check(replace(project, collections=collections)))


def of_kind(name: str, *, remediate: bool = True, **subject: object) -> Setting:
    """A setting of another kind than the registry's."""
    found: list[Diagnostic] = []
    tree = {"title": name, "remediate": remediate, **subject}
    setting = lower_setting(name.lower(), tree, Location("pilot.yaml", ("settings", name.lower())), found, audit=False)
    assert setting is not None, found
    return setting


def codes(found: Iterable[Diagnostic]) -> list[str]:
    return [one.code for one in found]


def test_nothing_to_say() -> None:
    assert findings(replace(COLLECTION, settings=(SETTING,), packages=(ONBOARDING,))) == []
    assert list(ConfigMgr().check(SIGNED)) == []


class TestNames:
    def test_a_long_collection_name_is_shortened_in_each_package(self) -> None:
        found = findings(replace(COLLECTION, name=LONG, settings=(SETTING,), packages=(ONBOARDING,)))
        assert [(f.code, f.level, f.location) for f in found] == [
            ("PC0501", Level.NOTE, Location("pilot.yaml", ("collection", "name"))),
            ("PC0501", Level.NOTE, Location("pilot.yaml", ("collection", "name"))),
        ]
        assert found[0].message == (
            f"The package of '{LONG}' is called 'Onboarding - Pilot workstations of the nor~a29b2c7': "
            "ConfigMgr takes 50 characters, so 37 are left for the collection's name"
        )
        assert found[0].help == "nothing has to be done; a collection name of at most 37 characters is kept whole"

    def test_no_package_no_shortening(self) -> None:
        collection = replace(COLLECTION, name=LONG, mode=Mode.AUDIT, settings=(REPORTED,), packages=(POLICY,))
        assert findings(collection, project=replace(SIGNED, publisher="p" * 40)) == []

    def test_a_long_publisher(self) -> None:
        [found] = findings(replace(COLLECTION, settings=(SETTING,)), project=replace(SIGNED, publisher="p" * 33))
        assert (found.code, found.level, found.location) == (
            "PC0502",
            Level.ERROR,
            Location("project.yaml", ("project", "publisher")),
        )
        assert "33 characters" in found.message
        assert "manufacturer of a package takes 32" in found.message
        assert "at most 32 characters" in found.help

    def test_a_long_project_name_that_stands_for_the_publisher(self) -> None:
        project = replace(SIGNED, name="n" * 33, publisher="n" * 33)
        [found] = findings(replace(COLLECTION, settings=(SETTING,)), project=project)
        assert found.location.path == ("project", "name")

    @pytest.mark.parametrize(("length", "expected"), [(255 - 2 - 8, []), (255 - 2 - 7, ["PC0507"]), (255, ["PC0507"])])
    def test_a_configuration_item_is_shortened(self, length: int, expected: list[str]) -> None:
        collection = replace(COLLECTION, name="n" * length, mode=Mode.AUDIT, settings=(REPORTED,))
        found = findings(collection)
        assert codes(found) == expected
        [item] = items(collection, PROJECT.granularity)
        assert len(item_name(collection, item)) == min(255, length + 2 + len(item.title))
        assert all(f"'{item_name(collection, item)}'" in one.message for one in found)

    @pytest.mark.parametrize(("length", "expected"), [(187, []), (188, ["PC0507"])])
    def test_a_built_in_policy_is_shortened(self, length: int, expected: list[str]) -> None:
        found = findings(replace(COLLECTION, name="n" * length, mode=Mode.AUDIT, packages=(POLICY,)))
        assert codes(found) == expected

    def test_no_title_of_an_item_is_longer_than_is_thought(self) -> None:
        assert all(len(load_vocabulary(name).product) < 80 for name in NAMES)


NATIVE = altered(REPORTED, native=True, condition=Condition(Operator.EQUALS, (1,)), default=None)
ANOTHER_HIVE = replace(NATIVE.subject.place, hive=Hive.USER)


class TestNative:
    @pytest.mark.parametrize(
        ("operator", "operands", "kind"),
        [
            (Operator.EQUALS, (2**31 - 1,), Kind.DWORD),
            (Operator.NOT_EQUALS, (0,), Kind.DWORD),
            (Operator.EQUALS, (2**63 - 1,), Kind.QWORD),
            (Operator.PRESENT, (), None),
            (Operator.PRESENT, (), Kind.MULTI_STRING),
            (Operator.ABSENT, (), None),
        ],
    )
    def test_what_means_the_same(self, operator: Operator, operands: tuple[Data, ...], kind: Kind | None) -> None:
        setting = altered(NATIVE, condition=Condition(operator, operands), kind=kind)
        assert findings(replace(COLLECTION, settings=(setting,))) == []

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"write": SetValue(1)}, "write without a journal"),
            ({"place": ANOTHER_HIVE}, "the user who is signed in"),
            ({"place": replace(NATIVE.subject.place, view=View.BITS_32)}, "64-bit view too"),
            ({"place": replace(NATIVE.subject.place, name=None), "condition": Condition(Operator.PRESENT)}, "not a key"),
            ({"place": replace(NATIVE.subject.place, name="")}, "its default value"),
            ({"default": 0}, "no default"),
            ({"sensitive": True}, "show the data"),
            ({"condition": Condition(Operator.AT_LEAST, (1,))}, "'at_least'"),
            ({"condition": Condition(Operator.MATCHES, ("a",)), "kind": Kind.STRING}, "'matches'"),
            ({"condition": Condition(Operator.EQUALS, ("a",)), "kind": Kind.STRING}, "only numbers"),
            ({"condition": Condition(Operator.EQUALS, (b"",)), "kind": Kind.BINARY}, "only numbers"),
            ({"condition": Condition(Operator.NOT_EQUALS, (2**31,))}, "above 2147483647 as negative ones, and 2147483648 is"),
            ({"condition": Condition(Operator.EQUALS, (2**63,)), "kind": Kind.QWORD}, "above 9223372036854775807"),
        ],
    )
    def test_what_does_not(self, changes: dict[str, object], reason: str) -> None:
        setting = altered(NATIVE, **changes)
        [found] = findings(replace(COLLECTION, settings=(setting,)))
        assert (found.code, found.level, found.location.path, found.holds) == (
            "PC0503",
            Level.ERROR,
            ("settings", "lan-manager-level", "native"),
            None,
        )
        assert found.location.on_key
        assert reason in found.message
        assert found.help.startswith("take 'native' out")
        assert ("remediate: false" in found.help) == setting.remediated
        assert findings(replace(COLLECTION, settings=(replace(setting, native=False),))) == []

    def test_whatever_is_let_through_can_be_made(self) -> None:
        """Each pair of condition and kind that passes the check has a native form."""
        operands: dict[Kind | None, Data] = {Kind.DWORD: 1, Kind.QWORD: 1, Kind.BINARY: b"", Kind.MULTI_STRING: ()}
        made = 0
        for operator, kind in product(Operator, (None, *Kind)):
            condition = Condition(operator, (operands.get(kind, "x"),))
            setting = altered(NATIVE, kind=kind, condition=condition)
            if why_not(setting) is None:
                made += 1
                collection = replace(COLLECTION, settings=(setting,))
                assert any(one.native for item in items(collection, PROJECT.granularity) for one in item.groups)
                assert b"RegistryDiscoverySource" in files(PROJECT, collection)["compliance/settings/configuration-item.cab"]
        assert made == 2 * 2 + 2 * 7


COSTLY = "\u00e4x" * 200
"""Characters that take the most room in a literal."""


class TestScripts:
    def test_nothing_is_said_of_signatures(self) -> None:
        one, two = (replace(COLLECTION, slug=slug, settings=(SETTING,)) for slug in ("one", "two"))
        [found] = findings(one, two, project=PROJECT)
        assert (found.code, found.level, found.location) == ("PC0504", Level.NOTE, Location("project.yaml", ("configmgr",)))
        assert "signing: required" in found.help
        assert "signing: none" in found.help

    @pytest.mark.parametrize("signing", Signing)
    def test_it_is_said(self, signing: Signing) -> None:
        assert findings(replace(COLLECTION, settings=(SETTING,)), project=replace(PROJECT, signing=signing)) == []

    def test_there_are_no_scripts(self) -> None:
        assert findings(replace(COLLECTION, settings=(NATIVE,)), COLLECTION, project=PROJECT) == []

    def test_a_setting_that_fills_a_script_by_itself(self) -> None:
        many = tuple(f"value number {number}" for number in range(2000))
        setting = altered(REPORTED, kind=Kind.STRING, condition=Condition(Operator.ONE_OF, many), default=None)
        [found] = findings(replace(COLLECTION, settings=(SETTING, setting)))
        assert (found.code, found.level, found.holds) == ("PC0506", Level.ERROR, "pilot-workstations")
        assert found.location.path[-1] == "registry"
        assert "'reported' alone makes" in found.message
        assert "43,900 are allowed" in found.message

    def test_a_remediation_counts_too(self) -> None:
        long = "\u00e4" * 2500
        remediated = altered(
            SETTING, kind=Kind.STRING, condition=Condition(Operator.PRESENT), default=None, write=SetValue(long)
        )
        assert codes(findings(replace(COLLECTION, settings=(remediated,)))) == ["PC0506"]
        assert findings(replace(COLLECTION, settings=(altered(remediated, write=None),))) == []

    def test_a_kind_whose_functions_alone_are_longer_is_told_once(self) -> None:
        names = ("Spooler", "RemoteRegistry")
        services = tuple(of_kind(name, service={"name": name, "startup": "disabled", "state": "stopped"}) for name in names)
        assert findings(replace(COLLECTION, settings=services)) == []
        ports = r"SYSTEM\CurrentControlSet\Control\Print\Monitors\Standard TCP/IP Port\Ports"
        fact = Fact(place=Place(Hive.MACHINE, View.BITS_64, ports, None))
        only = Applicability(from_build=19041, before_build=26100, role=Role.WORKSTATION, only_if=fact)
        services = tuple(replace(one, applies_to=only) for one in services)
        [found] = findings(replace(COLLECTION, settings=(SETTING, *services)))
        assert (found.code, found.level, found.location.path[-1]) == ("PC0509", Level.NOTE, "service")
        [group] = [one for item in items(replace(COLLECTION, settings=services), PROJECT.granularity) for one in item.groups]
        assert len(group.settings) == 2
        reported = of_kind("Spooler", remediate=False, service={"name": "Spooler", "startup": "disabled"})
        assert findings(replace(COLLECTION, settings=(reported,))) == []

    def test_of_another_kind_too_a_setting_may_be_too_long(self) -> None:
        for count, expected in ((10, False), (900, True)):
            members = [f"S-1-5-21-1-2-3-{number}" for number in range(1000, 1000 + count)]
            long = of_kind("right", user_right={"right": "SeBatchLogonRight", "contains": members})
            assert ("PC0506" in codes(findings(replace(COLLECTION, settings=(long,))))) is expected

    def test_many_settings_together_are_split_and_no_finding(self) -> None:
        settings = tuple(replace(SETTING, id=f"setting-{number}", title="x" * 200) for number in range(300))
        assert findings(replace(COLLECTION, settings=settings)) == []

    @pytest.mark.parametrize("hive", Hive)
    @pytest.mark.parametrize(
        ("kind", "operator", "operands", "write"),
        [
            (Kind.STRING, Operator.ONE_OF, (COSTLY[:90], COSTLY[:90]), SetValue(COSTLY[:90])),
            (Kind.MULTI_STRING, Operator.SET_EQUALS, (COSTLY[:90], COSTLY[:90]), SetValue((COSTLY[:45], COSTLY[:45]))),
            (Kind.MULTI_STRING, Operator.CONTAINS, ("",) * 190, Append(("",) * 90)),
            (Kind.STRING, Operator.MATCHES, (COSTLY[:190],), SetValue(COSTLY[:90])),
            (Kind.QWORD, Operator.NONE_OF, tuple(2**64 - 1 - number for number in range(34)), SetValue(1)),
            (Kind.STRING, Operator.ONE_OF, ("",) * 190, SetValue(COSTLY[:90])),
        ],
    )
    def test_what_is_not_looked_at_closely_fits(
        self, hive: Hive, kind: Kind, operator: Operator, operands: tuple[Data, ...], write: SetValue | Append
    ) -> None:
        """Characters of the costliest kind, every part that a script can have, a long id."""
        place = Place(hive, View.BITS_32, COSTLY[:50], COSTLY[:50])
        condition = Condition(operator, operands)
        setting = altered(SETTING, id="i" * 64, place=place, kind=kind, condition=condition, default=None, write=write)
        assert _SMALL - 50 < _size(setting) <= _SMALL
        for script in (Script.DISCOVERY, Script.REMEDIATION):
            text = script_text(script, slug="s" * 60, source="p" * 200, entries=[entry(setting)])
            assert len(text) <= SCRIPT_BUDGET


def window(name: str, minutes: int, number: int = 0, file: str = "pilot.yaml") -> MaintenanceWindow:
    origin = Location(file, ("deployment", "maintenance_windows", number))
    return MaintenanceWindow(name, datetime(2026, 12, 5, 22), Span(minutes, Interval.MINUTES), origin=origin)  # noqa: DTZ001


def with_windows(*windows: MaintenanceWindow, **more: object) -> Collection:
    deployment = Deployment(maintenance_windows=windows, **more)  # type: ignore[arg-type]
    return replace(COLLECTION, packages=(ONBOARDING,), deployment=deployment)


class TestWindows:
    def test_two_of_one_name(self) -> None:
        [found] = findings(with_windows(window("Night", 60), window("Day", 60, 1), window("NIGHT", 60, 2)))
        assert (found.code, found.level) == ("PC0508", Level.ERROR)
        assert found.location == Location("pilot.yaml", ("deployment", "maintenance_windows", 2, "name"))
        assert found.related[0].location == Location("pilot.yaml", ("deployment", "maintenance_windows", 0, "name"))

    def test_none_is_long_enough(self) -> None:
        [found] = findings(with_windows(window("Night", 10), window("Day", 14, 1)))
        assert (found.code, found.level) == ("PC0505", Level.WARNING)
        assert found.location == Location("pilot.yaml", ("deployment", "maintenance_windows", 1, "duration"))
        assert "(15 minutes)" in found.message
        assert "15 minutes" in found.help

    @pytest.mark.parametrize(
        "collection",
        [
            with_windows(window("Night", 10), window("Day", 15)),
            with_windows(window("Night", 10), outside_maintenance_windows=True),
            with_windows(window("Night", 10), purpose=Purpose.AVAILABLE),
            with_windows(),
            replace(with_windows(window("Night", 10)), packages=(), mode=Mode.AUDIT),
        ],
    )
    def test_it_runs(self, collection: Collection) -> None:
        assert findings(collection) == []

    def test_windows_of_the_project_are_told_of_once(self) -> None:
        short = (window("Night", 10, 0, "project.yaml"), window("night", 10, 1, "project.yaml"))
        one, two = (replace(with_windows(*short), slug=slug, name=slug) for slug in ("one", "two"))
        assert codes(findings(one, two)) == ["PC0508", "PC0505"]


def test_findings_of_settings_name_their_place() -> None:
    setting: Setting = altered(STATE, native=True, origin=ORIGIN.below("defender_atp", "state"), default=5)
    assert codes(findings(replace(COLLECTION, settings=(setting,)))) == ["PC0503"]
