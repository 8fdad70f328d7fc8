"""Cabinets that are packed with LZX, as the console's exports are: in blocks that LZX calls uncompressed, and still LZX."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import accumulate

_FRAME = 0x8000
_WINDOW_32_KB = 15 << 8
_LZX = 3


def lzx_cabinet(files: Mapping[str, bytes]) -> bytes:
    """The files in one folder, in the order given. Names go in as UTF-8, whatever they are."""
    data = b"".join(files.values())
    frames = [data[start : start + _FRAME] for start in range(0, len(data), _FRAME)]
    offsets = accumulate(map(len, files.values()), initial=0)
    entries = b"".join(
        struct.pack("<IIHHHH", len(content), offset, 0, 0x0021, 0, 0xA0 if name.isascii() is False else 0x20)
        + name.encode()
        + b"\0"
        for (name, content), offset in zip(files.items(), offsets, strict=False)
    )
    blocks = [_block(frame, first=index == 0) for index, frame in enumerate(frames)]
    body = b"".join(struct.pack("<IHH", 0, len(block), len(frame)) + block for block, frame in zip(blocks, frames, strict=True))
    first_file = 36 + 8
    first_block = first_file + len(entries)
    head = struct.pack(
        "<4s4xI4xI4xBBHHHHH", b"MSCF", first_block + len(body), first_file, 3, 1, 1, len(files), 0, 0, 0
    ) + struct.pack("<IHH", first_block, len(blocks), _LZX | _WINDOW_32_KB)
    return head + entries + body


def _block(frame: bytes, *, first: bool) -> bytes:
    """One block for a frame: whether calls are translated (once), type 3, its length; the three offsets; the bytes."""
    bits = f"{'0' if first else ''}{3:03b}{len(frame):024b}".ljust(32, "0")
    words = struct.pack("<HH", int(bits[:16], 2), int(bits[16:], 2))
    return words + struct.pack("<III", 1, 1, 1) + frame + b"\0" * (len(frame) % 2)
