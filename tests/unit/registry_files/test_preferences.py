"""Registry preferences of Group Policy: each item as an entry, or with the reason why it is none."""

from __future__ import annotations

import pytest

from policyc.registry_files import Action, Entry, RawValue
from policyc.registry_files.preferences import Item, read_preferences
from policyc.registry_files.values import decode
from unit.importers.backup import item, registry_xml

KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Example"


def only(text: str) -> Item:
    (found,) = read_preferences(registry_xml(text))
    return found


def written(found: Item) -> object:
    """The data of an item's value."""
    value = None if found.entry is None else found.entry.value
    decoded = None if value is None else decode(value)
    assert decoded is not None
    return decoded[1]


@pytest.mark.parametrize(
    ("kind", "value", "data"),
    [
        ("REG_SZ", "text", "text"),
        ("REG_SZ", "", ""),
        ("REG_SZ", "50 % of 100 %", "50 % of 100 %"),
        ("REG_SZ", "%&lt;ProgramFiles>%\\x", "%ProgramFiles%\\x"),
        ("REG_EXPAND_SZ", "%&lt;windir>%", "%windir%"),
        ("REG_DWORD", "0000000A", 10),
        ("REG_DWORD", "ffffffff", 4294967295),
        ("REG_BINARY", "00 0f,FF", b"\x00\x0f\xff"),
        ("REG_BINARY", "", b""),
        ("REG_MULTI_SZ", "", ()),
    ],
)
def test_every_type(kind: str, value: str, data: object) -> None:
    found = only(item(type=kind, value=value))
    assert found.entry is not None
    assert (found.entry.key, found.entry.name, written(found)) == (KEY, "Value", data)


def test_a_list_is_read_from_its_elements_and_not_from_the_line_that_joins_them() -> None:
    found = only(item("<Values><Value>a b</Value><Value>c</Value></Values>", type="REG_MULTI_SZ", value="a b c"))
    assert written(found) == ("a b", "c")


@pytest.mark.parametrize(
    ("properties", "action", "name"),
    [
        ({"action": "C", "type": "REG_DWORD", "value": "00000001"}, Action.SET_IF_ABSENT, "Value"),
        ({"action": "U", "type": "REG_DWORD", "value": "00000001"}, Action.SET, "Value"),
        ({"action": "r", "type": "REG_DWORD", "value": "00000001"}, Action.SET, "Value"),
        ({"action": "D"}, Action.DELETE_VALUE, "Value"),
        ({"action": "U", "name": "", "default": "1", "value": "x"}, Action.SET, ""),
        ({"action": "D", "name": "", "default": "1"}, Action.DELETE_VALUE, ""),
        ({"action": "U", "name": "", "default": "0"}, Action.CREATE_KEY, None),
        ({"action": "C", "name": ""}, Action.CREATE_KEY, None),
        ({"action": "D", "name": ""}, Action.DELETE_KEY, None),
    ],
)
def test_every_action(properties: dict[str, str], action: Action, name: str | None) -> None:
    found = only(item(**properties))
    assert found.entry is not None
    assert (found.entry.action, found.entry.name, found.entry.number) == (action, name, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (item('<Filters><FilterOs bool="AND"/><FilterRunOnce/></Filters>'), "item-level targeting: Os, RunOnce"),
        (item("<Filters><FilterRunOnce/></Filters>"), "once and never again"),
        (item(attributes='disabled="1"'), "switched off"),
        (item(action="X"), "no action 'X'"),
        (item(action="R", name=""), "makes it anew"),
        (item(type="REG_QWORD", value="0000000000000001"), "'REG_QWORD' is written here isn't known"),
        (item(type="REG_DWORD", value="1"), "eight hexadecimal digits"),
        (item(type="REG_BINARY", value="0"), "pairs of hexadecimal digits"),
        (item(type="REG_MULTI_SZ", value="a b"), "told apart"),
        (item("<Values><Value></Value></Values>", type="REG_MULTI_SZ"), "is empty"),
        (item(value=r"\\server\%LogonUser%"), "variable %LogonUser%"),
        (item(key=r"SOFTWARE\%ComputerName%"), "variable %ComputerName%"),
        (item(name="n" * 16_384), "Windows takes 16383"),
        ('<Registry name="a"/>', "no Properties"),
    ],
)
def test_what_is_no_entry_says_why(text: str, reason: str) -> None:
    found = only(text)
    assert found.entry is None
    assert reason in found.reason


def test_collections_are_gone_through_in_order_and_hand_on_what_limits_them() -> None:
    inner = item(name="B", value="1")
    text = registry_xml(
        item(name="A", value="1"),
        f'<Collection name="c"><Collection name="d"><Filters><FilterOs/></Filters>{inner}</Collection>{inner}</Collection>',
        f'<Collection name="off" disabled="1">{inner}</Collection>',
    )
    found = read_preferences(text)
    assert [(one.number, one.name, one.entry is not None) for one in found] == [
        (1, "A", True),
        (2, r"c\d\B", False),
        (3, r"c\B", True),
        (4, r"off\B", False),
    ]


def test_a_file_that_is_switched_off_as_a_whole() -> None:
    data = b'<RegistrySettings disabled="1">' + item(value="1").encode() + b"</RegistrySettings>"
    assert [one.reason for one in read_preferences(data)] == ["it is switched off there"]


def test_the_entry_is_what_windows_would_write() -> None:
    assert only(item(type="REG_DWORD", value="00000007")).entry == Entry(
        Action.SET, KEY, "Value", RawValue(4, b"\x07\0\0\0"), 1
    )
