"""`policyc init`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the project is made.", show_default="here")]

Id = Annotated[
    bool, typer.Option("--id", help="Only add the line with the project's id to a project.yaml that has none; no file is made.")
]


class Starter(StrEnum):
    """What a project can begin with."""

    WINDOWS_BASELINE = "windows-baseline"
    DEFENDER_ATP = "defender-atp"


With = Annotated[
    list[Starter] | None,
    typer.Option(
        "--with",
        help="Policies to begin with, as often as wanted. windows-baseline: some sixty settings of all kinds, each with "
        "why, what Windows does without it and what may break. defender-atp: devices onboarded and offboarded.",
        show_default=False,
    ),
]


def init(folder: Folder = Path(), with_: With = None, *, id: Id = False) -> None:
    """Make a small project that compiles, to start from. No file that is there is changed.

    \b
    Examples:
      policyc init
      policyc init estate
      policyc init estate --with windows-baseline
      policyc init --id
    """
    if id and with_:
        raise typer.BadParameter("no file is made with --id", param_hint="--with")
    if id:
        raise typer.Exit(_add_id(folder))
    from policyc.driver.init import NotMadeError, make_project

    try:
        for file in make_project(folder, [one.value for one in dict.fromkeys(with_ or ())]):
            sys.stdout.write(f"{'made' if file.made else 'kept'}  {file.path.as_posix()}\n")
            for line in file.lacks:
                sys.stdout.write(f"      add the line: {line}\n")
    except NotMadeError as failure:
        sys.stderr.write(f"error: '{failure.file.as_posix()}' can't be made: {failure}\n")
        raise typer.Exit(1) from failure
    where = "" if folder == Path() else f"cd {folder.as_posix()}\n  "
    sys.stdout.write(f"\nNext:\n  {where}policyc validate\n  policyc compile\n")
    sys.stdout.write(
        "Then change policies/workstations.yaml; an editor that reads the schemas completes and checks as you type.\n"
    )


def _add_id(folder: Path) -> int:
    from policyc.driver.project_id import RefusedError, add_id

    try:
        added = add_id(folder)
    except RefusedError as refused:
        sys.stderr.write(f"error: {refused}\n")
        return 1
    if added is None:
        sys.stdout.write(f"kept  {(folder / 'policies' / 'project.yaml').as_posix()}: it has an id\n")
        return 0
    sys.stdout.write(f"added 'id: {added.id}' to {added.file.as_posix()}\n")
    if added.from_output:
        sys.stdout.write("      what the folder 'output' was compiled with: nothing changes on the site and on devices\n")
    else:
        sys.stdout.write(
            f"      made now, for a new estate; if objects of this one are on a site or on devices already, "
            f"write 'id: {added.derived}' instead\n"
        )
    return 0
