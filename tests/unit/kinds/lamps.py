"""A kind of setting that no product has: lamps that are on or off, or burn at least so bright."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from policyc.diagnostics import Diagnostic, error
from policyc.evaluation import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.evaluation.device import Device
from policyc.kinds.kind import AT_ONCE
from policyc.model import Location

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "equals": {}, "at_least": {}, "set": {}, "dimmed": {"type": "boolean"}},
    "required": ["name"],
    "additionalProperties": False,
}
BROKEN = "PC0308"
"""A code that a kind of its own would have; the test needs any."""


@dataclass(frozen=True, slots=True)
class Socket:
    """Where a lamp hangs."""

    name: str

    @property
    def identity(self) -> tuple[str, str]:
        return ("lamp", self.name.upper())

    @property
    def parts(self) -> dict[str, str]:
        return {"name": self.name}

    def shown(self, user: str | None) -> str:
        return str(self) if user is None else f"{self} of {user}"

    def __str__(self) -> str:
        return f"the lamp {self.name}"


@dataclass(frozen=True, slots=True)
class Lamp:
    """How bright a lamp must be, in percent."""

    word: ClassVar[str] = "lamp"
    place: Socket
    asked: str
    operand: int
    brightness: int | None
    """What a remediation sets; None: it is only reported."""
    dimmed: bool = False
    """It is turned slowly: nobody knows how long it takes."""

    @property
    def writes(self) -> bool:
        return self.brightness is not None

    def holds(self, brightness: int) -> bool:
        return brightness == self.operand if self.asked == "equals" else brightness >= self.operand


class LampKind:
    word = "lamp"
    as_one = frozenset({"equals", "at_least", "set"})
    place_words: tuple[str, ...] = ("lamp.name",)
    condition_words = frozenset({"equals", "at_least"})
    unreadable = "there is no light here"
    note = ""

    def lower(self, tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> Lamp | None:
        said = tree["lamp"]
        asked = next(word for word in ("equals", "at_least") if word in said)
        lamp = Lamp(Socket(said["name"]), asked, said[asked], said.get("set", said[asked]), said.get("dimmed", False))
        if not lamp.holds(said.get("set", said[asked])):
            found.append(error(BROKEN, "what 'set' sets isn't bright enough", at.below("lamp", "set")))
            return None
        if audit or not tree.get("remediate", True):
            return Lamp(lamp.place, asked, lamp.operand, None, lamp.dimmed)
        return lamp

    def bounded(self, subject: Lamp) -> bool:
        return not subject.dimmed

    def same_word(self, word: str, one: object, other: object) -> bool:
        return one == other

    def users(self, subject: Lamp, device: Device) -> tuple[str | None, ...]:
        return (None,)

    def verdict(self, subject: Lamp, state: State) -> Verdict:
        if state is UNREADABLE:
            return Verdict.ERROR
        brightness = state.data if isinstance(state, Held) else 0
        return Verdict.COMPLIANT if subject.holds(int(str(brightness))) else Verdict.NON_COMPLIANT

    def after(self, subject: Lamp, state: State) -> State:
        return Held(None, subject.brightness)

    def is_kept(self, state: State, user: str | None) -> bool:
        return True

    def undone(self, subject: Lamp, before: State, after: State) -> State:
        return before

    def meaning(self, subject: Lamp) -> tuple[object, ...]:
        return (subject.asked, subject.operand, subject.brightness)

    def remembered(self, subject: Lamp) -> tuple[object, ...]:
        return (subject.place, subject.asked, subject.operand)

    def covers(self, winner: Lamp, loser: Lamp) -> bool:
        return self.meaning(winner) == self.meaning(loser)

    def contradict(self, one: Lamp, other: Lamp) -> bool:
        return not any(one.holds(number) and other.holds(number) for number in range(101))

    def agree(self, one: Lamp, other: Lamp) -> bool:
        return one.brightness == other.brightness

    def same_write(self, one: Lamp, other: Lamp) -> bool:
        return one.writes and self.agree(one, other)

    def violates(self, writer: Lamp, judge: Lamp) -> bool:
        return writer.brightness is not None and not judge.holds(writer.brightness)

    def empties(self, subject: Lamp) -> bool:
        return False

    def above(self, subject: Lamp) -> Iterable[tuple[str, ...]]:
        return ()

    def needs_above(self, subject: Lamp) -> bool:
        return False

    def implies(self, one: Lamp, other: Lamp) -> bool:
        return all(other.holds(number) for number in range(101) if one.holds(number))

    def stated(self, tree: dict[str, Any], at: Location, found: list[Diagnostic]) -> Iterable[tuple[Socket, State, Location]]:
        for name, brightness in tree.items():
            yield Socket(name), lamp_state(brightness), at.below(name)

    def shown(self, state: State) -> str:
        return f"{state.data} percent" if isinstance(state, Held) else "dark"

    def row(self, subject: Lamp) -> dict[str, str | int | bool | tuple[str, ...]]:
        said: dict[str, str | int | bool | tuple[str, ...]] = {"Place": subject.place.name}
        said["Equals" if subject.asked == "equals" else "AtLeast"] = subject.operand
        if subject.brightness not in (None, subject.operand):
            said["Set"] = int(str(subject.brightness))
        return said

    def functions(self) -> str:
        return Path(__file__).with_name("lamps.ps1").read_text("ascii")

    def needs(self, subject: Lamp) -> frozenset[str]:
        return frozenset()

    def words(self, subject: Lamp, *, masked: bool) -> dict[str, Any]:
        said: dict[str, Any] = {"name": subject.place.name, subject.asked: "(sensitive)" if masked else subject.operand}
        return said if subject.brightness in (None, subject.operand) else {**said, "set": subject.brightness}

    def plan_words(self, subject: Lamp) -> dict[str, Any]:
        said = self.words(subject, masked=False)
        return {"lamp.name": said.pop("name"), "set": None, **said}

    def hidden(self, words: Iterable[str]) -> frozenset[str]:
        return self.as_one.intersection(words)

    def remediation(self, subject: Lamp) -> str:
        return "turn it" if subject.writes else "no, it is only reported"

    def effect(self, subject: Lamp) -> str:
        """Light is fast."""
        return AT_ONCE

    def must(self, subject: Lamp, *, masked: bool) -> str:
        return f"burn {'at least ' if subject.asked == 'at_least' else ''}at {'any' if masked else subject.operand} percent"

    def written(self, subject: Lamp, *, masked: bool) -> str:
        return "only reported" if subject.brightness is None else f"turns it to {subject.brightness} percent"


def lamp_state(brightness: int | None) -> State:
    return ABSENT if brightness is None else Held(None, brightness)
