"""`policyc import`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli.options import Policies

if TYPE_CHECKING:
    from policyc.diagnostics import Diagnostic
    from policyc.driver.imports.findings import Outcome


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
        "cab: configuration items of a site. inf: security templates. audit: advanced audit policies. "
        "gpo: whole backups of Group Policy objects, each a folder.",
        show_default=False,
    ),
]
# Not required, so that the one argument of 'policyc import kiosk.reg' can be told for what it is.
Files = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE", help="What is imported; for gpo a folder.", show_default=False)
]
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
Definitions = Annotated[
    bool,
    typer.Option(
        "--definitions", help="Write policies by their names in the project's administrative templates, where one fits."
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
    definitions: Definitions = False,
) -> None:
    """Make policies of what others have written: a baseline for each file.

    What no policy can express is listed with its reason, and what is written validates. Nothing is written where there is an
    error. Ends with 0 if none was found (warnings are fine), with 1 otherwise.

    \b
    Examples:
      policyc import reg hardening.reg
      policyc import pol Machine/registry.pol User/registry.pol
      policyc import pol registry.pol --hive HKLM --name "Browser policy"
      policyc import gpo backups
      policyc import pol Machine/registry.pol --definitions
      policyc import reg kiosk.reg --collection --into policies/kiosks.yaml
    """
    from policyc.driver.imports.request import Request, UsageError
    from policyc.driver.imports.run import run

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
        definitions=definitions,
    )
    try:
        done = run(request)
    except UsageError as wrong:
        raise typer.BadParameter(str(wrong), param_hint=wrong.option) from wrong
    _tell(done.outcomes, (*done.errors, *done.warnings), policies, written=not done.errors, as_json=format is ImportFormat.JSON)
    raise typer.Exit(1 if done.errors else 0)


def _tell(outcomes: Sequence[Outcome], about: Sequence[Diagnostic], policies: Path, *, written: bool, as_json: bool) -> None:
    """Report the findings, then what was written."""
    from policyc.cli.console import colour
    from policyc.diagnostics import Located
    from policyc.diagnostics.reporters import Report
    from policyc.diagnostics.reporters.plain import plain
    from policyc.driver.imports.findings import as_data, findings

    found = [*about, *(finding for outcome in outcomes for finding in findings(outcome))]
    extra = {"imports": [as_data(outcome, policies, written=written) for outcome in outcomes]}
    content = Report(tuple(Located(one, None, (None,) * len(one.related)) for one in found), ".", extra)
    if as_json:
        from policyc.diagnostics.reporters import as_json as reporter

        sys.stdout.writelines(reporter.render(content))
        return
    if found:
        from policyc.diagnostics.reporters import text

        sys.stderr.writelines(text.render(content, colour=colour(sys.stderr)))
    for outcome in outcomes:
        sys.stderr.write(f"{_summary(outcome, written=written)}\n")
        sys.stderr.writelines(f"{plain(line)}\n" for line in _not_read(outcome, policies))
    sys.stderr.flush()
    if written:
        sys.stdout.writelines(_written(outcomes, policies))


def _summary(outcome: Outcome, *, written: bool) -> str:
    from policyc.diagnostics.reporters.plain import plain
    from policyc.driver.imports.findings import counted

    counts = outcome.written
    places = ", ".join(place.as_posix() for place, file in outcome.places if file.settings)
    came = counted(counts.settings, "setting", "settings")
    where = f"{came} written to {places}" if written and places else f"{came} could be written, nothing was"
    if not places:
        where = "nothing to write"
    words = [
        f"{counted(counts.entries, 'entry', 'entries')}, {where}",
        f"{len(counts.refused):,} not expressed",
        f"{counts.same:,} said twice",
    ]
    if counts.contradicted:
        words.append(f"{counts.contradicted:,} contradicted")
    if counts.joined:
        words.append(f"{counts.joined:,} joined with another")
    if counts.overwritten:
        words.append(f"{len(counts.overwritten):,} overwritten")
    return plain(f"{outcome.shown}: {', '.join(words)}")


def _not_read(outcome: Outcome, policies: Path) -> Iterator[str]:
    """A warning about each file that only looks like a policy of the project."""
    from policyc.driver.imports.room import is_read

    for place, _ in outcome.places:
        if not is_read(place, policies):
            yield f"warning: no command reads '{place.as_posix()}', as it isn't below '{policies.as_posix()}': move it there"


def _written(outcomes: Sequence[Outcome], policies: Path) -> Iterator[str]:
    from policyc.diagnostics.reporters.plain import plain
    from policyc.resolved import yaml_text
    from policyc.source.files import PROJECT

    if not any(outcome.places for outcome in outcomes):
        return
    baselines: list[str] = []
    for outcome in outcomes:
        for place, file in outcome.places:
            yield plain(f"made  {place.as_posix()}: {file.head} '{file.name}'") + "\n"
        if outcome.places and all(file.head == "baseline" for _, file in outcome.places):
            baselines += [file.name for _, file in outcome.places]
    yield "\nNext:\n"
    if baselines:
        names = yaml_text({"baselines": baselines}).rstrip("\n").split("\n")
        yield "  list it in the collections that shall have it; without one it reaches no device:\n"
        yield from (f"    {plain(line)}\n" for line in names)
    if not os.path.isfile(policies / PROJECT):  # noqa: PTH113 - Path's raises for a name that is too long
        yield f"  there is no {(policies / PROJECT).as_posix()} yet: begin with 'policyc init'\n"
    yield "  policyc validate\n"
