"""What has left a policy is rolled back, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from endpoint.cases import RETIRE, key_path, reported, setting, write_scripts
from endpoint.device import JOURNAL, ROOT, ROOT_32, Device, Run
from endpoint.fuse import with_fuse
from endpoint.registry import State, differences, dword, sz
from policyc.model import Condition, CreateKey, DeleteValue, Hive, Kind, Operator, Place, Setting, View
from policyc.powershell.scripts import Script
from policyc.targets.configmgr.making import console_scripts
from policyc.targets.configmgr.package import LAUNCHER_COMMAND, SETTINGS_PROGRAMS, settings_programs, settings_scripts
from policyc.targets.configmgr.packages import package_files
from registry_settings import altered
from unit.targets.samples import COLLECTION, PROJECT

pytestmark = pytest.mark.endpoint

USER = r"HKU\S-1-5-21-0-0-0-1000"
USER_ROOT = USER + r"\Software\policyc-test"

ONE = setting("one", Kind.DWORD, Operator.EQUALS, 1, write=1)
TWO = setting("two", Kind.STRING, Operator.EQUALS, "right", write="right")
KEY_ONE, KEY_TWO = key_path(ONE), key_path(TWO)
WRONG = {KEY_ONE: {"v": dword(7), "other": sz("stays")}, KEY_TWO: {"v": sz("wrong")}}
PLACES = "Places in the journal"


def beside(one: Setting, name: str, **place: object) -> Setting:
    """The same setting on another value of its key, or wherever else `place` says."""
    return altered(one, id=f"{one.id}-{name or 'default'}", place=replace(one.subject.place, name=name, **place))


def key_setting(name: str) -> Setting:
    base = setting(name, None, Operator.PRESENT, write=CreateKey())
    return altered(base, condition=Condition(Operator.PRESENT), place=replace(base.subject.place, name=None))


def everything(device: Device) -> State:
    return {key: values for state in device.dump(ROOT, ROOT_32, JOURNAL).values() for key, values in state.items()}


def values(device: Device) -> State:
    """The test keys that hold something."""
    return {key: values for state in device.dump(ROOT, ROOT_32).values() for key, values in state.items() if values}


class Policy:
    """A collection's scripts before and after its settings have changed."""

    def __init__(
        self, device: Device, folder: Path, before: Sequence[Setting], after: Sequence[Setting], slug: str = "a"
    ) -> None:
        self.device = device
        self.before = write_scripts(folder / slug / "before", before, slug)
        self.after = write_scripts(folder / slug / "after", after, slug)

    def remediate(self) -> None:
        run = self._run(self.before[Script.REMEDIATION])
        assert run.failure is None, run.said

    def retire(self, *options: str) -> Run:
        return self._run(self.after[RETIRE], *options)

    def roll_back(self) -> Run:
        return self._run(self.after[Script.ROLLBACK])

    def _run(self, script: Path, *options: str) -> Run:
        batch = self.device.batch()
        run = batch.run(script, *options)
        batch.execute()
        return run


@pytest.fixture(params=["values", "nothing"])
def held(request: pytest.FixtureRequest, device: Device) -> State:
    """What the device holds at first."""
    state: State = WRONG if request.param == "values" else {}
    device.install(state)
    return state


