"""User rights on a device: conditions and states from detection to rollback, and random ones as `simulate` has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from endpoint import secedit
from endpoint.device import JOURNAL, Device, Dump
from endpoint.fuse import with_fuse
from endpoint.registry import Type, Value, sz
from endpoint.secedit import CALLS, MACHINE, POLICY, PRODUCT, RIGHTS, STATE, held, said, scripts, setting
from policyc.evaluation import Verdict
from policyc.kinds.accounts import of_sid
from policyc.kinds.user_right import sets
from policyc.kinds.user_right.rights import rights
from policyc.kinds.user_right.subject import UserRight
from policyc.model import Setting
from policyc.powershell.scripts import Script

pytestmark = [pytest.mark.endpoint, pytest.mark.usefixtures("standins")]

ADMINISTRATORS, USERS, GUESTS, BACKUP = (f"S-1-5-32-{rid}" for rid in (544, 545, 546, 551))
ORPHAN, SERVICE = "S-1-5-21-9-8-7-1104", "S-1-5-80-0"
GUEST = f"{MACHINE}-501"
ADJUSTED = frozenset({"SeInteractiveLogonRight", "SeImpersonatePrivilege"})
"""Windows gives them back to Administrators, whatever it is told."""


def sid_bytes(sid: str) -> bytes:
    """A SID as Windows keeps it."""
    revision, authority, *parts = map(int, sid.split("-")[1:])
    return bytes([revision, len(parts)]) + authority.to_bytes(6, "big") + b"".join(part.to_bytes(4, "little") for part in parts)


@pytest.fixture(autouse=True)
def machine(device: Device) -> Iterator[None]:
    """The device's SID, where Windows keeps it for itself; it is in a workgroup."""
    batch = device.batch()
    batch.wipe(STATE)
    batch.value(POLICY + r"\PolAcDmS", "", Value(Type.NONE, sid_bytes(MACHINE)))
    batch.value(POLICY + r"\PolPrDmS", "", Value(Type.NONE, b""))
    batch.value(PRODUCT, "ProductType", sz("WinNT"))
    batch.execute()
    yield
    batch.wipe(STATE, POLICY)
    batch.value(PRODUCT, "ProductType", sz("WinNT"))
    batch.execute()


def right(id: str, constant: str, **words: Any) -> Setting:
    return setting("user_right", id, right=constant, **words)


def subject(one: Setting) -> UserRight:
    assert isinstance(one.subject, UserRight)
    return one.subject


def on_device(one: Setting) -> UserRight:
    """What it is about, with the device's numbers in the place that a SID keeps for them."""
    members = (of_sid(account.sid.replace("S-1-5-21-{machine}", MACHINE)) for account in subject(one).members)
    return replace(subject(one), members=tuple(members))


