"""The audit policy: what a policy may say, what it means, and who is told."""

from __future__ import annotations

import re
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic, Level
from policyc.driver.check import Checked, check
from policyc.driver.order import Order
from policyc.driver.output import run
from policyc.evaluation import ABSENT, UNREADABLE, Held, Verdict
from policyc.kinds.audit_policy import AuditPolicyKind
from policyc.kinds.audit_policy.subcategories import guid, guid_of, meant, name_of, names
from policyc.kinds.audit_policy.subject import AuditPolicy, Subcategory
from policyc.model import Collection, Kind
from policyc.plan.settings import setting_change
from policyc.resolved import snapshot
from policyc.simulation.outcomes import remediated, simulate
from policyc.simulation.rollback import rolled_back

DAY = date(2026, 1, 31)
PROJECT = "project: {name: Audits, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"
KIND = AuditPolicyKind()
EVERY = [
    AuditPolicy(Subcategory(guid("15"), "Logon"), asked, flags, writes=True)
    for asked in ("equals", "at_least")
    for flags in range(4)
]


def write(folder: Path, settings: str, more: str = "", **files: str) -> Path:
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    one = f"collection: {{name: One, limited_to: All Systems}}\n{more}settings:\n{settings}"
    for name, text in {"project": PROJECT, "one": one, **files}.items():
        (policies / f"{name}.yaml").write_text(text, encoding="utf-8")
    return policies


def audit(id: str, words: str, more: str = "") -> str:
    return f"  {id}: {{title: A title, audit_policy: {{{words}}}{more}}}\n"


def checked(folder: Path, *settings: str, more: str = "", **files: str) -> Checked:
    return check(write(folder, "".join(settings), more, **files), DAY)


def only(folder: Path, *settings: str) -> Collection:
    found = checked(folder, *settings)
    assert [one for one in found.diagnostics if one.is_error] == []
    return found.collections[0]


def errors(found: Checked) -> list[Diagnostic]:
    return [one for one in found.diagnostics if one.is_error]


# What it means


@pytest.mark.parametrize("subject", EVERY)
def test_what_is_left_is_the_least_that_satisfies(subject: AuditPolicy) -> None:
    for flags in range(4):
        left = subject.next(flags)
        assert subject.holds(left)
        assert left == flags if subject.holds(flags) else True
        assert subject.asked == "equals" or left & flags == flags


@pytest.mark.parametrize(("one", "other"), list(product(EVERY, EVERY)))
def test_what_is_between_two_settings_of_a_place(one: AuditPolicy, other: AuditPolicy) -> None:
    both = [flags for flags in range(4) if one.holds(flags) and other.holds(flags)]
    assert KIND.contradict(one, other) is (not both)
    assert KIND.implies(one, other) is all(other.holds(flags) for flags in range(4) if one.holds(flags))
    if KIND.agree(one, other):
        assert all(one.next(other.next(flags)) == other.next(one.next(flags)) for flags in range(4))
    if KIND.violates(one, other):
        assert not any(other.holds(one.next(flags)) for flags in range(4))
    assert KIND.covers(one, other) is (KIND.meaning(one) == KIND.meaning(other))


def test_states() -> None:
    both = EVERY[7]
    assert KIND.verdict(both, UNREADABLE) is Verdict.ERROR
    assert KIND.verdict(both, ABSENT) is Verdict.NON_COMPLIANT
    assert KIND.after(both, Held(Kind.DWORD, 1)) == Held(Kind.DWORD, 3)


# Names


def test_every_subcategory_has_one_guid_and_one_name() -> None:
    guids = [str(guid_of(name)) for name in names()]
    assert (len(names()), len({*guids})) == (60, 60)
    for name, known in zip(names(), guids, strict=True):
        assert re.fullmatch(r"\{0CCE92[0-9A-F]{2}-69AE-11D9-BED3-505054503030\}", known)
        assert name_of(known.lower()) == name
        assert meant(known.strip("{}")) == (name, "the GUID")
        assert meant(name.upper()) in ((name, ""), None) or guid_of(name.upper()) is not None