class TestOneLeaves:
    def test_it_goes_back_and_the_other_stays(self, device: Device, tmp_path: Path, held: State) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        remediated = everything(device)
        run = policy.retire()
        assert run.exit_code == 0, run.said
        after = everything(device)
        assert after.get(KEY_ONE) == held.get(KEY_ONE)
        assert after[KEY_TWO] == {"v": sz("right")}
        entries = {key for key in remediated if key.startswith(JOURNAL + "\\")} - set(after)
        # The value, and the key where it had to be made.
        assert len(entries) == (1 if held else 2)
        assert all(after[key] == remediated[key] for key in after if key not in (ROOT, KEY_ONE))

    def test_a_second_run_finds_nothing(self, device: Device, tmp_path: Path, held: State) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        policy.retire()
        before = everything(device)
        run = policy.retire()
        kept = 1 if held else 3
        assert (run.exit_code, run.out) == (0, [f"{PLACES}: {kept}; still in the policy: {kept}; done: 0; left: 0"])
        assert differences(before, everything(device)) == []

    def test_what_is_left_of_the_policy_still_complies(self, device: Device, tmp_path: Path, held: State) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        policy.retire()
        assert device.run(policy.after[Script.DETECT]).exit_code == 0
        assert device.run(policy.after[Script.DISCOVERY]).lines == ["Compliant"]

    def test_a_rollback_later_restores_the_rest(self, device: Device, tmp_path: Path, held: State) -> None:
        before = everything(device)
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        policy.retire()
        assert policy.roll_back().exit_code == 0
        assert differences(before, everything(device)) == []


class TestWhatCounts:
    """Which entries are those of settings that the policy writes."""

    def test_nothing_has_left(self, device: Device, tmp_path: Path, held: State) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [ONE, TWO])
        policy.remediate()
        before = everything(device)
        run = policy.retire()
        assert run.exit_code == 0, run.said
        assert run.out[-1].endswith("; done: 0; left: 0")
        assert differences(before, everything(device)) == []

    def test_everything_has_left(self, device: Device, tmp_path: Path, held: State) -> None:
        before = everything(device)
        policy = Policy(device, tmp_path, [ONE, TWO], [])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert differences(before, everything(device)) == []

    def test_nothing_was_ever_written(self, device: Device, tmp_path: Path) -> None:
        run = Policy(device, tmp_path, [], []).retire()
        assert (run.exit_code, run.out) == (0, [f"{PLACES}: 0; still in the policy: 0; done: 0; left: 0"])
        assert everything(device) == {}

    def test_a_setting_that_is_only_reported_now(self, device: Device, tmp_path: Path, held: State) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [reported(ONE), TWO])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert everything(device).get(KEY_ONE) == held.get(KEY_ONE)

    def test_other_data_at_the_same_place_stays(self, device: Device, tmp_path: Path, held: State) -> None:
        other = setting("one", Kind.STRING, Operator.EQUALS, "new", write="new")
        policy = Policy(device, tmp_path, [ONE], [replace(other, id="renamed")])
        policy.remediate()
        before = everything(device)
        assert policy.retire().exit_code == 0
        assert differences(before, everything(device)) == []

    def test_another_spelling_is_the_same_place(self, device: Device, tmp_path: Path, held: State) -> None:
        spelled = altered(ONE, place=replace(ONE.subject.place, key=ONE.subject.place.key.upper(), name="V"))
        policy = Policy(device, tmp_path, [ONE], [spelled])
        policy.remediate()
        before = everything(device)
        assert policy.retire().exit_code == 0
        assert differences(before, everything(device)) == []

    @pytest.mark.parametrize("kept", ["default", "value"])
    def test_the_default_value_is_a_place_of_its_own(self, device: Device, tmp_path: Path, kept: str) -> None:
        settings = {"default": beside(ONE, ""), "value": beside(ONE, "v")}
        policy = Policy(device, tmp_path, list(settings.values()), [settings[kept]])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert values(device) == {KEY_ONE: {{"default": "", "value": "v"}[kept]: dword(1)}}

    @pytest.mark.parametrize("kept", [View.BITS_32, View.BITS_64])
    def test_the_views_are_two_places(self, device: Device, tmp_path: Path, kept: View) -> None:
        both = {view: beside(ONE, "v", view=view) for view in View}
        policy = Policy(device, tmp_path, [replace(one, id=f"v{view}") for view, one in both.items()], [both[kept]])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert values(device) == {key_path(both[kept]): {"v": dword(1)}}

    def test_a_killed_remediation_of_what_left(self, device: Device, tmp_path: Path) -> None:
        """Its entry says what was about to be written, not that it was."""
        device.install(WRONG)
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        batch = device.batch()
        for key, entry_of in device.dump(JOURNAL)[JOURNAL].items():
            if entry_of.get("Key") == sz(ONE.subject.place.key):
                batch.unset(key, "Written")
                batch.value(key, "Pending", dword(1))
        batch.execute()
        assert policy.retire().exit_code == 0
        assert everything(device)[KEY_ONE] == WRONG[KEY_ONE]


