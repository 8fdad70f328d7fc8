"""An imagined device: what its registry holds, for the machine and for each user whose hive is loaded."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from policyc.evaluation.state import ABSENT, Held, State
from policyc.model import Hive, Place, View, Where, upper
from policyc.model.records import dataclass
from policyc.model.wow64 import is_split

KeyId: TypeAlias = tuple[str | Hive | None, View, str]
"""Whose it is, the view, the key in upper case: equal exactly where Windows takes two keys for one.

None is the machine, a hive that of an account of Windows itself, and any other text the user's name.
"""
Slot: TypeAlias = tuple[Hashable, Hashable]
"""Where one thing can be at a time: a key and a name in it (None: the key itself), or another place's identity and user."""
KEY = Held(None, None)
"""What stands at the place of a key that is there."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is there."""

    path: str
    """As it is written, without its hive."""
    values: Mapping[str, tuple[str, State]]
    """Name in upper case to the name as it is written and what it holds, which is never absence."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a device holds. What isn't named isn't there."""

    users: tuple[str, ...] = ()
    """Real users whose hive is loaded, by any name, in the order in which scripts come to them."""
    keys: Mapping[KeyId, Key] = field(default_factory=dict)
    """With every key there are the keys above it."""
    others: Mapping[Slot, State] = field(default_factory=dict)
    """What is at places outside of the registry, which is never absence."""

    def state(self, place: Where, user: str | None = None) -> State:
        """What is at a place; for one of HKCU, the user is named."""
        if not isinstance(place, Place):
            return self.others.get(slot(place, user), ABSENT)
        key = self.keys.get(key_id(place, user))
        if key is None:
            return ABSENT
        if place.name is None:
            return KEY
        held = key.values.get(upper(place.name))
        return ABSENT if held is None else held[1]

    def names(self, place: Place, user: str | None = None) -> tuple[str, ...]:
        """The names of the values in the key of a place, as they are written."""
        key = self.keys.get(key_id(place, user))
        return () if key is None else tuple(name for name, _ in key.values.values())

    def tree(self, place: Place, user: str | None = None) -> tuple[tuple[Place, Key], ...]:
        """The key of a place with those below it, each behind the one that it lies in."""
        top = key_id(place, user)
        found = [at for at in self.keys if at[0] == top[0] and at[2].startswith(top[2]) and (at == top or top in _above(at))]
        return tuple(
            (place_of(at, self.keys[at].path)[0], self.keys[at]) for at in sorted(found, key=lambda at: at[2].split("\\"))
        )

    def holds_the_same(self, other: Device) -> bool:
        """Whether the two hold the same in the same places, however those are spelled."""
        return (self.users, self.others, self._states()) == (other.users, other.others, other._states())

    def _states(self) -> dict[KeyId, dict[str, State]]:
        return {at: {name: state for name, (_, state) in key.values.items()} for at, key in self.keys.items()}


