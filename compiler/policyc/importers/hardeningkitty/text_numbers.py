"""Findings that order numbers which Windows keeps as text: policies don't order text, and name what may be there."""

from __future__ import annotations

from typing import Any

from policyc.importers.found import NotExpressibleError
from policyc.importers.hardeningkitty.numbers import ORDERED, as_int
from policyc.importers.hardeningkitty.terms import NO_DATA, Comparison, Terms, same

_MOST_NAMED = 100
"""Numbers that are named one by one; more of them are a pattern."""
_LARGEST = 10**9


def ordered_text(asked: Comparison) -> Terms:
    """The terms of a finding that recommends the largest number. Raises NotExpressibleError."""
    if asked.operator == ">=":
        raise NotExpressibleError("'>=' orders numbers without an end, and this value holds text, which a policy can't order")
    text = asked.recommended
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else _LARGEST
    if str(number) != text:
        raise NotExpressibleError(f"'{text.strip()}' is no whole number without leading zeros below {_LARGEST}")
    _, holds = ORDERED[asked.operator](number)
    default = as_int(asked.default)
    passes = default is not None and holds(default)
    first = 1 if asked.operator == "<=!0" else 0
    condition: dict[str, Any] = {"matches": at_most(number, first)}
    if number - first < _MOST_NAMED:
        condition = {"one_of": [str(one) for one in range(first, number + 1)]}
    own = None if asked.default == "" or same(asked.default, NO_DATA) else asked.default
    # PowerShell takes more for a number than the condition does: a leading zero, blanks around it.
    as_text = own is not None and own.isascii() and own.isdigit() and str(int(own)) == own and first <= int(own) <= number
    return Terms(
        "string",
        {**condition, "set": text},
        absence=passes,
        own=own if as_text == passes else None,
        stand_in=text,
    )


def at_most(number: int, first: int = 0) -> str:
    """A pattern for the whole numbers from `first`, 0 or 1, up to this one, without leading zeros.

    >>> at_most(900), at_most(15, 1)
    ('[0-9]|[1-9][0-9]|[1-8][0-9]{2}|900', '[1-9]|1[0-5]')
    """
    digits = str(number)
    choices = [_one(first, 9)] if len(digits) > 1 else [_one(first, number)]
    choices += [f"[1-9]{_any(length - 1)}" for length in range(2, len(digits))]
    if len(digits) > 1:
        choices += _below(digits)
    return "|".join(choices)


def _below(digits: str) -> list[str]:
    """Numbers of as many digits, up to this one: by the first digit in which they are less."""
    choices = []
    last = len(digits) - 1
    for index, digit in enumerate(digits):
        lowest = 1 if index == 0 else 0
        highest = int(digit) if index == last else int(digit) - 1
        if highest >= lowest:
            choices.append(f"{digits[:index]}{_one(lowest, highest)}{_any(last - index)}")
    # Where the last digit is the only one that can't be less, the number itself is the last choice.
    return choices


def _one(lowest: int, highest: int) -> str:
    return str(lowest) if lowest == highest else f"[{lowest}-{highest}]"


def _any(count: int) -> str:
    return "" if count == 0 else "[0-9]" if count == 1 else f"[0-9]{{{count}}}"
