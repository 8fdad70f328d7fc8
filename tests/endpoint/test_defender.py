"""Rules and preferences of Microsoft Defender on an endpoint, by a stand-in of its cmdlets (`defender.ps1`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from endpoint.cases import write_scripts
from endpoint.device import JOURNAL, ROOT, Device, Run
from endpoint.fuse import with_fuse
from endpoint.journal import ENTRIES
from endpoint.registry import State, Value, dword, sz
from policyc.evaluation import Held, Verdict
from policyc.kinds.defender import DefenderKind
from policyc.kinds.defender.preferences import PREFERENCES, RULE_WORDS
from policyc.kinds.defender.subject import RULES, Defender, DefenderPlace
from policyc.model import Kind, Location, Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint
KIND = DefenderKind()
CMDLETS = Path(__file__).with_name("defender.ps1")
RULE = "C1DB55AB-C21A-4637-BB3F-A12568109D35"
OWN = r"HKLM\SOFTWARE\Microsoft\Windows Defender"
POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender"
SPOILT = rf"{ROOT}\defender"
STEPS = (Script.DETECT, Script.REMEDIATE, Script.DETECT, Script.REMEDIATE, Script.ROLLBACK)


@pytest.fixture
def endpoint(device: Device) -> Iterator[Device]:
    """One whose Defender is a stand-in: that of a real Windows is nobody's to try on."""
    if not device.is_stand_in:
        pytest.skip("only beside a stand-in of Defender")
    device.clean(OWN, POLICIES, SPOILT)
    yield device
    device.clean(OWN, POLICIES, SPOILT)


def asked(value: str, preference: str | None = None, *, writes: bool = True, id: str = "one") -> Setting:
    """A setting of a preference, or of a rule."""
    subject = Defender(DefenderPlace(None if preference else RULE, preference), value, writes)
    return Setting(id=id, title=f"Title of {id}", subject=subject, origin=Location("test.yaml", ("settings", id)))


def subject_of(setting: Setting) -> Defender:
    assert isinstance(setting.subject, Defender)
    return setting.subject


def held(place: DefenderPlace, word: str | None, below: str = OWN) -> dict[str, dict[str, Value]]:
    """The value that holds a word; none for what nobody has set."""
    if place.preference is None:
        number = RULE_WORDS[word or "not_configured"]
        return {} if number is None else {rf"{below}\{RULES}": {RULE.lower(): sz(str(number))}}
    if word is None:
        return {}
    key, _, name = rf"{below}\{PREFERENCES[place.preference].value}".rpartition("\\")
    return {key: {name: dword(PREFERENCES[place.preference].words[word])}}


def values(state: State) -> dict[str, Mapping[str, Value]]:
    """What is set, without keys that hold nothing."""
    return {key: there for key, there in state.items() if there and key.startswith((OWN, POLICIES))}


def run(device: Device, *scripts: Path | tuple[Path, str]) -> list[Run]:
    batch = device.batch()
    batch.load(CMDLETS)
    runs = [batch.run(script) if isinstance(script, Path) else batch.run(*script) for script in scripts]
    batch.execute(timeout=240)
    return runs


def here(device: Device) -> State:
    return {key: there for state in device.dump(OWN, POLICIES, JOURNAL).values() for key, there in state.items()}


def journalled(state: State) -> list[str]:
    return [key for key in state if key.startswith(ENTRIES + "\\")]


CONDITIONS = [
    *(asked(word) for word in ("block", "off", "not_configured")),
    asked("enabled", "PUAProtection"),
    asked("advanced", "MAPSReporting"),
    asked("zero_tolerance", "CloudBlockLevel"),
    asked("audit_disk_modification_only", "EnableControlledFolderAccess"),
]


