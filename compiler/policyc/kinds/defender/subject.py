"""What a setting asks of Microsoft Defender, and where that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from policyc.evaluation import Held, State
from policyc.kinds.defender.preferences import PREFERENCES, RULE_WORDS, rules
from policyc.model import Hive, Kind, Place, View

POLICIES = r"SOFTWARE\Policies\Microsoft\Windows Defender"
RULES = r"Windows Defender Exploit Guard\ASR\Rules"
BY_DEFAULT = ";default"
"""What scripts say behind a preference that nobody has set."""


@dataclass(frozen=True, slots=True)
class DefenderPlace:
    """A rule by its GUID, or a preference by its name."""

    rule: str | None
    preference: str | None

    @property
    def policy(self) -> Place:
        """The registry's value of the policy that goes before it."""
        path = f"{RULES}\\{self.rule}" if self.preference is None else PREFERENCES[self.preference].value
        key, _, name = f"{POLICIES}\\{path}".rpartition("\\")
        return Place(Hive.MACHINE, View.BITS_64, key, name)

    @property
    def identity(self) -> tuple[str, int, str, str | None]:
        """That of the policy, so that a setting of the registry on it meets this one."""
        return self.policy.identity

    @property
    def parts(self) -> dict[str, str]:
        """As a policy says it."""
        if self.rule is None:
            return {"preference": self.preference or ""}
        return {"asr_rule": rules().get(self.rule, self.rule.lower())}

    @property
    def name(self) -> str:
        """As the scripts and the journal name it."""
        return self.preference or (self.rule or "").lower()

    @property
    def words(self) -> tuple[str, ...]:
        """All that it can be."""
        return tuple(RULE_WORDS if self.preference is None else PREFERENCES[self.preference].words)

    def word(self, state: State) -> str:
        """What is there in a readable state; where nobody has set it, what Defender does by itself."""
        if isinstance(state, Held) and isinstance(state.data, str):
            return state.data.removesuffix(BY_DEFAULT)
        return "not_configured" if self.preference is None else PREFERENCES[self.preference].default

    def shown(self, user: str | None) -> str:
        """As scripts write it."""
        return str(self)

    def __str__(self) -> str:
        return f"Defender's preference {self.preference}" if self.rule is None else f"Defender's rule {self.name}"


@dataclass(frozen=True, slots=True)
class Defender:
    """A rule or a preference, and what it must be."""

    word: ClassVar[str] = "defender"
    place: DefenderPlace
    value: str
    writes: bool = True
    asked: ClassVar[str] = "equals"

    @property
    def condition(self) -> tuple[object, ...]:
        """What it asks."""
        return (self.value,)

    @property
    def said(self) -> dict[str, Any]:
        """The condition in the words of a policy."""
        return {"equals": self.value}

    def masked(self) -> dict[str, Any]:
        """The same without its data."""
        return {"equals": "(sensitive)"}

    def contradicts(self, other: Any) -> bool:  # noqa: ANN401 - of the same place, so of the same class
        """A place is one thing."""
        return bool(self.value != other.value)

    def implies(self, other: Any) -> bool:  # noqa: ANN401 - of the same place, so of the same class
        """The same is asked."""
        return bool(self.value == other.value)

    def holds(self, state: State) -> bool:
        """Whether what a device has satisfies."""
        return self.place.word(state) == self.value

    def leaves(self, state: State) -> State:
        """What is there after a remediation."""
        return state if self.holds(state) else Held(Kind.STRING, self.value)

    @property
    def must(self) -> str:
        """The end of a sentence that begins with "must"."""
        return f"be {shown_word(self.value)}"

    @property
    def does(self) -> str:
        """What a remediation does, as one part of a sentence."""
        return f"sets it to {shown_word(self.value)}"

    @property
    def masked_does(self) -> str:
        """The same without its data."""
        return "sets what the policy says"

    @property
    def remediation(self) -> str:
        """What a remediation does, in words."""
        return "set it by Defender's cmdlets"

    @property
    def row(self) -> dict[str, str | int | bool | tuple[str, ...]]:
        """What a script's row says of the condition."""
        return {"Equals": self.value}


def shown_word(word: str) -> str:
    """A value for people: `not configured`."""
    return word.replace("_", " ")
