"""Who owns a change on a device: collections that are renamed, exchanged and joined, beside an estate of the same names."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from endpoint.cases import setting
from endpoint.device import ROOT, Device
from endpoint.registry import State, dword
from policyc.lowering.identities import identified
from policyc.lowering.slugs import slug
from policyc.model import Collection, Kind, Operator, Setting, derived_id
from policyc.powershell.scripts import Script
from policyc.targets.configmgr.making import console_scripts
from registry_settings import altered
from unit.targets.samples import COLLECTION, PROJECT

pytestmark = pytest.mark.endpoint

OTHER_ID = "3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f"


def place(estate: str, number: int) -> Setting:
    """The one value that only this collection of this estate writes."""
    one = setting("own", Kind.DWORD, Operator.EQUALS, 1, write=1)
    return altered(one, id=f"own-{number}", place=replace(one.subject.place, name=f"{estate[:4]}-{number}"))


@dataclass
class Policies:
    """What the policies of an estate say, and which numbers stand for the collections that became one."""

    id: str
    names: list[str]
    formerly: list[list[str]] = field(default_factory=list)
    numbers: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.formerly = [[] for _ in self.names]
        self.numbers = [[number] for number in range(len(self.names))]

    def first(self, at: int) -> list[str]:
        """Its names before the next one is given."""
        return self.formerly[at] or [self.names[at]]

    def step(self, chance: random.Random, fresh: list[str]) -> None:
        """One collection gets another name, two exchange theirs, or two are joined."""
        what = chance.choice(["rename", "swap", "join"]) if len(self.names) > 2 else "rename"
        one, other = chance.sample(range(len(self.names)), 2)
        if what == "rename":
            self.formerly[one] = self.first(one)
            self.names[one] = fresh.pop()
        elif what == "swap":
            self.formerly[one], self.formerly[other] = self.first(one), self.first(other)
            self.names[one], self.names[other] = self.names[other], self.names[one]
        else:
            self.formerly[one] = [*self.first(one), *self.first(other)]
            self.numbers[one] += self.numbers[other]
            for part in (self.names, self.formerly, self.numbers):
                del part[other]

    def scripts(self, folder: Path) -> list[dict[str, Path]]:
        """What is compiled of each collection now."""
        collections = tuple(self._collection(at) for at in range(len(self.names)))
        found: list[object] = []
        project = identified(replace(PROJECT, id=self.id, collections=collections), found)  # type: ignore[arg-type]
        assert found == []
        made = []
        for collection in project.collections:
            at = folder / self.id / collection.slug
            at.mkdir(parents=True)
            for name, content in console_scripts(collection).items():
                (at / name).write_bytes(content)
            made.append({name: at / name for name in (f"{Script.REMEDIATE}.ps1", f"{Script.ROLLBACK}.ps1")})
        return made

    def _collection(self, at: int) -> Collection:
        settings = tuple(place(self.id, number) for number in self.numbers[at])
        name = self.names[at]
        return replace(COLLECTION, name=name, slug=slug(name), formerly=tuple(self.formerly[at]), settings=settings)

    def values(self, *numbers: int) -> set[str]:
        return {f"{self.id[:4]}-{number}" for number in numbers}


def written(device: Device) -> set[str]:
    """The names of the values that stand as a policy wrote them."""
    state: State = device.dump(ROOT)[ROOT]
    return {name for values in state.values() for name, content in values.items() if content == dword(1)}


@pytest.mark.parametrize("seed", range(4))
def test_nobody_undoes_what_is_anothers(device: Device, tmp_path: Path, seed: int) -> None:
    """Walked at random: whoever is rolled back takes back what it, or what became part of it, wrote, and nothing else."""
    chance = random.Random(seed)
    fresh = [f"New {number}" for number in range(20)]
    estates = [Policies(estate, ["A", "B", "C"]) for estate in (derived_id("Example estate"), OTHER_ID)]
    # The key is there before, or all of them would own it.
    device.install({rf"{ROOT}\own": {"stays": dword(7)}})
    batch = device.batch()
    for step in range(3):
        for estate in estates:
            scripts = estate.scripts(tmp_path / str(step))
            for made in chance.sample(scripts, min(2, len(scripts))) if step else scripts:
                batch.run(made["remediate.ps1"])
            estate.step(chance, fresh)
    batch.execute()
    left = estates[0].values(0, 1, 2) | estates[1].values(0, 1, 2)
    assert written(device) == left
    for estate in estates:
        scripts = estate.scripts(tmp_path / "last")
        for at in chance.sample(range(len(scripts)), len(scripts)):
            batch = device.batch()
            run = batch.run(scripts[at]["rollback.ps1"])
            batch.execute()
            assert run.exit_code == 0, run.said
            left -= estate.values(*estate.numbers[at])
            assert written(device) == left, (estate, at)
    assert left == set()
