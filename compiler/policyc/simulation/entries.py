"""What files of registry data make of a device: `.reg` exports and hives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from policyc.evaluation.device import KEY, Draft
from policyc.evaluation.state import ABSENT, UNREADABLE, Held, State
from policyc.kinds.registry.places import Complaint, parse_key, split_hive
from policyc.model import Hive, Kind, Place, upper
from policyc.registry_files.entries import Action, Entry, RawValue
from policyc.registry_files.values import Type, decode
from policyc.simulation.statements import REAL_USER

SOMEBODY = "user"
"""Who the user of an export is: HKEY_CURRENT_USER names nobody."""
_CURRENT_USER = frozenset({"HKCU", "HKEY_CURRENT_USER"})
_USERS = frozenset({"HKU", "HKEY_USERS"})
_CLASSES_ROOT = frozenset({"HKCR", "HKEY_CLASSES_ROOT"})
_CLASSES = "_CLASSES"
_WIDTHS = {Type.REG_DWORD: (Kind.DWORD, 4), Type.REG_QWORD: (Kind.QWORD, 8)}


@dataclass(frozen=True, slots=True)
class Exported:
    """The entries of a file, in its order."""

    entries: tuple[Entry, ...]
    user: str = SOMEBODY
    loads_user: bool = False
    """The user is there even if no entry is: the file is the user's hive."""

    def lay(self, draft: Draft) -> None:
        """Do to a device what the entries say."""
        if self.loads_user:
            draft.load_user(self.user)
        for entry in self.entries:
            at = _place(entry.key, self.user)
            if at is not None:
                place, owner = at
                _do(draft, entry, Place(place.hive, place.view, place.key, entry.name), owner)

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Keys that no policy can name."""
        keys = dict.fromkeys(entry.key for entry in self.entries)
        return tuple(key for key in keys if "\\" in key and _place(key, self.user) is None)


def is_classes_root(key: str) -> bool:
    """Whether a key is one of the view that Windows makes of two others."""
    return upper(key.partition("\\")[0]) in _CLASSES_ROOT


@lru_cache(maxsize=65536)
def _place(key: str, user: str) -> tuple[Place, str | None] | None:
    """Where a key belongs, and to which user; None where no policy reaches."""
    text, owner = key, None
    first, _, rest = key.partition("\\")
    if upper(first) in _CLASSES_ROOT:
        return None  # what to write instead isn't asked: an export may have very many of them
    if upper(first) in _CURRENT_USER:
        owner = user
    elif upper(first) in _USERS:
        name, _, below = rest.partition("\\")
        owner = name[: -len(_CLASSES)] if upper(name).endswith(_CLASSES) else name
        account = split_hive(rf"HKU\{owner}")[0]
        if account is None and not REAL_USER.fullmatch(owner):
            return None
        kept = below if owner == name else f"Software\\Classes\\{below}".rstrip("\\")
        text = f"{account or Hive.USER}\\{kept}"
        owner = owner if account is None else None
    parsed = parse_key(text, None)
    return None if isinstance(parsed, Complaint) else (Place(parsed.hive, parsed.view, parsed.key, None), owner)


def _do(draft: Draft, entry: Entry, place: Place, user: str | None) -> None:
    if user is not None:
        draft.load_user(user)
    match entry.action:
        case Action.SET if entry.value is not None:
            draft.put(place, user, state_of(entry.value))
        case Action.CREATE_KEY:
            draft.put(place, user, KEY)
        case Action.DELETE_VALUE | Action.DELETE_KEY:
            draft.put(place, user, ABSENT)


def state_of(raw: RawValue) -> State:
    """What scripts see of a value.

    >>> state_of(RawValue(4, b"\\x05")), state_of(RawValue(5, bytes(4)))
    (Held(kind=<Kind.DWORD: 'dword'>, data=5), <Nothing.UNREADABLE: 'unreadable'>)
    """
    if raw.type == Type.REG_NONE:
        return Held(None, raw.data)
    decoded = decode(raw)
    if decoded is not None:
        return Held(*decoded)
    for type_number, (kind, width) in _WIDTHS.items():
        if raw.type == type_number and len(raw.data) < width:
            # .NET fills such a number up with zeros, and nobody can tell it from a sound one.
            return Held(kind, int.from_bytes(raw.data, "little"))
    return UNREADABLE
