"""README.md of a collection's folder for Group Policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from policyc.model import Action, Collection, Project, ScriptPackage
from policyc.powershell import literal
from policyc.targets.group_policy.backup import Identity
from policyc.targets.group_policy.change import Change, Side, Way
from policyc.targets.group_policy.checks import refusals
from policyc.targets.group_policy.extensions import Extension
from policyc.targets.group_policy.lgpo import unsaid
from policyc.targets.group_policy.registry import shown
from policyc.targets.group_policy.words import asks, does, is_exact
from policyc.targets.text import block, code, markdown

Started = Sequence[tuple[ScriptPackage, str]]


def runbook(project: Project, collection: Collection, changes: Sequence[Change], started: Started, who: Identity) -> bytes:
    """The page as UTF-8 Markdown; `started` are packages with what a task starts."""
    lines = [
        *_steps(project, collection, changes, started, who),
        *_contents(collection, changes),
        *_afterwards(collection, changes, who),
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _steps(
    project: Project, collection: Collection, changes: Sequence[Change], started: Started, who: Identity
) -> Iterator[str]:
    said = _phrases()
    yield f"# {markdown(collection.name)}: Group Policy"
    made = f"Made by policyc from {code(collection.origin.file)} ({markdown(project.name)})"
    yield from ("", f"{made}. Change that, not this folder.", "", said["Files"])
    for package, path in started:
        yield from ("", f"## {'Onboarding' if package.action is Action.ONBOARD else 'Offboarding'}", "")
        yield f"An immediate task starts {code(path)} on every device that the object applies to. {said['Share']}"
        yield from ("", said["Onboard" if package.action is Action.ONBOARD else "Offboard"])
        if package.valid_until is not None:
            yield from ("", f"The script is refused after {package.valid_until.isoformat()}: take the object away before.")
    yield from ("", "## Import", "", said["Import"], "", *block(_commands(who)), "", said["Link"])
    if any(one.side is Side.USER for one in changes):
        yield from ("", said["Users"])


def _contents(collection: Collection, changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield from ("", "## Settings", "", *_settings(changes))
    yield from _unsaid(collection)


def _afterwards(collection: Collection, changes: Sequence[Change], who: Identity) -> Iterator[str]:
    said = _phrases()
    yield from ("", "## When it is unlinked", "", *_staying(changes))
    if collection.packages:
        yield from ("", said["Sensor"])
    yield from ("", "## The way back", "", said["Back"])
    if len(collection.targets) > 1:
        yield from ("", "## Beside other targets", "", said["Beside"])
    yield from _single(changes, who)


def _single(changes: Sequence[Change], who: Identity) -> Iterator[str]:
    below = f"backup\\{who.folder}\\DomainSysvol\\GPO\\Machine"
    commands = {
        "LGPO.exe /t lgpo.txt": any(one.entries for one in changes),
        f'LGPO.exe /s "{below}\\{Extension.SECURITY.file}"': any(one.way is Way.TEMPLATE for one in changes),
        f'LGPO.exe /a "{below}\\{Extension.AUDIT.file}"': any(one.way is Way.AUDIT for one in changes),
    }
    said = _phrases()
    if any(commands.values()):
        yield from ("", "## A single machine", "", said["Single"], "")
        yield from block(command for command, is_one in commands.items() if is_one)
    if any(one.entries for one in changes):
        yield from ("", said["Text"])
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
        yield f"| `{one.setting.id}` | {whom} | `{one.way}` | {markdown(asks(one))} | {markdown(does(one))} |"
    if not all(is_exact(one.setting) for one in changes):
        yield from ("", _phrases()["Conditions"])
    for way, words in ((Way.TEMPLATE, "Security"), (Way.AUDIT, "Audit")):
        if any(one.way is way for one in changes):
            yield from ("", _phrases()[words])


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
            places = ", ".join(code(shown(one.hive, entry)) for entry in one.entries) or markdown(
                str(one.setting.subject.place)
            )
            yield f"- `{one.setting.id}`: {places}"


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, str]:
    parts = (Path(__file__).parent / "phrases.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
