"""`revisions.json`: the revision of everything that a management system versions, and what it then held.

A revision only ever grows: a site refuses one that it has had with other content, even after the object was deleted.
So the file remembers what was removed, and belongs into git with the rest of the output.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any, TypeGuard

from policyc.artifacts.paths import MANIFEST, REVISIONS
from policyc.diagnostics import Diagnostic, error
from policyc.model import Location, derived_id
from policyc.model.records import dataclass

VERSION = 1
_LARGEST = 64 * 1024 * 1024
_OURS, _BASE, _MIDDLE, _THEIRS = "<<<<<<<", "|||||||", "=======", ">>>>>>>"


@dataclass(frozen=True, slots=True)
class Revision:
    """What is known of one object."""

    number: int
    content: str
    """SHA-256 of what the object held at this revision; empty: unknown, so that any content gets the next revision."""
    signer: str | None = None
    """Thumbprint of the certificate that signed its scripts."""
    removed: bool = False


class Ledger:
    """Gives revisions to objects, and remembers those that it gave."""

    def __init__(self, known: Mapping[str, Revision] | None = None, *, signer: str | None = None) -> None:
        self._known = dict(known or {})
        self._given: dict[str, Revision] = {}
        self._by_slug: dict[str, dict[str, Revision]] | None = None
        self.signer = signer
        """Thumbprint of the certificate that signs this output, None where nothing is signed."""

    @property
    def known(self) -> dict[str, Revision]:
        """What was known before this run."""
        return dict(self._known)

    def revision(self, key: str, content: str, *, scripts: bool = False) -> int:
        """The revision of the object `key` (`<slug>/<name>`) with this content (a SHA-256): the next one if it changed.

        For an object with `scripts` a change of the signer is one too; an unsigned output takes no notice of who signed
        another.
        """
        if key in self._given and self._given[key].content != content:
            raise ValueError(f"two objects are '{key}'")
        known = self._known.get(key)
        signer = (self.signer or (None if known is None else known.signer)) if scripts else None
        if known is None:
            given = Revision(1, content, signer)
        elif known.content == content and known.signer == signer and not known.removed:
            given = known
        else:
            given = Revision(known.number + 1, content, signer)
        self._given[key] = given
        return given.number

    def signer_of(self, key: str) -> str | None:
        """Whose signature the object's revision stands for."""
        return self._given[key].signer

    @property
    def given(self) -> dict[str, Revision]:
        """What this run gave."""
        return dict(self._given)

    def known_of(self, slug: str) -> dict[str, Revision]:
        """What was known of a collection's objects before this run, without those that were removed."""
        if self._by_slug is None:
            self._by_slug = {}
            for key, revision in self._known.items():
                if not revision.removed:
                    self._by_slug.setdefault(key.partition("/")[0], {})[key] = revision
        return self._by_slug.get(slug, {})

    def take(self, given: Mapping[str, Revision]) -> None:
        """Remember what another ledger, which knew the same, gave to other objects."""
        self._given.update(given)

    def entries(self, kept: Container[str] = (), *, only: Container[str] | None = None) -> dict[str, Revision]:
        """All that is known now.

        `kept` and `only` are those of `write`: what belongs to a collection (slug) that this run isn't about stays as
        it was, everything else that got no revision is removed.
        """
        entries = dict(self._given)
        for key, known in self._known.items():
            if key in entries:
                continue
            slug = key.partition("/")[0]
            stays = slug in kept or (only is not None and slug not in only)
            entries[key] = known if stays or known.removed else replace(known, removed=True)
        return entries


def dump(entries: Mapping[str, Revision], project: str = "", id: str = "") -> bytes:
    """The file's text: sorted, one object a line, so that two branches meet where both changed one object.

    `project` is the project's name, `id` the id from which the objects have their identities.
    """
    lines = [f"    {quoted(key)}: {_line(entry)}" for key, entry in sorted(entries.items())]
    objects = "{\n" + ",\n".join(lines) + "\n  }" if lines else "{}"
    named = "".join(f'  "{word}": {quoted(text)},\n' for word, text in (("project", project), ("id", id)) if text)
    return f'{{\n  "version": {VERSION},\n{named}  "objects": {objects}\n}}\n'.encode("ascii")


def _line(entry: Revision) -> str:
    parts = [f'"revision": {entry.number}', f'"content": {quoted(entry.content)}']
    if entry.signer is not None:
        parts.append(f'"signer": {quoted(entry.signer)}')
    if entry.removed:
        parts.append('"removed": true')
    return "{" + ", ".join(parts) + "}"


def load(root: Path) -> tuple[dict[str, Revision], list[Diagnostic]]:
    """The revisions on disk; an error where there should be some and they can't be read."""
    file = root / REVISIONS
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}, _missing(root)
    except OSError as failure:
        if failure.errno == errno.ENAMETOOLONG:
            # Nothing can be there. Where something is to be written there, that is told.
            return {}, _missing(root)
        return {}, [_unusable(file, failure.strerror or "it can't be read")]
    try:
        return parse(content), []
    except ValueError as failure:
        return {}, [_unusable(file, str(failure))]


