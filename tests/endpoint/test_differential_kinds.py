"""Random settings of the audit policy, among those of the registry: scripts and evaluation agree on all that comes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from endpoint.cases import setting as registry_value
from endpoint.cases import write_scripts
from endpoint.device import JOURNAL, ROOT, Run
from endpoint.registry import State, dword
from endpoint.standins import StandIns
from policyc.evaluation import Held
from policyc.evaluation import device as devices
from policyc.kinds.audit_policy.subcategories import guid_of, names
from policyc.kinds.audit_policy.subject import AuditPolicy, Subcategory
from policyc.model import Kind, Location, Operator, Setting, of_registry
from policyc.powershell.scripts import Script
from policyc.simulation.outcomes import remediated, simulate
from policyc.simulation.rollback import rolled_back

pytestmark = pytest.mark.endpoint

_LINE = re.compile(r"(Compliant|NonCompliant|Error) +([a-z0-9-]+): ")
_WORDS = {"Compliant": "compliant", "NonCompliant": "non-compliant", "Error": "error"}


@dataclass(frozen=True, slots=True)
class Case:
    """Settings, and what a device holds at their places."""

    settings: tuple[Setting, ...]
    audited: Mapping[str, int]
    values: State

    def device(self) -> devices.Device:
        """The same, imagined."""
        return imagined(self.settings, self.audited, self.values)


def imagined(settings: Sequence[Setting], audited: Mapping[str, int], values: State) -> devices.Device:
    draft = devices.Draft()
    for one in settings:
        place = one.subject.place
        if isinstance(place, Subcategory):
            draft.put(place, None, Held(Kind.DWORD, audited[place.guid]))
            continue
        key = rf"HKLM\{of_registry(one).place.key}"
        if key in values:
            draft.put(place, None, Held(Kind.DWORD, int.from_bytes(values[key]["v"].data, "little")))
    return draft.device()


def made(rng: Random) -> Case:
    """Some thirty settings, of which some share a place."""
    settings: list[Setting] = []
    audited = {}
    for number in range(rng.randint(10, 20)):
        name = rng.choice(names())
        known = str(guid_of(name))
        audited.setdefault(known, rng.randrange(4))
        asked = rng.choice(("equals", "at_least"))
        flags = rng.randrange(4) if asked == "equals" else rng.randint(1, 3)
        subject = AuditPolicy(Subcategory(known, name), asked, flags, writes=rng.random() < 0.8)
        settings.append(Setting(f"audit-{number}", f"Title of {number}", subject, Location("test.yaml")))
    values: dict[str, dict] = {}
    for number in range(rng.randint(3, 10)):
        operator = rng.choice((Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST))
        bound = rng.randrange(5)
        settings.append(registry_value(f"value-{number}", Kind.DWORD, operator, bound, write=bound))
        if rng.random() < 0.7:
            values[rf"{ROOT}\value-{number}"] = {"v": dword(rng.randrange(5))}
    rng.shuffle(settings)
    return Case(tuple(settings), audited, values)


def verdicts(run: Run) -> dict[str, str]:
    return {found[2]: _WORDS[found[1]] for line in run.out if (found := _LINE.match(line))}


@pytest.mark.parametrize("seed", range(6))
def test_scripts_and_evaluation_agree(standins: StandIns, tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    device, case = standins.device, made(rng)
    scripts = write_scripts(tmp_path, case.settings)

    def now() -> devices.Device:
        values = {key: held for key, held in device.dump(ROOT)[ROOT].items() if "v" in held}
        return imagined(case.settings, standins.audited(case.audited), values)

    standins.audit(case.audited)
    device.install(case.values)
    before = case.device()
    outcomes = simulate(case.settings, before)
    batch = device.batch()
    detect, _ = batch.run(scripts[Script.DETECT]), batch.run(scripts[Script.REMEDIATE])
    batch.execute()
    assert verdicts(detect) == {one.setting.id: one.verdict.value for one in outcomes}
    after = remediated(before, outcomes)
    assert now().holds_the_same(after)
    others = {known: rng.randrange(4) for known in rng.sample(sorted(case.audited), 3)}
    standins.audit(others)
    tampered = now()
    back = rolled_back(before, outcomes, tampered)
    batch = device.batch()
    undone = batch.run(scripts[Script.ROLLBACK])
    batch.execute()
    assert now().holds_the_same(back.device), undone.said
    assert undone.exit_code == (1 if back.left else 0)
    batch = device.batch()
    batch.run(scripts[Script.ROLLBACK], "-Force")
    batch.execute()
    assert now().holds_the_same(rolled_back(before, outcomes, tampered, force=True).device)
    assert device.dump(JOURNAL)[JOURNAL] == {}
