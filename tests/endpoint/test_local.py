"""The one script for a machine without management, in every state that it meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from endpoint.cases import BEYOND_DOTNET, key_path, reported, setting
from endpoint.device import JOURNAL, ROOT, ROOT_32, Device
from endpoint.fuse import with_fuse
from endpoint.local import run_local
from endpoint.registry import Value, binary, dword, qword, sz
from policyc.artifacts import Build
from policyc.kinds.registry.trees import TREE
from policyc.model import (
    LOCAL,
    Action,
    Applicability,
    Collection,
    Condition,
    Hive,
    Kind,
    Location,
    Operator,
    Place,
    Project,
    RemoveTree,
    Role,
    ScriptPackage,
    Setting,
    VendorExitCode,
    View,
)
from policyc.targets.intune import Intune
from policyc.targets.local import Local
from registry_settings import altered, registry_setting

pytestmark = pytest.mark.endpoint

ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
TWO = setting("two", Kind.STRING, Operator.EQUALS, "right", write="right")
ONLY = reported(setting("only", Kind.DWORD, Operator.EQUALS, 1))
KEY_ONE, KEY_TWO, KEY_ONLY = key_path(ONE), key_path(TWO), key_path(ONLY)
PROJECT = Project("Estate", "IT", Location("project.yaml"), "8ee4ffd4-acdb-58d3-be46-275fec287ebb")
LOG = r"C:\Windows\Logs\policyc\policyc-ring-8ee4ffd4.log"
APPLY, RESTORE = ("-Mode", "Apply"), ("-Mode", "Restore")
Script = Callable[..., Path]


def ring(
    *settings: Setting, slug: str = "ring", past: tuple[str, ...] = (), package: ScriptPackage | None = None
) -> Collection:
    return Collection(
        "Ring",
        slug,
        Location("ring.yaml"),
        settings=settings,
        packages=() if package is None else (package,),
        estate=PROJECT.id,
        targets=(LOCAL,),
        past_kinds=past,
    )


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """The script that a collection with these settings gets."""

    def write(*settings: Setting, slug: str = "ring", past: tuple[str, ...] = (), package: ScriptPackage | None = None) -> Path:
        whole = ring(*settings, slug=slug, past=past, package=package)
        made = {one.path: one for one in Local().artifacts(PROJECT, whole, Build())}
        path = tmp_path / slug / "policy.ps1"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made[f"{slug}/local/policy.ps1"].content)
        return path

    return write


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text("ascii")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="ascii")
    return path


def test_what_holds_is_left_alone_in_every_mode(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(1)}, KEY_TWO: {"v": sz("RIGHT")}})
    before = device.dump(ROOT, JOURNAL)
    ring_script = script(ONE, TWO)
    audit = run_local(device, ring_script)
    assert (audit.outcome, audit.settings, audit.error) == ("well", {"Compliant": {"one", "two"}}, "")
    assert audit.summary == "2 compliant, 0 not compliant, 0 could not be judged"
    assert audit.log.lower() == LOG.lower()
    for mode in (APPLY, RESTORE):
        assert run_local(device, ring_script, *mode).outcome == "well"
    assert device.dump(ROOT, JOURNAL) == before


@pytest.mark.parametrize(
    "held", [None, dword(0), qword(1), sz("1"), binary(b"\x01\x00\x00\x00")], ids=["absent", "0", "qword", "text", "binary"]
)
def test_what_fails_is_told_brought_about_and_taken_back(device: Device, script: Script, held: Value | None) -> None:
    before = {KEY_ONE: {} if held is None else {"v": held}, KEY_TWO: {"v": sz("right")}}
    device.install(before)
    ring_script = script(ONE, TWO)
    audit = run_local(device, ring_script)
    assert (audit.outcome, audit.settings) == ("not compliant", {"Compliant": {"two"}, "NonCompliant": {"one"}})
    assert device.dump(ROOT)[ROOT] == {ROOT: {}, **before}
    applied = run_local(device, ring_script, *APPLY)
    assert (applied.outcome, applied.settings, applied.error) == ("well", {"Changed": {"one"}}, "")
    assert applied.summary == "Compliant"
    assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": dword(1)}
    assert run_local(device, ring_script).outcome == "well"
    restored = run_local(device, ring_script, *RESTORE)
    assert (restored.outcome, restored.error) == ("well", "")
    assert restored.summary == (
        "Places in the journal: 1; done: 1; kept for another: 0; of users who left: 0; broken: 0; left: 0"
    )
    assert device.dump(ROOT)[ROOT] == {ROOT: {}, **before}
    assert not device.dump(JOURNAL)[JOURNAL]


def test_a_key_that_is_missing_is_made_and_goes_again(device: Device, script: Script) -> None:
    ring_script = script(ONE)
    assert run_local(device, ring_script).outcome == "not compliant"
    assert run_local(device, ring_script, *APPLY).outcome == "well"
    assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": dword(1)}
    assert run_local(device, ring_script, *RESTORE).outcome == "well"
    assert not device.dump(ROOT)[ROOT]


@pytest.mark.parametrize("kind", BEYOND_DOTNET)
def test_what_cannot_be_judged_is_no_failure_of_the_policy(device: Device, script: Script, kind: str) -> None:
    device.install({KEY_ONE: {"v": BEYOND_DOTNET[kind]}, KEY_TWO: {"v": sz("right")}})
    ring_script = script(ONE, TWO)
    audit = run_local(device, ring_script)
    assert (audit.outcome, audit.settings) == ("unknown", {"Compliant": {"two"}, "Error": {"one"}})
    device.install({KEY_TWO: {"v": sz("wrong")}})
    assert run_local(device, ring_script).outcome == "not compliant"
    applied = run_local(device, ring_script, *APPLY)
    assert (applied.outcome, applied.settings) == ("left", {"Changed": {"two"}, "NonCompliant": {"one"}})
    assert applied.summary == "1 not compliant: one"
    assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": BEYOND_DOTNET[kind]}


def test_what_windows_refuses_is_left_and_the_rest_is_done(device: Device, script: Script) -> None:
    """A key that can't be made, as the one above it holds only until the next start."""
    batch = device.batch()
    batch.key(KEY_ONE.rpartition("\\")[0], volatile=True)
    batch.execute()
    device.install({KEY_TWO.replace(ROOT, ROOT_32): {"v": sz("wrong")}})
    other = altered(TWO, place=replace(TWO.subject.place, view=View.BITS_32))
    applied = run_local(device, script(ONE, other), *APPLY)
    assert applied.outcome == "left"
    assert applied.settings == {"Failed": {"one"}, "Changed": {"two"}, "NonCompliant": {"one"}}
    assert device.dump(ROOT_32)[ROOT_32][key_path(other)] == {"v": sz("right")}


