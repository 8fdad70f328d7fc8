r"""Group Policy's preferences about the registry (`Preferences\Registry\Registry.xml`, MS-GPPREF 2.2.1.9).

An item has an action (C creates what isn't there, R replaces, U updates, D deletes) and a place; a collection has items, and
other collections. What an item says beyond its value (targeting, being switched off, variables) is never passed over.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyc.model import Kind
from policyc.registry_files.bounds import LONGEST_NAME
from policyc.registry_files.entries import Action, Entry, FormatError, RawValue
from policyc.registry_files.markup import local_name, parse
from policyc.registry_files.values import Type, encode, terminated

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

_DWORD = re.compile("[0-9A-Fa-f]{8}")
_BYTES = re.compile("(?:[0-9A-Fa-f]{2})*")
_VARIABLE = re.compile(r"%(<?)([A-Za-z_][A-Za-z0-9_().-]*)(>?)%")
_ACTIONS = {"C": Action.SET_IF_ABSENT, "R": Action.SET, "U": Action.SET, "D": Action.DELETE_VALUE}
_TEXTS = {"REG_SZ": Type.REG_SZ, "REG_EXPAND_SZ": Type.REG_EXPAND_SZ}


@dataclass(frozen=True, slots=True)
class Item:
    """One registry item, with what it says."""

    number: int
    """Which one of the file, from 1."""
    name: str
    """As the editor shows it, below the collections that it stands in."""
    description: str
    entry: Entry | None
    """Its key with the hive; None: see `reason`."""
    reason: str = ""
    """Why no entry means the same."""


class _ItemError(Exception):
    """An item can't be an entry. The message says why."""


def read_preferences(data: bytes) -> list[Item]:
    """The items in the order in which they are done. FormatError for what is no such file."""
    root = parse(data)
    if local_name(root) != "RegistrySettings":
        raise FormatError(f"its root is {local_name(root)!r}, and registry preferences begin with 'RegistrySettings'")
    elements = list(_items(root, (), _off(root)))
    return [_item(number, *found) for number, found in enumerate(elements, start=1)]


def _items(parent: ET.Element, path: tuple[str, ...], reason: str) -> Iterator[tuple[ET.Element, tuple[str, ...], str]]:
    """Each item with the collections around it, and why it can't be an entry because of them."""
    for element in parent:
        name = local_name(element)
        if name == "Registry":
            yield element, path, reason
        elif name == "Collection":
            yield from _items(element, (*path, element.get("name", "")), reason or _off(element) or _targeted(element))


def _item(number: int, element: ET.Element, path: tuple[str, ...], reason: str) -> Item:
    name = "\\".join((*path, element.get("name") or element.get("status") or "(Default)"))[:LONGEST_NAME]
    description = element.get("desc", "")
    reason = reason or _off(element) or _targeted(element)
    if reason:
        return Item(number, name, description, None, reason)
    try:
        return Item(number, name, description, _entry(number, _properties(element)))
    except _ItemError as wrong:
        return Item(number, name, description, None, str(wrong))


def _off(element: ET.Element) -> str:
    return "it is switched off there" if element.get("disabled") == "1" else ""


def _targeted(element: ET.Element) -> str:
    """Item-level targeting, by the names of its conditions."""
    filters = [local_name(condition) for part in element if local_name(part) == "Filters" for condition in part]
    if not filters:
        return ""
    if filters == ["FilterRunOnce"]:
        return "it is done once and never again, and a policy says what must hold"
    named = ", ".join(dict.fromkeys(name.removeprefix("Filter") or name for name in filters))
    return f"it is for some devices or users only (item-level targeting: {named}); 'applies_to' may say whom a setting is for"


def _properties(element: ET.Element) -> ET.Element:
    found = [part for part in element if local_name(part) == "Properties"]
    if len(found) != 1:
        raise _ItemError("it has no Properties, which say what it does")
    return found[0]


def _entry(number: int, said: ET.Element) -> Entry:
    action = said.get("action", "U").upper()
    if action not in _ACTIONS:
        raise _ItemError(f"no action {action!r} is known: C, R, U and D are")
    hive, key = said.get("hive", ""), _literal(said.get("key", ""))
    place = f"{hive}\\{key}" if key else hive
    name, default = _literal(said.get("name", "")), said.get("default") == "1"
    if len(name) > LONGEST_NAME:
        raise _ItemError(f"its name has {len(name)} characters, and Windows takes {LONGEST_NAME}")
    if not name and not default:
        return _key_entry(number, action, place)
    if action == "D":
        return Entry(Action.DELETE_VALUE, place, name, None, number)
    return Entry(_ACTIONS[action], place, name, _value(said), number)


def _key_entry(number: int, action: str, place: str) -> Entry:
    if action == "R":
        raise _ItemError(
            "it deletes the key with all that is below it and makes it anew, and a policy that removes a key wants it gone"
        )
    return Entry(Action.DELETE_KEY if action == "D" else Action.CREATE_KEY, place, None, None, number)


def _value(said: ET.Element) -> RawValue:
    read = _READERS.get(said.get("type", ""))
    if read is None:
        raise _ItemError(f"how a value of the type {said.get('type', '')!r} is written here isn't known")
    return read(said)


def _text(said: ET.Element) -> RawValue:
    return RawValue(_TEXTS[said.get("type", "")], terminated(_literal(said.get("value", ""))))


def _list(said: ET.Element) -> RawValue:
    lists = [part for part in said if local_name(part) == "Values"]
    elements = [_literal(value.text or "") for part in lists for value in part if local_name(value) == "Value"]
    if not elements and said.get("value"):
        raise _ItemError("the elements of its list aren't told apart: they stand in Values, and it has none")
    if any(not element or "\0" in element for element in elements):
        raise _ItemError("an element of the list is empty, and Windows' own functions read such a list only up to there")
    return encode(Kind.MULTI_STRING, tuple(elements))


def _dword(said: ET.Element) -> RawValue:
    digits = said.get("value", "")
    if not _DWORD.fullmatch(digits):
        raise _ItemError("a DWORD is written as eight hexadecimal digits here")
    return RawValue(Type.REG_DWORD, struct.pack("<I", int(digits, 16)))


def _binary(said: ET.Element) -> RawValue:
    digits = re.sub("[ ,]", "", said.get("value", ""))
    if not _BYTES.fullmatch(digits):
        raise _ItemError("binary data is written as pairs of hexadecimal digits here")
    return RawValue(Type.REG_BINARY, bytes.fromhex(digits))


def _literal(text: str) -> str:
    """The text without the marks that keep a variable from being resolved. Refuses one that would be.

    Windows resolves `%LogonUser%` before it writes, and writes `%LogonUser%` for `%<LogonUser>%`.
    """
    for start, name, end in _VARIABLE.findall(text):
        if not (start and end):
            raise _ItemError(f"Windows resolves the variable %{name}% on the device, and a policy says the data itself")
    return _VARIABLE.sub(r"%\2%", text)


_READERS: dict[str, Callable[[ET.Element], RawValue]] = {
    "REG_SZ": _text,
    "REG_EXPAND_SZ": _text,
    "REG_MULTI_SZ": _list,
    "REG_DWORD": _dword,
    "REG_BINARY": _binary,
}
