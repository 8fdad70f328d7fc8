"""Microsoft Defender's own preferences: rules of attack surface reduction, lists of exclusions, and some others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import UNREADABLE, Held, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.defender.exclusions import LISTS, Exclusions, ListPlace, key, undone
from policyc.kinds.defender.subject import BY_DEFAULT, Defender, DefenderPlace, shown_word
from policyc.kinds.kind import AT_ONCE, Together
from policyc.model import Kind, Location, Registry

Asked = Defender | Exclusions
_CONDITION = ("equals", "contains", "none_of", "set_equals", "also_allowed")
_ROW = {"Contains": "contains", "NoneOf": "none_of", "SetEquals": "set_equals"}
_OF_WORDS = frozenset({"Read-DefenderWord", "Get-DefenderWordNext", "Write-DefenderWord"})
_OF_LISTS = frozenset(
    {"Read-DefenderList", "Select-DefenderNext", "Get-DefenderListNext", "Write-DefenderList", "Select-DefenderUndone"}
)


class DefenderKind:
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = Defender.word
    as_one = frozenset(_CONDITION)
    place_words: tuple[str, ...] = ("defender.asr_rule", "defender.preference", "defender.list")
    condition_words = as_one
    unreadable = "Microsoft Defender doesn't tell"
    note = (
        "Microsoft Defender: what Group Policy or Intune says of a rule or preference goes before what is set here, and a "
        "device where they say something else is told as failed. Where they say nothing, the same policy in the registry "
        "(`HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender`) is the surer way, as no local administrator changes it by a "
        "click. Tamper protection lets no change happen and says nothing: it is seen by reading again."
    )

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Asked | None:
        """Its own node is `defender` below `at`."""
        from policyc.kinds.defender.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """A rule by its GUID and by its name."""
        from policyc.kinds.defender.preferences import rule_id

        if word == "asr_rule" and isinstance(one, str) and isinstance(other, str):
            return rule_id(one) == rule_id(other)
        if isinstance(one, list) and isinstance(other, list):
            return sorted(map(key, one)) == sorted(map(key, other))
        return one == other

    def users(self, subject: Asked, device: Device) -> tuple[str | None, ...]:
        """They are the machine's."""
        return (None,)

    def verdict(self, subject: Asked, state: State) -> Verdict:
        """As scripts judge it."""
        if state is UNREADABLE:
            return Verdict.ERROR
        return Verdict.COMPLIANT if subject.holds(state) else Verdict.NON_COMPLIANT

    def after(self, subject: Asked, state: State) -> State:
        """As scripts write it."""
        return subject.leaves(state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """It always is."""
        return True

    def undone(self, subject: Asked, before: State, after: State) -> State:
        """What was there first."""
        return before

    def undone_now(self, before: State, written: State, now: State) -> State | None:
        """Of a list, each member that was added or taken out; a rule or preference goes back as a whole."""
        return undone(before, written, now) if isinstance(written, Held) and written.kind is Kind.MULTI_STRING else None

    def meaning(self, subject: Asked) -> tuple[object, ...]:
        """Condition and write."""
        return (*subject.condition, subject.writes)

    def remembered(self, subject: Asked) -> tuple[object, ...]:
        """Place and condition, as plain words."""
        return (self.word, subject.place.name.upper(), *subject.condition)

    def covers(self, winner: Asked, loser: Asked) -> bool:
        """Whether nothing is lost where the winner stands for the loser."""
        return winner.condition == loser.condition and winner.writes in (loser.writes, True)

    def contradict(self, one: Asked, other: Asked) -> bool:
        """Whether nothing is as both want it."""
        return one.contradicts(other)

    def agree(self, one: Asked, other: Asked) -> bool:
        """The same is set, or members are added and taken out in any order."""
        return not one.contradicts(other)

    def same_write(self, one: Asked, other: Asked) -> bool:
        """The same is written by both."""
        return one.writes and other.writes and one.condition == other.condition

    def violates(self, writer: Asked, judge: Asked) -> bool:
        """What is written is something else."""
        return writer.writes and writer.contradicts(judge)

    def together(self, subject: Asked, other: Registry) -> Together:
        """Whether the policy is such that the rule or preference can be as it must."""
        from policyc.kinds.defender.policies import together

        return together(subject, other) if isinstance(subject, Defender) else Together.ALWAYS

    def empties(self, subject: Asked) -> bool:
        """Nothing lies below it."""
        return False

    def above(self, subject: Asked) -> Iterable[tuple[str, int, str, None]]:
        """The keys of the policies in which its own one lies, of a rule or a preference."""
        if isinstance(subject, Exclusions):
            return
        hive, view, key_of, _ = subject.place.identity
        steps = key_of.split("\\")
        for depth in range(len(steps), 0, -1):
            yield (hive, view, "\\".join(steps[:depth]), None)

    def needs_above(self, subject: Asked) -> bool:
        """There is none."""
        return False

    def implies(self, one: Asked, other: Asked) -> bool:
        """Whether all that satisfies the one satisfies the other."""
        return one.implies(other)

    def words(self, subject: Asked, *, masked: bool) -> dict[str, Any]:
        """Rule, preference or list, and what it must be."""
        return {**subject.place.parts, **(subject.masked() if masked else subject.said)}

    def plan_words(self, subject: Asked) -> dict[str, Any]:
        """The same, flat."""
        place = {word: subject.place.parts.get(word.partition(".")[2]) for word in self.place_words}
        said = subject.said
        return {**place, **{word: said.get(word) for word in _CONDITION}}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """What it must be."""
        return self.as_one.intersection(words)

    def remediation(self, subject: Asked) -> str:
        """By Defender's own cmdlets."""
        return subject.remediation if subject.writes else "no, it is only reported"

    def effect(self, subject: Asked) -> str:
        """Its service takes it."""
        return AT_ONCE

    def must(self, subject: Asked, *, masked: bool) -> str:
        """As the function of the scripts says it."""
        return "hold what the policy says (sensitive)" if masked else subject.must

    def written(self, subject: Asked, *, masked: bool) -> str:
        """What is set."""
        if not subject.writes:
            return "only reported"
        return subject.masked_does if masked else subject.does

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        if isinstance(state, Held) and isinstance(state.data, tuple):
            return ", ".join(state.data) or "empty"
        if not isinstance(state, Held) or not isinstance(state.data, str):
            return "not configured"
        word = shown_word(state.data.removesuffix(BY_DEFAULT))
        return f"{word} by default" if state.data.endswith(BY_DEFAULT) else word

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[DefenderPlace | ListPlace, State, Location]]:
        """Below `asr_rules`, `preferences` and `lists`, by name."""
        from policyc.kinds.defender.lowering import stated

        return stated(tree, at, found)

    def row(self, subject: Asked) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The words of the policy."""
        return {"Place": subject.place.name, **subject.row}

    def functions(self) -> str:
        """By Defender's own cmdlets."""
        from importlib.resources import files

        return (files("policyc.kinds.defender") / "functions.ps1").read_text("ascii")

    def needs(self, subject: Asked) -> frozenset[str]:
        """Those of lists, or those of words."""
        return _OF_LISTS if isinstance(subject, Exclusions) else _OF_WORDS


def said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    """The words of a policy whose row this is; None for none."""
    from policyc.kinds.defender.preferences import PREFERENCES, rule_id, rules

    place, value = row.get("Place"), row.get("Equals")
    if place in LISTS:
        return _list_said_by(row)
    if row.keys() != {"Place", "Equals"} or not isinstance(place, str) or not isinstance(value, str):
        return None
    if place in PREFERENCES:
        return {"preference": place, "equals": value}
    guid = rule_id(place)
    return None if guid is None else {"asr_rule": rules().get(guid, place), "equals": value}


def _list_said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    asked = [word for word in _ROW if word in row]
    if len(asked) != 1 or not {*row} <= {"Place", "Must", "AlsoAllowed", *_ROW}:
        return None
    lists = {_ROW[asked[0]]: row[asked[0]], **({"also_allowed": row["AlsoAllowed"]} if "AlsoAllowed" in row else {})}
    words = {word: list(said) for word, said in lists.items() if isinstance(said, tuple)}
    return {"list": row["Place"], **words} if len(words) == len(lists) else None
