"""The commands, as typer sees them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from policyc import __version__
from policyc.cli.commands.compile import compile as compile_command
from policyc.cli.commands.conflicts import conflicts
from policyc.cli.commands.explain import explain
from policyc.cli.commands.import_ import import_
from policyc.cli.commands.init import init
from policyc.cli.commands.plan import plan
from policyc.cli.commands.report import report
from policyc.cli.commands.schema import schema
from policyc.cli.commands.show import show
from policyc.cli.commands.sign import sign
from policyc.cli.commands.simulate import simulate
from policyc.cli.commands.test import test
from policyc.cli.commands.validate import validate
from policyc.cli.commands.watch import watch

app = typer.Typer(
    name="policyc",
    # Rich costs more time to import than a small policy takes to compile.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
for _name, _command in (
    ("init", init),
    ("validate", validate),
    ("watch", watch),
    ("compile", compile_command),
    ("plan", plan),
    ("conflicts", conflicts),
    ("report", report),
    ("sign", sign),
    ("import", import_),
    ("show", show),
    ("simulate", simulate),
    ("test", test),
    ("explain", explain),
    ("schema", schema),
):
    # Portals show codes as signed numbers: -2016281112 is no option.
    app.command(_name, context_settings={"ignore_unknown_options": _name == "explain"})(_command)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"policyc {__version__}\n")
        raise typer.Exit


_Version = Annotated[
    bool,
    typer.Option("--version", callback=lambda wanted: _print_version(wanted=wanted), is_eager=True, help="Show the version."),
]


@app.callback()
def _policyc(*, version: _Version = False) -> None:
    """Compile endpoint policy: YAML in, what ConfigMgr takes out.

    Exit codes: 0 all is well; 1 errors, or a difference with --check; 2 wrong usage; 3 a defect of policyc itself.

    \b
    Examples:
      policyc init estate
      policyc validate
      policyc compile
      policyc plan origin/main
      policyc sign --certificate code-signing.pfx
      policyc import reg hardening.reg
      policyc show pilot-workstations
      policyc simulate pilot-workstations --state device.yaml
      policyc test
      policyc report --output report.html
      policyc explain PC0402
      policyc explain 0x87D1FDE8
    """