def test_what_is_only_reported_fails_the_audit_and_nothing_else(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(5)}, KEY_ONLY: {"v": dword(5)}})
    ring_script = script(ONE, ONLY)
    assert run_local(device, ring_script).settings == {"NonCompliant": {"one", "only"}}
    applied = run_local(device, ring_script, *APPLY)
    assert (applied.outcome, applied.settings) == ("well", {"Changed": {"one"}})
    assert applied.summary == "Compliant in what it may change; 1 reported only: only"
    assert run_local(device, ring_script).outcome == "not compliant"
    assert device.dump(KEY_ONLY)[KEY_ONLY][KEY_ONLY] == {"v": dword(5)}


def test_apply_twice_changes_nothing_more(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    ring_script = script(ONE)
    run_local(device, ring_script, *APPLY)
    before = device.dump(ROOT, JOURNAL)
    again = run_local(device, ring_script, *APPLY)
    assert (again.outcome, again.settings, again.summary) == ("well", {}, "Compliant")
    assert device.dump(ROOT, JOURNAL) == before
    assert run_local(device, ring_script, *RESTORE).outcome == "well"
    after = device.dump(ROOT, JOURNAL)
    assert run_local(device, ring_script, *RESTORE).outcome == "well"
    assert device.dump(ROOT, JOURNAL) == after


def test_what_if_says_and_changes_nothing(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    ring_script = script(ONE)
    before = device.dump(ROOT, JOURNAL)
    answer = device.run(ring_script, *APPLY, "-WhatIf")
    assert answer.exit_code == 3
    assert "Change one" in answer.stdout
    assert device.dump(ROOT, JOURNAL) == before
    run_local(device, ring_script, *APPLY)
    before = device.dump(ROOT, JOURNAL)
    answer = device.run(ring_script, *RESTORE, "-WhatIf")
    assert "What if" in answer.stdout
    assert device.dump(ROOT, JOURNAL) == before


def test_what_somebody_else_changed_is_left_unless_forced(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(7)}, KEY_TWO: {"v": sz("wrong")}})
    ring_script = script(ONE, TWO)
    run_local(device, ring_script, *APPLY)
    device.install({KEY_ONE: {"v": dword(5)}})
    assert "changed by someone else since policyc wrote it" in device.run(ring_script).stdout
    assert run_local(device, ring_script, *RESTORE).outcome == "left"
    held = device.dump(ROOT)[ROOT]
    assert (held[KEY_ONE], held[KEY_TWO]) == ({"v": dword(5)}, {"v": sz("wrong")})
    assert run_local(device, ring_script, *RESTORE, "-Force").outcome == "well"
    assert device.dump(ROOT)[ROOT][KEY_ONE] == {"v": dword(7)}


