"""Group Policy's `registry.pol`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.registry_files import Action, Entry, FormatError, RawValue
from policyc.registry_files.pol import read_pol
from policyc.registry_files.values import Type
from unit.registry_files.writing import pol_bytes, raw_pol_entry

HEAD = b"PReg\1\0\0\0"
KEY = "Software\\Policies\\Example"
ONE = RawValue(Type.REG_DWORD, b"\1\0\0\0")
BLANK = RawValue(Type.REG_SZ, b" \0\0\0")


def listed(text: str) -> RawValue:
    return RawValue(Type.REG_SZ, (text + "\0").encode("utf-16-le"))


def read(*entries: tuple[str, str, RawValue]) -> list[Entry]:
    return read_pol(HEAD + b"".join(raw_pol_entry(*entry) for entry in entries))


def test_an_empty_file_has_no_entries() -> None:
    assert read_pol(HEAD) == []


def test_entries_are_read_in_order_with_their_numbers() -> None:
    second = RawValue(Type.REG_SZ, "];[\0".encode("utf-16-le"))
    assert read((KEY, "A", ONE), ("Software\\x", "", second)) == [
        Entry(Action.SET, KEY, "A", ONE, 1),
        Entry(Action.SET, "Software\\x", "", second, 2),
    ]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("**del.A", BLANK, [(Action.DELETE_VALUE, KEY, "A", None)]),
        ("**DEL.A;b", BLANK, [(Action.DELETE_VALUE, KEY, "A;b", None)]),
        ("**delvals.", BLANK, [(Action.DELETE_ALL_VALUES, KEY, None, None)]),
        ("**DelVals", BLANK, [(Action.DELETE_ALL_VALUES, KEY, None, None)]),
        ("**soft.A", ONE, [(Action.SET_IF_ABSENT, KEY, "A", ONE)]),
        ("**SecureKey", ONE, [(Action.SECURE_KEY, KEY, None, None)]),
        ("**securekey=1", BLANK, [(Action.SECURE_KEY, KEY, None, None)]),
        (
            "**DeleteValues",
            listed("A; b;;"),
            [(Action.DELETE_VALUE, KEY, "A", None), (Action.DELETE_VALUE, KEY, "b", None)],
        ),
        (
            "**DeleteKeys",
            listed("x;y"),
            [(Action.DELETE_KEY, KEY + "\\x", None, None), (Action.DELETE_KEY, KEY + "\\y", None, None)],
        ),
        ("**DeleteKeys x;y z", BLANK, [(Action.DELETE_KEY, KEY + f"\\{name}", None, None) for name in ("x", "y z")]),
        ("**Comment:who wrote it", BLANK, []),
        ("**DeleteValues", listed(""), [(Action.SET, KEY, "**DeleteValues", listed(""))]),
        ("**unknown", ONE, [(Action.SET, KEY, "**unknown", ONE)]),
        ("*", ONE, [(Action.SET, KEY, "*", ONE)]),
        ("", RawValue(Type.REG_NONE, b""), [(Action.CREATE_KEY, KEY, None, None)]),
        ("A", RawValue(Type.REG_NONE, b""), [(Action.SET, KEY, "A", RawValue(Type.REG_NONE, b""))]),
    ],
)
def test_directives(name: str, value: RawValue, expected: list[tuple[Action, str, str | None, RawValue | None]]) -> None:
    assert read((KEY, name, value)) == [Entry(*entry, 1) for entry in expected]


@pytest.mark.parametrize("entry", [f"[{KEY}\0]", f"[{KEY}\0;\0]"])
def test_an_entry_that_says_only_a_key_makes_it(entry: str) -> None:
    data = HEAD + entry.encode("utf-16-le")
    assert read_pol(data) == [Entry(Action.CREATE_KEY, KEY, None, None, 1)]


@pytest.mark.parametrize("name", [";", "]", "a;b", "[x]", ";]"])
def test_marks_may_stand_in_names(name: str) -> None:
    assert read((KEY, name, ONE), (name, "A", ONE)) == [
        Entry(Action.SET, KEY, name, ONE, 1),
        Entry(Action.SET, name, "A", ONE, 2),
    ]


WHOLE = HEAD + raw_pol_entry(KEY, "A", ONE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "doesn't begin with 'PReg'"),
        (b"PRe", "doesn't begin with 'PReg'"),
        (b"PReg\1\0", "ends within its first eight bytes"),
        (b"PReg\2\0\0\0", "version 2 of its format"),
        (HEAD + b"x", r"entry 1, at byte 8 of the file, doesn't begin with '\['"),
        (WHOLE + b"\0\0", "entry 2, at byte"),
        (HEAD + "[".encode("utf-16-le"), "no end of its key"),
        (HEAD + f"[{KEY}\0,".encode("utf-16-le"), "';' behind its key"),
        (HEAD + f"[{KEY}\0;A".encode("utf-16-le"), "no end of its name of the value"),
        (HEAD + f"[{KEY}\0;A\0,".encode("utf-16-le"), "';' behind the name"),
        (HEAD + f"[{KEY}\0;A\0;".encode("utf-16-le") + b"\1\0", "ends within its type"),
        (WHOLE[:-14], "';' behind its type"),
        (WHOLE[:-12], "ends within its size"),
        (WHOLE[:-8], "';' behind its size"),
        (WHOLE[:-4], "says that it has 4 bytes of data, and the file has 2 more"),
        (WHOLE[:-2], "']' behind its data"),
        (WHOLE[:-12] + b"\xff" * 4 + WHOLE[-8:], "has 4294967295 bytes of data, and the file has 6 more"),
    ],
)
def test_what_is_broken_is_refused_with_its_place(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read_pol(data)


def test_every_truncation_is_refused() -> None:
    for length in range(8, len(WHOLE)):
        if length != 8:
            with pytest.raises(FormatError):
                read_pol(WHOLE[:length])


RAW = st.builds(RawValue, st.integers(0, 2**32 - 1) | st.sampled_from(list(Type)), st.binary(max_size=20))
NAME = st.text(st.characters(exclude_characters="\0", exclude_categories=()), max_size=12).filter(
    lambda text: not text.startswith("**")
)


@given(st.lists(st.tuples(NAME.filter(bool), NAME.filter(bool), RAW), max_size=5))
def test_every_value_comes_back(values: list[tuple[str, str, RawValue]]) -> None:
    entries = [Entry(Action.SET, key, name, value, number) for number, (key, name, value) in enumerate(values, start=1)]
    assert read_pol(pol_bytes(entries)) == entries


@given(st.binary(max_size=120).map(lambda data: HEAD + data) | st.binary(max_size=60))
def test_any_bytes_are_entries_or_a_format_error(data: bytes) -> None:
    try:
        found = read_pol(data)
    except FormatError:
        return
    assert all(entry.number >= 1 for entry in found)


@given(st.integers(0, len(WHOLE) * 2 - 1), st.integers(0, 255))
def test_a_mutated_file_gives_entries_or_a_format_error(at: int, byte: int) -> None:
    data = bytearray(WHOLE + raw_pol_entry(KEY, "**del.B", BLANK))
    data[at % len(data)] = byte
    try:
        found = read_pol(bytes(data))
    except FormatError:
        return
    assert len(found) <= 2
