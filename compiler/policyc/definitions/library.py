"""The templates of a project, read when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from policyc.definitions.folders import STANDARD, Files, Listing, content, listing
from policyc.definitions.index import Index, folded, lines, make_index, place
from policyc.definitions.loading import load
from policyc.definitions.template import Fault, Policy, Scope, Template, from_plain, to_plain
from policyc.model.place import upper
from policyc.model.records import dataclass

INDEX = "definitions.json"
TEMPLATES = "templates.json"


class Shelf(Protocol):
    """Where what was read is remembered. It is the run's own, sealed, and can only save time."""

    def read(self, name: str) -> dict[str, Any] | None:
        """What was kept under this name."""

    def write(self, name: str, tree: dict[str, Any]) -> None:
        """Keep it."""


OpenShelf = Callable[[Path], "Shelf | None"]
"""The shelf for what is read below a folder."""


@dataclass(frozen=True, slots=True)
class Named:
    """A policy with the template that has it."""

    template: Template
    policy: Policy

    @property
    def id(self) -> str:
        """As a policy file names it."""
        return f"{self.template.stem}/{self.policy.name}"


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that no policy has."""

    names: tuple[str, ...] = ()
    """The ids of those that have it as their display name, where they are several."""
    near: str | None = None
    """The name that was probably meant."""
    fault: Fault | None = None
    """What is wrong with the policy of that name, or with its template."""
    file: str = ""
    """Where that stands."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A policy that writes a place, and the types in which it does."""

    policy: str
    types: tuple[str, ...]


