"""Lists of exclusions of Microsoft Defender on an endpoint, by the stand-in of its cmdlets (`defender.ps1`)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from endpoint.cases import write_scripts
from endpoint.device import JOURNAL, Device
from endpoint.fuse import with_fuse
from endpoint.registry import State, Value, dword, sz
from endpoint.test_defender import CMDLETS, KIND, OWN, POLICIES, SPOILT, STEPS, endpoint, here, journalled, run, values
from policyc.evaluation import Held, Verdict
from policyc.kinds.defender.exclusions import LISTS, Exclusions, ListPlace, held_by, state_of, undone
from policyc.model import Location, Operator, Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint
__all__ = ["endpoint"]
QUEUE, MAIL, OTHER = r"C:\Data\Queue", r"D:\Mail", r"E:\Other"


def asked(
    operator: str,
    *members: str,
    also: tuple[str, ...] = (),
    of: str = "ExclusionPath",
    writes: bool = True,
    id: str = "one",
) -> Setting:
    subject = Exclusions(ListPlace(of), Operator(operator), members, also, writes)
    return Setting(id=id, title=f"Title of {id}", subject=subject, origin=Location("test.yaml", ("settings", id)))


def subject_of(setting: Setting) -> Exclusions:
    assert isinstance(setting.subject, Exclusions)
    return setting.subject


def listed(members: Iterable[str], of: str = "ExclusionPath", below: str = OWN) -> dict[str, dict[str, Value]]:
    """The key that holds a list; none for an empty one."""
    there = {member: dword(0) for member in members}
    return {rf"{below}\{LISTS[of]}": there} if there else {}


def members(state: State, of: str = "ExclusionPath") -> set[str]:
    return set(values(state).get(rf"{OWN}\{LISTS[of]}", {}))


CONDITIONS = [
    asked("contains", QUEUE),
    asked("contains", QUEUE, MAIL.lower() + "\\"),
    asked("none_of", QUEUE + "\\", OTHER),
    asked("set_equals"),
    asked("set_equals", MAIL),
    asked("set_equals", QUEUE, also=(OTHER,)),
]
STATES: list[tuple[str, ...]] = [(), (QUEUE,), (QUEUE.upper() + "\\", MAIL), (OTHER,), (QUEUE, MAIL, OTHER, "C:\\Söme")]


@pytest.mark.parametrize("setting", CONDITIONS, ids=lambda one: one.subject.must)
def test_condition_and_state(endpoint: Device, tmp_path: Path, setting: Setting) -> None:
    """Judged as the compiler judges it, member by member, left alone the second time, and back."""
    scripts = write_scripts(tmp_path, [setting])
    subject = subject_of(setting)
    batch = endpoint.batch()
    batch.load(CMDLETS)
    ways = []
    for there in STATES:
        batch.wipe(OWN, JOURNAL)
        batch.install(listed(there))
        ways.append((there, *((batch.run(scripts[step]), batch.dump(OWN), batch.dump(JOURNAL)) for step in STEPS)))
    batch.execute(timeout=300)
    for there, detect, remediate, again, idle, rollback in ways:
        state = state_of(there)
        compliant = KIND.verdict(subject, state) is Verdict.COMPLIANT
        assert detect[0].exit_code == (0 if compliant else 1), (there, detect[0].said)
        if not compliant:
            assert detect[0].out[1].strip() == f"{subject.place} is {KIND.shown(state)}, must {subject.must}"
        assert (remediate[0].exit_code, again[0].exit_code, idle[0].out) == (0, 0, ["Compliant"]), (there, remediate[0].said)
        assert members(idle[1].state) == set(held_by(KIND.after(subject, state))), there
        assert rollback[0].exit_code == 0, (there, rollback[0].said)
        assert members(rollback[1].state) == set(there), (there, rollback[0].said)
        assert not journalled(rollback[2].state)


@pytest.mark.parametrize("of", [name for name in LISTS if name != "ExclusionPath"])
def test_each_list_is_its_own(endpoint: Device, tmp_path: Path, of: str) -> None:
    setting = asked("set_equals", "a", ".b", also=("c",), of=of)
    endpoint.install({**listed(["A", "c", "d"], of), **listed([QUEUE])})
    scripts = write_scripts(tmp_path, [setting])
    remediate, detect = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.DETECT])
    assert (remediate.exit_code, detect.exit_code) == (0, 0), remediate.said
    assert (members(here(endpoint), of), members(here(endpoint))) == ({"A", ".b", "c"}, {QUEUE})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert (rollback.exit_code, members(here(endpoint), of)) == (0, {"A", "c", "d"}), rollback.said


SPOILS = {
    "Refuses": (2, "0x800106ba"),
    "Hidden": (2, "N/A: Must be an administrator to view exclusions"),
    "Tamper": (1, "Tamper protection is on, and let nothing happen"),
    "Lies": (1, rf"It is {QUEUE}, {OTHER} all the same"),
}


@pytest.mark.parametrize("how", SPOILS)
def test_what_is_refused_or_lied_about_is_told_and_nothing_is_kept(endpoint: Device, tmp_path: Path, how: str) -> None:
    endpoint.install({**listed([QUEUE, OTHER]), SPOILT: {how: dword(1)}})
    scripts = write_scripts(tmp_path, [asked("set_equals", MAIL)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    code, why = SPOILS[how]
    assert (detect.exit_code, remediate.exit_code) == (code, 1), detect.said
    assert why in "\n".join(remediate.said if code == 1 else detect.said)
    assert members(here(endpoint)) == {QUEUE, OTHER}
    assert not journalled(here(endpoint))


def test_what_is_half_done_is_told_and_goes_back(endpoint: Device, tmp_path: Path) -> None:
    endpoint.install({**listed([QUEUE]), SPOILT: {"Half": dword(1)}})
    scripts = write_scripts(tmp_path, [asked("set_equals", MAIL)])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert rf"It is {QUEUE}, {MAIL} all the same" in "\n".join(remediate.said)
    batch = endpoint.batch()
    batch.wipe(SPOILT)
    batch.execute()
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert (rollback.exit_code, members(here(endpoint))) == (0, {QUEUE}), rollback.said


def test_what_defender_spells_otherwise_is_the_same(endpoint: Device, tmp_path: Path) -> None:
    endpoint.install({SPOILT: {"Spells": dword(1)}})
    scripts = write_scripts(tmp_path, [asked("contains", QUEUE)])
    remediate, detect = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.DETECT])
    assert (remediate.exit_code, detect.exit_code, members(here(endpoint))) == (0, 0, {QUEUE + "\\"}), remediate.said
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert (rollback.exit_code, members(here(endpoint))) == (0, set()), rollback.said


def test_without_the_parameter_the_setting_is_an_error(endpoint: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [asked("contains", QUEUE)])
    batch = endpoint.batch()
    batch.load(CMDLETS)
    # A release of before: its cmdlet knows no such parameter.
    old = tmp_path / "old.ps1"
    old.write_text("function global:Add-MpPreference { [CmdletBinding()] param([switch] $Force) }\n", "ascii")
    batch.load(old)
    remediate = batch.run(scripts[Script.REMEDIATE])
    batch.execute()
    assert "this release of Microsoft Defender can't set ExclusionPath" in "\n".join(remediate.said)
    assert not journalled(here(endpoint))


@pytest.mark.parametrize("by", ["Group Policy", "Intune"])
def test_what_a_policy_excludes_no_preference_takes_out(endpoint: Device, tmp_path: Path, by: str) -> None:
    policy = {rf"{POLICIES}\Policy Manager": {"ExcludedPaths": sz(f"{MAIL}|{QUEUE}")}}
    endpoint.install({**listed([QUEUE, OTHER]), **(listed([QUEUE], below=POLICIES) if by == "Group Policy" else policy)})
    scripts = write_scripts(tmp_path, [asked("none_of", QUEUE)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert (detect.exit_code, remediate.exit_code) == (1, 1)
    assert rf"A policy says so, and goes before a preference: {QUEUE}, below HKLM\SOFTWARE\Policies" in remediate.out[0]
    assert members(here(endpoint)) == {QUEUE, OTHER}
    # What it doesn't name is the device's.
    [other] = run(endpoint, write_scripts(tmp_path / "other", [asked("none_of", OTHER)])[Script.REMEDIATE])
    assert (other.exit_code, members(here(endpoint))) == (0, {QUEUE}), other.said


def test_where_policies_alone_count_nothing_is_added(endpoint: Device, tmp_path: Path) -> None:
    endpoint.install({POLICIES: {"DisableLocalAdminMerge": dword(1)}, **listed([OTHER])})
    adds = write_scripts(tmp_path / "adds", [asked("contains", QUEUE)])
    takes = write_scripts(tmp_path / "takes", [asked("none_of", OTHER)])
    added, taken = run(endpoint, adds[Script.REMEDIATE], takes[Script.REMEDIATE])
    assert "A policy lets no list of the device count" in "\n".join(added.said)
    assert (added.exit_code, taken.exit_code, members(here(endpoint))) == (1, 0, set())


def test_a_rollback_leaves_what_others_did_since(endpoint: Device, tmp_path: Path) -> None:
    """Random lists, settings and changes of others in between, as the compiler's meaning has it."""
    random = Random("defender lists")
    pool = [QUEUE, MAIL, OTHER, "C:\\A", "C:\\B"]
    batch = endpoint.batch()
    batch.load(CMDLETS)
    ways = []
    for number in range(25):
        operator = random.choice(["contains", "none_of", "set_equals"])
        named = random.sample(pool, random.randrange(operator != "set_equals", 4))
        also = tuple(random.sample(pool, random.randrange(3))) if operator == "set_equals" else ()
        setting = asked(operator, *named, also=also)
        scripts = write_scripts(tmp_path / str(number), [setting])
        before, since = random.sample(pool, random.randrange(5)), random.sample(pool, random.randrange(5))
        batch.wipe(OWN, JOURNAL)
        batch.install(listed(before))
        first = (batch.run(scripts[Script.REMEDIATE]), batch.dump(OWN))
        batch.wipe(OWN)
        batch.install(listed(since))
        # Half of them are brought about once more, with what others did in between kept as it is.
        again = (batch.run(scripts[Script.REMEDIATE]), batch.dump(OWN)) if random.random() < 0.5 else None
        ways.append((setting, before, since, first, again, batch.run(scripts[Script.ROLLBACK]), batch.dump(OWN)))
    batch.execute(timeout=400)
    for setting, before, since, first, again, rollback, back in ways:
        subject = subject_of(setting)
        was, now = state_of(before), state_of(since)
        written = KIND.after(subject, was)
        assert members(first[1].state) == set(held_by(written)), first[0].said
        changed = KIND.verdict(subject, was) is not Verdict.COMPLIANT
        base = undone(was, written, now) if changed else now
        if again is not None:
            then = KIND.after(subject, now)
            assert members(again[1].state) == set(held_by(then)), again[0].said
            if KIND.verdict(subject, now) is not Verdict.COMPLIANT:
                was, written, now, changed = base, then, then, True
            base = undone(was, written, now) if changed else now
        assert rollback.exit_code == 0, rollback.said
        assert members(back.state) == set(held_by(base)), (subject, before, since, again is not None, rollback.said)


