"""The audit policy on a device, by the stand-in for auditpol: judged, changed, given back, and what it is not changed by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from endpoint.cases import setting as registry_value
from endpoint.cases import write_scripts
from endpoint.device import JOURNAL, Device, Run
from endpoint.fuse import with_fuse
from endpoint.journal import ENTRIES, OLDER, entries, owners_of, text_of
from endpoint.registry import dword, sz
from endpoint.standins import AUDIT, StandIns
from policyc.kinds.audit_policy.subcategories import guid_of
from policyc.kinds.audit_policy.subject import FLAGS, AuditPolicy, Subcategory, flag_text
from policyc.model import Kind, Location, Operator, Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint

LOGON, LOGOFF, FILES = (str(guid_of(name)) for name in ("Logon", "Logoff", "File System"))
UNKNOWN = "{0CCE9299-69AE-11D9-BED3-505054503030}"


def audit(id: str, subcategory: str, asked: str, *words: str, writes: bool = True) -> Setting:
    known = guid_of(subcategory) or UNKNOWN
    flags = sum(FLAGS[word] for word in words)
    subject = AuditPolicy(Subcategory(known, subcategory), asked, flags, writes)
    return Setting(id, f"Title of {id}", subject, Location("test.yaml"))


BOTH = audit("logon", "Logon", "at_least", "success", "failure")
NONE = audit("files", "File System", "equals")
WRONG = {LOGON: 1, LOGOFF: 2, FILES: 3}
RIGHT = {LOGON: 3, LOGOFF: 2, FILES: 0}


def run(device: Device, *scripts: Path | tuple[Path, str]) -> list[Run]:
    batch = device.batch()
    runs = [batch.run(script) if isinstance(script, Path) else batch.run(*script) for script in scripts]
    batch.execute()
    return runs


def journal(device: Device) -> dict[str, Mapping]:
    return entries(device.dump(JOURNAL)[JOURNAL])


def test_the_stand_in_is_what_runs(standins: StandIns) -> None:
    """Wine's own secedit ends with 0 and does nothing: a test that it ran would prove nothing."""
    made = r"C:\windows\temp\standin-export.inf"
    # One secedit runs at a time, and one that a killed script started may still be at its end.
    answer = standins.device.session.run(
        script="foreach ($try in 1..40) {\n"
        f'    $null = & "$env:windir\\System32\\secedit.exe" /export /cfg {made} /quiet\n'
        "    if ($LASTEXITCODE -ne 1) { break }\n"
        "    Start-Sleep -Milliseconds 250\n"
        "}\n"
        "$LASTEXITCODE"
    )
    assert answer.lines[-1:] == ["0"]
    assert standins.device.file(made).is_file()
    standins.device.file(made).unlink()


CONDITIONS = [("equals", ()), ("equals", ("success",)), ("equals", ("failure",)), ("equals", ("success", "failure"))]
CONDITIONS += [("at_least", words) for _, words in CONDITIONS[1:]]


@pytest.mark.parametrize(("asked", "words"), CONDITIONS)
def test_every_condition_on_every_state(standins: StandIns, tmp_path: Path, asked: str, words: tuple[str, ...]) -> None:
    device = standins.device
    one = audit("logon", "Logon", asked, *words)
    subject: AuditPolicy = one.subject
    scripts = write_scripts(tmp_path, [one])
    for number in range(4):
        standins.audit({LOGON: number, LOGOFF: 2})
        detect, remediate, again, twice = run(
            device, *(scripts[one] for one in (Script.DETECT, Script.REMEDIATE, Script.DETECT, Script.REMEDIATE))
        )
        holds = subject.holds(number)
        assert detect.exit_code == (0 if holds else 1), (number, detect.said)
        line = f"the audit policy of {LOGON} is {flag_text(number)}, must be {'at least ' if asked == 'at_least' else ''}"
        assert any(line + flag_text(subject.flags) in said for said in detect.said) is not holds
        changed = (
            f"Changed       logon: the audit policy of {LOGON} from {flag_text(number)} to {flag_text(subject.next(number))}"
        )
        assert remediate.out == ([] if holds else [changed]) + ["Compliant"]
        assert (again.exit_code, twice.out) == (0, ["Compliant"])
        assert standins.audited(WRONG) == {LOGON: subject.next(number), LOGOFF: 2}
        [back] = run(device, scripts[Script.ROLLBACK])
        assert back.exit_code == 0, back.said
        assert standins.audited(WRONG) == {LOGON: number, LOGOFF: 2}
        assert device.dump(JOURNAL)[JOURNAL] == {}


