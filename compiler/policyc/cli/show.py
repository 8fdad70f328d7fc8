"""`policyc show`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from policyc.cli import completion
from policyc.cli.options import Policies

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
    typer.Argument(metavar="SETTING", help="Id of one setting; without it all are shown.", autocompletion=completion.settings),
]


class ShowFormat(StrEnum):
    """How a resolved policy is written."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


FormatOption = Annotated[ShowFormat, typer.Option("--format", help="text: for people; json and yaml: the same as data.")]


def show(
    collection: CollectionArgument,
    setting: SettingArgument = None,
    policies: Policies = Path("policies"),
    format: FormatOption = ShowFormat.TEXT,
) -> None:
    """Show what holds for a collection once all layers are joined.

    Each value is shown with the file, line and layer that it comes from, with what it replaced and why. Ends with 1
    if the policies have errors; what could be understood is shown all the same.

    \b
    Examples:
      policyc show "Pilot workstations"
      policyc show pilot-workstations lan-manager-level
      policyc show policies/rings/pilot.yaml --format json
    """
    from policyc.cli.choosing import NotFoundError
    from policyc.cli.showing import run

    try:
        code = run(policies, collection, setting, format.value)
    except NotFoundError as unknown:
        raise typer.BadParameter(str(unknown), param_hint=unknown.argument) from None
    raise typer.Exit(code)
