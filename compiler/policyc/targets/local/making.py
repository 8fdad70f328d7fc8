"""What a collection gets for machines without management, in files."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.artifacts import Build
from policyc.model import Collection, Project
from policyc.powershell.scripts import Script, collection_script, entry
from policyc.targets.local.checks import has_own_script
from policyc.targets.local.runbook import runbook

FOLDER = "local"
SCRIPT = f"{FOLDER}/policy.ps1"


def collection_files(project: Project, collection: Collection, build: Build) -> Iterator[tuple[str, bytes]]:
    """(Path below the collection's folder, content) of all its files. A script without settings still takes changes back."""
    taken = [setting for setting in collection.settings if not has_own_script(setting)]
    script = collection_script(Script.LOCAL, collection, [entry(setting) for setting in taken])
    yield SCRIPT, build.sealed(f"{collection.slug}/{SCRIPT}", script)
    yield f"{FOLDER}/README.md", runbook(project, collection, taken)
