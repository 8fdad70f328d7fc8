"""What the journal is trusted with: damage, older scripts, owners, the order of writes, bounds, and users who left."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from endpoint.cases import RETIRE, key_path, setting, write_scripts
from endpoint.device import JOURNAL, ROOT, Batch, Device, Run, told
from endpoint.engine import Answer
from endpoint.fuse import with_fuse
from endpoint.journal import (
    ENTRIES,
    ESTATE,
    LONG,
    OLDER,
    OTHER_ESTATE,
    OWNER,
    damages,
    entries,
    entry_of,
    owned,
    owners_of,
    place_of,
)
from endpoint.registry import State, Value, binary, differences, dword, multi_sz, sz
from policyc.model import Append, DeleteValue, Hive, Kind, Operator, Place, Setting, View
from policyc.powershell.scripts import Script
from registry_settings import altered

pytestmark = pytest.mark.endpoint

ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
TWO = setting("two", Kind.STRING, Operator.EQUALS, "right", write="right")
LIST = setting("list", Kind.MULTI_STRING, Operator.CONTAINS, "a", "b", write=Append(("a", "b")))
GONE = setting("gone", Kind.DWORD, Operator.ABSENT, write=DeleteValue())
SETTINGS = (ONE, TWO, LIST, GONE)
KEY_ONE, KEY_TWO = key_path(ONE), key_path(TWO)
BEFORE: State = {
    KEY_ONE: {"v": dword(7), "other": sz("stays")},
    ROOT + r"\victim": {"v": dword(4)},
    key_path(LIST): {"v": multi_sz("b", "x")},
    key_path(GONE): {"v": dword(3)},
}
"""`two` has no key yet."""


def scripts_of(folder: Path, settings: Sequence[Setting] = SETTINGS, owner: str = OWNER, *adopts: str) -> dict[str, Path]:
    """Scripts of a collection of this estate, or of whichever."""
    scripts = write_scripts(folder, settings, "test")
    for script in (Script.REMEDIATE, Script.REMEDIATION, Script.ROLLBACK, RETIRE):
        owned(scripts[script], owner, *adopts)
    return scripts


def state(device: Device) -> State:
    return {key: values for one in device.dump(ROOT, JOURNAL).values() for key, values in one.items()}


def run(device: Device, *scripts: Path) -> list[Run]:
    batch = device.batch()
    runs = [batch.run(script) for script in scripts]
    batch.execute()
    return runs


class Remediated:
    """A device after a remediation, to be put back to that as often as a test likes."""

    def __init__(self, device: Device, remediation: Path, before: State = BEFORE) -> None:
        device.install(before)
        self.before = device.dump(ROOT)[ROOT]
        [done] = run(device, remediation)
        assert done.failure is None, done.said
        dumps = device.dump(ROOT, JOURNAL)
        self.after, self.journal = dumps[ROOT], dumps[JOURNAL]
        self.entries = entries(self.journal)

    def install(self, batch: Batch) -> None:
        batch.wipe(ROOT, JOURNAL)
        batch.install(self.after)
        batch.install(self.journal)

    def unnamed(self, found: State, said: str) -> list[str]:
        """What isn't as it was before, and either isn't as it was left or not told of."""
        places = {place_of(values): at for at, values in self.entries.items()}
        wrong = []
        for line in differences(self.before, found):
            key, _, rest = line[2:].partition(" : ")
            name = rest.split(":")[0] if rest else None
            at = places.get((key, name), "?")
            named = at in said or any(where[0].startswith(key) and (other in said) for where, other in places.items())
            place = f"{key} : {name}" if name else key
            untouched = found.get(key, {}).get(name or "") == self.after.get(key, {}).get(name or "") and key in self.after
            if not untouched or not (named or place in said):
                wrong.append(line)
        return wrong


class TestDamage:
    """After a rollback the registry is as it was, or an error names what isn't."""

    def test_every_field_in_every_kind_of_damage(self, device: Device, tmp_path: Path) -> None:
        scripts = scripts_of(tmp_path)
        there = Remediated(device, scripts[Script.REMEDIATION])
        long = os.environ.get(LONG) == "1"
        tried = list(damages(there.entries))
        tried = tried if long else tried[:: 1 + len(tried) // 120]
        problems, broken = [], 0
        for start in range(0, len(tried), 25):
            batch = device.batch()
            cases = []
            for damage in tried[start : start + 25]:
                there.install(batch)
                damage.do(batch)
                first = batch.run(scripts[Script.ROLLBACK])
                cases.append((damage, first, batch.dump(ROOT), batch.dump(JOURNAL)))
                if long:
                    forced = batch.run(scripts[Script.ROLLBACK], "-Force")
                    cases.append((damage, forced, batch.dump(ROOT), batch.dump(JOURNAL)))
            batch.execute(timeout=600)
            for damage, rollback, found, journal in cases:
                # It is told by the name that it has now, with which -ShowEntry tells its place.
                said = "\n".join(rollback.said).replace("0" * 40, damage.entry if "renamed" in damage.words else "0" * 40)
                case = f"{there.entries[damage.entry].get('Key')} {damage.words}"
                wrong = there.unnamed(found.state, said)
                as_before = differences(there.before, found.state) == []
                if wrong or (not as_before and rollback.exit_code == 0) or rollback.exit_code not in (0, 1, 6):
                    problems.append(f"{case}: {rollback.exit_code} {wrong} {rollback.said} {rollback.failure}")
                if rollback.exit_code == 6:
                    broken += 1
                    if not entries(journal.state):
                        problems.append(f"{case}: the broken entry is gone")
            assert problems == [], f"{len(problems)} up to {start + 25} of {len(tried)}\n" + "\n".join(problems)
        # Most kinds are found by the checks, not by luck.
        assert broken * 2 > len(tried)

    @pytest.mark.parametrize("script", [Script.REMEDIATION, Script.ROLLBACK, RETIRE])
    def test_sound_entries_go_on_beside_a_broken_one(self, device: Device, tmp_path: Path, script: Script) -> None:
        scripts = scripts_of(tmp_path)
        scripts[RETIRE] = scripts_of(tmp_path / "left", [])[RETIRE]
        there = Remediated(device, scripts[Script.REMEDIATION])
        at = entry_of(there.entries, "one")
        batch = device.batch()
        batch.value(rf"{ENTRIES}\{at}", "Previous", dword(99))
        batch.value(KEY_ONE, "v", dword(5))
        if script is Script.REMEDIATION:
            batch.value(key_path(GONE), "v", dword(5))
        ended = batch.run(scripts[script])
        found, journal = batch.dump(ROOT), batch.dump(JOURNAL)
        log = batch.read(r"C:\windows\Logs\policyc\policyc-test.log")
        batch.execute()
        assert found.state[KEY_ONE]["v"] == dword(5)
        assert entries(journal.state)[at]["Previous"] == dword(99)
        assert any(at in line and 'type="3"' in line for line in log.lines)
        if script is Script.REMEDIATION:
            assert ended.failure == "policyc: still not compliant after remediation: one"
            assert "v" not in found.state[key_path(GONE)]
        else:
            assert (ended.exit_code, list(entries(journal.state))) == (6, [at])
            assert at in ended.errors[0]
            assert found.state[key_path(GONE)]["v"] == dword(3)

    @pytest.mark.parametrize("trusted", [True, False], ids=["whose it is", "whose it isn't"])
    def test_another_collection_tells_of_it_only_where_nobody_knows_whose_it_is(
        self, device: Device, tmp_path: Path, *, trusted: bool
    ) -> None:
        there = Remediated(device, scripts_of(tmp_path)[Script.REMEDIATION])
        other = scripts_of(tmp_path / "b", [], f"{ESTATE}/b")
        at = entry_of(there.entries, "one")
        batch = device.batch()
        field, content = ("Previous", dword(99)) if trusted else ("Owners", multi_sz("x"))
        batch.value(rf"{ENTRIES}\{at}", field, content)
        ended = batch.run(other[Script.ROLLBACK])
        batch.execute()
        assert ended.exit_code == (0 if trusted else 6)
        assert any(at in line for line in ended.errors) is not trusted

    def test_it_can_be_looked_at_and_dropped(self, device: Device, tmp_path: Path) -> None:
        scripts = scripts_of(tmp_path)
        there = Remediated(device, scripts[Script.REMEDIATION])
        one, two = entry_of(there.entries, "one"), entry_of(there.entries, "two")
        device.install({rf"{ENTRIES}\{one}": {"Previous": dword(99)}})
        before = state(device)
        batch = device.batch()
        shown, sound = (batch.run(scripts[Script.ROLLBACK], f"-ShowEntry={at}") for at in (one, two))
        missing = batch.run(scripts[Script.ROLLBACK], f"-ShowEntry={'0' * 40}")
        refused = batch.run(scripts[Script.ROLLBACK], f"-DropEntry={two}")
        imagined = batch.run(scripts[Script.ROLLBACK], f"-DropEntry={one}", "-WhatIf")
        unchanged = batch.dump(ROOT), batch.dump(JOURNAL)
        dropped = batch.run(scripts[Script.ROLLBACK], f"-DropEntry={one}")
        after = batch.dump(JOURNAL)
        rest = batch.run(scripts[Script.ROLLBACK])
        found = batch.dump(ROOT)
        batch.execute()
        assert (shown.exit_code, sound.exit_code, missing.exit_code, refused.exit_code) == (0, 0, 2, 2)
        assert "  Previous       99 [DWord]" in shown.out
        assert shown.out[-1] == "Broken: it does not hold what was sealed"
        assert sound.out[-1] == "Sound"
        assert differences(before, {**unchanged[0].state, **unchanged[1].state}) == []
        assert (imagined.exit_code, dropped.exit_code) == (0, 0)
        assert one not in entries(after.state)
        assert two in entries(after.state)
        assert rest.exit_code == 0, rest.said
        assert differences({**there.before, KEY_ONE: there.after[KEY_ONE]}, found.state) == []


class TestOlder:
    """The first format's scripts, while the new ones come to the devices. They know the collection as a bare name."""

    ADOPTS = ("test",)

    def ours(self, folder: Path, *adopts: str) -> dict[str, Path]:
        return scripts_of(folder, SETTINGS, OWNER, *(adopts or self.ADOPTS))

    def test_their_entries_are_restored(self, device: Device, tmp_path: Path) -> None:
        there = Remediated(device, OLDER / "remediation.ps1")
        assert all("Seal" not in values for values in there.entries.values())
        [back] = run(device, self.ours(tmp_path)[Script.ROLLBACK])
        assert back.exit_code == 0, back.said
        assert differences(there.before, state(device)) == []

    def test_their_entries_are_sealed_at_the_next_run(self, device: Device, tmp_path: Path) -> None:
        scripts = self.ours(tmp_path)
        there = Remediated(device, OLDER / "remediation.ps1")
        fresh, back = run(device, scripts[Script.REMEDIATION], scripts[Script.DISCOVERY])
        assert (fresh.failure, back.out) == (None, ["Compliant"])
        now = entries(device.dump(JOURNAL)[JOURNAL])
        assert now.keys() == there.entries.keys()
        assert all(owners_of(values) == [OWNER] and "Seal" in values for values in now.values())
        first = state(device)
        run(device, scripts[Script.REMEDIATION])
        assert differences(first, state(device)) == []
        [back] = run(device, scripts[Script.ROLLBACK])
        assert back.exit_code == 0, back.said
        assert differences(there.before, state(device)) == []

    def test_their_name_isnt_ours_unless_it_is_adopted(self, device: Device, tmp_path: Path) -> None:
        Remediated(device, OLDER / "remediation.ps1")
        scripts = self.ours(tmp_path, "another")
        before = state(device)
        [back] = run(device, scripts[Script.ROLLBACK])
        assert (back.exit_code, back.out) == (0, ["Places in the journal: 0; done: 0; left: 0"])
        assert differences(before, state(device)) == []
        [joined, kept] = run(device, scripts[Script.REMEDIATION], scripts[Script.ROLLBACK])
        assert (joined.failure, kept.exit_code) == (None, 3)
        assert all("keep it for test (no estate named)" in line for line in kept.out[:-1])
        [back] = run(device, OLDER / "rollback.ps1")
        assert back.exit_code == 0, back.said

    @pytest.mark.parametrize("script", ["rollback", "retire"])
    def test_they_undo_nothing_of_ours(self, device: Device, tmp_path: Path, script: str) -> None:
        there = Remediated(device, self.ours(tmp_path)[Script.REMEDIATION])
        before = state(device)
        [theirs] = run(device, OLDER / f"{script}.ps1")
        assert theirs.exit_code == 0
        assert differences(before, state(device)) == []
        [back] = run(device, self.ours(tmp_path / "again")[Script.ROLLBACK])
        assert back.exit_code == 0, back.said
        assert differences(there.before, state(device)) == []

    ORDERS: ClassVar = (
        "new old new-back",
        "new old old-back new-back",
        "new old new old-back new-back",
        "old new old old-back new new-back",
        "old new old-back new-back",
        "old new new-back old-back",
        "new old-retire old new-back",
    )

    @pytest.mark.parametrize("disturbed", [False, True], ids=["", "somebody changes values in between"])
    def test_turn_and_turn_about(self, device: Device, tmp_path: Path, *, disturbed: bool) -> None:
        """Whatever the order, the last rollback brings back what was there before the first of all changes."""
        scripts = self.ours(tmp_path)
        files = {
            "new": scripts[Script.REMEDIATION],
            "old": OLDER / "remediation.ps1",
            "new-back": scripts[Script.ROLLBACK],
            "old-back": OLDER / "rollback.ps1",
            "old-retire": OLDER / "retire.ps1",
        }
        batch = device.batch()
        cases = []
        for order in self.ORDERS:
            batch.wipe(ROOT, JOURNAL)
            batch.install(BEFORE)
            before = batch.dump(ROOT)
            steps = []
            for number, step in enumerate(order.split()):
                if disturbed and number and step in ("new", "old"):
                    batch.value(KEY_ONE, "v", dword(40 + number))
                steps.append(batch.run(files[step]))
            cases.append((order, before, steps, batch.dump(ROOT), batch.dump(JOURNAL)))
        batch.execute(timeout=300)
        problems = [
            f"{order}: {[step.said for step in steps]} {found}"
            for order, before, steps, after, journal in cases
            if (found := differences(before.state, {**after.state, **journal.state})) or steps[-1].exit_code not in (0, 3)
        ]
        assert problems == [], "\n".join(problems)

    SAFE: ClassVar = (
        ("old remediation", "new remediation"),
        ("old remediation", "new rollback"),
        ("new remediation", "old rollback"),
        ("new rollback", "old rollback"),
        ("old rollback", "new rollback"),
    )
    UNSAFE: ClassVar = (
        ("new remediation", "old remediation"),
        ("new rollback", "old remediation"),
        ("old rollback", "new remediation"),
    )
    """Told in docs/security.md, with the way out."""

    @pytest.mark.parametrize(("outer", "inner"), [*SAFE, *UNSAFE])
    def test_both_at_once(self, device: Device, tmp_path: Path, outer: str, inner: str) -> None:
        """Neither knows the other's lock: before a write of a run, all of a run of the other release comes in between.

        No value is lost; where one is, its place holds what the policies say, and no third thing.
        """
        scripts = self.ours(tmp_path)
        files = {
            "new remediation": scripts[Script.REMEDIATION],
            "new rollback": scripts[Script.ROLLBACK],
            "old remediation": OLDER / "remediation.ps1",
            "old rollback": OLDER / "rollback.ps1",
        }
        (tmp_path / "inner.ps1").write_bytes(files[inner].read_bytes())
        between = tmp_path / "outer.ps1"
        # What the other says on its way is none of the function's results in which it comes in between.
        then = "if ($global:FuseLeft -eq 0) { try { $null = & (Join-Path $PSScriptRoot 'inner.ps1') } catch { Write-Host $_ } }"
        between.write_text(with_fuse(files[outer].read_text("ascii"), then), encoding="ascii", newline="\n")
        there = Remediated(device, files["new remediation"])
        batch = device.batch()
        cases = []
        for fuse in range(1, 44, 1 if os.environ.get(LONG) == "1" else 3):
            batch.wipe(ROOT, JOURNAL)
            batch.install(BEFORE)
            if outer.endswith("rollback"):
                batch.run(files[outer.replace("rollback", "remediation")])
            batch.run(between, f"-Fuse={fuse}")
            cases.append((fuse, batch.run(files["new rollback"]), batch.dump(ROOT)))
        batch.execute(timeout=580)
        assert all(back.exit_code == 0 for _, back, _ in cases), [(fuse, back.said) for fuse, back, _ in cases]
        kept = {key: values for key, values in there.before.items() if values}
        for fuse, _, after in cases:
            for key, values in after.state.items():
                known = (there.before.get(key), {} if key in there.after else None, there.after.get(key))
                # An empty key that was made may stay.
                assert values in (known[:2] if (outer, inner) in self.SAFE else known), (fuse, key, values)
            assert (outer, inner) in self.UNSAFE or {key: values for key, values in after.state.items() if values} == kept, fuse

    def test_a_rest_that_they_left_is_none_of_the_broken(self, device: Device, tmp_path: Path) -> None:
        text = (OLDER / "remediation.ps1").read_text("ascii")
        killed = tmp_path / "killed.ps1"
        killed.write_text(with_fuse(text), encoding="ascii")
        scripts = self.ours(tmp_path)
        batch = device.batch()
        cuts = []
        for fuse in range(3, 40):
            batch.wipe(ROOT, JOURNAL)
            batch.install(BEFORE)
            before = batch.dump(ROOT)
            batch.run(killed, f"-Fuse={fuse}")
            cuts.append((fuse, before, batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT)))
        batch.execute(timeout=300)
        problems = [
            f"cut at write {fuse}: {back.said} {found}"
            for fuse, before, back, after in cuts
            # The key alone, without a value: the one state that an emptied entry has too.
            if (found := differences(before.state, after.state)) or back.exit_code not in (0, 6)
        ]
        assert problems == [], "\n".join(problems)
        assert sum(back.exit_code == 6 for _, _, back, _ in cuts) < 6


