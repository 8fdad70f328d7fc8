"""How large Windows lets names be, and lists of them: what is beyond can't be in a registry, and costs time and memory.

Microsoft, "Registry Element Size Limits": 16,383 characters of a value's name. Levels and parts of keys are judged by whoever
asks what a key means (`importers/registry_entries.py`, `kinds/registry/places.py`).
"""

from __future__ import annotations

LONGEST_NAME = 16_383
MOST_LINES = 500_000
"""Of a file, or entries of it: some ten seconds, and five hundred policies of the most settings that one may have."""
MOST_LISTED = 16 * 1024 * 1024
"""Characters of all keys that one directive names: a long key and many names below it are a large product of small files."""


def too_many(count: int, what: str) -> str | None:
    """Why a file isn't read that has so many lines or entries, in words; None: it is."""
    return None if count <= MOST_LINES else f"it has more than {MOST_LINES:,} {what}: choose the part that is meant"


def name_too_long(name: str) -> str | None:
    """Why no registry holds a value of this name, in words; None: it may."""
    return None if len(name) <= LONGEST_NAME else f"its name has {len(name)} characters, and Windows takes {LONGEST_NAME}"
