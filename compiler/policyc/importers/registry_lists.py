"""A key of which a `registry.pol` deletes all values before it writes some: together they say all that the key holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policyc.importers.registry_order import Keys, Placed
from policyc.registry_files import Action, Entry

WhyNot = Callable[[Entry], str | None]


@dataclass(frozen=True, slots=True)
class ValueList:
    """A key with the values that it holds, in the file's order."""

    first: Placed
    """The first entry that deletes all values."""
    values: tuple[Placed, ...]
    others: tuple[Placed, ...]
    """Entries that say no more than that a value isn't there, or delete all values once more."""


def value_lists(live: Sequence[Placed], keys: Keys, why_not: WhyNot) -> list[ValueList]:
    """The lists, by the order in which the file comes to their keys.

    Where a value of a key can't be said, the key isn't a list: it would be taken away.
    """
    own = {id(one): keys.lineage(one)[-1] for one in live}
    cleared = {own[id(one)] for one in live if one.entry.action is Action.DELETE_ALL_VALUES}
    by_key: dict[int, list[Placed]] = {}
    for one in live:
        if own[id(one)] in cleared and (one.entry.name is not None or one.entry.action is Action.DELETE_ALL_VALUES):
            by_key.setdefault(own[id(one)], []).append(one)
    lists = []
    for members in by_key.values():
        values = tuple(one for one in members if one.entry.action is Action.SET)
        if any(one.entry.action is Action.SET_IF_ABSENT for one in members) or any(why_not(one.entry) for one in values):
            continue
        first = next(one for one in members if one.entry.action is Action.DELETE_ALL_VALUES)
        lists.append(ValueList(first, values, tuple(one for one in members if one is not first and one not in values)))
    return lists