def test_all_changes_are_made_by_few_calls(standins: StandIns, tmp_path: Path) -> None:
    """Each change is an event 4719: what holds is not written again; one backup serves a look at all."""
    device = standins.device
    standins.audit(WRONG)
    more = [audit("same", "Logoff", "equals", "failure"), audit("more", "Logoff", "at_least", "failure")]
    scripts = write_scripts(tmp_path, [BOTH, NONE, *more, registry_value("one", Kind.DWORD, Operator.EQUALS, 1, write=1)])
    [detect] = run(device, scripts[Script.DETECT])
    assert detect.exit_code == 1
    assert standins.calls() == {"all": 1, "backup": 1}
    [done] = run(device, scripts[Script.REMEDIATE])
    assert [line.partition(":")[0] for line in done.out] == [
        "Changed       one",
        "Changed       logon",
        "Changed       files",
        "Compliant",
    ]
    assert standins.calls() == {"all": 5, "backup": 3, "set": 2}
    assert standins.audited(WRONG) == RIGHT
    run(device, scripts[Script.ROLLBACK])
    assert standins.audited(WRONG) == WRONG


def test_an_entry_says_of_which_kind_it_is(standins: StandIns, tmp_path: Path) -> None:
    standins.audit(WRONG)
    run(standins.device, write_scripts(tmp_path, [BOTH])[Script.REMEDIATE])
    [entry] = journal(standins.device).values()
    assert (text_of(entry["Of"]), text_of(entry["Name"])) == ("AuditPolicy", LOGON)
    assert (entry["Previous"], entry["Written"]) == (dword(1), dword(3))
    assert not entry.keys() & {"Hive", "View", "Key", "Pending"}


def test_a_german_windows(standins: StandIns, tmp_path: Path) -> None:
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [BOTH, NONE])
    with standins.told(LANGUAGE="de"):
        detect, remediate, back = run(
            standins.device, *(scripts[one] for one in (Script.DETECT, Script.REMEDIATE, Script.ROLLBACK))
        )
    assert (detect.exit_code, remediate.exit_code, back.exit_code) == (1, 0, 0)
    assert standins.audited(WRONG) == WRONG


def test_a_tool_that_lies(standins: StandIns, tmp_path: Path) -> None:
    """Something puts the policy back at once: the tool says that all is well, what is there says that it isn't."""
    device = standins.device
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [BOTH])
    with standins.told(IGNORE="1"):
        remediate, remediation = run(device, scripts[Script.REMEDIATE], scripts[Script.REMEDIATION])
    assert remediate.exit_code == 1
    assert any("logon: could not change" in line and "It is success all the same" in line for line in remediate.out)
    assert "still not compliant after remediation: logon" in str(remediation.failure)
    assert standins.audited(WRONG) == WRONG
    assert journal(device) == {}


def test_a_rollback_by_a_tool_that_lies(standins: StandIns, tmp_path: Path) -> None:
    device = standins.device
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [BOTH])
    run(device, scripts[Script.REMEDIATE])
    with standins.told(IGNORE="1"):
        [back] = run(device, scripts[Script.ROLLBACK])
    assert (back.exit_code, len(journal(device))) == (1, 1)
    [back] = run(device, scripts[Script.ROLLBACK])
    assert (back.exit_code, standins.audited(WRONG)) == (0, WRONG)


