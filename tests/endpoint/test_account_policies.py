"""Account policies and security options on a device: conditions and states from detection to rollback, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from endpoint import secedit
from endpoint.device import JOURNAL, Device, Dump
from endpoint.fuse import with_fuse
from endpoint.registry import sz
from endpoint.secedit import ACCESS, PRODUCT, STATE, said, scripts, setting
from policyc.powershell.scripts import Script

pytestmark = [pytest.mark.endpoint, pytest.mark.usefixtures("standins")]


@pytest.fixture(autouse=True)
def member(device: Device) -> Iterator[None]:
    """No domain controller, before and after."""
    batch = device.batch()
    batch.wipe(STATE)
    batch.value(PRODUCT, "ProductType", sz("WinNT"))
    batch.execute()
    yield
    batch.wipe(STATE)
    batch.value(PRODUCT, "ProductType", sz("WinNT"))
    batch.execute()


def policy(name: str, word: str, **words: Any) -> Any:
    return setting("account_policy", name, policy=word, **words)


def option(name: str, word: str, **words: Any) -> Any:
    return setting("security_option", name, option=word, **words)


SETTINGS = [
    policy("age", "maximum-password-age", at_most=365),
    policy("age-is-fine", "minimum-password-age", at_least="1 day"),
    policy("history", "password-history", one_of=[12, 24], set=24),
    policy("complexity", "password-complexity", equals="enabled"),
    policy("reversible", "reversible-encryption", equals="disabled"),
    policy("threshold", "lockout-threshold", between=[1, 5], set=5),
    policy("window", "lockout-window", at_least=60),
    policy("duration", "lockout-duration", at_least="1 hour"),
    policy("reported", "minimum-password-length", at_least=14, remediate=False),
    option("guest", "guest-status", equals="disabled"),
    option("administrator", "administrator-name", none_of=["Administrator", "Administrateur"], set="X_Admin"),
    option("logoff", "force-logoff", equals="enabled"),
]
BEFORE = {
    "MaximumPasswordAge": "-1",
    "MinimumPasswordAge": "2",
    "PasswordHistorySize": "0",
    "PasswordComplexity": "0",
    "LockoutBadCount": "0",
    "EnableGuestAccount": "1",
    "ForceLogoffWhenHourExpire": "0",
}
AFTER = {
    "MaximumPasswordAge": "365",
    "MinimumPasswordAge": "2",
    "PasswordHistorySize": "24",
    "PasswordComplexity": "1",
    "LockoutBadCount": "5",
    "ResetLockoutCount": "60",
    "LockoutDuration": "60",
    "EnableGuestAccount": "0",
    "NewAdministratorName": "X_Admin",
    "ForceLogoffWhenHourExpire": "1",
}
FAILING = {"age", "history", "complexity", "threshold", "window", "duration", "guest", "administrator", "logoff"}


def held(device: Device) -> dict[str, str]:
    found = device.dump(ACCESS)[ACCESS].get(ACCESS, {})
    return {name: value.data.decode("utf-16-le").rstrip("\0") for name, value in found.items()}


def run_with(device: Device, made: secedit.Scripts, *which: Script, before: Mapping[str, str], **environment: str) -> list[Any]:
    batch = device.batch()
    for name, text in before.items():
        batch.value(ACCESS, name, sz(text))
    batch.run(made.environment(**environment))
    runs = [batch.run(made.files[script]) for script in which]
    batch.run(made.environment())
    batch.execute()
    return runs


@pytest.mark.parametrize("language", ["", "de"])
def test_there_and_back(device: Device, tmp_path: Path, language: str) -> None:
    made = scripts(tmp_path, SETTINGS)
    which = (Script.DETECT, Script.REMEDIATE, Script.DETECT, Script.REMEDIATE)
    first, changed, then, again = run_with(device, made, *which, before=BEFORE, language=language)
    wrong = {name for name, word in secedit.results(first).items() if word == "NonCompliant"}
    assert (wrong, len(secedit.results(first))) == (FAILING | {"reported"}, len(SETTINGS)), said(first)
    assert {name for name, word in secedit.results(changed).items() if word == "Changed"} == FAILING, said(changed)
    assert held(device) == AFTER
    assert [name for name, word in secedit.results(then).items() if word == "NonCompliant"] == ["reported"], said(then)
    assert "Changed" not in secedit.results(again).values(), said(again)
    [back] = run_with(device, made, Script.ROLLBACK, before={}, language=language)
    assert back.exit_code == 0, said(back)
    after = held(device)
    # What counts only while accounts are locked counts no more; Windows keeps it for another day.
    after.pop("ResetLockoutCount"), after.pop("LockoutDuration")
    assert after == {**BEFORE, "NewAdministratorName": "Administrator"}
    assert device.dump(JOURNAL)[JOURNAL] == {}


@pytest.mark.parametrize(
    ("environment", "told", "code"),
    [
        ({"not_elevated": "1"}, "secedit ended with 1", 1),
        ({"fail": "configure:1"}, "secedit ended with 1", 1),
        ({"ignore": "1"}, "all the same", 1),
        ({"warn": "1"}, "Compliant", 0),
    ],
)
def test_tools_that_fail_or_lie(device: Device, tmp_path: Path, environment: dict[str, str], told: str, code: int) -> None:
    made = scripts(tmp_path, [policy("age", "maximum-password-age", at_most=365)])
    [run] = run_with(device, made, Script.REMEDIATE, before={"MaximumPasswordAge": "-1"}, **environment)
    assert (run.exit_code, told in said(run)) == (code, True), said(run)
    assert held(device)["MaximumPasswordAge"] == ("365" if code == 0 else "-1")
    assert bool([key for key in device.dump(JOURNAL)[JOURNAL] if "journal\\" in key]) is (code == 0)


def test_numbers_that_windows_refuses_together_are_told(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, [policy("age", "maximum-password-age", at_most=30)])
    before = {"MaximumPasswordAge": "90", "MinimumPasswordAge": "60"}
    [run] = run_with(device, made, Script.REMEDIATE, before=before)
    assert "MinimumPasswordAge (60) must be less than MaximumPasswordAge (30)" in said(run)
    assert (run.exit_code, held(device)) == (1, before)


def test_what_somebody_else_changed_since_is_left(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, [policy("age", "maximum-password-age", at_most=365)])
    run_with(device, made, Script.REMEDIATE, before={"MaximumPasswordAge": "-1"})
    detect, rollback = run_with(device, made, Script.DETECT, Script.ROLLBACK, before={"MaximumPasswordAge": "60"})
    assert "changed by someone else since policyc wrote it" in said(detect)
    assert (rollback.exit_code, held(device)) == (1, {"MaximumPasswordAge": "60"}), said(rollback)


def test_a_domain_controller_is_only_reported(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, [policy("age", "maximum-password-age", at_most=365)])
    device.install({PRODUCT: {"ProductType": sz("LanmanNT")}})
    detect, remediate = run_with(device, made, Script.DETECT, Script.REMEDIATE, before={"MaximumPasswordAge": "-1"})
    assert "(only reported, as this is a domain controller)" in said(detect)
    assert "1 reported only: age" in said(remediate)
    assert held(device) == {"MaximumPasswordAge": "-1"}


@pytest.mark.parametrize("one", [one for one in SETTINGS if one.remediated], ids=lambda one: one.id)
def test_compliance_scripts(device: Device, tmp_path: Path, one: Any) -> None:
    made = scripts(tmp_path, [one])
    discovery, remediation, again = run_with(
        device, made, Script.DISCOVERY, Script.REMEDIATION, Script.DISCOVERY, before={**BEFORE, "LockoutBadCount": "3"}
    )
    # Accounts are locked by now, for half an hour: that is too short for both, and a window that is longer is refused alone.
    fails = one.id in FAILING - {"threshold"}
    assert discovery.out == [f"NonCompliant: {one.id}" if fails else "Compliant"]
    assert remediation.said == [], said(remediation)
    assert again.out == [f"NonCompliant: {one.id}" if one.id == "window" else "Compliant"], said(remediation)


KILLED = [policy("age", "maximum-password-age", at_most=365), option("guest", "guest-status", equals="disabled")]
WRONG = {"MaximumPasswordAge": "-1", "EnableGuestAccount": "1"}


def fused(made: secedit.Scripts, script: Script) -> Path:
    """The script, to be killed before its n-th write."""
    file = made.folder / f"fused-{script.value}.ps1"
    file.write_text(with_fuse(made.files[script].read_text("ascii")), encoding="ascii", newline="\n")
    return file


def number(dump: Dump, name: str) -> str:
    return dump.state[ACCESS][name].data.decode("utf-16-le").rstrip("\0")


def test_a_remediation_that_is_killed_can_be_undone(device: Device, tmp_path: Path) -> None:
    """Before each of its writes, of which one is secedit's, which brings both lines; until it comes to its end."""
    made = scripts(tmp_path, KILLED)
    file = fused(made, Script.REMEDIATION)
    batch = device.batch()
    cases = []
    for fuse in range(1, 72, 2):
        batch.wipe(JOURNAL)
        for name, text in WRONG.items():
            batch.value(ACCESS, name, sz(text))
        killed, between = batch.run(file, f"-Fuse={fuse}"), batch.dump(ACCESS)
        cases.append((killed, between, batch.run(made.files[Script.ROLLBACK]), batch.dump(ACCESS), batch.dump(JOURNAL)))
    batch.execute(timeout=600)
    broken_off = [bool(killed.failure) for killed, *_ in cases]
    assert broken_off == sorted(broken_off, reverse=True)
    assert (broken_off[0], broken_off[-1]) == (True, False)
    assert {tuple(number(between, name) for name in WRONG) for _, between, *_ in cases} == {("-1", "1"), ("365", "0")}
    for killed, _, back, after, journal in cases:
        assert "parameter" not in str(killed.failure)
        assert (back.exit_code, {name: number(after, name) for name in WRONG}) == (0, WRONG), (said(killed), said(back))
        assert journal.state == {}


def test_a_rollback_that_is_killed_is_finished_by_the_next(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, KILLED)
    file = fused(made, Script.ROLLBACK)
    batch = device.batch()
    cases = []
    for fuse in range(1, 30, 2):
        batch.wipe(JOURNAL)
        for name, text in WRONG.items():
            batch.value(ACCESS, name, sz(text))
        batch.run(made.files[Script.REMEDIATE])
        killed = batch.run(file, "-All", f"-Fuse={fuse}")
        cases.append((killed, batch.run(made.files[Script.ROLLBACK]), batch.dump(ACCESS), batch.dump(JOURNAL)))
    batch.execute(timeout=600)
    ended = [killed.exit_code for killed, *_ in cases]
    assert ended[-1] == 0, said(cases[-1][0])
    assert len([code for code in ended if code != 0]) > 3
    for killed, back, after, journal in cases:
        assert "parameter" not in str(killed.failure)
        assert (back.exit_code, {name: number(after, name) for name in WRONG}) == (0, WRONG), (said(killed), said(back))
        # Killed between the journal's key and the one above it, a rollback leaves that one, and nothing in it.
        assert journal.state in ({}, {JOURNAL: {}})