def project_of(root: Path) -> tuple[str, str] | None:
    """(Name, id) of the project that the folder was compiled from; None where they aren't known.

    Before projects had ids, the identities of their objects came from the name.
    """
    try:
        tree = json.loads((root / REVISIONS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    name, own = (tree.get("project"), tree.get("id")) if isinstance(tree, dict) else (None, None)
    if not isinstance(name, str):
        return None
    return name, own if isinstance(own, str) else derived_id(name)


def parse(content: bytes) -> dict[str, Revision]:
    """The entries of the file's text, the two sides of a merge conflict settled. Raises ValueError with the reason."""
    if len(content) > _LARGEST:
        raise ValueError("it is far larger than any list of revisions")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    sides = _sides(text.replace("\r\n", "\n"))
    return settled([_entries(side) for side in sides])


def _sides(text: str) -> list[str]:
    """The file as each branch has it: one text where there is no conflict, else two (the common ancestor is left out)."""
    if not any(_is_marker(line, _OURS) for line in text.split("\n")):
        return [text]
    ours: list[str] = []
    theirs: list[str] = []
    into: tuple[list[str], ...] = (ours, theirs)
    for line in text.split("\n"):
        if _is_marker(line, _OURS):
            into = (ours,)
        elif _is_marker(line, _BASE):
            into = ()
        elif _is_marker(line, _MIDDLE):
            into = (theirs,)
        elif _is_marker(line, _THEIRS):
            into = (ours, theirs)
        else:
            for side in into:
                side.append(line)
    return ["\n".join(_commas(side)) for side in (ours, theirs)]


def _is_marker(line: str, marker: str) -> bool:
    """Exactly as long as git writes it: the common ancestor may hold the longer ones of a conflict of its own."""
    return line == marker or line.startswith(f"{marker} ")


def _commas(lines: Iterable[str]) -> list[str]:
    """The lines of a side with commas between them and none behind the last: a merge may take a last line into the middle."""
    lines = list(lines)
    for number, line in enumerate(lines[:-1]):
        follows = lines[number + 1].lstrip().startswith('"')
        if line.startswith('    "') and line.rstrip(",").endswith("}"):
            lines[number] = line.rstrip(",") + ("," if follows else "")
    return lines


def settled(sides: Sequence[Mapping[str, Revision]]) -> dict[str, Revision]:
    """The higher revision of each object; its content is unknown where both sides have one number for different things."""
    found: dict[str, Revision] = {}
    for side in sides:
        for key, theirs in side.items():
            ours = found.get(key)
            if ours is None or theirs.number > ours.number:
                found[key] = theirs
            elif theirs.number == ours.number and theirs != ours:
                found[key] = replace(ours, content="", removed=ours.removed and theirs.removed)
    return found


def _entries(text: str) -> dict[str, Revision]:
    try:
        tree = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as failure:
        raise ValueError(f"it is not JSON (line {failure.lineno}, column {failure.colno})") from failure
    except RecursionError as failure:
        raise ValueError("it is nested without end") from failure
    if not isinstance(tree, dict) or not isinstance(tree.get("objects"), dict):
        raise ValueError("it has no list of objects")  # noqa: TRY004 - one kind of failure for the caller
    if tree.get("version") != VERSION:
        raise ValueError(f"this policyc reads version {VERSION} of it")
    return {key: _entry(key, value) for key, value in tree["objects"].items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("it lists an object twice")
    return tree


def _entry(key: str, value: Any) -> Revision:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        number, content, signer = value.get("revision"), value.get("content"), value.get("signer")
        if isinstance(content, str) and (signer is None or isinstance(signer, str)) and _is_positive(number):
            return Revision(number, content, signer, removed=value.get("removed") is True)
    raise ValueError(f"its entry of {ascii(key)[:100]} lacks revision or content")


def _is_positive(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool) and number > 0


def _missing(root: Path) -> list[Diagnostic]:
    try:
        listed = f'"{REVISIONS}"'.encode() in (root / MANIFEST).read_bytes()
    except OSError:
        listed = False
    if not listed:
        return []
    return [
        error(
            "PC0618",
            f"'{(root / REVISIONS).as_posix()}' is gone, and with it the revisions that the site may have had",
            Location(""),
            help="restore it from git; if nothing of this output was ever imported, remove the whole output folder instead",
        )
    ]


def _unusable(file: Path, reason: str) -> Diagnostic:
    return error(
        "PC0619",
        f"'{file.as_posix()}' can't be used: {reason}",
        Location(""),
        help="restore it from git: the revisions in it must never start again",
    )
