"""The work of `init --id`: one line more in a project.yaml, and nothing else changed in it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from policyc.artifacts.revisions import project_of
from policyc.diagnostics import Diagnostic
from policyc.model import derived_id
from policyc.source.files import PROJECT
from policyc.source.marks import Marks
from policyc.source.reading import read_text
from policyc.source.tree import build

_NAME = ("project", "name")


class RefusedError(Exception):
    """No id can be added; the message says why."""


@dataclass(frozen=True, slots=True)
class Added:
    """The id that a project got."""

    file: Path
    id: str
    from_output: bool
    """Whether it is the one that the output folder was compiled with; else it was made."""
    derived: str
    """The id that earlier versions derived from the project's name."""


def add_id(folder: Path) -> Added | None:
    """Add the id; None where there is one. Raises RefusedError."""
    policies = folder / "policies"
    file = policies / PROJECT
    text = read_text(policies, PROJECT)
    if isinstance(text, Diagnostic):
        raise RefusedError(text.message)
    tree = build(PROJECT, text).tree
    head = tree.get("project") if isinstance(tree, dict) else None
    if not isinstance(head, dict) or not isinstance(head.get("name"), str):
        raise RefusedError(f"'{file.as_posix()}' has no 'project:' with a 'name:' yet")
    if "id" in head:
        return None
    before = project_of(folder / "output")
    own = str(uuid4()) if before is None else before[1]
    wanted = {**tree, "project": {**head, "id": own}}
    changed = next((one for one in _with_line(text, own) if _is(one, wanted)), None)
    if changed is None:
        way_out = f"add the line 'id: {own}' below 'project:' by hand"
        raise RefusedError(f"no place for it was found in '{file.as_posix()}': {way_out}")
    mark = codecs.BOM_UTF8 if file.read_bytes().startswith(codecs.BOM_UTF8) else b""
    try:
        file.write_bytes(mark + changed.encode())
    except OSError as failure:
        raise RefusedError(f"'{file.as_posix()}' can't be written: {failure.strerror}") from failure
    return Added(file, own, before is not None, derived_id(head["name"]))


def _with_line(text: str, own: str) -> Iterator[str]:
    """The text with the id behind the name: on a line of its own, or in the same brackets; or on a line before it."""
    marks = Marks(text)
    end, start = marks.end(_NAME), marks.line(_NAME)
    if end is None or start is None:
        return
    lines = text.splitlines(keepends=True)
    line, column = end
    first = lines[start - 1]
    ending = "\r\n" if first.endswith("\r\n") else "\n"
    before = "".join([*lines[: start - 1], f"{_indent(first)}id: {own}{ending}", *lines[start - 1 :]])
    if line >= len(lines):
        yield before
        return
    there = lines[line]
    whole = there if there.endswith("\n") else there + ending
    yield "".join([*lines[:line], whole, f"{_indent(there)}id: {own}{ending}", *lines[line + 1 :]])
    yield before
    yield "".join([*lines[:line], f"{there[:column]}, id: {own}{there[column:]}", *lines[line + 1 :]])


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _is(text: str, wanted: dict[str, Any]) -> bool:
    built = build(PROJECT, text)
    return not built.findings and built.tree == wanted
