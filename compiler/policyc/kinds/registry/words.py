"""A value or key in the words of the language: for what is resolved, and for plans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from policyc.model import (
    Append,
    CreateKey,
    Data,
    DeleteValue,
    KeepListed,
    Listed,
    Operator,
    Registry,
    RemoveTree,
    SetValue,
    View,
)

Tree = dict[str, Any]

MASKED = "(sensitive)"
_LISTS = frozenset({Operator.BETWEEN, Operator.ONE_OF, Operator.NONE_OF, Operator.CONTAINS, Operator.SET_EQUALS})
_WRITTEN = frozenset({Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST})
_WITHOUT = frozenset({Operator.PRESENT, Operator.ABSENT})
PLACE = ("registry.key", "registry.name", "registry.view")
CONDITION = frozenset({*(operator.value for operator in Operator), "case", "registry.type", "default", "pin"})
_DATA = frozenset({*(operator.value for operator in Operator if operator not in _WITHOUT), "default", "set"})


def plan_words(subject: Registry) -> Tree:
    """The same for a plan, which shows place and type with the kind's word and all others alone; None: not said."""
    said = words(subject, masked=False)
    order = ("key", "name", "view", "type", subject.asked, "recurse", "case", "default", "pin", "set")
    return {f"registry.{word}" if word in ("key", "name", "view", "type") else word: said.get(word) for word in order}


def hidden(named: Iterable[str]) -> frozenset[str]:
    """Those of a plan's words that hold data."""
    return _DATA.intersection(named)


def remediation(subject: Registry) -> str:
    """What a remediation does."""
    match subject.write:
        case None:
            return "no, it is only reported"
        case DeleteValue():
            return "delete the value"
        case Append():
            return "append what is missing"
        case CreateKey():
            return "create the key"
        case RemoveTree():
            return "remove the key with everything below it"
        case KeepListed():
            return "write each of the values and delete every other one"
        case SetValue():
            return f"write what '{subject.condition.operator if _says_itself(subject) else 'set'}' says"


def _says_itself(subject: Registry) -> bool:
    """Whether the condition's operand is what is written."""
    condition = subject.condition
    return condition.operator in _WRITTEN and subject.write == SetValue(condition.operands[0])


def words(subject: Registry, *, masked: bool) -> Tree:
    """What a policy says below `registry:`, with every default."""
    place, condition = subject.place, subject.condition
    operator = condition.operator
    operands = [MASKED if masked else _plain(operand) for operand in condition.operands]
    said: Tree = {"key": f"{place.hive}\\{place.key}"}
    if place.name is not None:
        said["name"] = place.name
    if subject.kind is not None:
        said["type"] = subject.kind.value
    if place.view is View.BITS_32:
        said["view"] = int(place.view)
    if operator is Operator.ONLY_VALUES:
        said |= listed_words(subject.values, masked=masked)
    else:
        said[operator.value] = True if operator in _WITHOUT else operands if operator in _LISTS else operands[0]
    if isinstance(subject.write, RemoveTree):
        said["recurse"] = True
    if condition.exact_case:
        said["case"] = "exact"
    if subject.default is not None:
        said["default"] = MASKED if masked else _plain(subject.default)
    if subject.pin:
        said["pin"] = True
    if isinstance(subject.write, SetValue) and not _says_itself(subject):
        said["set"] = MASKED if masked else _plain(subject.write.data)
    return said


def listed_words(values: Sequence[Listed], *, masked: bool = False) -> Tree:
    """What a key holds, as a policy says it: a list where values are called 1, 2, 3, ...; one type of all stands once."""
    data = {value.name: MASKED if masked else _plain(value.data) for value in values}
    kinds = {value.kind for value in values}
    if len(kinds) > 1:
        typed = {value.name: {"type": value.kind.value, "data": data[value.name]} for value in values}
        return {Operator.ONLY_VALUES.value: typed}
    numbered = all(value.name == str(number) for number, value in enumerate(values, 1))
    said: Tree = {"type": next(iter(kinds)).value} if kinds else {}
    return {**said, Operator.ONLY_VALUES.value: list(data.values()) if numbered else data}


def _plain(data: Data) -> str | int | list[str]:
    if isinstance(data, bytes):
        return data.hex().upper()
    return list(data) if isinstance(data, tuple) else data
