"""Mutations: `python3 dev.py mutations [--count N] [--seed N]`.

Functions of the script library made wrong, one change a time (a comparison turned around, a condition negated, a line
dropped), in the self-test, which runs on an endpoint: a change that it doesn't notice is told, and its line. The differential
run and the tests of tests/endpoint look at more than the self-test: what survives here isn't necessarily unseen, but it is
where to look.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from endpoint.device import Device
from endpoint.differential import endpoint
from endpoint.engine import Answer, EngineError
from policyc.powershell.linker import library
from policyc.powershell.self_test import self_test

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
_DROPPED = re.compile(r"    +(?!param|#|[}{])[^\n]*[^{(\n]\n")


@dataclass(frozen=True)
class Mutant:
    """A function with one change."""

    function: str
    what: str
    old: str
    new: str


def mutants() -> Iterator[Mutant]:
    """Every change of every function, in the library's order."""
    for unit in library().values():
        if not unit.is_function:
            continue
        for found in _SWAPPED.finditer(unit.text):
            line = unit.text[: found.start()].rpartition("\n")[2] + unit.text[found.start() :].partition("\n")[0]
            if not line.lstrip().startswith("#"):
                new = unit.text[: found.start()] + SWAPS[found[0]] + unit.text[found.end() :]
                yield Mutant(unit.name, f"{found[0]} turned to {SWAPS[found[0]]} in: {line.strip()}", unit.text, new)
        lines = unit.text.splitlines(keepends=True)
        for at, line in enumerate(lines):
            if _DROPPED.fullmatch(line) and not line.rstrip().endswith(("-and", "-or", ",")):
                yield Mutant(unit.name, f"dropped: {line.strip()}", unit.text, "".join(lines[:at] + lines[at + 1 :]))


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and end with 1 where fewer than half of the changes are noticed."""
    parser = argparse.ArgumentParser(prog="dev.py mutations", description="Hold the self-test to wrong functions.")
    parser.add_argument("--count", type=int, default=40, help="changes to try (default: 40; all: 0)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other changes (default: 1)")
    given = parser.parse_args(arguments)
    every = list(mutants())
    chosen = Random(given.seed).sample(every, given.count) if given.count else every
    start, left = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="policyc-mutations-", ignore_cleanup_errors=True) as folder:
        try:
            with endpoint(Path(folder)) as (device, _):
                for one, survives in survivors(device, chosen, Path(folder)):
                    left += [one] if survives else []
                    print(
                        f"{time.monotonic() - start:7.1f} s {'SURVIVES' if survives else 'noticed '} {one.function}: {one.what}"
                    )
        except LookupError as problem:
            print(f"dev.py: {problem}", file=sys.stderr)
            return 2
    print(f"seed {given.seed}: {len(chosen) - len(left)} of {len(chosen)} changes noticed, of {len(every)} that there are")
    return 1 if 2 * len(left) > len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
