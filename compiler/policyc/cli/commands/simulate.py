"""`policyc simulate`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli import completion
from policyc.cli.formats import Format, today
from policyc.cli.options import Policies

if TYPE_CHECKING:
    from policyc.diagnostics import Diagnostic
    from policyc.simulation.report import Simulation

CollectionArgument = Annotated[
    str,
    typer.Argument(
        metavar="COLLECTION",
        help="Name of a collection, its folder in the output, or its file.",
        autocompletion=completion.collections,
    ),
]
SettingArgument = Annotated[
    str | None,
    typer.Argument(metavar="SETTING", help="Id of one setting; without it all are judged.", autocompletion=completion.settings),
]
States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="FILE",
        help="What the device holds: a state file (.yaml), a .reg export, or a hive (SOFTWARE, SYSTEM, NTUSER.DAT; of another "
        "name with its place, as in HKLM\\SOFTWARE=FILE or HKU\\anna=FILE). Several add up, the later one holds. Without one, "
        "nothing is there.",
    ),
]


class SimulationFormat(StrEnum):
    """How a simulation is written."""

    TEXT = "text"
    JSON = "json"


Failing = Annotated[
    bool, typer.Option("--failing", help="Show only what isn't compliant or can't be judged; the summary counts all.")
]
FormatOption = Annotated[SimulationFormat, typer.Option("--format", help="text: for people; json: the same as data.")]


def simulate(
    collection: CollectionArgument,
    setting: SettingArgument = None,
    state: States = None,
    policies: Policies = Path("policies"),
    format: FormatOption = SimulationFormat.TEXT,
    *,
    failing: Failing = False,
) -> None:
    """Say what the scripts would say of an imagined device, and what they would write.

    Every verdict is the one of detect.ps1, and every change the one of remediate.ps1; nothing is run, on no machine. Ends
    with 0 if the device is compliant, with 1 if it isn't, something can't be judged, or there was an error. With SETTING
    all this is about that setting alone.

    \b
    Examples:
      policyc simulate "Pilot workstations" --state device.yaml
      policyc simulate pilot-workstations lan-manager-level --state device.yaml
      policyc simulate pilot-workstations --state device.yaml --failing
      policyc simulate hardening --state SOFTWARE --state SYSTEM --state "HKU\\anna=NTUSER.DAT"
      policyc simulate policies/hardening.yaml --state export.reg --state more.yaml --format json
    """
    from policyc.cli.reporting import report, say
    from policyc.driver.find import NotFoundError
    from policyc.driver.simulate import StoppedError, simulated
    from policyc.simulation.outcomes import Result, overall

    wanted = Format(format.value)
    try:
        simulation, found = simulated(policies, collection, setting, state or [], today(), failing=failing)
    except NotFoundError as unknown:
        raise typer.BadParameter(str(unknown), param_hint=unknown.argument) from None
    except StoppedError as stopped:
        report(policies, stopped.found, wanted)
        say(wanted, f"nothing was simulated: {stopped}")
        raise typer.Exit(1) from None
    _write(policies, simulation, found, wanted)
    raise typer.Exit(0 if overall(simulation.asked) is Result.COMPLIANT else 1)


def _write(policies: Path, simulation: Simulation, found: list[Diagnostic], format: Format) -> None:
    from policyc.cli.reporting import report
    from policyc.diagnostics.reporters.plain import plain
    from policyc.simulation.report import as_text, as_tree

    if format is Format.JSON:
        report(policies, found, format, as_tree(simulation))
    else:
        report(policies, found, format)
        sys.stdout.writelines(f"{plain(line)}\n" for line in as_text(simulation))
