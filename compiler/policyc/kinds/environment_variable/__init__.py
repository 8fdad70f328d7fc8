"""Environment variables of the machine: what one is, or which entries a list such as Path has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import UNREADABLE, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.environment_variable import meaning
from policyc.kinds.environment_variable import words as words_of
from policyc.kinds.environment_variable.subject import KEY, EnvironmentVariable, VariablePlace
from policyc.kinds.environment_variable.texts import TYPES, Type, held
from policyc.model import Location, Operator

_ROW = {
    Operator.EQUALS: "Equals",
    Operator.CONTAINS: "Contains",
    Operator.NONE_OF: "NoneOf",
    Operator.PRESENT: "Present",
    Operator.ABSENT: "Absent",
}


class EnvironmentVariableKind:
    """What `policyc.kinds.kind.OtherKind` asks."""

    word = EnvironmentVariable.word
    as_one = words_of.AS_ONE
    place_words: tuple[str, ...] = ("environment_variable.name",)
    condition_words = frozenset({*words_of.CONDITION, "type", "case"})
    unreadable = "it is no text, or can't be read"
    note = (
        "Environment variables: programs that run, and services, keep those that they were started with. A change counts for a "
        "user at the next sign-in, for a service when it starts next, and for what the service manager itself hands on when "
        "Windows starts next. Variables of a user of the same name go before the machine's, but for Path, to which a user's "
        "is added. Group Policy preferences may set the same ones again."
    )

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> EnvironmentVariable | None:
        """Its own node is `environment_variable` below `at`."""
        from policyc.kinds.environment_variable.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Names without regard to case."""
        if word == "name" and isinstance(one, str) and isinstance(other, str):
            return one.upper() == other.upper()
        return one == other

    def users(self, subject: EnvironmentVariable, device: Device) -> tuple[str | None, ...]:
        """They are the machine's."""
        return (None,)

    def verdict(self, subject: EnvironmentVariable, state: State) -> Verdict:
        """By its text, or by its entries."""
        return meaning.verdict(subject, state)

    def after(self, subject: EnvironmentVariable, state: State) -> State:
        """Its text, or entry by entry."""
        return meaning.after(subject, state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """Windows takes none that is too long for a journal."""
        return True

    def undone(self, subject: EnvironmentVariable, before: State, after: State) -> State:
        """Where nobody else has changed it since, what was there."""
        return before

    def undone_now(self, before: State, written: State, now: State) -> State | None:
        """Of a list, what others did since stays."""
        return meaning.undone(before, written, now)

    def meaning(self, subject: EnvironmentVariable) -> tuple[object, ...]:
        """All but the place."""
        return (subject.operator, subject.texts, subject.type, subject.exact_case, subject.set, subject.writes)

    def remembered(self, subject: EnvironmentVariable) -> tuple[object, ...]:
        """Name and condition, as texts."""
        return (self.word, subject.place.name.upper(), subject.asked, subject.texts)

    def covers(self, winner: EnvironmentVariable, loser: EnvironmentVariable) -> bool:
        """Whether the same is asked, and written where the other one writes."""
        return self.meaning(winner)[:-1] == self.meaning(loser)[:-1] and (winner.writes or not loser.writes)

    def contradict(self, one: EnvironmentVariable, other: EnvironmentVariable) -> bool:
        """Whether nothing satisfies both."""
        return meaning.contradict(one, other)

    def agree(self, one: EnvironmentVariable, other: EnvironmentVariable) -> bool:
        """Whether each leaves what the other one wants."""
        return meaning.agree(one, other)

    def same_write(self, one: EnvironmentVariable, other: EnvironmentVariable) -> bool:
        """The same by the same condition."""
        return one.writes and self.meaning(one) == self.meaning(other)

    def violates(self, writer: EnvironmentVariable, judge: EnvironmentVariable) -> bool:
        """Whatever else is in it, what is written satisfies the writer."""
        return writer.writes and meaning.contradict(writer, judge)

    def empties(self, subject: EnvironmentVariable) -> bool:
        """Nothing lies below a variable."""
        return False

    def above(self, subject: EnvironmentVariable) -> Iterable[tuple[str, int, str, None]]:
        """The registry's keys in which Windows keeps it."""
        hive, view, key, _ = subject.place.identity
        steps = key.split("\\")
        for depth in range(len(steps), 0, -1):
            yield (hive, view, "\\".join(steps[:depth]), None)

    def needs_above(self, subject: EnvironmentVariable) -> bool:
        """Whether it has to be there."""
        return subject.operator not in (Operator.ABSENT, Operator.NONE_OF)

    def implies(self, one: EnvironmentVariable, other: EnvironmentVariable) -> bool:
        """By texts and sets of entries."""
        return meaning.implies(one, other)

    def words(self, subject: EnvironmentVariable, *, masked: bool) -> dict[str, Any]:
        """Name and condition."""
        return words_of.words(subject, masked=masked)

    def plan_words(self, subject: EnvironmentVariable) -> dict[str, Any]:
        """The same, flat."""
        return words_of.plan_words(subject)

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """Texts and entries."""
        return words_of.DATA.intersection(words)

    def remediation(self, subject: EnvironmentVariable) -> str:
        """Set, added, taken out or removed."""
        return words_of.remediation(subject)

    def effect(self, subject: EnvironmentVariable) -> str:
        """A program keeps the variables that it was started with."""
        return "the next start of what reads it (of services, a restart of the device)"

    def must(self, subject: EnvironmentVariable, *, masked: bool) -> str:
        """What it must be."""
        return words_of.must(subject, masked=masked)

    def written(self, subject: EnvironmentVariable, *, masked: bool) -> str:
        """What is set."""
        return words_of.written(subject, masked=masked)

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        return words_of.shown(state)

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[VariablePlace, State, Location]]:
        """By name: value and type."""
        from policyc.kinds.environment_variable.lowering import variable

        for name, said in tree.items():
            node = at.below(name)
            place = variable(name, node, found, on_key=True)
            kind = said.get("type", Type.STRING.said)
            if place is not None:
                yield place, UNREADABLE if kind == "unreadable" else held(TYPES[kind], said.get("value", "")), node

    def row(self, subject: EnvironmentVariable) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The words of the policy."""
        said: dict[str, str | int | bool | tuple[str, ...]] = {"Place": subject.place.name}
        word = _ROW[subject.operator]
        if subject.operator is Operator.EQUALS:
            said[word] = subject.texts[0]
        else:
            said[word] = subject.texts or True
        if subject.set:
            said["Set"] = subject.set
        if subject.type is not None:
            said["Type"] = subject.type.value
        if subject.exact_case:
            said["Exact"] = True
        return {**said, "Must": words_of.must(subject, masked=False)}

    def functions(self) -> str:
        """`functions.ps1`."""
        from importlib.resources import files

        return (files("policyc.kinds.environment_variable") / "functions.ps1").read_text("ascii")

    def needs(self, subject: EnvironmentVariable) -> frozenset[str]:
        """All that it calls, it names."""
        return frozenset()


def said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    """The words of a policy whose row this is; None for none."""
    asked = [operator for operator, word in _ROW.items() if word in row]
    if len(asked) != 1:
        return None
    said = row[_ROW[asked[0]]]
    words: dict[str, Any] = {"name": row.get("Place"), asked[0].value: list(said) if isinstance(said, tuple) else said}
    if "Set" in row:
        words["set"] = row["Set"]
    for word, kind in TYPES.items():
        if row.get("Type") == kind.value:
            words["type"] = word
    return {**words, "case": "exact"} if row.get("Exact") else words


__all__ = ["KEY", "EnvironmentVariableKind", "said_by"]
