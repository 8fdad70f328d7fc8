"""The seam for kinds carries one that it doesn't know: from a policy to verdicts, writes, conflicts and plans."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from endpoint.engine import Session
from policyc.driver.check import Checked, check
from policyc.driver.conflicts import estate_matrix
from policyc.evaluation import ABSENT
from policyc.evaluation.device import Device, Draft
from policyc.kinds import KINDS, OTHERS
from policyc.model import Collection, Hive, Place, Setting, View
from policyc.plan.settings import setting_change
from policyc.powershell.rows import entry
from policyc.powershell.scripts import Script, script_text
from policyc.resolved import snapshot
from policyc.simulation.outcomes import Result, remediated, simulate
from policyc.simulation.report import Simulation, as_text, as_tree
from policyc.simulation.rollback import rolled_back
from policyc.source import schema as schema_of
from unit.kinds.lamps import BROKEN, SCHEMA, LampKind, Socket, lamp_state

DAY = date(2026, 1, 31)
DESK = Socket("Desk")
PROJECT = "project: {name: Lamps, id: 8ee4ffd4-acdb-58d3-be46-275fec287ebb}\nconfigmgr: {signing: none}\n"


@pytest.fixture(autouse=True)
def lamps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The kind, registered as one is: its word, and its part of the schema."""
    module = sys.modules["policyc.source.schema"]
    whole = {kind: copy.deepcopy(schema_of(kind)) for kind in ("project", "collection", "baseline", "state", "tests")}
    for kind in ("collection", "baseline"):
        parts = whole[kind]["$defs"]
        parts["setting"]["properties"]["lamp"] = SCHEMA
        parts["setting"]["oneOf"].append({"required": ["lamp"]})
        parts["override"]["properties"]["lamp"] = {"type": "object"}
    monkeypatch.setattr(module, "schema", whole.__getitem__)
    module._validator.cache_clear()
    monkeypatch.setitem(KINDS, "lamp", LampKind())
    monkeypatch.setitem(OTHERS, "lamp", LampKind())
    yield
    module._validator.cache_clear()


def write(folder: Path, **files: str) -> Path:
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    for name, text in {"project": PROJECT, **files}.items():
        (policies / f"{name}.yaml").write_text(text, encoding="utf-8")
    return policies


def collection(name: str, *settings: str, more: str = "") -> str:
    body = "".join(f"  {one}\n" for one in settings)
    return f"collection: {{name: {name}, limited_to: All Systems, members: {{devices: [PC-1]}}}}\n{more}" + (
        f"settings:\n{body}" if settings else ""
    )


def lamp(id: str, words: str, more: str = "") -> str:
    return f"{id}: {{title: Light, lamp: {{name: Desk, {words}}}{more}}}"


def checked(folder: Path, **files: str) -> Checked:
    return check(write(folder, **files), DAY)


def only(folder: Path, *settings: str) -> Collection:
    found = checked(folder, one=collection("One", *settings))
    assert [one for one in found.diagnostics if one.is_error] == []
    [made] = found.collections
    return made


def device(brightness: int | None) -> Device:
    draft = Draft()
    draft.put(DESK, None, lamp_state(brightness))
    return draft.device()


def test_it_is_validated_and_lowered(tmp_path: Path) -> None:
    [setting] = only(tmp_path, lamp("desk", "at_least: 40, set: 60")).settings
    assert (setting.subject.word, setting.subject.place, setting.remediated) == ("lamp", DESK, True)
    found = checked(tmp_path, one=collection("One", lamp("desk", "at_least: 40, set: 30")))
    [wrong] = [one for one in found.diagnostics if one.is_error]
    assert (wrong.code, wrong.location.path) == (BROKEN, ("settings", "desk", "lamp", "set"))
    [misspelt] = checked(tmp_path, one=collection("One", "desk: {title: Light, lamb: {name: Desk}}")).diagnostics[:1]
    assert misspelt.code.startswith("PC02")


def test_variables_and_overrides_reach_it(tmp_path: Path) -> None:
    base = f"baseline: {{name: Base}}\nsettings:\n  {lamp('desk', 'at_least: 40, set: 60')}\n"
    lighter = "desk: {reason: Dark room, lamp: {equals: {variable: bright}}}"
    change = f"baselines: [Base]\nvariables: {{bright: 80}}\noverride:\n  {lighter}\n"
    found = checked(tmp_path, base=base, one=collection("One", more=change))
    assert [one for one in found.diagnostics if one.is_error] == []
    [setting] = found.collections[0].settings
    assert KINDS["lamp"].words(setting.subject, masked=False) == {"name": "Desk", "equals": 80}
    assert setting.layer is not None
    assert dict(setting.layer.changes[0].replaced).keys() == {"lamp.at_least", "lamp.set", "lamp.equals"}


@pytest.mark.parametrize(("brightness", "holds"), [(None, False), (10, False), (70, True)])
def test_a_device_is_judged_changed_and_given_back(tmp_path: Path, brightness: int | None, *, holds: bool) -> None:
    registry = "v: {title: A value, registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, equals: 1}}"
    settings = only(tmp_path, lamp("desk", "at_least: 40, set: 60"), registry).settings
    before = device(brightness)
    outcomes = simulate(settings, before)
    assert [one.verdict for one in outcomes] == [Result.COMPLIANT if holds else Result.NON_COMPLIANT, Result.NON_COMPLIANT]
    after = remediated(before, outcomes)
    assert [one.verdict for one in simulate(settings, after)] == [Result.COMPLIANT] * 2
    assert after.state(DESK) == lamp_state(70 if holds else 60)
    assert after.state(Place(Hive.MACHINE, View.BITS_64, r"SOFTWARE\A", "V")) is not ABSENT
    assert rolled_back(before, outcomes, after).device.holds_the_same(before)


