"""The permissions of a Group Policy object without a domain in them (MS-DTYP 2.4.6). An import leaves those of its target."""

from __future__ import annotations

import struct
from uuid import UUID

_CONTROL = 0x9404
"""Self-relative, protected, inherited automatically, with a DACL."""
_ALLOW, _ALLOW_OBJECT = 0, 5
_INHERITED, _INHERITED_ONLY = 2, 10
"""Containers inherit it; the object itself doesn't have it."""
_ALL, _READ, _EXTENDED_RIGHT = 0x000F00FF, 0x00020094, 0x00000100
_APPLY = UUID("edacfd8f-ffb3-11d1-b41d-00a0c968f939")
"""The right "Apply Group Policy"."""
_CREATOR_OWNER, _CONTROLLERS, _AUTHENTICATED, _SYSTEM = (3, 0), (5, 9), (5, 11), (5, 18)
"""(Authority, number) of SIDs that are the same in every domain."""


def descriptor() -> bytes:
    """Authenticated Users read and apply it, the system may do everything, as in any new object."""
    apply = struct.pack("<I", 1) + _APPLY.bytes_le
    entries = (
        _entry(_ALLOW_OBJECT, _INHERITED, _EXTENDED_RIGHT, apply, _AUTHENTICATED),
        _entry(_ALLOW, _INHERITED, _READ, b"", _CONTROLLERS),
        _entry(_ALLOW, _INHERITED, _READ, b"", _AUTHENTICATED),
        _entry(_ALLOW, _INHERITED, _ALL, b"", _SYSTEM),
        _entry(_ALLOW, _INHERITED_ONLY, _ALL, b"", _CREATOR_OWNER),
    )
    size = 8 + sum(map(len, entries))
    return (
        struct.pack("<BBHIIII", 1, 0, _CONTROL, 0, 0, 0, 20)
        + struct.pack("<BBHHH", 4, 0, size, len(entries), 0)
        + b"".join(entries)
    )


def _entry(kind: int, flags: int, mask: int, object_: bytes, who: tuple[int, int]) -> bytes:
    authority, number = who
    sid = struct.pack("<BB", 1, 1) + authority.to_bytes(6, "big") + struct.pack("<I", number)
    return struct.pack("<BBHI", kind, flags, 8 + len(object_) + len(sid), mask) + object_ + sid
