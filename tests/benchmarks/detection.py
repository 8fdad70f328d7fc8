"""How fast a device is judged: the generated discovery script beside a loop of Test-Path and Get-ItemProperty.

`python3 tests/benchmarks/detection.py` prints the rows; both run in one engine, in turns, over the same 400 settings.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from endpoint.cases import key_path, write_scripts
from endpoint.device import Device
from endpoint.differential import endpoint
from endpoint.registry import value
from policyc.evaluation import ABSENT, Verdict, verdict
from policyc.model import Condition, Hive, Kind, Location, Operator, Place, Setting, SetValue, Severity, View
from policyc.powershell.scripts import Script
from registry_settings import registry_setting

SETTINGS = 400
ON_A_KEY = 5
RUNS = 5
REACH = 10.0
KEY = r"SOFTWARE\policyc-test\speed"

OPERANDS = {
    Kind.DWORD: (Operator.AT_LEAST, 5, 7),
    Kind.STRING: (Operator.EQUALS, "explorer.exe", "Explorer.exe"),
    Kind.MULTI_STRING: (Operator.EQUALS, ("scecli", "rassfm"), ("scecli", "rassfm")),
    Kind.BINARY: (Operator.EQUALS, bytes(range(16)), bytes(range(16))),
}
"""Condition, its operand, and what the device holds, which satisfies it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    milliseconds: float


def settings(count: int) -> list[Setting]:
    """Settings of four kinds, five on a key, as policies have them."""
    made = []
    for number in range(count):
        kind = tuple(OPERANDS)[number % len(OPERANDS)]
        operator, operand, _ = OPERANDS[kind]
        place = Place(Hive.MACHINE, View.BITS_64, rf"{KEY}\Part{number // ON_A_KEY}", f"Value{number}")
        made.append(
            registry_setting(
                f"setting-{number}",
                f"What setting {number} asks for",
                place,
                Condition(operator, (operand,)),
                Location("speed.yaml"),
                kind=kind,
                write=SetValue(operand),
                severity=Severity.WARNING,
            )
        )
    return made


def loop(settings: Sequence[Setting]) -> str:
    """What an administrator writes by hand: a Test-Path and a Get-ItemProperty for each setting, and a comparison."""
    rows = "\n".join(map(_row, settings))
    return (
        f"$settings = @(\n{rows}\n)\n$failing = @()\n"
        "foreach ($setting in $settings) {\n"
        "    $path = $setting.Path; $name = $setting.Name; $wanted = $setting.Wanted\n"
        "    $holds = $false\n"
        "    if (Test-Path -LiteralPath $path) {\n"
        "        $item = Get-ItemProperty -LiteralPath $path -Name $name -ErrorAction SilentlyContinue\n"
        "        if ($null -ne $item) {\n"
        "            $is = $item.$name\n"
        '            $holds = if ($setting.How -eq \'at_least\') { $is -ge $wanted } else { "$is" -eq "$wanted" }\n'
        "        }\n"
        "    }\n"
        "    if (-not $holds) { $failing += $path }\n"
        "}\n"
        "if ($failing.Count) { 'NonCompliant: ' + $failing.Count } else { 'Compliant' }\n"
    )


def _row(one: Setting) -> str:
    path, how = rf"HKLM:\{one.subject.place.key}", one.subject.condition.operator
    return f"    @{{ Path = '{path}'; Name = '{one.subject.place.name}'; Wanted = {_literal(one)}; How = '{how}' }}"


def _literal(one: Setting) -> str:
    operand = one.subject.condition.operands[0]
    if isinstance(operand, bytes):
        return "([byte[]]@(" + ", ".join(map(str, operand)) + "))"
    if isinstance(operand, tuple):
        return "@(" + ", ".join(f"'{element}'" for element in operand) + ")"
    return f"'{operand}'" if isinstance(operand, str) else str(operand)


def measure_detection(count: int = SETTINGS, runs: int = RUNS) -> list[Row] | None:
    """Medians of both; None where there is no endpoint."""
    with tempfile.TemporaryDirectory(prefix="policyc-speed-", ignore_cleanup_errors=True) as folder:
        try:
            with _device(Path(folder)) as device:
                return _measure(device, Path(folder), settings(count), runs)
        except LookupError:
            return None


@contextmanager
def _device(folder: Path) -> Iterator[Device]:
    with endpoint(folder) as (device, _):
        device.clean()
        try:
            yield device
        finally:
            device.clean()


def _measure(device: Device, folder: Path, some: Sequence[Setting], count: int) -> list[Row]:
    discovery = write_scripts(folder / "scripts", some)[Script.DISCOVERY]
    by_hand = folder / "loop.ps1"
    by_hand.write_text(loop(some), encoding="ascii", newline="\n")
    state: dict[str, dict[str, object]] = {}
    for one in some:
        assert verdict(one.subject, ABSENT) is Verdict.NON_COMPLIANT
        state.setdefault(key_path(one), {})[one.subject.place.name or ""] = value(
            one.subject.kind, OPERANDS[one.subject.kind][2]
        )
    device.install(state)
    batch = device.batch()
    # The first of each warms the engine and doesn't count.
    runs = [(batch.run(by_hand), batch.run(discovery)) for _ in range(count + 1)][1:]
    batch.execute(timeout=600)
    for pair in runs:
        for run in pair:
            if run.failure or run.out != ["Compliant"]:
                raise RuntimeError(f"{run.out} {run.failure}")
    slow, fast = (statistics.median(run.milliseconds for run in kind) for kind in zip(*runs, strict=True))
    return [
        Row(f"a loop of `Test-Path` and `Get-ItemProperty` over {len(some)} settings", slow),
        Row(f"the generated discovery script over the same {len(some)} settings", fast),
    ]


def report(rows: Sequence[Row]) -> str:
    """The rows for `docs/performance.md`: what, figure, ratio, reach."""
    slow, fast = rows
    ratio = slow.milliseconds / fast.milliseconds
    return (
        f"| {slow.what} | {slow.milliseconds:.0f} ms | 1.0 | |\n"
        f"| {fast.what} | {fast.milliseconds:.0f} ms | 1 / {ratio:.1f} | at most 1 / {REACH:.0f} |"
    )


if __name__ == "__main__":
    measured = measure_detection()
    print("no Windows endpoint: set POLICYC_ENDPOINT" if measured is None else report(measured))