def test_what_somebody_else_changed_since_stays(tmp_path: Path) -> None:
    settings = only(tmp_path, lamp("desk", "equals: 60")).settings
    outcomes = simulate(settings, device(10))
    back = rolled_back(device(10), outcomes, device(33))
    assert (back.device.state(DESK), len(back.left)) == (lamp_state(33), 1)


def test_a_simulation_is_told(tmp_path: Path) -> None:
    made = only(tmp_path, lamp("desk", "at_least: 40"))
    simulation = Simulation(made, device(10), simulate(made.settings, device(10)), None, False)
    text = "\n".join(as_text(simulation))
    assert "the lamp Desk is 10 percent, must burn at least at 40 percent" in text
    [outcome] = as_tree(simulation)["settings"]
    assert outcome["places"][0]["place"] == "the lamp Desk"


def test_it_is_resolved(tmp_path: Path) -> None:
    text = snapshot(only(tmp_path, lamp("desk", "at_least: 40, set: 60"))).decode()
    assert "lamp:\n" in text
    assert "name: Desk\n" in text
    assert "at_least: 40\n" in text
    assert "remediate: turn it\n" in text


def test_two_of_one_place_fight(tmp_path: Path) -> None:
    found = checked(tmp_path, one=collection("One", lamp("a", "equals: 40"), lamp("b", "equals: 60")))
    assert "PC0415" in [one.code for one in found.diagnostics]
    two = collection("Two", lamp("b", "at_least: 50"))
    found = checked(tmp_path, one=collection("One", lamp("a", "equals: 40")), two=two)
    [fight] = [one for one in found.diagnostics if one.code == "PC0423"]
    assert "the lamp Desk" in fight.message
    assert fight.location.path == ("settings", "a", "lamp", "equals")
    whole, _ = estate_matrix(tmp_path / "policies")
    assert whole is not None
    assert len(whole.conflicts) == 1


def test_a_plan_says_which_way_it_goes(tmp_path: Path) -> None:
    [before] = only(tmp_path, lamp("desk", "at_least: 40")).settings
    [after] = only(tmp_path, lamp("desk", "at_least: 60")).settings
    [word] = setting_change(before, after)
    assert (word.word, word.before, word.after, word.direction and word.direction.value) == ("at_least", 40, 60, "strengthened")
    [weaker] = setting_change(after, before)
    assert weaker.direction is not None
    assert weaker.direction.value == "weakened"


def linked(script: Script, *settings: Setting, kinds: tuple[str, ...] = ()) -> str:
    rows = [entry(one) for one in settings]
    return script_text(script, slug="one", source="one.yaml", entries=rows, kinds=kinds).decode("ascii")


def test_it_is_a_row_of_a_script_that_holds_its_functions(tmp_path: Path) -> None:
    registry = "v: {title: A value, registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, equals: 1}}"
    desk, value = only(tmp_path, lamp("desk", "at_least: 40, set: 60"), registry).settings
    text = linked(Script.REMEDIATE, desk, value)
    assert "    @{ Id = 'desk'; Of = 'Lamp'; Place = 'Desk'; AtLeast = 40; Set = 60 }\n" in text
    assert all(f"function {name} {{\n" in text for name in ("Read-Lamp", "Write-Lamp", "Get-LampNext", "Write-Other"))
    judged = linked(Script.DISCOVERY, desk)
    assert "    @{ Id = 'desk'; Of = 'Lamp'; Place = 'Desk'; AtLeast = 40 }\n" in judged
    assert "function Test-Lamp {\n" in judged
    assert "function Write-Lamp {\n" not in judged
    back = linked(Script.ROLLBACK, desk)
    assert "$Kept = @(\n    @{ Of = 'Lamp'; Place = 'Desk' }\n)\n" in back
    assert "function Get-LampNext {\n" not in back


def test_a_rollback_knows_a_kind_that_the_policy_has_no_more(tmp_path: Path) -> None:
    text = linked(Script.ROLLBACK, kinds=("lamp",))
    assert all(f"function {name} {{\n" in text for name in ("Read-Lamp", "Write-Lamp", "Format-LampPlace", "Restore-Other"))


@pytest.mark.parametrize("script", Script)
def test_a_script_without_it_has_nothing_of_it(tmp_path: Path, script: Script) -> None:
    registry = "v: {title: A value, registry: {key: 'HKLM\\SOFTWARE\\A', name: V, type: dword, equals: 1}}"
    desk, value = only(tmp_path, lamp("desk", "equals: 40"), registry).settings
    assert "Lamp" not in linked(script, value)
    assert "function Get-OtherPlace" not in linked(script, value)
    # What only counts entries of the journal has no table.
    assert ("Lamp" in linked(script, desk)) is (script is not Script.INTUNE_ROLLBACK_DETECT)


@pytest.mark.powershell
@pytest.mark.parametrize("script", Script)
def test_its_scripts_parse(powershell: Session, tmp_path: Path, script: Script) -> None:
    [desk] = only(tmp_path, lamp("desk", "at_least: 40, set: 60")).settings
    file = tmp_path / "script.ps1"
    file.write_text(linked(script, desk), encoding="ascii", newline="\n")
    words = "$none = $null; $found = $null; $null = [Management.Automation.Language.Parser]::ParseFile("
    told = powershell.run(script=f"{words}'{powershell.path(file)}', [ref]$none, [ref]$found); $found.Count").stdout
    assert told.strip() == "0"
