"""Whether git tracks a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_SECONDS = 5
_FILES_A_CALL = 200


def tracked(files: Iterable[Path]) -> set[Path]:
    """Those of the files that git tracks. Empty where there is no git, no work tree, or no answer in time."""
    by_tree: dict[Path, list[Path]] = {}
    trees: dict[Path, Path | None] = {}
    for file in files:
        folder = file.parent
        if folder not in trees:
            trees[folder] = next((parent for parent in (folder, *folder.parents) if _is_tree(parent)), None)
        tree = trees[folder]
        if tree is not None:
            by_tree.setdefault(tree, []).append(file)
    found: set[Path] = set()
    for tree, inside in by_tree.items():
        for start in range(0, len(inside), _FILES_A_CALL):
            found |= _ask(tree, inside[start : start + _FILES_A_CALL])
    return found


def _is_tree(folder: Path) -> bool:
    return os.path.lexists(folder / ".git")  # never raises, where Path.exists() does for a folder that may not be read


def _ask(tree: Path, files: list[Path]) -> set[Path]:
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is None or not Path(git).is_absolute():
        return set()  # Windows looks in the current folder first, which may hold anything
    names = {file.relative_to(tree).as_posix(): file for file in files}
    try:
        answer = subprocess.run(  # noqa: S603 - no shell, and every path stands behind `--`
            [git, "--literal-pathspecs", "-c", "core.fsmonitor=false", "ls-files", "-z", "--", *names],
            cwd=tree,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return set()
    listed = answer.stdout.decode("utf-8", errors="replace").split("\0")
    return {names[name] for name in listed if name in names}
