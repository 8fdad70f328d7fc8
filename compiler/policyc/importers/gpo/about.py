"""What a backup says of its object: the name, which sides are on, for which devices, and which files there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyc.importers.found import Refused, SetError
from policyc.registry_files import FormatError
from policyc.registry_files.markup import local_name, parse

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

_OFF = {"1": ("User",), "2": ("Machine",), "3": ("Machine", "User")}
_ROOTS = {"backup.xml": "GroupPolicyBackupScheme", "bkupinfo.xml": "BackupInst", "gpreport.xml": "GPO"}
_FILTERED = (
    "a WMI filter decides on which devices the object applies, and a baseline has none; say it with the members of the "
    "collection, or with 'applies_to'"
)


@dataclass(frozen=True, slots=True)
class About:
    """The object."""

    name: str
    """Empty where nothing says it."""
    off: tuple[str, ...]
    """`Machine`, `User`: sides that are switched off."""
    listed: tuple[str, ...]
    """Files that it should hold, by their paths with slashes."""
    refused: tuple[Refused, ...]


def about(files: Sequence[tuple[str, bytes]], failure: Callable[[str, FormatError], SetError]) -> About:
    """What the files `Backup.xml`, `bkupInfo.xml` and `gpreport.xml` say; none of them has to be there.

    `failure` makes the error for one of them that can't be read.
    """
    by_name = {path.lower(): (path, data) for path, data in files}
    roots: dict[str, ET.Element] = {}

    def root(name: str) -> ET.Element | None:
        if name in by_name and name not in roots:
            path, data = by_name[name]
            try:
                roots[name] = _root(data, _ROOTS[name])
            except FormatError as wrong:
                raise failure(path, wrong) from None
        return roots.get(name)

    backup, info = root("backup.xml"), root("bkupinfo.xml")
    name = _text(info, "GPODisplayName") or _text(backup, "DisplayName")
    if not name:
        # The report is large, and has nothing else that the others haven't.
        report = root("gpreport.xml")
        name = next((_one_line(child.text) for child in report or () if local_name(child) == "Name"), "")
    if backup is None:
        return About(name, (), (), ())
    off = _OFF.get(_text(backup, "Options"), ())
    filters = [one for one in _named(backup, "WMIFilter") if _one_line("".join(one.itertext()))]
    refused = tuple(Refused("", _shown(one), _FILTERED) for one in filters)
    return About(name, off, tuple(_listed(backup)), refused)


def _root(data: bytes, wanted: str) -> ET.Element:
    root = parse(data)
    if local_name(root) != wanted:
        raise FormatError(f"its root is {local_name(root)!r}, and in a backup this file begins with {wanted!r}")
    return root


def _named(root: ET.Element | None, name: str) -> Iterator[ET.Element]:
    return (element for element in (() if root is None else root.iter()) if local_name(element) == name)


def _text(root: ET.Element | None, name: str) -> str:
    return next((_one_line(element.text) for element in _named(root, name)), "")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _shown(wmi: ET.Element) -> str:
    name = next((_one_line(part.text) for part in wmi.iter() if local_name(part) in ("Name", "DisplayName")), "")
    return f"WMI filter '{name}'" if name else "WMI filter"


def _listed(backup: ET.Element) -> Iterable[str]:
    for element in _named(backup, "FSObjectFile"):
        for attribute, said in element.items():
            if attribute.rpartition("}")[2] == "Location" and said:
                yield said.replace("\\", "/")
