"""An account policy or security option in the words of the language, and in sentences."""

from __future__ import annotations

from typing import Any

from policyc.kinds.secedit.access import Access, said, shown
from policyc.model import Operator, SetValue

MASKED = "(sensitive)"
_LISTS = frozenset({Operator.BETWEEN, Operator.ONE_OF, Operator.NONE_OF})
_WRITTEN = frozenset({Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
_MUST = {
    Operator.EQUALS: "be {}",
    Operator.NOT_EQUALS: "not be {}",
    Operator.AT_LEAST: "be at least {}",
    Operator.AT_MOST: "be at most {}",
    Operator.BETWEEN: "be from {}",
    Operator.ONE_OF: "be one of {}",
    Operator.NONE_OF: "be none of {}",
}


def words(subject: Access, *, masked: bool) -> dict[str, Any]:
    """What a policy says below the kind's word."""
    key, condition, write = subject.place.key, subject.value.condition, subject.value.write
    operands = [MASKED if masked else said(key, operand) for operand in condition.operands]
    told: dict[str, Any] = {**subject.place.parts, subject.asked: operands if condition.operator in _LISTS else operands[0]}
    if isinstance(write, SetValue) and not says_itself(subject):
        told["set"] = MASKED if masked else said(key, write.data)
    return told


def says_itself(subject: Access) -> bool:
    """Whether what is asked is what is written."""
    condition = subject.value.condition
    return condition.operator in _WRITTEN and subject.value.write == SetValue(condition.operands[0])


def must(subject: Access, *, masked: bool) -> str:
    """The end of a sentence that begins with "must", as scripts say it."""
    if masked:
        return "hold what the policy says (sensitive)"
    condition = subject.value.condition
    parts = [shown(subject.place.key, operand) for operand in condition.operands]
    return _MUST[condition.operator].format((" to " if condition.operator is Operator.BETWEEN else ", ").join(parts))


def written(subject: Access, *, masked: bool) -> str:
    """What a remediation does, as one part of a sentence."""
    write = subject.value.write
    if not isinstance(write, SetValue):
        return "only reported"
    return "sets what the policy says" if masked else f"sets {shown(subject.place.key, write.data)}"