class TestOwners:
    FORMER = f"{ESTATE}/former"

    def test_a_former_name_counts_as_ours(self, device: Device, tmp_path: Path) -> None:
        there = Remediated(device, scripts_of(tmp_path, SETTINGS, self.FORMER)[Script.REMEDIATION])
        renamed = scripts_of(tmp_path / "renamed", SETTINGS, OWNER, self.FORMER)
        run(device, renamed[Script.REMEDIATION])
        now = entries(device.dump(JOURNAL)[JOURNAL])
        assert all(owners_of(values) == [OWNER] for values in now.values())
        [back] = run(device, renamed[Script.ROLLBACK])
        assert back.exit_code == 0, back.said
        assert differences(there.before, state(device)) == []

    @pytest.mark.parametrize("script", [Script.ROLLBACK, RETIRE])
    def test_it_is_undone_without_a_remediation_in_between(self, device: Device, tmp_path: Path, script: Script) -> None:
        there = Remediated(device, scripts_of(tmp_path, SETTINGS, self.FORMER)[Script.REMEDIATION])
        [back] = run(device, scripts_of(tmp_path / "renamed", [], OWNER, "x", self.FORMER)[script])
        assert back.exit_code == 0, back.said
        assert differences(there.before, state(device)) == []

    @pytest.mark.parametrize("script", [Script.ROLLBACK, RETIRE])
    def test_kept_for_another_is_a_result_of_its_own(self, device: Device, tmp_path: Path, script: Script) -> None:
        scripts = scripts_of(tmp_path)
        there = Remediated(device, scripts[Script.REMEDIATION])
        other = scripts_of(tmp_path / "b", SETTINGS, f"{OTHER_ESTATE}/pilot")
        ours = scripts if script is Script.ROLLBACK else scripts_of(tmp_path / "left", [])
        batch = device.batch()
        batch.run(other[Script.REMEDIATION])
        imagined = batch.run(ours[script], "-WhatIf")
        kept = batch.run(ours[script])
        found, journal = batch.dump(ROOT), batch.dump(JOURNAL)
        log = batch.read(r"C:\windows\Logs\policyc\policyc-test.log")
        again = batch.run(ours[script])
        last = batch.run(other[Script.ROLLBACK])
        batch.execute()
        count = len(there.entries)
        assert (imagined.exit_code, kept.exit_code, again.exit_code, last.exit_code) == (0, 3, 0, 0)
        assert len(kept.out) == count + 1
        assert all(re.match(r"Kept      .*keep it for pilot \(7c9e6679\)$", line) for line in kept.out[:-1]), kept.out
        assert kept.out[-1].endswith(f"; done: 0; kept for another: {count}; left: 0")
        assert sum("kept: " in line and "pilot (7c9e6679)" in line for line in log.lines) == count
        assert differences(there.after, found.state) == []
        assert all(owners_of(values) == [f"{OTHER_ESTATE}/pilot"] for values in entries(journal.state).values())
        assert differences(there.before, state(device)) == []

    def test_two_estates_with_one_name_are_two(self, device: Device, tmp_path: Path) -> None:
        there = Remediated(device, scripts_of(tmp_path)[Script.REMEDIATION])
        [theirs] = run(device, scripts_of(tmp_path / "b", SETTINGS, f"{OTHER_ESTATE}/test")[Script.ROLLBACK])
        assert (theirs.exit_code, theirs.out) == (0, ["Places in the journal: 0; done: 0; left: 0"])
        assert differences(there.after, device.dump(ROOT)[ROOT]) == []


