"""What is true of optional features and capabilities alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

from policyc.diagnostics import Diagnostic
from policyc.evaluation import ABSENT, UNREADABLE, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.dism import functions
from policyc.kinds.dism.part import Part, PartPlace, held, word_of
from policyc.model import Location

P = TypeVar("P", bound=Part)
_MASKED = "(sensitive)"


class PartKind(Generic[P]):
    """What `policyc.kinds.kind.SettingKind` asks, of a part of Windows."""

    word: str
    subject: type[P]
    as_one = frozenset({"state", "missing"})
    place_words: tuple[str, ...]
    condition_words = frozenset({"state", "missing"})
    unreadable = "its state can't be read"
    note: str

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> P | None:
        """Its own node is the kind's word below `at`."""
        from policyc.kinds.dism.lowering import lower

        return lower(self.subject, tree, at, found, audit=audit)

    def bounded(self, subject: P) -> bool:
        """Windows takes minutes, and as long again where it has to fetch files."""
        return False

    def same_word(self, word: str, one: object, other: object) -> bool:
        """Names without regard to case."""
        if word == "name" and isinstance(one, str) and isinstance(other, str):
            return one.upper() == other.upper()
        return one == other

    def users(self, subject: P, device: Device) -> tuple[str | None, ...]:
        """Parts of Windows are the machine's."""
        return (None,)

    def verdict(self, subject: P, state: State) -> Verdict:
        """As scripts judge it."""
        if state is ABSENT:
            return Verdict.COMPLIANT if subject.missing else Verdict.NON_COMPLIANT
        installed = subject.installed(state)
        if state is UNREADABLE or installed is None:
            return Verdict.ERROR
        return Verdict.COMPLIANT if installed is subject.wanted else Verdict.NON_COMPLIANT

    def after(self, subject: P, state: State) -> State:
        """Installed or removed; of what this Windows doesn't know, nothing is."""
        return state if subject.installed(state) in (None, subject.wanted) else held(subject.state)

    def is_kept(self, state: State, user: str | None) -> bool:
        """What isn't known is never changed."""
        return state is not ABSENT

    def undone(self, subject: P, before: State, after: State) -> State:
        """What was there first."""
        return before

    def meaning(self, subject: P) -> tuple[object, ...]:
        """All but the place."""
        return (subject.wanted, subject.missing, subject.writes)

    def remembered(self, subject: P) -> tuple[object, ...]:
        """Name and state, as texts."""
        return (subject.place.name.upper(), subject.state, str(subject.missing))

    def covers(self, winner: P, loser: P) -> bool:
        """Whether nothing is lost where the winner's setting stands for the loser's one."""
        return replace(loser, place=winner.place) in (winner, replace(winner, writes=False))

    def contradict(self, one: P, other: P) -> bool:
        """Two that accept a Windows without it have that to agree on."""
        return one.wanted is not other.wanted and not (one.missing and other.missing)

    def agree(self, one: P, other: P) -> bool:
        """Whether both want it there, or neither."""
        return one.wanted is other.wanted

    def same_write(self, one: P, other: P) -> bool:
        """Both write, and want the same."""
        return one.writes and other.writes and one.wanted is other.wanted

    def violates(self, writer: P, judge: P) -> bool:
        """Where Windows knows the part; where it doesn't, nothing is written."""
        return writer.writes and writer.wanted is not judge.wanted

    def empties(self, subject: P) -> bool:
        """What lies below a feature, only the device knows."""
        return False

    def above(self, subject: P) -> Iterable[tuple[str, str]]:
        """The same of what lies above one."""
        return ()

    def needs_above(self, subject: P) -> bool:
        """Nothing is said to be above it."""
        return False

    def implies(self, one: P, other: P) -> bool:
        """The same is wanted, and a Windows without it is judged no better."""
        return one.wanted is other.wanted and (other.missing or not one.missing)

    def words(self, subject: P, *, masked: bool) -> dict[str, Any]:
        """Name, state, and what counts where Windows doesn't know it."""
        missing = "compliant" if subject.missing else "non-compliant"
        return {"name": subject.place.name, "state": _MASKED if masked else subject.state, "missing": missing}

    def plan_words(self, subject: P) -> Mapping[str, Any]:
        """The same, flat."""
        said = self.words(subject, masked=False)
        return {f"{self.word}.name": said["name"], "state": said["state"], "missing": said["missing"]}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        """The state."""
        return frozenset({"state"}.intersection(words))

    def effect(self, subject: P) -> str:
        """Many parts ask for a restart, and which ones only the device knows."""
        return "a restart of the device, where Windows asks for one"

    def must(self, subject: P, *, masked: bool) -> str:
        """The end of a sentence that begins with "must"."""
        if masked:
            return "be as the policy says (sensitive)"
        return f"be {subject.state}{'; one that this Windows does not know counts as that' if subject.missing else ''}"

    def shown(self, state: State) -> str:
        """As the function of the scripts says it."""
        return word_of(state) or "not known to this Windows"

    def stated(
        self, tree: dict[str, Any], at: Location, found: list[Diagnostic]
    ) -> Iterator[tuple[PartPlace, State, Location]]:
        """By name: its state."""
        from policyc.kinds.dism.lowering import place

        for name, said in tree.items():
            yield place(self.word, name), UNREADABLE if said == "unreadable" else held(said), at.below(name)

    def row(self, subject: P) -> dict[str, str | int | bool | tuple[str | int, ...]]:
        """The words of the policy."""
        said: dict[str, str | int | bool | tuple[str | int, ...]] = {"Place": subject.place.name, "State": subject.state}
        return {**said, "Missing": True} if subject.missing else said

    def functions(self) -> str:
        """Its own, and what both share."""
        return functions(self.word)

    def needs(self, subject: P) -> frozenset[str]:
        """All that it calls, it names."""
        return frozenset()

    def said_by(self, row: Mapping[str, object]) -> dict[str, Any] | None:
        """The words of a policy whose row this is; None for none."""
        known = {self.subject.there, self.subject.gone}
        if not {*row} <= {"Place", "State", "Missing"} or row.get("State") not in known or "Place" not in row:
            return None
        return {"name": row["Place"], "state": row["State"], "missing": "compliant" if row.get("Missing") else "non-compliant"}
