"""Which policies of the project's administrative templates write a place of the registry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from policyc.definitions import Library, Named, Scope
from policyc.definitions.folders import STANDARD
from policyc.driver.check import open_shelf
from policyc.kinds.registry.places import Complaint, parse_key
from policyc.model import Hive
from policyc.source.files import PROJECT
from policyc.source.project import Document, load_file

_BEGINS = re.compile(r"^(?:HKLM|HKCU|HKU|HKEY_[A-Z_]+):?\\", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PolicyOfPlace:
    """A policy that writes a place."""

    policy: str
    title: str
    scope: str
    types: tuple[str, ...]
    """In which it writes there; empty where it only deletes."""
    file: str
    line: int


class PlaceError(Exception):
    """Nothing can be said of a place. The message says why."""


def is_place(asked: str) -> bool:
    r"""Whether this asks for a place of the registry.

    >>> is_place(r"HKLM\SOFTWARE\Policies\Example:Name"), is_place("SENSE:15")
    (True, False)
    """
    return _BEGINS.match(asked.strip()) is not None


def policies_of(asked: str, policies: Path) -> tuple[PolicyOfPlace, ...]:
    r"""The policies that write `HKLM\Key:Name`. Raises PlaceError."""
    key, colon, name = asked.strip().rpartition(":")
    if not colon or "\\" in name:
        raise PlaceError(f"'{asked.strip()}' names no value: write a colon and its name behind the key, as in 'HKLM\\Key:Name'")
    where = parse_key(key.strip(), None)
    if isinstance(where, Complaint):
        raise PlaceError(f"{where.message}; {where.help}")
    head = load_file(policies, PROJECT)
    if not isinstance(head, Document):
        raise PlaceError(f"'{(policies / PROJECT).as_posix()}' can't be read: policyc validate says why")
    folders = tuple(head.tree.get("definitions", ()))
    if not folders:
        raise PlaceError(f"the project names no folder of administrative templates ('definitions' in {PROJECT})")
    library = Library(policies, folders, head.tree.get("definitions_language", STANDARD), open_shelf)
    scope = Scope.USER if where.hive is Hive.USER else Scope.MACHINE
    writers = list(library.writers(scope, where.key, name.strip()))
    found = []
    for writer in writers:
        named = library.find(writer.policy)
        if isinstance(named, Named):
            place = named.template.file, named.policy.line
            found.append(PolicyOfPlace(named.id, named.policy.title, scope.value, writer.types, *place))
    library.save()
    return tuple(dict.fromkeys(found))
