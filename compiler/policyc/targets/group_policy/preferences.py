"""Preferences about the registry (`Registry.xml`, MS-GPPREF 2.2.1.9): values outside the Policies keys.

Only forms that real objects have been seen to hold are written: whatever else there is stands in `registry.pol`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from uuid import UUID

from policyc.model import Data, Hive, Kind
from policyc.registry_files import Action, Entry, RawValue
from policyc.registry_files.values import decode
from policyc.targets.group_policy.change import Change
from policyc.targets.group_policy.markup import attributes, escaped, is_xml
from policyc.targets.uuids import uuid5

CHANGED = "2000-01-01 00:00:00"
"""When an item was changed last: the same in each output, as no clock reaches one."""
_FILE, _ITEM = "{A3CCFC41-DFDB-43a5-8D26-0FE8B954DA51}", "{9CD4B2F4-923D-47f5-A062-E897DD1DAD50}"
_ACTIONS = {Action.SET: "U", Action.SET_IF_ABSENT: "C", Action.DELETE_VALUE: "D"}
_TYPES = {
    Kind.STRING: ("REG_SZ", "7"),
    Kind.EXPAND_STRING: ("REG_EXPAND_SZ", "7"),
    Kind.MULTI_STRING: ("REG_MULTI_SZ", "7"),
    Kind.DWORD: ("REG_DWORD", "12"),
    Kind.BINARY: ("REG_BINARY", "17"),
}
"""Name of the kind, and the picture that the editor shows."""
_HIVES = {Hive.MACHINE: ("HKEY_LOCAL_MACHINE", ""), Hive.USER: ("HKEY_CURRENT_USER", "")}
_RESOLVED = re.compile(r"%([A-Za-z_][A-Za-z0-9_().-]*)%")
_VARIABLE = re.compile(r"%(<?)([A-Za-z_][A-Za-z0-9_().-]*)(>?)%")
_LONGEST_WHY = 1000


def why_no_preference(entries: Iterable[Entry]) -> str:
    """Why the items can't be written, as a clause; empty where they can."""
    return next(filter(None, map(_why_not, entries)), "")


def _why_not(entry: Entry) -> str:
    if entry.action not in _ACTIONS:
        return "a preference is about one value"
    texts = [entry.key, entry.name or ""]
    if entry.value is not None:
        kind, data = _known(entry.value)
        if kind not in _TYPES:
            return f"how a preference says a {kind} isn't documented"
        if data in ((), b""):
            return f"how a preference says an empty {kind} isn't documented"
        elements = data if isinstance(data, tuple) else ()
        if any(element != element.strip() for element in elements):
            return "blanks at the ends of a list's elements may be lost in a preference"
        texts += [*elements, *([data] if isinstance(data, str) else [])]
    if not all(map(is_xml, texts)):
        return "a preference is XML, which can't hold a character of it"
    if not all(map(_stays, texts)):
        return "a preference would resolve a variable in it"
    return ""


def preferences(changes: Iterable[Change], namespace: UUID) -> bytes:
    """The file. `namespace` is the object's UUID, from which those of its items come."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<RegistrySettings clsid="{_FILE}">']
    for one in changes:
        for entry in one.entries:
            lines += _item(one, entry, namespace)
    lines.append("</RegistrySettings>")
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def _item(one: Change, entry: Entry, namespace: UUID) -> Iterator[str]:
    kind, data = (Kind.STRING, "") if entry.value is None else _known(entry.value)
    type_, image = _TYPES[kind]
    shown = _literal(entry.name or "(Default)")
    hive, before = _HIVES.get(one.hive, ("HKEY_USERS", one.hive.partition("\\")[2] + "\\"))
    head = {
        "clsid": _ITEM,
        "name": shown,
        "status": shown,
        "image": image,
        "changed": CHANGED,
        "uid": f"{{{str(uuid5(namespace, f'preference/{one.setting.id}')).upper()}}}",
        "bypassErrors": "1",
    }
    why = " ".join(one.setting.why.split())[:_LONGEST_WHY]
    if why:
        head["desc"] = why
    said = {
        "action": _ACTIONS[entry.action],
        "displayDecimal": "1",
        "default": "0" if entry.name else "1",
        "hive": hive,
        "key": _literal(before + entry.key),
        "name": _literal(entry.name or ""),
        "type": type_,
        "value": _value(data),
    }
    yield f"\t<Registry{attributes(head)}>"
    if isinstance(data, tuple):
        values = "".join(f"<Value>{escaped(_literal(element))}</Value>" for element in data)
        yield f"\t\t<Properties{attributes(said)}><Values>{values}</Values></Properties>"
    else:
        yield f"\t\t<Properties{attributes(said)}/>"
    yield "\t</Registry>"


def _value(data: Data) -> str:
    if isinstance(data, int):
        return f"{data:08X}"  # whatever displayDecimal says
    if isinstance(data, bytes):
        return data.hex().upper()
    return _literal(" ".join(data) if isinstance(data, tuple) else data)


def _known(value: RawValue) -> tuple[Kind, Data]:
    known = decode(value)
    assert known is not None  # noqa: S101 - it was made from a kind that the language names
    return known


def _literal(text: str) -> str:
    """The text with marks that keep a variable from being resolved: Windows writes `%windir%` for `%<windir>%`."""
    return _RESOLVED.sub(r"%<\1>%", text)


def _stays(text: str) -> bool:
    """Whether Windows makes the text of what is written."""
    written = _literal(text)
    marked = all(start and end for start, _, end in _VARIABLE.findall(written))
    return marked and _VARIABLE.sub(r"%\2%", written) == text