def test_only_what_left_the_policy_goes_back(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(7)}, KEY_TWO: {"v": sz("wrong")}, KEY_ONLY: {"v": dword(5)}})
    run_local(device, script(ONE, TWO, altered(ONLY, write=ONE.subject.write)), *APPLY)
    newer = script(TWO, ONLY)
    restored = run_local(device, newer, *RESTORE, "-OnlyRetired")
    assert restored.outcome == "well"
    assert "still in the policy: 1; done: 2;" in restored.summary
    held = device.dump(ROOT)[ROOT]
    # What is only reported by now has left what the policy writes.
    assert (held[KEY_ONE], held[KEY_TWO], held[KEY_ONLY]) == ({"v": dword(7)}, {"v": sz("right")}, {"v": dword(5)})


def test_another_system_goes_on_with_it(device: Device, script: Script, tmp_path: Path) -> None:
    """Owner, journal and lock are the collection's: either rollback takes back what the other way changed."""
    scripts = {one.path: one.content for one in Intune().artifacts(PROJECT, ring(ONE), Build())}
    for way in ("there", "back"):
        device.install({KEY_ONE: {"v": dword(7)}})
        of_intune = tmp_path / f"{way}.ps1"
        name = "rollback/remediate.ps1" if way == "there" else "remediated/remediate.ps1"
        of_intune.write_bytes(scripts[f"ring/intune/{name}"])
        if way == "there":
            assert run_local(device, script(ONE), *APPLY).outcome == "well"
            assert device.run(of_intune).exit_code == 0
        else:
            assert device.run(of_intune).exit_code == 0
            assert run_local(device, script(ONE), *RESTORE).outcome == "well"
        assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": dword(7)}
        assert not device.dump(JOURNAL)[JOURNAL]


def test_a_tree_goes_and_comes_back(device: Device, script: Script) -> None:
    place = Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\policyc-test\tree", None)
    at = Location("ring.yaml")
    tree = registry_setting("tree", "It is gone", place, Condition(Operator.ABSENT), at, write=RemoveTree(), kind=None)
    key = rf"{ROOT}\tree"
    before = {key: {"": sz("x")}, key + r"\a": {}, key + r"\a\b": {"v": dword(1)}, KEY_ONE: {"v": dword(7)}}
    device.install(before)
    both = script(tree, ONE)
    assert run_local(device, both).settings == {"NonCompliant": {"tree", "one"}}
    assert device.dump(ROOT)[ROOT] == {ROOT: {}, **before}
    assert run_local(device, both, *APPLY).outcome == "well"
    assert device.dump(ROOT)[ROOT] == {ROOT: {}, KEY_ONE: {"v": dword(1)}}
    assert run_local(device, both, *RESTORE, "-OnlyRetired").outcome == "well"
    assert key not in device.dump(ROOT)[ROOT]
    # Also by a script whose policy has no trees any more.
    assert run_local(device, script(past=(TREE,)), *RESTORE).outcome == "well"
    assert device.dump(ROOT)[ROOT] == {ROOT: {}, **before}


