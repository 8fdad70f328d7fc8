"""UUIDs that come of names."""

from __future__ import annotations

from hashlib import sha1
from uuid import UUID

_VERSION_AND_VARIANT = 0xF << 76 | 0x3 << 62
_VERSION_5 = 0x5 << 76 | 0x2 << 62


def uuid5(namespace: UUID, name: str) -> UUID:
    """The UUIDv5 (RFC 9562, 5.5) of a name, as the standard library has it and in a third of its time: an estate has thousands.

    >>> from uuid import uuid5 as of_the_library
    >>> uuid5(UUID(int=5), "pilot/item") == of_the_library(UUID(int=5), "pilot/item")
    True
    """
    digest = sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()
    return UUID(int=int.from_bytes(digest[:16], "big") & ~_VERSION_AND_VARIANT | _VERSION_5)
