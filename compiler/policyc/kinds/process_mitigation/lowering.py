"""The words below `process_mitigation:` as the model has them, and what no device could be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, error, warning
from policyc.diagnostics.cures import rename, write
from policyc.kinds.process_mitigation.mitigations import Mitigation, elsewhere, meant, mitigations
from policyc.kinds.process_mitigation.subject import MitigationPlace, ProcessMitigation
from policyc.model import Location
from policyc.source.wording import as_yaml, quoted

_PROGRAM = re.compile(r'[^\\/:*?"<>|\x00-\x1f]+\.[A-Za-z0-9]{1,8}')
_LAST = re.compile(r"[^\\/]*$")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> ProcessMitigation | None:
    """The subject of a setting's tree; None where an error was added to `found`."""
    said: dict[str, Any] = tree["process_mitigation"]
    node = at.below("process_mitigation")
    program: str | None = said.get("program")
    mitigation = named(said["mitigation"], node.below("mitigation"), found)
    told = [] if program is None else list(about_program(program, node.below("program")))
    found += told
    if mitigation is None or told:
        return None
    if program is None and not mitigation.for_all:
        message = f"Windows keeps '{mitigation.name}' for single programs alone"
        way_out = "name the program: 'program: example.exe'"
        found.append(error("PC1703", message, node.below("mitigation"), help=way_out))
        return None
    asked = "equals" if "equals" in said else "not_equals"
    subject = ProcessMitigation(
        MitigationPlace(mitigation.name, program),
        asked,
        said[asked],
        mitigation.three_is_on,
        writes=not audit and tree.get("remediate", True),
    )
    if program is None and (asked, said[asked]) == ("equals", "off"):
        message = f"'{mitigation.name}' is turned off for every program that says nothing of its own"
        way_out = "name the one that can't bear it with 'program', or write 'equals: not_set' for what Windows does by itself"
        found.append(
            warning("PC1704", message, node.below("equals"), help=way_out, cures=[write(node.below("equals"), "not_set")])
        )
    return subject


def named(text: str, at: Location, found: list[Diagnostic], *, on_key: bool = False) -> Mitigation | None:
    """A mitigation by the name that Set-ProcessMitigation takes. Of any other spelling that one is told: policies have one."""
    known = mitigations().get(text)
    if known is not None:
        return known
    place = at.key() if on_key else at
    if elsewhere(text):
        message = f"where Windows keeps {quoted(text)} isn't documented, so no policy sets it"
        way_out = "take it out; Set-ProcessMitigation sets it"
        found.append(error("PC1701", message, place, help=way_out))
        return None
    name = meant(text)
    if name is None:
        message = f"there is no mitigation {quoted(text)}"
        way_out = f"write a name that Set-ProcessMitigation takes: {', '.join(mitigations())}"
        found.append(error("PC1701", message, place, help=way_out))
        return None
    message = f"there is no mitigation {quoted(text)}, and there is {quoted(name)}"
    cures = [rename(at, name) if on_key else write(at, name)]
    found.append(error("PC1701", message, place, help=f"write '{name}'", cures=cures))
    return None


def about_program(program: str, at: Location, *, on_key: bool = False) -> Iterator[Diagnostic]:
    """What is against a name of a program: Windows looks for the file's name alone."""
    if _PROGRAM.fullmatch(program) and program == program.strip():
        return
    last = _LAST.search(program)
    name = last[0].strip() if last else ""
    if name and not _ENDING.search(name):
        name += ".exe"
    fits = bool(_PROGRAM.fullmatch(name))
    message = f"{quoted(program)} isn't the name of a program's file, by which Windows finds its mitigations"
    way_out = (
        f"write the name with its extension and without a path: {as_yaml(name)}" if fits else "write it as in 'WINWORD.EXE'"
    )
    cures = [rename(at, name) if on_key else write(at, as_yaml(name))] if fits else []
    yield error("PC1702", message, at.key() if on_key else at, help=way_out, cures=cures)
