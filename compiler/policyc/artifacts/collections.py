"""`collections.json`: who the collections of an output folder are, so that the next run sees which went or was renamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from errno import ENAMETOOLONG
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path

from policyc.artifacts.paths import COLLECTIONS, MANIFEST, is_of_project
from policyc.diagnostics import Diagnostic, error
from policyc.model import Location
from policyc.model.records import dataclass

VERSION = 1
_LARGEST = 16 * 1024 * 1024
_DEPLOYMENT = "deployment.json"


@dataclass(frozen=True, slots=True)
class Known:
    """A collection as it was compiled last."""

    identity: str
    """The slug of its first name."""
    name: str
    folder: str
    policy: str
    """Its file, POSIX, relative to the policies folder."""
    formerly: tuple[str, ...] = ()
    """Oldest first."""
    content: str = ""
    """A hash of what it says of devices; empty: nothing that could have to be undone."""
    kinds: tuple[str, ...] = ()
    """Words of the kinds of settings, other than the registry's, that it changes or has ever changed."""

    @property
    def first_names(self) -> tuple[str, ...]:
        """The names to write down where it is gone for good: its owners in journals derive from them."""
        return self.formerly or (self.name,)


def dump(collections: Iterable[Known]) -> bytes:
    """The file's text: sorted by identity, one collection a line."""
    lines = [f"    {quoted(one.identity)}: {_line(one)}" for one in sorted(collections, key=lambda one: one.identity)]
    listed = ",\n".join(lines)
    return f'{{\n  "version": {VERSION},\n  "collections": {{\n{listed}\n  }}\n}}\n'.encode("ascii")


def _line(one: Known) -> str:
    return json.dumps(
        {
            "name": one.name,
            "folder": one.folder,
            "policy": one.policy,
            "formerly": list(one.formerly),
            "content": one.content,
            **({"kinds": list(one.kinds)} if one.kinds else {}),
        }
    )


def load(root: Path) -> tuple[tuple[Known, ...], list[Diagnostic]]:
    """The collections that the folder was compiled with; an error where they can't be read.

    A folder from before there was this file is asked for its folders: their names are the identities.
    """
    file = root / COLLECTIONS
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return tuple(_by_folders(root)), []
    except OSError as failure:
        if failure.errno == ENAMETOOLONG:
            # Nothing can lie there; who writes there says so.
            return (), []
        return (), [_unusable(file, failure.strerror or "it can't be read")]
    try:
        return parse(content), []
    except ValueError as failure:
        return (), [_unusable(file, str(failure))]


def parse(content: bytes) -> tuple[Known, ...]:
    """The collections of the file's text. Raises ValueError with the reason."""
    if len(content) > _LARGEST:
        raise ValueError("it is far larger than any list of collections")
    try:
        tree = json.loads(content)
    except ValueError as failure:
        marked = content.startswith(b"<<<<<<< ") or b"\n<<<<<<< " in content
        raise ValueError("it holds the markers of a merge conflict" if marked else "it is not JSON") from failure
    except RecursionError as failure:
        raise ValueError("it is nested without end") from failure
    if not isinstance(tree, dict) or not isinstance(tree.get("collections"), dict):
        raise ValueError("it has no list of collections")  # noqa: TRY004 - one kind of failure for the caller
    if tree.get("version") != VERSION:
        raise ValueError(f"this policyc reads version {VERSION} of it")
    return tuple(_entry(identity, value) for identity, value in tree["collections"].items())


def _entry(identity: str, value: object) -> Known:
    if isinstance(value, dict):
        texts = [value.get(word) for word in ("name", "folder", "policy")]
        formerly, content, kinds = value.get("formerly"), value.get("content"), value.get("kinds", [])
        if not isinstance(formerly, list) or not isinstance(kinds, list):
            formerly = kinds = [None]
        if all(isinstance(one, str) for one in [*texts, *formerly, content, *kinds]):
            name, folder, policy = map(str, texts)
            return Known(identity, name, folder, policy, tuple(formerly), str(content), tuple(kinds))
    raise ValueError(f"its entry of {ascii(identity)[:100]} lacks a word")


def _by_folders(root: Path) -> Iterable[Known]:
    from policyc.artifacts.manifest import parse as parse_manifest

    try:
        files = parse_manifest((root / MANIFEST).read_bytes())
    except (OSError, ValueError):
        # What is wrong with it is told by whoever needs it.
        return
    for path, entry in files.items():
        folder, _, name = path.partition("/")
        if name != _DEPLOYMENT or is_of_project(path):
            continue
        changes = f"{folder}/detect.ps1" in files
        packages = any(other.startswith((f"{folder}/packages/", f"{folder}/applications/")) for other in files)
        yield Known(folder, _name(root / path) or folder, folder, entry.source, (), "unknown" if changes or packages else "")


def _name(file: Path) -> str | None:
    try:
        tree = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    collection: Mapping[str, object] | object = tree.get("collection") if isinstance(tree, dict) else None
    name = collection.get("name") if isinstance(collection, dict) else None
    return name if isinstance(name, str) else None


def _unusable(file: Path, reason: str) -> Diagnostic:
    return error(
        "PC0627",
        f"'{file.as_posix()}' can't be used: {reason}",
        Location(""),
        help="restore it from git, or take either side of a merge, then run policyc compile: it says who the collections are",
    )