CASES: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "contains-nobody": ("SeTcbPrivilege", {"contains": ["Guests"]}, set()),
    "contains-right": ("SeDenyBatchLogonRight", {"contains": ["Guests"]}, {GUESTS, ORPHAN}),
    "contains-some": ("SeDenyNetworkLogonRight", {"contains": ["Guests", {"device": "Guest"}]}, {GUESTS, ORPHAN}),
    "contains-others": ("SeBatchLogonRight", {"contains": ["Backup Operators"]}, {ADMINISTRATORS, SERVICE}),
    "none-of-nobody": ("SeCreateTokenPrivilege", {"none_of": ["Users"]}, set()),
    "none-of-right": ("SeShutdownPrivilege", {"none_of": ["Guests"]}, {USERS}),
    "none-of-some": ("SeNetworkLogonRight", {"none_of": ["Users", "Guests"]}, {ADMINISTRATORS, USERS, ORPHAN}),
    "none-of-guest": ("SeTimeZonePrivilege", {"none_of": [{"device": "Guest"}]}, {ADMINISTRATORS, GUEST}),
    "none-of-last": ("SeUndockPrivilege", {"none_of": ["Users"]}, {USERS}),
    "exactly-right": ("SeDebugPrivilege", {"set_equals": ["Administrators"]}, {ADMINISTRATORS}),
    "exactly-nobody": ("SeLockMemoryPrivilege", {"set_equals": []}, set()),
    "exactly-to-nobody": ("SeRelabelPrivilege", {"set_equals": []}, {ORPHAN, USERS}),
    "exactly-wrong": ("SeBackupPrivilege", {"set_equals": ["Administrators"]}, {ADMINISTRATORS, BACKUP, ORPHAN}),
    "exactly-other": ("SeRestorePrivilege", {"set_equals": ["Administrators"]}, {BACKUP}),
    "exactly-and-allowed": (
        "SeCreateSymbolicLinkPrivilege",
        {"set_equals": ["Administrators"], "also_allowed": ["Virtual Machines", "All Services"]},
        {SERVICE, USERS},
    ),
    "exactly-with-allowed": (
        "SeAuditPrivilege",
        {"set_equals": ["Local Service"], "also_allowed": ["All Services"]},
        {"S-1-5-19", SERVICE},
    ),
    "reported": ("SeTakeOwnershipPrivilege", {"set_equals": [], "remediate": False}, {ADMINISTRATORS}),
}
SETTINGS = [right(name, constant, **words) for name, (constant, words, _) in CASES.items()]
BEFORE = {constant: frozenset(members) for constant, _, members in CASES.values()}
AFTER = {
    constant: sets.held_by(sets.after(on_device(one), sets.state_of(members))) if subject(one).writes else members
    for one, (constant, members) in zip(SETTINGS, BEFORE.items(), strict=True)
}
FAILING = {
    "contains-nobody",
    "contains-some",
    "contains-others",
    "none-of-some",
    "none-of-guest",
    "none-of-last",
    "exactly-to-nobody",
    "exactly-wrong",
    "exactly-other",
    "exactly-and-allowed",
}


def test_every_condition_in_every_state(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, SETTINGS)
    batch = device.batch()
    secedit.give(batch, BEFORE)
    first, changed, then, again = (
        batch.run(made.files[script]) for script in (Script.DETECT, Script.REMEDIATE, Script.DETECT, Script.REMEDIATE)
    )
    calls = batch.dump(CALLS)
    batch.execute()
    wrong = {name for name, word in secedit.results(first).items() if word == "NonCompliant"}
    assert (wrong, len(secedit.results(first))) == (FAILING | {"reported"}, len(SETTINGS)), said(first)
    assert {name for name, word in secedit.results(changed).items() if word == "Changed"} == FAILING, said(changed)
    assert held(device, BEFORE) == AFTER
    assert [name for name, word in secedit.results(then).items() if word == "NonCompliant"] == ["reported"], said(then)
    assert "Changed" not in secedit.results(again).values(), said(again)
    # secedit reads once for all rights, and before it writes and behind that once more.
    counted = {name: value.data[0] for name, value in calls.state[CALLS].items()}
    assert (counted["configure"], counted["export"]) == (1, 1 + 3 + 1 + 1), counted
    batch = device.batch()
    back = batch.run(made.files[Script.ROLLBACK])
    batch.execute()
    assert back.exit_code == 0, said(back)
    assert held(device, BEFORE) == BEFORE
    assert device.dump(JOURNAL)[JOURNAL] == {}


RANDOM_RIGHTS = [one.constant for one in rights().values() if one.constant not in ADJUSTED]
NAMES = {ADMINISTRATORS: "Administrators", USERS: "Users", GUESTS: "Guests", SERVICE: "All Services", ORPHAN: ORPHAN}
MEMBERS = [ADMINISTRATORS, USERS, GUESTS, SERVICE, ORPHAN]


def some(random: Random) -> list[str]:
    return random.sample(MEMBERS, random.randrange(len(MEMBERS)))


def any_right(random: Random, id: str, constant: str) -> Setting:
    operator = random.choice(["contains", "none_of", "set_equals"])
    words: dict[str, Any] = {operator: [NAMES[sid] for sid in some(random)] or (["Users"] if operator != "set_equals" else [])}
    if operator == "set_equals" and random.random() < 0.5:
        words["also_allowed"] = [NAMES[sid] for sid in some(random)] or ["Guests"]
    return right(id, constant, accept_lockout="For a test", remediate=random.random() < 0.8, **words)


