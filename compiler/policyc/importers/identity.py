"""What an imported setting is about, and what it says of it."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.importers.found import Found
from policyc.kinds.registry.places import Complaint as WrongKey
from policyc.kinds.registry.places import parse_key
from policyc.model import Place

_NO_CONDITION = frozenset({"key", "name", "type", "view", "case", "default", "pin", "set"})
_WHERE = frozenset({"key", "name", "view"})


def place_of(setting: Found) -> Place | None:
    """Its place in the registry; None where its key can't be a policy's."""
    key = setting.registry.get("key")
    where = parse_key(key, setting.registry.get("view")) if isinstance(key, str) else None
    if where is None or isinstance(where, WrongKey):
        return None
    return Place(where.hive, where.view, where.key, setting.registry.get("name"))


def operators(setting: Found) -> tuple[str, ...]:
    """The words of its condition; right is one."""
    return tuple(sorted(str(word) for word in setting.registry if word not in _NO_CONDITION))


def condition(setting: Found) -> object:
    """Its condition with the data, and for which devices."""
    return _said(setting, operators(setting)), repr(setting.others.get("applies_to"))


def meaning(setting: Found) -> object:
    """All but the place that decides what it means; title and weight don't count."""
    words = sorted(str(word) for word in setting.registry if word not in _WHERE)
    return _said(setting, words), repr(setting.others.get("applies_to")), setting.others.get("remediate", True)


def _said(setting: Found, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((word, repr(setting.registry.get(word))) for word in words)
