"""The differential run: `python3 dev.py differential [--settings N] [--seed N] [--batch N] [--kinds-only]`.

Random settings on random devices: the scripts on an endpoint and `policyc.evaluation` must agree on each verdict, each write,
each entry of the journal and each rollback. A disagreement of the registry's is shrunk to the smallest settings and state that
show it. Where there are stand-ins for Windows' own programs (POLICYC_STANDINS), every other collection has settings of all
kinds (`differential_kinds`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from pprint import pformat
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from endpoint.device import Device, end_prefix, make_prefix
from endpoint.differential_cases import Family, World, make_family
from endpoint.differential_check import Checked, check
from endpoint.differential_kinds import check_all_kinds
from endpoint.differential_shrink import shrunk
from endpoint.engine import ON_WINDOWS, EngineError, Session, WineSession, command_of
from endpoint.standins import StandIns
from endpoint.standins import folder as programs
from policyc.model import ACCOUNTS

OWN_USER = "S-1-5-21-0-0-0-1000"
"""The user of the stand-in, whose hive is always loaded."""
OTHERS = ("S-1-5-21-7-8-9-500", "S-1-12-1-1-2-3-4")
"""A domain's and an Entra user, whose hives the run makes where the endpoint is its own."""
BUILDS = (9600, 14393, 19045, 22000, 26100)
KINDS = ("Client", "Server", "Server Core")
BATCH = 250
"""Families in one collection, which is some 400 settings."""


class Kinds(Enum):
    """Which settings are tried."""

    REGISTRY = "the registry's"
    ALL = "a collection of them, then one of all kinds"
    OTHERS = "only collections of all kinds"


@contextmanager
def endpoint(folder: Path) -> Iterator[tuple[Device, bool]]:
    """An endpoint, and whether it is the run's own; raises LookupError where there is none."""
    command = command_of("POLICYC_ENDPOINT") or (["powershell.exe"] if ON_WINDOWS else None)
    if command is None:
        raise LookupError("no Windows endpoint: set POLICYC_ENDPOINT")
    prefix = None if ON_WINDOWS else make_prefix(folder)
    environment = {"WINEPREFIX": str(prefix)} if prefix else {}
    session = Session(command) if ON_WINDOWS else WineSession(command, environment)
    try:
        yield Device(session, prefix=prefix), prefix is not None
    finally:
        session.close()
        if prefix:
            end_prefix(prefix)


def world_of(device: Device, *, ours: bool, rng: Random, signed_in: bool = False) -> World:
    """A device for one batch: as it is, or where it is the run's own with users and a Windows of our making.

    With `signed_in` somebody is; without, at times nobody.
    """
    if not ours:
        return _as_it_is(device)
    others = rng.sample(OTHERS, rng.choice((0, 1, 2)))
    batch = device.batch()
    for account in sorted(ACCOUNTS):
        batch.key(rf"{account}\Software")
    for user in OTHERS:
        if user in others:
            batch.key(rf"HKU\{user}\Software")
        else:
            batch.wipe(rf"HKU\{user}")
    batch.execute()
    # In the order in which the registry lists them.
    users = () if rng.random() < 0.15 and not signed_in else tuple(sorted((OWN_USER, *others)))
    return World(users, rng.choice(BUILDS), rng.choice(KINDS), ours=True)


def _as_it_is(device: Device) -> World:
    script = (
        "$at = Get-Item 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion'\n"
        "$at.GetValue('CurrentBuildNumber')\n$at.GetValue('InstallationType', '')\n"
        "[Microsoft.Win32.RegistryKey]::OpenBaseKey('Users', 'Registry64').GetSubKeyNames()"
        " | & { process { if ($_ -match '\\AS-1-(5-21|12-1)-[0-9]+-[0-9]+-[0-9]+-[0-9]+\\z') { $_ } } }\n"
    )
    build, kind, *users = [line.strip() for line in device.session.run(script=script).lines]
    return World(tuple(users), int(build), kind, ours=False)