@pytest.mark.parametrize("setting", CONDITIONS, ids=lambda one: f"{one.subject.place.name} {one.subject.value}")
def test_condition_and_state(endpoint: Device, tmp_path: Path, setting: Setting) -> None:
    """Whatever is there: judged as the compiler judges it, set, left alone the second time, and back: unset where it was."""
    scripts = write_scripts(tmp_path, [setting])
    subject = subject_of(setting)
    place = subject.place
    words: list[str | None] = [*place.words] if place.preference is None else [None, *place.words][:4]
    batch = endpoint.batch()
    batch.load(CMDLETS)
    ways = []
    for word in words:
        batch.wipe(OWN, JOURNAL)
        batch.install(held(place, word))
        before = batch.dump(OWN)
        ways.append((word, before, *((batch.run(scripts[step]), batch.dump(OWN), batch.dump(JOURNAL)) for step in STEPS)))
    batch.execute(timeout=300)
    for word, before, detect, remediate, again, idle, rollback in ways:
        state = Held(Kind.STRING, word or f"{PREFERENCES[place.preference or ''].default};default")
        compliant = KIND.verdict(subject, state) is Verdict.COMPLIANT
        assert detect[0].exit_code == (0 if compliant else 1), (word, detect[0].said)
        if not compliant:
            must = KIND.must(subject, masked=False)
            assert detect[0].out[1].strip() == f"{place} is {KIND.shown(state)}, must {must}"
        assert (remediate[0].exit_code, again[0].exit_code, idle[0].out) == (0, 0, ["Compliant"]), (word, remediate[0].said)
        after = before.state if compliant else held(place, subject.value)
        assert values(idle[1].state) == values(after), word
        assert rollback[0].exit_code == 0, (word, rollback[0].said)
        assert values(rollback[1].state) == values(before.state), (word, rollback[0].said)
        assert not journalled(rollback[2].state)


SPOILS = {
    "Refuses": (2, "0x800106ba"),
    "Hidden": (2, "N/A: Must be an administrator to view"),
    "Tamper": (1, "Tamper protection is on, and let nothing happen"),
    "Lies": (1, "It is audit all the same"),
}


@pytest.mark.parametrize("how", SPOILS)
def test_what_is_refused_or_lied_about_is_told_and_nothing_is_kept(endpoint: Device, tmp_path: Path, how: str) -> None:
    endpoint.install({**held(subject_of(asked("block")).place, "audit"), SPOILT: {how: dword(1)}})
    before = values(here(endpoint))
    scripts = write_scripts(tmp_path, [asked("block")])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    code, why = SPOILS[how]
    assert detect.exit_code == code, detect.said
    assert remediate.exit_code == 1
    assert why in "\n".join(remediate.said if code == 1 else detect.said)
    after = here(endpoint)
    assert values(after) == before
    assert not journalled(after)


def test_without_defender_s_cmdlets_nothing_is_judged(endpoint: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [asked("block")])
    batch = endpoint.batch()
    detect, remediate = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.REMEDIATE])
    batch.execute()
    assert (detect.exit_code, remediate.exit_code) == (2, 1)
    assert "this Windows has no cmdlets of Microsoft Defender" in "\n".join(detect.said)


def test_a_release_without_the_preference_is_an_error_of_that_setting(endpoint: Device, tmp_path: Path) -> None:
    endpoint.install({SPOILT: {"Old": dword(1)}})
    settings = [asked("enabled", "PUAProtection"), asked("block", id="rule")]
    [remediate] = run(endpoint, write_scripts(tmp_path, settings)[Script.REMEDIATE])
    assert "this release of Microsoft Defender has no PUAProtection" in "\n".join(remediate.said)
    assert values(here(endpoint)) == held(subject_of(settings[1]).place, "block")


@pytest.mark.parametrize("by_intune", [True, False], ids=["Intune", "Group Policy"])
def test_a_policy_goes_before_and_nothing_is_set_behind_it(endpoint: Device, tmp_path: Path, by_intune: bool) -> None:
    setting = asked("block")
    endpoint.install(held(subject_of(setting).place, "audit", POLICIES))
    if by_intune:
        endpoint.clean(POLICIES)
        text = {rf"{POLICIES}\Policy Manager": {"ASRRules": sz(f"{RULE.lower()}=2")}}
        endpoint.install({**text, **held(subject_of(setting).place, "audit")})
    before = values(here(endpoint))
    scripts = write_scripts(tmp_path, [setting])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert r"A policy says so, and goes before a preference: HKLM\SOFTWARE\Policies" in remediate.out[0]
    assert values(here(endpoint)) == before


