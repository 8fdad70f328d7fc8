"""Backups of Group Policy objects, whole: what all their files say together, and what none of it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from policyc.importers import audit, inf, pol
from policyc.importers.found import Imported, Refused, SetError
from policyc.importers.gpo.about import About, about
from policyc.importers.gpo.comments import comments
from policyc.importers.gpo.layout import Part, part_of
from policyc.importers.gpo.others import why_not
from policyc.importers.gpo.preferences import other_preferences, registry_preferences
from policyc.importers.joining import joined
from policyc.registry_files import FormatError

__all__ = ["read", "read_set", "shown", "wanted"]

_HIVES = {"Machine": "HKLM", "User": "HKCU"}
Reader = Callable[[bytes, Part, str | None], Imported]


def read(data: bytes, name: str, *, classes: str | None = None) -> Imported:  # noqa: ARG001 - as every importer
    """A file alone is no backup. Raises FormatError."""
    raise FormatError("a backup of a Group Policy object is a folder: name the one with 'Backup.xml', or one above it")


def wanted(path: str) -> bool:
    """Whether the content of a file of a backup is asked for; the path is below the backup, with slashes."""
    part = part_of(path)
    return part.is_about or _reader(part) is not None


def shown(path: str) -> str:
    """What a file is called: its path without what all of a backup have in common."""
    return part_of(path).shown


def read_set(
    files: Sequence[tuple[str, bytes]],
    *,
    name: str,
    others: Sequence[tuple[str, str]] = (),
    classes: str | None = None,
) -> Imported:
    """What a backup says. SetError for a file that isn't of its format.

    `files` are those that are wanted, each by its path below the backup; `others` are all that aren't read, each with why, or
    with nothing where only its content isn't asked for. `name` is the folder's.
    """
    object_ = about([(path, data) for path, data in files if part_of(path).is_about], _failing(files))
    read: list[tuple[str, Imported]] = []
    for index, (path, data) in enumerate(files):
        part = part_of(path)
        reader = _reader(part)
        if reader is None:
            continue
        if part.side in object_.off:
            read.append(("", _switched_off(part)))
            continue
        try:
            read.append((part.shown, reader(data, part, classes)))
        except FormatError as wrong:
            raise SetError(index, str(wrong)) from None
    left = tuple(_left(object_, files, others))
    whole = Imported(object_.name or name, (), left, len(left))
    return joined([("", whole), *read])


def _failing(files: Sequence[tuple[str, bytes]]) -> Callable[[str, FormatError], SetError]:
    paths = [path for path, _ in files]
    return lambda path, wrong: SetError(paths.index(path), str(wrong))


def _left(object_: About, files: Sequence[tuple[str, bytes]], others: Sequence[tuple[str, str]]) -> Iterator[Refused]:
    yield from object_.refused
    for path, reason in others:
        part = part_of(path)
        why = reason or why_not(part)
        if why:
            yield Refused("", part.shown, why)
    there = {part_of(path).inner for path, _ in (*files, *others)}
    for path in object_.listed:
        part = part_of(path)
        if part.inner not in there:
            yield Refused("", part.shown, "'Backup.xml' lists this file, and the backup doesn't hold it")


def _switched_off(part: Part) -> Imported:
    side = "computer" if part.side == "Machine" else "user"
    reason = (
        f"the object's {side} side is switched off, so nothing of it reaches a device; import the file alone if it is meant"
    )
    return _refused(part.shown, reason)


def _reader(part: Part) -> Reader | None:
    if part.side is None:
        return None
    if part.steps[1:2] == ("preferences",) and part.steps[-1].endswith(".xml"):
        return _preferences
    return _READERS.get(part.steps[1:])


def _pol(data: bytes, part: Part, _: str | None) -> Imported:
    return pol.read(data, part.shown, hive=_HIVES[part.side or ""])


def _inf(data: bytes, part: Part, classes: str | None) -> Imported:
    if part.side != "Machine":
        return _refused("the file", "security settings are the machine's, and this file is the users'")
    return inf.read(data, part.shown, classes=classes)


def _audit(data: bytes, part: Part, _: str | None) -> Imported:
    if part.side != "Machine":
        return _refused("the file", "an audit policy is the machine's, and this file is the users'")
    return audit.read(data, part.shown)


def _preferences(data: bytes, part: Part, classes: str | None) -> Imported:
    if part.steps[2:] == ("registry", "registry.xml"):
        return registry_preferences(data, of_users=part.side == "User", classes=classes)
    try:
        return other_preferences(data)
    except FormatError as wrong:
        return _refused("the file", f"it can't be read: {wrong}")


def _comments(data: bytes, _part: Part, _: str | None) -> Imported:
    try:
        return comments(data)
    except FormatError as wrong:
        return _refused("the file", f"it can't be read: {wrong}")


def _refused(what: str, reason: str) -> Imported:
    """A file of which nothing is imported; it stops nothing else."""
    return Imported("", (), (Refused("", what, reason),), 1)


_READERS: dict[tuple[str, ...], Reader] = {
    ("registry.pol",): _pol,
    ("microsoft", "windows nt", "secedit", "gpttmpl.inf"): _inf,
    ("microsoft", "windows nt", "audit", "audit.csv"): _audit,
    ("comment.cmtx",): _comments,
}
"""By the path below `Machine` or `User`, in small letters."""