@dataclass(slots=True)
class Report:
    """What a run found."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """Disagreements of the first batch that has any, then those of the smallest families that show one."""
    families: tuple[Family, ...] = ()
    """The smallest that disagree."""

    def text(self) -> str:
        """The counts, or the disagreements, for people."""
        lines = [f"{name:<24}{count:>8,}" for name, count in sorted(self.counts.items())]
        return "\n".join([*lines, *self.wrong, *map(_family_text, self.families)])


def _family_text(family: Family) -> str:
    parts = [f"family {family.number}:", pformat(dict(family.trees), width=120), "where a device holds", pformat(family.before)]
    if family.between:
        parts += ["and between two remediations somebody makes these changes", pformat(family.between)]
    if family.steps:
        parts += ["and before the rollback these", pformat(family.steps)]
    return "\n".join(parts)


def run(
    device: Device,
    *,
    ours: bool,
    seed: int,
    count: int,
    folder: Path,
    size: int = BATCH,
    say: Callable[[str], object] = str,
    smallest: bool = True,
    kinds: Kinds = Kinds.REGISTRY,
) -> Report:
    """Check families until they hold `count` settings, or until scripts and evaluation disagree.

    Then the `smallest` families that do are looked for. Settings of other kinds than the registry's need stand-ins.
    """
    report, first, number = Report(), 0, 0
    while report.counts["settings"] < count and not report.wrong:
        if kinds is not Kinds.OTHERS:
            left = count - report.counts["settings"]
            world = world_of(device, ours=ours, rng=Random(f"{seed}/world/{number}"))
            families = [make_family(seed, first + at, world) for at in range(min(size, left * 3 // 5 + 1))]
            _check_batch(report, device, world, families, folder, seed, number, smallest=smallest)
            first += len(families)
        if kinds is not Kinds.REGISTRY:
            mixed = check_all_kinds(device, folder / f"kinds-{number}", seed, number)
            report.counts += mixed.counts
            report.wrong += [f"collection {number} of all kinds: {one}" for one in mixed.wrong]
        number += 1
        say(f"{report.counts['settings']:>7,} settings on {report.counts['pairs']:,} places")
    return report


def _check_batch(
    report: Report,
    device: Device,
    world: World,
    families: Sequence[Family],
    folder: Path,
    seed: int,
    number: int,
    *,
    smallest: bool,
) -> None:
    runs = iter(range(10**6))

    def attempt(some: Sequence[Family]) -> Checked:
        try:
            return check(device, world, some, folder / f"{number}-{next(runs)}", seed, number)
        except EngineError as error:
            return Checked([f"the endpoint broke off: {error}"])

    def fails(some: Sequence[Family]) -> bool:
        try:
            return bool(attempt(some).wrong)
        except AssertionError:
            return False  # No policy any more: too much was left out.

    checked = attempt(families)
    report.counts += checked.counts
    if checked.wrong and not smallest:
        report.wrong += checked.wrong
    elif checked.wrong:
        frozen = [
            replace(one, steps=tuple(checked.steps.get(one.number, ())), between=tuple(checked.between.get(one.number, ())))
            for one in families
        ]
        least = shrunk(frozen, fails, frozenset(checked.families()))
        report.families = tuple(least)
        report.wrong += [
            *checked.wrong[:20],
            f"{len(checked.wrong)} disagreements in {world}, the smallest:",
            *attempt(least).wrong,
        ]


def _kinds(device: Device, *, ours: bool, only: bool) -> Kinds:
    """What can be tried here; the stand-ins are put into the endpoint. Raises LookupError where nothing can."""
    found = programs()
    if not ours or found is None:
        if only:
            raise LookupError("no stand-ins for Windows' programs: set POLICYC_STANDINS, on an endpoint of the run's own")
        return Kinds.REGISTRY
    StandIns(device, found)
    return Kinds.OTHERS if only else Kinds.ALL


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and end with 1 where scripts and evaluation disagree."""
    parser = argparse.ArgumentParser(prog="dev.py differential", description="Hold the scripts to policyc.evaluation.")
    parser.add_argument(
        "--settings", "--count", dest="count", type=int, default=10_000, help="settings to try (default: 10000)"
    )
    parser.add_argument("--kinds-only", action="store_true", help="only collections that have settings of all kinds")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other settings; the same one, the same (default: 1)")
    parser.add_argument("--batch", type=int, default=BATCH, help=f"families of settings in one collection (default: {BATCH})")
    given = parser.parse_args(arguments)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="policyc-differential-", ignore_cleanup_errors=True) as folder:
        try:
            with endpoint(Path(folder)) as (device, ours):
                report = run(
                    device,
                    kinds=_kinds(device, ours=ours, only=given.kinds_only),
                    ours=ours,
                    seed=given.seed,
                    count=given.count,
                    folder=Path(folder),
                    size=given.batch,
                    say=lambda line: print(f"{time.monotonic() - start:7.1f} s {line}", flush=True),
                )
        except LookupError as problem:
            print(f"dev.py: {problem}", file=sys.stderr)
            return 2
    print(report.text())
    outcome = "disagree" if report.wrong else "agree"
    print(f"seed {given.seed}: scripts and evaluation {outcome}, after {time.monotonic() - start:.0f} s")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
