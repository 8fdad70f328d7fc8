"""What `policyc import` is asked for, and whether it can be meant so."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from policyc.importers.registry import IMPORTERS
from policyc.lowering.slugs import is_device, slug
from policyc.source.files import PROJECT
from policyc.source.schema import is_valid
from policyc.source.wording import visible

LONGEST_NAME = 200
_ENDINGS = {".reg": "reg", ".pol": "pol", ".csv": "hardeningkitty", ".cab": "cab", ".xml": "cab", ".inf": "inf"}
WITH_CLASSES = ("reg", "hardeningkitty", "cab", "inf", "gpo")
"""Formats that can name HKEY_CLASSES_ROOT."""
OF_FOLDERS = "gpo"
"""The format whose files are folders."""


class UsageError(Exception):
    """The command line can't be meant so."""

    def __init__(self, option: str, message: str) -> None:
        self.option = option
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    kind: str
    files: tuple[Path, ...]
    policies: Path
    name: str | None = None
    head: str = "baseline"
    into: Path | None = None
    hive: str | None = None
    code_page: int = 1252
    classes: str | None = None
    force: bool = False
    definitions: bool = False
    """Whether policies are written by their names in the project's templates, where they have one."""


def check(request: Request) -> None:
    """Raises UsageError where the command line can't be meant so."""
    if request.kind not in IMPORTERS:
        raise UsageError("FORMAT", _no_format(request))
    if not request.files:
        what = "FOLDER" if request.kind == OF_FOLDERS else "FILE"
        raise UsageError("FILE", f"name a {what.lower()} to import: policyc import {request.kind} {what}")
    if request.name is not None:
        _check_name(request, request.name)
    if request.into is not None:
        _check_into(request.into, request.policies)
    try:
        codecs.lookup(f"cp{request.code_page}")
    except LookupError:
        raise UsageError("--code-page", f"no code page {request.code_page} is known") from None
    if request.hive is not None and request.kind != "pol":
        raise UsageError("--hive", f"a file of the format '{request.kind}' says itself whose registry it is about")
    if request.classes is not None and request.kind not in WITH_CLASSES:
        raise UsageError("--classes", f"a file of the format '{request.kind}' has no HKEY_CLASSES_ROOT")


def _check_name(request: Request, name: str) -> None:
    if _is_no_text(name) or not is_valid("baseline", {"baseline": {"name": name}}) or len(name) > LONGEST_NAME:
        raise UsageError("--name", f"a name is one line of at most {LONGEST_NAME} characters, without spaces at its ends")
    if request.head == "collection" and is_device(slug(name)):
        raise UsageError("--name", f"Windows takes '{name}' for a device, and no folder can be called so: add a word")
    check_several(request, len(request.files))


def check_several(request: Request, number: int) -> None:
    """Raises UsageError where so many policies would have one name."""
    if request.name is not None and number > 1 and request.into is None:
        raise UsageError("--name", "several files make several policies; join them with --into, or import one by one")


def _check_into(into: Path, policies: Path) -> None:
    if into.suffix != ".yaml":
        raise UsageError("--into", "names of policy files end in '.yaml'")
    if into.absolute() == (policies / PROJECT).absolute():
        raise UsageError("--into", f"'{PROJECT}' describes the project: write another file")
    if _is_no_text(into.name) or visible(into.name) != into.name:
        raise UsageError("--into", "names of policy files hold nothing that can't be seen")


def _is_no_text(argument: str) -> bool:
    """Whether it holds bytes that are no character where this runs."""
    return not argument.isascii() and any("\ud800" <= character <= "\udfff" for character in argument)


def _no_format(request: Request) -> str:
    """The file may stand where the format belongs."""
    message = f"no format '{request.kind}' is known; write one of: {', '.join(IMPORTERS)}"
    meant = _ENDINGS.get(Path(request.kind).suffix.lower())
    if meant is None:
        return message
    files = " ".join(_quoted(file) for file in (request.kind, *map(str, request.files)))
    return f"'{request.kind}' is no format: did you mean 'policyc import {meant} {files}'?"


def _quoted(file: str) -> str:
    return f'"{file}"' if any(character.isspace() for character in file) else file
