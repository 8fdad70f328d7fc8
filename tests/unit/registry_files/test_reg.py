"""`.reg` files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.registry_files import Action, Entry, FormatError, RawValue
from policyc.registry_files.reg import DEFAULT_CODE_PAGE, parse_reg
from policyc.registry_files.values import Type, terminated

HEAD = "Windows Registry Editor Version 5.00\r\n\r\n"
KEY = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Example]\r\n"
NAME = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Example"


def entries(data: bytes, code_page: str = DEFAULT_CODE_PAGE) -> list[Entry]:
    """Of a file in which every line is understood."""
    found = parse_reg(data, code_page=code_page)
    assert found.malformed == []
    return found.entries


def values(body: str, head: str = HEAD) -> list[tuple[str | None, RawValue | None]]:
    """Name and value of what stands below the key."""
    return [(entry.name, entry.value) for entry in entries((head + KEY + body).encode())[1:]]


def sz(text: str) -> RawValue:
    return RawValue(Type.REG_SZ, terminated(text))


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ('"a"="b"', "a", sz("b")),
        ('"a"=""', "a", sz("")),
        ('@="b"', "", sz("b")),
        ('""="b"', "", sz("b")),
        ('  "a" = "b"  ; a remark', "a", sz("b")),
        ('"a=b"="c=d"', "a=b", sz("c=d")),
        (r'"a\\b\"c"="C:\\x\\\"y\""', 'a\\b"c', sz('C:\\x\\"y"')),
        ('"a"="one\r\ntwo"', "a", sz("one\r\ntwo")),
        ('"a"="x;y"', "a", sz("x;y")),
        ('"a"=dword:0000000f', "a", RawValue(Type.REG_DWORD, b"\x0f\0\0\0")),
        ('"a"=DWORD:F ; fifteen', "a", RawValue(Type.REG_DWORD, b"\x0f\0\0\0")),
        ('"a"=hex:', "a", RawValue(Type.REG_BINARY, b"")),
        ('"a"=hex:0,fF', "a", RawValue(Type.REG_BINARY, b"\0\xff")),
        ('"a"=hex:01,\\\r\n  02,\\ ; and\r\n\t03', "a", RawValue(Type.REG_BINARY, b"\1\2\3")),
        ('"a"=hex(0):', "a", RawValue(Type.REG_NONE, b"")),
        ('"a"=hex(2):61,00,00,00', "a", RawValue(Type.REG_EXPAND_SZ, b"a\0\0\0")),
        ('"a"=hex(4):01,00,00,00', "a", RawValue(Type.REG_DWORD, b"\1\0\0\0")),
        ('"a"=hex(7):00,00', "a", RawValue(Type.REG_MULTI_SZ, b"\0\0")),
        ('"a"=hex(b):01,00,00,00,00,00,00,00', "a", RawValue(Type.REG_QWORD, b"\1" + bytes(7))),
        ('"a"=hex(20000):01', "a", RawValue(0x20000, b"\1")),
        ('"a"=-', "a", None),
        ("@=- ; gone", "", None),
    ],
)
def test_every_form_of_a_value(line: str, name: str, value: RawValue | None) -> None:
    assert values(line) == [(name, value)]
    assert values(line + "\r\n") == [(name, value)]


def test_entries_have_action_key_and_line() -> None:
    text = f'{HEAD}; a remark\n{KEY}"a"=dword:1\n"b"=-\n\n'
    text += "[-HKEY_CURRENT_USER\\Software\\x[1]] ; old\n[HKEY_CURRENT_USER\\Software\\y]\n"
    assert entries(text.encode()) == [
        Entry(Action.CREATE_KEY, NAME, None, None, 4),
        Entry(Action.SET, NAME, "a", RawValue(Type.REG_DWORD, b"\1\0\0\0"), 5),
        Entry(Action.DELETE_VALUE, NAME, "b", None, 6),
        Entry(Action.DELETE_KEY, "HKEY_CURRENT_USER\\Software\\x[1]", None, None, 8),
        Entry(Action.CREATE_KEY, "HKEY_CURRENT_USER\\Software\\y", None, None, 9),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_of_version_5(encoding: str) -> None:
    text = f'{HEAD}{KEY}"Gr\xf6\xdfe"="\xe9"\r\n'
    assert entries(text.encode(encoding))[1] == Entry(Action.SET, NAME, "Gr\xf6\xdfe", sz("\xe9"), 4)


def test_big_endian_with_its_mark_is_read() -> None:
    data = "\ufeff".encode("utf-16-be") + f'{HEAD}{KEY}"a"="b"'.encode("utf-16-be")
    assert entries(data)[1].value == sz("b")


def test_version_4_is_ansi_in_its_strings_and_its_bytes() -> None:
    data = b'REGEDIT4\r\n[HKEY_CURRENT_USER\\x]\r\n"a"="\xe4\x81"\r\n'
    data += b'"b"=hex(7):e4,00,62,00,00\r\n"c"=hex:e4\r\n"d"=hex(2):\\\r\n 25,00\r\n'
    assert [entry.value for entry in entries(data)[1:]] == [
        sz("\xe4\x81"),
        RawValue(Type.REG_MULTI_SZ, "\xe4\0b\0\0".encode("utf-16-le")),
        RawValue(Type.REG_BINARY, b"\xe4"),
        RawValue(Type.REG_EXPAND_SZ, b"%\0\0\0"),
    ]
    assert entries(data, code_page="cp1251")[1].value == sz("\u0434\u0403")


def test_half_a_surrogate_pair_is_kept() -> None:
    data = f'{HEAD}{KEY}"a"="\ud800"'.encode("utf-16-le", "surrogatepass")
    assert entries(data)[1].value == RawValue(Type.REG_SZ, b"\x00\xd8\0\0")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a=1", "this is no key, no value and no comment"),
        ('"a', "this is no key"),
        ('"a"', "this is no key"),
        ('"a"=', "the data is none of"),
        ('"a"=1', "the data is none of"),
        ('"a"=-1', "the data is none of"),
        ('"a"=qword:1', "the data is none of"),
        ('"a"=dword:', "the data is none of"),
        ('"a"=dword:1ffffffff', "the data is none of"),
        ('"a"=dword:xyz', "the data is none of"),
        ('"a"="b', "no closing quote"),
        ('"a"="b"c', "something stands behind"),
        (r'"a"="C:\temp"', r"'\\t' is no escape"),
        (r'"a\b"="c"', r"'\\b' is no escape"),
        ('"a"=hex:123', "no list of bytes"),
        ('"a"=hex:1,,2', "no list of bytes"),
        ('"a"=hex:xy', "no list of bytes"),
        ('"a"=hex(x):1', "the data is none of"),
        ('"a"=hex:1\\', "only where a comma"),
        ("[HKEY_CURRENT_USER", "no ']'"),
        ("[]", "no key between"),
        ("[-]", "no key between"),
        ("[HKEY_CURRENT_USER\\a] ; [b]", "where the key ends"),
    ],
)
def test_a_line_that_is_not_understood_is_told(line: str, reason: str) -> None:
    found = parse_reg(f'{HEAD}{KEY}{line}\r\n[HKEY_CURRENT_USER\\z]\r\n"after"="x"'.encode())
    assert [wrong.number for wrong in found.malformed] == [4]
    assert reason.replace("\\\\", "\\") in found.malformed[0].reason
    assert found.entries[-1] == Entry(Action.SET, "HKEY_CURRENT_USER\\z", "after", sz("x"), 6)
    assert [wrong.number for wrong in parse_reg(f"{HEAD}{KEY}{line}".encode()).malformed] == [4]


def test_a_string_without_its_end_does_not_swallow_the_next_line() -> None:
    found = parse_reg(f'{HEAD}{KEY}"a"="b\r\n"c"="d"\r\n'.encode())
    assert [wrong.number for wrong in found.malformed] == [4]
    assert [entry.name for entry in found.entries[1:]] == ["c"]


@pytest.mark.parametrize("opening", ["[-HKEY_CURRENT_USER\\x]", "[HKEY_CURRENT_USER\\x", ""])
def test_a_value_without_a_key_is_told(opening: str) -> None:
    found = parse_reg(f'{HEAD}{opening}\r\n"a"="b"'.encode())
    assert found.malformed[-1].reason.startswith("no key is open here")


def test_a_long_line_is_quoted_in_part() -> None:
    (wrong,) = parse_reg((HEAD + "x" * 1000).encode()).malformed
    assert wrong.text == "x" * 60 + "\u2026"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the first line"),
        (b"REGEDIT5\r\n", "the first line"),
        (b"\xff\xfeW\0i", "odd number of bytes"),
        (b"\x89PNG\r\n\x1a\n", "the first line"),
        (b"[HKEY_CURRENT_USER\\x]", "the first line"),
    ],
)
def test_what_is_no_reg_file_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        parse_reg(data)


def test_a_byte_that_the_code_page_lacks_is_refused() -> None:
    with pytest.raises(FormatError, match="line 2: the byte 0x98 is no character of cp1251"):
        parse_reg(b'REGEDIT4\n"\x98"', code_page="cp1251")


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (HEAD + KEY + text).encode("utf-8", "replace")))
def test_any_bytes_are_entries_or_a_format_error(data: bytes) -> None:
    try:
        found = parse_reg(data)
    except FormatError:
        return
    lines = len(found.entries) + len(found.malformed)
    assert lines <= data.count(b"\n") + data.count(b"\r") + 1


GRAMMAR = st.sampled_from(
    ['"a"', "@", "=", '"', "\\", "hex:", "hex(7):", "dword:", "01", ",", "\r\n", "\n", ";", "[", "]", "-", " ", "x"]
)


@given(st.lists(GRAMMAR, max_size=60).map("".join))
def test_anything_that_looks_like_a_reg_file_is_read(text: str) -> None:
    found = parse_reg((HEAD + KEY + text).encode())
    numbers = [entry.number for entry in found.entries]
    assert numbers == sorted(numbers)
    assert not {entry.number for entry in found.entries} & {wrong.number for wrong in found.malformed}
