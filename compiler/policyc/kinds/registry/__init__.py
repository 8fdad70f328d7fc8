"""The registry's values and keys."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import ABSENT, Held, State, Verdict, after, verdict
from policyc.evaluation.bounds import is_kept
from policyc.evaluation.device import Device
from policyc.kinds.kind import Removal
from policyc.kinds.registry import words as words_of
from policyc.kinds.registry.compatibility import by_name, same_values
from policyc.kinds.registry.parts import part_at, parts
from policyc.kinds.registry.trees import removal
from policyc.kinds.registry.wording import must, written
from policyc.model import (
    Append,
    CreateKey,
    DeleteValue,
    Hive,
    KeepListed,
    Location,
    Operator,
    Registry,
    RemoveTree,
    SetValue,
    upper,
)

_IGNORES_CASE = frozenset({"key", "name"})


class RegistryKind:
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = Registry.word
    as_one = frozenset({*(operator.value for operator in Operator), "recurse", "set", "default", "pin", "case"})
    place_words: tuple[str, ...] = words_of.PLACE
    condition_words = words_of.CONDITION

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Registry | None:
        """Its own node is `registry` below `at`."""
        from policyc.kinds.registry.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Keys and names without regard to case."""
        if word in _IGNORES_CASE and isinstance(one, str) and isinstance(other, str):
            return upper(one) == upper(other)
        return one == other

    def users(self, subject: Registry, device: Device) -> tuple[str | None, ...]:
        """All whose hive is loaded, for a place of HKCU."""
        return device.users if subject.place.hive is Hive.USER else (None,)

    def speaks_for_all(self, subject: Registry) -> bool:
        """A key that holds the values of a list and no others."""
        return subject.condition.operator is Operator.ONLY_VALUES

    def parts(self, subject: Registry, device: Device, user: str | None) -> tuple[Registry, ...]:
        """A setting for each value of the list, and for each other one that is there."""
        if not self.speaks_for_all(subject):
            return (subject,)
        return parts(subject, device.names(subject.place, user))

    def part_at(self, subject: Registry, identity: tuple[Hashable, ...]) -> Registry | None:
        """A value of the key; of keys below it a list says nothing."""
        name = identity[-1]
        return part_at(subject, name) if isinstance(name, str) else None

    def removal(self, subject: Registry, device: Device, user: str | None) -> Removal | None:
        """A key with everything below it."""
        return removal(subject, device, user)

    def verdict(self, subject: Registry, state: State) -> Verdict:
        """As scripts judge it."""
        return verdict(subject, state)

    def after(self, subject: Registry, state: State) -> State:
        """As scripts write it."""
        return after(subject, state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """By its size, and whose it is."""
        return is_kept(state, user)

    def undone(self, subject: Registry, before: State, after: State) -> State:
        """A product may ask for cleared data where there was no value."""
        if subject.clear_on_undo and before is ABSENT and isinstance(after, Held):
            return Held(after.kind, "")
        return before

    def meaning(self, subject: Registry) -> tuple[object, ...]:
        """Condition, kind, default and write."""
        return (subject.condition, subject.kind, subject.default, subject.pin, subject.write, by_name(subject))

    def remembered(self, subject: Registry) -> tuple[object, ...]:
        """Place and condition, and of a list its values."""
        return (subject.place, subject.condition, *subject.values)

    def covers(self, winner: Registry, loser: Registry) -> bool:
        """Whether nothing is lost where the winner's setting stands for the loser's one."""
        asked = replace(loser, place=winner.place, clear_on_undo=winner.clear_on_undo)
        return asked in (winner, replace(winner, write=None))

    def contradict(self, one: Registry, other: Registry) -> bool:
        """Exact for numbers, and wherever a condition lists its values."""
        from policyc.kinds.registry.compatibility import contradict

        return contradict(one, other)

    def agree(self, one: Registry, other: Registry) -> bool:
        """Each list is completed, or the same is written."""
        if isinstance(one.write, Append) and isinstance(other.write, Append):
            # What is completed where the value is absent is the default.
            return one.default == other.default
        return one.write == other.write and one.kind is other.kind and same_values(one, other)

    def same_write(self, one: Registry, other: Registry) -> bool:
        """Data, deletion, elements or a list."""
        return one.write is not None and one.write == other.write and same_values(one, other)

    def violates(self, writer: Registry, judge: Registry) -> bool:
        """What an append leaves depends on the device."""
        match writer.write:
            case SetValue(data):
                return verdict(judge, Held(writer.kind, data)) is not Verdict.COMPLIANT
            case DeleteValue() | RemoveTree():
                return verdict(judge, ABSENT) is not Verdict.COMPLIANT
            case KeepListed():
                return bool(writer.values) and judge.condition.operator is Operator.ABSENT
        return False

    def empties(self, subject: Registry) -> bool:
        """A key that is to be absent."""
        return subject.place.name is None and subject.condition.operator is Operator.ABSENT

    def above(self, subject: Registry) -> Iterable[tuple[str, int, str, None]]:
        """The keys that it lies in."""
        hive, view, key, name = subject.place.identity
        steps = key.split("\\")
        # The key itself is above a value, and a place of its own for a setting on it.
        for depth in range(len(steps) if name is not None else len(steps) - 1, 0, -1):
            yield (hive, view, "\\".join(steps[:depth]), None)

    def needs_above(self, subject: Registry) -> bool:
        """Whether its key has to be there, or is made."""
        return verdict(subject, ABSENT) is not Verdict.COMPLIANT or isinstance(subject.write, CreateKey)

    def implies(self, one: Registry, other: Registry) -> bool:
        """By pairs of operators."""
        from policyc.kinds.registry.order import implies

        return implies(one, other)

    def words(self, subject: Registry, *, masked: bool) -> dict[str, Any]:
        """Key, name, type, condition and what is written."""
        return words_of.words(subject, masked=masked)

    def plan_words(self, subject: Registry) -> dict[str, Any]:
        """The same, flat."""
        return words_of.plan_words(subject)

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """Operands, default and what is written."""
        return words_of.hidden(words)

    def remediation(self, subject: Registry) -> str:
        """Written, deleted, completed or made."""
        return words_of.remediation(subject)

    def must(self, subject: Registry, *, masked: bool) -> str:
        """The condition, its kind, and what absence counts as."""
        return must(subject, masked=masked)

    def written(self, subject: Registry, *, masked: bool) -> str:
        """The data, or what is done instead."""
        return written(subject, masked=masked)