def test_a_killed_run_is_undone(endpoint: Device, tmp_path: Path) -> None:
    """Wherever the run ends, a rollback brings back what was there, and so does one behind another remediation."""
    scripts = write_scripts(tmp_path, [asked("set_equals", MAIL), asked("contains", "mdf", of="ExclusionExtension", id="two")])
    text, cmdlets = re.subn(
        r"(?m)\$null ?= ?& ?\$cmdlet", "Step-Fuse; $null = & $cmdlet", with_fuse(scripts[Script.REMEDIATION].read_text("ascii"))
    )
    assert cmdlets == 1
    fused = tmp_path / "fused.ps1"
    fused.write_text(text, encoding="ascii", newline="\n")
    batch = endpoint.batch()
    batch.load(CMDLETS)
    ways = []
    for fuse in range(1, 45):
        batch.wipe(OWN, JOURNAL)
        batch.install(listed([QUEUE, OTHER]))
        first = batch.run(fused, f"-Fuse={fuse}")
        runs = [batch.run(scripts[Script.REMEDIATE])] if fuse % 2 else []
        runs.append(batch.run(scripts[Script.ROLLBACK]))
        ways.append((fuse, first, runs, batch.dump(OWN), batch.dump(JOURNAL)))
    batch.execute(timeout=400)
    assert any(first.failure is not None for _, first, _, _, _ in ways)
    assert ways[-1][1].failure is None
    for fuse, _, runs, after, journal in ways:
        assert runs[-1].exit_code == 0, (fuse, runs[-1].said)
        assert values(after.state) == listed([QUEUE, OTHER]), (fuse, runs[-1].said)
        assert not journalled(journal.state), fuse