class TestKeysThatWereMade:
    def test_one_that_a_kept_value_lies_in(self, device: Device, tmp_path: Path) -> None:
        policy = Policy(device, tmp_path, [ONE, beside(ONE, "w")], [beside(ONE, "w")])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert values(device) == {KEY_ONE: {"w": dword(1)}}
        assert policy.roll_back().exit_code == 0
        assert everything(device) == {}

    @pytest.mark.parametrize("kept", ["above", "below"])
    def test_one_below_the_other(self, device: Device, tmp_path: Path, kept: str) -> None:
        deep = beside(ONE, "v", key=ONE.subject.place.key + r"\deep\deeper")
        settings = {"above": ONE, "below": deep}
        policy = Policy(device, tmp_path, list(settings.values()), [settings[kept]])
        policy.remediate()
        assert policy.retire().exit_code == 0
        there = {ROOT: {}, KEY_ONE: {"v": dword(1)}}
        if kept == "below":
            there = {ROOT: {}, KEY_ONE: {}, KEY_ONE + r"\deep": {}, KEY_ONE + r"\deep\deeper": {"v": dword(1)}}
        assert device.dump(ROOT)[ROOT] == there
        assert policy.roll_back().exit_code == 0
        assert everything(device) == {}

    @pytest.mark.parametrize("kept", ["key", "value"])
    def test_one_that_a_setting_asks_for(self, device: Device, tmp_path: Path, kept: str) -> None:
        settings = {"key": key_setting("one"), "value": ONE}
        policy = Policy(device, tmp_path, [settings["key"], replace(ONE, id="value")], [settings[kept]])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert device.dump(ROOT)[ROOT] == {ROOT: {}, KEY_ONE: {"v": dword(1)} if kept == "value" else {}}
        assert policy.roll_back().exit_code == 0
        assert everything(device) == {}

    def test_a_key_setting_that_left(self, device: Device, tmp_path: Path) -> None:
        policy = Policy(device, tmp_path, [key_setting("one"), TWO], [TWO])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert device.dump(ROOT)[ROOT] == {ROOT: {}, KEY_TWO: {"v": sz("right")}}

    def test_one_that_someone_else_uses(self, device: Device, tmp_path: Path) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        device.install({KEY_ONE: {"theirs": sz("x")}})
        assert policy.retire().exit_code == 0
        assert everything(device)[KEY_ONE] == {"theirs": sz("x")}

    def test_a_value_that_left_was_a_deletion(self, device: Device, tmp_path: Path) -> None:
        device.install(WRONG)
        gone = setting("one", Kind.DWORD, Operator.ABSENT, write=DeleteValue())
        policy = Policy(device, tmp_path, [gone, TWO], [TWO])
        policy.remediate()
        assert "v" not in everything(device)[KEY_ONE]
        assert policy.retire().exit_code == 0
        assert everything(device)[KEY_ONE] == WRONG[KEY_ONE]


