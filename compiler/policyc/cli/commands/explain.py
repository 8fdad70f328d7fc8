"""`policyc explain`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from policyc.cli import completion
from policyc.cli.options import Policies

if TYPE_CHECKING:
    from policyc.diagnostics.pages import Page
    from policyc.driver.codes import CodeMeaning

Code = Annotated[
    str | None,
    typer.Argument(
        metavar="CODE",
        help="A code such as PC0402, what a device reports: 0x87D1FDE8, SENSE:15, or a value of the registry: HKLM\\Key:Name. "
        "Without one, all codes are listed.",
        autocompletion=completion.codes,
    ),
]


class PageFormat(StrEnum):
    """How a page is written."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[PageFormat, typer.Option("--format", help="text, or json: code, title, level and text of the page.")]


def explain(code: Code = None, format: FormatOption = PageFormat.TEXT, policies: Policies = Path("policies")) -> None:
    """Say what a code means, or which policies write a value of the registry.

    The page says why it matters, and shows an example with its cure: what goes out with '-', what comes in with '+'.
    Of a code that a device, a script or a system reports: what it means, where it stands, and what to do. Sources of such
    codes: SENSE, WDATPOnboarding, WDATPOffboarding, MDM, ConfigMgr, and exit for what the programs of an output end with.
    Of a value: the policies of the project's administrative templates that write it.

    \b
    Examples:
      policyc explain
      policyc explain PC0402
      policyc explain pc0402 --format json
      policyc explain 0x87D1FDE8
      policyc explain SENSE:15
      policyc explain exit:224
      policyc explain "HKLM\\SOFTWARE\\Policies\\Example:Name"
    """
    from policyc.diagnostics import pages

    if code is None:
        _write_all([pages.page(known) for known in pages.codes()], format)
        return
    if code.strip().upper().startswith("HK"):
        _write_policies(code, policies, format)
        return
    from policyc.driver import codes

    if codes.is_code(code.strip()):
        _write_meanings(code, format)
        return
    asked = code.strip().upper()
    asked = f"PC{asked:0>4}" if asked.isdecimal() else asked
    if asked not in pages.codes():
        near = ", ".join(pages.nearest(asked))
        hint = f"the nearest are {near}" if near else "policyc explain lists all codes"
        raise typer.BadParameter(f"no code '{code}'; {hint}", param_hint="CODE")
    page = pages.page(asked)
    if format is PageFormat.JSON:
        _write_json({"code": page.code, "title": page.title, "level": page.level.value, "text": page.text})
    else:
        sys.stdout.write(pages.as_text(page))


def _write_policies(asked: str, policies: Path, format: PageFormat) -> None:
    from dataclasses import asdict

    from policyc.diagnostics.reporters.plain import plain
    from policyc.driver.places import PlaceError, policies_of

    try:
        found = policies_of(asked, policies)
    except PlaceError as failed:
        raise typer.BadParameter(str(failed), param_hint="CODE") from None
    if format is PageFormat.JSON:
        _write_json([asdict(one) for one in found])
        return
    if not found:
        sys.stdout.write(plain(f"no policy of the project's templates writes {asked.strip()}") + "\n")
    for one in found:
        types = " or ".join(one.types) or "nothing, it only deletes"
        sys.stdout.write(plain(f"{one.policy} ({one.scope}): {one.title}") + "\n")
        sys.stdout.write(plain(f"  Writes: {types}") + "\n")
        sys.stdout.write(plain(f"  Template: {one.file}:{one.line}") + "\n")


def _write_meanings(asked: str, format: PageFormat) -> None:
    from dataclasses import asdict

    from policyc.driver import codes

    try:
        found = codes.meanings(asked)
    except ValueError as failed:
        raise typer.BadParameter(str(failed), param_hint="CODE") from None
    if not found:
        raise typer.BadParameter(f"nothing is known of '{asked.strip()}'", param_hint="CODE")
    if format is PageFormat.JSON:
        _write_json([asdict(one) for one in found])
        return
    sys.stdout.write("\n".join(f"{_heading(one)}\n  Meaning: {one.meaning}\n  What to do: {one.action}\n" for one in found))


def _heading(one: CodeMeaning) -> str:
    return f"{one.source} {one.code}, {one.where}" if one.source else one.code


def _write_all(all_pages: list[Page], format: PageFormat) -> None:
    if format is PageFormat.JSON:
        _write_json([{"code": page.code, "title": page.title, "level": page.level.value} for page in all_pages])
        return
    for page in all_pages:
        sys.stdout.write(f"{page.code}  {page.level.value:<7}  {page.title}\n")


def _write_json(data: object) -> None:
    import json

    sys.stdout.write(json.dumps(data, indent=2) + "\n")
