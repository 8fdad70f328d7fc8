"""`policyc show`."""

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
    from policyc.driver.show import Shown
    from policyc.model import Collection

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
    from policyc.cli.reporting import report
    from policyc.driver.find import NotFoundError
    from policyc.driver.show import show as find

    try:
        shown = find(policies, collection, setting, today())
    except NotFoundError as unknown:
        raise typer.BadParameter(str(unknown), param_hint=unknown.argument) from None
    report(policies, shown.errors, Format.TEXT)
    if shown.collection is not None:
        _write(shown.collection, shown, format, whole=setting is None)
    raise typer.Exit(1 if shown.errors else 0)


def _write(collection: Collection, shown: Shown, format: ShowFormat, *, whole: bool) -> None:
    if format is ShowFormat.TEXT:
        from policyc.resolved import as_text

        lines = as_text.render(collection, shown.settings, shown.places, whole=whole)
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return
    from policyc.resolved import as_tree, yaml_text

    tree = as_tree.render(collection, shown.settings, shown.places)
    if format is ShowFormat.YAML:
        sys.stdout.write(yaml_text(tree))
    else:
        import json

        sys.stdout.write(json.dumps(tree, indent=2) + "\n")
