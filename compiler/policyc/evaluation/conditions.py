"""What a condition means. The scripts for devices must agree with this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from policyc.evaluation.state import ABSENT, UNREADABLE, Held, State, Verdict
from policyc.model import (
    HELD_AS,
    Append,
    Condition,
    CreateKey,
    Data,
    DeleteValue,
    KeepListed,
    Kind,
    Operator,
    Registry,
    RemoveTree,
    SetValue,
    upper,
)

_OF_NO_DATA = frozenset({Operator.ABSENT, Operator.ONLY_VALUES})
_HOLD_WHEN_ABSENT = frozenset({Operator.ABSENT, Operator.NOT_EQUALS, Operator.NONE_OF})


def satisfies(condition: Condition, kind: Kind | None, data: Data | None) -> bool:
    """Whether data of the setting's own kind satisfies the condition.

    `data` None means absent, without a default. Data that isn't of `kind` satisfies nothing but `present`. What a key's
    list of values asks for, no data of one value tells (`policyc.kinds.registry.parts`).
    """
    if data is None:
        return condition.operator in _HOLD_WHEN_ABSENT
    if condition.operator is Operator.PRESENT:
        return True
    if condition.operator in _OF_NO_DATA or kind is None or not isinstance(data, HELD_AS[kind]):
        return False
    return _TESTS[condition.operator](condition, counted(data) if isinstance(data, tuple) else data)


def verdict(subject: Registry, state: State) -> Verdict:
    """What detection says where a device holds this. A key alone doesn't tell which values it holds: that is an error."""
    if subject.condition.operator is Operator.ONLY_VALUES and (state is not ABSENT or subject.values):
        return Verdict.NON_COMPLIANT if state is ABSENT else Verdict.ERROR
    if state is UNREADABLE and subject.condition.operator is not Operator.PRESENT:
        return Verdict.ERROR
    return Verdict.COMPLIANT if _complies(subject, state) else Verdict.NON_COMPLIANT


def after(subject: Registry, state: State) -> State:
    """What a remediation leaves: the least change that satisfies, and none where the setting complies already.

    A value that can't be read is never changed.
    """
    write = subject.write
    if write is None or state is UNREADABLE or verdict(subject, state) is Verdict.COMPLIANT:
        return state
    match write:
        case SetValue(data):
            return Held(subject.kind, data)
        case DeleteValue() | RemoveTree():
            return ABSENT
        case CreateKey() | KeepListed():
            return Held(None, None)
        case Append(elements):
            there = _elements(subject, state)
            return Held(subject.kind, there + missing(elements, there, exact_case=subject.condition.exact_case))


def counted(elements: tuple[str, ...]) -> tuple[str, ...]:
    """The elements that Windows' functions read: an empty one ends the list (Microsoft, "Registry Value Types").

    .NET gives what lies behind it too, and so do states and the journal.

    >>> counted(("a", "", "b")), counted(("", ""))
    (('a',), ())
    """
    return elements[: elements.index("")] if "" in elements else elements


def missing(elements: tuple[str, ...], there: tuple[str, ...], *, exact_case: bool) -> tuple[str, ...]:
    """The elements that a multi_string lacks, each once, in the order of the policy.

    >>> missing(("a", "b", "B"), ("A",), exact_case=False)
    ('b',)
    """
    seen = {_fold(element, exact_case=exact_case) for element in there}
    lacking = []
    for element in elements:
        folded = _fold(element, exact_case=exact_case)
        if folded not in seen:
            seen.add(folded)
            lacking.append(element)
    return tuple(lacking)


def _complies(subject: Registry, state: State) -> bool:
    condition, kind = subject.condition, subject.kind
    if condition.operator is Operator.ONLY_VALUES:
        return state is ABSENT and not subject.values
    if state is ABSENT:
        return satisfies(condition, kind, subject.default) and not (subject.pin and subject.default is not None)
    match condition.operator:
        case Operator.PRESENT:
            return True
        case Operator.ABSENT:
            return False
    held = cast("Held", state)
    return held.kind is kind and satisfies(condition, kind, held.data)


def _elements(subject: Registry, state: State) -> tuple[str, ...]:
    """What an append keeps: an absent value counts as its default, a value of another kind has no elements.

    What lies behind an empty element isn't kept: nobody has read it, and what is added behind it nobody would.
    """
    held = subject.default if state is ABSENT else cast("Held", state).data if _same_kind(subject, state) else None
    return counted(held) if isinstance(held, tuple) else ()


def _same_kind(subject: Registry, state: State) -> bool:
    return isinstance(state, Held) and state.kind is subject.kind


def _fold(data: Data, *, exact_case: bool) -> Data:
    """Data as it is compared."""
    if exact_case:
        return data
    if isinstance(data, str):
        return upper(data)
    if isinstance(data, tuple):
        return tuple(map(upper, data))
    return data


def _equal(condition: Condition, data: Data, operand: Data) -> bool:
    return _fold(data, exact_case=condition.exact_case) == _fold(operand, exact_case=condition.exact_case)


def _any_equal(condition: Condition, data: Data) -> bool:
    return any(_equal(condition, data, operand) for operand in condition.operands)


def _number(data: Data) -> int:
    return cast("int", data)


def _between(condition: Condition, data: Data) -> bool:
    lower, higher = condition.operands
    return _number(lower) <= _number(data) <= _number(higher)


def _matches(condition: Condition, data: Data) -> bool:
    from policyc.evaluation.patterns import full_match, translate

    pattern = translate(cast("str", condition.operands[0]), exact_case=condition.exact_case)
    return full_match(pattern, cast("str", data), exact_case=condition.exact_case)


def _sets(condition: Condition, data: Data) -> tuple[frozenset[Data], frozenset[Data]]:
    """What is asked, what is there: as sets, so that neither order nor repetition counts."""
    exact = condition.exact_case
    asked = frozenset(_fold(operand, exact_case=exact) for operand in condition.operands)
    return asked, frozenset(_fold(element, exact_case=exact) for element in cast("tuple[str, ...]", data))


def _contains(condition: Condition, data: Data) -> bool:
    asked, there = _sets(condition, data)
    return asked <= there


def _set_equals(condition: Condition, data: Data) -> bool:
    asked, there = _sets(condition, data)
    return asked == there


_TESTS: dict[Operator, Callable[[Condition, Data], bool]] = {
    Operator.EQUALS: _any_equal,
    Operator.NOT_EQUALS: lambda condition, data: not _any_equal(condition, data),
    Operator.AT_LEAST: lambda condition, data: _number(data) >= _number(condition.operands[0]),
    Operator.AT_MOST: lambda condition, data: _number(data) <= _number(condition.operands[0]),
    Operator.BETWEEN: _between,
    Operator.ONE_OF: _any_equal,
    Operator.NONE_OF: lambda condition, data: not _any_equal(condition, data),
    Operator.MATCHES: _matches,
    Operator.CONTAINS: _contains,
    Operator.SET_EQUALS: _set_equals,
}