@pytest.mark.parametrize(
    ("written", "name", "how"),
    [
        ("Logonn", "Logon", "did you mean"),
        ("process creation", "Process Creation", "did you mean"),
        ("Audit Process Creation", "Process Creation", "the policy editor's name"),
        ("Audit PNP Activity", "Plug and Play Events", "the policy editor's"),
        ("Richtlinienänderungen überwachen", "Audit Policy Change", "another language's name"),
        ("{0CCE922B-69AE-11D9-BED3-505054503030}", "Process Creation", "the GUID"),
        ("Audit Audit Policy Change", "Audit Policy Change", "the policy editor's name"),
    ],
)
def test_another_spelling_names_the_one_to_write(tmp_path: Path, written: str, name: str, how: str) -> None:
    [found] = errors(checked(tmp_path, audit("a", f"subcategory: '{written.replace(chr(39), chr(39) * 2)}', equals: []")))
    assert (found.code, found.location.path) == ("PC1002", ("settings", "a", "audit_policy", "subcategory"))
    assert f"'{name}'" in found.message + str(found.help)
    assert how in found.message + str(found.help)
    assert found.cures


def test_what_is_no_subcategory_at_all(tmp_path: Path) -> None:
    [found] = errors(checked(tmp_path, audit("a", "subcategory: Weather, equals: []")))
    assert (found.code, found.cures) == ("PC1002", ())
    assert "auditpol /list" in str(found.help)


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("  a: {title: A, audit_policy: {subcategory: Logon}}\n", "PC0209"),
        ("  a: {title: A, audit_policy: {subcategory: Logon, equals: [], at_least: [success]}}\n", "PC0209"),
        ("  a: {title: A, audit_policy: {subcategory: Logon, equals: [sucess]}}\n", "PC0206"),
        ("  a: {title: A, audit_policy: {subcategory: Logon, at_least: []}}\n", "PC0210"),
        ("  a: {title: A, audit_policy: {subcatgory: Logon, equals: []}}\n", "PC0201"),
        ("  a: {title: A, audit_polcy: {subcategory: Logon, equals: []}}\n", "PC0201"),
        ("  a: {title: A, audit_policy: {subcategory: Logon, equals: success}}\n", "PC0204"),
        ("  a: {title: A}\n", "PC0203"),
    ],
)
def test_the_schema(tmp_path: Path, setting: str, code: str) -> None:
    assert [one.code for one in errors(checked(tmp_path, setting))] == [code]


def test_a_setting_is_of_one_kind(tmp_path: Path) -> None:
    value = "registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, equals: 1}"
    [found] = errors(checked(tmp_path, audit("a", "subcategory: Logon, equals: []", f", {value}")))
    assert (found.code, found.location.path) == ("PC1001", ("settings", "a", "registry"))


# Who is told


def test_two_that_fight(tmp_path: Path) -> None:
    one, other = audit("a", "subcategory: Logon, equals: [success]"), audit("b", "subcategory: Logon, at_least: [failure]")
    assert "PC0415" in [one.code for one in errors(checked(tmp_path, one, other))]
    agreed = audit("b", "subcategory: Logon, at_least: [success]"), audit("c", "subcategory: Logon, at_least: [failure]")
    assert errors(checked(tmp_path, *agreed)) == []


@pytest.mark.parametrize(("condition", "told"), [("equals: 0", True), ("at_most: 0", True), ("equals: 1", False)])
def test_the_old_audit_policy_beside_it(tmp_path: Path, condition: str, *, told: bool) -> None:
    key = r"HKLM\SYSTEM\ControlSet001\Control\Lsa"
    value = f"  old: {{title: Old, registry: {{key: '{key}', name: SceNoApplyLegacyAuditPolicy, type: dword, {condition}}}}}\n"
    found = [
        one
        for one in checked(tmp_path, value, audit("a", "subcategory: Logon, equals: []")).diagnostics
        if one.code == "PC1003"
    ]
    assert bool(found) is told
    assert all(one.level is Level.WARNING and one.location.path[:2] == ("settings", "old") for one in found)
    assert not any(one.code == "PC1003" for one in checked(tmp_path, value).diagnostics)


def test_the_old_audit_policy_in_a_collection_of_the_same_devices(tmp_path: Path) -> None:
    value = (
        "collection: {name: Two, limited_to: All Systems}\nsettings:\n  old: {title: Old, registry: {key: "
        "'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa', name: SCENoApplyLegacyAuditPolicy, type: dword, equals: 0}}\n"
    )
    found = checked(tmp_path, audit("a", "subcategory: Logon, equals: []"), two=value)
    [told] = [one for one in found.diagnostics if one.code == "PC1003"]
    assert "of 'One', which can have the same devices" in told.message


