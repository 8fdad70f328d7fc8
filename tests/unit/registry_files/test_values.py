"""Between raw values and data of the language."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.model import Data, Kind
from policyc.registry_files import RawValue
from policyc.registry_files.values import Type, decode, encode, type_name

TEXT = st.text(st.characters(exclude_characters="\0"), max_size=20)
DATA: dict[Kind, st.SearchStrategy[Data]] = {
    Kind.STRING: TEXT,
    Kind.EXPAND_STRING: TEXT,
    Kind.MULTI_STRING: st.lists(TEXT.filter(bool), max_size=4).map(tuple),
    Kind.DWORD: st.integers(0, 2**32 - 1),
    Kind.QWORD: st.integers(0, 2**64 - 1),
    Kind.BINARY: st.binary(max_size=20),
}
KNOWN = st.sampled_from(list(Kind)).flatmap(lambda kind: st.tuples(st.just(kind), DATA[kind]))


@given(KNOWN)
def test_every_kind_comes_back(known: tuple[Kind, Data]) -> None:
    assert decode(encode(*known)) == known


@given(st.integers(0, 2**32 - 1) | st.sampled_from(list(Type)), st.binary(max_size=40))
def test_any_bytes_decode_or_are_unreadable(type: int, data: bytes) -> None:
    found = decode(RawValue(type, data))
    assert found is None or isinstance(found[0], Kind)


def wide(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize(
    ("type", "data", "expected"),
    [
        (Type.REG_SZ, wide("a"), (Kind.STRING, "a")),
        (Type.REG_SZ, wide("a\0"), (Kind.STRING, "a")),
        (Type.REG_SZ, wide("a\0\0"), (Kind.STRING, "a\0")),
        (Type.REG_SZ, b"", (Kind.STRING, "")),
        (Type.REG_EXPAND_SZ, wide("%x%\0"), (Kind.EXPAND_STRING, "%x%")),
        (Type.REG_SZ, b"a\0b", (Kind.STRING, "ab")),
        (Type.REG_SZ, wide("\ud800\0"), (Kind.STRING, "\ud800")),
        (Type.REG_MULTI_SZ, b"", (Kind.MULTI_STRING, ())),
        (Type.REG_MULTI_SZ, wide("\0"), (Kind.MULTI_STRING, ())),
        (Type.REG_MULTI_SZ, wide("\0\0"), (Kind.MULTI_STRING, ("",))),
        (Type.REG_MULTI_SZ, wide("a"), (Kind.MULTI_STRING, ("a",))),
        (Type.REG_MULTI_SZ, wide("a\0"), (Kind.MULTI_STRING, ("a",))),
        (Type.REG_MULTI_SZ, wide("a\0\0"), (Kind.MULTI_STRING, ("a",))),
        (Type.REG_MULTI_SZ, wide("a\0\0b\0\0"), (Kind.MULTI_STRING, ("a", "", "b"))),
        (Type.REG_MULTI_SZ, wide("a\0\0\0"), (Kind.MULTI_STRING, ("a", ""))),
        (Type.REG_DWORD, b"\1\2\0\0", (Kind.DWORD, 0x201)),
        (Type.REG_DWORD, b"\xff\xff\xff\xff", (Kind.DWORD, 2**32 - 1)),
        (Type.REG_QWORD, b"\xff" * 8, (Kind.QWORD, 2**64 - 1)),
        (Type.REG_BINARY, b"\1\2", (Kind.BINARY, b"\1\2")),
    ],
)
def test_data_is_what_dotnet_reads(type: int, data: bytes, expected: tuple[Kind, Data]) -> None:
    assert decode(RawValue(type, data)) == expected


@pytest.mark.parametrize(
    ("type", "data"),
    [
        (Type.REG_NONE, b""),
        (Type.REG_LINK, wide("\\Registry\\Machine\\X")),
        (Type.REG_RESOURCE_LIST, bytes(16)),
        (Type.REG_FULL_RESOURCE_DESCRIPTOR, bytes(16)),
        (Type.REG_RESOURCE_REQUIREMENTS_LIST, bytes(32)),
        (Type.REG_DWORD_BIG_ENDIAN, b"\0\0\0\5"),
        (Type.REG_DWORD, struct.pack("<Q", 5)),
        (Type.REG_DWORD, b"\5\0"),
        (Type.REG_DWORD, b""),
        (Type.REG_QWORD, struct.pack("<I", 5)),
        (Type.REG_QWORD, bytes(12)),
        (4711, b"\1\2\3"),
    ],
)
def test_what_dotnet_reads_wrongly_is_unreadable(type: int, data: bytes) -> None:
    assert decode(RawValue(type, data)) is None


def test_data_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="dword does not hold str"):
        encode(Kind.DWORD, "1")


def test_kinds_have_windows_names() -> None:
    assert (type_name(0), type_name(11), type_name(12)) == ("REG_NONE", "REG_QWORD", "kind 12")