def test_somebody_else_s_change_stays(endpoint: Device, tmp_path: Path) -> None:
    setting = asked("block")
    scripts = write_scripts(tmp_path, [setting])
    run(endpoint, scripts[Script.REMEDIATE])
    endpoint.install(held(subject_of(setting).place, "warn"))
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 1
    assert "it was changed by someone else since policyc wrote it" in rollback.out[0]
    assert values(here(endpoint)) == held(subject_of(setting).place, "warn")


def test_a_killed_run_is_undone(endpoint: Device, tmp_path: Path) -> None:
    """Wherever the run ends, a rollback brings back what was there, and so does one behind another remediation."""
    rule = subject_of(asked("block")).place
    scripts = write_scripts(tmp_path, [asked("block"), asked("enabled", "PUAProtection", id="pua")])
    # What a cmdlet is told is written as well.
    text, cmdlets = re.subn(
        r"(?m)\$null ?= ?& ?\$cmdlet", "Step-Fuse; $null = & $cmdlet", with_fuse(scripts[Script.REMEDIATION].read_text("ascii"))
    )
    assert cmdlets == 1
    fused = tmp_path / "fused.ps1"
    fused.write_text(text, encoding="ascii", newline="\n")
    batch = endpoint.batch()
    batch.load(CMDLETS)
    ways = []
    for fuse in range(1, 25):
        batch.wipe(OWN, JOURNAL)
        batch.install(held(rule, "audit"))
        first = batch.run(fused, f"-Fuse={fuse}")
        runs = [batch.run(scripts[Script.REMEDIATE])] if fuse % 2 else []
        runs.append(batch.run(scripts[Script.ROLLBACK]))
        ways.append((fuse, first, runs, batch.dump(OWN), batch.dump(JOURNAL)))
    batch.execute(timeout=300)
    assert any(first.failure is not None for _, first, _, _, _ in ways)
    for fuse, _, runs, after, journal in ways:
        assert runs[-1].exit_code == 0, (fuse, runs[-1].said)
        assert values(after.state) == held(rule, "audit"), (fuse, runs[-1].said)
        assert not journalled(journal.state), fuse


def test_preferences_are_asked_for_once_in_a_script(endpoint: Device, tmp_path: Path) -> None:
    settings = [asked("enabled", "PUAProtection"), asked("high", "CloudBlockLevel", id="cloud"), asked("block", id="rule")]
    run(endpoint, write_scripts(tmp_path, settings)[Script.DETECT])
    assert endpoint.dump(SPOILT)[SPOILT][SPOILT]["Calls"] == dword(1)


def test_a_whatif_and_a_report_change_nothing(endpoint: Device, tmp_path: Path) -> None:
    whatif = write_scripts(tmp_path / "whatif", [asked("block")])
    report = write_scripts(tmp_path / "report", [asked("block", writes=False)])
    told, remediate = run(endpoint, (whatif[Script.REMEDIATE], "-WhatIf"), report[Script.REMEDIATE])
    assert f"Defender's rule {RULE.lower()}" in "\n".join(told.said)
    assert "1 reported only: one" in remediate.out[-1]
    assert values(here(endpoint)) == {}


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
def test_compliance_scripts(endpoint: Device, tmp_path: Path, script: Script) -> None:
    [answer] = run(endpoint, write_scripts(tmp_path, [asked("block")])[script])
    assert answer.failure is None, answer.said
    assert answer.out == (["NonCompliant: one"] if script is Script.DISCOVERY else [])
    assert bool(values(here(endpoint))) is (script is Script.REMEDIATION)
