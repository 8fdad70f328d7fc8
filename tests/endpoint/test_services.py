"""Services on an endpoint: what scripts find, change through the service manager, and bring back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from endpoint.cases import RETIRE, write_scripts
from endpoint.device import JOURNAL, Batch, Device, Run
from endpoint.fuse import with_fuse
from endpoint.journal import ENTRIES, text_of
from endpoint.registry import State, dword, sz
from endpoint.services import DRIVER, MANAGED, MANAGER, RUNNING, STOPPED, One, asked, calls
from policyc.evaluation import Verdict
from policyc.kinds.service import ServiceKind
from policyc.kinds.service.installed import Installed
from policyc.kinds.service.subject import Service
from policyc.model import Setting
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint
KIND = ServiceKind()
FAX = One()
OTHERS = ("policyc-test-queue", "policyc-test-tray")
NAMES = (FAX.name, *OTHERS)


@pytest.fixture
def endpoint(device: Device) -> Iterator[Device]:
    """One without services of ours."""
    keys = [One(name).key for name in NAMES]
    device.clean(MANAGED, *keys)
    yield device
    device.clean(MANAGED, *keys)


def install(device: Device, *services: One) -> None:
    batch = device.batch()
    for one in services:
        one.install(batch)
    batch.execute()


def run(device: Device, *scripts: tuple[Path, *tuple[str, ...]] | Path) -> list[Run]:
    batch = device.batch()
    batch.load(MANAGER)
    runs = [batch.run(script) if isinstance(script, Path) else batch.run(*script) for script in scripts]
    batch.execute(timeout=240)
    return runs


def here(device: Device, *names: str) -> State:
    """All that Windows and the manager hold of these services, and the journal."""
    keys = [key for name in names or (FAX.name,) for key in (One(name).key, One(name).managed)]
    return {key: values for state in device.dump(*keys, JOURNAL).values() for key, values in state.items()}


def settled(state: State) -> State:
    """The same without what was told to sc.exe."""
    return {key: {name: value for name, value in values.items() if name != "Calls"} for key, values in state.items()}


def now(device: Device, one: One = FAX) -> Installed:
    return one.is_now(here(device, one.name))


def subject_of(setting: Setting) -> Service:
    assert isinstance(setting.subject, Service)
    return setting.subject


CONDITIONS = [
    asked("disabled"),
    asked("disabled", "stopped"),
    asked("manual"),
    asked("automatic", "running"),
    asked("delayed"),
    asked("delayed", "running"),
    asked(state="stopped"),
    asked(state="running"),
    asked("manual", "stopped"),
]
SERVICES = [
    One(start=start, delayed=delayed, status=status)
    for start, delayed in ((2, None), (2, 1), (2, 0), (3, None), (4, None))
    for status in (STOPPED, RUNNING)
]


def told_of(setting: Setting) -> str:
    return " ".join(str(word.value) for word in (subject_of(setting).startup, subject_of(setting).running) if word)


class Whole:
    """A service's way through a batch, and what was there on it."""

    def __init__(self, batch: Batch, one: One, *scripts: Path | tuple[Path, str]) -> None:
        self.one = one
        one.install(batch)
        self._dumps = [[batch.dump(key) for key in (one.key, one.managed, JOURNAL)]]
        self.runs = []
        for script in scripts:
            self.runs.append(batch.run(script) if isinstance(script, Path) else batch.run(*script))
            self._dumps.append([batch.dump(key) for key in (one.key, one.managed, JOURNAL)])
        batch.wipe(JOURNAL)

    def state(self, after: int) -> State:
        """What was there after so many scripts."""
        return {key: values for dump in self._dumps[after] for key, values in dump.state.items()}

    def held(self, after: int) -> Installed:
        """The same of the service."""
        return self.one.is_now(self.state(after))


def journalled(state: State) -> list[str]:
    """The entries of the journal."""
    return [key for key in state if key.startswith(ENTRIES + "\\")]


