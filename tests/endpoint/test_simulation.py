"""`policyc simulate` speaks as the scripts do: line for line what they print on the device that a state describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.device import Device
from endpoint.registry import State, Type, Value, value
from policyc.evaluation.device import Device as Imagined
from policyc.evaluation.device import Draft
from policyc.evaluation.state import UNREADABLE, Held
from policyc.lowering import lower
from policyc.model import Collection, Location, View
from policyc.simulation.files import load_state
from policyc.simulation.outcomes import Outcome, Write, simulate
from policyc.simulation.report import Simulation, as_text
from policyc.simulation.wording import state_text
from policyc.source import load_project
from policyc.targets.configmgr.making import console_scripts

pytestmark = pytest.mark.endpoint

ANNA, BERT = "S-1-5-21-0-0-0-1000", "S-1-5-21-0-0-0-1001"
POLICY = r"""
collection: {name: Simulated, members: {devices: [PC-0001]}}
settings:
  low: {title: Number, registry: {key: &k 'HKLM\SOFTWARE\policyc-test', name: Low, type: dword, at_least: 5, default: 3}}
  high: {title: Unsigned, registry: {key: *k, name: High, type: dword, at_most: 900, default: 0}}
  wide: {title: Wide, registry: {key: *k, name: Wide, type: qword, equals: 18446744073709551615, view: 32}}
  text: {title: Text, registry: {key: *k, name: Text, type: string, one_of: [blue, ""], set: ""}}
  exact: {title: Exact, registry: {key: *k, name: Text, type: string, equals: BLUE, case: exact}, remediate: false}
  expand: {title: Expand, registry: {key: *k, name: "", type: expand_string, equals: '%windir%\x "y"'}}
  list: {title: List, registry: {key: *k, name: List, type: multi_string, contains: [b, c]}}
  bytes: {title: Bytes, registry: {key: *k, name: Bytes, type: binary, not_equals: "", set: "00fF"}}
  bare: {title: No kind, registry: {key: *k, name: Bare, type: binary, equals: "01"}}
  link: {title: Unreadable, registry: {key: *k, name: Link, type: dword, equals: 1}}
  long: {title: Long, registry: {key: *k, name: Long, type: string, equals: short}}
  gone: {title: Absent, registry: {key: *k, name: Gone, absent: true}}
  key: {title: Key, registry: {key: 'HKLM\SOFTWARE\policyc-test\Made\Deep', present: true}}
  pinned: {title: Pinned, registry: {key: *k, name: Pinned, type: dword, equals: 1, default: 1, pin: true}}
  secret: {title: Secret, sensitive: true, registry: {key: *k, name: Secret, type: string, equals: hush}}
  colour: {title: Users, registry: {key: 'HKCU\Software\policyc-test', name: Colour, type: string, matches: '[a-z]+', set: red}}
"""
DEVICE = (
    r"""
device: {}
registry:
  HKLM\SOFTWARE\policyc-test:
    "": {string: "%windir%\\x \"y\""}
    Low: {dword: 4}
    High: {dword: 0xFFFFFFFF}
    Text: {string: Blue}
    List: {multi_string: [a, B]}
    Bytes: {binary: ""}
    Bare: {none: "01"}
    Link: {unreadable: true}
    Long: {string: "LONG"}
    Gone: {expand_string: "%x%"}
    Secret: {string: loud}
users:
  ANNA: {'HKCU\Software\policyc-test': {Colour: {string: blue}}}
  BERT: {'HKCU\Software\policyc-test': {Colour: {string: "blue 7"}}}
""".replace("ANNA", ANNA)
    .replace("BERT", BERT)
    .replace("LONG", "x" * 300)
)


@pytest.fixture
def simulated(tmp_path: Path) -> tuple[Collection, Imagined, tuple[Outcome, ...]]:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "project.yaml").write_text(
        "project: {name: Example, id: 6eb3e9c0-8007-57db-857f-94065b852411}\n", encoding="utf-8"
    )
    (policies / "simulated.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "device.yaml").write_text(DEVICE, encoding="utf-8")
    project, found = lower(load_project(policies))
    assert project is not None
    layer = load_state(tmp_path, "device.yaml", Location(""), [], found)
    assert layer is not None
    assert found == []
    draft = Draft()
    layer.lay(draft)
    (collection,) = project.collections
    return collection, draft.device(), simulate(collection.settings, draft.device())


def registry(imagined: Imagined) -> State:
    """The imagined device's keys, as the endpoint takes them."""
    state: dict[str, dict[str, Value]] = {}
    for (user, view, _), key in imagined.keys.items():
        top = f"HKU\\{user}" if user else "HKLM32" if view is View.BITS_32 else "HKLM"
        if "policyc-test" in key.path:
            state[f"{top}\\{key.path}"] = {name: raw(held) for name, held in key.values.values()}
    return state


def raw(held: object) -> Value:
    if held is UNREADABLE:
        return Value(Type.DWORD_BIG_ENDIAN, b"\0\0\0\5")
    assert isinstance(held, Held)
    if held.kind is None:
        assert isinstance(held.data, bytes)
        return Value(Type.NONE, held.data)
    assert held.data is not None
    return value(held.kind, held.data)


def change(outcome: Outcome, write: Write) -> str:
    before, after = (state_text(state, masked=outcome.setting.sensitive) for state in (write.before, write.after))
    return f"Changed       {outcome.setting.id}: {write.place.shown(write.user)} from {before} to {after}"


def test_line_for_line(stand_in: Device, tmp_path: Path, simulated: tuple[Collection, Imagined, tuple[Outcome, ...]]) -> None:
    collection, imagined, outcomes = simulated
    scripts = console_scripts(collection)
    for name in ("detect.ps1", "remediate.ps1"):
        (tmp_path / name).write_bytes(scripts[name])
    loaded = [rf"HKU\{user}" for user in (ANNA, BERT)]
    before = stand_in.dump(*loaded)
    stand_in.install(registry(imagined))
    try:
        told = stand_in.run(tmp_path / "detect.ps1")
        text = as_text(Simulation(collection, imagined, outcomes))
        *lines, end = [line for line in text if not line.strip().startswith("remediation: ")]
        assert told.lines == lines
        assert told.exit_code == 2, "something could not be judged"
        changed = stand_in.run(tmp_path / "remediate.ps1").lines
        writes = [(one, write) for one in outcomes for write in one.writes]
        assert end.startswith(f"a remediation makes {len(writes)} changes, and leaves: link")
        assert changed[: len(writes)] == [change(one, write) for one, write in writes]
        assert [line.partition(":")[0] for line in changed[len(writes) :]] == ["NonCompliant  link", "Besides, 1 reported only"]
    finally:
        batch = stand_in.batch()
        for user in loaded:
            batch.wipe(rf"{user}\Software\policyc-test", *([] if before[user] else [user]))
        batch.execute()