@pytest.mark.parametrize("seed", range(3))
def test_random_settings_as_simulated(device: Device, tmp_path: Path, seed: int) -> None:
    """Verdicts, writes and what a rollback gives back: forty rights a seed, changed by somebody in between."""
    random = Random(f"user rights {seed}")
    chosen = random.sample(RANDOM_RIGHTS, 40)
    settings = [any_right(random, f"right-{number}", constant) for number, constant in enumerate(chosen)]
    before = {constant: frozenset(some(random)) for constant in chosen}
    since = {constant: frozenset(some(random)) for constant in chosen if random.random() < 0.3}
    made = scripts(tmp_path, settings)
    batch = device.batch()
    secedit.give(batch, before)
    first, changed = batch.run(made.files[Script.DETECT]), batch.run(made.files[Script.REMEDIATE])
    batch.execute()
    judged = {one.id: sets.verdict(subject(one), sets.state_of(before[subject(one).place.constant])) for one in settings}
    words = {Verdict.COMPLIANT: "Compliant", Verdict.NON_COMPLIANT: "NonCompliant"}
    assert secedit.results(first) == {name: words[verdict] for name, verdict in judged.items()}, said(first)
    written = {}
    for one in settings:
        constant = subject(one).place.constant
        writes = subject(one).writes and judged[one.id] is Verdict.NON_COMPLIANT
        written[constant] = (
            sets.held_by(sets.after(subject(one), sets.state_of(before[constant]))) if writes else before[constant]
        )
    assert held(device, chosen) == written, said(changed)
    batch = device.batch()
    secedit.give(batch, since)
    back = batch.run(made.files[Script.ROLLBACK])
    batch.execute()
    assert back.exit_code == 0, said(back)
    expected = {
        constant: sets.held_by(
            sets.undone(
                *(sets.state_of(one) for one in (before[constant], written[constant], since.get(constant, written[constant])))
            )
        )
        for constant in chosen
    }
    assert held(device, chosen) == expected
    assert device.dump(JOURNAL)[JOURNAL] == {}


DEBUG = {"SeDebugPrivilege": {ADMINISTRATORS, USERS}}
ONE = right("debug", "SeDebugPrivilege", set_equals=["Administrators"])


def run_with(
    device: Device, made: secedit.Scripts, *scripts_: Script, before: Mapping[str, Iterable[str]] = DEBUG, **environment: str
) -> list[Any]:
    """Runs of scripts on a device whose tools behave like this."""
    batch = device.batch()
    secedit.give(batch, before)
    batch.run(made.environment(**environment))
    runs = [batch.run(made.files[script]) for script in scripts_]
    batch.run(made.environment())
    batch.execute()
    return runs


def test_a_security_policy_that_cannot_be_read(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, [ONE])
    detect, remediate = run_with(device, made, Script.DETECT, Script.REMEDIATE, not_elevated="1")
    assert secedit.results(detect) == {"debug": "Error"}, said(detect)
    assert "secedit ended with 1" in said(detect)
    assert (detect.exit_code, remediate.exit_code) == (2, 1)
    assert held(device, DEBUG) == DEBUG
    assert device.dump(JOURNAL)[JOURNAL] == {}


def test_another_run_of_secedit_is_waited_for(device: Device, tmp_path: Path) -> None:
    detect, remediate = run_with(device, scripts(tmp_path, [ONE]), Script.DETECT, Script.REMEDIATE, fail="export:1,export:3")
    assert secedit.results(detect) == {"debug": "NonCompliant"}, said(detect)
    assert secedit.results(remediate) == {"debug": "Changed"}, said(remediate)


@pytest.mark.parametrize(
    ("environment", "told"), [({"fail": "configure:1"}, "ended with 1"), ({"ignore": "1"}, "all the same")]
)
def test_a_change_that_is_refused_or_not_kept(device: Device, tmp_path: Path, environment: dict[str, str], told: str) -> None:
    made = scripts(tmp_path, [ONE])
    [remediate] = run_with(device, made, Script.REMEDIATE, **environment)
    assert secedit.results(remediate)["debug"] in ("Failed", "NonCompliant"), said(remediate)
    assert told in said(remediate)
    assert remediate.exit_code == 1
    assert held(device, DEBUG) == DEBUG
    # No entry of the journal stands for a change that never was.
    assert [key for key in device.dump(JOURNAL)[JOURNAL] if key.startswith(JOURNAL + "\\journal\\")] == []
    [remediate, rollback] = run_with(device, made, Script.REMEDIATE, Script.ROLLBACK)
    assert secedit.results(remediate) == {"debug": "Changed"}, said(remediate)
    assert held(device, DEBUG) == DEBUG, said(rollback)


