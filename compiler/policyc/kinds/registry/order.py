"""Whether a setting of a value or key asks for all that another asks for: proved by pairs of operators, or not said at all."""

from __future__ import annotations

from dataclasses import replace

from policyc.evaluation import ABSENT, Verdict, satisfies, verdict
from policyc.kinds.registry.parts import part_at
from policyc.model import Condition, Data, Kind, Operator, Registry, upper

_LARGEST = {Kind.DWORD: 2**32 - 1, Kind.QWORD: 2**64 - 1}
_FINITE = frozenset({Operator.EQUALS, Operator.ONE_OF})
_REFUSING = frozenset({Operator.NOT_EQUALS, Operator.NONE_OF})
_SETS = frozenset({Operator.CONTAINS, Operator.SET_EQUALS})
_FEW = 256
"""Numbers of an interval that are tried one by one."""


def implies(one: Registry, other: Registry) -> bool:
    """Whether it is proved that every state of a place that satisfies `one` satisfies `other`."""
    if verdict(one, ABSENT) is Verdict.COMPLIANT and verdict(other, ABSENT) is not Verdict.COMPLIANT:
        return False
    asked, answer = one.condition, other.condition
    if asked.operator is Operator.ABSENT or answer.operator is Operator.PRESENT:
        return True
    if asked.operator is Operator.PRESENT or answer.operator is Operator.ABSENT:
        return False
    if asked.operator is Operator.ONLY_VALUES is answer.operator:
        names = {upper(value.name) for value in one.values}
        return names == {upper(value.name) for value in other.values} and all(
            implies(part_at(one, name), part_at(other, name)) for name in names
        )
    if one.kind is None or one.kind is not other.kind:
        return False
    return _data_implies(asked, answer, one.kind)


def _data_implies(one: Condition, other: Condition, kind: Kind) -> bool:
    """The same of data of one kind."""
    if kind.is_number or kind is Kind.BINARY:
        one, other = replace(one, exact_case=True), replace(other, exact_case=True)
    if (one.operator, one.exact_case) == (other.operator, other.exact_case) and set(one.operands) == set(other.operands):
        return one.operator is not Operator.BETWEEN or one.operands == other.operands
    if other.operator in _REFUSING:
        return _refuses(one, other, kind)
    if one.operator in _FINITE:
        return _cases_fit(one, other) and all(satisfies(other, kind, item) for item in one.operands)
    if kind.is_number:
        return _interval_implies(one, other, kind)
    if one.operator in _SETS and other.operator in _SETS and _cases_fit(one, other):
        return _elements_imply(one, other)
    return False


def _cases_fit(one: Condition, other: Condition) -> bool:
    """Whether `other` judges all spellings alike that satisfy `one`."""
    if one.exact_case:
        return True
    # A pattern has ranges and classes, which are another thing without case: only equality is known to be blind to it.
    return not other.exact_case and other.operator is not Operator.MATCHES


def _refuses(one: Condition, other: Condition, kind: Kind) -> bool:
    """Whether nothing that satisfies `one` is among what `other` refuses."""
    if one.operator in _REFUSING:
        return _all_refused(one, other)
    if one.operator is Operator.MATCHES and not (one.exact_case and other.exact_case):
        return False
    # Where case counts for neither, only what is written; otherwise any spelling.
    widest = one if one.exact_case and other.exact_case else replace(one, exact_case=False)
    return not any(satisfies(widest, kind, item) for item in other.operands)


def _all_refused(one: Condition, other: Condition) -> bool:
    """Whether `one` refuses all that `other` refuses."""
    if one.exact_case and not other.exact_case:
        return False
    refused = {_folded(item, exact_case=one.exact_case) for item in one.operands}
    return all(_folded(item, exact_case=one.exact_case) in refused for item in other.operands)


def _interval(condition: Condition, kind: Kind) -> tuple[int, int] | None:
    """The numbers that satisfy, first and last; None where they are no interval."""
    numbers = [item for item in condition.operands if isinstance(item, int)]
    match condition.operator:
        case Operator.AT_LEAST:
            return numbers[0], _LARGEST[kind]
        case Operator.AT_MOST:
            return 0, numbers[0]
        case Operator.BETWEEN:
            return numbers[0], numbers[1]
    return None


def _interval_implies(one: Condition, other: Condition, kind: Kind) -> bool:
    inner, outer = _interval(one, kind), _interval(other, kind)
    if outer == (0, _LARGEST[kind]):
        return True
    if inner is None:
        return False
    first, last = inner
    if outer is not None:
        return outer[0] <= first and last <= outer[1]
    return last - first < _FEW and all(satisfies(other, kind, number) for number in range(first, last + 1))


def _elements_imply(one: Condition, other: Condition) -> bool:
    exact = other.exact_case
    there = {_folded(item, exact_case=exact) for item in one.operands}
    asked = {_folded(item, exact_case=exact) for item in other.operands}
    if other.operator is Operator.CONTAINS:
        return asked <= there
    return one.operator is Operator.SET_EQUALS and asked == there


def _folded(item: Data, *, exact_case: bool) -> Data:
    if exact_case:
        return item
    if isinstance(item, str):
        return upper(item)
    return tuple(map(upper, item)) if isinstance(item, tuple) else item
