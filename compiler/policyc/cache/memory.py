"""What is remembered of an output folder: from which policies it was made, and what every file of it held."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from policyc.artifacts.disk import Tree
from policyc.artifacts.failures import Obstacle
from policyc.artifacts.manifest import Entry
from policyc.artifacts.paths import (
    COLLECTIONS,
    MANIFEST,
    PROJECT_FOLDER,
    REVISIONS,
    WORK_FOLDER,
    collection_of,
    is_of_project,
)
from policyc.artifacts.revisions import Ledger, Revision
from policyc.artifacts.sightings import Sightings
from policyc.artifacts.staging import Looked
from policyc.cache.documents import Documents
from policyc.cache.findings import from_plain, to_plain
from policyc.cache.store import Store
from policyc.diagnostics import Diagnostic
from policyc.kinds import naming_files
from policyc.model import Collection, Project, Setting
from policyc.model.records import dataclass
from policyc.source.beside import files_beside
from policyc.source.files import find_files
from policyc.source.folders import contents
from policyc.source.reading import read_bytes

_NAME = "run.json"
_NO_TARGETS = (MANIFEST, REVISIONS, COLLECTIONS, ".gitignore", ".gitattributes")
"""Files of the output folder itself that no target makes."""
_SHA256 = 0
_SEEN = 4
"""Where a file's sighting begins, behind its hash, source, target and whether it is built."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the last run said, and what this one would."""

    diagnostics: tuple[Diagnostic, ...]
    depends_on_the_day: str
    files: int
    """In the output, each as it should be, without the manifest."""


