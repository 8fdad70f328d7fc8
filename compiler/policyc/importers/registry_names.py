"""Titles and ids of settings that were entries of a registry file: nobody has named them yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policyc.importers.found import Found
from policyc.importers.ids import words
from policyc.model import Data, Kind, upper
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


def named(settings: Sequence[Found]) -> Iterator[Found]:
    """The settings with ids: the name of the value, and as much of the key as it takes to be the only one."""
    places = [_identity(setting) for setting in settings]
    forms = list(map(_forms, settings))
    owners: dict[str, set[tuple[str, ...]]] = {}
    for place, several in zip(places, forms, strict=True):
        for form in several:
            owners.setdefault(form, set()).add(place)
    for setting, several in zip(settings, forms, strict=True):
        alone = next((form for form in several if len(owners[form]) == 1), several[-1])
        yield replace(setting, id=alone)


def _identity(setting: Found) -> tuple[str, ...]:
    """Equal for settings of one place: the same may be said several times."""
    registry = setting.registry
    return upper(str(registry["key"])), str(registry.get("view", 64)), upper(str(registry.get("name", "\0")))


def _forms(setting: Found) -> list[str]:
    """Ids that would do, the shortest first."""
    hive, *steps = str(setting.registry["key"]).split("\\")
    name = str(setting.registry.get("name", ""))
    whose = "user " if hive == "HKCU" else "32-bit " if setting.registry.get("view") == 32 else ""
    forms = [f"{whose}{' '.join(steps[-depth:])} {name}" for depth in (1, 2, 3)]
    # A number says nothing without its key, and the default value has no name at all.
    says = any(character.isalpha() for character in name)
    return [words(form.strip()) for form in ([name, *forms] if says else forms)]


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
