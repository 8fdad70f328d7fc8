"""The formats of registry files, written: the other half of what the readers are tested with."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from policyc.registry_files import Action, Entry, RawValue
from policyc.registry_files.values import Type

HEAD = "Windows Registry Editor Version 5.00\r\n"


def reg_text(entries: Iterable[Entry], *, width: int = 25) -> str:
    """A `.reg` file as regedit exports it: strings in quotes, numbers as dword, all else as hex with lines continued."""
    lines = [HEAD]
    for entry in entries:
        if entry.action is Action.CREATE_KEY:
            lines.append(f"\r\n[{entry.key}]\r\n")
        elif entry.action is Action.DELETE_KEY:
            lines.append(f"\r\n[-{entry.key}]\r\n")
        else:
            name = f'"{escaped(entry.name)}"' if entry.name else "@"
            lines.append(f"{name}={'-' if entry.value is None else reg_data(entry.value, width)}\r\n")
    return "".join(lines)


def escaped(text: str | None) -> str:
    return (text or "").replace("\\", "\\\\").replace('"', '\\"')


def reg_data(value: RawValue, width: int) -> str:
    if value.type == Type.REG_SZ and value.data.endswith(b"\0\0") and len(value.data) % 2 == 0:
        text = value.data[:-2].decode("utf-16-le", "surrogatepass")
        if "\0" not in text and "\r" not in text and "\n" not in text:
            return f'"{escaped(text)}"'
    if value.type == Type.REG_DWORD and len(value.data) == 4:
        return f"dword:{struct.unpack('<I', value.data)[0]:08x}"
    pairs = [f"{byte:02x}" for byte in value.data]
    rows = [",".join(pairs[start : start + width]) for start in range(0, len(pairs), width)]
    kind = "hex" if value.type == Type.REG_BINARY else f"hex({value.type:x})"
    return f"{kind}:" + ",\\\r\n  ".join(rows)


def pol_bytes(entries: Iterable[Entry]) -> bytes:
    """A `registry.pol` as Group Policy writes it."""
    return b"PReg" + struct.pack("<I", 1) + b"".join(map(pol_entry, entries))


_BLANK = RawValue(Type.REG_SZ, " \0".encode("utf-16-le"))


def pol_entry(entry: Entry) -> bytes:
    name, value = entry.name or "", entry.value or _BLANK
    match entry.action:
        case Action.CREATE_KEY:
            value = RawValue(Type.REG_NONE, b"")
        case Action.DELETE_VALUE:
            name = f"**del.{name}"
        case Action.DELETE_ALL_VALUES:
            name = "**delvals."
        case Action.SET_IF_ABSENT:
            name = f"**soft.{name}"
        case Action.SECURE_KEY:
            name, value = "**SecureKey", RawValue(Type.REG_DWORD, struct.pack("<I", 1))
        case Action.DELETE_KEY:
            above, _, last = entry.key.rpartition("\\")
            return raw_pol_entry(above, "**DeleteKeys", RawValue(Type.REG_SZ, f"{last}\0".encode("utf-16-le")))
    return raw_pol_entry(entry.key, name, value)


def raw_pol_entry(key: str, name: str, value: RawValue) -> bytes:
    def wide(text: str) -> bytes:
        return text.encode("utf-16-le", "surrogatepass")

    head = wide(f"[{key}\0;{name}\0;") + struct.pack("<I", value.type) + wide(";") + struct.pack("<I", len(value.data))
    return head + wide(";") + value.data + wide("]")
