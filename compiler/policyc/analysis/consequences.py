"""Settings whose data does what the value itself doesn't show: `consequences.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from policyc.analysis.context import Context
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, note, warning
from policyc.kinds import texts_of
from policyc.kinds.registry.trees import removes_tree
from policyc.model import Hive, Project, Registry, Setting, SetValue, View, of_registry, upper
from policyc.model.records import dataclass

_Value = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Lock:
    """Data that Windows copies into the firmware."""

    what: str
    locks: tuple[int, ...]
    instead: int
    """Does the same without the lock."""


@dataclass(frozen=True, slots=True)
class _Ignored:
    since: str
    help: str


@dataclass(frozen=True, slots=True)
class _Consequences:
    """By upper-cased key (below HKLM, 64-bit view) and name."""

    firmware: dict[_Value, _Lock]
    ignored: dict[_Value, _Ignored]
    names: frozenset[str]


def consequences(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """A note where undoing won't reach what is written, a warning where nothing heeds it; once for a baseline's setting."""
    data = _load()
    told: set[int] = set()
    for collection in project.collections:
        # There, PC0413 says more of it.
        onboarded = ("defender_atp", "onboarded") in collection.vocabulary_states
        for setting in collection.settings:
            if not isinstance(setting.subject, Registry):
                continue
            place = setting.subject.place
            if place.name is None or upper(place.name) not in data.names or id(setting) in told:
                continue
            if place.hive is Hive.MACHINE and place.view is View.BITS_64:
                value = (upper(place.key), upper(place.name))
                for found in (_locked(setting, data.firmware.get(value)), _unheeded(setting, data.ignored.get(value))):
                    if found is not None and not (onboarded and found.code == "PC0434"):
                        told.add(id(setting))
                        yield found


def _locked(setting: Setting, lock: _Lock | None) -> Diagnostic | None:
    subject = of_registry(setting)
    if lock is None or not isinstance(subject.write, SetValue) or subject.write.data not in lock.locks:
        return None
    return note(
        "PC0435",
        f"With {subject.write.data} in '{subject.place.name}', {lock.what} is locked in the device's UEFI firmware, which no"
        " rollback reaches",
        condition_of(setting),
        help=f"write {lock.instead} for the same without the lock, or only report: 'remediate: false'; where the lock is meant,"
        " all is well: undoing it takes somebody at the device",
    )


def _unheeded(setting: Setting, ignored: _Ignored | None) -> Diagnostic | None:
    subject = of_registry(setting)
    if ignored is None or not isinstance(subject.write, SetValue):
        return None
    return warning(
        "PC0434",
        f"'{setting.id}' writes '{subject.place.name}', which has no effect any more: {ignored.since}",
        condition_of(setting),
        help=ignored.help,
    )


@cache
def _load() -> _Consequences:
    import yaml

    text = (Path(__file__).with_name("consequences.yaml")).read_bytes()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - both loaders are safe ones
    firmware = {_value(one): _Lock(one["what"], tuple(one["locks"]), one["instead"]) for one in tree["firmware"]}
    ignored = {_value(one): _Ignored(one["since"], one["help"]) for one in tree["ignored"]}
    return _Consequences(firmware, ignored, frozenset(name for _, name in (*firmware, *ignored)))


def _value(entry: dict[str, Any]) -> _Value:
    return upper(entry["key"]), upper(entry["name"])


def firmware_lock(setting: Setting) -> str | None:
    """What the setting's remediation locks in the device's firmware, which no rollback reaches; None: nothing."""
    if not isinstance(setting.subject, Registry):
        return None
    place = setting.subject.place
    if place.name is None or place.hive is not Hive.MACHINE or place.view is not View.BITS_64:
        return None
    lock = _load().firmware.get((upper(place.key), upper(place.name)))
    return lock.what if lock is not None and _locked(setting, lock) is not None else None


def way_back(setting: Setting) -> tuple[str, str]:
    """Why a rollback doesn't take back what the setting's remediation does, or not wholly, and who does; ("", ""): it does."""
    if (locked := firmware_lock(setting)) is not None:
        return f"{locked} is locked in the device's firmware, which no rollback reaches", "somebody at the device"
    if isinstance(setting.subject, Registry) and setting.subject.clear_on_undo:
        stays = "where there was no value before, rollback clears its data and keeps the value"
        return stays, "nothing has to be: the product takes it for absent"
    if removes_tree(setting.subject):
        stays = "it removes whatever lies below the key; keys that rollback makes again inherit rights and have another owner"
        return stays, "nothing has to be, where no program minds"
    if (texts := texts_of(setting)) and "rollback" not in texts:
        return "its own remediation did it, and there is no rollback script", "somebody, by hand"
    return "", ""
