"""Words of a vocabulary, unfolded."""

from __future__ import annotations

from datetime import date

import pytest

from policyc.diagnostics import Level
from policyc.model import Action, Kind, Location, Mode, SetValue, Severity

DATED = "WindowsDefenderATPOffboardingScript_valid_until_2026-02-10.cmd"


@pytest.fixture
def defender(policies):
    def run(words, *, mode="enforce", settings=None, **configmgr):
        tree = {"collection": {"name": "Pilot", "mode": mode}, "defender_atp": words}
        return policies(tree | ({"settings": settings} if settings else {}), **configmgr)

    return run


def setting(result, id):
    return next(found for found in result.collection.settings if found.id == f"defender-atp-{id}")


@pytest.mark.parametrize(("state", "data", "default"), [("onboarded", 1, None), ("offboarded", 0, 0)])
def test_the_onboarding_check(defender, state, data, default):
    result = defender({"state": state})
    check = setting(result, "onboarding")
    assert str(check.subject.place) == r"HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status : OnboardingState"
    assert (check.subject.kind, check.subject.condition.operands, check.subject.default) == (Kind.DWORD, (data,), default)
    assert (check.subject.write, check.severity, check.from_vocabulary) == (None, Severity.CRITICAL, "defender_atp")
    assert check.origin == Location("a.yaml", ("defender_atp", "state"))
    assert result.collection.vocabulary_states == (("defender_atp", state),)
    assert result.collection.packages == ()
    assert result.found == []


@pytest.mark.parametrize(
    ("word", "value", "id", "name", "kind", "data", "default"),
    [
        ("sample_collection", "all", "sample-collection", "AllowSampleCollection", Kind.DWORD, 1, 1),
        ("sample_collection", "none", "sample-collection", "AllowSampleCollection", Kind.DWORD, 0, 1),
        ("reporting_frequency", "normal", "reporting-frequency", "latency", Kind.STRING, "Normal", "Normal"),
        ("reporting_frequency", "expedite", "reporting-frequency", "latency", Kind.STRING, "Expedite", "Normal"),
    ],
)
@pytest.mark.parametrize("state", ["onboarded", "offboarded"])
def test_words_with_values(defender, state, word, value, id, name, kind, data, default):
    found = setting(defender({"state": state, word: value}), id)
    assert str(found.subject.place) == rf"HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection : {name}"
    assert (found.subject.kind, found.subject.condition.operands, found.subject.default, found.subject.pin) == (
        kind,
        (data,),
        default,
        True,
    )
    assert found.subject.write == SetValue(data)
    assert found.origin == Location("a.yaml", ("defender_atp", word))


def test_the_device_tag_is_cleared_and_not_deleted(defender):
    tag = setting(defender({"state": "onboarded", "device_tag": "Pilot"}), "device-tag")
    assert str(tag.subject.place).endswith(r"\DeviceTagging : Group")
    assert (tag.subject.kind, tag.subject.write, tag.subject.clear_on_undo, tag.subject.default) == (
        Kind.STRING,
        SetValue("Pilot"),
        True,
        None,
    )
    assert tag.subject.condition.exact_case


def test_what_is_worth_saying(defender):
    result = defender({"state": "onboarded", "reporting_frequency": "normal", "device_tag": "Pilot (a, b)"})
    note, warning = result.found
    assert (note.code, note.level) == ("PC0321", Level.NOTE)
    assert note.location == Location("a.yaml", ("defender_atp", "reporting_frequency"), on_key=True)
    assert (warning.code, warning.level) == ("PC0322", Level.WARNING)
    assert warning.location == Location("a.yaml", ("defender_atp", "device_tag"))
    assert "'(' and ')' and ','" in warning.message


def test_settings_of_ones_own_come_after(defender):
    own = {"title": "A", "registry": {"key": "HKLM\\SOFTWARE\\A", "present": True}}
    result = defender({"state": "onboarded", "sample_collection": "all"}, settings={"a": own})
    assert [found.id for found in result.collection.settings] == [
        "defender-atp-onboarding",
        "defender-atp-sample-collection",
        "a",
    ]


