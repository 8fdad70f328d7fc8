"""Registry settings with all that they say side by side, as tests write and change them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from policyc.model import Condition, Location, Place, Registry, Setting

_SUBJECT = frozenset(field.name for field in fields(Registry))


def registry_setting(id: str, title: str, place: Place, condition: Condition, origin: Location, **more: Any) -> Setting:
    """A setting of the registry."""
    about = {word: more.pop(word) for word in _SUBJECT & more.keys()}
    return Setting(id, title, Registry(place, condition, **about), origin, **more)


def altered(setting: Setting, **changes: Any) -> Setting:
    """The setting with other words, of its head or of what it is about."""
    about = {word: changes.pop(word) for word in _SUBJECT & changes.keys()}
    return replace(setting, subject=replace(setting.subject, **about), **changes)
