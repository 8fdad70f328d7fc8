"""PC0411 to PC0414: code, place and words."""

from __future__ import annotations

import pytest

from policyc.analysis.hazard_data import load_hazards
from policyc.analysis.hazards import hazards
from policyc.diagnostics import Diagnostic
from policyc.model import CreateKey, DeleteValue, Hive, Kind, Location, Operator, Setting, SetValue, View
from policyc.vocabularies import NAMES, OWN_KEYS
from registry_settings import altered
from unit.analysis.estates import CONTEXT, collection, project, setting

POLICIES = r"SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection"
STATUS = r"Software\Microsoft\Windows Advanced Threat Protection\Status"
DEFENDER = r"SOFTWARE\Policies\Microsoft\Windows Defender"
COLLECTION = r"SOFTWARE\Policies\Microsoft\Windows\DataCollection"
EQUALS = Operator.EQUALS


def find(*settings: Setting, state: str = "onboarded") -> list[Diagnostic]:
    return list(hazards(project(collection("Pilot", state, settings=settings)), CONTEXT))


def service(name: str, start: int, **rest: object) -> Setting:
    return setting("mine", EQUALS, start, key=rf"SYSTEM\CurrentControlSet\Services\{name}", name="Start", **rest)


@pytest.mark.parametrize(
    ("key", "name", "kind", "data", "wanted", "option"),
    [
        (POLICIES, "allowsamplecollection", Kind.STRING, "1", "dword", "sample_collection"),
        (POLICIES, "latency", Kind.DWORD, 1, "string", "reporting_frequency"),
        (POLICIES, "Latency", Kind.EXPAND_STRING, "Normal", "string", "reporting_frequency"),
        (POLICIES + r"\DeviceTagging", "Group", Kind.MULTI_STRING, ("a",), "string", "device_tag"),
        (STATUS, "OnboardingState", Kind.STRING, "1", "dword", "state"),
        (POLICIES, "ForceDefenderPassiveMode", Kind.QWORD, 1, "dword", None),
    ],
)
def test_another_type(key: str, name: str, kind: Kind, data: object, wanted: str, option: str | None) -> None:
    (found,) = find(setting("mine", EQUALS, data, key=key, name=name, kind=kind, remediate=False))
    assert (found.code, found.level) == ("PC0411", "error")
    assert found.location == Location("pilot.yaml", ("settings", "mine", "registry", "type"))
    assert found.message == f"'mine' takes HKLM\\{key} : {name} for a {kind}, but Windows Defender ATP reads a {wanted} there"
    assert found.help.endswith(f"write 'type: {wanted}'")
    assert option is None or f"'defender_atp: {option}:'" in found.help


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (STATUS, "OnboardingState"),
        (STATUS, "Anything"),
        (r"SOFTWARE\Microsoft\Windows Advanced Threat Protection", "senseGuid"),
        (POLICIES, "OnboardingInfo"),
        (POLICIES, "696c1fa1-4030-4fa4-8713-faf9b2ea7c0a"),
    ],
)
@pytest.mark.parametrize("state", ["onboarded", "offboarded"])
def test_what_belongs_to_the_service_or_the_vendor(key: str, name: str, state: str) -> None:
    (found,) = find(setting("mine", EQUALS, 1, key=key, name=name), state=state)
    assert (found.code, found.level) == ("PC0412", "error")
    assert found.location == Location("pilot.yaml", ("settings", "mine", "registry", "equals"))
    assert found.message.startswith("'mine' writes what belongs to Windows Defender ATP: ")
    assert "'remediate: false'" in found.help
    assert find(setting("mine", EQUALS, 1, key=key, name=name, remediate=False), state=state) == []


@pytest.mark.parametrize(
    ("one", "way_out"),
    [
        (service("DiagTrack", 4), "equals: 2"),
        (service("diagtrack", 3), "equals: 2"),
        (service("DiagTrack", 2, write=DeleteValue()), "equals: 2"),
        (service("Sense", 4), "default"),
        (service("WdBoot", 3), "equals: 0"),
        (service("WdFilter", 4), "equals: 0"),
        (service("WdNisDrv", 4), "default"),
        (service("WdNisSvc", 4), "default"),
        (service("WinDefend", 4), "default"),
        (setting("mine", EQUALS, 0, key=DEFENDER, name="DisableAntiSpyware"), "absent: true"),
        (setting("mine", EQUALS, 1, key=DEFENDER, name="DisableAntiVirus"), "absent: true"),
        (
            setting("mine", EQUALS, 0, key=COLLECTION, name="DisableEnterpriseAuthProxy"),
            "equals: 1",
        ),
    ],
)
def test_what_the_sensor_needs(one: Setting, way_out: str) -> None:
    (found,) = find(one)
    assert (found.code, found.level) == ("PC0413", "error")
    assert found.location == Location("pilot.yaml", ("settings", "mine", "registry", "equals"))
    assert found.message.startswith("'mine' switches off what Windows Defender ATP needs: ")
    assert way_out in found.help
    assert find(one, state="offboarded") == []