@pytest.mark.parametrize("told", [{"FAIL": "backup:1"}, {"NOT_ELEVATED": "1"}, {"UNKNOWN": LOGON}])
def test_what_cannot_be_read_is_an_error_and_never_changed(standins: StandIns, tmp_path: Path, told: dict[str, str]) -> None:
    device = standins.device
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [BOTH, registry_value("one", Kind.DWORD, Operator.EQUALS, 1, write=1)])
    with standins.told(**told):
        [detect] = run(device, scripts[Script.DETECT])
    assert detect.exit_code == 2
    assert any(f"the audit policy of {LOGON} can't be judged: " in line for line in detect.said)
    standins.reset()
    standins.audit(WRONG)
    always = {"FAIL": "backup:1,backup:2,backup:3"} if "FAIL" in told else told
    with standins.told(**always):
        [remediate] = run(device, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert remediate.out[0].startswith("Changed       one: ")
    assert standins.audited(WRONG) == WRONG
    assert not any("Of" in entry for entry in journal(device).values())
    assert "set" not in standins.calls()


def test_a_refused_change_keeps_no_other_from_being_made(standins: StandIns, tmp_path: Path) -> None:
    device = standins.device
    standins.audit({LOGON: 0, LOGOFF: 0})
    scripts = write_scripts(tmp_path, [BOTH, audit("logoff", "Logoff", "equals", "success", "failure")])
    with standins.told(FAIL="set:1,set:2"):
        [remediate] = run(device, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert "logon: could not change" in remediate.out[0]
    assert "auditpol.exe ended with 5" in remediate.out[0]
    assert standins.audited([LOGON, LOGOFF]) == {LOGON: 0, LOGOFF: 3}
    assert [text_of(entry["Name"]) for entry in journal(device).values()] == [LOGOFF]


def test_an_unknown_subcategory_is_an_error_of_its_setting_alone(standins: StandIns, tmp_path: Path) -> None:
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [audit("new", "Of tomorrow", "equals", "success"), BOTH])
    detect, remediate = run(standins.device, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert detect.exit_code == 2
    assert any("this build of Windows does not know the subcategory" in line for line in detect.said)
    assert remediate.exit_code == 1
    assert standins.audited(WRONG) == {**WRONG, LOGON: 3}


def test_what_somebody_else_changed_since_stays(standins: StandIns, tmp_path: Path) -> None:
    device = standins.device
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [BOTH, NONE])
    run(device, scripts[Script.REMEDIATE])
    standins.audit({LOGON: 2})
    detect, back = run(device, scripts[Script.DETECT], scripts[Script.ROLLBACK])
    assert any("changed by someone else since policyc wrote it" in line for line in detect.out)
    assert back.exit_code == 1
    assert any(line.startswith("Left") and LOGON in line for line in back.out)
    assert standins.audited(WRONG) == {**WRONG, LOGON: 2}
    [forced] = run(device, (scripts[Script.ROLLBACK], "-Force"))
    assert (forced.exit_code, standins.audited(WRONG)) == (0, WRONG)


def test_what_if_changes_nothing(standins: StandIns, tmp_path: Path) -> None:
    device = standins.device
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [BOTH])
    [would] = run(device, (scripts[Script.REMEDIATE], "-WhatIf"))
    assert any(f"the audit policy of {LOGON} from success to success and failure" in line for line in would.said)
    assert (standins.audited(WRONG), journal(device)) == (WRONG, {})
    run(device, scripts[Script.REMEDIATE])
    [would] = run(device, (scripts[Script.ROLLBACK], "-WhatIf"))
    assert any("Restore from success and failure to success" in line for line in would.said)
    assert standins.audited(WRONG) == {**WRONG, LOGON: 3}
    assert len(journal(device)) == 1


def test_only_retired_places_go_back(standins: StandIns, tmp_path: Path) -> None:
    device = standins.device
    standins.audit(WRONG)
    run(device, write_scripts(tmp_path, [BOTH, NONE])[Script.REMEDIATE])
    left = tmp_path / "left"
    left.mkdir()
    [back] = run(device, (write_scripts(left, [BOTH])[Script.ROLLBACK], "-OnlyRetired"))
    assert back.exit_code == 0
    assert standins.audited(WRONG) == {**WRONG, LOGON: 3}


def test_a_remediation_that_was_killed_can_be_undone(standins: StandIns, tmp_path: Path) -> None:
    """It ends before its n-th write or call of a tool, for every other n until it comes to its end."""
    device = standins.device
    scripts = write_scripts(tmp_path, [BOTH, NONE])
    fused = tmp_path / "fused.ps1"
    fused.write_text(with_fuse(scripts[Script.REMEDIATION].read_text("ascii")), encoding="ascii", newline="\n")
    batch = device.batch()
    cuts = []
    for fuse in range(1, 72, 2):
        batch.wipe(JOURNAL)
        batch.install({AUDIT: {known: dword(number) for known, number in WRONG.items()}})
        cuts.append(
            (batch.run(fused, f"-Fuse={fuse}"), batch.run(scripts[Script.ROLLBACK]), batch.dump(AUDIT), batch.dump(JOURNAL))
        )
    batch.execute(timeout=600)
    broken_off = [bool(ran.failure) for ran, *_ in cuts]
    assert broken_off == sorted(broken_off, reverse=True)
    assert broken_off[0]
    assert not broken_off[-1]
    assert sum(broken_off) > 10
    for ran, back, audited, left in cuts:
        assert "parameter" not in str(ran.failure)
        numbers = {known: int.from_bytes(audited.state[AUDIT][known].data, "little") for known in WRONG}
        assert (back.exit_code, numbers, left.state) == (0, WRONG, {}), back.said


