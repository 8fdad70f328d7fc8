"""What Windows takes out of a `.reg` file, and what it passes over.

The facts are those that Wine's tests of `reg import` hold Windows to (programs/reg/tests/import.c); the files are ours.
"""

from __future__ import annotations

import pytest

from policyc.registry_files import Action, FormatError
from policyc.registry_files.reg import RegFile, parse_reg
from policyc.registry_files.values import decode

HEADS = ("REGEDIT4", "Windows Registry Editor Version 5.00")
KEY = "[HKEY_CURRENT_USER\\Software\\Kiosk]"


def parsed(*lines: str, head: str = HEADS[1]) -> RegFile:
    return parse_reg("\n".join([head, "", KEY, *lines]).encode())


def data(file: RegFile) -> dict[str, str]:
    """Name and bytes of what is set."""
    return {str(entry.name): entry.value.data.hex() for entry in file.entries if entry.value is not None}


def told(file: RegFile) -> list[int]:
    return [line.number for line in file.malformed]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["hex:aa,bb,\\", "  cc"], "aabbcc"),
        (["hex:aa,  \\", "cc"], "aacc"),
        (["hex:aa,\\ ; half of it", "\tcc,\\;more", "dd"], "aaccdd"),
        (["hex:aa,\\", "; a remark between", "  ; another", "cc"], "aacc"),
        (["hex:aa,\\", "", " \t", "cc"], "aacc"),
        (["hex:\\", "  aa,bb"], "aabb"),
        (["hex:aa,bb,"], "aabb"),
        (["hex:aa,bb, ; the comma is no harm"], "aabb"),
        (["hex(3):"], ""),
        (["hex:; nothing"], ""),
        (["hex:aa,bb,\\"], "aabb"),
        (["hex:aa,bb,\\", "", "; and no more"], "aabb"),
        (["hex(ffffffff):aa"], "aa"),
        (["dword:   0000000a"], "0a000000"),
        (["dword:a;b"], "0a000000"),
    ],
)
@pytest.mark.parametrize("head", HEADS)
def test_what_windows_reads(head: str, lines: list[str], expected: str) -> None:
    first, *others = lines
    file = parsed(f'"x"={first}', *others, head=head)
    assert (data(file), told(file)) == ({"x": expected}, [])


@pytest.mark.parametrize(
    "lines",
    [
        ["hex:aa\\", "bb"],
        ["hex:aa\\", ",bb"],
        ["hex:aa\\", "  ,bb,cc"],
        ["hex:aa,b\\", "b,cc"],
        ["hex:aa,b\\", "  b,cc"],
        ["hex:aa,\\", "\\", "  bb,cc"],
        ["hex:aa,\\", "  \\", "  bb,cc"],
        ["hex:aa,\\", "  ,bb"],
        ["hex:aa,\\", "  bb,,cc"],
        ["hex:,\\", "  bb"],
        ["hex:aa,\\\\", "  bb"],
        ["hex:aa,\\bb"],
        ["hex:aa,\\ bb"],
        ["hex:\\aa"],
        ["hex:a\\a,bb"],
        ["hex:aa,\\# no remark", "  bb"],
        ["hex:aa,\\", "# no remark", "  bb"],
        ["hex:aa # no remark"],
        ["hex:aa,1bb"],
        ["hex:aa,/", "  bb"],
        ["hex:aa\\"],
        ["hex(0x3):aa"],
        ["hex(100000000):aa"],
        ["dword:000000001"],
        ["dword:0x1"],
        ["dword:1 1"],
        ["dword:1#1"],
        ['"one"two"'],
        ['"one""two"'],
        ['"one"# no remark'],
        ['-"one"'],
        ["- # no remark"],
        [r'"one\0"'],
        ["one"],
        ["#1"],
        [""],
    ],
)
@pytest.mark.parametrize("head", HEADS)
def test_what_windows_passes_over_is_told_once(head: str, lines: list[str]) -> None:
    first, *others = lines
    file = parsed(f'"x"={first}', *others, '"after"=dword:1', head=head)
    assert data(file) == {"after": "01000000"}
    assert told(file) == [4]
    assert all(line.known for line in file.malformed)


@pytest.mark.parametrize("end", ["", "; of the value"])
def test_a_value_ends_where_its_line_does_and_the_bytes_below_are_nobodys(end: str) -> None:
    file = parsed('"x"=hex:aa,\\', f"  bb,{end}", "  cc,dd,\\", "  ee", '"after"=dword:1')
    assert data(file) == {"x": "aabb", "after": "01000000"}
    assert told(file) == [6]
    assert file.malformed[0].reason.startswith("these bytes belong to no value")


@pytest.mark.parametrize("lost", ['"y"=dword:1', "@=dword:1", "y=1"])
@pytest.mark.parametrize("between", [[], [""], ["; a remark"]])
def test_a_line_behind_a_backslash_is_lost_with_its_value(between: list[str], lost: str) -> None:
    file = parsed('"x"=hex:aa,\\', *between, lost, '"after"=dword:1')
    assert data(file) == {"after": "01000000"}
    assert told(file) == [4, 5 + len(between)]
    assert file.malformed[1].reason == "it is read as data of line 4, which goes on here, as the backslash there says"


def test_without_a_comma_the_next_line_is_its_own() -> None:
    file = parsed('"x"=hex:aa\\', '"y"=dword:1', '"z"=hex:aa\\', "[HKEY_CURRENT_USER\\Software\\Other]", '"a"=dword:2')
    assert data(file) == {"y": "01000000", "a": "02000000"}
    assert file.entries[-1].key == "HKEY_CURRENT_USER\\Software\\Other"
    assert told(file) == [4, 6]


