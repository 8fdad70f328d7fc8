"""Where imported policies go, and whether there is room: for the file, and for the name among the policies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from policyc.diagnostics import Diagnostic, error
from policyc.importers.policy_file import PolicyText, Written
from policyc.lowering.slugs import is_device, slug
from policyc.model import Location, upper
from policyc.source import Document

Places = tuple[tuple[Path, PolicyText], ...]


def places(written: Written, policies: Path, into: Path | None) -> Places:
    """The file of each policy: named after it, or what `--into` says with a number behind it."""
    if into is None:
        return tuple((policies / f"{_file_name(file.name)}.yaml", file) for file in written.files)
    others = [into.with_name(f"{into.stem}-{number}.yaml") for number in range(2, len(written.files) + 1)]
    return tuple(zip([into, *others], written.files, strict=False))


def find_room(wanted: Sequence[Places], documents: Iterable[Document], policies: Path, *, force: bool) -> Iterator[Diagnostic]:
    """What is in the way."""
    owners: dict[tuple[str, str], Path] = {}
    files: dict[str, Path] = {}
    for document in documents:
        place = policies / document.file
        files[upper(_absolute(place))] = place
        if document.kind in ("baseline", "collection"):
            for key in _keys(document.kind, document.tree[document.kind]["name"]):
                owners[key] = place
    ours: set[str] = set()
    for place, file in (one for several in wanted for one in several):
        absolute = _absolute(place)
        # Windows takes two spellings for one file, and policyc looks at all policies as Windows would.
        other = files.setdefault(upper(absolute), place)
        if absolute in ours or _absolute(other) != absolute:
            yield there_already(
                other.as_posix(), "two policies would be one file to Windows: give one another name with --name"
            )
        elif not force and os.path.lexists(place):
            yield there_already(place.as_posix())
        ours.add(absolute)
        for key in _keys(file.head, file.name):
            owner = owners.setdefault(key, place)
            if _absolute(owner) != absolute:
                yield _same_name(file, owner)
                break


def there_already(
    shown: str, help: str = "give another name with --name or --into, or overwrite it with --force"
) -> Diagnostic:
    """A file is in the way."""
    return error("PC0804", f"'{shown}' is there already", Location(shown), help=help)


def _keys(head: str, name: str) -> Iterator[tuple[str, str]]:
    """What only one policy can have: its name, and a collection its folder in the output."""
    yield head, upper(name)
    if head == "collection":
        yield "folder", slug(name)


def _same_name(file: PolicyText, owner: Path) -> Diagnostic:
    shown = owner.as_posix()
    message = f"'{shown}' is the {file.head} '{file.name}' already, or one that would share its folder"
    if file.head == "baseline":
        message = f"'{shown}' is the baseline '{file.name}' already"
    return error("PC0804", message, Location(shown), help="give another name with --name")


def _file_name(name: str) -> str:
    own = slug(name)
    return f"{own}-policy" if is_device(own) else own


def _absolute(place: Path) -> str:
    return os.path.abspath(place)  # noqa: PTH100 - resolve() would follow links
