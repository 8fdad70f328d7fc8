"""Preferences of a Group Policy object: those about the registry as settings, all others by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from policyc.importers.classes import with_classes
from policyc.importers.found import Imported, Refused
from policyc.importers.registry_entries import imported
from policyc.model import upper
from policyc.registry_files.markup import local_name, parse
from policyc.registry_files.preferences import Item, read_preferences
from policyc.registry_files.reg import Malformed

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

_CURRENT_USER = "HKEY_CURRENT_USER"
_OF_SYSTEM = (
    "among a computer's preferences HKEY_CURRENT_USER is the system account's own; write HKEY_USERS\\S-1-5-18 into a policy if "
    "that is meant"
)
_LONGEST_WHY = 1000


def registry_preferences(data: bytes, *, of_users: bool, classes: str | None) -> Imported:
    """The settings that the items are together; Windows does them from the first to the last. Raises FormatError."""
    entries, left_out, reasons = [], [], {}
    for item in read_preferences(data):
        reason = item.reason if of_users else item.reason or _why_not_here(item)
        if item.entry is None or reason:
            left_out.append(Malformed(item.number, item.name, reason))
            continue
        entries.append(replace(item.entry, key=with_classes(item.entry.key, classes)))
        why = " ".join(item.description.split())[:_LONGEST_WHY]
        if why:
            reasons[_source(item.number)] = why
    found = imported(entries, "Registry preferences", _source, left_out)
    settings = tuple(
        replace(one, others={"why": reasons[one.source]}) if one.source in reasons else one for one in found.settings
    )
    return replace(found, settings=settings)


def other_preferences(data: bytes) -> Imported:
    """The items of any other preferences, none of which is a value of the registry. Raises FormatError."""
    root = parse(data)
    family = local_name(root)
    reason = f"preferences of the kind {family} aren't imported, only those of the registry are"
    refused = tuple(Refused(_source(number), f"{family}: {name}", reason) for number, name in enumerate(_names(root), start=1))
    return Imported(family, (), refused, len(refused))


def _source(number: int) -> str:
    return f"item {number}"


def _why_not_here(item: Item) -> str:
    of_user = item.entry is not None and upper(item.entry.key.partition("\\")[0]) == _CURRENT_USER
    return _OF_SYSTEM if of_user else ""


def _names(parent: ET.Element) -> Iterator[str]:
    for element in parent:
        if local_name(element) == "Collection":
            yield from _names(element)
        else:
            yield " ".join((element.get("name") or local_name(element)).split())
