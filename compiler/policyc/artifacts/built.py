"""What stands in an output folder and isn't kept by git: which files were built here, and what git is told of them.

The manifest lists what is built too, but it travels with git while the files stay where they are: after a change of branch
they are those of another state, at paths that the manifest may not list. `.built.json` knows them again. It only says what
policyc itself may write over and remove, so that one that is lost, or broken, costs a question and no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from policyc.artifacts.artifact import Artifact
from policyc.artifacts.disk import Tree
from policyc.artifacts.failures import Obstacle
from policyc.artifacts.paths import BUILT, COLLECTIONS, MANIFEST, REVISIONS, WORK_FOLDER, problem

PATTERNS = ("*.cab",)
"""What git is told to leave alone: every file that is built has a name like these."""
_UNREAD = ("deploy.ps1", "monitor.ps1", MANIFEST, REVISIONS, COLLECTIONS)
"""Files that nobody reviews: the same in every output, or what a run remembers for the next one."""
_LARGEST = 64 * 1024 * 1024


def load(tree: Tree) -> dict[str, str]:
    """SHA-256 of each file that was built here, by path; nothing where that isn't known."""
    try:
        content = tree.read(BUILT)
        known = json.loads(content) if content is not None and len(content) <= _LARGEST else {}
    except (Obstacle, OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {path: digest for path, digest in known.items() if isinstance(digest, str) and not problem(path)}


def dump(known: Mapping[str, str]) -> bytes:
    """The record's text, sorted, a file a line."""
    return f"{json.dumps(dict(sorted(known.items())), indent=0)}\n".encode("ascii")


def git_files(source: str, *, signed: bool) -> Iterator[Artifact]:
    """`.gitignore` and `.gitattributes` of an output. A signed one holds its cabinets, which nobody can build again."""
    ignored = (f"{WORK_FOLDER}/",) if signed else (*PATTERNS, BUILT, f"{WORK_FOLDER}/")
    ignore = "# Made by policyc, until you change it: what policyc compile builds in each clone, and what it works with.\n"
    attributes = (
        "# Made by policyc, until you change it: files are compared byte for byte, and nobody reviews generated ones.\n"
        "* -text\n"
    )
    yield _offered(".gitignore", ignore + "".join(f"{line}\n" for line in ignored), source)
    yield _offered(
        ".gitattributes",
        attributes + "".join(f"/{name} linguist-generated=true gitlab-generated\n" for name in _UNREAD),
        source,
    )


def _offered(path: str, text: str, source: str) -> Artifact:
    return Artifact(path, text.encode("ascii"), source, "policyc", offered=True)
