"""Between a value as Windows keeps it and the data that the language names, read as .NET reads it."""

from __future__ import annotations

import struct
from enum import IntEnum

from policyc.model import Data, Kind
from policyc.registry_files.entries import RawValue


class Type(IntEnum):
    """Windows' numbers for the kinds of a value (winnt.h)."""

    REG_NONE = 0
    REG_SZ = 1
    REG_EXPAND_SZ = 2
    REG_BINARY = 3
    REG_DWORD = 4
    REG_DWORD_BIG_ENDIAN = 5
    REG_LINK = 6
    REG_MULTI_SZ = 7
    REG_RESOURCE_LIST = 8
    REG_FULL_RESOURCE_DESCRIPTOR = 9
    REG_RESOURCE_REQUIREMENTS_LIST = 10
    REG_QWORD = 11


_TEXTS = {Type.REG_SZ: Kind.STRING, Type.REG_EXPAND_SZ: Kind.EXPAND_STRING}
_NUMBERS = {Type.REG_DWORD: (Kind.DWORD, "<I"), Type.REG_QWORD: (Kind.QWORD, "<Q")}
_TYPES = {
    Kind.STRING: Type.REG_SZ,
    Kind.EXPAND_STRING: Type.REG_EXPAND_SZ,
    Kind.MULTI_STRING: Type.REG_MULTI_SZ,
    Kind.DWORD: Type.REG_DWORD,
    Kind.QWORD: Type.REG_QWORD,
    Kind.BINARY: Type.REG_BINARY,
}


def type_name(number: int) -> str:
    """What Windows calls a kind.

    >>> type_name(5), type_name(0x20000)
    ('REG_DWORD_BIG_ENDIAN', 'kind 131072')
    """
    return Type(number).name if number in Type._value2member_map_ else f"kind {number}"


def decode(raw: RawValue) -> tuple[Kind, Data] | None:
    """Kind and data of a value.

    None where .NET reads it wrongly or not at all (links, resource lists, numbers that haven't the size of their kind), and for
    REG_NONE, which is readable and yet of no kind that the language names.
    """
    if raw.type in _TEXTS:
        return _TEXTS[Type(raw.type)], _characters(raw.data).removesuffix("\0")
    if raw.type == Type.REG_MULTI_SZ:
        return Kind.MULTI_STRING, _elements(_characters(raw.data))
    if raw.type == Type.REG_BINARY:
        return Kind.BINARY, raw.data
    if raw.type in _NUMBERS:
        kind, form = _NUMBERS[Type(raw.type)]
        return (kind, struct.unpack(form, raw.data)[0]) if len(raw.data) == struct.calcsize(form) else None
    return None


def encode(kind: Kind, data: Data) -> RawValue:
    """The value that Windows keeps for a policy's data. Raises TypeError for data of another kind."""
    return RawValue(_TYPES[kind], _bytes(kind, data))


def _bytes(kind: Kind, data: Data) -> bytes:
    match kind, data:
        case ((Kind.STRING | Kind.EXPAND_STRING), str()):
            return terminated(data)
        case Kind.MULTI_STRING, tuple():
            return b"".join(map(terminated, data)) + terminated("")
        case Kind.DWORD, int():
            return struct.pack("<I", data)
        case Kind.QWORD, int():
            return struct.pack("<Q", data)
        case Kind.BINARY, bytes():
            return data
    raise TypeError(f"{kind} does not hold {type(data).__name__}")


def terminated(text: str) -> bytes:
    """UTF-16 with the NUL at the end that Windows expects of every string."""
    return (text + "\0").encode("utf-16-le", "surrogatepass")


def _characters(data: bytes) -> str:
    """UTF-16; of an odd number of bytes the last one is half of a character, whose other half is taken as 0."""
    return (data + b"\0" * (len(data) % 2)).decode("utf-16-le", "surrogatepass")


def _elements(text: str) -> tuple[str, ...]:
    """The strings of a multi_string: each ends with a NUL, and one more ends the list."""
    if text and not text.endswith("\0"):
        text += "\0"
    parts = text.split("\0")[:-1]
    # The last NUL ends the list unless it is the one that ends an element.
    return tuple(parts[:-1] if parts and parts[-1] == "" else parts)
