"""Cabinets (MS-CAB): what the console and `Import-CMConfigurationItem` take.

Written here, byte for byte as the library would, whose checksum goes word by word and takes ten times as long.
Read by the library, behind a check of what the content claims.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from itertools import accumulate

from policyc.targets.configmgr.digest.errors import DigestError, LzxError, MissingPackageError

_HEADER = struct.Struct("<4s4xI4xI4xBBHHHHH")
"""CFHEADER: signature, size, where the files begin, minor, major, folders, files, flags, set, number in the set."""
_FOLDER = struct.Struct("<IHH")
"""CFFOLDER: where its data begins, blocks, compression."""
_FILE = struct.Struct("<IIHHHH")
"""CFFILE, before the name: size, offset in the folder, folder, date, time, attributes."""
_DATA = struct.Struct("<IHH")
"""CFDATA, before the bytes: checksum, bytes here, bytes when unpacked."""

_BLOCK = 0x8000
_STORED = 0
_COMPRESSION, _LZX = 0xF, 3
"""The low bits of a folder's compression tell the method."""
_DATE = 1 << 5 | 1
"""1980-01-01, the first day that the format knows: what is written depends on no clock."""
_ARCHIVE = 0x20
_RESERVE_PRESENT, _PART_OF_A_SET = 0x4, 0x3
_LARGEST = 64 * 2**20
_LONGEST_NAME = 255


def cabinet(files: Mapping[str, bytes]) -> bytes:
    """The files in one cabinet, sorted by name.

    Stored, not compressed: deflate's bytes differ between builds of zlib, and the same input must give the same bytes
    everywhere.
    ValueError for nothing at all, or a name that isn't a plain file name in ASCII.
    """
    ordered = sorted(files.items())
    for name, _ in ordered:
        _check_name(name)
    data = b"".join(content for _, content in ordered)
    if not 0 < len(data) <= _LARGEST:
        raise ValueError(f"a cabinet of {len(data)} bytes")
    offsets = accumulate((len(content) for _, content in ordered), initial=0)
    entries = b"".join(
        _FILE.pack(len(content), offset, 0, _DATE, 0, _ARCHIVE) + name.encode("ascii") + b"\0"
        for (name, content), offset in zip(ordered, offsets, strict=False)
    )
    blocks = [data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK)]
    first_entry = _HEADER.size + _FOLDER.size
    first_block = first_entry + len(entries)
    size = first_block + len(blocks) * _DATA.size + len(data)
    parts = [
        _HEADER.pack(b"MSCF", size, first_entry, 3, 1, 1, len(ordered), 0, 0, 0),
        _FOLDER.pack(first_block, len(blocks), _STORED),
        entries,
    ]
    for block in blocks:
        sizes = struct.pack("<HH", len(block), len(block))
        parts += (_DATA.pack(_checksum(block) ^ _checksum(sizes), len(block), len(block)), block)
    return b"".join(parts)


def open_cabinet(content: bytes) -> dict[str, bytes]:
    """The files of a cabinet by the names that it gives them, which are no safe paths. DigestError for one that can't be read.

    LZX, which the console's own exports use, can't be unpacked here: LzxError, once all else about the cabinet is in order.
    """
    try:
        expected = _measure(content)
    except struct.error:
        raise DigestError("the cabinet is cut off") from None
    found = _unpack(_with_names_of_today(content))
    if len(found) != expected or "" in found:
        raise DigestError("the cabinet has files without a name, or several of one name")
    return found


def _unpack(content: bytes) -> dict[str, bytes]:
    """What the library finds. The only place that knows it."""
    try:
        from cabarchive import CabArchive
    except ImportError:
        what = "cabinets are read by a package that isn't installed"
        raise MissingPackageError(what, "pip install 'policyc[cabinets]'") from None
    try:
        archive = CabArchive(content)
        return {str(name): bytes(file.buf) for name, file in archive.items()}
    except Exception as error:  # Its parser lets out whatever broken bytes make it raise.
        raise DigestError(f"the cabinet is broken: {error or type(error).__name__}") from error


