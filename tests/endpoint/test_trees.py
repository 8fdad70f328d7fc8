"""A key that goes with everything below it, on a device: each state from detection to rollback."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from endpoint.cases import RETIRE, write_scripts
from endpoint.device import JOURNAL, ROOT, ROOT_32, Device
from endpoint.fuse import with_fuse
from endpoint.journal import OWNER, entries, owned
from endpoint.registry import UNREADABLE, State, Type, Value, binary, dword, expand_sz, multi_sz, qword, sz
from policyc.model import Condition, DeleteValue, Hive, Kind, Location, Operator, Place, RemoveTree, Setting, SetValue, View
from policyc.powershell.scripts import Script, script_text
from registry_settings import registry_setting

pytestmark = pytest.mark.endpoint

KEY = ROOT + r"\tree"
DEEP: State = {
    KEY: {"": sz("default"), "Ä": dword(4294967295)},
    KEY + r"\Empty": {},
    KEY + r"\a": {"text": sz("x"), "path": expand_sz("%windir%"), "list": multi_sz("a", "b"), "long": qword(2**64 - 1)},
    KEY + r"\a\b b": {},
    KEY + r"\a\b b\c": {"bytes": binary(b"\0\1"), "none": Value(Type.NONE, b"\7"), "No": sz("")},
    ROOT + r"\beside": {"stays": sz("x")},
}
BELOW = [key for key in DEEP if key.startswith(KEY)]


def tree(name: str = "tree", path: str = r"SOFTWARE\policyc-test\tree", **more: object) -> Setting:
    hive, view = more.pop("hive", Hive.MACHINE), more.pop("view", View.BITS_64)
    place = Place(hive, view, path, None)
    return registry_setting(
        name, "It is gone", place, Condition(Operator.ABSENT), Location("test.yaml"), write=RemoveTree(), **more
    )


def value_of(path: str, name: str, write: SetValue | DeleteValue) -> Setting:
    condition = Condition(Operator.EQUALS, (write.data,)) if isinstance(write, SetValue) else Condition(Operator.ABSENT)
    kind = Kind.STRING if isinstance(write, SetValue) else None
    place = Place(Hive.MACHINE, View.BITS_64, path, name)
    return registry_setting("value", "A value", place, condition, Location("test.yaml"), kind=kind, write=write)


def fused(script: Path) -> Path:
    path = script.with_name(f"killed-{script.name}")
    path.write_text(with_fuse(script.read_text("ascii")), encoding="ascii", newline="\n")
    return path


@pytest.mark.parametrize(
    "before", [{ROOT: {}}, {KEY: {}}, DEEP, {KEY + r"\only\keys": {}}], ids=["absent", "empty", "deep", "keys"]
)
def test_each_state(device: Device, tmp_path: Path, before: State) -> None:
    scripts = write_scripts(tmp_path, [tree()])
    device.install(before)
    held = device.dump(ROOT)[ROOT]
    there = KEY in held
    batch = device.batch()
    detect, discovery = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.DISCOVERY])
    what_if, untouched = batch.run(scripts[Script.REMEDIATE], "-WhatIf"), batch.dump(ROOT)
    first = batch.run(scripts[Script.REMEDIATION])
    after, journal = batch.dump(ROOT), batch.dump(JOURNAL)
    again, judged, after_again = batch.run(scripts[Script.REMEDIATE]), batch.run(scripts[Script.DETECT]), batch.dump(JOURNAL)
    kept, after_kept, journal_kept = batch.run(scripts[RETIRE]), batch.dump(ROOT), batch.dump(JOURNAL)
    undo_if, after_undo_if = batch.run(scripts[Script.ROLLBACK], "-WhatIf"), batch.dump(ROOT)
    back = batch.run(scripts[Script.ROLLBACK])
    at_last, journal_last = batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()

    assert (detect.exit_code, discovery.out) == (int(there), ["NonCompliant: tree" if there else "Compliant"])
    assert (what_if.exit_code, untouched.state) == (int(there), held)
    assert (first.failure, first.said, again.out, judged.exit_code) == (None, [], ["Compliant"], 0)
    assert after.state == {key: values for key, values in held.items() if not key.startswith(KEY)}
    found = entries(journal.state)
    assert len(found) == (sum(len(held[key]) for key in held if key.startswith(KEY)) + 1 if there else 0)
    assert after_again.state == journal.state
    assert (kept.exit_code, after_kept.state, journal_kept.state) == (0, after.state, journal.state)
    assert (undo_if.exit_code, after_undo_if.state) == (0, after.state)
    assert (back.exit_code, at_last.state, journal_last.state) == (0, held, {}), back.said


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_keeps_all_of_it(device: Device, tmp_path: Path, kind: str) -> None:
    scripts = write_scripts(tmp_path, [tree()])
    device.install({**DEEP, KEY + r"\a": {"odd": UNREADABLE[kind], "x": sz("x")}})
    held = device.dump(ROOT)[ROOT]
    batch = device.batch()
    change, after, journal = batch.run(scripts[Script.REMEDIATE]), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    if kind in ("dword of 2 bytes", "dword of no bytes", "qword of 4 bytes"):
        # .NET fills them up, and nobody can tell.
        return
    assert (change.exit_code, after.state, entries(journal.state)) == (1, held, {})
    assert any("in the way: the value is of a kind or size" in line for line in change.out), change.said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({KEY: {f"v{number}": dword(1) for number in range(501)}}, "more than 500 values are in it"),
        ({rf"{KEY}\k{number}": {} for number in range(100)}, "more than 100 keys are in it"),
        ({KEY: {"long": binary(bytes(700_000)), "longer": binary(bytes(400_000))}}, "more than 1048576 bytes are in it"),
    ],
)
def test_more_than_is_removed_at_once_is_never_touched(device: Device, tmp_path: Path, more: State, said: str) -> None:
    scripts = write_scripts(tmp_path, [tree(), value_of(r"SOFTWARE\policyc-test\beside", "v", SetValue("x"))])
    device.install(more)
    held = device.dump(KEY)[KEY]
    batch = device.batch()
    change, after, beside = batch.run(scripts[Script.REMEDIATE]), batch.dump(KEY), batch.dump(ROOT + r"\beside")
    batch.execute()
    assert (change.exit_code, after.state) == (1, held)
    assert any(said in line for line in change.out), change.said
    assert beside.state[ROOT + r"\beside"] == {"v": sz("x")}


@pytest.mark.parametrize("which", ["rights", "refused"])
def test_a_key_in_the_middle_that_may_not_go_keeps_all_of_it(device: Device, tmp_path: Path, which: str) -> None:
    scripts = write_scripts(tmp_path, [tree()])
    text = scripts[Script.REMEDIATE].read_text("ascii")
    if which == "rights":
        old = "    $rights = $Key.GetAccessControl"
        new = f"    if ($Path -like '*\\b b') {{ return $true }}\n{old}"
    else:
        old = "            $root.OpenSubKey($path, 'ReadWriteSubTree', 'QueryValues, EnumerateSubKeys"
        new = f"            if ($path -like '*\\b b') {{ throw 'Requested registry access is not allowed.' }}\n{old}"
    assert text.count(old) == 1
    scripts[Script.REMEDIATE].write_text(text.replace(old, new), encoding="ascii", newline="\n")
    device.install(DEEP)
    held = device.dump(ROOT)[ROOT]
    batch = device.batch()
    change, after, journal = batch.run(scripts[Script.REMEDIATE]), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    said = "has rights of its own, which a rollback could not give back" if which == "rights" else "can't be removed: Requested"
    assert (change.exit_code, after.state, entries(journal.state)) == (1, held, {})
    assert any(rf"{KEY}\a\b b {said}" in line for line in change.out), change.said


def test_killed_before_any_write_all_comes_back(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [tree()])
    remediation, rollback = fused(scripts[Script.REMEDIATION]), fused(scripts[Script.ROLLBACK])
    before: State = {ROOT: {}, KEY: {"": sz("d"), "n": dword(8)}, KEY + r"\Empty": {}, KEY + r"\a\b": {"x": multi_sz("a")}}
    device.install(before)
    held = device.dump(ROOT)[ROOT]
    batch = device.batch()
    cases = []
    for fuse in range(1, 100):
        killed = batch.run(remediation, f"-Fuse={fuse}")
        back, after, journal = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
        cases.append((f"remediation {fuse}", killed, back, after, journal))
    for fuse in range(1, 60):
        batch.run(scripts[Script.REMEDIATION])
        killed = batch.run(rollback, f"-Fuse={fuse}", "-All")
        back, after, journal = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
        cases.append((f"rollback {fuse}", killed, back, after, journal))
    batch.execute(timeout=580)
    wrong = [
        (name, back.said, after.state)
        for name, _, back, after, journal in cases
        if after.state != held or entries(journal.state) or back.exit_code != 0
    ]
    assert not wrong, wrong[:3]
    # The fuses are long enough: the last of each did not burn.
    assert cases[98][1].failure is None
    assert cases[-1][1].exit_code == 0


def test_killed_and_run_again_it_is_gone_and_comes_back(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [tree()])
    remediation = fused(scripts[Script.REMEDIATION])
    before: State = {ROOT: {}, KEY: {"n": dword(8)}, KEY + r"\Empty": {}, KEY + r"\a\b": {"x": multi_sz("a")}}
    device.install(before)
    held = device.dump(ROOT)[ROOT]
    batch = device.batch()
    cases = []
    for fuse in range(1, 80):
        batch.run(remediation, f"-Fuse={fuse}")
        again, gone = batch.run(scripts[Script.REMEDIATE]), batch.dump(ROOT)
        back, after, journal = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
        cases.append((fuse, again, gone, back, after, journal))
    batch.execute(timeout=580)
    for fuse, again, gone, back, after, journal in cases:
        assert (again.exit_code, gone.state) == (0, {ROOT: {}}), (fuse, again.said)
        assert (back.exit_code, after.state, journal.state) == (0, held, {}), (fuse, back.said)


def test_a_second_collection_that_joins_keeps_it_away(device: Device, tmp_path: Path) -> None:
    scripts, other = write_scripts(tmp_path / "one", [tree()]), write_scripts(tmp_path / "two", [tree("theirs")])
    for script in (Script.REMEDIATION, Script.ROLLBACK):
        owned(scripts[script], OWNER)
        owned(other[script], OWNER.replace("test", "other"))
    device.install(DEEP)
    held = device.dump(ROOT)[ROOT]
    batch = device.batch()
    batch.run(scripts[Script.REMEDIATION])
    joined, journal = batch.run(other[Script.REMEDIATION]), batch.dump(JOURNAL)
    first, after_first = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT)
    last, after, journal_last = batch.run(other[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    assert joined.failure is None
    assert {len(values["Owners"].data.decode("utf-16-le").split("\0")[:-2]) for values in entries(journal.state).values()} == {
        3
    }
    assert (first.exit_code, KEY in after_first.state) == (3, False)
    assert (last.exit_code, after.state, journal_last.state) == (0, held, {})


def test_what_an_installer_made_again_is_removed_again_and_all_comes_back(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [tree()])
    device.install(DEEP)
    batch = device.batch()
    batch.run(scripts[Script.REMEDIATION])
    batch.install({KEY + r"\new": {"theirs": sz("x")}, KEY + r"\a": {"text": sz("x")}})
    detect = batch.run(scripts[Script.DETECT])
    second, after = batch.run(scripts[Script.REMEDIATE]), batch.dump(ROOT)
    back, at_last, journal = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    assert (detect.exit_code, second.exit_code, KEY in after.state) == (1, 0, False)
    assert (back.exit_code, journal.state) == (0, {})
    assert at_last.state == {ROOT: {}, **DEEP, KEY + r"\new": {"theirs": sz("x")}}


@pytest.mark.parametrize("force", [False, True])
def test_what_was_made_again_since_is_told_and_left(device: Device, tmp_path: Path, *, force: bool) -> None:
    scripts = write_scripts(tmp_path, [tree()])
    device.install(DEEP)
    batch = device.batch()
    batch.run(scripts[Script.REMEDIATION])
    batch.install({KEY + r"\a": {"text": sz("since")}, KEY + r"\new": {}})
    back, after = batch.run(scripts[Script.ROLLBACK], *(["-Force"] if force else [])), batch.dump(ROOT)
    batch.execute()
    a = {**DEEP[KEY + r"\a"], "text": DEEP[KEY + r"\a"]["text"] if force else sz("since")}
    assert after.state == {ROOT: {}, **DEEP, KEY + r"\a": a, KEY + r"\new": {}}
    assert (back.exit_code, any("was changed by someone else" in line for line in back.out)) == (0 if force else 1, True)


def test_what_policyc_wrote_there_before_goes_back_to_what_was_there_first(device: Device, tmp_path: Path) -> None:
    path = r"SOFTWARE\policyc-test\tree\sub\made"
    earlier = write_scripts(tmp_path / "earlier", [value_of(path, "v", SetValue("ours"))])
    later = write_scripts(tmp_path / "later", [tree()])
    before: State = {ROOT: {}, KEY: {"theirs": sz("x")}, KEY + r"\sub": {}}
    device.install(before)
    batch = device.batch()
    batch.run(earlier[Script.REMEDIATION])
    change, gone = batch.run(later[Script.REMEDIATE]), batch.dump(ROOT)
    kept, after_kept = batch.run(later[RETIRE]), batch.dump(ROOT)
    back, after, journal = batch.run(later[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    assert (change.exit_code, gone.state) == (0, {ROOT: {}})
    assert (kept.exit_code, after_kept.state) == (0, {ROOT: {}})
    assert (back.exit_code, after.state, journal.state) == (0, before, {}), back.said


def test_a_setting_that_has_left_the_policy_comes_back(device: Device, tmp_path: Path) -> None:
    both = write_scripts(tmp_path / "both", [tree(), tree("other", r"SOFTWARE\policyc-test\other")])
    one = write_scripts(tmp_path / "one", [tree("other", r"SOFTWARE\policyc-test\other")])
    none_left = tmp_path / "retire.ps1"
    none_left.write_bytes(script_text(Script.ROLLBACK, slug="test", source="test.yaml", kinds=("registry_tree",)))
    device.install({**DEEP, ROOT + r"\other\x": {"v": sz("y")}, ROOT + r"\other\Empty": {}})
    held = device.dump(ROOT)[ROOT]
    batch = device.batch()
    batch.run(both[Script.REMEDIATION])
    retired, after = batch.run(one[RETIRE]), batch.dump(ROOT)
    last, at_last, journal = batch.run(none_left), batch.dump(ROOT), batch.dump(JOURNAL)
    batch.execute()
    assert (retired.exit_code, after.state) == (0, {k: v for k, v in held.items() if not k.startswith(ROOT + r"\other")})
    assert (last.exit_code, at_last.state, journal.state) == (0, held, {})


def test_the_32_bit_view(device: Device, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, [tree(view=View.BITS_32)])
    narrow = {key.replace(ROOT, ROOT_32): values for key, values in DEEP.items()}
    device.install({**narrow, **DEEP})
    before = device.dump(ROOT, ROOT_32)
    batch = device.batch()
    change, after, wide = batch.run(scripts[Script.REMEDIATE]), batch.dump(ROOT_32), batch.dump(ROOT)
    back, at_last = batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT_32)
    batch.execute()
    assert (change.exit_code, ROOT_32 + r"\tree" in after.state, wide.state) == (0, False, before[ROOT])
    assert (back.exit_code, at_last.state) == (0, before[ROOT_32])


class TestUsers:
    """Each user whose hive is loaded."""

    PATH = r"Software\policyc-test\tree"
    SIDS = ("S-1-5-21-0-0-0-1000", "S-1-5-21-11-22-33-1001")
    KEYS = tuple(rf"HKU\{sid}\Software\policyc-test" for sid in SIDS)

    def _state(self, values: Mapping[str, Value]) -> State:
        return {key + rest: held for key in self.KEYS for rest, held in ((r"\tree\Empty", {}), (r"\tree\x", values))}

    def test_each_goes_and_comes_back(self, stand_in: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [tree(path=self.PATH, hive=Hive.USER)])
        stand_in.clean(*self.KEYS, rf"HKU\{self.SIDS[1]}")
        stand_in.install(self._state({"v": sz("x")}))
        before = stand_in.dump(*self.KEYS)
        batch = stand_in.batch()
        detect, change = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.REMEDIATION])
        gone = [batch.dump(key + r"\tree") for key in self.KEYS]
        kept, back = batch.run(scripts[RETIRE]), batch.run(scripts[Script.ROLLBACK])
        after, journal = [batch.dump(key) for key in self.KEYS], batch.dump(JOURNAL)
        batch.execute()
        stand_in.clean(*self.KEYS, rf"HKU\{self.SIDS[1]}")
        assert (detect.exit_code, len([line for line in detect.out if line.startswith("NonCompliant")])) == (1, 2)
        assert (change.failure, [one.state for one in gone], kept.exit_code) == (None, [{}, {}], 0)
        assert kept.out[-1].startswith("Places in the journal: 4; still in the policy: 4")
        assert (back.exit_code, [one.state for one in after], journal.state) == (0, list(before.values()), {}), back.said

    def test_what_is_in_the_way_of_one_keeps_no_other(self, stand_in: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [tree(path=self.PATH, hive=Hive.USER)])
        stand_in.clean(*self.KEYS, rf"HKU\{self.SIDS[1]}")
        stand_in.install(
            self._state({"v": sz("x")}) | {self.KEYS[0] + r"\tree": {"long": binary(bytes(65_000)), "more": sz("x" * 300)}}
        )
        before = stand_in.dump(*self.KEYS)
        batch = stand_in.batch()
        change = batch.run(scripts[Script.REMEDIATE])
        after = [batch.dump(key) for key in self.KEYS]
        batch.execute()
        stand_in.clean(*self.KEYS, rf"HKU\{self.SIDS[1]}")
        assert (change.exit_code, after[0].state, self.KEYS[1] + r"\tree" in after[1].state) == (1, before[self.KEYS[0]], False)

    def test_nobody_is_signed_in(self, stand_in: Device, tmp_path: Path) -> None:
        earlier = write_scripts(tmp_path / "earlier", [value_of(r"SOFTWARE\policyc-test\beside", "v", SetValue("x"))])
        scripts = write_scripts(tmp_path / "now", [tree(path=self.PATH, hive=Hive.USER)])
        for script in (Script.REMEDIATION, Script.REMEDIATE):
            text = scripts[script].read_text("ascii")
            assert "(5-21|12-1)" in text
            scripts[script].write_text(text.replace("(5-21|12-1)", "(9-99)"), encoding="ascii", newline="\n")
        batch = stand_in.batch()
        batch.run(earlier[Script.REMEDIATION])
        silent, shown = batch.run(scripts[Script.REMEDIATION]), batch.run(scripts[Script.REMEDIATE])
        batch.execute()
        assert (silent.failure, silent.said, shown.exit_code, shown.out) == (None, [], 0, ["Compliant"])

    @pytest.mark.parametrize("profile", [True, False])
    def test_of_a_user_who_is_not_there(self, stand_in: Device, tmp_path: Path, *, profile: bool) -> None:
        scripts = write_scripts(tmp_path, [tree(path=self.PATH, hive=Hive.USER)])
        listed = rf"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\{self.SIDS[1]}"
        stand_in.clean(*self.KEYS, rf"HKU\{self.SIDS[1]}", listed)
        stand_in.install({**self._state({"v": sz("x")}), **({listed: {}} if profile else {})})
        before = stand_in.dump(*self.KEYS)
        batch = stand_in.batch()
        batch.run(scripts[Script.REMEDIATION])
        batch.wipe(rf"HKU\{self.SIDS[1]}")
        away, after = batch.run(scripts[Script.ROLLBACK]), batch.dump(self.KEYS[0])
        batch.key(rf"HKU\{self.SIDS[1]}")
        home, back = batch.run(scripts[Script.ROLLBACK]), batch.dump(self.KEYS[1])
        batch.execute()
        stand_in.clean(*self.KEYS, rf"HKU\{self.SIDS[1]}", listed)
        assert (away.exit_code, after.state) == (1 if profile else 0, before[self.KEYS[0]]), away.said
        empty = self.KEYS[1] + r"\tree\Empty"
        assert home.exit_code == 0
        # Whose profile has left is remembered by values alone.
        assert back.state == {k: v for k, v in before[self.KEYS[1]].items() if profile or k != empty}
