"""Who an object on the site is: its UUID, the hash of what it shall be, and the mark that carries both.

UUIDs are UUIDv5 of what doesn't change with a title or a name: the project's id, the collection's identity and the id in
the policy.
"""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from policyc.targets.lengths import shorten
from policyc.targets.uuids import uuid5

HASH_LENGTH = 12
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@lru_cache(maxsize=8)
def _uuid(project: str) -> UUID:
    return UUID(project)


def short(project: str) -> str:
    """The first eight digits of the project's id: in marks, and in the names of logs."""
    return project[:8]


@lru_cache(maxsize=256)
def object_id(project: str, *names: str) -> UUID:
    """The UUID of an object of the project: the collection's identity, kind, key."""
    return uuid5(_uuid(project), "/".join(names))


def scope_id(project: str) -> str:
    """AuthoringScopeId of the project's configuration items."""
    return f"ScopeId_{project.upper()}"


def state_hash(state: object) -> str:
    """Twelve hex digits for a tree of what an object shall be."""
    return sha256(_encode(state).encode("ascii")).hexdigest()[:HASH_LENGTH]


def mark(project: str, id: UUID, hash: str) -> str:
    """What stands at the end of the object's comment or description on the site: 64 characters.

    >>> estate = "6eb3e9c0-8007-57db-857f-94065b852411"
    >>> mark(estate, object_id(estate, "pilot"), "0123456789ab")
    '[policyc:6eb3e9c0:64c85409bda157e481e7344c0a175e5e:0123456789ab]'
    """
    return f"[policyc:{short(project)}:{id.hex}:{hash}]"


def marked(text: str, mark: str, room: int) -> str:
    """The text with the mark behind it, the text shortened where there isn't room for both."""
    return f"{shorten(text, room - len(mark) - 1)} {mark}"
