"""A key that holds the values of a list and no others, on a device: each state from detection to rollback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from endpoint.cases import RETIRE, write_scripts
from endpoint.device import JOURNAL, ROOT, Device
from endpoint.fuse import with_fuse
from endpoint.journal import entries
from endpoint.registry import UNREADABLE, State, Value, binary, dword, multi_sz, sz
from policyc.model import Condition, Hive, KeepListed, Kind, Listed, Location, Operator, Place, Setting, View
from policyc.powershell.scripts import Script, script_text
from registry_settings import registry_setting

pytestmark = pytest.mark.endpoint

KEY = ROOT + r"\list"
LISTED = (Listed("1", Kind.STRING, "a"), Listed("2", Kind.STRING, "b"), Listed("Mode", Kind.DWORD, 4294967295))
RIGHT: Mapping[str, Value] = {"1": sz("a"), "2": sz("b"), "Mode": dword(4294967295)}


def only(*values: Listed, writes: bool = True, name: str = "list", path: str = r"SOFTWARE\policyc-test\list") -> Setting:
    place = Place(Hive.MACHINE, View.BITS_64, path, None)
    write = KeepListed() if writes else None
    return registry_setting(
        name, "Only these", place, Condition(Operator.ONLY_VALUES), Location("test.yaml"), write=write, values=values
    )


@pytest.mark.parametrize(
    ("values", "before", "failing"),
    [
        (LISTED, None, ["1", "2", "Mode"]),
        (LISTED, {}, ["1", "2", "Mode"]),
        (LISTED, RIGHT, []),
        (LISTED, {"mode": dword(4294967295), "2": sz("B"), "1": sz("a")}, []),
        (LISTED, {**RIGHT, "2": sz("x")}, ["2"]),
        (LISTED, {**RIGHT, "2": multi_sz("b")}, ["2"]),
        (LISTED, {**RIGHT, "3": sz("evil"), "": sz("y"), "Ä": binary(b"\1")}, ["(Default)", "3", "Ä"]),
        (LISTED, {"3": sz("evil")}, ["1", "2", "Mode", "3"]),
        ((), None, []),
        ((), {}, []),
        ((), {"a": sz("x"), "B": dword(1)}, ["a", "B"]),
    ],
)
def test_each_state(
    device: Device, tmp_path: Path, values: Sequence[Listed], before: Mapping[str, Value] | None, failing: list[str]
) -> None:
    scripts = write_scripts(tmp_path, [only(*values)])
    device.install({ROOT: {}} if before is None else {KEY: before, KEY + r"\below": {"stays": sz("x")}})
    held = device.dump(ROOT)[ROOT]
    batch = device.batch()
    detect, discovery = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.DISCOVERY])
    what_if = batch.run(scripts[Script.REMEDIATE], "-WhatIf")
    untouched = batch.dump(ROOT)
    first = batch.run(scripts[Script.REMEDIATION])
    after, journal = batch.dump(ROOT), batch.dump(JOURNAL)
    again = batch.run(scripts[Script.REMEDIATE])
    after_again, judged = batch.dump(JOURNAL), batch.run(scripts[Script.DETECT])
    kept = batch.run(scripts[RETIRE])
    after_kept = batch.dump(ROOT)
    back = batch.run(scripts[Script.ROLLBACK])
    at_last, journal_last = batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()

    shown = [line.split(" : ")[1].split(" is ")[0] for line in detect.out if line.startswith("              HKLM")]
    assert (detect.exit_code, shown) == (1 if failing else 0, failing)
    assert discovery.out == (["NonCompliant: list"] if failing else ["Compliant"])
    assert (what_if.exit_code, untouched.state) == (1 if failing else 0, held)
    assert (first.failure, first.said, again.out, judged.exit_code) == (None, [], ["Compliant"], 0)
    there = {name.upper(): held for name, held in after.state.get(KEY, {}).items()}
    wanted = {one.name.upper() for one in values}
    assert there.keys() == wanted
    if not before or "2" not in before or before["2"] != sz("B"):
        assert there == {name.upper(): held for name, held in RIGHT.items() if name.upper() in wanted}
    assert len([one for one in entries(journal.state).values() if "Name" in one]) == len(failing)
    assert after_again.state == journal.state
    assert (kept.exit_code, after_kept.state) == (0, after.state)
    assert (back.exit_code, at_last.state, journal_last.state) == (0, held, {})


def test_what_cannot_be_read_stays_and_is_told(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [only(*LISTED)])
    device.install({KEY: {**RIGHT, "1": UNREADABLE["dword of 8 bytes"], "9": UNREADABLE["link"], "8": sz("goes")}})
    batch = device.batch()
    detect, change = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.REMEDIATE])
    after = batch.dump(KEY)
    back, at_last = batch.run(scripts[Script.ROLLBACK]), batch.dump(KEY)
    batch.execute()
    assert (detect.exit_code, change.exit_code) == (2, 1)
    assert sorted(after.state[KEY]) == ["1", "2", "9", "Mode"]
    assert (back.exit_code, sorted(at_last.state[KEY])) == (0, ["1", "2", "8", "9", "Mode"])


def test_a_key_that_refuses_is_an_error_and_keeps_nothing_else_from_being_changed(device: Device, tmp_path: Path) -> None:
    other = only(Listed("1", Kind.STRING, "a"), name="other", path=r"SOFTWARE\policyc-test\other")
    scripts = write_scripts(tmp_path, [only(*LISTED), other])
    refuses = (
        "if ($place.Path -like '*\\list') { throw 'Requested registry access is not allowed.' }; $opened = Open-Place $place"
    )
    for script in (Script.DETECT, Script.DISCOVERY, Script.REMEDIATE):
        text = scripts[script].read_text("ascii")
        assert text.count("$opened = Open-Place $place\n            foreach ($row") == 1
        text = text.replace("$opened = Open-Place $place\n            foreach", f"{refuses}\n            foreach")
        scripts[script].write_text(text, encoding="ascii", newline="\n")
    device.install({KEY: {"9": sz("x")}})
    batch = device.batch()
    detect, discovery = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.DISCOVERY])
    change, after = batch.run(scripts[Script.REMEDIATE]), batch.dump(ROOT)
    batch.execute()
    said = r"              HKLM\SOFTWARE\policyc-test\list can't be judged: Requested registry access is not allowed."
    assert (detect.exit_code, said in detect.out, discovery.out) == (2, True, ["NonCompliant: list, other"])
    assert (change.exit_code, change.failure) == (1, None)
    assert after.state == {ROOT: {}, KEY: {"9": sz("x")}, ROOT + r"\other": {"1": sz("a")}}


def test_a_key_that_cannot_be_made(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [only(*LISTED, path=r"SOFTWARE\policyc-test\gone\list")])
    batch = device.batch()
    batch.key(ROOT + r"\gone", volatile=True)
    change, after, journal = batch.run(scripts[Script.REMEDIATE]), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    assert (change.exit_code, change.failure) == (1, None)
    assert list(after.state) == [ROOT, ROOT + r"\gone"]
    assert entries(journal.state) == {}


def test_more_than_is_removed_at_once_is_never_touched(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [only(*LISTED)])
    device.install({KEY: {f"v{number}": sz("x") for number in range(1001)}})
    batch = device.batch()
    detect, change, after = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.REMEDIATE]), batch.dump(KEY)
    batch.execute()
    assert (detect.exit_code, change.exit_code, len(after.state[KEY])) == (2, 1, 1001)
    assert any("it holds 1001 values that the policy does not name" in line for line in detect.out)


def test_what_somebody_else_did_since_is_told_and_left(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [only(*LISTED)])
    before: State = {KEY: {"1": sz("old"), "9": sz("theirs")}}
    device.install(before)
    batch = device.batch()
    batch.run(scripts[Script.REMEDIATION])
    batch.value(KEY, "1", sz("since"))
    batch.value(KEY, "9", sz("again"))
    batch.value(KEY, "new", sz("new"))
    detect, back, after = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.ROLLBACK]), batch.dump(KEY)
    forced, at_last = batch.run(scripts[Script.ROLLBACK], "-Force"), batch.dump(KEY)
    batch.execute()
    assert detect.out.count("              changed by someone else since policyc wrote it") == 2
    assert (back.exit_code, after.state[KEY]) == (1, {"1": sz("since"), "9": sz("again"), "new": sz("new")})
    assert (forced.exit_code, at_last.state[KEY]) == (0, {"1": sz("old"), "9": sz("theirs"), "new": sz("new")})


def test_a_value_that_left_the_list_is_removed_and_comes_back_as_it_was_first(device: Device, tmp_path: Path) -> None:
    longer = write_scripts(tmp_path / "longer", [only(*LISTED)])
    shorter = write_scripts(tmp_path / "shorter", [only(LISTED[0])])
    none = write_scripts(tmp_path / "none", [])
    none[RETIRE].write_bytes(script_text(Script.ROLLBACK, slug="test", source="test.yaml"))
    before: State = {ROOT: {}, KEY: {"2": sz("first"), "9": sz("x")}}
    device.install(before)
    batch = device.batch()
    batch.run(longer[Script.REMEDIATION])
    second, between = batch.run(shorter[Script.REMEDIATION]), batch.dump(KEY)
    kept, after_kept = batch.run(shorter[RETIRE]), batch.dump(KEY)
    back, at_last, journal = batch.run(none[RETIRE]), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    assert (second.failure, between.state[KEY]) == (None, {"1": sz("a")})
    assert (kept.exit_code, after_kept.state) == (0, between.state)
    assert (back.exit_code, at_last.state, journal.state) == (0, before, {})


def test_killed_before_any_write_all_comes_back(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [only(*LISTED)])
    killed = {}
    for script in (Script.REMEDIATION, Script.ROLLBACK):
        killed[script] = tmp_path / f"killed-{script}.ps1"
        killed[script].write_text(with_fuse(scripts[script].read_text("ascii")), encoding="ascii", newline="\n")
    before: State = {ROOT: {}, KEY: {"2": sz("first"), "8": dword(8), "9": sz("x")}}
    device.install(before)
    batch = device.batch()
    cases = []
    for fuse in range(1, 130, 3):
        batch.run(killed[Script.REMEDIATION], f"-Fuse={fuse}")
        back, after, journal = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
        cases.append((f"remediation {fuse}", back, after, journal))
    for fuse in range(1, 40, 3):
        batch.run(scripts[Script.REMEDIATION])
        batch.run(killed[Script.ROLLBACK], f"-Fuse={fuse}", "-All")
        back, after, journal = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
        cases.append((f"rollback {fuse}", back, after, journal))
    batch.execute(timeout=580)
    wrong = [
        (name, back.said, after.state)
        for name, back, after, journal in cases
        if after.state != before or entries(journal.state)
    ]
    assert not wrong, wrong[:3]
    assert all(back.exit_code == 0 for _, back, _, _ in cases)