@pytest.mark.parametrize(
    "one",
    [
        service("DiagTrack", 2),
        service("DiagTrack", 4, remediate=False),
        service("WdBoot", 0),
        service("Spooler", 4),
        service("DiagTrack", 4, hive=Hive.USER),
        service("DiagTrack", 4, view=View.BITS_32),
        setting("mine", Operator.ABSENT, key=DEFENDER, name="DisableAntiSpyware", kind=None, write=DeleteValue()),
        setting("mine", EQUALS, 1, key=POLICIES, name="ForceDefenderPassiveMode"),
        setting("mine", Operator.PRESENT, key=POLICIES, name=None, kind=None),
    ],
)
def test_what_does_no_harm(one: Setting) -> None:
    assert find(one) == []


def test_a_word_says_it_better() -> None:
    mine = setting("mine", EQUALS, 1, key=POLICIES, name="AllowSampleCollection")
    (found,) = find(mine)
    assert (found.code, found.level) == ("PC0414", "warning")
    assert found.location == Location("pilot.yaml", ("settings", "mine", "registry", "equals"))
    assert "write 'sample_collection:' under 'defender_atp:'" in found.help
    word = setting("word", EQUALS, 1, key=POLICIES, name="AllowSampleCollection", from_vocabulary="defender_atp")
    assert find(word, mine) == []  # two settings of one place


def test_a_device_may_be_in_both_collections() -> None:
    hardening = collection("Hardening", settings=(service("DiagTrack", 4, write=SetValue(4)),))
    pilot = collection("Pilot", "onboarded")
    (found,) = hazards(project(hardening, pilot), CONTEXT)
    assert (found.code, found.level) == ("PC0413", "warning")
    assert "add 'Hardening' to 'exclude:' of 'Pilot'" in found.help
    assert found.related[0].location == Location("pilot.yaml", ("defender_atp", "state"))
    apart = collection("Pilot", "onboarded", devices=("PC1",), exclude=("Hardening",))
    assert list(hazards(project(hardening, apart), CONTEXT)) == []
    assert list(hazards(project(hardening), CONTEXT)) == []


@pytest.mark.parametrize(
    ("key", "name"),
    [(STATUS, "OnboardingState"), (STATUS + r"\Deeper", "Anything"), (STATUS, None), (POLICIES, "OnboardingInfo")],
)
@pytest.mark.parametrize("others", [(), (collection("Pilot", "onboarded", devices=("PC1",), exclude=("Hardening",)),)])
def test_what_belongs_to_the_service_is_told_where_no_vocabulary_stands_beside(key: str, name: str | None, others) -> None:
    kind = Kind.DWORD if name else None
    operator = EQUALS if name else Operator.PRESENT
    mine = setting("mine", operator, *([1] if name else []), key=key, name=name, kind=kind)
    mine = altered(mine, write=mine.subject.write or CreateKey())
    (found,) = hazards(project(collection("Hardening", settings=(mine,)), *others), CONTEXT)
    assert (found.code, found.level) == ("PC0412", "warning")
    assert found.message.startswith("'mine' writes what belongs to Windows Defender ATP: ")
    reported = altered(mine, write=None)
    assert list(hazards(project(collection("Hardening", settings=(reported,)), *others), CONTEXT)) == []


def test_every_owned_key_is_looked_for() -> None:
    for vocabulary, part in OWN_KEYS.items():
        data = load_hazards(vocabulary)
        assert all(part in key for key in [*data.owned_keys, *(key for key, _ in data.owned_values)])
    assert set(OWN_KEYS) == set(NAMES)


def test_every_entry_of_the_data_says_why() -> None:
    data = load_hazards("defender_atp")
    reasons = [*data.owned_keys.values(), *data.owned_values.values(), *(need.why for need in data.needed.values())]
    assert len(data.needed) == 10
    assert all(reason.count(" ") > 4 for reason in reasons)
    assert data.needed["SYSTEM\\CURRENTCONTROLSET\\SERVICES\\DIAGTRACK", "START"].why.endswith("which must start by itself")
