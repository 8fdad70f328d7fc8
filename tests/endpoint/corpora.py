"""Policies that others publish, imported: counted, compiled, and brought to settings that an endpoint can be given.

The files are named by POLICYC_CORPORA and are no part of the project: nothing but counts of them is written down.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from policyc.importers.policy_file import write_policy
from policyc.importers.registry import importer
from policyc.lowering import lower
from policyc.model import Registry, Setting, of_registry
from policyc.source import load_project
from registry_settings import altered

BELOW = r"SOFTWARE\policyc-test\corpora"
"""Where the settings' keys are moved to: no test hardens the machine that it runs on."""
_FORMATS = {".csv": "hardeningkitty", ".pol": "pol", ".inf": "inf"}


def corpora() -> Path | None:
    """The folder of the corpora; None where none is named."""
    named = os.environ.get("POLICYC_CORPORA", "").strip()
    return Path(named) if named else None


def files_of(folder: Path) -> list[Path]:
    """The lists and policies in it, in a stable order."""
    found = (file for file in folder.rglob("*") if file.suffix in _FORMATS)
    return sorted(found, key=lambda file: (_called(file), file))


def _called(file: Path) -> str:
    """Its name; of a file in a backup of a Group Policy object, whose names are all the same, with the backup's."""
    backup = next((folder.parent.name for folder in file.parents if folder.name.startswith("{")), None)
    return file.name if backup is None else f"{backup}/{file.name}"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file, imported."""

    name: str
    texts: tuple[str, ...]
    """Of the policy files."""
    baselines: tuple[str, ...]
    entries: int
    settings: int
    refused: Counter[str]
    """By the first words of the reason."""
    contradicted: int
    same: int
    overwritten: int


def import_file(file: Path) -> Corpus:
    """What `policyc import` makes of a file."""
    kind = "audit" if file.name == "audit.csv" else _FORMATS[file.suffix]
    options = {"hive": "HKCU" if "user" in file.name else "HKLM"} if kind == "pol" else {}
    written = write_policy(importer(kind).read(file.read_bytes(), file.name, **options), name="Corpus")
    return Corpus(
        _called(file),
        tuple(one.text for one in written.files),
        tuple(one.name for one in written.files),
        written.entries,
        written.settings,
        Counter(re.split("[:,;]", one.reason)[0] for one in written.refused),
        written.contradicted,
        written.same + written.joined,
        len(written.overwritten),
    )


def compiled(corpus: Corpus, folder: Path) -> tuple[Setting, ...]:
    """Compile the policies in a collection, as a user does, and give the settings that the collection then has."""
    policies = folder / "policies"
    policies.mkdir(parents=True)
    listed = "\n".join(f"  - {name}" for name in corpus.baselines)
    texts = {
        "project.yaml": "project:\n  name: Corpora\n  id: 82f5f7cc-a6fa-5643-bfb1-e815e4108607\n",
        "own.yaml": f"collection:\n  name: Own\nbaselines:\n{listed}\n",
    }
    texts |= {f"imported-{number}.yaml": text for number, text in enumerate(corpus.texts)}
    for name, text in texts.items():
        policies.joinpath(name).write_text(text, encoding="utf-8", newline="\n")
    command = [sys.executable, "-m", "policyc", "compile", "--policies", str(policies), "--output", str(folder / "output")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "output" / "own" / "scripts" / "detect.ps1").is_file()
    project, _ = lower(load_project(policies))
    assert project is not None
    return project.collections[0].settings


def moved(settings: Sequence[Setting]) -> tuple[Setting, ...]:
    """Those of the registry, at places below the test key: what other kinds mean lies where no test may write."""
    found = [(one, of_registry(one)) for one in settings if isinstance(one.subject, Registry)]
    return tuple(altered(one, place=replace(said.place, key=rf"{BELOW}\{said.place.key}")) for one, said in found)


def tables(found: Sequence[Corpus]) -> str:
    """The counts, as `docs/corpora.md` has them."""
    head = (
        "| file | entries | settings | not expressed | in contradiction | overwritten | said before |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    rows = "".join(
        f"| `{one.name}` | {one.entries} | {one.settings} | {one.refused.total()} | {one.contradicted} | {one.overwritten} "
        f"| {one.same} |\n"
        for one in found
    )
    reasons = sum((one.refused for one in found), Counter[str]())
    listed = "".join(
        f"| {reason} | {count} |\n" for reason, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    )
    return f"{head}{rows}\n| how the reason begins, of what is not expressed | entries |\n|---|---|\n{listed}"
