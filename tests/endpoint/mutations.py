"""Mutations: `python3 dev.py mutations [--count N] [--seed N] [--tests]`.

Functions of the script library made wrong, one change a time (a comparison turned around, a condition negated, a line dropped).
The self-test is tried first, then a differential run of some settings; with `--tests`, what both don't notice is tried against
the tests of the scripts (`pytest --mutant NUMBER`, which may take minutes each). What survives is told, and its line.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from endpoint.device import Device
from endpoint.differential import endpoint, run
from endpoint.engine import Answer, EngineError
from policyc.powershell import linker, scripts
from policyc.powershell.linker import Unit, library
from policyc.powershell.self_test import self_test

HERE = Path(__file__).parent
TESTS = tuple(
    str(HERE / f"test_{name}.py")
    for name in (
        "finding",
        "values",
        "journal",
        "scripts",
        "retire",
        "guards",
        "detection",
        "accounts",
        "left_behind",
        "identities",
        "applies",
        "audit_policy",
    )
)
"""What looks at what the functions do."""
SETTINGS = 120
"""Settings of the differential run that a change is tried against: a batch of it."""
SCRATCH = r"HKLM\SOFTWARE\policyc-self-test"
SWAPS = {
    "-eq": "-ne",
    "-ne": "-eq",
    "-ceq": "-cne",
    "-cne": "-ceq",
    "-ge": "-lt",
    "-le": "-gt",
    "-gt": "-le",
    "-lt": "-ge",
    "-and": "-or",
    "-or": "-and",
    "-contains": "-notcontains",
    "-notcontains": "-contains",
    "$true": "$false",
    "$false": "$true",
}
_SWAPPED = re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, SWAPS)) + r")(?![\w-])")
_DROPPED = re.compile(r"    +(?=[^ #}{])(?!param)[^\n]*[^{(\n]\n")


@dataclass(frozen=True)
class Mutant:
    """A function with one change."""

    number: int
    """Among all changes of this library."""
    function: str
    what: str
    old: str
    new: str


def mutants() -> Iterator[Mutant]:
    """Every change of every function, in the library's order."""
    functions = [unit for unit in library().values() if unit.is_function]
    changes = ((unit, *change) for unit in functions for change in (*_turned(unit.text), *_shortened(unit.text)))
    for number, (unit, what, new) in enumerate(changes):
        yield Mutant(number, unit.name, what, unit.text, new)


def _turned(text: str) -> Iterator[tuple[str, str]]:
    for found in _SWAPPED.finditer(text):
        line = text[: found.start()].rpartition("\n")[2] + text[found.start() :].partition("\n")[0]
        if not line.lstrip().startswith("#"):
            new = text[: found.start()] + SWAPS[found[0]] + text[found.end() :]
            yield f"{found[0]} turned to {SWAPS[found[0]]} in: {line.strip()}", new


def _shortened(text: str) -> Iterator[tuple[str, str]]:
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        if _DROPPED.fullmatch(line) and not line.rstrip().endswith(("-and", "-or", ",")):
            yield f"dropped: {line.strip()}", "".join(lines[:at] + lines[at + 1 :])


@contextmanager
def wrong(one: Mutant) -> Iterator[None]:
    """All scripts that are made meanwhile hold this change."""
    sound = linker.units_in

    def units(file: str, text: str) -> Iterator[Unit]:
        return sound(file, text.replace(one.old, one.new, 1))

    linker.units_in = units
    _forget()
    try:
        yield
    finally:
        linker.units_in = sound
        _forget()


def _forget() -> None:
    for module in (linker, scripts):
        for thing in vars(module).values():
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()


def outcome(device: Device, text: str, folder: Path) -> Answer | str:
    """What the self-test says with this text, or how it broke off."""
    script = folder / "self-test.ps1"
    script.write_text(text, encoding="ascii", newline="\n")
    try:
        answer = device.run(script, timeout=120)
    except EngineError as error:
        return str(error)
    device.clean(SCRATCH)
    return answer


def failed(answer: Answer) -> list[str]:
    """The cases that aren't as they must be."""
    return [line.partition(":")[0] for line in answer.lines if line.startswith("FAILED")]


def survivors(device: Device, chosen: Sequence[Mutant], folder: Path) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether the self-test doesn't notice it."""
    whole = self_test().decode("ascii")
    sound = outcome(device, whole, folder)
    if isinstance(sound, str):
        raise EngineError(sound)
    for one in chosen:
        found = outcome(device, whole.replace(one.old, one.new, 1), folder)
        yield one, isinstance(found, Answer) and (failed(found), found.stderr) == (failed(sound), sound.stderr)


def differs(device: Device, one: Mutant, seed: int, folder: Path, *, ours: bool) -> bool:
    """Whether a differential run notices the change."""
    with wrong(one):
        report = run(device, ours=ours, seed=seed, count=SETTINGS, folder=folder / f"differential-{one.number}", smallest=False)
    return bool(report.wrong)


def fails_a_test(one: Mutant) -> bool:
    """Whether a test of the scripts notices the change."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"--mutant={one.number}", *TESTS]
    return (
        subprocess.run(command, cwd=HERE.parents[1], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 1
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and end with 1 where fewer than half of the changes are noticed."""
    parser = argparse.ArgumentParser(prog="dev.py mutations", description="Hold the self-test to wrong functions.")
    parser.add_argument("--count", type=int, default=40, help="changes to try (default: 40; all: 0)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other changes (default: 1)")
    parser.add_argument("--tests", action="store_true", help="try what survives against the tests of the scripts, too")
    given = parser.parse_args(arguments)
    every = list(mutants())
    chosen = Random(given.seed).sample(every, given.count) if given.count else every
    start, by = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="policyc-mutations-", ignore_cleanup_errors=True) as folder:
        try:
            with endpoint(Path(folder)) as (device, ours):
                for one, survives in survivors(device, chosen, Path(folder)):
                    noticed = "self-test"
                    if survives:
                        noticed = "differential" if differs(device, one, given.seed, Path(folder), ours=ours) else "SURVIVES"
                    if noticed == "SURVIVES" and given.tests and fails_a_test(one):
                        noticed = "tests"
                    by[noticed] += 1
                    print(
                        f"{time.monotonic() - start:7.1f} s {noticed:<12} {one.number:>5} {one.function}: {one.what}",
                        flush=True,
                    )
        except LookupError as problem:
            print(f"dev.py: {problem}", file=sys.stderr)
            return 2
    left = by["SURVIVES"]
    print(
        f"seed {given.seed}: {len(chosen) - left} of {len(chosen)} changes noticed, of {len(every)} that there are: {dict(by)}"
    )
    return 1 if 2 * left > len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
