"""What a rule of ConfigMgr compares, as a condition of the language.

ConfigMgr judges a value that isn't there by a switch of the rule. The language does so by `default`: what absence counts
as. So a rule that takes an absent value for compliant gets a default that satisfies it, and one that doesn't take it gets
one that doesn't, wherever the condition alone would say the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from policyc.evaluation import PatternError, translate
from policyc.importers.cab.inexpressible import InexpressibleError
from policyc.targets.configmgr.digest.exported import ExportedRule, RegistrySource
from policyc.targets.configmgr.digest.tree import integer

Words: TypeAlias = dict[str, Any]
"""Words of the mapping `registry`."""

_DWORDS, _QWORDS = range(2**32), range(2**64)
_SIGNED_DWORDS, _SIGNED_QWORDS = range(-(2**31), 2**32), range(-(2**63), 2**63)
_SINGLE = {"Equals": "equals", "NotEquals": "not_equals"}
_LISTS = {"OneOf": "one_of", "NoneOf": "none_of"}
_NEGATIVE = frozenset({"not_equals", "none_of"})
"""Those that an absent value satisfies by itself."""
_BOUNDS: dict[str, tuple[str, int]] = {
    "GreaterEquals": ("at_least", 0),
    "GreaterThan": ("at_least", 1),
    "LessEquals": ("at_most", 0),
    "LessThan": ("at_most", -1),
}
_ANYTHING = r"(?:.|\n)*"
_PARTS: dict[str, Callable[[str], str]] = {
    "BeginsWith": lambda part: part + _ANYTHING,
    "EndsWith": lambda part: _ANYTHING + part,
    "Contains": lambda part: _ANYTHING + part + _ANYTHING,
}
_SPECIAL = re.compile(r"([\\^$.*+?{}\[\]()|])")
_PRESENT = frozenset({("NotEquals", "0"), ("GreaterThan", "0"), ("GreaterEquals", "1")})
_ABSENT = frozenset({("Equals", "0"), ("LessThan", "1"), ("LessEquals", "0")})


def existence(rule: ExportedRule) -> Words:
    """The condition of a rule that counts how often the value is there."""
    asked = (rule.operator, rule.constants[0]) if len(rule.constants) == 1 else ("", "")
    if asked in _PRESENT:
        return {"present": True}
    if asked in _ABSENT:
        return {"absent": True}
    raise InexpressibleError("it counts how often the value is there, and a policy only asks whether")


def comparison(rule: ExportedRule, source: RegistrySource, data_type: str) -> Words:
    """Type and condition of a rule that compares the value, with what an absent value counts as."""
    if rule.constant_types != {data_type} or data_type not in ("Int64", "String"):
        types = ", ".join(sorted({data_type, *rule.constant_types} - {""})) or "nothing"
        raise InexpressibleError(f"it is compared as {types}, and a policy compares text (String) and whole numbers (Int64)")
    words, satisfying = _numbers(rule, source) if data_type == "Int64" else _text(rule)
    [operator] = words.keys() - {"type"}
    operand = words[operator]
    if operator in _NEGATIVE and rule.missing_is_noncompliant:
        words["default"] = operand[0] if isinstance(operand, list) else operand
    elif operator not in _NEGATIVE and not rule.missing_is_noncompliant:
        words["default"] = satisfying
    return words


def _numbers(rule: ExportedRule, source: RegistrySource) -> tuple[Words, int]:
    """The words, and a number that satisfies the condition (of no use for one that asks what must not be)."""
    numbers = [integer(constant) for constant in rule.constants]
    if None in numbers or not numbers:
        raise InexpressibleError(f"it is compared with {_listed(rule)}, which is no whole number")
    known = [number for number in numbers if number is not None]
    if rule.operator in _SINGLE or rule.operator in _LISTS:
        kind, operands = _unsigned(known, source)
        return _equality(rule, kind, operands), operands[0]
    if rule.operator in _BOUNDS and len(known) == 1:
        word, step = _BOUNDS[rule.operator]
        bound = known[0] + step
        return {"type": _kind([bound], source), word: bound}, bound
    if rule.operator == "Between" and len(known) == 2:
        return {"type": _kind(known, source), "between": known}, known[0]
    raise _unknown(rule)


def _text(rule: ExportedRule) -> tuple[Words, str]:
    constants = list(rule.constants)
    if constants and (rule.operator in _SINGLE or rule.operator in _LISTS):
        return _equality(rule, "string", constants), constants[0]
    if rule.operator in _PARTS and len(constants) == 1:
        return {"type": "string", "matches": _pattern(_PARTS[rule.operator](_SPECIAL.sub(r"\\\1", constants[0])))}, constants[0]
    if rule.operator.startswith("Not"):
        raise InexpressibleError(f"'{rule.operator}' is unknown to policies: say with 'matches' or 'one_of' what may be there")
    raise _unknown(rule)


def _equality(rule: ExportedRule, kind: str, operands: list[Any]) -> Words:
    if rule.operator in _LISTS:
        return {"type": kind, _LISTS[rule.operator]: operands}
    if len(operands) > 1:
        raise _unknown(rule)
    return {"type": kind, _SINGLE[rule.operator]: operands[0]}


def _unsigned(numbers: list[int], source: RegistrySource) -> tuple[str, list[int]]:
    """The kind, and the numbers as the registry has them: ConfigMgr reads those above the half as negative ones."""
    if all(number in _SIGNED_DWORDS for number in numbers):
        return "dword", [number % 2**32 for number in numbers]
    if source.remediate_dword or any(number not in _SIGNED_QWORDS for number in numbers):
        raise InexpressibleError("a number is too large for the value")
    return "qword", [number % 2**64 for number in numbers]


def _kind(bounds: list[int], source: RegistrySource) -> str:
    """By the size of the bounds, as the digest doesn't tell what a value holds unless it is to be written as a DWORD."""
    if all(bound in _DWORDS for bound in bounds):
        return "dword"
    if source.remediate_dword or any(bound not in _QWORDS for bound in bounds):
        raise InexpressibleError("no number of the registry is below 0, and none above the largest of its type")
    return "qword"


def _pattern(pattern: str) -> str:
    try:
        translate(pattern, exact_case=False)
    except PatternError as refused:
        raise InexpressibleError(f"its text makes no pattern: {refused.message}") from None
    return pattern


def _unknown(rule: ExportedRule) -> InexpressibleError:
    return InexpressibleError(f"'{rule.operator}' with {_listed(rule)} is unknown to policies")


def _listed(rule: ExportedRule) -> str:
    return ", ".join(f"'{constant[:40]}'" for constant in rule.constants[:5]) or "nothing"
