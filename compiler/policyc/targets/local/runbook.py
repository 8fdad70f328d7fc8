"""README.md of a collection's folder for machines without management."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from policyc.model import Collection, ExecutionPolicy, Project, Setting, Signing
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
    yield from ("", "## Exit codes", "", said["Exit codes"])
    yield from ("", "## The way back", "", said["Rollback"])
    yield from ("", "## Settings", "", *_settings(settings))


def _steps(project: Project) -> Iterator[str]:
    said = _phrases()
    signed = project.signing is Signing.REQUIRED or project.execution_policy is ExecutionPolicy.ALL_SIGNED
    yield from said["Steps"].replace("COMMAND", "" if signed else " -ExecutionPolicy Bypass").splitlines()
    yield from ("", said["Signed" if signed else "Not signed"])


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
