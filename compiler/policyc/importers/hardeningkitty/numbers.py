"""Findings whose recommended value HardeningKitty writes as a DWORD."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from policyc.importers.found import NotExpressibleError
from policyc.importers.hardeningkitty.terms import Comparison, Terms, equality

_LARGEST = 2**32 - 1
_LARGEST_COMPARED = 2**31 - 1
"""HardeningKitty orders by PowerShell's [int], which takes no more."""
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_INT = re.compile(r"\s*[+-]?[0-9]{1,100}\s*", re.ASCII)
_PERHAPS_A_NUMBER = re.compile(r"\s*[+-]?\.?[0-9]", re.ASCII)


def dword(asked: Comparison) -> Terms:
    """The terms of a finding that recommends a number."""
    number = _number(asked.recommended)
    if number is None:
        raise NotExpressibleError(
            f"HardeningKitty writes the recommended value '{asked.recommended.strip()}' as a DWORD, and no DWORD reads like it:"
            f" write a whole number up to {_LARGEST}, without leading zeros"
        )
    if asked.operator == "contains":
        raise NotExpressibleError("'contains' looks for digits within a number, and no condition of a policy does")
    if asked.operator in ORDERED:
        return _ordered(asked, number)
    terms = equality("dword", asked, number, number)
    terms.own = _number(asked.default)
    return terms


def _ordered(asked: Comparison, number: int) -> Terms:
    if number > _LARGEST_COMPARED:
        raise NotExpressibleError(f"HardeningKitty can't compare with a number above {_LARGEST_COMPARED}, so it never passes")
    condition, holds = ORDERED[asked.operator](number)
    default = as_int(asked.default)
    passes = default is not None and holds(default)
    own = _number(asked.default)
    return Terms(
        "dword",
        condition,
        absence=passes,
        own=own if own is not None and own <= _LARGEST_COMPARED else None,
        stand_in=default if default is not None and default >= 0 else number,
    )


def _at_most_but_not_zero(number: int) -> tuple[dict[str, Any], Callable[[int], bool]]:
    if number == 0:
        raise NotExpressibleError("no number is at most 0 without being 0, so the finding never passes")
    return {"between": [1, number], "set": number}, lambda other: other <= number and other != 0


ORDERED: dict[str, Callable[[int], tuple[dict[str, Any], Callable[[int], bool]]]] = {
    "<=": lambda number: ({"at_most": number}, lambda other: other <= number),
    ">=": lambda number: ({"at_least": number}, lambda other: other >= number),
    "<=!0": _at_most_but_not_zero,
}
"""The operators that order numbers: a condition, and the test that it stands for."""


def _number(text: str) -> int | None:
    """The DWORD that reads as this text; None where none does."""
    return int(text) if _NUMBER.fullmatch(text) and int(text) <= _LARGEST else None


def as_int(text: str) -> int | None:
    """What PowerShell's [int] makes of a default value; None where it refuses."""
    if not text.strip(" \t"):
        return 0
    if _INT.fullmatch(text):
        number = int(text)
        return number if -(2**31) <= number <= _LARGEST_COMPARED else None
    if _PERHAPS_A_NUMBER.match(text):
        raise NotExpressibleError(f"the default value '{text.strip()}' may be a number to PowerShell: write it as a whole one")
    return None