class Library:
    """The templates of the folders that a project names."""

    def __init__(
        self, root: Path, folders: tuple[str, ...], language: str = STANDARD, open_shelf: OpenShelf = lambda _: None
    ) -> None:
        self._root = root
        self._folders = folders
        self._language = language
        self._open_shelf = open_shelf
        self._templates: dict[str, Template] = {}
        self._contents: dict[str, tuple[bytes | None, bytes | None]] = {}
        self._digests: dict[str, str] = {}
        self._used: dict[str, dict[str, str]] = {}

    # What is there

    @cached_property
    def listing(self) -> Listing:
        """The files."""
        return listing(self._root, self._folders, self._language)

    @cached_property
    def _files(self) -> dict[str, Files]:
        return {files.stem.lower(): files for files in self.listing.files}

    @cached_property
    def _shelf(self) -> Shelf | None:
        return self._open_shelf(self._root / self._folders[0]) if self._folders else None

    @cached_property
    def _remembered(self) -> dict[str, dict[str, Any]]:
        kept = self._shelf.read(TEMPLATES) if self._shelf is not None else None
        return {digest: policies for digest, policies in (kept or {}).items() if isinstance(policies, dict)}

    def _content(self, files: Files) -> tuple[bytes | None, bytes | None]:
        if files.stem not in self._contents:
            texts = content(self._root, files.texts) if files.texts else None
            self._contents[files.stem] = content(self._root, files.template), texts
        return self._contents[files.stem]

    def _digest(self, files: Files) -> str:
        if files.stem not in self._digests:
            self._digests[files.stem] = self._hash(files)
        return self._digests[files.stem]

    def _hash(self, files: Files) -> str:
        digest = sha256(f"{files.stem}\0{files.template}\0{files.texts}".encode("utf-8", "surrogatepass"))
        for data in self._content(files):
            digest.update(b"\0none" if data is None else f"\0{len(data)}\0".encode())
            digest.update(data or b"")
        return digest.hexdigest()

    # One template

    def template(self, stem: str) -> Template | None:
        """The template of that name as a whole, None where there is none."""
        files = self._files.get(stem.lower())
        if files is None:
            return None
        if files.stem not in self._templates:
            self._templates[files.stem] = load(files, *self._content(files))
        return self._templates[files.stem]

    def _policy(self, stem: str, name: str) -> Named | None:
        """A policy, with what is remembered of its template: that one alone."""
        files, folded_name = self._files.get(stem.lower()), name.lower()
        if files is None:
            return None
        digest = self._digest(files)
        text = self._remembered.get(digest, {}).get(folded_name)
        made = _template_of(text) if isinstance(text, str) else None
        if made is None:
            whole = self.template(stem)
            policy = None if whole is None else whole.policy(name)
            if whole is None or policy is None:
                return None
            made = Template(whole.stem, whole.file, whole.texts, (policy,))
            text = json.dumps(to_plain(made), separators=(",", ":"))
        self._used.setdefault(digest, {})[folded_name] = str(text)
        return Named(made, made.policies[0])

    # All of them

    @cached_property
    def index(self) -> Index:
        """The index of all templates."""
        digest = sha256("\0".join(map(self._digest, self.listing.files)).encode()).hexdigest()
        kept = self._shelf.read(INDEX) if self._shelf is not None else None
        if kept is not None and kept.get("of") == digest:
            made = _index_of(kept.get("index"))
            if made is not None:
                return made
        # Not kept as templates: most of them are never asked for again.
        made = make_index(self._templates.get(files.stem) or load(files, *self._content(files)) for files in self.listing.files)
        if self._shelf is not None:
            self._shelf.write(INDEX, {"of": digest, "index": list(astuple(made))})
        return made

    def save(self) -> None:
        """Remember the policies that this run has used, and no others."""
        known = {(digest, name) for digest, policies in self._remembered.items() for name in policies}
        used = {(digest, name) for digest, policies in self._used.items() for name in policies}
        if self._shelf is not None and used - known:
            self._shelf.write(TEMPLATES, dict(self._used))

    # Questions

    def find(self, name: str) -> Named | Missing:
        """A policy by `stem/name`, or by its display name where that is unique."""
        stem, slash, own = name.partition("/")
        named = self._policy(stem, own) if slash else None
        if named is not None:
            return named
        titled = self.index.titles.get(folded(name), [])
        if len(titled) == 1:
            return self.find(titled[0])
        if titled:
            return Missing(names=tuple(titled))
        template = self.template(stem) if slash else None
        return self._missing(own, template) if template is not None else Missing(near=self._near(name))

    def _missing(self, name: str, template: Template) -> Missing:
        for fault in template.faults:
            if not fault.in_texts:
                return Missing(fault=fault, file=template.file)
        for broken, fault in template.broken:
            if broken.lower() == name.lower():
                return Missing(fault=fault, file=template.file)
        from policyc.source.wording import nearest

        near = nearest(name, [policy.name for policy in template.policies])
        return Missing(near=near and f"{template.stem}/{near}")

    def _near(self, name: str) -> str | None:
        """The id or display name that was probably meant."""
        from policyc.source.wording import nearest

        stem, slash, own = name.partition("/")
        if slash:
            near = nearest(stem, [files.stem for files in self.listing.files])
            names = self.index.names.get(near, []) if near is not None else []
            meant = next((one for one in names if one.lower() == own.lower()), None) or nearest(own, names)
            if near is not None and meant is not None:
                return f"{near}/{meant}"
            same = [f"{stem}/{one}" for stem, names in self.index.names.items() for one in names if one.lower() == own.lower()]
            return same[0] if len(same) == 1 else None
        ids = {f"{stem}/{one}" for stem, names in self.index.names.items() for one in names if one.lower() == name.lower()}
        if len(ids) == 1:
            return ids.pop()
        near = nearest(folded(name), self.index.titles)
        return self.index.titles[near][0] if near is not None else None

    def writers(self, scope: Scope, key: str, name: str) -> Iterator[Writer]:
        """The policies that write a value; `key` is below the hive of the scope."""
        for text in (self.index.places.get(place(key, name)), self.index.lists.get(upper(key))):
            for scopes, policy, types in lines(text):
                if scope in scopes.split(" "):
                    yield Writer(policy, tuple(types))

    def named(self, ids: Iterable[str]) -> Iterator[Named]:
        """The policies of these ids."""
        for one in ids:
            found = self.find(one)
            if isinstance(found, Named):
                yield found


def _template_of(text: str) -> Template | None:
    try:
        made = from_plain(json.loads(text))
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return made if isinstance(made, Template) and made.policies else None


def _index_of(parts: object) -> Index | None:
    shapes = (dict, dict, dict, dict, list)
    if not isinstance(parts, list) or len(parts) != len(shapes):
        return None
    return Index(*parts) if all(isinstance(part, shape) for part, shape in zip(parts, shapes, strict=True)) else None
