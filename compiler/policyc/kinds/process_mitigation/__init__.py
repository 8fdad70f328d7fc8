"""Mitigations of processes: exploit protection, for one program or for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import UNREADABLE, Held, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.process_mitigation.subject import WORDS, MitigationPlace, ProcessMitigation, field_of, shown_field
from policyc.model import Kind, Location

_EVERY = range(16)
_MASKED = "(sensitive)"
_NAMES = {number: word for word, number in WORDS.items()}


class ProcessMitigationKind:
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = ProcessMitigation.word
    as_one = frozenset({"equals", "not_equals"})
    place_words: tuple[str, ...] = ("process_mitigation.mitigation", "process_mitigation.program")
    condition_words = as_one
    unreadable = "its value MitigationOptions can't be read"
    note = (
        "Mitigations: those of a program count when it starts next, those of all programs when Windows does. "
        "`Get-ProcessMitigation -Name NAME.EXE` (or `-System`) shows what holds. An exploit protection file that Group Policy "
        "names (Windows Defender Exploit Guard, Exploit Protection) is applied again at each refresh: take the same out there. "
        "A program that breaks with one says so in no log: try it with those who use it."
    )

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> ProcessMitigation | None:
        """Its own node is `process_mitigation` below `at`."""
        from policyc.kinds.process_mitigation.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Programs without regard to case."""
        if word == "program" and isinstance(one, str) and isinstance(other, str):
            return one.upper() == other.upper()
        return one == other

    def users(self, subject: ProcessMitigation, device: Device) -> tuple[str | None, ...]:
        """They are the machine's."""
        return (None,)

    def verdict(self, subject: ProcessMitigation, state: State) -> Verdict:
        """As scripts judge it."""
        if state is UNREADABLE:
            return Verdict.ERROR
        return Verdict.COMPLIANT if subject.holds(field_of(state)) else Verdict.NON_COMPLIANT

    def after(self, subject: ProcessMitigation, state: State) -> State:
        """As scripts write it."""
        return subject.leaves(state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """A field always is."""
        return True

    def undone(self, subject: ProcessMitigation, before: State, after: State) -> State:
        """What was there first."""
        return before

    def meaning(self, subject: ProcessMitigation) -> tuple[object, ...]:
        """Condition and write."""
        return (subject.asked, subject.value, subject.writes)

    def remembered(self, subject: ProcessMitigation) -> tuple[object, ...]:
        """Place and condition, as plain words."""
        return (*subject.place.identity, subject.asked, subject.value)

    def covers(self, winner: ProcessMitigation, loser: ProcessMitigation) -> bool:
        """Whether nothing is lost where the winner stands for the loser."""
        return (winner.asked, winner.value) == (loser.asked, loser.value) and winner.writes in (loser.writes, True)

    def contradict(self, one: ProcessMitigation, other: ProcessMitigation) -> bool:
        """Exact: there are sixteen states."""
        return not any(one.holds(field) and other.holds(field) for field in _EVERY)

    def agree(self, one: ProcessMitigation, other: ProcessMitigation) -> bool:
        """Whether both orders leave the same on every device."""
        return all(one.next(other.next(field)) == other.next(one.next(field)) for field in _EVERY)

    def same_write(self, one: ProcessMitigation, other: ProcessMitigation) -> bool:
        """The same field, on the same condition."""
        return one.writes and other.writes and (one.asked, one.value) == (other.asked, other.value)

    def violates(self, writer: ProcessMitigation, judge: ProcessMitigation) -> bool:
        """Whether no device that was remediated satisfies the other one."""
        return writer.writes and not any(judge.holds(writer.next(field)) for field in _EVERY)

    def empties(self, subject: ProcessMitigation) -> bool:
        """Nothing lies below it."""
        return False

    def above(self, subject: ProcessMitigation) -> Iterable[tuple[str, int, str, None]]:
        """The registry's keys in which Windows keeps it."""
        hive, view, key, _ = subject.place.value.identity
        steps = key.split("\\")
        for depth in range(len(steps), 0, -1):
            yield (hive, view, "\\".join(steps[:depth]), None)

    def needs_above(self, subject: ProcessMitigation) -> bool:
        """Whether the key has to be there: where it isn't, nothing is set."""
        return not subject.holds(0)

    def implies(self, one: ProcessMitigation, other: ProcessMitigation) -> bool:
        """Exact: there are sixteen states."""
        return all(other.holds(field) for field in _EVERY if one.holds(field))

    def words(self, subject: ProcessMitigation, *, masked: bool) -> dict[str, Any]:
        """Mitigation, program and condition."""
        return {**subject.place.parts, subject.asked: _MASKED if masked else subject.value}

    def plan_words(self, subject: ProcessMitigation) -> dict[str, Any]:
        """The same, flat."""
        condition = {word: subject.value if word == subject.asked else None for word in ("equals", "not_equals")}
        place = {"mitigation": subject.place.mitigation, "program": subject.place.program}
        return {**{f"process_mitigation.{word}": said for word, said in place.items()}, **condition}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """The condition."""
        return self.as_one.intersection(words)

    def remediation(self, subject: ProcessMitigation) -> str:
        """Its field is set, or cleared."""
        if not subject.writes:
            return "no, it is only reported"
        return "set the mitigation, and leave all others" if subject.next(2) else "clear the mitigation, and leave all others"

    def effect(self, subject: ProcessMitigation) -> str:
        """A process keeps the mitigations that it was started with."""
        return "a restart of the device" if subject.place.program is None else "the next start of the program"

    def must(self, subject: ProcessMitigation, *, masked: bool) -> str:
        """As the function of the scripts says it."""
        if masked:
            return "hold what the policy says (sensitive)"
        return f"{'not ' if subject.asked == 'not_equals' else ''}be {shown_field(WORDS[subject.value])}"

    def written(self, subject: ProcessMitigation, *, masked: bool) -> str:
        """What is set."""
        if not subject.writes:
            return "only reported"
        if masked:
            return "sets what the policy says"
        value = subject.value if subject.asked == "equals" else "not_set"
        return {"on": "turns it on", "off": "turns it off", "not_set": "leaves it to Windows"}[value]

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        return shown_field(field_of(state))

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[MitigationPlace, State, Location]]:
        """Below `system` and below the programs, by mitigation."""
        from policyc.kinds.process_mitigation.lowering import about_program, named

        system: dict[str, str] = tree.get("system", {})
        programs: dict[str, dict[str, str]] = tree.get("programs", {})
        below: list[tuple[str | None, Location, dict[str, str]]] = [(None, at.below("system"), system)]
        below += [(program, at.below("programs", program), said) for program, said in programs.items()]
        for program, node, said in below:
            told: list[Diagnostic] = [] if program is None else list(about_program(program, node, on_key=True))
            found += told
            for name, word in said.items():
                mitigation = named(name, node.below(name), found, on_key=True)
                if mitigation is not None and not told:
                    state = UNREADABLE if word == "unreadable" else Held(Kind.DWORD, WORDS[word])
                    yield MitigationPlace(mitigation.name, program), state, node.below(name)

    def row(self, subject: ProcessMitigation) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The condition as numbers of the field; `Also` is one that satisfies too."""
        asked = "Equals" if subject.asked == "equals" else "NotEquals"
        also = {"Also": 3} if subject.three_is_on and (subject.asked, subject.value) == ("equals", "on") else {}
        return {"Place": subject.place.name, asked: WORDS[subject.value], **also}

    def functions(self) -> str:
        """By .NET's RegistryKey."""
        from importlib.resources import files

        return (files("policyc.kinds.process_mitigation") / "functions.ps1").read_text("ascii")

    def needs(self, subject: ProcessMitigation) -> frozenset[str]:
        """None but those that the engine calls."""
        return frozenset()


def said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    """The words of a policy whose row this is; None for none."""
    asked = {"Equals": "equals", "NotEquals": "not_equals"}
    words = [(asked[name], _NAMES.get(number)) for name, number in row.items() if name in asked and isinstance(number, int)]
    if len(words) != 1 or words[0][1] is None or not {*row} <= {"Place", "Equals", "NotEquals", "Also"}:
        return None
    mitigation, _, program = str(row.get("Place", "")).partition(" ")
    if not mitigation:
        return None
    return {"mitigation": mitigation, **({"program": program} if program else {}), words[0][0]: words[0][1]}


__all__ = ["ProcessMitigationKind", "said_by"]
