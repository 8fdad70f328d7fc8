"""Whether two settings of one value or key can hold together."""

from __future__ import annotations

from policyc.evaluation import ABSENT, Held, Verdict, verdict
from policyc.model import Condition, Data, Kind, Operator, Registry

_LARGEST = {Kind.DWORD: 2**32 - 1, Kind.QWORD: 2**64 - 1}
_FINITE = frozenset({Operator.EQUALS, Operator.ONE_OF})
_UNORDERED = frozenset({Operator.CONTAINS, Operator.SET_EQUALS})


def contradict(one: Registry, other: Registry) -> bool:
    """Whether surely no state of the place satisfies both settings.

    Exact for numbers, and wherever a condition lists its values; otherwise doubt counts as no contradiction.
    """
    if _holds_absent(one) and _holds_absent(other):
        return False
    if Operator.ABSENT in (one.condition.operator, other.condition.operator):
        return True  # the other one asks for a value, or both would hold
    if Operator.PRESENT in (one.condition.operator, other.condition.operator):
        return False  # a value of any kind and data is presence
    if one.kind is not other.kind:
        return True
    candidates = _candidates(one, other)
    return candidates is not None and not any(_holds(one, data) and _holds(other, data) for data in candidates)


def _holds_absent(subject: Registry) -> bool:
    return verdict(subject, ABSENT) is Verdict.COMPLIANT


def _holds(subject: Registry, data: Data) -> bool:
    return verdict(subject, Held(subject.kind, data)) is Verdict.COMPLIANT


def _candidates(one: Registry, other: Registry) -> list[Data] | None:
    """Data of which at least one satisfies both settings, if any at all does; None where that can't be listed."""
    kind = one.kind
    if kind is not None and kind.is_number:
        return _numbers((one.condition, other.condition), _LARGEST[kind])
    for listing, judge in ((one.condition, other.condition), (other.condition, one.condition)):
        if judge.exact_case and not listing.exact_case:
            continue  # other spellings of what is listed might satisfy the judge
        if listing.operator in _FINITE:
            return list(listing.operands)
        if listing.operator is Operator.SET_EQUALS and judge.operator in _UNORDERED:
            return [tuple(str(element) for element in listing.operands)]
    return None


def _numbers(conditions: tuple[Condition, ...], largest: int) -> list[Data]:
    """The ends of every interval, and what lies beside each number that is refused.

    The least number that satisfies all conditions is 0, a bound, or one more than a refused number.
    """
    ends = {0, largest}
    for condition in conditions:
        for operand in condition.operands:
            if isinstance(operand, int):
                ends.update((operand, operand + 1))
    return [number for number in sorted(ends) if number <= largest]
