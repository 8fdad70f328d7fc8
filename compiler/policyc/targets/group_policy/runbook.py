"""README.md of a collection's folder for Group Policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from policyc.kinds import must, written
from policyc.model import Collection, Project
from policyc.powershell import literal
from policyc.registry_files import Action
from policyc.targets.group_policy.backup import Identity
from policyc.targets.group_policy.change import Change, Side
from policyc.targets.group_policy.checks import is_exact, refusals
from policyc.targets.group_policy.lgpo import unsaid
from policyc.targets.group_policy.registry import shown
from policyc.targets.text import block, code, markdown


def runbook(project: Project, collection: Collection, changes: Sequence[Change], who: Identity) -> bytes:
    """The page as UTF-8 Markdown."""
    lines = _lines(project, collection, changes, who)
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _lines(project: Project, collection: Collection, changes: Sequence[Change], who: Identity) -> Iterator[str]:
    said = _phrases()
    yield f"# {markdown(collection.name)}: Group Policy"
    made = f"Made by policyc from {code(collection.origin.file)} ({markdown(project.name)})"
    yield from ("", f"{made}. Change that, not this folder.", "", said["Files"])
    yield from ("", "## Import", "", said["Import"], "", *block(_commands(who)), "", said["Link"])
    yield from ("", "## Settings", "", *_settings(changes))
    yield from _unsaid(collection)
    yield from ("", "## When it is unlinked", "", *_staying(changes))
    yield from ("", "## The way back", "", said["Back"])
    if len(collection.targets) > 1:
        yield from ("", "## Beside other targets", "", said["Beside"])
    if any(one.entries for one in changes):
        yield from ("", "## A single machine", "", said["Single"])
        left = [one for one in changes if any(unsaid(one, entry) for entry in one.entries)]
        if left:
            yield from ("", "`lgpo.txt` leaves out, and says so there:", "", *(f"- `{one.setting.id}`" for one in left))


def _commands(who: Identity) -> Iterator[str]:
    name = literal(who.name)
    yield "Import-Module GroupPolicy"
    yield f"Import-GPO -BackupId '{who.backup_id}' -Path \"$PWD\\backup\" -TargetName {name} -CreateIfNeeded -WhatIf"
    yield f"Import-GPO -BackupId '{who.backup_id}' -Path \"$PWD\\backup\" -TargetName {name} -CreateIfNeeded"
    yield f'Get-GPOReport -Name {name} -ReportType Html -Path "$env:TEMP\\report.html"'
    yield f"New-GPLink -Name {name} -Target 'OU=Pilot,DC=example,DC=com'"


def _settings(changes: Sequence[Change]) -> Iterator[str]:
    yield "| Setting | For | Stands in | Must | The object |"
    yield "|---|---|---|---|---|"
    for one in changes:
        whom = "users" if one.side is Side.USER else "computers"
        what = markdown(written(one.setting))
        if any(entry.action is Action.SET_IF_ABSENT for entry in one.entries):
            what += ", where no such value is"
        elif not is_exact(one.setting):
            what += ", whatever is there"
        yield f"| `{one.setting.id}` | {whom} | `{one.way}` | {markdown(must(one.setting))} | {what} |"
    if not all(is_exact(one.setting) for one in changes):
        yield from ("", _phrases()["Conditions"])


def _unsaid(collection: Collection) -> Iterator[str]:
    left = [f"| `{one.id}` | {markdown(one.reason)} |" for one in refusals(collection)]
    left += [f"| `{one.id}` | {_phrases()['Observed']} |" for one in collection.settings if one.observed]
    if left:
        yield from ("", "## What it doesn't say", "", "| Setting or package | Why |", "|---|---|", *left)


def _staying(changes: Sequence[Change]) -> Iterator[str]:
    staying = [one for one in changes if one.stays]
    said = _phrases()
    if len(staying) < len(changes):
        yield said["Cleaned"]
    if len(staying) < len(changes) and staying:
        yield ""
    if staying:
        yield from (said["Tattooed"], "")
        for one in staying:
            places = ", ".join(code(shown(one.hive, entry)) for entry in one.entries) or code(str(one.setting.subject.place))
            yield f"- `{one.setting.id}`: {places}"


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, str]:
    parts = (Path(__file__).parent / "phrases.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
