"""Lists of exclusions of Microsoft Defender, and what a policy asks of their members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from policyc.evaluation import ABSENT, Held, State
from policyc.kinds import members
from policyc.model import Kind, Operator, upper

LISTS: dict[str, str] = {
    "ExclusionPath": r"Exclusions\Paths",
    "ExclusionExtension": r"Exclusions\Extensions",
    "ExclusionProcess": r"Exclusions\Processes",
    "ExclusionIpAddress": r"Exclusions\IpAddresses",
    "AttackSurfaceReductionOnlyExclusions": r"Windows Defender Exploit Guard\ASR\ASROnlyExclusions",
}
"""By the name of the parameter of Add-MpPreference: the key whose values are named after the members, below Defender's own and
below that of the policies."""
_MASKED = "(sensitive)"


def key(member: str) -> str:
    """One form for all spellings of a member, as `Select-DefenderMember` compares them.

    >>> key("C:\\\\Data\\\\") == key(r"c:\\data"), key(".ISO") == key("iso")
    (True, True)
    """
    return upper(member.rstrip("\\").lstrip("."))


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A list by its name."""

    name: str

    @property
    def identity(self) -> tuple[str, str]:
        """A list is one place, whatever is in it."""
        return ("defender", upper(self.name))

    @property
    def parts(self) -> dict[str, str]:
        """As a policy says it."""
        return {"list": self.name}

    def shown(self, user: str | None) -> str:
        """As scripts write it."""
        return str(self)

    def __str__(self) -> str:
        return f"Defender's list {self.name}"


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What must be in a list, what must not, or what alone may."""

    word: ClassVar[str] = "defender"
    place: ListPlace
    operator: Operator
    """CONTAINS, NONE_OF or SET_EQUALS."""
    members: tuple[str, ...]
    """As the policy spells them, none twice."""
    also_allowed: tuple[str, ...] = ()
    """Of SET_EQUALS: may be in it, and are neither added nor taken out."""
    writes: bool = True

    @property
    def asked(self) -> str:
        """The operator."""
        return self.operator.value

    @property
    def _keys(self) -> frozenset[str]:
        return frozenset(map(key, self.members))

    @property
    def required(self) -> frozenset[str]:
        """All that must be in it."""
        return frozenset() if self.operator is Operator.NONE_OF else self._keys

    @property
    def refused(self) -> frozenset[str]:
        """All that must not."""
        return self._keys if self.operator is Operator.NONE_OF else frozenset()

    @property
    def allowed(self) -> frozenset[str] | None:
        """All that may; None where anything else may, too."""
        if self.operator is not Operator.SET_EQUALS:
            return None
        return self._keys | frozenset(map(key, self.also_allowed))

    @property
    def condition(self) -> tuple[object, ...]:
        """What it asks, in one form for all spellings."""
        return (self.operator.value, tuple(sorted(self._keys)), tuple(sorted(map(key, self.also_allowed))))

    @property
    def said(self) -> dict[str, Any]:
        """The condition in the words of a policy."""
        also = {"also_allowed": list(self.also_allowed)} if self.also_allowed else {}
        return {self.asked: list(self.members), **also}

    def masked(self) -> dict[str, Any]:
        """The same without its data."""
        return {word: [_MASKED] * len(said) for word, said in self.said.items()}

    def contradicts(self, other: Any) -> bool:  # noqa: ANN401 - of the same place, so of the same class
        """Whether no list satisfies both."""
        return members.contradict(self, other)

    def implies(self, other: Any) -> bool:  # noqa: ANN401 - of the same place, so of the same class
        """Whether each list that satisfies it satisfies the other."""
        return members.implies(self, other)

    def holds(self, state: State) -> bool:
        """Whether there is nothing to change."""
        return set(self._next(state)) == set(held_by(state))

    def leaves(self, state: State) -> State:
        """What is there after a remediation: what it doesn't forbid stays, in the spelling that it has."""
        return state if self.holds(state) else state_of(self._next(state))

    def _next(self, state: State) -> list[str]:
        allowed = self.allowed
        kept = [one for one in held_by(state) if key(one) not in self.refused and (allowed is None or key(one) in allowed)]
        there = set(map(key, kept))
        return kept if self.operator is Operator.NONE_OF else kept + [one for one in self.members if key(one) not in there]

    @property
    def must(self) -> str:
        """The end of a sentence that begins with "must"."""
        named = ", ".join(self.members)
        if self.operator is Operator.CONTAINS:
            return f"contain {named}"
        if self.operator is Operator.NONE_OF:
            return f"not contain {named}"
        also = f" ({', '.join(self.also_allowed)} may be in it, too)" if self.also_allowed else ""
        return f"contain {named} alone{also}" if self.members else f"be empty{also}"

    @property
    def does(self) -> str:
        """What a remediation does, as one part of a sentence."""
        if self.operator is Operator.CONTAINS:
            return f"adds {', '.join(self.members)}"
        if self.operator is Operator.NONE_OF:
            return f"takes out {', '.join(self.members)}"
        alone = ", ".join((*self.members, *self.also_allowed))
        return f"takes out all but {alone}" if alone else "takes out all"

    @property
    def masked_does(self) -> str:
        """The same without its data."""
        return "adds and takes out what the policy says"

    @property
    def remediation(self) -> str:
        """What a remediation does, in words."""
        return "add and take out members by Defender's cmdlets"

    @property
    def row(self) -> dict[str, str | int | bool | tuple[str, ...]]:
        """What a script's row says of the condition."""
        word = {Operator.CONTAINS: "Contains", Operator.NONE_OF: "NoneOf", Operator.SET_EQUALS: "SetEquals"}[self.operator]
        also = {"AlsoAllowed": self.also_allowed} if self.also_allowed else {}
        return {word: self.members, **also, "Must": self.must}


def held_by(state: State) -> tuple[str, ...]:
    """The members; a list that isn't there is empty."""
    return state.data if isinstance(state, Held) and isinstance(state.data, tuple) else ()


def state_of(names: Iterable[str]) -> Held:
    """As devices read it and journals keep it."""
    return Held(Kind.MULTI_STRING, tuple(sorted(set(names), key=lambda name: name.encode("utf-16-be", "surrogatepass"))))


def undone(before: State, written: State, current: State) -> State:
    """What is there now, without what policyc added, and with what it took out, as `Select-DefenderUndone` finds it."""
    first, last = held_by(before), held_by(written)
    was, became = set(map(key, first)), set(map(key, last))
    kept = [one for one in held_by(current) if key(one) not in became - was]
    there = set(map(key, kept))
    left = kept + [one for one in first if key(one) not in became and key(one) not in there]
    return ABSENT if before is ABSENT and not left else state_of(left)
