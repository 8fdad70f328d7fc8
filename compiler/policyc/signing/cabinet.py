"""Signatures of cabinets: a reserved area of 20 bytes in the header that says where, behind the cabinet, the PKCS#7 is."""

from __future__ import annotations

import hashlib
import struct

from policyc.model.records import dataclass

_HEADER = struct.Struct("<4s4xI4xI4xBBHHHHH")
"""CFHEADER: signature, cbCabinet, coffFiles, minor, major, cFolders, cFiles, flags, setID, iCabinet."""
_SIZE = _HEADER.size
_RESERVED = struct.Struct("<HBBIIIQ")
"""cbCFHeader, cbCFFolder, cbCFData, then abReserve: a mark, where the signature begins, how long it is, nothing."""
_FOLDER = struct.Struct("<IHH")
_FLAG_RESERVE = 0x0004
_MARK = 0x00100000


@dataclass(frozen=True, slots=True)
class _Signed:
    signature_at: int
    length: int
    files_at: int
    folders: int


def _look(content: bytes) -> _Signed | None:
    """Where a signed cabinet has what; None for an unsigned one, one of a set, and what is no cabinet."""
    if len(content) < _SIZE + _RESERVED.size:
        return None
    magic, size, files_at, _, _, folders, _, flags, _, _ = _HEADER.unpack_from(content)
    if magic != b"MSCF" or flags != _FLAG_RESERVE:
        return None
    header, per_folder, per_data, mark, at, length, _ = _RESERVED.unpack_from(content, _SIZE)
    if (header, per_folder, per_data, mark) != (20, 0, 0, _MARK) or at != size or not length or at + length != len(content):
        return None
    if _SIZE + _RESERVED.size + folders * _FOLDER.size != files_at or files_at > at:
        return None
    return _Signed(at, length, files_at, folders)


def pkcs7_of(content: bytes) -> bytes | None:
    """The signature of a cabinet in DER, with its padding; None for an unsigned one."""
    found = _look(content)
    return content[found.signature_at :] if found else None


def without_signature(content: bytes) -> bytes:
    """The cabinet as it was before it was signed, to the byte; an unsigned one as it is."""
    found = _look(content)
    if found is None:
        return content
    _, _, _, minor, major, folders, files, _, set_id, number = _HEADER.unpack_from(content)
    moved = _RESERVED.size
    header = bytearray(_SIZE)
    _HEADER.pack_into(
        header, 0, b"MSCF", found.signature_at - moved, found.files_at - moved, minor, major, folders, files, 0, set_id, number
    )
    # The pad bytes of the format are the fields that cabinets keep for checksums.
    for start, end in ((4, 8), (12, 16), (20, 24)):
        header[start:end] = content[start:end]
    table = b"".join(
        _FOLDER.pack(at - moved, blocks, compression)
        for at, blocks, compression in _FOLDER.iter_unpack(content[_SIZE + moved : found.files_at])
    )
    return bytes(header) + table + content[found.files_at : found.signature_at]


def digest_of(content: bytes, algorithm: str) -> bytes | None:
    """What Authenticode signs of a signed cabinet: all of it but the signature, where it lies, and the number in the set."""
    found = _look(content)
    if found is None:
        return None
    digest = hashlib.new(algorithm, content[:4])
    digest.update(content[8:34])
    digest.update(content[56 : found.signature_at])
    return digest.digest()