class Draft:
    """A device in the making."""

    def __init__(self, device: Device | None = None) -> None:
        self._users = dict.fromkeys(device.users if device else ())
        self._paths = {at: key.path for at, key in device.keys.items()} if device else {}
        self._values = {at: dict(key.values) for at, key in device.keys.items()} if device else {}
        self._others = dict(device.others) if device else {}
        self._rooted: set[KeyId] = set()
        """Keys above which all are there, as far as it is known: of deep keys each would look for all above it."""
        self._children: dict[tuple[object, str], dict[str, None]] | None = None
        """Keys right below each of an owner, there or once there, after somebody asked: each that goes would look at all."""

    def device(self) -> Device:
        """The device as it is now."""
        keys = {at: Key(path, dict(self._values[at])) for at, path in self._paths.items()}
        return Device(tuple(self._users), keys, dict(self._others))

    def load_user(self, user: str) -> None:
        """Load a user's hive."""
        self._users.setdefault(user)

    def has_key(self, at: KeyId) -> bool:
        """Whether a key is there."""
        return at in self._paths

    def is_empty(self, at: KeyId) -> bool:
        """Whether a key holds neither a value nor a key."""
        return not self._values[at] and next(self._below(at), None) is None

    def make_key(self, place: Place, user: str | None = None) -> list[KeyId]:
        """Make the place's key with what is missing above it; what was made, from the top down."""
        made: list[KeyId] = []
        if key_id(place, user) in self._paths:
            return made
        missing: list[tuple[KeyId, str]] = []
        walked: list[KeyId] = []
        for at, path in ascent(place, user):
            if place.view is View.BITS_64 and at in self._rooted:
                break
            walked.append(at)
            if at not in self._paths:
                missing.append((at, path))
        if place.view is View.BITS_64:
            # In the other view one may be kept once, and lie below one that isn't there.
            self._rooted.update(walked)
        for at, path in reversed(missing):
            self._paths[at], self._values[at] = path, {}
            self._hang(at)
            made.append(at)
        return made

    def put(self, place: Where, user: str | None, state: State) -> list[KeyId]:
        """Bring a place into a state, and give the keys that had to be made. Taking a value away makes none."""
        if not isinstance(place, Place):
            self._others[slot(place, user)] = state
            if state is ABSENT:
                del self._others[slot(place, user)]
            return []
        at = key_id(place, user)
        if state is ABSENT:
            if place.name is None:
                self.remove_key(at)
            else:
                self._values.get(at, {}).pop(upper(place.name), None)
            return []
        made = self.make_key(place, user)
        if place.name is not None:
            values, folded = self._values[at], upper(place.name)
            # A value keeps the spelling with which it was made.
            values[folded] = (values[folded][0] if folded in values else place.name, state)
        return made

    def remove_key(self, at: KeyId) -> None:
        """Take a key away, with everything below it."""
        for gone in (at, *list(self._below(at))):
            self._paths.pop(gone, None)
            self._values.pop(gone, None)
            self._rooted.discard(gone)

    def _below(self, at: KeyId) -> Iterator[KeyId]:
        """The keys below a key, in whichever view they are."""
        if self._children is None:
            self._children = {}
            for key in self._paths:
                self._hang(key)
        owner = at[0]
        waiting = [at[2]]
        while waiting:
            for folded in self._children.get((owner, waiting.pop()), ()):
                waiting.append(folded)
                for view in View:
                    key = (owner, view, folded)
                    if key in self._paths and (at[1] is view is View.BITS_64 or any(above == at for above in _above(key))):
                        yield key

    def _hang(self, at: KeyId) -> None:
        """Put a key below the one above it, and that one below its own."""
        owner, _, folded = at
        while self._children is not None and folded:
            above = folded.rpartition("\\")[0]
            known = self._children.setdefault((owner, above), {})
            if folded in known:
                return
            known[folded] = None
            folded = above


def key_id(place: Place, user: str | None = None) -> KeyId:
    """What identifies the key of a place."""
    return (_owner(place, user), place.view, upper(place.key))


def slot(place: Where, user: str | None = None) -> Slot:
    """What identifies a place on one device."""
    if not isinstance(place, Place):
        return place.identity, user
    return key_id(place, user), None if place.name is None else upper(place.name)


def is_key(place: Where) -> bool:
    """Whether it is a key of the registry, and not what a key holds."""
    return isinstance(place, Place) and place.name is None


def slots_above(place: Where, user: str | None = None) -> dict[Slot, State]:
    """What is there where a place holds something: the keys of a place in the registry."""
    return {(key, None): KEY for key, _ in lineage(place, user)} if isinstance(place, Place) else {}


def place_of(at: KeyId, path: str) -> tuple[Place, str | None]:
    """The key of an identity as a place, and its user."""
    owner, view, _ = at
    if owner is None or isinstance(owner, Hive):
        return Place(owner or Hive.MACHINE, view, path, None), None
    return Place(Hive.USER, view, path, None), owner


def _owner(place: Place, user: str | None) -> str | Hive | None:
    if place.hive is Hive.USER:
        return user
    return None if place.hive is Hive.MACHINE else place.hive


def ascent(place: Place, user: str | None = None) -> Iterator[tuple[KeyId, str]]:
    """(identity, path) of the place's key and of those above it, from the key up.

    Above a key that Windows keeps twice there may be one that it keeps once: `SOFTWARE\\Classes` above `CLSID`.
    """
    path, folded = place.key, upper(place.key)
    owner = _owner(place, user)
    while True:
        split = place.view is View.BITS_32 and (path is place.key or is_split(place.hive, tuple(folded.split("\\"))))
        yield (owner, View.BITS_32 if split else View.BITS_64, folded), path
        if "\\" not in folded:
            return
        path, folded = path.rpartition("\\")[0], folded.rpartition("\\")[0]


def lineage(place: Place, user: str | None = None) -> list[tuple[KeyId, str]]:
    """The same from the top down."""
    return list(ascent(place, user))[::-1]


def _above(at: KeyId) -> Iterator[KeyId]:
    place, user = place_of(at, at[2])
    return (above for above, _ in ascent(place, user) if above != at)