class TestOwners:
    @pytest.mark.parametrize("there", [True, False], ids=["value", "nothing"])
    def test_another_collection_holds_it_too(self, device: Device, tmp_path: Path, there: bool) -> None:
        if there:
            device.install(WRONG)
        before = everything(device)
        ours = Policy(device, tmp_path, [ONE, TWO], [TWO], "a")
        theirs = Policy(device, tmp_path, [ONE], [ONE], "b")
        ours.remediate()
        theirs.remediate()
        run = ours.retire()
        assert run.exit_code == 3, run.said
        assert any(line.startswith("Kept ") and "keep it for b (no estate named)" in line for line in run.out)
        assert everything(device)[KEY_ONE]["v"] == dword(1)
        # Where keys had to be made, those that ours lies in too are kept for it.
        assert theirs.roll_back().exit_code == (0 if there else 3)
        assert everything(device).get(KEY_ONE) == (WRONG[KEY_ONE] if there else None)
        assert ours.roll_back().exit_code == 0
        assert differences(before, everything(device)) == []

    def test_another_collections_places_stay(self, device: Device, tmp_path: Path, held: State) -> None:
        theirs = Policy(device, tmp_path, [TWO], [], "b")
        theirs.remediate()
        before = everything(device)
        ours = Policy(device, tmp_path, [ONE], [], "a")
        ours.remediate()
        assert ours.retire().exit_code == (0 if held else 3)
        assert differences(before, everything(device)) == []

    @pytest.mark.parametrize("first", ["a", "b"])
    def test_another_collections_value_in_a_key_that_was_made(self, device: Device, tmp_path: Path, first: str) -> None:
        policies = {
            "a": Policy(device, tmp_path, [ONE], [], "a"),
            "b": Policy(device, tmp_path, [beside(ONE, "w")], [], "b"),
        }
        for slug in sorted(policies, key=lambda slug: slug != first):
            policies[slug].remediate()
        assert policies["a"].retire().exit_code == 3
        assert values(device) == {KEY_ONE: {"w": dword(1)}}
        assert policies["b"].retire().exit_code == 0
        assert everything(device) == {}


class TestSafety:
    def altered(self, device: Device, policy: Policy) -> None:
        device.install(WRONG)
        policy.remediate()
        device.install({KEY_ONE: {"v": dword(9)}})

    def test_what_someone_else_has_changed_is_left_alone(self, device: Device, tmp_path: Path) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        self.altered(device, policy)
        before = everything(device)
        run = policy.retire()
        assert run.exit_code == 1
        assert sum(line.startswith("Left ") and "someone else" in line for line in run.out) == 1
        assert differences(before, everything(device)) == []

    def test_force(self, device: Device, tmp_path: Path) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        self.altered(device, policy)
        device.install({KEY_TWO: {"v": sz("theirs")}})
        assert policy.retire("-Force").exit_code == 0
        after = everything(device)
        assert after[KEY_ONE] == WRONG[KEY_ONE]
        assert after[KEY_TWO] == {"v": sz("theirs")}

    def test_what_if(self, device: Device, tmp_path: Path, held: State) -> None:
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        before = everything(device)
        answer = device.run(policy.after[RETIRE], "-WhatIf")
        assert (answer.failure, answer.exit_code) == (None, 0)
        assert r"policyc-test\one" in answer.stdout
        assert r"policyc-test\two" not in answer.stdout
        assert differences(before, everything(device)) == []

    @pytest.mark.parametrize("damage", ["Hive", "Key", "Previous", "Written"])
    def test_a_broken_entry_of_what_stays_keeps_nothing_from_going_back(
        self, device: Device, tmp_path: Path, damage: str
    ) -> None:
        device.install(WRONG)
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        batch = device.batch()
        for key, entry_of in device.dump(JOURNAL)[JOURNAL].items():
            if entry_of.get("Key") == sz(TWO.subject.place.key):
                batch.unset(key, damage)
        batch.execute()
        run = policy.retire()
        assert run.exit_code == 6
        assert any("broken" in line for line in run.errors)
        after = everything(device)
        assert (after[KEY_ONE], after[KEY_TWO]) == (WRONG[KEY_ONE], {"v": sz("right")})

    def test_an_entry_that_never_came_to_be_whole(self, device: Device, tmp_path: Path) -> None:
        """It stands for no change, and says neither where nor whose."""
        device.install({rf"{JOURNAL}\journal\{'0' * 40}": {"Hive": sz("HKU")}})
        policy = Policy(device, tmp_path, [ONE], [ONE])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert everything(device)[KEY_ONE] == {"v": dword(1)}

    def test_the_log_says_what_went_back(self, device: Device, tmp_path: Path) -> None:
        device.install(WRONG)
        policy = Policy(device, tmp_path, [ONE, TWO], [TWO])
        policy.remediate()
        batch = device.batch()
        batch.run(policy.after[RETIRE])
        log = batch.read(r"C:\windows\Logs\policyc\policyc-a.log")
        batch.execute()
        told = [line for line in log.lines if "[LOG[rollback: " in line]
        assert len(told) == 1
        assert r"policyc-test\one : v. Restore from 1 [DWord] to 7 [DWord]" in told[0]


