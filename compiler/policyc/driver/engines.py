"""Which revisions of a plan rise for another release's functions alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path

from policyc.model import Project
from policyc.model.records import dataclass
from policyc.plan import Commit, Repository
from policyc.plan.deployed import DEPLOYMENT
from policyc.plan.engine import Outline, is_engine_only, is_script, item, item_folder, item_of, outline
from policyc.plan.model import Rise

Reader = Callable[[Container[str]], Iterable[tuple[str, bytes]]]
"""Gives path and content of the files of an output that a container of paths has."""


@dataclass(slots=True)
class Files:
    """What is looked at of an output's files."""

    deployments: dict[str, bytes] = field(default_factory=dict)
    """By path, as the scripts are by folder of their item and path in it."""
    scripts: dict[str, dict[str, Outline]] = field(default_factory=dict)

    def add(self, path: str, content: bytes) -> None:
        """Take what is needed of a file."""
        if path.endswith(f"/{DEPLOYMENT}"):
            self.deployments[path] = content
        elif is_script(path):
            folder = "/".join(path.split("/", 3)[:3])
            self.scripts.setdefault(folder, {})[path[len(folder) + 1 :]] = outline(content)


class _Wanted:
    """The paths of the scripts and deployments of some items."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = frozenset(folders)
        self._deployments = frozenset(f"{folder.partition('/')[0]}/{DEPLOYMENT}" for folder in self._folders)

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str):
            return False
        return path in self._deployments or (is_script(path) and path.rsplit("/", 2)[0] in self._folders)


def in_folder(output: Path) -> Reader:
    """The files of an output folder."""

    def read(wanted: Container[str]) -> Iterator[tuple[str, bytes]]:
        for file in sorted(output.glob("*/*")) + sorted(output.glob("*/compliance/*/*/*.ps1")):
            path = file.relative_to(output).as_posix()
            if path in wanted and file.is_file() and not file.is_symlink():
                yield path, file.read_bytes()

    return read


def in_commit(repository: Repository, commit: Commit, folder: str) -> Reader:
    """The files of an output folder of a commit."""
    return lambda wanted: repository.below(commit, folder, wanted)


def with_engines(rises: list[Rise], base: Project, read: Reader, head: Project, made: Files) -> list[Rise]:
    """The rises, those marked for which a release's functions are the only reason. `made` is what the head would write."""
    old = {collection.identity: collection.slug for collection in base.collections}
    new = {collection.identity: collection.slug for collection in head.collections}
    items = {
        rise.object: found
        for rise in rises
        if rise.before is not None and (found := item_of(rise.object)) is not None and found[0] in old.keys() & new.keys()
    }
    if not items:
        return rises
    there = Files()
    for path, content in read(_Wanted(item_folder(old[identity], key) for identity, key in items.values())):
        there.add(path, content)
    return [
        replace(rise, engine_only=_is_engine(items[rise.object], (old, there), (new, made))) if rise.object in items else rise
        for rise in rises
    ]


def _is_engine(named: tuple[str, str], before: tuple[Mapping[str, str], Files], after: tuple[Mapping[str, str], Files]) -> bool:
    identity, key = named
    sides = []
    for slugs, files in (before, after):
        slug = slugs[identity]
        deployment = _parsed(files.deployments.get(f"{slug}/{DEPLOYMENT}", b""))
        sides.append(item(deployment, key, files.scripts.get(item_folder(slug, key), {})))
    return is_engine_only(*sides)


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        # What can't be read there is told where it matters; here it only tells nothing.
        return None
