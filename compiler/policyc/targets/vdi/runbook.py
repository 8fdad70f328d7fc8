"""README.md of a collection's folder for a golden image: the steps in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from policyc.model import Collection, Project, Setting
from policyc.targets.text import code, markdown
from policyc.vocabularies import Vocabulary


def runbook(
    project: Project, collection: Collection, vocabulary: Vocabulary, script: str, settings: Sequence[Setting]
) -> bytes:
    """The page as UTF-8 Markdown. `script` is the vendor's that onboards without asking."""
    lines = _lines(project, collection, vocabulary, script, settings)
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _lines(
    project: Project, collection: Collection, vocabulary: Vocabulary, script: str, settings: Sequence[Setting]
) -> Iterator[str]:
    image = vocabulary.image
    words = {"SCRIPT": code(script), "STARTER": code(image.starter), "SERVICE": image.service, "FOLDER": image.folder}
    said = {heading: _filled(text, words) for heading, text in _phrases().items()}
    yield f"# {markdown(collection.name)}: a golden image of non-persistent desktops"
    made = f"Made by policyc from {code(collection.origin.file)} ({markdown(project.name)})"
    yield from ("", f"{made}. Change that, not this folder.", "", said["Rule"])
    for number, step in enumerate(("Settings", "Test", "Clean", "Stage", "Start-up", "Check", "Try"), 1):
        yield from ("", f"## {number}. {said[step].partition(chr(10))[0]}", "", said[step].partition("\n")[2].strip())
        if step == "Settings":
            yield ""
            yield from _settings(settings)
        if step == "Clean":
            yield from ("", "```bat", *_cleaning(vocabulary), "```")
    yield from ("", "## The way back", "", said["Way back"])
    digest = next((package.sha256 for package in collection.packages if package.sha256 is not None), None)
    if digest is not None:
        yield from ("", f"The policy says the SHA-256 of {code(script)}: {code(digest)}.")
        yield "Compare it when you stage the file (`Get-FileHash`)."


def _filled(text: str, words: Mapping[str, str]) -> str:
    for word, meaning in words.items():
        text = text.replace(f"<{word}>", meaning)
    return text


def _settings(settings: Sequence[Setting]) -> Iterator[str]:
    for setting in settings:
        yield f"- `{setting.id}`: {markdown(setting.title)}{'' if setting.remediated else ' (only reported)'}"
    if not settings:
        yield "The collection has none: leave this step out."


def _cleaning(vocabulary: Vocabulary) -> Iterator[str]:
    """Commands for a prompt of SYSTEM: what the check looks for, but the onboarding itself, which only offboarding ends."""
    image = vocabulary.image
    yield f"sc.exe query {image.service}"
    yield f'del "%ProgramData%\\{image.folder}\\*.*" /f /s /q'
    policies = "\\Policies\\"
    for key, name in image.absent:
        if policies not in key:
            yield f'reg.exe delete "{key}"{"" if name is None else f" /v {name}"} /f /reg:64'


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, str]:
    parts = (Path(__file__).parent / "phrases.md").read_text(encoding="utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
