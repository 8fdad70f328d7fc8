"""Ids of imported settings: as a person would choose them, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from policyc.importers.found import Found
from policyc.lowering.slugs import is_device, slug
from policyc.vocabularies import NAMES, load_vocabulary

LONGEST = 64
_ROOM = 60
"""Characters of an id that is made of a title; a number may come behind it."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NEXT_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")


def words(name: str) -> str:
    """The name of a registry value as an id, a word for each capital.

    >>> words("NoDriveTypeAutoRun"), words("EnableLUA"), words("1.3.6.1"), words("SMBv1Protocol")
    ('no-drive-type-auto-run', 'enable-lua', '1-3-6-1', 'smbv1-protocol')
    """
    return slug(_NEXT_WORD.sub("-", name))


def short(title: str) -> str:
    """A title as an id: as many of its words as there is room for.

    >>> short("Audit: Force audit policy subcategory settings to override audit policy category settings")
    'audit-force-audit-policy-subcategory-settings-to-override'
    """
    if not title.isascii() or len(title) <= _ROOM:
        return slug(title)
    kept = ""
    for word in re.findall(r"[A-Za-z0-9]+", title):
        if len(kept) + len(word) >= _ROOM:
            break
        kept = f"{kept}-{word.lower()}" if kept else word.lower()
    return kept or slug(title)


def with_ids(settings: Iterable[Found]) -> Iterator[Found]:
    """The settings with ids that the language takes, each another one. Those that are right already are kept first."""
    known = list(settings)
    taken: set[str] = set()
    for setting in known:
        wanted = setting.id if _is_id(setting.id) else short(setting.id or setting.title)
        # What is left of a title may be a name that isn't free.
        wanted = wanted if _is_free(wanted) else f"{wanted}-setting"
        unique = _unused(wanted, taken)
        taken.add(unique)
        yield replace(setting, id=unique)


def _is_id(text: str) -> bool:
    return len(text) <= LONGEST and _ID.fullmatch(text) is not None


def _is_free(name: str) -> bool:
    """Whether it is no device of Windows and no vocabulary's own."""
    return not is_device(name) and not any(
        name.startswith(product.replace("_", "-")) and name in load_vocabulary(product).setting_ids for product in NAMES
    )


def _unused(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    number = 2
    while True:
        end = f"-{number}"
        candidate = wanted[: LONGEST - len(end)].rstrip("-") + end
        if candidate not in taken:
            return candidate
        number += 1