def test_a_setting_for_other_devices_is_not_applicable(device: Device, script: Script) -> None:
    for role in Role:
        other = altered(ONE, id=f"for-{role}", applies_to=Applicability(from_build=90000, role=role))
        audit = run_local(device, script(other))
        assert (audit.outcome, audit.settings) == ("well", {"NotApplicable": {f"for-{role}"}})
        assert run_local(device, script(other), *APPLY).outcome == "well"


NOT_ELEVATED = ("function Test-Elevation {\n", "function Test-Elevation {\n    return $false\n")
CONSTRAINED = ("Set-StrictMode -Version 3.0\n", "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n")


@pytest.mark.parametrize("mode", [(), APPLY, RESTORE], ids=["audit", "apply", "restore"])
def test_elevation_is_asked_for_in_words(device: Device, script: Script, mode: tuple[str, ...]) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    run_local(device, script(ONE), *APPLY)
    before = device.dump(ROOT, JOURNAL)
    told = run_local(device, changed(script(ONE, TWO), *NOT_ELEVATED), *mode)
    assert told.outcome == "not elevated"
    assert "administrator" in told.error
    assert "Run as administrator" in told.summary
    assert device.dump(ROOT, JOURNAL) == before


def test_a_restricted_powershell_is_told(device: Device, script: Script) -> None:
    told = run_local(device, changed(script(ONE), *CONSTRAINED), *APPLY)
    assert told.outcome == "unknown"
    assert "ConstrainedLanguage" in told.error


@pytest.mark.parametrize(
    "arguments",
    [
        ("-Force",),
        ("-OnlyRetired",),
        (*APPLY, "-ForgetGone"),
        (*APPLY, "-ForceAtMost", "3"),
        (*RESTORE, "-OnlyRetired", "-ShowEntry", "x"),
    ],
)
def test_what_does_not_fit_together_does_nothing(device: Device, script: Script, arguments: tuple[str, ...]) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    run_local(device, script(ONE), *APPLY)
    before = device.dump(ROOT, JOURNAL)
    told = run_local(device, script(ONE, TWO), *arguments)
    assert told.outcome == "usage"
    assert "usage: policy.ps1" in told.error
    assert device.dump(ROOT, JOURNAL) == before


def test_another_run_is_waited_for_and_told(device: Device, script: Script) -> None:
    """The lock is the device's, so this run waits for any other collection's."""
    path = changed(script(ONE), "$LockSeconds = 20\n", "$LockSeconds = 0\n")
    hold = "$held = [IO.File]::Open('C:\\Windows\\Logs\\policyc\\policyc.lock', 'OpenOrCreate', 'ReadWrite', 'None')\n"
    changed(path, "$engine = Get-NativeEngine\n", f"$null = Get-LogFolder\n{hold}$engine = Get-NativeEngine\n")
    for mode in (APPLY, RESTORE):
        told = run_local(device, path, *mode)
        device.session.run(script="[GC]::Collect(); [GC]::WaitForPendingFinalizers()")
        assert told.outcome == "unknown"
        assert "another run has been busy" in told.error
    assert not device.dump(ROOT)[ROOT]