class TestKilled:
    """A run that ends in the middle, at every write there is."""

    WRITES = 16
    """More than the script makes for these settings."""

    def test_run_again(self, device: Device, tmp_path: Path) -> None:
        gone = setting("gone", Kind.DWORD, Operator.ABSENT, write=DeleteValue())
        before = {key_path(gone): {"v": dword(3)}, KEY_TWO: WRONG[KEY_TWO]}
        shared = beside(ONE, "shared", key=r"SOFTWARE\policyc-test\shared")
        policy = Policy(device, tmp_path, [ONE, gone, shared, TWO], [TWO])
        other = Policy(device, tmp_path, [shared], [shared], "b")
        killed = tmp_path / "killed.ps1"
        killed.write_text(with_fuse(policy.after[RETIRE].read_text("ascii")), encoding="ascii")
        batch = device.batch()
        cuts = []
        for fuse in [self.WRITES, *range(1, self.WRITES)]:
            batch.wipe(ROOT, JOURNAL)
            batch.install(before)
            batch.run(policy.before[Script.REMEDIATION])
            batch.run(other.before[Script.REMEDIATION])
            cut = batch.run(killed, "-OnlyRetired", f"-Fuse={fuse}")
            again = batch.run(policy.after[RETIRE])
            cuts.append((fuse, cut, again, batch.dump(ROOT), batch.dump(JOURNAL)))
        batch.execute(timeout=600)
        _, whole, _, expected, journal = cuts[0]
        assert whole.exit_code == 3, whole.said
        assert expected.state == {
            ROOT: {},
            key_path(gone): {"v": dword(3)},
            KEY_TWO: {"v": sz("right")},
            key_path(shared): {"shared": dword(1)},
        }
        broken_off = [cut.exit_code not in (0, 3) for _, cut, *_ in cuts[1:]]
        assert broken_off == sorted(broken_off, reverse=True)
        assert broken_off.count(True) > 6
        assert not broken_off[-1]
        problems = [
            f"cut at write {fuse}: {again.said} {found}"
            for fuse, _, again, after, left in cuts
            if (found := differences({**expected.state, **journal.state}, {**after.state, **left.state}))
            or again.exit_code not in (0, 3)
        ]
        assert problems == [], "\n".join(problems)


