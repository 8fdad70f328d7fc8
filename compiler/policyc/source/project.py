"""The front door's work: load a folder of policies, and find the places of findings in it."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from policyc.diagnostics import Diagnostic, Located, Region, sort_key
from policyc.model import Location
from policyc.model.records import dataclass
from policyc.source.files import PROJECT, find_files
from policyc.source.heads import kind_of
from policyc.source.reading import read_bytes, read_text
from policyc.source.schema import is_valid
from policyc.source.spool import Spool
from policyc.source.tree import build

MANY = 1_000
"""Files from which on it pays to pack them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy file that the schema accepts."""

    file: str
    """POSIX, relative to the policies folder."""
    kind: str
    """`project`, `collection` or `baseline`; `state` and `tests`, of which nothing is compiled."""
    tree: dict[str, Any]
    """Plain data; parts that stand under an alias are shared, so nothing may be changed in it."""
    root: Path
    """The policies folder."""

    def written(self, path: tuple[str | int, ...]) -> str | None:
        """A scalar's text as it stands in the file (a quoted one's without its quotes), None where there is none."""
        from policyc.source.marks import Marks

        text = read_text(self.root, self.file)
        return None if isinstance(text, Diagnostic) else Marks(text).written(path)


@dataclass(frozen=True, slots=True)
class Packed:
    """A document until it is needed: its tree waits as bytes, of which a spool keeps no more than a few in memory."""

    file: str
    kind: str
    place: tuple[int, int]
    spool: Spool
    root: Path

    def unpacked(self) -> Document:
        """The document again."""
        return Document(self.file, self.kind, marshal.loads(self.spool.get(self.place)), self.root)  # noqa: S302 - it never left this process


@dataclass(frozen=True, slots=True)
class Sources:
    """What a policies folder holds."""

    root: Path
    documents: tuple[Document, ...]
    """Only those without an error, ordered by file."""
    diagnostics: tuple[Diagnostic, ...]


class Documents(Protocol):
    """Files that were loaded before and found to be without any fault."""

    def find(self, file: str, text: str) -> tuple[str, dict[str, Any]] | None:
        """Kind and tree of a file with this text."""

    def keep(self, file: str, text: str, kind: str, tree: dict[str, Any]) -> None:
        """A file with this text was loaded."""


def load_project(root: Path, documents: Documents | None = None) -> Sources:
    """Find, load and check every policy file below a folder."""
    found = find_files(root)
    findings = list(found.findings)
    sound = tuple(_loaded(root, found.files, documents, findings))
    return Sources(root, sound, tuple(findings))


def load_packed(root: Path, documents: Documents | None = None) -> tuple[list[Document | Packed], list[Diagnostic]]:
    """The same for those who need each file once: the documents, where they are many packed, and what was found."""
    found = find_files(root)
    findings = list(found.findings)
    loaded = _loaded(root, found.files, documents, findings)
    if len(found.files) < MANY:
        return list(loaded), findings
    spool = Spool()
    return [_packed(one, spool) if one.kind == "collection" else one for one in loaded], findings


def _loaded(root: Path, files: list[str], documents: Documents | None, findings: list[Diagnostic]) -> Iterator[Document]:
    for file in files:
        loaded = load_file(root, file, documents)
        if isinstance(loaded, Document):
            yield loaded
        else:
            findings.extend(loaded)


def _packed(document: Document, spool: Spool) -> Packed:
    return Packed(document.file, document.kind, spool.add(marshal.dumps(document.tree)), spool, document.root)


def load_file(root: Path, file: str, documents: Documents | None = None) -> Document | list[Diagnostic]:
    """Load and check one file, named relative to the folder."""
    text = read_text(root, file)
    if isinstance(text, Diagnostic):
        return [text]
    known = documents.find(file, text) if documents is not None else None
    if known is not None:
        return Document(file, *known, root)
    loaded = _load(root, file, text)
    if not text.isascii():
        loaded = _seen_through(file, text, loaded)
    if documents is not None and isinstance(loaded, Document):
        documents.keep(file, text, loaded.kind, loaded.tree)
    return loaded


def _load(root: Path, file: str, text: str) -> Document | list[Diagnostic]:
    built = build(file, text)
    if built.findings:
        from policyc.source.rest import with_the_rest

        return with_the_rest(file, text, built)
    kind = kind_of(file, built.tree)
    if isinstance(kind, Diagnostic):
        return [kind]
    if built.unusual or not is_valid(kind, built.tree):
        from policyc.source.explain import explain
        from policyc.source.leading_zeros import leading_zeros

        found = explain(file, kind, built.tree, text)
        return [*found, *leading_zeros(file, built, found)]
    if built.leading_zeros:
        from policyc.source.leading_zeros import leading_zeros

        return list(leading_zeros(file, built, ()))
    return Document(file, kind, built.tree, root)


def _seen_through(file: str, text: str, loaded: Document | list[Diagnostic]) -> Document | list[Diagnostic]:
    """What was loaded, unless the text hides something."""
    from policyc.source.unusual import disguised, hidden

    found = hidden(file, text)
    if isinstance(loaded, Document):
        return [*found, *disguised(file, text, loaded.tree)] or loaded
    return [*found, *loaded]


def locate(root: Path, diagnostics: Iterable[Diagnostic]) -> list[Located]:
    """The findings with their regions, in the order of a report. Parses each file that one of them names once."""
    atlas = _Atlas(root)
    found = [
        Located(finding, atlas.region(finding.location), tuple(atlas.region(related.location) for related in finding.related))
        for finding in diagnostics
    ]
    return sorted(found, key=sort_key)


def located(root: Path, diagnostics: Iterable[Diagnostic]) -> tuple[Located, ...]:
    """The findings with their places, each once, in the order of a report."""
    unique = list(dict.fromkeys(diagnostics))
    if not unique:
        return ()
    in_files = [found for found in unique if found.location.file]
    others = [Located(found, None, (None,) * len(found.related)) for found in unique if not found.location.file]
    return tuple(sorted([*others, *(locate(root, in_files) if in_files else ())], key=sort_key))


class _Atlas:
    """The marks of the files that were asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._marks: dict[str, Any] = {}
        self._regions: dict[Location, Region | None] = {}

    def region(self, location: Location) -> Region | None:
        """What is marked for a location. Of an estate in conflict the same few are asked for tens of thousands of times."""
        if not location.file or (not location.path and location.line is None):
            return None
        if location not in self._regions:
            self._regions[location] = self._look(location)
        return self._regions[location]

    def _look(self, location: Location) -> Region | None:
        from policyc.source.marks import Marks

        if location.file not in self._marks:
            data = read_bytes(self._root, location.file)
            # What isn't UTF-8 is shown as far as it is.
            text = None if isinstance(data, Diagnostic) else _as_far_as_it_is(data)
            self._marks[location.file] = None if text is None else Marks(text)
        marks = self._marks[location.file]
        region: Region | None = None if marks is None else marks.region(location)
        return region


def _as_far_as_it_is(data: bytes) -> str:
    """The text of a file that need not be UTF-8: exports of the registry are UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


__all__ = [
    "MANY",
    "PROJECT",
    "Document",
    "Documents",
    "Packed",
    "Sources",
    "load_file",
    "load_packed",
    "load_project",
    "locate",
]
