"""A registry's state in Python: kinds and raw bytes, as Windows keeps them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from policyc.model import Data, Kind


class Type(IntEnum):
    """Windows' numbers for the kinds of a value (winnt.h)."""

    NONE = 0
    SZ = 1
    EXPAND_SZ = 2
    BINARY = 3
    DWORD = 4
    DWORD_BIG_ENDIAN = 5
    LINK = 6
    MULTI_SZ = 7
    RESOURCE_LIST = 8
    FULL_RESOURCE_DESCRIPTOR = 9
    RESOURCE_REQUIREMENTS_LIST = 10
    QWORD = 11


@dataclass(frozen=True, slots=True)
class Value:
    """A value's kind and bytes."""

    type: int
    data: bytes

    def __repr__(self) -> str:
        known = self.type in Type._value2member_map_
        name = Type(self.type).name if known else str(self.type)
        if self.type in (Type.SZ, Type.EXPAND_SZ, Type.MULTI_SZ):
            return f"{name} {self.data.decode('utf-16-le', 'replace')[:80]!r}"
        return f"{name} {self.data[:40].hex()}"


State: TypeAlias = Mapping[str, Mapping[str, Value]]
r"""Keys (`HKLM\SOFTWARE\Example`; `HKLM32`, `HKU`, `HKCU`) to their values by name; `""` is the default value."""


def _text(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le", "surrogatepass")


def sz(text: str) -> Value:
    """A REG_SZ."""
    return Value(Type.SZ, _text(text))


def expand_sz(text: str) -> Value:
    """A REG_EXPAND_SZ."""
    return Value(Type.EXPAND_SZ, _text(text))


def multi_sz(*texts: str) -> Value:
    """A REG_MULTI_SZ."""
    return Value(Type.MULTI_SZ, b"".join(map(_text, texts)) + b"\0\0")


def dword(number: int) -> Value:
    """A REG_DWORD."""
    return Value(Type.DWORD, struct.pack("<I", number))


def qword(number: int) -> Value:
    """A REG_QWORD."""
    return Value(Type.QWORD, struct.pack("<Q", number))


def binary(data: bytes) -> Value:
    """A REG_BINARY."""
    return Value(Type.BINARY, data)


def value(kind: Kind, data: Data) -> Value:
    """What Windows keeps for a policy's data."""
    match kind, data:
        case Kind.STRING, str():
            return sz(data)
        case Kind.EXPAND_STRING, str():
            return expand_sz(data)
        case Kind.MULTI_STRING, tuple():
            return multi_sz(*data)
        case Kind.DWORD, int():
            return dword(data)
        case Kind.QWORD, int():
            return qword(data)
        case Kind.BINARY, bytes():
            return binary(data)
    raise TypeError(f"{kind} does not hold {data!r}")


UNREADABLE: Mapping[str, Value] = {
    "link": Value(Type.LINK, "\\Registry\\Machine\\X".encode("utf-16-le")),
    "resource list": Value(Type.RESOURCE_LIST, bytes(16)),
    "full resource descriptor": Value(Type.FULL_RESOURCE_DESCRIPTOR, bytes(16)),
    "resource requirements list": Value(Type.RESOURCE_REQUIREMENTS_LIST, bytes(32)),
    "big-endian dword": Value(Type.DWORD_BIG_ENDIAN, b"\0\0\0\5"),
    "dword of 8 bytes": Value(Type.DWORD, struct.pack("<Q", 5)),
    "dword of 2 bytes": Value(Type.DWORD, b"\5\0"),
    "dword of no bytes": Value(Type.DWORD, b""),
    "qword of 4 bytes": Value(Type.QWORD, struct.pack("<I", 5)),
    "qword of 12 bytes": Value(Type.QWORD, bytes(12)),
    "a kind of 4711": Value(4711, b"\1\2\3"),
}
"""What .NET reads wrongly or not at all."""


def differences(before: State, after: State) -> list[str]:
    """What is not the same, a line each."""
    found = []
    for key in sorted({*before, *after}):
        if key not in before or key not in after:
            found.append(f"{'+' if key in after else '-'} {key}")
            continue
        for name in sorted({*before[key], *after[key]}):
            was, now = before[key].get(name), after[key].get(name)
            if was != now:
                found.append(f"! {key} : {name}: {was} -> {now}")
    return found
