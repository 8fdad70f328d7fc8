"""What holds of a registry file's entries when all have been done: each does its thing to what those before it left."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from policyc.kinds.registry.places import KeyPlace
from policyc.model import upper
from policyc.registry_files import Action, Entry

_SETS = (Action.SET, Action.SET_IF_ABSENT)
_BRINGS = (*_SETS, Action.CREATE_KEY)
_VALUES = (*_SETS, Action.DELETE_VALUE)


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry whose key a policy can name."""

    entry: Entry
    key: KeyPlace

    @property
    def identity(self) -> tuple[str, int, tuple[str, ...]]:
        """Hive, view and the steps of the key."""
        return self.key.hive.value, int(self.key.view), tuple(upper(self.key.key).split("\\"))


class Keys:
    """Numbers for keys: of the key above it and its own name, as a path in full would be kept for every level."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, str], int] = {}

    def lineage(self, one: Placed) -> list[int]:
        """The numbers of the keys above it, from the hive on, and of its own."""
        hive, view, steps = one.identity
        above: object = (hive, view)
        numbers = []
        for step in steps:
            above = self._numbers.setdefault((above, step), len(self._numbers))
            numbers.append(above)
        return numbers


@dataclass(slots=True)
class Outcome:
    """What is left of the entries."""

    live: list[Placed] = field(default_factory=list)
    """In the file's order. What is to be written only where nothing is, and comes behind a deletion, is written in any case."""
    overwritten: list[tuple[Placed, Placed]] = field(default_factory=list)
    """Each entry of which nothing is left, and the one that decides instead."""
    same: int = 0
    """Entries that do what the one before them on the same value did."""


def outcome(placed: Sequence[Placed], keys: Keys, headings: Container[int] = frozenset()) -> Outcome:
    """Do the entries one after the other. Of those with the numbers `headings` only what makes a deleted key anew is left."""
    return _Run(placed, keys).outcome(headings)


class _Run:
    def __init__(self, placed: Sequence[Placed], keys: Keys) -> None:
        self._placed = list(placed)
        self._lineages = [keys.lineage(one) for one in placed]
        self._deleted: dict[int, int] = {}
        """By key, the last entry that deletes it."""
        self._cleared: dict[int, int] = {}
        """By key, the last entry that deletes all of its values."""
        self._last: dict[tuple[int, str], int] = {}
        """By key and name, the entry that decides on the value."""
        self._decided_by: dict[int, int] = {}
        self._same: set[int] = set()

    def outcome(self, headings: Container[int]) -> Outcome:
        idle = set()
        for index, one in enumerate(self._placed):
            own = self._lineages[index][-1]
            if one.entry.number in headings and self._wiped(index) < 0:
                idle.add(index)
            elif one.entry.action is Action.DELETE_KEY:
                self._deleted[own] = index
            elif one.entry.action is Action.DELETE_ALL_VALUES:
                self._cleared[own] = index
            elif one.entry.action in _VALUES:
                self._do(index)
        found = Outcome(same=len(self._same))
        for index, one in enumerate(self._placed):
            by = self._decided_by.get(index, self._wiped_by(index))
            if index in self._same or index in idle:
                continue
            if by is None:
                found.live.append(one)
            elif one.entry.number not in headings:
                found.overwritten.append((one, self._placed[by]))
        return found

    def _do(self, index: int) -> None:
        entry = self._placed[index].entry
        where = (self._lineages[index][-1], upper(entry.name or ""))
        wiped = self._wiped(index)
        before = self._last.get(where, -1)
        there = self._placed[before].entry if before > wiped else None
        if entry.action is Action.SET_IF_ABSENT:
            if there is not None and there.action in _SETS:
                self._decide(index, before, entry, there)
                return
            if there is not None or wiped >= 0:
                self._placed[index] = replace(self._placed[index], entry=replace(entry, action=Action.SET))
        elif there is not None and (there.action, there.value) == (entry.action, entry.value):
            self._same.add(index)
            return
        if there is not None:
            self._decided_by[before] = index
        self._last[where] = index

    def _decide(self, index: int, by: int, entry: Entry, there: Entry) -> None:
        if (entry.action, entry.value) == (there.action, there.value):
            self._same.add(index)
        else:
            self._decided_by[index] = by

    def _wiped(self, index: int) -> int:
        """The last entry so far that deletes what this one is about; -1: none."""
        *_, own = lineage = self._lineages[index]
        return max(self._cleared.get(own, -1), *(self._deleted.get(number, -1) for number in lineage))

    def _wiped_by(self, index: int) -> int | None:
        """An entry further down that deletes what this one brings."""
        action = self._placed[index].entry.action
        if action not in _BRINGS:
            return None
        *_, own = lineage = self._lineages[index]
        wiped = max(self._deleted.get(number, -1) for number in lineage)
        if action is not Action.CREATE_KEY:
            wiped = max(wiped, self._cleared.get(own, -1))
        return wiped if wiped > index else None