_CALL = re.compile(r"\$(\w+)\.(SetValue|DeleteValue|CreateSubKey|DeleteSubKey|DeleteSubKeyTree|Flush)\(")


def traced(text: str) -> str:
    """The script, noting each write to the registry and each flush before it: what is called, on which key."""
    noted = []
    for plain in text.splitlines(keepends=True):
        line, call = plain, _CALL.search(plain)
        if call and not line.lstrip().startswith("#"):
            brace = line.rfind("{ ", 0, call.start())
            start = brace + 2 if brace >= 0 else len(line) - len(line.lstrip())
            dirty = f" $(${call[1]}.GetType().GetMethod('IsDirty', [Reflection.BindingFlags]36).Invoke(${call[1]}, @()))"
            note = f'[void]$global:Calls.Add("{call[2]} $(${call[1]}.Name){dirty if call[2] == "Flush" else ""}"); '
            line = line[:start] + note + line[start:]
        noted.append(line)
    first = "Set-StrictMode -Version 3.0\n"
    head = "$global:Calls = [Collections.ArrayList]::new()\n"
    return "".join(noted).replace(first, head + first, 1)


class TestOrder:
    """All entries, one flush, all changes, one flush for each hive, completion: a record of the calls."""

    USER = r"HKU\S-1-5-21-0-0-0-1000"
    PLACE = Place(Hive.USER, View.BITS_64, r"Software\policyc-test", "v")
    SETTINGS = (*SETTINGS, altered(ONE, id="user", place=PLACE))

    def calls(self, device: Device, script: Path) -> tuple[Answer, list[str]]:
        script.write_text(traced(script.read_text("ascii")), encoding="ascii")
        answer = device.session.run(
            script=f"& '{device.session.path(script)}' {' '.join(told(script, ()))} | Out-Null; $global:Calls"
        )
        return answer, [line.strip() for line in answer.lines if _NOTED.match(line)]

    def test_remediation(self, stand_in: Device, tmp_path: Path) -> None:
        stand_in.clean(self.USER + r"\Software\policyc-test")
        stand_in.install(BEFORE)
        answer, calls = self.calls(stand_in, scripts_of(tmp_path, self.SETTINGS)[Script.REMEDIATION])
        assert answer.failure is None
        phases = _phases(calls)
        assert [words for words, _ in phases] == ["entries", "flush", "changes", "flush", "entries"], calls
        flushed = phases[3][1]
        assert len(phases[1][1]) == 1
        assert len(flushed) == 2
        assert {line.split("\\")[1].upper() for line in flushed} == {"SOFTWARE", "S-1-5-21-0-0-0-1000"}
        # .NET passes over a flush of a key in which it has set nothing.
        assert all(line.endswith(" True") for line in phases[1][1] + flushed)
        assert sum(line.startswith("SetValue") for line in phases[2][1]) == 5
        stand_in.clean(self.USER + r"\Software\policyc-test")

    def test_rollback(self, stand_in: Device, tmp_path: Path) -> None:
        stand_in.clean(self.USER + r"\Software\policyc-test")
        stand_in.install(BEFORE)
        scripts = scripts_of(tmp_path, self.SETTINGS)
        run(stand_in, scripts[Script.REMEDIATION])
        _, calls = self.calls(stand_in, scripts[Script.ROLLBACK])
        phases = _phases(calls)
        assert [words for words, _ in phases] == ["changes", "flush", "entries"], calls
        assert {line.split("\\")[1].upper() for line in phases[1][1]} == {"SOFTWARE", "S-1-5-21-0-0-0-1000"}
        assert all(line.endswith(" True") for line in phases[1][1])

    def test_two_settings_that_write_one_place(self, device: Device, tmp_path: Path) -> None:
        """The second sees what the first is about to write, and both come to one change."""
        more = altered(LIST, id="more", condition=replace(LIST.subject.condition, operands=("c",)), write=Append(("c", "b")))
        scripts = scripts_of(tmp_path, [LIST, more])
        there = Remediated(device, scripts[Script.REMEDIATION])
        assert there.after[key_path(LIST)]["v"] == multi_sz("b", "x", "a", "c")
        discovery, back = run(device, scripts[Script.DISCOVERY], scripts[Script.ROLLBACK])
        assert (discovery.out, back.exit_code) == (["Compliant"], 0)
        assert differences(there.before, state(device)) == []