def without_idle_delay(state: State) -> State:
    """The same without a delay that counts for nothing: it is none, or the service doesn't start automatically."""
    return {
        key: {
            name: value
            for name, value in values.items()
            if name != "DelayedAutostart" or (value, values["Start"]) == (dword(1), dword(2))
        }
        for key, values in settled(state).items()
    }


@pytest.mark.parametrize("setting", CONDITIONS, ids=told_of)
def test_condition_and_state(endpoint: Device, tmp_path: Path, setting: Setting) -> None:
    """Whatever is there: judged as the compiler judges it, changed, left alone the second time, and back."""
    scripts = write_scripts(tmp_path, [setting])
    subject = subject_of(setting)
    steps = (Script.DETECT, Script.REMEDIATE, Script.DETECT, Script.REMEDIATE, Script.ROLLBACK)
    batch = endpoint.batch()
    batch.load(MANAGER)
    ways = [Whole(batch, one, *(scripts[step] for step in steps)) for one in SERVICES]
    batch.execute(timeout=300)
    for way in ways:
        was = way.held(0)
        detect, remediate, again, idle, rollback = way.runs
        expected = KIND.verdict(subject, was.state)
        assert detect.exit_code == (0 if expected is Verdict.COMPLIANT else 1), (was, detect.said)
        if was.start == 4 and subject == subject_of(asked(state="running")) and not was.running:
            assert "It is disabled: nobody can start it" in remediate.out[0]
            assert (remediate.exit_code, way.state(5)) == (1, way.state(0))
            continue
        assert (remediate.exit_code, again.exit_code, idle.out) == (0, 0, ["Compliant"]), (was, remediate.said)
        assert way.state(4) == way.state(2), was
        assert rollback.exit_code == 0, (was, rollback.said)
        assert not journalled(way.state(5)), was
        if expected is Verdict.COMPLIANT:
            assert way.state(5) == way.state(0)
            continue
        should = subject.change(was)
        assert way.held(4) == should, (was, remediate.said)
        assert len(calls(way.state(4), way.one)) == (was.startup != should.startup) + (was.running != should.running)
        if was.start == 4 and was.running and not should.running:
            # It ran though it was disabled: nobody can start it.
            assert way.held(5) == Installed(4, delayed=False, running=False)
        else:
            assert way.held(5) == was, rollback.said
            assert without_idle_delay(way.state(5)) == without_idle_delay(way.state(0))


def test_the_words_are_those_of_the_compiler(endpoint: Device, tmp_path: Path) -> None:
    batch = endpoint.batch()
    batch.load(MANAGER)
    ways = []
    for number, setting in enumerate(CONDITIONS):
        detect = write_scripts(tmp_path / str(number), [setting])[Script.DETECT]
        ones = (One(start=2, delayed=1), One(start=3, status=STOPPED), One(start=4, status=STOPPED))
        ways += [(setting, Whole(batch, one, detect)) for one in ones]
    batch.execute(timeout=240)
    said = 0
    for setting, way in ways:
        was, must = way.held(0), KIND.must(subject_of(setting), masked=False)
        if KIND.verdict(subject_of(setting), was.state) is Verdict.NON_COMPLIANT:
            assert way.runs[0].out[1].strip() == f"service policyc-test-fax is {was}, must {must}"
            said += 1
    assert said > 15


