"""What both kinds answer that are lines of a security template's [System Access]."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Generic, TypeVar

from policyc.diagnostics import Diagnostic
from policyc.evaluation import Held, State, Verdict, after, verdict
from policyc.evaluation.device import Device
from policyc.evaluation.wording import data_text
from policyc.kinds.kind import AT_ONCE
from policyc.kinds.registry import RegistryKind
from policyc.kinds.secedit import access_words as words_of
from policyc.kinds.secedit import functions
from policyc.kinds.secedit.access import Access, AccessPlace
from policyc.kinds.secedit.keys import NEVER
from policyc.model import Location, Operator, SetValue

A = TypeVar("A", bound=Access)
_VALUES = RegistryKind()
_OPERATORS = (
    Operator.EQUALS,
    Operator.NOT_EQUALS,
    Operator.AT_LEAST,
    Operator.AT_MOST,
    Operator.BETWEEN,
    Operator.ONE_OF,
    Operator.NONE_OF,
)
_SINGLE = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.AT_LEAST, Operator.AT_MOST})


class AccessKind(Generic[A]):
    """What `policyc.kinds.kind.OtherKind` asks: whatever is true of a DWORD or string is true of these."""

    word: str
    place_words: tuple[str, ...]
    called: ClassVar[str]
    """The word that says which one."""
    subject: type[A]
    note: str
    unreadable = "secedit ended with 1"
    as_one = frozenset({*(operator.value for operator in _OPERATORS), "set"})
    condition_words = frozenset(operator.value for operator in _OPERATORS)

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> A | None:
        """Its own node is the kind's word below `at`."""
        from policyc.kinds.secedit.access_lowering import lower

        lowered = lower(self.word, self.called, tree, at, found, audit=audit)
        return None if lowered is None else self.subject(*lowered)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """To the letter."""
        return one == other

    def users(self, subject: A, device: Device) -> tuple[str | None, ...]:
        """It is the device's."""
        return (None,)

    def verdict(self, subject: A, state: State) -> Verdict:
        """Where Windows says nothing, as of lockouts while accounts are never locked, nothing is in force."""
        return verdict(subject.value, state)

    def after(self, subject: A, state: State) -> State:
        """As of a value."""
        return after(subject.value, state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """A number or a name."""
        return True

    def undone(self, subject: A, before: State, after: State) -> State:
        """What was there."""
        return before

    def meaning(self, subject: A) -> tuple[object, ...]:
        """Condition and write."""
        return (subject.value.condition, subject.value.write)

    def remembered(self, subject: A) -> tuple[object, ...]:
        """Place and condition."""
        return (subject.place.key.constant, subject.value.condition)

    def covers(self, winner: A, loser: A) -> bool:
        """As of values."""
        return _VALUES.covers(winner.value, loser.value)

    def contradict(self, one: A, other: A) -> bool:
        """As of values."""
        return _VALUES.contradict(one.value, other.value)

    def agree(self, one: A, other: A) -> bool:
        """As of values."""
        return _VALUES.agree(one.value, other.value)

    def same_write(self, one: A, other: A) -> bool:
        """As of values."""
        return _VALUES.same_write(one.value, other.value)

    def violates(self, writer: A, judge: A) -> bool:
        """As of values."""
        return _VALUES.violates(writer.value, judge.value)

    def empties(self, subject: A) -> bool:
        """Nothing lies below it."""
        return False

    def above(self, subject: A) -> Iterable[tuple[str, ...]]:
        """Nor above it."""
        return ()

    def needs_above(self, subject: A) -> bool:
        """Nor above it."""
        return False

    def implies(self, one: A, other: A) -> bool:
        """As of values."""
        return _VALUES.implies(one.value, other.value)

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        if not isinstance(state, Held):
            return "not in force"
        return data_text(state.data) if isinstance(state.data, str) else "never" if state.data == NEVER else str(state.data)

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[AccessPlace, State, Location]]:
        """By the word of a policy; what a state says of it is a value, or `unreadable`."""
        from policyc.kinds.secedit.access_lowering import stated

        return stated(self.word, tree, at, found)

    def row(self, subject: A) -> dict[str, str | int | bool | tuple[str | int, ...]]:
        """The words that rows of values have, and what is said of it."""
        operator, operands = subject.value.condition.operator, subject.value.condition.operands
        said: Any = operands[0] if operator in _SINGLE else operands
        row: dict[str, Any] = {
            "Place": subject.place.key.constant,
            "Kind": "String" if subject.place.key.is_name else "DWord",
            "".join(part.capitalize() for part in operator.value.split("_")): said,
            "Must": words_of.must(subject, masked=False),
        }
        if isinstance(subject.value.write, SetValue) and not words_of.says_itself(subject):
            row["Set"] = subject.value.write.data
        return row

    def functions(self) -> str:
        """Its own, and what it shares with other kinds that `secedit` reads and writes."""
        return functions(self.word, "access")

    def needs(self, subject: A) -> frozenset[str]:
        """What judges and writes values."""
        operator = subject.value.condition.operator
        return frozenset({"Test-" + "".join(part.capitalize() for part in operator.value.split("_")), "Get-SetState"})

    def words(self, subject: A, *, masked: bool) -> dict[str, Any]:
        """Which one, condition and what is written."""
        return words_of.words(subject, masked=masked)

    def plan_words(self, subject: A) -> dict[str, Any]:
        """The same, flat."""
        said = words_of.words(subject, masked=False)
        order = (*(operator.value for operator in _OPERATORS), "set")
        return {self.place_words[0]: said[self.called], **{word: said.get(word) for word in order}}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """Operands and what is written."""
        return self.as_one.intersection(words)

    def remediation(self, subject: A) -> str:
        """Set, or not."""
        return "set it" if subject.writes else "no, it is only reported"

    def effect(self, subject: A) -> str:
        """The local security authority takes it."""
        return AT_ONCE

    def must(self, subject: A, *, masked: bool) -> str:
        """The condition, with its unit."""
        return words_of.must(subject, masked=masked)

    def written(self, subject: A, *, masked: bool) -> str:
        """What is set."""
        return words_of.written(subject, masked=masked)