def test_a_rollback_knows_lists_that_have_left_the_policy(endpoint: Device, tmp_path: Path) -> None:
    """What is to be rolled back says the journal alone."""
    endpoint.install(listed([QUEUE]))
    scripts = write_scripts(tmp_path / "now", [asked("set_equals")])
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert (remediate.exit_code, members(here(endpoint))) == (0, set())
    back = write_scripts(tmp_path / "later", [asked("contains", "mdf", of="ExclusionExtension")])[Script.ROLLBACK]
    [rollback] = run(endpoint, back)
    assert (rollback.exit_code, members(here(endpoint))) == (0, {QUEUE}), rollback.said


def test_a_whatif_and_a_report_change_nothing(endpoint: Device, tmp_path: Path) -> None:
    endpoint.install(listed([QUEUE]))
    whatif = write_scripts(tmp_path / "whatif", [asked("set_equals")])
    report = write_scripts(tmp_path / "report", [asked("set_equals", writes=False)])
    told, remediate = run(endpoint, (whatif[Script.REMEDIATE], "-WhatIf"), report[Script.REMEDIATE])
    assert "Defender's list ExclusionPath" in "\n".join(told.said)
    assert "1 reported only: one" in remediate.out[-1]
    assert members(here(endpoint)) == {QUEUE}


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
def test_compliance_scripts(endpoint: Device, tmp_path: Path, script: Script) -> None:
    endpoint.install(listed([QUEUE]))
    [answer] = run(endpoint, write_scripts(tmp_path, [asked("set_equals")])[script])
    assert answer.failure is None, answer.said
    assert answer.out == (["NonCompliant: one"] if script is Script.DISCOVERY else [])
    assert members(here(endpoint)) == ({QUEUE} if script is Script.DISCOVERY else set())


assert isinstance(state_of([]), Held)