def _with_names_of_today(content: bytes) -> bytes:
    """The cabinet, names in a code page's bytes with `_` for what isn't ASCII: the library takes all names for UTF-8."""
    _, _, place, _, _, _, files, *_ = _HEADER.unpack_from(content)
    mended = bytearray(content)
    for _ in range(files):
        start = place + _FILE.size
        end = content.find(b"\0", start)
        name = content[start:end]
        try:
            name.decode()
        except UnicodeDecodeError:
            mended[start:end] = bytes(byte if byte < 0x80 else ord("_") for byte in name)
        place = end + 1
    return bytes(mended)


def _measure(content: bytes) -> int:
    """How many files there are, once it is sure that to unpack them takes bounded memory and time.

    A cabinet of a few kilobytes may claim any size: 65,535 folders may share one block, and a block may unpack to a thousand
    times its length.
    """
    if len(content) > _LARGEST:
        raise DigestError(f"the cabinet has {len(content)} bytes: at most {_LARGEST} are read")
    signature, _, first_file, _, _, folders, files, flags, _, _ = _HEADER.unpack_from(content)
    if signature != b"MSCF":
        raise DigestError("this is no cabinet: it doesn't begin with MSCF")
    if flags & _PART_OF_A_SET:
        raise DigestError("the cabinet is part of a set: files may go on in another one")
    place, reserved_folder, reserved_block = _HEADER.size, 0, 0
    if flags & _RESERVE_PRESENT:
        reserved_header, reserved_folder, reserved_block = struct.unpack_from("<HBB", content, place)
        place += 4 + reserved_header
    blocks = unpacked = 0
    lzx = False
    for number in range(folders):
        folder = place + number * (_FOLDER.size + reserved_folder)
        lzx = lzx or _FOLDER.unpack_from(content, folder)[2] & _COMPRESSION == _LZX
        for size in _blocks(content, folder, reserved_block):
            blocks, unpacked = blocks + 1, unpacked + size
            # Blocks that overlap are no way to have more of them than there is room for.
            if blocks * _DATA.size > len(content) or unpacked > _LARGEST:
                raise DigestError(f"the cabinet claims more than {_LARGEST} bytes, or more blocks than it has room for")
    listed = list(_files(content, first_file, files))
    if sum(size for _, size in listed) > _LARGEST:
        raise DigestError(f"the files of the cabinet claim more than {_LARGEST} bytes")
    if lzx:
        raise LzxError(listed)
    return int(files)


def _blocks(content: bytes, folder: int, reserved: int) -> Iterator[int]:
    """The unpacked size of each block of a folder."""
    place, count, _ = _FOLDER.unpack_from(content, folder)
    for _ in range(count):
        _, packed, unpacked = _DATA.unpack_from(content, place)
        yield unpacked
        place += _DATA.size + reserved + packed


def _files(content: bytes, place: int, count: int) -> Iterator[tuple[str, int]]:
    """Name and length of each file."""
    for _ in range(count):
        size = _FILE.unpack_from(content, place)[0]
        name = place + _FILE.size
        end = content.find(b"\0", name, name + _LONGEST_NAME)
        if end < 0:
            raise DigestError("a file's name in the cabinet has no end")
        yield content[name:end].decode("utf-8", "replace"), size
        place = end + 1


def _checksum(data: bytes) -> int:
    """XOR of the 32-bit words, by folding the whole in half as one number. Bytes after the last word count big-endian."""
    whole = len(data) & ~3
    folded = int.from_bytes(data[:whole], "little")
    words = whole // 4
    while words > 1:
        words = (words + 1) // 2
        folded = (folded & ((1 << 32 * words) - 1)) ^ (folded >> 32 * words)
    return folded ^ int.from_bytes(data[whole:], "big")


def _check_name(name: str) -> None:
    plain = name.isascii() and name.isprintable() and not set(name) & set('\\/:*?"<>|')
    if not plain or not 0 < len(name) <= _LONGEST_NAME - 1:
        raise ValueError(f"no plain file name: {name!r}")
