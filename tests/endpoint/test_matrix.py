"""Every type, condition and state: what the scripts say and do is what `policyc.evaluation` says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from endpoint.cases import VALUE_SETTINGS, Instance, after, held_for, held_to_change, instances, write_scripts
from endpoint.device import JOURNAL, ROOT, ROOT_32, Batch, Device, Dump, Run
from endpoint.registry import State, Value, differences, sz
from policyc.evaluation import Verdict
from policyc.powershell.scripts import Script

pytestmark = pytest.mark.endpoint

LOG = r"C:\windows\Logs\policyc\policyc-test.log"
ROOTS = (ROOT, ROOT_32, JOURNAL)
PARTS = {
    f"{kind}-{at // 6 + 1}": settings[at : at + 6]
    for kind, settings in VALUE_SETTINGS.items()
    for at in range(0, len(settings), 6)
}
"""Settings of one kind, a few in a script: one that took too long would leave some for its next run."""


def install(batch: Batch, found: list[Instance]) -> None:
    for one in found:
        if one.key_there:
            batch.key(one.path)
            if one.held is not None:
                batch.value(one.path, one.setting.subject.place.name or "", one.held)


def dump(batch: Batch) -> list[Dump]:
    return [batch.dump(root) for root in ROOTS]


def state(dumps: list[Dump]) -> State:
    return {key: values for one in dumps for key, values in one.state.items()}


def registry(everything: State) -> State:
    """Without the journal."""
    return {key: values for key, values in everything.items() if not (key + "\\").startswith(JOURNAL + "\\")}


def failing(run: Run) -> set[str]:
    """The ids in a discovery's one line."""
    assert run.failure is None, run.failure + run.at
    assert (len(run.out), run.host, run.errors, run.warnings, run.exit_code) == (1, [], [], [], 0)
    if run.out == ["Compliant"]:
        return set()
    head, _, ids = run.out[0].partition(": ")
    assert head == "NonCompliant"
    return set(ids.split(", "))


@pytest.mark.parametrize("part", PARTS)
def test_detection_says_what_the_condition_means(device: Device, tmp_path: Path, part: str) -> None:
    found = [instance for one in PARTS[part] for instance in instances(one, held_for(one))]
    scripts = write_scripts(tmp_path, [instance.setting for instance in found], hurried=False)
    batch = device.batch()
    install(batch, found)
    before = dump(batch)
    detect = batch.run(scripts[Script.DETECT])
    discovery = batch.run(scripts[Script.DISCOVERY])
    looked = dump(batch)
    batch.execute(timeout=300)
    assert failing(discovery) == {i.setting.id for i in found if i.verdict is not Verdict.COMPLIANT}
    said = {line.split()[1].rstrip(":"): line.split()[0] for line in detect.out if re.match(r"(Non)?Compliant|Error", line)}
    words = {Verdict.COMPLIANT: "Compliant", Verdict.NON_COMPLIANT: "NonCompliant", Verdict.ERROR: "Error"}
    assert said == {i.setting.id: words[i.verdict] for i in found}
    assert differences(state(before), state(looked)) == []


@pytest.mark.parametrize("part", PARTS)
def test_remediate_and_roll_back(device: Device, tmp_path: Path, part: str) -> None:
    found = [instance for one in PARTS[part] for instance in instances(one, held_to_change(one))]
    scripts = write_scripts(tmp_path, [instance.setting for instance in found], hurried=False)
    batch = device.batch()
    install(batch, found)
    before = dump(batch)
    discovery = batch.run(scripts[Script.DISCOVERY])
    remediation = batch.run(scripts[Script.REMEDIATION])
    remediated = dump(batch)
    log = batch.read(LOG)
    discovery_after = batch.run(scripts[Script.DISCOVERY])
    again = batch.run(scripts[Script.REMEDIATION])
    remediated_again = dump(batch)
    log_again = batch.read(LOG)
    rollback = batch.run(scripts[Script.ROLLBACK])
    rolled_back = dump(batch)
    batch.execute(timeout=300)
    assert failing(discovery) == {i.setting.id for i in found if i.verdict is not Verdict.COMPLIANT}

    # Remediation: the least change, nothing on any stream; it throws exactly if something is left, and names that.
    expected = {key: dict(values) for key, values in state(before).items()}
    for instance in found:
        left = after(instance.setting, instance.held)
        if left != instance.held:
            values = expected.setdefault(instance.path, {})
            values.pop(instance.setting.subject.place.name, None)
            if left is not None:
                values[instance.setting.subject.place.name] = left
    _with_parents(expected)
    assert differences(expected, registry(state(remediated))) == []
    unsettled = {i.setting.id for i in found if i.verdict is Verdict.ERROR}
    for run in (remediation, again):
        assert run.said == []
        assert bool(run.failure) == bool(unsettled), run.failure
        if unsettled:
            assert set(run.failure.partition("remediation: ")[2].split(", ")) == unsettled
    assert failing(discovery_after) == unsettled

    # Again: not a second write, to the registry, the journal or the log.
    assert differences(state(remediated), state(remediated_again)) == []
    assert _changes(log.lines) == {i.setting.id for i in found if i.written}
    assert _changes(log_again.lines[len(log.lines) :]) == set()

    # Rollback: as it was, and nothing of policyc's left.
    assert rollback.exit_code == 0, (rollback.said, rollback.failure)
    original = {key: dict(values) for key, values in state(before).items()}
    for instance in found:
        if instance.setting.subject.clear_on_undo and instance.held is None and instance.written:
            original.setdefault(instance.path, {})[instance.setting.subject.place.name] = sz("")
    _with_parents(original)
    assert differences(original, state(rolled_back)) == []


def _with_parents(expected: dict[str, dict[str, Value]]) -> None:
    """Keys that had to be made for others."""
    for path in list(expected):
        parts = path.split("\\")
        for length in range(3, len(parts)):
            expected.setdefault("\\".join(parts[:length]), {})


def _changes(lines: list[str]) -> set[str]:
    return {match[1] for line in lines if (match := re.match(r"<!\[LOG\[([^:]+): changed ", line))}