def test_warnings_are_no_failure(device: Device, tmp_path: Path) -> None:
    [remediate] = run_with(device, scripts(tmp_path, [ONE]), Script.REMEDIATE, warn="1")
    assert secedit.results(remediate) == {"debug": "Changed"}, said(remediate)
    assert held(device, DEBUG) == {"SeDebugPrivilege": {ADMINISTRATORS}}


def test_what_windows_puts_back_is_told(device: Device, tmp_path: Path) -> None:
    one = right("local", "SeInteractiveLogonRight", set_equals=["Users"], accept_lockout="For a test")
    before = {"SeInteractiveLogonRight": {ADMINISTRATORS, USERS, GUEST}}
    made = scripts(tmp_path, [one])
    [remediate] = run_with(device, made, Script.REMEDIATE, before=before)
    assert remediate.exit_code == 1, said(remediate)
    assert held(device, before) == {"SeInteractiveLogonRight": {ADMINISTRATORS, USERS}}
    # What came of it goes back all the same.
    batch = device.batch()
    rollback = batch.run(made.files[Script.ROLLBACK])
    batch.execute()
    assert (rollback.exit_code, held(device, before)) == (0, before), said(rollback)


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
def test_compliance_scripts(device: Device, tmp_path: Path, script: Script) -> None:
    [run] = run_with(device, scripts(tmp_path, [ONE]), script)
    if script is Script.DISCOVERY:
        assert run.out == ["NonCompliant: debug"], said(run)
    else:
        assert (run.said, run.failure) == ([], None), said(run)
        assert held(device, DEBUG) == {"SeDebugPrivilege": {ADMINISTRATORS}}


def test_windows_in_another_language(device: Device, tmp_path: Path) -> None:
    """German names of accounts in what secedit writes, and in what it takes."""
    settings = [
        right("deny", "SeDenyInteractiveLogonRight", contains=["Guests"]),
        right("guest", "SeDenyNetworkLogonRight", set_equals=["Guests", {"device": "Guest"}]),
        ONE,
    ]
    before = {"SeDenyInteractiveLogonRight": {GUEST}, "SeDenyNetworkLogonRight": {ORPHAN}, **DEBUG}
    made = scripts(tmp_path, settings)
    remediate, detect = run_with(device, made, Script.REMEDIATE, Script.DETECT, before=before, language="de")
    assert set(secedit.results(remediate).values()) == {"Changed"}, said(remediate)
    assert set(secedit.results(detect).values()) == {"Compliant"}, said(detect)
    assert held(device, before) == {
        "SeDenyInteractiveLogonRight": {GUEST, GUESTS},
        "SeDenyNetworkLogonRight": {GUEST, GUESTS},
        "SeDebugPrivilege": {ADMINISTRATORS},
    }
    batch = device.batch()
    batch.run(made.environment(language="de"))
    rollback = batch.run(made.files[Script.ROLLBACK])
    batch.run(made.environment())
    batch.execute()
    assert (rollback.exit_code, held(device, before)) == (0, before), said(rollback)


def test_a_name_that_does_not_resolve_stays(device: Device, tmp_path: Path) -> None:
    """Where not even the device's SID is known, what secedit names by name is kept by name, and told."""
    batch = device.batch()
    batch.wipe(POLICY)
    batch.execute()
    one = right("guests", "SeDenyNetworkLogonRight", contains=["Guests"])
    before = {"SeDenyNetworkLogonRight": {GUEST}}
    made = scripts(tmp_path, [one])
    remediate, detect = run_with(device, made, Script.REMEDIATE, Script.DETECT, before=before)
    assert secedit.results(detect) == {"guests": "Compliant"}, said(detect)
    assert "from given to Guest to given to Guest, S-1-5-32-546" in said(remediate)
    assert held(device, before) == {"SeDenyNetworkLogonRight": {GUEST, GUESTS}}
    assert any("secedit names Guest, who cannot be resolved" in log.read_text("utf-8") for log in device.logs())
    # An account of the device itself can't be judged then.
    [detect] = run_with(
        device, scripts(tmp_path, [right("guest", "SeDebugPrivilege", none_of=[{"device": "Guest"}])]), Script.DETECT
    )
    assert secedit.results(detect) == {"guest": "Error"}
    assert "which only SYSTEM can read" in said(detect)


