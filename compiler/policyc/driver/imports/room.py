"""Where imported policies go, and whether there is room: for the file, and for the name among the policies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath

from policyc.diagnostics import Diagnostic, error
from policyc.driver.schemas import file_name
from policyc.importers.earlier import Known, known
from policyc.importers.policy_file import PolicyText, Written
from policyc.lowering.slugs import is_device, slug
from policyc.model import Location, upper
from policyc.source import Document, load_file

Places = tuple[tuple[Path, PolicyText], ...]


def places(written: Written, policies: Path, into: Path | None) -> Places:
    """The file of each policy: named after it, or what `--into` says with a number behind it."""
    if into is None:
        return tuple((policies / f"{_file_name(file.name)}.yaml", file) for file in written.files)
    others = [into.with_name(f"{into.stem}-{number}.yaml") for number in range(2, len(written.files) + 1)]
    return tuple(zip([into, *others], written.files, strict=False))


def earlier(name: str, documents: Iterable[Document], policies: Path, into: Path | None) -> Known:
    """The settings of what an import of this name made before: of the files that are there, as far as they are policies.

    More than a file holds is in parts, of which there may have been another number.
    """
    part = re.compile(rf"{re.escape(name)} \(\d+ of \d+\)")
    found = {
        _absolute(policies / one.file): one
        for one in documents
        if one.kind == "baseline" and part.fullmatch(one.tree["baseline"]["name"])
    }
    for file in _own_files(name, policies, into):
        loaded = load_file(file.parent, file.name)
        if isinstance(loaded, Document) and loaded.kind in ("baseline", "collection"):
            found[_absolute(file)] = loaded
    return known(one.tree for one in found.values())


def _own_files(name: str, policies: Path, into: Path | None) -> Iterator[Path]:
    first = into or policies / f"{_file_name(name)}.yaml"
    number, file = 1, first
    while os.path.lexists(file):
        yield file
        if into is None:
            return
        number += 1
        file = first.with_name(f"{first.stem}-{number}.yaml")


def schema_line(head: str, policies: Path, into: Path | None) -> list[str]:
    """What tells an editor how policies are written, as `policyc init` has it; none where the project has no schemas."""
    schema = os.path.join(os.path.dirname(_absolute(policies)), "schema", file_name(head))  # noqa: PTH118, PTH120 - as _absolute
    if not os.path.isfile(schema):  # noqa: PTH113 - Path's raises for a name that is too long
        return []
    try:
        way = Path(os.path.relpath(schema, _absolute(policies if into is None else into.parent))).as_posix()
    except ValueError:  # another drive
        return []
    return [f"yaml-language-server: $schema={way}"] if way.isprintable() and " " not in way else []


def is_read(place: Path, policies: Path) -> bool:
    """Whether the commands find a policy there: below the folder of the policies."""
    try:
        steps = PurePath(_absolute(place)).relative_to(_absolute(policies)).parts
    except ValueError:
        return False
    return not any(step.startswith(".") for step in steps)


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
