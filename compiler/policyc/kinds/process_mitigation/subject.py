"""What a setting asks of a mitigation, and where its field is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policyc.evaluation import Held, State
from policyc.model import Hive, Kind, Place, View, upper

ALL_PROGRAMS = r"SYSTEM\CurrentControlSet\Control\Session Manager\kernel"
ONE_PROGRAM = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options"
"""The keys in which Windows keeps mitigations; below the second, a key for each program."""
VALUE = "MitigationOptions"
WORDS = {"not_set": 0, "on": 1, "off": 2}
"""The words of a policy as the numbers of a field."""
_SHOWN = {0: "not set", 1: "on", 2: "off", 3: "on, in a way of its own (3)"}


def field_of(state: State) -> int:
    """The field in a readable state. A script says 16 where the key is there without the value: then nothing is set."""
    return state.data & 15 if isinstance(state, Held) and isinstance(state.data, int) else 0


def shown_field(field: int) -> str:
    """For people.

    >>> [shown_field(field) for field in (0, 1, 2, 9)]
    ['not set', 'on', 'off', 'unknown (9)']
    """
    return _SHOWN.get(field, f"unknown ({field})")


@dataclass(frozen=True, slots=True)
class MitigationPlace:
    """A mitigation of one program, or of all that say nothing of their own."""

    mitigation: str
    program: str | None
    """A file name with its extension; None for the whole system."""

    @property
    def value(self) -> Place:
        """The registry's value that holds it, with all other mitigations."""
        key = ALL_PROGRAMS if self.program is None else f"{ONE_PROGRAM}\\{self.program}"
        return Place(Hive.MACHINE, View.BITS_64, key, VALUE)

    @property
    def identity(self) -> tuple[str, str, str]:
        """Case doesn't count in the name of a file."""
        return ("process_mitigation", self.mitigation, upper(self.program or ""))

    @property
    def parts(self) -> dict[str, str]:
        """As a policy says it."""
        return {"mitigation": self.mitigation, **({} if self.program is None else {"program": self.program})}

    @property
    def name(self) -> str:
        """As the scripts and the journal name it."""
        return self.mitigation if self.program is None else f"{self.mitigation} {self.program}"

    def shown(self, user: str | None) -> str:
        """As scripts write it."""
        return str(self)

    def __str__(self) -> str:
        return f"mitigation {self.mitigation} of {self.program or 'all programs'}"


@dataclass(frozen=True, slots=True)
class ProcessMitigation:
    """Whether a mitigation is on, off or not set."""

    word: ClassVar[str] = "process_mitigation"
    place: MitigationPlace
    asked: str
    """`equals` or `not_equals`."""
    value: str
    """A word of WORDS."""
    three_is_on: bool
    """Whether a field of 3 is on too."""
    writes: bool = True

    def holds(self, field: int) -> bool:
        """Whether what a device has satisfies."""
        if self.asked == "not_equals":
            return field != WORDS[self.value]
        return field == WORDS[self.value] or (field == 3 and self.value == "on" and self.three_is_on)

    def next(self, field: int) -> int:
        """The least change that satisfies: what must not be off is no more than not set."""
        if self.holds(field):
            return field
        return WORDS[self.value] if self.asked == "equals" else 0

    def leaves(self, state: State) -> State:
        """What is there after a remediation."""
        return state if self.holds(field_of(state)) else Held(Kind.DWORD, self.next(field_of(state)))
