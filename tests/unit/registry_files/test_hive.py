"""Hives: what is asked for comes out byte for byte, and a damaged hive is told, whatever is wrong with it."""

from __future__ import annotations

import struct
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.registry_files import Action, FormatError, RawValue
from policyc.registry_files.hive import read_hive
from unit.registry_files.regf import Hive

pytest.importorskip("regipy")

LONG = bytes(range(256)) * 200
SOFTWARE = {
    "keys": {
        "Example": {
            "values": {
                "": (1, "default\0".encode("utf-16-le")),
                "Number": (4, struct.pack("<I", 5)),
                "Wide": (11, struct.pack("<Q", 2**63)),
                "List": (7, "a\0b\0\0".encode("utf-16-le")),
                "Empty": (3, b""),
                "Short": (4, b"\x05"),
                "Long": (3, LONG),
                "Grün": (1, "ü\0".encode("utf-16-le")),
                "Имя": (1, "я\0".encode("utf-16-le")),
                "Odd": (4711, b"\x01\x02\x03\x04\x05"),
            },
            "keys": {"Below": {}},
        },
        "Ключ": {"values": {"a": (0, b"")}},
    }
}


def read(tmp_path, tree, *keys, **options):
    file = tmp_path / "hive"
    file.write_bytes(Hive(tree, **options).bytes())
    return read_hive(file, keys)


@pytest.mark.parametrize("options", [{}, {"leaf": b"lf"}, {"leaf": b"li"}, {"indexed": True}])
def test_values_come_out_byte_for_byte(tmp_path, options):
    found = read(tmp_path, SOFTWARE, "EXAMPLE", **options)
    assert [(one.action, one.key) for one in found[:1]] == [(Action.CREATE_KEY, "EXAMPLE")]
    assert {one.name: one.value for one in found[1:]} == {
        name: RawValue(kind, data) for name, (kind, data) in SOFTWARE["keys"]["Example"]["values"].items()
    }
    assert [one.number for one in found] == list(range(1, 12))


def test_of_a_key_that_isnt_there_the_nearest_one_is_given(tmp_path):
    found = read(tmp_path, SOFTWARE, "Example\\Below\\Gone\\Deep", "Gone", "ключ", "")
    assert [(one.action, one.key, one.name) for one in found] == [
        (Action.CREATE_KEY, "Example\\Below", None),
        (Action.CREATE_KEY, "", None),
        (Action.CREATE_KEY, "ключ", None),
        (Action.SET, "ключ", "a"),
        (Action.CREATE_KEY, "", None),
    ]


def test_a_key_is_given_whole_after_it_was_only_the_nearest_one(tmp_path):
    tree = {"keys": {"A": {"values": {"V": (3, b"\x01")}}}}
    for keys in (["A\\Gone", "a", "A", "A\\Other"], ["A", "A\\Gone"]):
        found = read(tmp_path, tree, *keys)
        assert [one.name for one in found if one.action is Action.SET] == ["V"]


def test_the_current_control_set_is_the_one_that_the_hive_names(tmp_path):
    value = {"values": {"V": (4, struct.pack("<I", 7))}}
    system = {
        "keys": {
            "ControlSet001": {"keys": {"Control": {}}},
            "ControlSet002": {"keys": {"Control": value}},
            "Select": {"values": {"Current": (4, struct.pack("<I", 2))}},
        }
    }
    found = read(tmp_path, system, "CurrentControlSet\\Control", "ControlSet001\\Control")
    assert [(one.key, one.name) for one in found] == [
        ("CurrentControlSet\\Control", None),
        ("CurrentControlSet\\Control", "V"),
        ("ControlSet001\\Control", None),
    ]
    del system["keys"]["Select"]["values"]["Current"]
    with pytest.raises(FormatError, match="no current control set"):
        read(tmp_path, system, "CurrentControlSet\\Control")


def test_a_hive_with_changes_in_its_log_is_refused(tmp_path):
    file = tmp_path / "hive"
    file.write_bytes(Hive(SOFTWARE).bytes(sequences=(5, 4)))
    with pytest.raises(FormatError, match="still in its log"):
        read_hive(file, ["Example"])


def test_without_regipy(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "regipy.registry", None)
    with pytest.raises(FormatError, match="which isn't installed"):
        read_hive(tmp_path / "hive", [])


GOOD = Hive(SOFTWARE).bytes()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_hive_gives_entries_or_a_format_error(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("hive") / "hive"
    broken = bytearray(GOOD[: data.draw(st.integers(0, len(GOOD)) | st.just(len(GOOD)))])
    for _ in range(data.draw(st.integers(0, 8))):
        if len(broken) > 4:
            at = data.draw(st.integers(4096, max(4096, len(broken) - 1)) | st.integers(0, len(broken) - 1))
            if at < len(broken):
                broken[at] = data.draw(st.integers(0, 255))
    file.write_bytes(broken)
    with suppress(FormatError):
        read_hive(file, ["Example\\Below", "Example", "Gone"])


def test_random_bytes_are_no_hive(tmp_path):
    file = tmp_path / "hive"
    for content in (b"", b"regf", b"regf" + bytes(8188), bytes(100)):
        file.write_bytes(content)
        with pytest.raises(FormatError):
            read_hive(file, ["Example"])


def test_a_value_that_is_listed_without_end(tmp_path):
    """A list of values is a few bytes for each, whatever each of them holds."""
    raw = bytearray(Hive({"keys": {"Example": {"values": {"V": (3, bytes(16_000))}, "keys": {}}}}).bytes())
    key = raw.index(b"nk", raw.index(b"nk") + 2)
    count, values = (key + 2 + struct.calcsize(layout) for layout in ("<HQ4sIIIII", "<HQ4sIIIIII"))
    base = 4096
    record = struct.unpack_from("<I", raw, base + struct.unpack_from("<I", raw, values)[0] + 4)
    times = 20_000
    struct.pack_into("<II", raw, count, times, len(raw) - base)
    raw += struct.pack("<i", -(times * 4 + 8)) + struct.pack("<I", *record) * times + bytes(8)
    file = tmp_path / "SOFTWARE"
    file.write_bytes(bytes(raw + bytes(-len(raw) % 4096)))
    with pytest.raises(FormatError, match="more"):
        read_hive(file, ["Example"])
