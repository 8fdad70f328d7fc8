"""README.md of a collection's folder for machines without management."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from policyc.model import Collection, ExecutionPolicy, Project, ScriptPackage, Setting, Signing
from policyc.targets.text import code, markdown


def runbook(project: Project, collection: Collection, settings: Sequence[Setting]) -> bytes:
    """The page as UTF-8 Markdown."""
    return ("\n".join(_lines(project, collection, settings)) + "\n").encode("utf-8", "backslashreplace")


def _lines(project: Project, collection: Collection, settings: Sequence[Setting]) -> Iterator[str]:
    said = _phrases()
    yield f"# {markdown(collection.name)}: a machine without management"
    made = f"Made by policyc from {code(collection.origin.file)} ({markdown(project.name)})"
    yield from ("", f"{made}. Change that, not this folder.", "", said["Files"])
    yield from ("", "## Steps", "", *_steps(project))
    for package in collection.packages:
        yield from ("", f"## The vendor's script: {package.id}", "", *_vendor(package, _bypass(project)))
    yield from ("", "## Exit codes", "", said["Exit codes"])
    yield from ("", "## The way back", "", said["Rollback"].replace("COMMAND", _bypass(project)))
    yield from ("", "## Settings", "", *_settings(settings))


def _steps(project: Project) -> Iterator[str]:
    said, bypass = _phrases(), _bypass(project)
    yield from said["Steps"].replace("COMMAND", bypass).splitlines()
    yield from ("", said["Not signed" if bypass else "Signed"])


def _bypass(project: Project) -> str:
    """What PowerShell is told of scripts that nobody signs."""
    signed = project.signing is Signing.REQUIRED or project.execution_policy is ExecutionPolicy.ALL_SIGNED
    return "" if signed else " -ExecutionPolicy Bypass"


def _vendor(package: ScriptPackage, bypass: str) -> Iterator[str]:
    said = _phrases()
    by_hand = package.local_script.replace("YYYY-MM-DD", f"{package.valid_until or 'YYYY-MM-DD'}")
    yield from (said["Vendor"], "", "```powershell")
    yield f"powershell.exe -NoProfile{bypass} -File policy.ps1 -Mode Apply -VendorScript .\\{by_hand}"
    yield from ("```", "")
    names = " or ".join(code(name) for name in dict.fromkeys((by_hand, package.script)))
    yield f"It runs a file that is called {names}, and no other."
    if package.sha256 is not None:
        checked = (
            "It" if by_hand == package.script else f"The policy says the SHA-256 of {code(package.script)} alone: that one"
        )
        yield f"{checked} has to have the SHA-256 {code(package.sha256)}."
    if package.valid_until is not None:
        yield f"Devices take it until {package.valid_until} (UTC)."
    yield from ("", "| The script ends with | Means |", "|---|---|")
    yield from (f"| {one.code} | {markdown(one.meaning)} |" for one in package.exit_codes if one.code != 0)


def _settings(settings: Sequence[Setting]) -> Iterator[str]:
    for setting in settings:
        reported = "" if setting.remediated else " (only reported: `Apply` leaves it)"
        yield f"- `{setting.id}`: {markdown(setting.title)}{reported}"
    if not settings:
        yield "None. `Restore` still takes back what the collection changed before."


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, str]:
    parts = (Path(__file__).parent / "phrases.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
