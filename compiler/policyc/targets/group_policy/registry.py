r"""Settings of the registry as entries, and in which file each stands.

What lies below the two keys `Policies` stands in `registry.pol`: Windows takes it back when the object no longer applies.
Everything else is a preference, which is done again at each refresh and which the editor shows as what it is. What one of
the two can't say, the other one says; what neither can is refused.
"""

from __future__ import annotations

import re

from policyc.model import (
    Append,
    CreateKey,
    Data,
    DeleteValue,
    Hive,
    KeepListed,
    Kind,
    Operator,
    Registry,
    RemoveTree,
    Setting,
    SetValue,
    upper,
)
from policyc.model.wow64 import kept_at
from policyc.registry_files import Action, Entry
from policyc.registry_files.values import encode
from policyc.targets.group_policy.change import BESIDE, Change, Side, Unsaid, Way
from policyc.targets.group_policy.preferences import why_no_preference

LARGEST_DATA = 65_535
"""Bytes of a value in `registry.pol` (MS-GPREG 2.2.1)."""
_LONGEST_NAME = 259
_CLEANED = ("SOFTWARE\\POLICIES", "SOFTWARE\\MICROSOFT\\WINDOWS\\CURRENTVERSION\\POLICIES")
"""Keys that Windows clears of what a `registry.pol` wrote there, in HKLM and HKCU alike."""
_KEY = re.compile(r"[ -~]+")
_DELETIONS = frozenset({Action.DELETE_VALUE, Action.DELETE_ALL_VALUES, Action.DELETE_KEY})
_DIRECTIVES = {Action.DELETE_VALUE: "**del.", Action.SET_IF_ABSENT: "**soft."}


def change(setting: Setting, subject: Registry) -> Change | Unsaid:
    """What the object does for a setting that a remediation changes."""
    entries = _entries(subject)
    if isinstance(entries, Unsaid):
        return entries
    hive = subject.place.hive
    cleaned = hive in (Hive.MACHINE, Hive.USER) and is_cleaned(entries[0].key)
    reasons = {Way.POLICY: _why_no_policy(hive, entries), Way.PREFERENCE: why_no_preference(entries)}
    for way in (Way.POLICY, Way.PREFERENCE) if cleaned else (Way.PREFERENCE, Way.POLICY):
        if not reasons[way]:
            side = Side.USER if hive is Hive.USER else Side.MACHINE
            # What was deleted comes back by nobody.
            stays = not cleaned or way is Way.PREFERENCE or any(entry.action in _DELETIONS for entry in entries)
            return Change(setting, way, stays, side, hive, entries)
    return Unsaid(f"{reasons[Way.POLICY]}, and {reasons[Way.PREFERENCE]}", BESIDE)


def is_cleaned(key: str) -> bool:
    """Whether Windows takes back what was written to the key.

    >>> is_cleaned("Software\\\\Policies\\\\Contoso"), is_cleaned("SOFTWARE\\\\PoliciesOfContoso")
    (True, False)
    """
    return f"{upper(key)}\\".startswith(tuple(f"{cleaned}\\" for cleaned in _CLEANED))


def _entries(subject: Registry) -> tuple[Entry, ...] | Unsaid:
    place, key = subject.place, kept_at(subject.place)
    match subject.write:
        case SetValue(data) if subject.kind is not None:
            # `present` writes where nothing is.
            action = Action.SET_IF_ABSENT if subject.condition.operator is Operator.PRESENT else Action.SET
            return (_set(action, key, place.name or "", subject.kind, data),)
        case DeleteValue():
            return (Entry(Action.DELETE_VALUE, key, place.name, None, 0),)
        case CreateKey():
            return (Entry(Action.CREATE_KEY, key, None, None, 0),)
        case RemoveTree():
            return (Entry(Action.DELETE_KEY, key, None, None, 0),)
        case KeepListed():
            listed = (_set(Action.SET, key, one.name, one.kind, one.data) for one in subject.values)
            return (Entry(Action.DELETE_ALL_VALUES, key, None, None, 0), *listed)
        case Append():
            return Unsaid(
                "Group Policy replaces a list, and this one is completed by what it lacks: whatever else devices have in it "
                "would be lost",
                "write the whole list with 'equals', or let the collection go by configmgr or intune too",
            )
    return Unsaid("nothing says what is to be written", BESIDE)


def _set(action: Action, key: str, name: str, kind: Kind, data: Data) -> Entry:
    return Entry(action, key, name, encode(kind, data), 0)


def _why_no_policy(hive: Hive, entries: tuple[Entry, ...]) -> str:
    """Why `registry.pol` can't say it, as a clause; empty where it can."""
    if hive not in (Hive.MACHINE, Hive.USER):
        return "registry.pol holds values of HKLM and HKCU alone"
    return next(filter(None, map(_why_not, entries)), "")


def _why_not(entry: Entry) -> str:
    if not _KEY.fullmatch(entry.key):
        return "a key in registry.pol has ASCII characters alone"
    if entry.action is Action.DELETE_KEY and ";" in entry.key.rpartition("\\")[2]:
        return "registry.pol divides the names of keys that go by semicolons, and this one has one in its name"
    if entry.name is None:
        return ""
    if not entry.name:
        return "no form of a key's default value is documented for registry.pol"
    if entry.name.startswith("**"):
        return "a name that begins with '**' is a directive in registry.pol"
    longest = _LONGEST_NAME - len(_DIRECTIVES.get(entry.action, ""))
    if "\0" in entry.name or len(entry.name.encode("utf-16-le", "surrogatepass")) // 2 > longest:
        return f"a name in registry.pol has at most {longest} characters here"
    size = 0 if entry.value is None else len(entry.value.data)
    return (
        f"a value in registry.pol has at most {LARGEST_DATA:,} bytes, and this one has {size:,}" if size > LARGEST_DATA else ""
    )


def shown(hive: Hive, entry: Entry) -> str:
    """The place as people write it, with what it is in the 32-bit view."""
    text = f"{hive}\\{entry.key}"
    return text if entry.name is None else f"{text} : {entry.name or '(Default)'}"