DOMAIN = "S-1-5-21-11-22-33"
OF_DOMAIN = right("deny", "SeDenyBatchLogonRight", set_equals=["Guests", {"domain": "Domain Admins"}])


@pytest.mark.parametrize(
    ("noted", "after"),
    [(sid_bytes(DOMAIN), {GUESTS, f"{DOMAIN}-512"}), (b"", {GUESTS})],
    ids=["in a domain", "in a workgroup"],
)
def test_a_group_of_the_domain(device: Device, tmp_path: Path, noted: bytes, after: set[str]) -> None:
    batch = device.batch()
    batch.value(POLICY + r"\PolPrDmS", "", Value(Type.NONE, noted))
    batch.execute()
    before = {"SeDenyBatchLogonRight": {ORPHAN}}
    remediate, detect = run_with(device, scripts(tmp_path, [OF_DOMAIN]), Script.REMEDIATE, Script.DETECT, before=before)
    assert secedit.results(detect) == {"deny": "Compliant"}, said(remediate)
    assert held(device, before) == {"SeDenyBatchLogonRight": after}


def test_a_domain_that_cannot_be_known(device: Device, tmp_path: Path) -> None:
    batch = device.batch()
    batch.wipe(POLICY)
    batch.execute()
    before = {"SeDenyBatchLogonRight": {GUESTS}}
    detect, remediate = run_with(device, scripts(tmp_path, [OF_DOMAIN]), Script.DETECT, Script.REMEDIATE, before=before)
    assert secedit.results(detect) == {"deny": "Error"}
    assert "which only SYSTEM can read" in said(detect)
    assert (remediate.exit_code, held(device, before)) == (1, before)


def test_a_domain_controller_is_only_reported(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, [ONE])
    batch = device.batch()
    secedit.give(batch, DEBUG)
    before = batch.run(made.files[Script.REMEDIATE])
    batch.value(PRODUCT, "ProductType", sz("LanmanNT"))
    secedit.give(batch, DEBUG)
    detect, remediate = batch.run(made.files[Script.DETECT]), batch.run(made.files[Script.REMEDIATE])
    batch.execute()
    assert secedit.results(before) == {"debug": "Changed"}
    assert "debug: Title of debug (reported only)" in said(detect)
    assert "(only reported, as this is a domain controller)" in said(detect)
    assert "1 reported only: debug" in said(remediate)
    assert held(device, DEBUG) == DEBUG
    # Nor is anything given back there that was changed before it became one.
    batch = device.batch()
    batch.value(RIGHTS, "SeDebugPrivilege", sz(ADMINISTRATORS))
    rollback = batch.run(made.files[Script.ROLLBACK])
    batch.execute()
    assert (rollback.exit_code, "this is a domain controller" in said(rollback)) == (1, True), said(rollback)


def test_what_if_changes_nothing(device: Device, tmp_path: Path) -> None:
    made = scripts(tmp_path, [ONE])
    batch = device.batch()
    secedit.give(batch, DEBUG)
    run = batch.run(made.files[Script.REMEDIATE], "-WhatIf")
    calls = batch.dump(CALLS)
    batch.execute()
    assert "configure" not in calls.state[CALLS], said(run)
    assert held(device, DEBUG) == DEBUG
    assert device.dump(JOURNAL)[JOURNAL] == {}


def test_what_others_give_and_take_since_stays(device: Device, tmp_path: Path) -> None:
    """A second remediation in between: whom others gave the right isn't taken for whom policyc gave it."""
    one = right("batch", "SeBatchLogonRight", contains=["Guests", "Users"])
    name = "SeBatchLogonRight"
    made = scripts(tmp_path, [one])
    run_with(device, made, Script.REMEDIATE, before={name: {ADMINISTRATORS, BACKUP}})
    # A product gives it to its account; somebody takes it from Users, and from Backup Operators.
    [second] = run_with(device, made, Script.REMEDIATE, before={name: {ADMINISTRATORS, GUESTS, SERVICE}})
    assert secedit.results(second) == {"batch": "Changed"}, said(second)
    assert held(device, [name]) == {name: {ADMINISTRATORS, GUESTS, USERS, SERVICE}}
    batch = device.batch()
    rollback = batch.run(made.files[Script.ROLLBACK])
    batch.execute()
    assert (rollback.exit_code, held(device, [name])) == (0, {name: {ADMINISTRATORS, SERVICE}}), said(rollback)