def test_a_key_that_is_read_as_data_opens_nothing() -> None:
    file = parsed('"x"=hex:aa,\\', "[HKEY_CURRENT_USER\\Software\\Other]", '"y"=dword:1', KEY, '"z"=dword:2')
    assert data(file) == {"z": "02000000"}
    assert [(line.number, line.known) for line in file.malformed] == [(4, True), (5, True), (6, False)]
    assert file.malformed[2].reason.startswith("no key is open here: line 5, which should open one, is read as data of line 4")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("[HKEY_CURRENT_USER\\Software\\Kiosk\\]", "HKEY_CURRENT_USER\\Software\\Kiosk"),
        ("[HKEY_CURRENT_USER\\Software\\Kiosk\\\\\\]", "HKEY_CURRENT_USER\\Software\\Kiosk"),
        ("[HKEY_CURRENT_USER\\Software\\Kiosk ]", "HKEY_CURRENT_USER\\Software\\Kiosk "),
        ("\t [hkey_Current_User\\Kiosk]", "hkey_Current_User\\Kiosk"),
        ('[HKEY_CURRENT_USER\\a"b/c]', 'HKEY_CURRENT_USER\\a"b/c'),
        ("[HKEY_CURRENT_USER\\Kiosk] # the kiosks", "HKEY_CURRENT_USER\\Kiosk"),
        ("[HKEY_CURRENT_USER\\Kiosk]the kiosks", "HKEY_CURRENT_USER\\Kiosk"),
        ("[HKEY_CURRENT_USER\\x[1]\\y[2]]", "HKEY_CURRENT_USER\\x[1]\\y[2]"),
    ],
)
def test_keys(written: str, key: str) -> None:
    file = parsed(written, '"y"=dword:1')
    assert (file.entries[-1].key, told(file)) == (key, [])


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("[ HKEY_CURRENT_USER\\Kiosk]", True),
        ("[- HKEY_CURRENT_USER\\Kiosk]", True),
        ("[\t-HKEY_CURRENT_USER\\Kiosk]", True),
        ("[HKEY_CURRENT_USER\\Kiosk", True),
        ("[\\]", False),
        ("[HKEY_CURRENT_USER\\Kiosk] as in [HKEY_CURRENT_USER\\Old]", False),
    ],
)
def test_what_opens_no_key_and_where_the_lines_below_go_is_not_claimed(written: str, known: bool) -> None:
    file = parsed(written, '"y"=dword:1')
    assert data(file) == {}
    assert [line.known for line in file.malformed] == [known, False]


def test_below_a_key_that_is_deleted_nothing_is_set() -> None:
    file = parsed("[-HKEY_CURRENT_USER\\Software\\Kiosk\\Old]", '"y"=dword:1')
    assert [entry.action for entry in file.entries] == [Action.CREATE_KEY, Action.DELETE_KEY]
    assert [(line.number, line.known) for line in file.malformed] == [(5, True)]


@pytest.mark.parametrize("line", ['"y"="one', r'"y"="C:\temp"', '"y"=qword:1', '"y"=hex:aa ,bb', '"y"=hex:0aa'])
def test_what_nobody_has_tried_on_windows_is_told_without_a_claim(line: str) -> None:
    assert [(one.number, one.known) for one in parsed(line).malformed] == [(4, False)]


@pytest.mark.parametrize("remark", ['# "y"=dword:1', '  #"y"=dword:1', ';"y"=dword:1', " ; y \\"])
def test_remarks(remark: str) -> None:
    file = parsed(remark, '"z"=dword:1')
    assert (data(file), told(file)) == ({"z": "01000000"}, [])


@pytest.mark.parametrize("head", [" REGEDIT4", "\t REGEDIT4", "  Windows Registry Editor Version 5.00"])
def test_blanks_before_the_first_line(head: str) -> None:
    file = parse_reg(f'{head}\n{KEY}\n"y"="\xe9"'.encode("cp1252"))
    (value,) = [entry.value for entry in file.entries if entry.value is not None]
    assert decode(value) == ("string", "\xe9")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("REGEDIT5", "Windows imports nothing of this file"),
        ("REGEDIT 4", "Windows imports nothing of this file"),
        ("REGEDIT4 for kiosks", "Windows imports nothing of this file"),
        ("REGEDIT", "Windows 3.1"),
        ("regedit4", "'REGEDIT4'$"),
        ("Windows Registry Editor Version 4.00", "'REGEDIT4'$"),
        ("windows registry editor version 5.00", "'REGEDIT4'$"),
        ("\nREGEDIT4", "'REGEDIT4'$"),
    ],
)
def test_first_lines_that_are_none(head: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        parse_reg(f'{head}\n{KEY}\n"y"=dword:1'.encode())


def test_a_long_value_is_read_in_time_that_grows_with_it() -> None:
    lines = [f"  {','.join(['00'] * 25)},\\"] * 40_000
    assert len(data(parsed('"x"=hex:\\', *lines))["x"]) == 2_000_000
    broken = parsed('"x"=hex:\\', *lines, "  0g", '"y"=dword:1')
    assert (data(broken), told(broken)) == ({"y": "01000000"}, [4])
    assert told(parsed('"x"=hex:' + "0" * 300_000 + ",;")) == [4]
    assert told(parsed('"x"=hex:' + "0,\t" * 100_000 + "\\\t;\\#", "z")) == [4, 5]
