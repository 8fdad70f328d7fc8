"""Whether two settings of one value or key can hold together."""

from __future__ import annotations

from policyc.evaluation import ABSENT, Held, Verdict, verdict
from policyc.kinds.registry.parts import part_at
from policyc.model import Condition, Data, Kind, Operator, Registry, upper

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
    if one.condition.operator is Operator.ONLY_VALUES is other.condition.operator:
        return _lists_contradict(one, other)
    if one.kind is not other.kind:
        return True
    candidates = _candidates(one, other)
    return candidates is not None and not any(_holds(one, data) and _holds(other, data) for data in candidates)


def same_values(one: Registry, other: Registry) -> bool:
    """Whether two lists of values are the same, in whichever order; two that are no lists are."""
    return by_name(one) == by_name(other)


def by_name(subject: Registry) -> tuple[tuple[str, Kind, Data], ...]:
    """The values of a list in an order that isn't the policy's, names as Windows compares them."""
    return tuple(sorted(((upper(value.name), value.kind, value.data) for value in subject.values), key=lambda one: one[0]))


def _lists_contradict(one: Registry, other: Registry) -> bool:
    if [name for name, _, _ in by_name(one)] != [name for name, _, _ in by_name(other)]:
        return True
    return any(contradict(part_at(one, value.name), part_at(other, value.name)) for value in one.values)


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
