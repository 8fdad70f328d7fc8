"""README.md of a collection's folder for Intune."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from policyc.model import Collection, Hive, Interval, Project, Registry, Signing
from policyc.targets.intune.remediations import Remediation
from policyc.targets.tenant import remediates
from policyc.targets.text import code, markdown


def runbook(project: Project, collection: Collection, packages: Sequence[Remediation], *, has_compliance: bool) -> bytes:
    """The page as UTF-8 Markdown."""
    lines = _lines(project, collection, packages, has_compliance=has_compliance)
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _lines(project: Project, collection: Collection, packages: Sequence[Remediation], *, has_compliance: bool) -> Iterator[str]:
    said = _phrases()
    yield f"# {markdown(collection.name)}: Intune"
    made = f"Made by policyc from {code(collection.origin.file)} ({markdown(project.name)})"
    yield from ("", f"{made}. Change that, not this folder.")
    yield from ("", said["Files"], "", "## Packages", "")
    for one in packages:
        yield from _package(collection, one)
    yield from ("", "## Assignments", "", *_assignments(collection))
    command = f".\\deploy-intune.ps1 -Collection {collection.slug}"
    yield from ("", "## Deploy", "", said["Deploy"], "", "```powershell", f"{command} -WhatIf", command, "```")
    yield from ("", "## Upload by hand", "", said["Upload"])
    if project.signing is Signing.REQUIRED:
        yield from ("", said["Signed"])
    if collection.intune is not None and collection.intune.layout is not None:
        yield from ("", "## IntuneCD", "", said["IntuneCD"])
    yield from ("", "## Results", "", said["Results"])
    if any(isinstance(one.subject, Registry) and one.subject.place.hive is Hive.USER for one in collection.settings):
        yield from ("", "## Settings of users", "", said["Users"])
    yield from ("", "## Rollback", "", said["Rollback"])
    if has_compliance:
        yield from ("", "## Custom compliance", "", said["Compliance"])


def _package(collection: Collection, one: Remediation) -> Iterator[str]:
    what = "detects and remediates" if one.changes else "only detects"
    if one.by_hand:
        yield f"- `{one.key}`: takes back what this collection changed; assigned by a person, see below"
        return
    if one.changes and not remediates(collection):
        what = "detects; its assignments run no remediation yet"
    number = len(one.settings)
    yield f"- `{one.key}`: {what}, {number} setting{'' if number == 1 else 's'}"
    yield from (f"  - `{setting.id}`: {markdown(setting.title)}" for setting in one.settings)


def _assignments(collection: Collection) -> Iterator[str]:
    of = collection.intune
    if of is None or not (of.groups or of.all_devices):
        yield "The policy names no groups (`intune: groups:`): whoever administers Intune assigns the packages."
        return
    if of.all_devices:
        yield "- All devices"
    yield from (f"- Group `{group}`" for group in of.groups)
    yield from (f"- Not group `{group}`" for group in of.excluded_groups)
    unit = "hour" if of.every.interval is Interval.HOURS else "day"
    when = f"every {of.every.count} {unit}s" if of.every.count != 1 else f"every {unit}"
    at = "" if unit == "hour" else f" at {of.at} {'UTC' if of.utc else 'of the device'}"
    yield f"- They run {when}{at}"
    if not remediates(collection):
        yield "- Detection only: nothing is changed"


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, str]:
    parts = (Path(__file__).parent / "phrases.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
