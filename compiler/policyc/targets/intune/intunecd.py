"""The Remediations of a collection in the folders that IntuneCD updates a tenant from.

How it reads them, which its documentation doesn't say: the script files of a package are those of the folder whose names
hold what stands behind `__` in the name of its JSON, without which every package would get the last of them; and where one
of the two is missing, it sends neither, so a package that only detects gets a script that does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyc.artifacts import Build
from policyc.model import Collection, Project
from policyc.targets.identity import object_id
from policyc.targets.intune.bodies import Tree
from policyc.targets.intune.remediations import DETECT, REMEDIATE, Remediation
from policyc.targets.layout import layout

_FOLDER = "intunecd/Proactive Remediations"
_WORDS = {DETECT: "detectionScript", REMEDIATE: "remediationScript"}
_NOTHING = b"# The package only reports: nothing is changed.\nexit 0\n"
_COUNTED = ("version",)
"""What IntuneCD leaves out of what it compares."""


def intunecd_files(
    project: Project, collection: Collection, one: Remediation, body: Tree, scripts: Mapping[str, bytes], build: Build
) -> Iterator[tuple[str, bytes]]:
    """(Path below `intune/`, content) of a package; `scripts` are its files as they are distributed, by name.

    Assignments aren't written: IntuneCD knows groups by their names, and policies by their ids.
    """
    own = object_id(project.id, collection.identity, f"intune/{one.key}")
    yield f"{_FOLDER}/{one.key}__{own}.json", layout({name: said for name, said in body.items() if name not in _COUNTED})
    for name, word in _WORDS.items():
        path = f"{_FOLDER}/Script Data/{one.key}_{word}__{own}.ps1"
        yield path, scripts[name] if name in scripts else build.sealed(f"{collection.slug}/intune/{path}", _NOTHING)
