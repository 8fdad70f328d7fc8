"""`policyc import`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from policyc.cli.options import Policies


class ImportFormat(StrEnum):
    """How what was imported is told."""

    TEXT = "text"
    JSON = "json"


class HiveOption(StrEnum):
    """Whose registry a file is about that doesn't tell it itself."""

    MACHINE = "HKLM"
    USER = "HKCU"


class ClassesOption(StrEnum):
    """Whose classes are meant."""

    MACHINE = "machine"
    USER = "user"


Kind = Annotated[
    str,
    typer.Argument(
        metavar="FORMAT",
        help="reg: the Registry Editor's files. pol: Group Policy's registry.pol. hardeningkitty: finding lists. "
        "cab: configuration items of a site. inf: registry values of security templates.",
        show_default=False,
    ),
]
# Not required, so that the one argument of 'policyc import kiosk.reg' can be told for what it is.
Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="What is imported.", show_default=False)]
Name = Annotated[
    str | None, typer.Option("--name", help="Name of the baseline or collection.", show_default="what the file is called")
]
Collection = Annotated[bool, typer.Option("--collection", help="Write a collection instead of a baseline.")]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="FILE", help="The policy file to write, one for all that is imported."),
]
Hive = Annotated[
    HiveOption | None,
    typer.Option("--hive", help="pol: whose policy it is.", show_default="what the folder says: Machine or User"),
]
CodePage = Annotated[
    int,
    typer.Option("--code-page", metavar="NUMBER", help="reg: Windows code page of a file that isn't in Unicode.", min=1),
]
Classes = Annotated[
    ClassesOption | None,
    typer.Option(
        "--classes",
        help="Whose classes HKEY_CLASSES_ROOT is: the machine's or each user's.",
        show_default="none, it is refused",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite policy files that are there.")]
FormatOption = Annotated[
    ImportFormat, typer.Option("--format", help="text: findings on stderr; json: all that was found, on stdout.")
]


def import_(  # noqa: PLR0913 - an option each
    kind: Kind,
    files: Files = None,
    policies: Policies = Path("policies"),
    name: Name = None,
    into: Into = None,
    hive: Hive = None,
    code_page: CodePage = 1252,
    format: FormatOption = ImportFormat.TEXT,
    *,
    classes: Classes = None,
    collection: Collection = False,
    force: Force = False,
) -> None:
    """Make policies of what others have written: a baseline for each file.

    What no policy can express is listed with its reason, and what is written validates. Nothing is written where there is an
    error. Ends with 0 if none was found (warnings are fine), with 1 otherwise.

    \b
    Examples:
      policyc import reg hardening.reg
      policyc import pol Machine/registry.pol User/registry.pol
      policyc import pol registry.pol --hive HKLM --name "Browser policy"
      policyc import reg kiosk.reg --collection --into policies/kiosks.yaml
    """
    from policyc.cli.import_request import Request, UsageError
    from policyc.cli.importing import run

    request = Request(
        kind,
        tuple(files or ()),
        policies,
        name=name,
        head="collection" if collection else "baseline",
        into=into,
        hive=None if hive is None else hive.value,
        code_page=code_page,
        classes=None if classes is None else classes.value,
        force=force,
    )
    try:
        code = run(request, as_json=format is ImportFormat.JSON)
    except UsageError as wrong:
        raise typer.BadParameter(str(wrong), param_hint=wrong.option) from wrong
    raise typer.Exit(code)