def test_a_broken_entry_is_told_shown_and_dropped(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(7)}})
    ring_script = script(ONE)
    run_local(device, ring_script, *APPLY)
    (entry,) = (key for key in device.dump(JOURNAL)[JOURNAL] if key.count("\\") == JOURNAL.count("\\") + 2)
    device.install({entry: {"Owners": dword(1)}})
    restored = run_local(device, ring_script, *RESTORE)
    assert (restored.outcome, "broken: 1" in restored.summary) == ("left", True)
    number = entry.rpartition("\\")[2]
    assert number in device.run(ring_script, *RESTORE, "-ShowEntry", number).stdout
    assert device.run(ring_script, *RESTORE, "-DropEntry", number).exit_code == 0
    assert run_local(device, ring_script, *RESTORE).outcome == "well"


def test_a_killed_run_is_finished_or_taken_back(device: Device, script: Script, tmp_path: Path) -> None:
    ring_script = script(ONE, TWO)
    killed = tmp_path / "killed.ps1"
    text = ring_script.read_text("ascii").replace("= 'Audit',", "= 'Apply',")
    killed.write_text(with_fuse(text), encoding="ascii")
    for steps in range(1, 12, 2):
        device.clean()
        device.install({KEY_ONE: {"v": dword(7)}, KEY_TWO: {"v": sz("wrong")}})
        device.run(killed, str(steps))
        assert run_local(device, ring_script, *RESTORE).outcome == "well", steps
        held = device.dump(ROOT)[ROOT]
        assert (held[KEY_ONE], held[KEY_TWO]) == ({"v": dword(7)}, {"v": sz("wrong")}), steps


def test_the_log_has_the_run_and_nothing_secret(device: Device, script: Script) -> None:
    device.install({KEY_ONE: {"v": dword(7)}, KEY_TWO: {"v": sz("hunter2")}})
    path = script(ONE, altered(TWO, sensitive=True))
    said = device.run(path).stdout + device.run(path, *APPLY).stdout
    log = device.file(LOG).read_text("ascii")
    assert "policy.ps1 -Mode Audit: begins" in log
    assert "policy.ps1 -Mode Apply: begins" in log
    assert "one: not compliant, " in log
    assert "one: changed " in log
    assert "hunter2" not in log + said


def test_a_32_bit_process_starts_a_64_bit_one(device: Device, script: Script) -> None:
    """Imitated: the process that starts says that it is one of 32 bits, and the other one that it isn't."""
    if not device.is_stand_in:
        pytest.skip("a Windows has a 32-bit PowerShell of its own")
    device.engine_folder("sysnative")
    device.install({KEY_ONE: {"v": dword(7)}})
    path = changed(script(ONE), "-or [Environment]::Is64BitProcess)", "-or $env:POLICYC_IS_64)")
    changed(path, "    & $engine ", "    $env:POLICYC_IS_64 = '1'\n    & $engine ")
    try:
        audit = run_local(device, path)
        assert (audit.outcome, audit.settings) == ("not compliant", {"NonCompliant": {"one"}})
        device.session.run(script="$env:POLICYC_IS_64 = $null")
        assert device.run(path, *APPLY, "-WhatIf").exit_code == 3
        assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": dword(7)}
        device.session.run(script="$env:POLICYC_IS_64 = $null")
        assert run_local(device, path, *APPLY).outcome == "well"
        assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": dword(1)}
    finally:
        device.session.run(script="$env:POLICYC_IS_64 = $null")


BY_HAND = "ExampleLocalOnboardingScript.cmd"
PACKAGE = ScriptPackage(
    "onboarding",
    "Example sensor",
    Action.ONBOARD,
    "ExampleOnboardingScript.cmd",
    (VendorExitCode(0, "well", 0), VendorExitCode(15, "The sensor could not be started", 215)),
    299,
    "Example",
    False,
    600,
    15,
    Location("ring.yaml"),
    local_script=BY_HAND,
)


def vendors(folder: Path, code: int = 0, name: str = BY_HAND) -> Path:
    """A script of a vendor that leaves a mark beside itself."""
    path = folder / name
    path.write_bytes(b'@echo off\r\necho ran> "%%~dp0ran.txt"\r\nexit /b %d\r\n' % code)
    return path


def ran(script: Path) -> bool:
    mark = script.parent / "ran.txt"
    there = mark.is_file()
    mark.unlink(missing_ok=True)
    return there