class Memory:
    """What is known when a run begins, and what it leaves for the next one."""

    def __init__(self, store: Store, policies: Path, output: Path) -> None:
        self._store = store
        self._policies = policies
        self._tree = Tree(output)
        self._run: dict[str, Any] = store.read(_NAME) or {}
        self._files: dict[str, list[Any]] = self._run.get("files", {})
        self.sightings = Sightings(
            {path: (known[_SHA256], *known[_SEEN:]) for path, known in self._files.items() if len(known) > _SEEN}
        )
        self._paths: dict[str, list[str]] | None = None
        self._bases: dict[str, str] = {}
        self._shared: dict[int, tuple[Setting, str]] = {}
        self._project: tuple[Project, str] | None = None
        self._first: tuple[str, str | None] | None = None
        self.documents: Documents | None = None

    def unchanged(self, day: str) -> Known | None:
        """What a run would say that has nothing to write; None where it has, or where that isn't known."""
        before = self._inputs(day, self._run.get("templates", ()))
        self._first = day, before
        if before is None or self._run.get("inputs") != before or not self._is_there():
            return None
        if any(len(known) == _SEEN and path in self.sightings for path, known in self._files.items()):
            files = ((path, [*known[:_SEEN], *self.sightings.seen(path)]) for path, known in self._files.items())
            self._store.write(_NAME, {**self._run, "files": files})
        findings = tuple(map(from_plain, self._run["diagnostics"]))
        return Known(findings, self._run["depends_on_the_day"], len(self._files) - 1)

    def open_documents(self) -> Documents:
        """The policy files of the last run. They are read when they are asked for."""
        self.documents = Documents(self._store)
        return self.documents

    def kept(self, project: Project, collection: Collection, revisions: Mapping[str, Revision]) -> list[Looked] | None:
        """The files of a collection, where they were made from the same before and stand on the disk as they were.

        `project` is without its collections, `revisions` are those that the ledger knows of this collection.
        """
        if not self.is_same(project, collection, revisions):
            return None
        return self._held(self._by_slug().get(collection.slug, []))

    def is_same(self, project: Project, collection: Collection, revisions: Mapping[str, Revision]) -> bool:
        """Whether the files of a collection were made from the same before, whatever stands on the disk."""
        key = _key(self._base(project, collection), revisions)
        same: bool = self._run.get("collections", {}).get(collection.slug) == key
        return same

    def kept_project(self, project: Project, revisions: Mapping[str, Revision]) -> list[Looked] | None:
        """The same for the files that are no collection's, but the manifest and the revisions."""
        if self._run.get("project") != _key(_digest(repr(project)), revisions):
            return None
        mine = (path for path in self._files if is_of_project(path))
        return self._held([path for path in mine if path not in _NO_TARGETS])

    @property
    def knows_collections(self) -> bool:
        """Whether `collections.json` is as the last run left it."""
        known = self._files.get(COLLECTIONS)
        return known is not None and self.sightings.holds(self._tree, COLLECTIONS, known[_SHA256])

    def _held(self, paths: list[str]) -> list[Looked] | None:
        if not all(self.sightings.holds(self._tree, path, self._files[path][_SHA256]) for path in paths):
            return None
        return [self._looked(path) for path in paths]

    def remember(
        self,
        project: Project,
        collections: Iterable[Collection],
        ledger: Ledger,
        entries: Mapping[str, Entry],
        theirs: Iterable[str],
        said: tuple[str, tuple[Diagnostic, ...], str] | None,
    ) -> None:
        """Keep what this run has written, or found as it should be.

        `collections` are those that this run was about, `entries` is the manifest, `theirs` what was offered and a user has
        otherwise. `said` is the day, the findings and what of them depends on the day, where another run over the same files
        would say the same; None where it might not.
        """
        after = Ledger(ledger.given)
        keys = self._still_true(entries)
        keys |= {one.slug: _key(self._base(project, one), after.known_of(one.identity)) for one in collections}
        manifest = self._tree.digest(MANIFEST)
        if manifest is None:
            return
        files = ((path, [*_told(entry), *self.sightings.seen(path)]) for path, entry in entries.items())
        run: dict[str, Any] = {
            "files": chain(files, [(MANIFEST, [manifest, "", "", False])]),
            "collections": keys,
            "project": _key(_digest(repr(project)), after.known_of(PROJECT_FOLDER)),
            "theirs": list(theirs),
            "templates": list(project.definitions),
        }
        if said is not None and self._first == (said[0], self._inputs(said[0], project.definitions)):
            _, diagnostics, depends_on_the_day = said
            run |= {
                "inputs": self._first[1],
                "diagnostics": list(map(to_plain, diagnostics)),
                "depends_on_the_day": depends_on_the_day,
            }
        self._store.write(_NAME, run)
        if self.documents is not None:
            self.documents.save()

    def _inputs(self, day: str, templates: Iterable[str]) -> str | None:
        """A hash of everything that a run reads; None where a file can't be read.

        `templates` are folders. Where a run reads others than the one before, as its project names others, the next one knows.
        """
        found = find_files(self._policies)
        digest = sha256(f"{day}\0{self._policies.absolute()}\0{found.findings!r}\0".encode("utf-8", "surrogatepass"))
        for part in contents(self._policies, templates) if templates else ():
            digest.update(part)
        for file in (*found.files, *files_beside(self._policies)):
            content = read_bytes(self._policies, file)
            if isinstance(content, Diagnostic):
                return None
            digest.update(f"{file}\0{len(content)}\0".encode("utf-8", "surrogatepass"))
            digest.update(content)
        return digest.hexdigest()

    def _is_there(self) -> bool:
        try:
            # A run that was killed, or is writing now, has its folder there.
            if MANIFEST not in self._files or self._tree.folder(WORK_FOLDER, make=False):
                return False
            # Where one has gone, there is one to offer again.
            if not all(os.path.lexists(self._tree.absolute(path)) for path in self._run.get("theirs", ())):
                return False
        except (Obstacle, OSError):
            return False
        return all(self.sightings.holds(self._tree, path, known[_SHA256]) for path, known in self._files.items())

    def _still_true(self, entries: Mapping[str, Entry]) -> dict[str, str]:
        """The keys of the collections of which the manifest says what it said when they were made.

        A run without memory may have made them anew, or somebody have edited the manifest.
        """
        before: dict[str, str] = self._run.get("collections", {})
        if not before:
            return {}
        said: dict[str, dict[str, Sequence[Any]]] = {}
        for path, entry in entries.items():
            said.setdefault(collection_of(path), {})[path] = _told(entry)
        known = self._by_slug()
        return {
            slug: key
            for slug, key in before.items()
            if said.get(slug) == {path: self._files[path][:_SEEN] for path in known.get(slug, ())}
        }

    def _looked(self, path: str) -> Looked:
        digest, source, target, built, *_ = self._files[path]
        return Looked(path, digest, source, target, same=True, built=built)

    def _base(self, project: Project, collection: Collection) -> str:
        """A hash of what the policies say of a collection. Every part of the model has a text that says all of it.

        That of settings that stand in its own file, and take nothing from another, needn't be made: the file's text says them.
        """
        if collection.slug not in self._bases:
            own = self.documents.digest(collection.origin.file) if self.documents is not None else None
            head = replace(collection, settings=(), exempted=())
            settings = [self._told_of(one, own) for one in (*collection.settings, *collection.exempted)]
            counted = len(collection.settings)
            self._bases[collection.slug] = _digest(f"{self._text_of(project)}\0{head!r}\0{own}\0{counted}\0{settings!r}")
        return self._bases[collection.slug]

    def _text_of(self, project: Project) -> str:
        """All that a project says of itself; a run has one, and asks for each collection."""
        if self._project is None or self._project[0] is not project:
            # Another of the same content has the same text.
            same = self._project is not None and self._project[0] == project
            self._project = project, self._project[1] if self._project and same else repr(project)
        return self._project[1]

    def _told_of(self, setting: Setting, own: str | None) -> str:
        """What tells the setting from others; a shared one is asked once."""
        if setting.layer is None:
            alone = own is not None and setting.from_vocabulary is None and not setting.variables and setting.part_of is None
            # A file beside the policy changes by itself.
            alone = alone and naming_files(setting.subject.word) is None
            return setting.id if alone else repr(setting)
        known = self._shared.get(id(setting))
        if known is None or known[0] is not setting:
            known = self._shared[id(setting)] = setting, _digest(repr(setting))
        return known[1]

    def _by_slug(self) -> dict[str, list[str]]:
        if self._paths is None:
            self._paths = {}
            for path in self._files:
                self._paths.setdefault(collection_of(path), []).append(path)
        return self._paths


def _told(entry: Entry) -> list[Any]:
    """What the manifest says of a file."""
    return [entry.sha256, entry.source, entry.target, entry.built]


def _key(base: str, revisions: Mapping[str, Revision]) -> str:
    """A hash of everything that a collection's files are made from."""
    known = sorted((key, repr(revision)) for key, revision in revisions.items() if not revision.removed)
    return _digest(f"{base}\0{known!r}")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
