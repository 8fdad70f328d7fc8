"""What an imported setting is about, and what it says of it."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.importers.found import Found
from policyc.kinds import KINDS
from policyc.kinds.registry import RegistryKind
from policyc.kinds.registry.places import Complaint as WrongKey
from policyc.kinds.registry.places import parse_key
from policyc.model import Location, Place
from policyc.model.subject import Where

_NO_CONDITION = frozenset({"key", "name", "type", "view", "case", "default", "pin", "set"})
_WHERE = frozenset({"key", "name", "view"})
_CONDITIONS = frozenset(
    {"equals", "not_equals", "at_least", "at_most", "between", "one_of", "none_of", "contains", "set_equals", "never"}
)
"""Of kinds other than the registry's."""


def place_of(setting: Found) -> Where | None:
    """Its place; None where what it says can't be a policy's."""
    if setting.kind == RegistryKind.word:
        return registry_place(setting)
    kind = KINDS.get(setting.kind)
    subject = None if kind is None else kind.lower({setting.kind: dict(setting.words)}, Location(""), [], audit=True)
    return None if subject is None else subject.place


def registry_place(setting: Found) -> Place | None:
    """Its place in the registry; None where its key can't be a policy's, or it is of another kind."""
    key = setting.words.get("key") if setting.kind == RegistryKind.word else None
    where = parse_key(key, setting.words.get("view")) if isinstance(key, str) else None
    if where is None or isinstance(where, WrongKey):
        return None
    return Place(where.hive, where.view, where.key, setting.words.get("name"))


def operators(setting: Found) -> tuple[str, ...]:
    """The words of its condition; right is one."""
    if setting.kind != RegistryKind.word:
        return tuple(sorted(_CONDITIONS.intersection(setting.words)))
    return tuple(sorted(str(word) for word in setting.words if word not in _NO_CONDITION))


def condition(setting: Found) -> object:
    """Its condition with the data, and for which devices."""
    return _said(setting, operators(setting)), _devices(setting)


def meaning(setting: Found) -> object:
    """All but the place that decides what it means; title and weight don't count."""
    words = sorted(str(word) for word in setting.words if word not in _WHERE)
    return _said(setting, words), _devices(setting), setting.others.get("remediate", True)


def _devices(setting: Found) -> str:
    return repr([setting.others.get(word) for word in ("applies_to", "only_if")])


def _said(setting: Found, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((word, repr(setting.words.get(word))) for word in words)
