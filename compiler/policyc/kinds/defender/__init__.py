"""Microsoft Defender's own preferences: rules of attack surface reduction, and some others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policyc.diagnostics import Diagnostic
from policyc.evaluation import UNREADABLE, Held, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.defender.subject import BY_DEFAULT, Defender, DefenderPlace
from policyc.model import Kind, Location

_MASKED = "(sensitive)"


class DefenderKind:
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = Defender.word
    as_one = frozenset({"equals"})
    place_words: tuple[str, ...] = ("defender.asr_rule", "defender.preference")
    condition_words = as_one
    unreadable = "Microsoft Defender doesn't tell"
    note = (
        "Microsoft Defender: what Group Policy or Intune says of a rule or preference goes before what is set here, and a "
        "device where they say something else is told as failed. Where they say nothing, the same policy in the registry "
        "(`HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender`) is the surer way, as no local administrator changes it by a "
        "click. Tamper protection lets no change happen and says nothing: it is seen by reading again."
    )

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Defender | None:
        """Its own node is `defender` below `at`."""
        from policyc.kinds.defender.lowering import lower

        return lower(tree, at, found, audit=audit)

    def same_word(self, word: str, one: object, other: object) -> bool:
        """A rule by its GUID and by its name."""
        from policyc.kinds.defender.preferences import rule_id

        if word == "asr_rule" and isinstance(one, str) and isinstance(other, str):
            return rule_id(one) == rule_id(other)
        return one == other

    def users(self, subject: Defender, device: Device) -> tuple[str | None, ...]:
        """They are the machine's."""
        return (None,)

    def verdict(self, subject: Defender, state: State) -> Verdict:
        """As scripts judge it."""
        if state is UNREADABLE:
            return Verdict.ERROR
        return Verdict.COMPLIANT if subject.holds(state) else Verdict.NON_COMPLIANT

    def after(self, subject: Defender, state: State) -> State:
        """As scripts write it."""
        return subject.leaves(state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """It always is."""
        return True

    def undone(self, subject: Defender, before: State, after: State) -> State:
        """What was there first."""
        return before

    def meaning(self, subject: Defender) -> tuple[object, ...]:
        """Condition and write."""
        return (subject.value, subject.writes)

    def remembered(self, subject: Defender) -> tuple[object, ...]:
        """Place and condition, as plain words."""
        return (self.word, subject.place.name.upper(), subject.value)

    def covers(self, winner: Defender, loser: Defender) -> bool:
        """Whether nothing is lost where the winner stands for the loser."""
        return winner.value == loser.value and winner.writes in (loser.writes, True)

    def contradict(self, one: Defender, other: Defender) -> bool:
        """A place is one thing."""
        return one.value != other.value

    def agree(self, one: Defender, other: Defender) -> bool:
        """The same is written."""
        return one.value == other.value

    def same_write(self, one: Defender, other: Defender) -> bool:
        """The same is written by both."""
        return one.writes and other.writes and one.value == other.value

    def violates(self, writer: Defender, judge: Defender) -> bool:
        """What is written is something else."""
        return writer.writes and writer.value != judge.value

    def empties(self, subject: Defender) -> bool:
        """Nothing lies below it."""
        return False

    def above(self, subject: Defender) -> Iterable[tuple[str, ...]]:
        """Nor above it: it isn't in the key of the policy."""
        return ()

    def needs_above(self, subject: Defender) -> bool:
        """There is none."""
        return False

    def implies(self, one: Defender, other: Defender) -> bool:
        """The same is asked."""
        return one.value == other.value

    def words(self, subject: Defender, *, masked: bool) -> dict[str, Any]:
        """Rule or preference, and what it must be."""
        return {**subject.place.parts, "equals": _MASKED if masked else subject.value}

    def plan_words(self, subject: Defender) -> dict[str, Any]:
        """The same, flat."""
        place = {f"defender.{word}": subject.place.parts.get(word) for word in ("asr_rule", "preference")}
        return {**place, "equals": subject.value}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """What it must be."""
        return self.as_one.intersection(words)

    def remediation(self, subject: Defender) -> str:
        """By Defender's own cmdlets."""
        return "set it by Defender's cmdlets" if subject.writes else "no, it is only reported"

    def must(self, subject: Defender, *, masked: bool) -> str:
        """As the function of the scripts says it."""
        return "hold what the policy says (sensitive)" if masked else f"be {shown_word(subject.value)}"

    def written(self, subject: Defender, *, masked: bool) -> str:
        """What is set."""
        if not subject.writes:
            return "only reported"
        return "sets what the policy says" if masked else f"sets it to {shown_word(subject.value)}"

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        if not isinstance(state, Held) or not isinstance(state.data, str):
            return "not configured"
        word = shown_word(state.data.removesuffix(BY_DEFAULT))
        return f"{word} by default" if state.data.endswith(BY_DEFAULT) else word

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[DefenderPlace, State, Location]]:
        """Below `asr_rules` and `preferences`, by name."""
        from policyc.kinds.defender.lowering import known_value, preference, rule

        for part, place_of in (("asr_rules", rule), ("preferences", preference)):
            said: dict[str, str] = tree.get(part, {})
            for name, word in said.items():
                node = at.below(part, name)
                place = place_of(name, node, found, on_key=True)
                if place is None:
                    continue
                if word == "unreadable":
                    yield place, UNREADABLE, node
                elif known_value(place, word, node, found):
                    yield place, Held(Kind.STRING, word), node

    def row(self, subject: Defender) -> dict[str, str | int | bool | tuple[str, ...]]:
        """The words of the policy."""
        return {"Place": subject.place.name, "Equals": subject.value}

    def functions(self) -> str:
        """By Defender's own cmdlets."""
        from importlib.resources import files

        return (files("policyc.kinds.defender") / "functions.ps1").read_text("ascii")

    def needs(self, subject: Defender) -> frozenset[str]:
        """None but those that the engine calls."""
        return frozenset()


def shown_word(word: str) -> str:
    """A value for people: `not configured`."""
    return word.replace("_", " ")


def said_by(row: Mapping[str, object]) -> dict[str, Any] | None:
    """The words of a policy whose row this is; None for none."""
    from policyc.kinds.defender.preferences import PREFERENCES, rule_id, rules

    place, value = row.get("Place"), row.get("Equals")
    if row.keys() != {"Place", "Equals"} or not isinstance(place, str) or not isinstance(value, str):
        return None
    if place in PREFERENCES:
        return {"preference": place, "equals": value}
    guid = rule_id(place)
    return None if guid is None else {"asr_rule": rules().get(guid, place), "equals": value}
