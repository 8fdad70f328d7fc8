"""`registry.pol`, written: `[key;value;type;size;data]` in UTF-16 behind the signature PReg (MS-GPREG 2.2.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from policyc.registry_files import Action, Entry, RawValue
from policyc.registry_files.pol import SIGNATURE, VERSION
from policyc.registry_files.values import Type, terminated

_FIRST = (Action.DELETE_KEY, Action.DELETE_ALL_VALUES)
"""What is done before all else: entries are done one after the other, and these would take away what others wrote."""
_SPACE = RawValue(Type.REG_SZ, terminated(" "))
"""The data of directives that need none, as the editor writes it."""


def ordered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in the order in which they may be done."""
    return sorted(entries, key=lambda one: _FIRST.index(one.action) if one.action in _FIRST else len(_FIRST))


def pol(entries: Iterable[Entry]) -> bytes:
    """The file. The keys of the entries are below the hive."""
    return SIGNATURE + struct.pack("<I", VERSION) + b"".join(map(_record, ordered(entries)))


def _record(entry: Entry) -> bytes:
    key, name, value = _said(entry)
    numbers = [struct.pack("<I", number) for number in (value.type, len(value.data))]
    return b"".join(
        (
            _text("["),
            terminated(key),
            _text(";"),
            terminated(name),
            _text(";"),
            numbers[0],
            _text(";"),
            numbers[1],
            _text(";"),
            value.data,
            _text("]"),
        )
    )


def _said(entry: Entry) -> tuple[str, str, RawValue]:
    """Key, name of the value, or the directive, and data."""
    name, value = entry.name or "", entry.value or _SPACE
    match entry.action:
        case Action.SET_IF_ABSENT:
            return entry.key, f"**soft.{name}", value
        case Action.DELETE_VALUE:
            return entry.key, f"**del.{name}", _SPACE
        case Action.DELETE_ALL_VALUES:
            return entry.key, "**delvals.", _SPACE
        case Action.DELETE_KEY:
            above, _, own = entry.key.rpartition("\\")
            return above, "**DeleteKeys", RawValue(Type.REG_SZ, terminated(own))
        case Action.CREATE_KEY:
            return entry.key, "", RawValue(Type.REG_NONE, b"")
    return entry.key, name, value


def _text(text: str) -> bytes:
    return text.encode("utf-16-le")