@pytest.mark.parametrize("missing", [True, False])
def test_not_installed(endpoint: Device, tmp_path: Path, missing: bool) -> None:
    scripts = write_scripts(tmp_path, [asked("disabled", missing=missing)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    if missing:
        assert (detect.exit_code, remediate.out) == (0, ["Compliant"])
        return
    assert detect.out[1].strip() == "service policyc-test-fax is not installed, must be disabled"
    assert remediate.exit_code == 1
    assert "It is not installed, and no policy installs a service" in remediate.out[0]
    assert here(endpoint) == {}


def test_a_key_of_another_use_is_no_service(endpoint: Device, tmp_path: Path) -> None:
    """Windows keeps counters and settings of libraries in the same place."""
    endpoint.install({FAX.key: {"Start": dword(2)}})
    [detect] = run(endpoint, write_scripts(tmp_path, [asked("disabled", missing=True)])[Script.DETECT])
    assert detect.exit_code == 0


UNREADABLE = {
    "start type of another kind": (One(more={"Start": sz("4")}), "its value Start is no number"),
    "start type that there is none of": (One(start=9), "its start type is 9"),
    "about to go": (One(more={"DeleteFlag": dword(1)}), "it is being removed"),
    "delay of another kind": (One(more={"DelayedAutostart": sz("1")}), "its value DelayedAutostart is no number"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_unreadable_is_an_error_and_never_changed(endpoint: Device, tmp_path: Path, what: str) -> None:
    one, why = UNREADABLE[what]
    install(endpoint, one)
    before = here(endpoint)
    scripts = write_scripts(tmp_path, [asked("disabled", missing=True)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert detect.exit_code == 2
    assert why in "\n".join(detect.said)
    assert remediate.exit_code == 1
    assert here(endpoint) == before


def test_the_service_manager_does_not_know_it(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX)
    endpoint.clean(MANAGED)
    [detect] = run(endpoint, write_scripts(tmp_path, [asked("disabled")])[Script.DETECT])
    assert "the service manager has no service policyc-test-fax" in "\n".join(detect.said)


def test_a_driver_is_judged_by_its_start_type(endpoint: Device, tmp_path: Path) -> None:
    driver = One(start=1, type=DRIVER)
    install(endpoint, driver)
    before = here(endpoint)
    scripts = write_scripts(tmp_path / "start", [asked("disabled")])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert detect.out[1].strip() == "service policyc-test-fax is system, must be disabled"
    assert remediate.exit_code == 0, remediate.said
    assert driver.is_now(here(endpoint)).start == 4
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert settled(here(endpoint)) == before
    [detect] = run(endpoint, write_scripts(tmp_path / "state", [asked(state="stopped")])[Script.DETECT])
    assert "it is a driver, and of those only the start type is judged" in "\n".join(detect.said)


def test_triggers_are_said(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, One(start=3, triggers=True))
    [detect] = run(endpoint, write_scripts(tmp_path, [asked("disabled")])[Script.DETECT])
    assert "is manual (started by triggers), running, must be disabled" in detect.out[1]


def test_a_refusal_is_told_and_nothing_is_kept(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, One(manager={"Refuses": 5}))
    scripts = write_scripts(tmp_path, [asked("disabled", "stopped")])
    remediate, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert remediate.exit_code == 1
    assert "sc.exe config policyc-test-fax ended with 5. Der Dienst wurde etwas gefragt." in remediate.out[0]
    assert now(endpoint) == Installed(2, False, True)
    assert rollback.exit_code == 0
    assert not journalled(here(endpoint))


@pytest.mark.parametrize("setting", [asked("disabled"), asked(state="stopped"), asked("manual", "stopped")], ids=told_of)
def test_a_tool_that_lies_is_found_out(
    endpoint: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: Setting
) -> None:
    install(endpoint, One(manager={"Lies": 1}))
    scripts = [hurried(path) for path in write_scripts(tmp_path, [setting]).values()]
    scripts_by_name = {path.stem: path for path in scripts}
    [remediate] = run(endpoint, scripts_by_name["remediate"])
    assert remediate.exit_code == 1
    assert remediate.out[0].startswith("Failed")
    assert now(endpoint) == Installed(2, False, True)
    assert not journalled(here(endpoint))


def hurried(script: Path) -> Path:
    """The script with a second instead of those that it waits for a service."""
    text = script.read_text("ascii")
    script.write_text(re.sub(r"\$ServiceSeconds ?= ?15\n", "$ServiceSeconds = 1\n", text), encoding="ascii", newline="\n")
    return script


def test_a_service_that_does_not_stop_keeps_its_new_start_type_and_its_old_one_in_the_journal(
    endpoint: Device, tmp_path: Path
) -> None:
    install(endpoint, One(manager={"Hangs": 1}))
    scripts = write_scripts(tmp_path, [asked("disabled", "stopped")])
    for path in scripts.values():
        hurried(path)
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 1
    assert "policyc-test-fax did not stop within 1 seconds" in remediate.out[0]
    state = here(endpoint)
    assert FAX.is_now(state) == Installed(4, False, True)
    [entry] = [values for key, values in state.items() if key.startswith(ENTRIES + "\\")]
    assert text_of(entry["Previous"]) == "automatic;running"
    assert text_of(entry["Written"]) == "disabled;running"
    # It was stopping after all: the next run finds it as it should be.
    endpoint.install({FAX.managed: {"Status": dword(STOPPED)}})
    again, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert again.out == ["Compliant"]
    assert rollback.exit_code == 0, rollback.said
    assert now(endpoint).start == 2


QUEUE = One(OTHERS[0], start=3, depends=(FAX.name,))
TRAY = One(OTHERS[1], start=3, depends=(QUEUE.name,))


def test_what_depends_on_it_is_named_stopped_before_it_and_started_again(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX, QUEUE, TRAY)
    scripts = write_scripts(tmp_path, [asked("disabled", "stopped")])
    before = here(endpoint, *NAMES)
    whatif, remediate = run(endpoint, (scripts[Script.REMEDIATE], "-WhatIf"), scripts[Script.REMEDIATE])
    assert (
        "automatic, running (with policyc-test-tray, policyc-test-queue, which depend on it) to disabled, stopped"
        in "\n".join([*whatif.said, *remediate.out])
    )
    assert remediate.exit_code == 0, remediate.said
    state = here(endpoint, *NAMES)
    assert [one.is_now(state).running for one in (FAX, QUEUE, TRAY)] == [False, False, False]
    log = "\n".join(path.read_text("utf-8") for path in endpoint.logs())
    assert "stopped before it, as they depend on it: policyc-test-tray, policyc-test-queue" in log
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert settled(here(endpoint, *NAMES)) == before


def test_what_did_not_run_is_not_started(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX, One(QUEUE.name, start=3, depends=(FAX.name,), status=STOPPED))
    scripts = write_scripts(tmp_path, [asked(state="stopped")])
    remediate, rollback = run(endpoint, scripts[Script.REMEDIATE], scripts[Script.ROLLBACK])
    assert (remediate.exit_code, rollback.exit_code) == (0, 0)
    state = here(endpoint, *NAMES[:2])
    assert [one.is_now(state).running for one in (FAX, QUEUE)] == [True, False]


def test_somebody_else_s_start_type_stays(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX)
    scripts = write_scripts(tmp_path, [asked("disabled", "stopped")])
    run(endpoint, scripts[Script.REMEDIATE])
    endpoint.install({FAX.key: {"Start": dword(3)}})
    detect, rollback = run(endpoint, scripts[Script.DETECT], scripts[Script.ROLLBACK])
    assert detect.exit_code == 1
    assert rollback.exit_code == 1
    assert "service policyc-test-fax, it was changed by someone else since policyc wrote it" in rollback.out[0]
    assert now(endpoint) == Installed(3, False, False)
    [forced] = run(endpoint, (scripts[Script.ROLLBACK], "-All", "-Force"))
    assert forced.exit_code == 0, forced.said
    assert now(endpoint) == Installed(2, False, True)


def test_that_a_service_stopped_is_nobody_s_change(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX)
    scripts = write_scripts(tmp_path, [asked("disabled")])
    run(endpoint, scripts[Script.REMEDIATE])
    assert now(endpoint) == Installed(4, False, True)
    # Windows has started anew.
    endpoint.install({FAX.managed: {"Status": dword(STOPPED)}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert now(endpoint) == Installed(2, False, False)


def test_a_state_goes_back_and_somebody_else_s_start_type_stays(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX)
    scripts = write_scripts(tmp_path, [asked(state="stopped")])
    run(endpoint, scripts[Script.REMEDIATE])
    endpoint.install({FAX.key: {"Start": dword(3)}})
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert now(endpoint) == Installed(3, False, True)


def test_a_service_that_was_removed_since_is_forgotten(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX)
    scripts = write_scripts(tmp_path, [asked("disabled")])
    run(endpoint, scripts[Script.REMEDIATE])
    endpoint.clean(MANAGED, FAX.key)
    [rollback] = run(endpoint, scripts[Script.ROLLBACK])
    assert rollback.exit_code == 0, rollback.said
    assert not journalled(here(endpoint))


def test_a_killed_run_is_undone(endpoint: Device, tmp_path: Path) -> None:
    """Wherever the run ends, a rollback brings back what was there, and so does one behind another remediation."""
    scripts = write_scripts(tmp_path, [asked("disabled", "stopped")])
    fused = tmp_path / "fused.ps1"
    # What a tool is told is written as well.
    text, tools = re.subn(
        r"(?m)^\$said ?= ?Invoke-Tool",
        "Step-Fuse; $said = Invoke-Tool",
        with_fuse(scripts[Script.REMEDIATION].read_text("ascii")),
    )
    assert tools == 1
    fused.write_text(text, encoding="ascii", newline="\n")
    batch = endpoint.batch()
    batch.load(MANAGER)
    ways = []
    for fuse in range(1, 31):
        more = [scripts[Script.REMEDIATE]] if fuse % 2 else []
        ways.append(Whole(batch, FAX, (fused, f"-Fuse={fuse}"), *more, scripts[Script.ROLLBACK]))
    batch.execute(timeout=300)
    whole = [way for way in ways if way.runs[0].failure is None]
    assert 0 < len(whole) < 20
    for fuse, way in enumerate(ways, 1):
        assert way.runs[-1].exit_code == 0, (fuse, way.runs[-1].said)
        assert way.held(len(way.runs)) == way.held(0), (fuse, way.runs[-1].said)
        assert not journalled(way.state(len(way.runs))), fuse


def test_two_settings_on_one_service_are_one_change(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX)
    before = here(endpoint)
    settings: Sequence[Setting] = [asked("manual"), asked(state="stopped", id="stop")]
    scripts = write_scripts(tmp_path, settings)
    [remediate] = run(endpoint, scripts[Script.REMEDIATE])
    assert remediate.exit_code == 0, remediate.said
    state = here(endpoint)
    assert calls(state, FAX) == ["config demand", "stop policyc-test-fax"]
    assert len(journalled(state)) == 1
    run(endpoint, scripts[Script.ROLLBACK])
    assert settled(here(endpoint)) == before


def test_only_reported_is_never_changed(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX)
    before = here(endpoint)
    scripts = write_scripts(tmp_path, [asked("disabled", writes=False)])
    detect, remediate = run(endpoint, scripts[Script.DETECT], scripts[Script.REMEDIATE])
    assert detect.exit_code == 1
    assert "1 reported only: fax" in remediate.out[-1]
    assert here(endpoint) == before


def test_retired_goes_back_and_the_rest_stays(endpoint: Device, tmp_path: Path) -> None:
    install(endpoint, FAX, QUEUE)
    both = write_scripts(tmp_path / "both", [asked("disabled"), asked("disabled", name=QUEUE.name, id="queue")])
    one = write_scripts(tmp_path / "one", [asked("disabled")])
    _, retire = run(endpoint, both[Script.REMEDIATE], one[RETIRE])
    assert retire.exit_code == 0, retire.said
    state = here(endpoint, *NAMES[:2])
    assert (FAX.is_now(state).start, QUEUE.is_now(state).start) == (4, 3)


@pytest.mark.parametrize("script", [Script.DISCOVERY, Script.REMEDIATION])
def test_compliance_scripts(endpoint: Device, tmp_path: Path, script: Script) -> None:
    install(endpoint, FAX)
    [answer] = run(endpoint, write_scripts(tmp_path, [asked("disabled", "stopped")])[script])
    assert answer.failure is None, answer.said
    assert answer.out == (["NonCompliant: fax"] if script is Script.DISCOVERY else [])
    assert now(endpoint) == (Installed(2, False, True) if script is Script.DISCOVERY else Installed(4, False, False))