def test_what_was_taken_from_others_since_goes_back(device: Device, tmp_path: Path) -> None:
    name = "SeDebugPrivilege"
    made = scripts(tmp_path, [ONE])
    run_with(device, made, Script.REMEDIATE, before={name: {ADMINISTRATORS, USERS}})
    run_with(device, made, Script.REMEDIATE, before={name: {ADMINISTRATORS, SERVICE}})
    assert held(device, [name]) == {name: {ADMINISTRATORS}}
    batch = device.batch()
    rollback = batch.run(made.files[Script.ROLLBACK])
    batch.execute()
    assert (rollback.exit_code, held(device, [name])) == (0, {name: {ADMINISTRATORS, USERS, SERVICE}}), said(rollback)


def test_what_is_nobodys_again_goes_back_to_nobody(device: Device, tmp_path: Path) -> None:
    name = "SeTcbPrivilege"
    made = scripts(tmp_path, [right("tcb", name, contains=["Guests", "Users"])])
    run_with(device, made, Script.REMEDIATE, before={name: set()})
    run_with(device, made, Script.REMEDIATE, before={name: {USERS}})
    assert held(device, [name]) == {name: {GUESTS, USERS}}
    batch = device.batch()
    rollback = batch.run(made.files[Script.ROLLBACK])
    batch.execute()
    assert (rollback.exit_code, held(device, [name])) == (0, {name: set()}), said(rollback)


def test_a_run_that_is_killed_loses_nothing(device: Device, tmp_path: Path) -> None:
    """Before each of its writes, in a first run and in a second one; then somebody else, then a rollback."""
    name = "SeDebugPrivilege"
    made = scripts(tmp_path, [ONE])
    fused = tmp_path / "fused.ps1"
    fused.write_text(with_fuse(made.files[Script.REMEDIATION].read_text("ascii")), encoding="ascii", newline="\n")
    product = tmp_path / "product.ps1"
    product.write_text(
        f"$key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('{RIGHTS[5:]}', $true)\n"
        f"$key.SetValue('{name}', $key.GetValue('{name}') + ',{SERVICE}')\n",
        encoding="ascii",
    )
    batch = device.batch()
    cases = []
    for second in (False, True):
        for fuse in range(1, 28):
            batch.wipe(JOURNAL)
            secedit.give(batch, {name: {ADMINISTRATORS, USERS}})
            if second:
                batch.run(made.files[Script.REMEDIATE])
                secedit.give(batch, {name: {ADMINISTRATORS, BACKUP}})
            killed, between = batch.run(fused, f"-Fuse={fuse}"), batch.dump(RIGHTS)
            batch.run(product)
            back, after, journal = batch.run(made.files[Script.ROLLBACK]), batch.dump(RIGHTS), batch.dump(JOURNAL)
            cases.append((second, fuse, killed, between, back, after, journal))
    batch.execute(timeout=900)
    for second, fuse, killed, _, rollback, after, journal in cases:
        wanted = {ADMINISTRATORS, USERS, SERVICE, *([BACKUP] if second else [])}
        assert (rollback.exit_code, members(after, name)) == (0, wanted), (second, fuse, said(killed), said(rollback))
        assert journal.state == {}
    assert len({(second, members(between, name)) for second, _, _, between, *_ in cases}) == 4, (
        "killed before and behind the change"
    )
    assert cases[-1][2].failure is None, "it never came to its end"


def members(dump: Dump, name: str) -> frozenset[str]:
    return frozenset(dump.state[RIGHTS][name].data.decode("utf-16-le").rstrip("\0").split(","))


def test_no_file_is_left(device: Device, tmp_path: Path) -> None:
    run_with(device, scripts(tmp_path, [ONE]), Script.DETECT, Script.REMEDIATE, Script.ROLLBACK)
    run_with(device, scripts(tmp_path, [ONE]), Script.REMEDIATE, fail="configure:1")
    folder = device.file(r"C:\Windows\Logs\policyc")
    assert [one.name for one in folder.iterdir() if one.name.startswith("secedit-")] == []
