"""The contracts of the scripts with whoever runs them, and what happens around a change: journal, log, rollback."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from endpoint.cases import BEYOND_DOTNET, OF_CONFIGMGR, key_path, reported, setting, write_scripts
from endpoint.device import JOURNAL, ROOT, Device, Run
from endpoint.engine import EngineError
from endpoint.fuse import with_fuse
from endpoint.registry import differences, dword, multi_sz, qword, sz
from policyc.model import Condition, CreateKey, DeleteValue, Hive, Kind, Operator, Place, Setting, View
from policyc.powershell.scripts import Script
from registry_settings import altered

pytestmark = pytest.mark.endpoint

LOG = r"C:\windows\Logs\policyc\policyc-{}.log"
USER = r"HKU\S-1-5-21-0-0-0-1000"
USER_ROOT = USER + r"\Software\policyc-test"

ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
TWO = setting("two", Kind.STRING, Operator.EQUALS, "right", write="right")
KEY_ONE, KEY_TWO = key_path(ONE), key_path(TWO)
WRONG = {KEY_ONE: {"v": dword(7), "other": sz("stays")}, KEY_TWO: {"v": sz("wrong")}}


def everything(device: Device) -> dict:
    return {key: values for state in device.dump(ROOT, JOURNAL).values() for key, values in state.items()}


def run(device: Device, *scripts: Path) -> list[Run]:
    batch = device.batch()
    runs = [batch.run(script) for script in scripts]
    batch.execute()
    return runs


class TestContracts:
    """Output and exit codes as `powershell.exe -File` gives them."""

    def test_discovery(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        device.install(WRONG)
        answer = device.run(scripts[Script.DISCOVERY])
        assert (answer.lines, answer.stderr, answer.exit_code) == (["NonCompliant: one, two"], "", 0)
        assert not answer.streams
        device.install({KEY_ONE: {"v": dword(1)}})
        assert device.run(scripts[Script.DISCOVERY]).lines == ["NonCompliant: two"]
        device.install({KEY_TWO: {"v": sz("RIGHT")}})
        assert device.run(scripts[Script.DISCOVERY]).lines == ["Compliant"]

    def test_remediation(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        device.install(WRONG)
        answer = device.run(scripts[Script.REMEDIATION])
        assert (answer.stdout, answer.stderr, answer.exit_code, answer.failure) == ("", "", 0, None)
        assert device.run(scripts[Script.DISCOVERY]).lines == ["Compliant"]

    def test_a_remediation_that_leaves_something_throws(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        device.install({**WRONG, KEY_ONE: {"v": BEYOND_DOTNET["resource list"]}})
        answer = device.run(scripts[Script.REMEDIATION])
        assert answer.exit_code == 1
        assert "still not compliant after remediation: one" in answer.stderr
        assert "two" not in answer.stderr.partition("remediation: ")[2].splitlines()[0]

    def test_console(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        device.install(WRONG)
        detect = device.run(scripts[Script.DETECT])
        assert detect.exit_code == 1
        assert detect.lines[0] == "NonCompliant  one: Title of one"
        assert detect.lines[1].strip() == r"HKLM\SOFTWARE\policyc-test\one : v is 7 [DWord], must be 1 [dword]"
        assert detect.lines[-1] == "0 compliant, 2 not compliant, 0 could not be judged"
        remediate = device.run(scripts[Script.REMEDIATE])
        assert remediate.exit_code == 0
        assert remediate.lines == [
            r"Changed       one: HKLM\SOFTWARE\policyc-test\one : v from 7 [DWord] to 1 [DWord]",
            r'Changed       two: HKLM\SOFTWARE\policyc-test\two : v from "wrong" [String] to "right" [String]',
            "Compliant",
        ]
        assert device.run(scripts[Script.DETECT]).exit_code == 0
        rollback = device.run(scripts[Script.ROLLBACK])
        assert (rollback.exit_code, rollback.lines[-1]) == (0, "Places in the journal: 2; done: 2; left: 0")
        assert differences(WRONG, {key: device.dump(key)[key][key] for key in WRONG}) == []

    def test_a_console_says_what_it_cannot_judge(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE])
        device.install({KEY_ONE: {"v": BEYOND_DOTNET["dword of 8 bytes"]}})
        assert device.run(scripts[Script.DETECT]).exit_code == 2
        remediate = device.run(scripts[Script.REMEDIATE])
        assert remediate.exit_code == 1
        assert device.dump(KEY_ONE)[KEY_ONE] == {KEY_ONE: {"v": BEYOND_DOTNET["dword of 8 bytes"]}}

    def test_rollback_of_nothing(self, device: Device, tmp_path: Path) -> None:
        answer = device.run(write_scripts(tmp_path, [ONE])[Script.ROLLBACK])
        assert (answer.exit_code, answer.lines) == (0, ["Places in the journal: 0; done: 0; left: 0"])


class TestWhatIf:
    def test_nothing_changes(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        device.install(WRONG)
        before = everything(device)
        answer = device.run(scripts[Script.REMEDIATE], "-WhatIf")
        assert "one" in answer.stdout
        assert "from 7 [DWord] to 1 [DWord]" in answer.stdout
        assert differences(before, everything(device)) == []
        device.run(scripts[Script.REMEDIATE])
        remediated = everything(device)
        answer = device.run(scripts[Script.ROLLBACK], "-WhatIf")
        assert answer.failure is None
        assert differences(remediated, everything(device)) == []

    def test_no_other_owner_is_noted(self, device: Device, tmp_path: Path) -> None:
        device.run(write_scripts(tmp_path / "a", [ONE], "a")[Script.REMEDIATE])
        before = everything(device)
        device.run(write_scripts(tmp_path / "b", [ONE], "b")[Script.REMEDIATE], "-WhatIf")
        assert differences(before, everything(device)) == []


REFUSING = {one: 1 if one in (Script.DISCOVERY, Script.REMEDIATION, Script.DETECTION) else 2 for one in OF_CONFIGMGR}


class TestRefusals:
    @pytest.mark.parametrize("script", OF_CONFIGMGR)
    def test_constrained_language(self, device: Device, tmp_path: Path, script: Script) -> None:
        path = write_scripts(tmp_path, [ONE, TWO])[script]
        device.install(WRONG)
        before = everything(device)
        path.write_text(_constrained(path.read_text("ascii")), encoding="ascii")
        answer = device.run(path)
        assert answer.exit_code == REFUSING[script]
        assert "ConstrainedLanguage" in answer.stderr
        assert "FullLanguage" in answer.stderr
        assert answer.stdout.strip() == ""
        assert differences(before, everything(device)) == []

    @pytest.mark.parametrize("script", OF_CONFIGMGR)
    def test_without_elevation(self, device: Device, tmp_path: Path, script: Script) -> None:
        path = write_scripts(tmp_path, [ONE, TWO])[script]
        device.install(WRONG)
        before = everything(device)
        text = path.read_text("ascii")
        stubbed = re.sub(r"(function Test-Elevation \{\n).*?\n\}", r"\1    return $false\n}", text, count=1, flags=re.DOTALL)
        assert stubbed != text
        path.write_text(stubbed, encoding="ascii")
        answer = device.run(path)
        assert answer.exit_code == REFUSING[script]
        assert "administrator" in answer.stderr
        assert answer.stdout.strip() == ""
        assert differences(before, everything(device)) == []

    @pytest.mark.parametrize("deeper", ["", r"\and\deeper"])
    def test_a_refused_write(self, device: Device, tmp_path: Path, deeper: str) -> None:
        """An ordinary key below a volatile one is refused by Windows."""
        place = replace(ONE.subject.place, key=rf"SOFTWARE\policyc-test\gone\one{deeper}")
        refused = altered(ONE, place=place)
        scripts = write_scripts(tmp_path, [refused, TWO])
        batch = device.batch()
        batch.key(ROOT)
        batch.key(ROOT + r"\gone", volatile=True)
        batch.install({KEY_TWO: {"v": sz("wrong")}})
        before = batch.dump(ROOT)
        remediation = batch.run(scripts[Script.REMEDIATION])
        console = batch.run(scripts[Script.REMEDIATE])
        between = batch.dump(ROOT)
        log = batch.read(LOG.format("test"))
        rollback = batch.run(scripts[Script.ROLLBACK])
        after = batch.dump(ROOT)
        journal = batch.dump(JOURNAL)
        batch.execute()
        assert remediation.failure == "policyc: still not compliant after remediation: one"
        assert remediation.said == []
        assert console.exit_code == 1
        assert any(line.startswith("Failed        one: could not change") for line in console.out)
        assert between.state[KEY_TWO] == {"v": sz("right")}
        assert any('type="3"' in line and "one: could not change" in line for line in log.lines)
        assert rollback.exit_code == 0, rollback.said
        assert differences(before.state, after.state) == []
        assert journal.state == {}


def _constrained(text: str) -> str:
    """The script as an application control policy would have it run: the mode set before its first statement."""
    first = "Set-StrictMode -Version 3.0\n"
    assert text.count(first) == 1
    return text.replace(first, "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n" + first)


class TestReported:
    def test_it_is_never_touched(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [reported(ONE), TWO])
        device.install(WRONG)
        batch = device.batch()
        remediate = batch.run(scripts[Script.REMEDIATE])
        remediation = batch.run(scripts[Script.REMEDIATION])
        discovery = batch.run(scripts[Script.DISCOVERY])
        after = batch.dump(KEY_ONE)
        batch.execute()
        assert (remediate.exit_code, remediation.failure) == (0, None)
        assert discovery.out == ["NonCompliant: one"]
        assert after.state == {KEY_ONE: WRONG[KEY_ONE]}


class TestSomeoneElse:
    """Values that are no longer what policyc wrote."""

    def altered(self, device: Device, scripts: dict[str, Path]) -> None:
        device.install(WRONG)
        device.run(scripts[Script.REMEDIATION])
        batch = device.batch()
        batch.value(KEY_ONE, "v", qword(9))
        batch.unset(KEY_TWO, "v")
        batch.execute()

    def test_detection_says_so(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        self.altered(device, scripts)
        batch = device.batch()
        detect = batch.run(scripts[Script.DETECT])
        discovery = batch.run(scripts[Script.DISCOVERY])
        log = batch.read(LOG.format("test"))
        batch.execute()
        assert sum("changed by someone else" in line for line in detect.out) == 2
        assert discovery.out == ["NonCompliant: one, two"]
        assert sum("changed by someone else" in line for line in log.lines) == 2

    def test_rollback_leaves_it_unless_forced(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        self.altered(device, scripts)
        before = everything(device)
        left = device.run(scripts[Script.ROLLBACK])
        assert left.exit_code == 1
        assert sum(line.startswith("Left ") and "someone else" in line for line in left.lines) == 2
        assert differences(before, everything(device)) == []
        few = device.run(scripts[Script.ROLLBACK], "-Force", "-ForceAtMost", "1")
        assert few.exit_code == 2
        named = [line for line in few.lines if line.startswith("Forced ") and "of test" in line]
        assert len(named) == 2
        assert "-ForceAtMost 2" in few.stderr
        assert differences(before, everything(device)) == []
        forced = device.run(scripts[Script.ROLLBACK], "-Force", "-ForceAtMost", "2")
        assert forced.exit_code == 0
        assert [line for line in forced.lines if line.startswith("Forced ")] == forced.lines[:2] == named
        assert differences(device_state(WRONG), everything(device)) == []

    def test_remediation_brings_it_back_and_keeps_the_first_value(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE, TWO])
        self.altered(device, scripts)
        first, second = run(device, scripts[Script.REMEDIATION], scripts[Script.ROLLBACK])
        assert first.failure is None
        assert second.exit_code == 0, second.said
        assert differences(device_state(WRONG), everything(device)) == []

    def test_a_value_put_back_by_someone_is_forgotten(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE])
        device.install({KEY_ONE: WRONG[KEY_ONE]})
        device.run(scripts[Script.REMEDIATION])
        device.install({KEY_ONE: {"v": dword(7)}})
        assert device.run(scripts[Script.ROLLBACK]).exit_code == 0
        assert everything(device) == device_state({KEY_ONE: WRONG[KEY_ONE]})


def device_state(state: dict) -> dict:
    return {ROOT: {}, **state}


class TestOwners:
    """Two collections that ask for one value."""

    @pytest.mark.parametrize("first", ["a", "b"])
    @pytest.mark.parametrize("there", [True, False], ids=["value", "nothing"])
    def test_the_last_one_to_let_go_restores(self, device: Device, tmp_path: Path, first: str, there: bool) -> None:
        scripts = {slug: write_scripts(tmp_path / slug, [ONE], slug) for slug in "ab"}
        if there:
            device.install({KEY_ONE: WRONG[KEY_ONE]})
        before = everything(device)
        run(device, scripts["a"][Script.REMEDIATION], scripts["b"][Script.REMEDIATION])
        second = "b" if first == "a" else "a"
        [early] = run(device, scripts[first][Script.ROLLBACK])
        assert early.exit_code == 3, early.said
        assert all(line.startswith("Kept ") for line in early.out[:-1]), early.said
        assert f"keep it for {second} (no estate named)" in early.out[0]
        assert device.dump(KEY_ONE)[KEY_ONE][KEY_ONE]["v"] == dword(1)
        [late] = run(device, scripts[second][Script.ROLLBACK])
        assert late.exit_code == 0, late.said
        assert differences(before, everything(device)) == []

    def test_another_collections_places_stay(self, device: Device, tmp_path: Path) -> None:
        a = write_scripts(tmp_path / "a", [ONE], "a")
        b = write_scripts(tmp_path / "b", [TWO], "b")
        device.install(WRONG)
        run(device, a[Script.REMEDIATION], b[Script.REMEDIATION], a[Script.ROLLBACK])
        state = everything(device)
        assert (state[KEY_ONE]["v"], state[KEY_TWO]["v"]) == (dword(7), sz("right"))
        run(device, b[Script.ROLLBACK])
        assert differences(device_state(WRONG), everything(device)) == []

    @pytest.mark.parametrize("order", ["ab", "ba"])
    def test_two_values_in_one_key_that_was_made(self, device: Device, tmp_path: Path, order: str) -> None:
        other = altered(ONE, id="other", place=replace(ONE.subject.place, name="w"))
        scripts = {"a": write_scripts(tmp_path / "a", [ONE], "a"), "b": write_scripts(tmp_path / "b", [other], "b")}
        run(device, scripts["a"][Script.REMEDIATION], scripts["b"][Script.REMEDIATION])
        early, late = run(device, *(scripts[slug][Script.ROLLBACK] for slug in order))
        assert (early.exit_code, late.exit_code) == (3, 0), early.said + late.said
        assert sum(line.startswith("Done ") for line in early.out) == 1
        assert everything(device) == {}


class TestKilled:
    """A remediation that ends in the middle, at every write there is."""

    SETTINGS = (
        ONE,
        setting("two", Kind.DWORD, Operator.ABSENT, write=DeleteValue()),
        setting("three", Kind.MULTI_STRING, Operator.EQUALS, ("x", "y"), write=("x", "y")),
    )
    BEFORE: ClassVar = {KEY_ONE: WRONG[KEY_ONE], KEY_TWO: {"v": dword(3)}}
    WRITES = 120
    """More than the script makes for these settings in this state."""

    @pytest.mark.parametrize("through", ["again", "directly"])
    def test_run_again_and_roll_back(self, device: Device, tmp_path: Path, through: str) -> None:
        scripts = write_scripts(tmp_path, self.SETTINGS)
        killed = tmp_path / "killed.ps1"
        killed.write_text(with_fuse(scripts[Script.REMEDIATION].read_text("ascii")), encoding="ascii")
        device.install(self.BEFORE)
        before = everything(device)
        batch = device.batch()
        cuts = []
        for fuse in range(1, self.WRITES + 1, 2 if through == "again" else 1):
            batch.wipe(ROOT, JOURNAL)
            batch.install(self.BEFORE)
            steps = [batch.run(killed, f"-Fuse={fuse}")]
            if through == "again":
                steps += [batch.run(scripts[Script.REMEDIATION]), batch.run(scripts[Script.DISCOVERY])]
            cuts.append((fuse, steps, batch.run(scripts[Script.ROLLBACK]), batch.dump(ROOT), batch.dump(JOURNAL)))
        batch.execute(timeout=600)
        # The script was cut at each of its writes, and came to its end at last.
        broken_off = [bool(steps[0].failure) for _, steps, *_ in cuts]
        assert broken_off == sorted(broken_off, reverse=True)
        assert broken_off.count(True) * 2 > len(cuts)
        assert not broken_off[-1]
        problems = []
        for fuse, (_, *rest), rollback, after, journal in cuts:
            if rest and (rest[0].failure or rest[1].out != ["Compliant"]):
                problems.append(f"cut at write {fuse}, run again: {rest[0].failure} {rest[1].out}")
            found = differences(before, {**after.state, **journal.state})
            if rollback.exit_code != 0 or found:
                problems.append(f"cut at write {fuse}: {rollback.said} {found}")
        assert problems == [], "\n".join(problems)

    def test_a_process_that_is_gone(self, stand_in: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, self.SETTINGS)
        text = scripts[Script.REMEDIATION].read_text("ascii")
        killed = tmp_path / "killed.ps1"
        killed.write_text(with_fuse(text, then="[Environment]::Exit(9)"), encoding="ascii")
        stand_in.install(self.BEFORE)
        before = everything(stand_in)
        with pytest.raises(EngineError, match="ended with"):
            stand_in.run(killed, "-Fuse", "17")
        again, discovery, rollback = run(
            stand_in, *(scripts[s] for s in (Script.REMEDIATION, Script.DISCOVERY, Script.ROLLBACK))
        )
        assert (again.failure, discovery.out, rollback.exit_code) == (None, ["Compliant"], 0)
        assert differences(before, everything(stand_in)) == []


class TestUsers:
    PLACE = Place(Hive.USER, View.BITS_64, r"Software\policyc-test", "v")
    SETTING = altered(ONE, id="user", place=PLACE)

    def test_the_loaded_hive(self, stand_in: Device, tmp_path: Path) -> None:
        stand_in.clean(USER_ROOT)
        scripts = write_scripts(tmp_path, [self.SETTING])
        batch = stand_in.batch()
        before = batch.dump(USER + r"\Software")
        discovery = batch.run(scripts[Script.DISCOVERY])
        remediation = batch.run(scripts[Script.REMEDIATION])
        after = batch.dump(USER_ROOT)
        again = batch.run(scripts[Script.DISCOVERY])
        rollback = batch.run(scripts[Script.ROLLBACK])
        restored = batch.dump(USER + r"\Software")
        batch.execute()
        assert discovery.out == ["NonCompliant: user"]
        assert remediation.failure is None
        assert after.state == {USER_ROOT: {"v": dword(1)}}
        assert again.out == ["Compliant"]
        assert rollback.exit_code == 0, rollback.said
        assert differences(before.state, restored.state) == []

    def test_no_hive_is_loaded(self, stand_in: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [self.SETTING])
        for script in (Script.DISCOVERY, Script.DETECT, Script.REMEDIATION):
            text = scripts[script].read_text("ascii")
            scripts[script].write_text(text.replace("(5-21|12-1)", "(9-99)"), encoding="ascii")
        discovery, detect, remediation = run(
            stand_in, *(scripts[s] for s in (Script.DISCOVERY, Script.DETECT, Script.REMEDIATION))
        )
        assert discovery.out == ["Compliant"]
        assert "No user's hive is loaded" in detect.out[0]
        assert detect.exit_code == 0
        assert remediation.failure is None


class TestKeys:
    def key(self, operator: Operator, name: str, **more: object) -> Setting:
        base = setting(name, None, operator, **more)
        return altered(base, condition=Condition(operator), place=replace(base.subject.place, name=None))

    def test_an_absent_key_is_created(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [self.key(Operator.PRESENT, "made", write=CreateKey())])
        batch = device.batch()
        discovery = batch.run(scripts[Script.DISCOVERY])
        remediation = batch.run(scripts[Script.REMEDIATION])
        after = batch.dump(ROOT)
        again = batch.run(scripts[Script.DISCOVERY])
        rollback = batch.run(scripts[Script.ROLLBACK])
        batch.execute()
        assert (discovery.out, remediation.failure, again.out) == (["NonCompliant: made"], None, ["Compliant"])
        assert after.state == {ROOT: {}, ROOT + r"\made": {}}
        assert rollback.exit_code == 0, rollback.said
        assert everything(device) == {}

    def test_a_made_key_that_someone_uses_stays(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [ONE])
        device.run(scripts[Script.REMEDIATION])
        device.install({KEY_ONE: {"theirs": sz("x")}})
        assert device.run(scripts[Script.ROLLBACK]).exit_code == 0
        assert everything(device) == {ROOT: {}, KEY_ONE: {"theirs": sz("x")}}

    def test_a_key_that_must_be_absent_is_reported(self, device: Device, tmp_path: Path) -> None:
        scripts = write_scripts(tmp_path, [self.key(Operator.ABSENT, "gone")])
        [without] = run(device, scripts[Script.DISCOVERY])
        device.install({ROOT + r"\gone": {}})
        [there] = run(device, scripts[Script.DISCOVERY])
        assert (without.out, there.out) == (["Compliant"], ["NonCompliant: gone"])


class TestLog:
    LINE = re.compile(
        r'<!\[LOG\[.*\]LOG\]!><time="\d\d:\d\d:\d\d\.\d{3}[+-]\d{3}" date="\d\d-\d\d-\d{4}" '
        r'component="policyc" context="" type="[123]" thread="\d+" file="">'
    )

    def log_of(self, device: Device, tmp_path: Path, *settings: Setting) -> list[str]:
        scripts = write_scripts(tmp_path, settings)
        batch = device.batch()
        for script in (Script.DISCOVERY, Script.REMEDIATION, Script.DISCOVERY, Script.ROLLBACK):
            batch.run(scripts[script])
        log = batch.read(LOG.format("test"))
        batch.execute()
        assert log.lines
        return log.lines

    def test_the_form_of_cmtrace(self, device: Device, tmp_path: Path) -> None:
        hostile = "]LOG]!>\n<![LOG[ ‘ü’ \U0001f600 \0"
        lines = self.log_of(
            device, tmp_path, ONE, altered(TWO, condition=Condition(Operator.EQUALS, (hostile,)), title=hostile)
        )
        assert [line for line in lines if not self.LINE.fullmatch(line)] == []
        assert [line for line in lines if line.count("]LOG]!>") != 1 or not line.isascii()] == []

    def test_a_change_with_old_and_new(self, device: Device, tmp_path: Path) -> None:
        device.install(WRONG)
        lines = self.log_of(device, tmp_path, ONE, TWO)
        assert any(r"one: changed HKLM\SOFTWARE\policyc-test\one : v from 7 [DWord] to 1 [DWord]" in line for line in lines)
        assert any("rollback: " in line and "from 1 [DWord] to 7 [DWord]" in line for line in lines)

    def test_the_data_of_a_sensitive_setting_is_nowhere(self, device: Device, tmp_path: Path) -> None:
        secret = setting("secret", Kind.STRING, Operator.EQUALS, "geheim-neu", write="geheim-neu", sensitive=True)
        listed = setting(
            "listed", Kind.MULTI_STRING, Operator.EQUALS, ("geheim-liste",), write=("geheim-liste",), sensitive=True
        )
        scripts = write_scripts(tmp_path, [secret, listed])
        device.install({key_path(secret): {"v": sz("geheim-alt")}, key_path(listed): {"v": multi_sz("geheim-vorher")}})
        batch = device.batch()
        order = (Script.DETECT, Script.DISCOVERY, Script.REMEDIATE, Script.DETECT, Script.ROLLBACK, Script.REMEDIATION)
        runs = [batch.run(scripts[script]) for script in order]
        batch.install({key_path(secret): {"v": sz("geheim-fremd")}})
        runs += [batch.run(scripts[script]) for script in (Script.DISCOVERY, Script.REMEDIATE, Script.ROLLBACK)]
        log = batch.read(LOG.format("test"))
        batch.execute()
        said = "\n".join(line for one in runs for line in one.said)
        assert "geheim" not in said
        assert "(masked)" in said
        assert "geheim" not in log.text
        assert "(masked)" in log.text

    def test_it_is_rotated(self, stand_in: Device, tmp_path: Path) -> None:
        folder = stand_in.file(r"C:\windows\Logs\policyc")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "policyc-test.log").write_text("x" * 1_000_001)
        run(stand_in, write_scripts(tmp_path, [ONE])[Script.REMEDIATION])
        names = [log.name for log in stand_in.logs()]
        assert names == ["policyc-test.lo_", "policyc-test.log"]

    def test_the_folder_of_the_client_is_not_used(self, stand_in: Device, tmp_path: Path) -> None:
        """The client's own programs write there as the user who is signed in."""
        logs = stand_in.file(r"C:\windows") / "CCM" / "Logs"
        logs.mkdir(parents=True)
        try:
            run(stand_in, write_scripts(tmp_path, [ONE])[Script.REMEDIATION])
            assert list(logs.iterdir()) == []
            assert LOG.format("test").rpartition("\\")[2] in [log.name for log in stand_in.logs()]
        finally:
            logs.rmdir()
            logs.parent.rmdir()