def test_no_native_setting(tmp_path: Path) -> None:
    found = errors(checked(tmp_path, audit("a", "subcategory: Logon, equals: []", ", native: true, remediate: false")))
    assert [one.code for one in found] == ["PC0503"]
    assert "none for 'audit_policy', which only a script can judge" in found[0].message


def test_which_way_a_change_goes(tmp_path: Path) -> None:
    [before] = only(tmp_path, audit("a", "subcategory: Logon, at_least: [success]")).settings
    [after] = only(tmp_path, audit("a", "subcategory: Logon, at_least: [success, failure]")).settings
    [word] = setting_change(before, after)
    assert (word.word, word.direction and word.direction.value) == ("at_least", "strengthened")
    [word] = setting_change(after, before)
    assert word.direction is not None
    assert word.direction.value == "weakened"


def test_it_is_resolved(tmp_path: Path) -> None:
    text = snapshot(only(tmp_path, audit("a", "subcategory: Logon, at_least: [success, failure]"))).decode()
    assert "subcategory: Logon\n" in text
    assert "remediate: add what is missing\n" in text


def test_a_device_is_judged_changed_and_given_back(tmp_path: Path) -> None:
    settings = only(
        tmp_path, audit("a", "subcategory: Logon, at_least: [failure]"), audit("b", "subcategory: SAM, equals: []")
    ).settings
    state = "device: {}\naudit_policy: {Logon: [success], SAM: [unreadable], Logoff: [success, failure]}\n"
    (tmp_path / "state.yaml").write_text(state, encoding="utf-8")
    from unit.simulation.test_states import load

    before, found = load(tmp_path, "state.yaml")
    assert found == []
    outcomes = simulate(settings, before)
    assert [one.verdict.value for one in outcomes] == ["non-compliant", "error"]
    after = remediated(before, outcomes)
    assert after.state(settings[0].subject.place) == Held(Kind.DWORD, 3)
    assert rolled_back(before, outcomes, after).device.holds_the_same(before)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("audit_policy: {Logonn: []}", "PC1002"),
        ("audit_policy: {'{0CCE9215-69AE-11D9-BED3-505054503030}': []}", "PC1002"),
        ("audit_policy: {Logon: [both]}", "PC0206"),
        ("audit_policy: {Logon: 3}", "PC0204"),
    ],
)
def test_a_state_that_says_it_wrong(tmp_path: Path, state: str, code: str) -> None:
    from unit.simulation.test_states import load

    (tmp_path / "state.yaml").write_text(f"device: {{}}\n{state}\n", encoding="utf-8")
    _, found = load(tmp_path, "state.yaml")
    assert [one.code for one in found] == [code]


# What the output remembers


def compiled(folder: Path, settings: str, *, project: str = "") -> str:
    policies = write(folder, settings)
    (policies / "project.yaml").write_text(PROJECT + project, encoding="utf-8")
    run(Order(policies, folder / "output", DAY))
    return (folder / "output" / "one" / "scripts" / "rollback.ps1").read_text("ascii")


def test_a_rollback_knows_the_kinds_that_a_collection_once_had(tmp_path: Path) -> None:
    value = "  v: {title: V, registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, equals: 1}}\n"
    assert "AuditPolicy" not in compiled(tmp_path, value)
    assert '"kinds"' not in (tmp_path / "output" / "collections.json").read_text("ascii")
    assert "function Write-AuditPolicy" in compiled(tmp_path, value + audit("a", "subcategory: Logon, equals: []"))
    for _ in range(2):
        left = compiled(tmp_path, value)
        assert "function Write-AuditPolicy" in left
        assert "Of = 'AuditPolicy'" not in left
        assert '"kinds": ["audit_policy"]' in (tmp_path / "output" / "collections.json").read_text("ascii")


def test_so_does_that_of_a_collection_that_departed(tmp_path: Path) -> None:
    compiled(tmp_path, audit("a", "subcategory: Logon, equals: []"))
    policies = tmp_path / "policies"
    (policies / "one.yaml").unlink()
    (policies / "project.yaml").write_text(PROJECT + "departed: [One]\n", encoding="utf-8")
    (policies / "two.yaml").write_text("collection: {name: Two, limited_to: All Systems}\n", encoding="utf-8")
    for _ in range(2):
        run(Order(policies, tmp_path / "output", DAY))
        [back] = (tmp_path / "output" / "_project").rglob("rollback.ps1")
        assert "function Write-AuditPolicy" in back.read_text("ascii")
