"""`manifest.json`: which files are policyc's, and what they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any

from policyc.artifacts.disk import Tree
from policyc.artifacts.failures import Obstacle, at, shown
from policyc.artifacts.paths import MANIFEST, fold, problem
from policyc.diagnostics import Diagnostic, error
from policyc.model.records import dataclass

VERSION = 1
_LARGEST = 256 * 1024 * 1024
_HEX = frozenset("0123456789abcdef")
_DIGEST_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the output."""

    sha256: str
    """Lower-case hex."""
    source: str
    """Policy file that it comes from, POSIX, relative to the policies folder."""
    target: str
    built: bool = False
    """Git doesn't keep it: it may be missing, until a run makes it."""


Entries = dict[str, Entry]
"""By path, POSIX, relative to the output folder."""


def dump(entries: Mapping[str, Entry]) -> bytes:
    """The manifest's text: sorted, one file a line, so that a change of one file is a change of one line."""
    text = BytesIO()
    text.write(f'{{\n  "version": {VERSION},\n  "files": {{'.encode("ascii"))
    between = "\n"
    for path in sorted(entries):
        text.write(f"{between}    {quoted(path)}: {_line(entries[path])}".encode("ascii"))
        between = ",\n"
    text.write(b"\n  }\n}\n" if entries else b"}\n}\n")
    return text.getvalue()


def _line(entry: Entry) -> str:
    built = ', "built": true' if entry.built else ""
    return f'{{"sha256": "{entry.sha256}", "source": {quoted(entry.source)}, "target": {quoted(entry.target)}{built}}}'


def load(tree: Tree) -> Entries:
    """The manifest on disk, empty if there is none. Raises Obstacle where it can't be trusted."""
    content = tree.read(MANIFEST)
    if content is None:
        return {}
    try:
        return parse(content)
    except ValueError as failure:
        raise Obstacle(_broken(tree.root, content, str(failure))) from failure


def parse(content: bytes) -> Entries:
    """The entries of a manifest's text. Raises ValueError with the reason, in words, why it can't be used."""
    if len(content) > _LARGEST:
        raise ValueError("it is far larger than any manifest")
    try:
        tree = json.loads(content, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as failure:
        raise ValueError(f"it is not JSON (line {failure.lineno}, column {failure.colno})") from failure
    except UnicodeDecodeError as failure:
        raise ValueError("it is not UTF-8") from failure
    except RecursionError as failure:
        raise ValueError("it is nested without end") from failure
    if not isinstance(tree, dict) or not isinstance(tree.get("files"), dict):
        raise ValueError("it has no list of files")  # noqa: TRY004 - one kind of failure for the caller
    if tree.get("version") != VERSION:
        raise ValueError(f"its version is {_short(tree.get('version'))}, and this policyc reads version {VERSION}")
    entries: Entries = {}
    folded: set[str] = set()
    for path, value in tree["files"].items():
        if why := problem(path):
            raise ValueError(f"it lists {_short(path)}: {why}")
        folded.add(fold(path))
        entries[path] = _entry(path, value)
    if len(folded) != len(entries):
        raise ValueError("it lists a file twice, in capitals and small letters")
    return entries


def _entry(path: str, value: object) -> Entry:
    if isinstance(value, dict):
        found, source, target = value.get("sha256"), value.get("source"), value.get("target")
        if isinstance(found, str) and isinstance(source, str) and isinstance(target, str):
            digest = found.lower()
            if len(digest) == _DIGEST_LENGTH and _HEX.issuperset(digest):
                return Entry(digest, source, target, value.get("built") is True)
    raise ValueError(f"its entry of {_short(path)} lacks sha256, source or target")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("it lists a file twice")
    return tree


def _short(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 100 else f"{text[:100]}..."


def _broken(root: Path, content: bytes, reason: str) -> Diagnostic:
    name = shown(root, MANIFEST)
    if b"\n<<<<<<< " in content or content.startswith(b"<<<<<<< "):
        return error(
            "PC0608",
            f"'{name}' holds the markers of a merge conflict",
            at(),
            help="take either side of it (git checkout --ours), then run policyc compile: it makes the whole output anew",
        )
    return error(
        "PC0608",
        f"'{name}' can't be used: {reason}",
        at(),
        help="restore it from git, or remove the whole output folder, then run policyc compile",
    )