def test_a_rollback_that_was_killed_is_finished_by_the_next(standins: StandIns, tmp_path: Path) -> None:
    device = standins.device
    scripts = write_scripts(tmp_path, [BOTH, NONE])
    fuses = iter(range(1, 150))
    for fuse in fuses:
        standins.audit(WRONG)
        run(device, scripts[Script.REMEDIATE])
        fused = tmp_path / "fused.ps1"
        fused.write_text(with_fuse(scripts[Script.ROLLBACK].read_text("ascii")), encoding="ascii", newline="\n")
        [ran] = run(device, (fused, "-All", f"-Fuse={fuse}"))
        assert "parameter" not in str(ran.failure)
        if ran.exit_code == 0:
            break
        [back] = run(device, scripts[Script.ROLLBACK])
        assert (back.exit_code, standins.audited(WRONG)) == (0, WRONG), (fuse, back.said)
    assert next(fuses) > 5


def test_nothing_of_a_run_lies_about(standins: StandIns, tmp_path: Path) -> None:
    device = standins.device
    standins.audit(WRONG)
    scripts = write_scripts(tmp_path, [BOTH])
    with standins.told(FAIL="backup:2"):
        run(device, scripts[Script.DETECT], scripts[Script.DETECT], scripts[Script.REMEDIATE])
    logs = device.file(r"C:\windows\Logs\policyc")
    assert [path.name for path in logs.iterdir() if path.is_dir()] == []


class TestScriptsThatDoNotKnowIt:
    """Rollback and reports of a script without the kind: they leave what they can't give back, and say so."""

    def test_a_rollback_without_the_kind(self, standins: StandIns, tmp_path: Path) -> None:
        device = standins.device
        one = registry_value("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
        standins.audit(WRONG)
        both = write_scripts(tmp_path, [BOTH, one])
        run(device, both[Script.REMEDIATE])
        other = tmp_path / "other"
        other.mkdir()
        [back] = run(device, write_scripts(other, [one])[Script.ROLLBACK])
        assert back.exit_code == 1
        assert any(
            f"AuditPolicy {LOGON}, it is of a kind of setting that this script does not know" in line for line in back.out
        )
        [entry] = journal(device).values()
        assert (text_of(entry["Of"]), owners_of(entry) != []) == ("AuditPolicy", True)
        [again] = run(device, both[Script.ROLLBACK])
        assert (again.exit_code, standins.audited(WRONG)) == (0, WRONG)

    def test_a_rollback_of_an_earlier_release(self, standins: StandIns, tmp_path: Path) -> None:
        """It takes the entry for a broken one, tells it, and leaves it."""
        device = standins.device
        standins.audit(WRONG)
        scripts = write_scripts(tmp_path, [BOTH])
        run(device, scripts[Script.REMEDIATE])
        before = journal(device)
        for name in ("rollback", "remediation"):
            run(device, OLDER / f"{name}.ps1")
        assert {at: values for at, values in journal(device).items() if "Of" in values} == before
        [back] = run(device, scripts[Script.ROLLBACK])
        assert standins.audited(WRONG) == WRONG, back.said

    def test_a_damaged_entry_is_told(self, standins: StandIns, tmp_path: Path) -> None:
        device = standins.device
        standins.audit(WRONG)
        scripts = write_scripts(tmp_path, [BOTH])
        for name, content in (
            ("Of", sz("AuditPolicies")),
            ("Name", sz(LOGOFF)),
            ("Previous", dword(0)),
            ("Of", sz("Host; exit")),
        ):
            run(device, scripts[Script.REMEDIATE])
            [at] = journal(device)
            key = rf"{ENTRIES}\{at}"
            whole = journal(device)[at]
            device.install({key: {name: content}})
            [back] = run(device, scripts[Script.ROLLBACK])
            assert (back.exit_code, standins.audited(WRONG)[LOGON]) == (6, 3), name
            device.install({key: {name: whole[name]}})
            [back] = run(device, scripts[Script.ROLLBACK])
            assert (back.exit_code, standins.audited(WRONG)) == (0, WRONG)


def test_the_state_of_the_stand_in_is_below_one_key(standins: StandIns) -> None:
    standins.audit({LOGON: 3})
    assert standins.device.dump(AUDIT)[AUDIT][AUDIT][LOGON] == dword(3)