def test_the_onboarding_package(defender):
    (package,) = defender({"state": "onboarded", "package": {"sha256": "AB" * 32}}).collection.packages
    assert (package.id, package.action, package.waits_for_setup) == ("onboarding", Action.ONBOARD, True)
    assert package.script == "WindowsDefenderATPOnboardingScript.cmd"
    assert (package.event_source, package.sha256, package.source) == ("WDATPOnboarding", "ab" * 32, None)
    assert (package.time_limit_seconds, package.duration_minutes) == (600, 15)
    assert (package.valid_until, package.longest_validity_days) == (None, None)
    assert package.origin == Location("a.yaml", ("defender_atp", "package"))


def test_the_offboarding_package(defender):
    words = {"state": "offboarded", "package": {"script": DATED, "source": "\\\\files.example.com\\p"}}
    (package,) = defender(words).collection.packages
    assert (package.id, package.action, package.waits_for_setup) == ("offboarding", Action.OFFBOARD, False)
    assert (package.script, package.source) == (DATED, "\\\\files.example.com\\p")
    assert (package.event_source, package.valid_until, package.longest_validity_days) == (
        "WDATPOffboarding",
        date(2026, 2, 10),
        30,
    )


@pytest.mark.parametrize(
    ("script", "day"),
    [
        (DATED.upper(), date(2026, 2, 10)),
        ("Ours_valid_until_2028-02-29.cmd", date(2028, 2, 29)),
        ("Ours_valid_until_2026-02-30.cmd", None),
        ("Ours_valid_until_0000-01-01.cmd", None),
        ("Ours_valid_until_2026-2-3.cmd", None),
        ("Ours_valid_until_2026-02-10.cmd.txt", None),
        ("Ours_valid_until_\u0662\u0660\u0662\u0666-02-10.cmd", None),
        ("Ours.cmd", None),
    ],
)
def test_the_last_day(defender, script, day):
    (package,) = defender({"state": "offboarded", "package": {"script": script}}).collection.packages
    assert package.valid_until == day


def test_an_offboarding_script_has_to_be_named(defender):
    result = defender({"state": "offboarded", "package": {"source": "x"}})
    assert (result.finding.code, result.finding.level) == ("PC0320", Level.ERROR)
    assert result.finding.location == Location("a.yaml", ("defender_atp", "package"))
    assert "valid_until_YYYY-MM-DD.cmd" in result.finding.help
    assert result.collection.packages == ()


@pytest.mark.parametrize(
    ("version", "configuration_file", "built_in"),
    [("1602", True, False), ("1606", True, True), ("2403", True, True), ("1606", False, False), (None, True, False)],
)
def test_the_built_in_policy(defender, version, configuration_file, built_in):
    package = {"script": "a.cmd"} | ({"configuration_file": "WindowsDefenderATP.onboarding"} if configuration_file else {})
    words = {"state": "onboarded", "package": package, "sample_collection": "all", "device_tag": "x"}
    result = defender(words, **({"server_version": version} if version else {}))
    assert result.collection.built_in_policy is built_in
    assert len(result.collection.packages) == 1
    assert setting(result, "sample-collection").remediated is not built_in
    assert setting(result, "device-tag").remediated


def test_the_built_in_policys_offboarding_file_has_the_day(defender):
    package = {"configuration_file": "WindowsDefenderATP_valid_until_2026-02-10.offboarding"}
    result = defender({"state": "offboarded", "package": package}, server_version="1606")
    (kept,) = result.collection.packages
    assert result.found == []
    assert (kept.valid_until, result.collection.built_in_policy) == (date(2026, 2, 10), True)


def test_audit_changes_nothing(defender):
    words = {"state": "onboarded", "package": {}, "sample_collection": "all", "device_tag": "x"}
    result = defender(words, mode="audit")
    assert (result.collection.mode, result.collection.packages) == (Mode.AUDIT, ())
    assert [found.subject.write for found in result.collection.settings] == [None] * 3
    assert result.collection.vocabulary_states == (("defender_atp", "onboarded"),)
