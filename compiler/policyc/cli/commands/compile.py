"""`policyc compile`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from policyc.cli import quick
from policyc.cli.formats import Format
from policyc.cli.options import AsOf, FormatOption, Output, Policies, ReadPackages

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Policy files or folders to write; all policies are checked all the same."),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Write nothing; show what writing would change and end with 1 if there is anything.")
]

Target = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="NAME", help="The one target that is written for; all is checked, and files of others stay."
    ),
]


def compile(  # noqa: A001 - the command's name
    paths: Paths = None,
    policies: Policies = Path("policies"),
    output: Output = Path("output"),
    format: FormatOption = Format.TEXT,
    as_of: AsOf = None,
    target: Target = None,
    *,
    read_packages: ReadPackages = False,
    check: CheckOption = False,
) -> None:
    """Check all policies and write their artifacts.

    An error keeps everything from being written; an overdue package only its own collection's files. Ends with 0 if
    all is well, with 1 if there was an error or, with --check, a difference.

    \b
    Examples:
      policyc compile
      policyc compile policies/rings/pilot.yaml
      policyc compile --target intune
      policyc compile --check --format github
      policyc compile --output build --as-of 2026-01-31
    """
    from policyc.driver.order import NoSuchTargetError, UnknownPathError

    line = quick.Line("compile", policies, output, format, as_of, read_packages, check, paths or [], target=target)
    try:
        code = quick.compile(line)
    except UnknownPathError as unknown:
        raise typer.BadParameter(str(unknown), param_hint="PATH") from None
    except NoSuchTargetError as unknown:
        raise typer.BadParameter(str(unknown), param_hint="--target") from None
    raise typer.Exit(code)
