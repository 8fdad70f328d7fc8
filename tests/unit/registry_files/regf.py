"""A writer of small hives, after the published descriptions of the format: what tests read back."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

START = 4096
HEAD = 32


class Hive:
    """Keys as a tree: `{"Key": {"values": {name: (type, data)}, "keys": {...}}}`; the root is such a node."""

    def __init__(self, root: Mapping[str, Any], *, leaf: bytes = b"lh", indexed: bool = False) -> None:
        self._cells = bytearray()
        self._leaf = leaf
        self._indexed = indexed
        # The root's cell is the first one: its lists are written behind it and put in afterwards.
        self._root = self._key("root", root, root=True)

    def bytes(self, *, sequences: tuple[int, int] = (1, 1)) -> bytes:
        size = -(-(HEAD + len(self._cells)) // 4096) * 4096
        rest = size - HEAD - len(self._cells)
        bins = struct.pack("<4sIIIIQI", b"hbin", 0, size, 0, 0, 0, 0) + bytes(self._cells)
        bins += struct.pack("<i", rest) + bytes(rest - 4) if rest >= 4 else bytes(rest)
        head = struct.pack("<4sIIQIIIIIII", b"regf", *sequences, 0, 1, 5, 0, 1, self._root, size, 1)
        head += "test".encode("utf-16-le").ljust(64, b"\0")
        head = head.ljust(508, b"\0")
        checksum = 0
        for (word,) in struct.iter_unpack("<I", head):
            checksum ^= word
        return (head + struct.pack("<I", checksum)).ljust(START, b"\0") + bins

    def _cell(self, data: bytes) -> int:
        """Add a cell; its offset is from the first bin on."""
        size = -(-(len(data) + 4) // 8) * 8
        offset = HEAD + len(self._cells)
        self._cells += struct.pack("<i", -size) + data.ljust(size - 4, b"\0")
        return offset

    def _key(self, name: str, node: Mapping[str, Any], *, root: bool = False) -> int:
        raw, compressed = _name(name)
        flags = (0x20 if compressed else 0) | (0x04 if root else 0)
        values, keys = node.get("values", {}), node.get("keys", {})
        at = self._cell(b"nk" + bytes(74) + raw)
        value_list = self._values(values) if values else 0xFFFFFFFF
        key_list = self._keys([self._key(below, tree) for below, tree in keys.items()]) if keys else 0xFFFFFFFF
        fixed = struct.pack(
            "<HQ4sIIIIIIIIIIIII4sHH",
            flags, 0, bytes(4), 0, len(keys), 0, key_list, 0xFFFFFFFF, len(values), value_list,
            0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 0, 0, bytes(4), len(raw), 0,
        )  # fmt: skip
        start = at - HEAD + 4 + 2
        self._cells[start : start + len(fixed)] = fixed
        return at

    def _keys(self, offsets: list[int]) -> int:
        if self._indexed:
            lists = [self._list([offset]) for offset in offsets]
            return self._cell(struct.pack("<2sH", b"ri", len(lists)) + b"".join(struct.pack("<I", one) for one in lists))
        return self._list(offsets)

    def _list(self, offsets: list[int]) -> int:
        hint = b"" if self._leaf == b"li" else bytes(4)
        return self._cell(
            struct.pack("<2sH", self._leaf, len(offsets)) + b"".join(struct.pack("<I", one) + hint for one in offsets)
        )

    def _values(self, values: Mapping[str, tuple[int, bytes]]) -> int:
        offsets = []
        for name, (kind, data) in values.items():
            raw, compressed = _name(name)
            size, at = len(data), 0
            if size <= 4:
                size |= 0x80000000
                (at,) = struct.unpack("<I", data.ljust(4, b"\0"))
            elif size > 16344:
                at = self._big(data)
            else:
                at = self._cell(data)
            offsets.append(self._cell(struct.pack("<2sHIIIHH", b"vk", len(raw), size, at, kind, int(compressed), 0) + raw))
        return self._cell(b"".join(struct.pack("<I", one) for one in offsets))

    def _big(self, data: bytes) -> int:
        pieces = [self._cell(data[start : start + 16344]) for start in range(0, len(data), 16344)]
        listed = self._cell(b"".join(struct.pack("<I", one) for one in pieces))
        return self._cell(struct.pack("<2sHI", b"db", len(pieces), listed))


def _name(name: str) -> tuple[bytes, bool]:
    try:
        return name.encode("latin-1"), True
    except UnicodeEncodeError:
        return name.encode("utf-16-le"), False