_NOTED = re.compile(r"(SetValue|DeleteValue|CreateSubKey|DeleteSubKey|DeleteSubKeyTree|Flush) HKEY")


def _phases(calls: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Runs of calls of one sort."""
    phases: list[tuple[str, list[str]]] = []
    for call in calls:
        # At the root, the journal itself is made; a key that was made goes, or the journal when it is empty.
        of_journal = r"SOFTWARE\policyc\journal" in call or call == "CreateSubKey HKEY_LOCAL_MACHINE"
        word = "flush" if call.startswith("Flush") else "entries" if of_journal else "changes"
        if call == "DeleteSubKey HKEY_LOCAL_MACHINE":
            word = phases[-1][0]
        if not phases or phases[-1][0] != word:
            phases.append((word, []))
        phases[-1][1].append(call)
    return phases


class TestBounds:
    """What the journal copies is bounded: users decide what is in their hives."""

    USER_KEY = r"HKU\S-1-5-21-0-0-0-1000\Software\policyc-test"
    PLACE = Place(Hive.USER, View.BITS_64, r"Software\policyc-test", "v")

    @pytest.mark.parametrize(
        ("content", "size", "over"),
        [
            (sz("x" * 32768), 65536, False),
            (sz("x" * 32769), 65538, True),
            (binary(bytes(65536)), 65536, False),
            (binary(bytes(65537)), 65537, True),
            (multi_sz("x" * 30000, "y" * 3000), 66002, True),
        ],
    )
    def test_of_a_user(self, stand_in: Device, tmp_path: Path, content: Value, size: int, *, over: bool) -> None:
        scripts = scripts_of(tmp_path, [altered(ONE, place=self.PLACE), TWO])
        stand_in.clean(self.USER_KEY)
        stand_in.install({self.USER_KEY: {"v": content}})
        batch = stand_in.batch()
        changed = batch.run(scripts[Script.REMEDIATE])
        found, journal, two = batch.dump(self.USER_KEY), batch.dump(JOURNAL), batch.dump(KEY_TWO)
        back = batch.run(scripts[Script.ROLLBACK])
        after = batch.dump(self.USER_KEY)
        batch.execute()
        assert two.state[KEY_TWO] == {"v": sz("right")}
        assert changed.exit_code == (1 if over else 0)
        assert found.state[self.USER_KEY]["v"] == (content if over else dword(1))
        told = [line for line in changed.out if line.startswith("Failed ") and f"it holds {size} bytes" in line]
        assert len(told) == over
        assert all(r"Software\policyc-test : v" in line and "no more than 65536" in line for line in told)
        copied = [values for values in entries(journal.state).values() if b"S\0-\0001\0" in values["Key"].data]
        assert len(copied) == (0 if over else 1)
        assert back.exit_code == 0
        assert after.state[self.USER_KEY]["v"] == content
        stand_in.clean(self.USER_KEY)

    @pytest.mark.parametrize("over", [False, True])
    def test_of_the_machine(self, device: Device, tmp_path: Path, *, over: bool) -> None:
        scripts = scripts_of(tmp_path, [ONE])
        content = binary(bytes(2**20 + over))
        device.install({KEY_ONE: {"v": content}})
        changed, back = run(device, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
        assert changed.exit_code == (1 if over else 0)
        assert any("no more than 1048576" in line for line in changed.out) is over
        assert back.exit_code == 0
        assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE]["v"] == content

    def test_a_place_that_has_an_entry_is_changed_whatever_it_holds(self, device: Device, tmp_path: Path) -> None:
        scripts = scripts_of(tmp_path, [ONE])
        there = Remediated(device, scripts[Script.REMEDIATION])
        device.install({KEY_ONE: {"v": binary(bytes(2**20 + 1))}})
        changed, back = run(device, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
        assert (changed.exit_code, back.exit_code) == (0, 0)
        assert differences(there.before, state(device)) == []


class TestGone:
    """Users whose profile has left the device."""

    SID = "S-1-5-21-11-22-33-1001"
    KEY = rf"HKU\{SID}\Software\policyc-test"
    PROFILE = rf"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\{SID}"
    PLACE = Place(Hive.USER, View.BITS_64, r"Software\policyc-test", "v")
    SEEN = f"Seen {SID}"

    @pytest.fixture
    def scripts(self, stand_in: Device, tmp_path: Path) -> dict[str, Path]:
        """A user who was signed in when a remediation ran, and then left."""
        scripts = scripts_of(tmp_path, [altered(ONE, place=self.PLACE), TWO])
        own = r"HKU\S-1-5-21-0-0-0-1000\Software\policyc-test"
        stand_in.clean(rf"HKU\{self.SID}", self.PROFILE, own)
        stand_in.install({self.KEY: {"v": dword(7)}, own: {"v": dword(1)}})
        [done] = run(stand_in, scripts[Script.REMEDIATION])
        assert done.failure is None
        batch = stand_in.batch()
        batch.wipe(rf"HKU\{self.SID}")
        batch.execute()
        return scripts

    def today(self, days: int = 0) -> str:
        return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d")

    def journal(self, device: Device) -> State:
        return device.dump(JOURNAL)[JOURNAL]

    def test_they_are_told_with_a_count_and_are_no_failure(self, stand_in: Device, scripts: dict[str, Path]) -> None:
        assert self.journal(stand_in)[ENTRIES][self.SEEN] == sz(self.today())
        [back] = run(stand_in, scripts[Script.ROLLBACK])
        assert back.exit_code == 0, back.said
        assert "Gone      1 places of users whose profile has left the device" in back.out[-2]
        assert back.out[-1].endswith("; of users who left: 1; left: 0")
        assert len(entries(self.journal(stand_in))) == 1

    @pytest.mark.parametrize("name", ["", ".bak"])
    def test_a_profile_in_the_list_isnt_gone(self, stand_in: Device, scripts: dict[str, Path], name: str) -> None:
        stand_in.install({self.PROFILE + name: {}})
        [back] = run(stand_in, scripts[Script.ROLLBACK])
        stand_in.clean(self.PROFILE + name)
        assert back.exit_code == 1
        assert any(self.SID in line and "not signed in" in line for line in back.out)

    def test_they_come_back(self, stand_in: Device, scripts: dict[str, Path]) -> None:
        run(stand_in, scripts[Script.ROLLBACK])
        stand_in.install({self.KEY: {"v": dword(1)}})
        [back] = run(stand_in, scripts[Script.ROLLBACK])
        assert back.exit_code == 0, back.said
        assert stand_in.dump(self.KEY)[self.KEY][self.KEY] == {"v": dword(7)}
        assert self.journal(stand_in) == {}
        stand_in.clean(rf"HKU\{self.SID}")

    def test_forget_gone(self, stand_in: Device, scripts: dict[str, Path]) -> None:
        batch = stand_in.batch()
        imagined = batch.run(scripts[Script.ROLLBACK], "-ForgetGone", "-WhatIf")
        kept = batch.dump(JOURNAL)
        dropped = batch.run(scripts[Script.ROLLBACK], "-ForgetGone")
        batch.execute()
        assert (imagined.exit_code, dropped.exit_code) == (0, 0)
        assert len(entries(kept.state)) > 0
        assert any(self.SID in line and "Drop: its user has left" in line for line in dropped.out)
        assert self.journal(stand_in) == {}

    @pytest.mark.parametrize("script", [Script.REMEDIATION, Script.ROLLBACK, RETIRE])
    @pytest.mark.parametrize("days", [180, 181])
    def test_after_180_days(self, stand_in: Device, scripts: dict[str, Path], script: Script, days: int) -> None:
        before = len(entries(self.journal(stand_in)))
        stand_in.install({ENTRIES: {self.SEEN: sz(self.today(days))}})
        if script is RETIRE:
            scripts = scripts_of(scripts[script].parent / "left", [])
        run(stand_in, scripts[script])
        now = entries(self.journal(stand_in))
        of_user = [values for values in now.values() if "S-1-5-21-11-22" in values["Key"].data.decode("utf-16-le")]
        assert len(of_user) == (1 if days == 180 else 0)
        if script is Script.REMEDIATION:
            assert len(now) == before - (days > 180)

    @pytest.mark.parametrize("days", [0, 6, 7, 200])
    def test_the_day_is_renewed_once_a_week(self, stand_in: Device, scripts: dict[str, Path], days: int) -> None:
        stand_in.install({self.KEY: {"v": dword(1)}, ENTRIES: {self.SEEN: sz(self.today(days))}})
        run(stand_in, scripts[Script.REMEDIATION])
        assert self.journal(stand_in)[ENTRIES][self.SEEN] == sz(self.today(days if days < 7 else 0))
        stand_in.clean(rf"HKU\{self.SID}")

    @pytest.mark.parametrize("seen", [None, sz("x"), dword(1), sz("2999-01-01")])
    def test_without_a_day_the_days_count_from_now(
        self, stand_in: Device, scripts: dict[str, Path], seen: Value | None
    ) -> None:
        batch = stand_in.batch()
        batch.unset(ENTRIES, self.SEEN)
        if seen is not None:
            batch.value(ENTRIES, self.SEEN, seen)
        back = batch.run(scripts[Script.ROLLBACK])
        batch.execute()
        assert back.exit_code == 0
        assert self.journal(stand_in)[ENTRIES][self.SEEN] == sz(self.today())