def test_the_vendors_script_is_run_before_the_settings(device: Device, script: Script, tmp_path: Path) -> None:
    path, vendor = script(ONE, package=PACKAGE), vendors(tmp_path)
    named = device.session.path(vendor)
    assert not ran(vendor)
    assert device.run(path, *APPLY, "-VendorScript", named, "-WhatIf").exit_code == 3
    assert not ran(vendor)
    applied = device.run(path, *APPLY, "-VendorScript", named)
    assert (applied.exit_code, applied.stderr) == (0, "")
    assert ran(vendor)
    words = [line.split(":")[0] for line in applied.lines]
    assert words[:2] == ["Changed       Example sensor", "Changed       one"]
    # Without it, and in other modes, nothing of the vendor's is run.
    assert run_local(device, path, *APPLY).outcome == "well"
    assert run_local(device, path, *RESTORE).outcome == "well"
    assert not ran(vendor)
    for mode in ((), RESTORE):
        assert run_local(device, path, *mode, "-VendorScript", named).outcome == "usage"
    assert run_local(device, script(ONE), *APPLY, "-VendorScript", named).outcome == "usage"
    assert not ran(vendor)


@pytest.mark.parametrize(
    ("code", "said"), [(15, "15: The sensor could not be started"), (3, "3: its vendor does not document that")]
)
def test_a_vendors_script_that_fails_is_left_and_the_settings_come(
    device: Device, script: Script, tmp_path: Path, code: int, said: str
) -> None:
    vendor = vendors(tmp_path, code)
    applied = device.run(script(ONE, package=PACKAGE), *APPLY, "-VendorScript", device.session.path(vendor))
    assert (applied.exit_code, ran(vendor)) == (3, True)
    assert f"Failed        Example sensor: the script ended with {said}" in applied.lines
    assert "1 not compliant: Example sensor" in applied.lines
    assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE] == {"v": dword(1)}


def test_another_file_than_the_policy_means_is_not_run(device: Device, script: Script, tmp_path: Path) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    silent = vendors(tmp_path, name=PACKAGE.script)
    right = sha256(silent.read_bytes()).hexdigest()
    cases: list[tuple[str, ScriptPackage, str]] = [
        ("Other.cmd", PACKAGE, "is not called ExampleOnboardingScript.cmd or ExampleLocalOnboardingScript.cmd"),
        (PACKAGE.script, replace(PACKAGE, sha256="0" * 64), f"has the SHA-256 {right}, the policy asks for 0000"),
        (BY_HAND, replace(PACKAGE, action=Action.OFFBOARD, valid_until=yesterday), f"was valid until {yesterday} (UTC)"),
    ]
    for name, package, said in cases:
        vendor = vendors(tmp_path, name=name)
        applied = device.run(script(package=package), *APPLY, "-VendorScript", device.session.path(vendor))
        assert (applied.exit_code, ran(vendor)) == (3, False), name
        assert said in applied.stdout
        assert "it was not run" in applied.stdout
    missing = device.run(script(package=PACKAGE), *APPLY, "-VendorScript", device.session.path(tmp_path / "no" / BY_HAND))
    assert missing.exit_code == 3
    assert "Failed        Example sensor: " in missing.stdout


def test_the_right_file_is_run(device: Device, script: Script, tmp_path: Path) -> None:
    silent = vendors(tmp_path, name=PACKAGE.script)
    right = sha256(silent.read_bytes()).hexdigest()
    for name, package in (
        (PACKAGE.script.upper(), replace(PACKAGE, sha256=right)),
        # The policy's hash is that of the script which it names.
        (BY_HAND, replace(PACKAGE, sha256=right)),
        (BY_HAND, replace(PACKAGE, action=Action.OFFBOARD, valid_until=date(2999, 1, 1))),
    ):
        vendor = vendors(tmp_path, name=name)
        applied = device.run(script(package=package), *APPLY, "-VendorScript", device.session.path(vendor))
        assert (applied.exit_code, ran(vendor)) == (0, True), applied
