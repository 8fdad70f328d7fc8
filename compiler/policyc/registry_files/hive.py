"""Hives, as Windows keeps them in files: SOFTWARE, SYSTEM, NTUSER.DAT.

Read by regipy, as far as asked: its own reading of values loses bytes, so those are taken as they are.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from policyc.model import upper
from policyc.registry_files.entries import Action, Entry, FormatError, RawValue

SIGNATURE = b"regf"
_SMALLEST = 20
"""Bytes of the record of a key or a value, at least: so many of them a hive of its size can hold."""
_INLINE = 0x80000000
"""In the size of a value: the data stands where else its offset does."""
_CELL = 4
_BIG = 16344
"""Data of more bytes is kept in pieces, from version 1.4 on."""
_CURRENT = "CurrentControlSet"

INSTALL = 'pip install "policyc[hives]"'
"""What brings the reader of hives."""

_Node = Any
"""A key of regipy."""


class NoReaderError(FormatError):
    """The package that reads hives isn't installed; `INSTALL` brings it."""


def read_hive(file: Path, keys: Iterable[str]) -> list[Entry]:
    """The keys of a hive that are asked for, as far as they are there, with their values. Raises FormatError.

    Keys are named from the hive's root. Of one that isn't there, the nearest key above it is given. In a SYSTEM hive
    CurrentControlSet is the control set that the hive names as the current one.
    """
    try:
        from regipy.registry import RegistryHive
    except ImportError:
        raise NoReaderError("hives are read by the package regipy, which isn't installed") from None
    try:
        opened: Any = RegistryHive
        return _Reading(opened(file), file.stat().st_size).entries(keys)
    except (FormatError, OSError):
        raise
    except Exception as failure:
        # Whatever a damaged hive makes regipy raise: it has no common class for that.
        raise FormatError("the hive is damaged or cut off: not all that it refers to is in it") from failure


class _Reading:
    def __init__(self, hive: _Node, size: int) -> None:
        from regipy.structs import REGF_HEADER_SIZE, VALUE_KEY

        self._hive = hive
        self._base = REGF_HEADER_SIZE + _CELL
        self._value_key: Any = VALUE_KEY
        self._size = size
        self._seen = self._bytes = 0
        self._current: str | None = None
        self._read: dict[str, dict[str, _Node]] = {}

    def entries(self, keys: Iterable[str]) -> list[Entry]:
        header = self._hive.header
        if header.primary_sequence_num != header.secondary_sequence_num:
            raise FormatError("its last changes are still in its log: 'reg save' writes a hive that is whole")
        found: list[Entry] = []
        given: set[tuple[str, bool]] = set()
        for key in keys:
            there, node = self._nearest(key)
            whole = len(there) == len(key)
            # A key may be wanted with its values after it was only the nearest one to another.
            if (upper(there), True) in given or (upper(there), whole) in given:
                continue
            given.add((upper(there), whole))
            found.append(Entry(Action.CREATE_KEY, there, None, None, len(found) + 1))
            if whole:
                for name, value in self._values(node):
                    found.append(Entry(Action.SET, there, name, value, len(found) + 1))
        return found

    def _nearest(self, key: str) -> tuple[str, _Node]:
        """The longest beginning of the key that is there, and its node."""
        node, there = self._hive.root, ""
        for part in key.split("\\") if key else ():
            wanted = self._control_set() if not there and upper(part) == upper(_CURRENT) else part
            below = self._children(there, node).get(upper(wanted))
            if below is None:
                break
            node, there = below, f"{there}\\{part}" if there else part
        return there, node

    def _control_set(self) -> str:
        if self._current is None:
            self._current = self._named_set()
        return self._current

    def _named_set(self) -> str:
        select = self._children("", self._hive.root).get("SELECT")
        values = {upper(name): value for name, value in self._values(select)} if select is not None else {}
        current = values.get("CURRENT")
        if current is None or current.type != 4 or len(current.data) != 4:
            raise FormatError(r"it names no current control set (Select\Current)")
        return f"ControlSet{struct.unpack('<I', current.data)[0]:03}"

    def _children(self, key: str, node: _Node) -> dict[str, _Node]:
        """The keys right below a key, by name in upper case; each key's are read once, and the first of a name counts."""
        known = self._read.get(upper(key))
        if known is None:
            known = self._read[upper(key)] = {}
            for one in node.iter_subkeys():
                self._count()
                known.setdefault(upper(_name(one)), one)
        return known

    def _values(self, node: _Node) -> Iterator[tuple[str, RawValue]]:
        stream = self._hive._stream  # noqa: SLF001 - regipy gives no way to the bytes of a value
        for number in range(node.header.values_count):
            self._count()
            stream.seek(self._base + node.header.values_list_offset + number * _CELL)
            (offset,) = struct.unpack("<I", stream.read(_CELL))
            stream.seek(self._base + offset)
            entry = self._value_key.parse_stream(stream)
            name = _decoded(entry.name, compressed=entry.flags.VALUE_COMP_NAME)
            yield name, RawValue(int(entry.data_type), self._data(entry, node, stream))

    def _data(self, entry: _Node, node: _Node, stream: Any) -> bytes:  # noqa: ANN401 - see _Node
        if entry.data_size >= _INLINE:
            return struct.pack("<I", entry.data_offset)[: entry.data_size - _INLINE]
        read = node.read_value(entry, stream)
        data: bytes = read.value
        if entry.data_size > _BIG and data[:2] == b"db":
            data = node._parse_indirect_block(stream, read)  # noqa: SLF001 - the same
        if len(data) != entry.data_size:
            raise FormatError("the data of a value ends too early: the hive isn't whole")
        # A list of values may name one of them as often as it likes.
        self._bytes += len(data)
        if self._bytes > self._size:
            raise FormatError("its values have more data than there is in the hive")
        return data

    def _count(self) -> None:
        self._seen += 1
        if self._seen * _SMALLEST > self._size:
            raise FormatError("it leads to more keys and values than it has room for, or in a circle")


def _name(node: _Node) -> str:
    return _decoded(node.header.key_name_string, compressed=node.header.flags.KEY_COMP_NAME)


def _decoded(raw: bytes, *, compressed: bool) -> str:
    """A name: Latin-1 where one byte was enough for each character, else UTF-16."""
    return raw.decode("latin-1") if compressed else raw.decode("utf-16-le", "surrogatepass")
