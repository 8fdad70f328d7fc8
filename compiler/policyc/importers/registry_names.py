"""Titles of settings that were entries of a registry file: nobody has named them yet."""

from __future__ import annotations

from policyc.model import Data, Kind
from policyc.registry_files import Action, Entry
from policyc.source.wording import visible

_LONGEST = 70
"""Characters of data and of names in a title."""


def title(key: str, entry: Entry, known: tuple[Kind, Data] | None) -> str:
    """What holds where the setting complies; `known` is the data of the entry."""
    last = _short(key.rpartition("\\")[2])
    if entry.name is None:
        return f"The key {last} is {'there' if entry.action is Action.CREATE_KEY else 'not there'}"
    name = f"{last}: {_short(entry.name) or '(Default)'}"
    if known is None:
        return f"{name} is not there"
    if entry.action is Action.SET_IF_ABSENT:
        return f"{name} is there, if need be as {_data(known[1])}"
    return f"{name} is {_data(known[1])}"


def list_title(key: str, count: int) -> str:
    """The same of a key that holds so many values and no others."""
    last = _short(key.rpartition("\\")[2])
    if not count:
        return f"The key {last} holds no values"
    return f"The key {last} holds {count} value{'s' if count > 1 else ''} and no others"


def _data(data: Data) -> str:
    if isinstance(data, int):
        return str(data)
    if isinstance(data, bytes):
        return _short(data.hex().upper()) or "no bytes"
    if isinstance(data, tuple):
        return _short(", ".join(data)) or "an empty list"
    return _short(data) or "empty"


def _short(text: str) -> str:
    shown = visible(" ".join(text[: _LONGEST + 1].split()))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1].rstrip()}…"