class TestUsers:
    ONE = altered(ONE, place=Place(Hive.USER, View.BITS_64, r"Software\policyc-test", "v"))
    TWO = altered(TWO, place=Place(Hive.USER, View.BITS_64, r"Software\policyc-test\two", "v"))

    def test_one_leaves(self, stand_in: Device, tmp_path: Path) -> None:
        stand_in.clean(USER_ROOT)
        policy = Policy(stand_in, tmp_path, [self.ONE, self.TWO], [self.TWO])
        policy.remediate()
        assert stand_in.dump(USER_ROOT)[USER_ROOT][USER_ROOT] == {"v": dword(1)}
        run = policy.retire()
        assert run.exit_code == 0, run.said
        assert stand_in.dump(USER_ROOT)[USER_ROOT] == {USER_ROOT: {}, USER_ROOT + r"\two": {"v": sz("right")}}
        assert policy.roll_back().exit_code == 0
        assert stand_in.dump(USER_ROOT, JOURNAL) == {USER_ROOT: {}, JOURNAL: {}}

    def test_a_machine_place_of_the_same_key_is_another(self, stand_in: Device, tmp_path: Path) -> None:
        stand_in.clean(USER_ROOT)
        machine = altered(
            self.ONE, id="machine", place=replace(self.ONE.subject.place, hive=Hive.MACHINE, key=r"SOFTWARE\policyc-test")
        )
        policy = Policy(stand_in, tmp_path, [self.ONE, machine], [machine])
        policy.remediate()
        assert policy.retire().exit_code == 0
        assert stand_in.dump(USER_ROOT)[USER_ROOT] == {}
        assert stand_in.dump(ROOT)[ROOT] == {ROOT: {"v": dword(1)}}

    def test_a_user_who_is_not_signed_in(self, stand_in: Device, tmp_path: Path) -> None:
        """The entries wait for the hive, and the journal keeps them."""
        other = USER.replace("-1000", "-1999")
        profile = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList" + other.removeprefix("HKU")
        stand_in.clean(USER_ROOT)
        stand_in.install({profile: {}, other + r"\Software\policyc-test": {"v": dword(7)}})
        policy = Policy(stand_in, tmp_path, [self.ONE, self.TWO], [self.TWO])
        policy.remediate()
        batch = stand_in.batch()
        batch.wipe(other)
        batch.execute()
        journal = stand_in.dump(JOURNAL)[JOURNAL]
        run = policy.retire()
        assert run.exit_code == 1
        [left] = [line for line in run.out if line.startswith("Left ")]
        assert "not signed in" in left
        assert "-1999" in left
        assert r"\two" not in left
        assert run.out[-1].endswith("; left: 1")
        now = stand_in.dump(JOURNAL)[JOURNAL]
        gone = {key for key in journal if key not in now}
        assert all("-1999" not in journal[key]["Key"].data.decode("utf-16-le") for key in gone)
        stand_in.clean(profile)


class TestProgram:
    """As ConfigMgr runs it."""

    @pytest.fixture
    def client(self, device: Device) -> Device:
        """An endpoint with the engine where Windows has it."""
        if device.is_stand_in:
            device.engine_folder("System32")
        return device

    def stage(self, folder: Path, *settings: Setting) -> None:
        collection = replace(COLLECTION, settings=settings)
        package = settings_programs(PROJECT, collection, settings_scripts(collection))
        for path, content in package_files(PROJECT, collection, package):
            if path.startswith(f"{package.source_folder}/"):
                (folder / Path(path).name).write_bytes(content)
        for name, content in console_scripts(collection).items():
            (folder / name).write_bytes(content)

    @pytest.mark.parametrize("kept", [[TWO], []], ids=["one", "none"])
    def test_it_rolls_back_what_left(self, client: Device, tmp_path: Path, kept: list[Setting]) -> None:
        client.install(WRONG)
        before, after = tmp_path / "before", tmp_path / "after"
        before.mkdir()
        after.mkdir()
        self.stage(before, ONE, TWO)
        self.stage(after, *kept)
        assert client.cmd(f"{LAUNCHER_COMMAND} remediate", before)[0] == 0
        code, printed = client.cmd(f"{LAUNCHER_COMMAND} {SETTINGS_PROGRAMS[1].words}", after)
        assert (code, printed.splitlines()[-1].rpartition("; done: ")[2]) == (0, f"{2 - len(kept)}; left: 0")
        state = everything(client)
        assert state[KEY_ONE] == WRONG[KEY_ONE]
        assert state[KEY_TWO] == ({"v": sz("right")} if kept else WRONG[KEY_TWO])
