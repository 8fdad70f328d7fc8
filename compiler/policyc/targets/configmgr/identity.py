"""Who an object on the site is: its UUID, the hash of what it shall be, and the mark that carries both.

UUIDs are UUIDv5 of names that don't change with a title: project, collection (its slug) and the id in the policy.
"""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from uuid import UUID, uuid5

from policyc.targets.configmgr import limits

_POLICYC = UUID("0bf02ff6-3f5c-5e5c-9f1a-6f1b7a1d3c55")
HASH_LENGTH = 12


@lru_cache(maxsize=8)
def project_id(project: str) -> UUID:
    """The project's, by its name."""
    return uuid5(_POLICYC, project)


def object_id(project: str, *names: str) -> UUID:
    """The UUID of an object of the project: collection's slug, kind, key."""
    return uuid5(project_id(project), "/".join(names))


def scope_id(project: str) -> str:
    """AuthoringScopeId of the project's configuration items."""
    return f"ScopeId_{str(project_id(project)).upper()}"


def state_hash(state: object) -> str:
    """Twelve hex digits for a tree of what an object shall be."""
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LENGTH]


def mark(project: str, id: UUID, hash: str) -> str:
    """What stands at the end of the object's comment or description on the site: 64 characters.

    >>> mark("Example", object_id("Example", "pilot"), "0123456789ab")
    '[policyc:6eb3e9c0:64c85409bda157e481e7344c0a175e5e:0123456789ab]'
    """
    return f"[policyc:{project_id(project).hex[:8]}:{id.hex}:{hash}]"


def marked(text: str, mark: str, room: int) -> str:
    """The text with the mark behind it, the text shortened where there isn't room for both."""
    return f"{limits.shorten(text, room - len(mark) - 1)} {mark}"
