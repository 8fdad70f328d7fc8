"""What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2.

So `no`, `on`, `1:30` and `2026-01-31` are strings, `0o17` and `0x1F` numbers, `0777` is 777 and `1E05` a float.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias

from policyc.source.limits import LONGEST_NUMBER

Scalar: TypeAlias = str | int | float | bool | None

FIRST = "0123456789+-.~nNtTfF"
"""A plain scalar that begins with none of these, and isn't empty, is a string."""

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMBER_BEGINS = frozenset("0123456789+-.")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolve(text: str) -> Scalar:
    """The value of a plain scalar.

    >>> [resolve(text) for text in ("no", "0o17", "0x1F", "0777", "1:30", "1E05", "", "-0")]
    ['no', 15, 31, 777, '1:30', 100000.0, None, 0]
    """
    return _resolve(text) if len(text) <= LONGEST_NUMBER else _resolve.__wrapped__(text)


@lru_cache(maxsize=4096)
def _resolve(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_BEGINS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text[:LONGEST_NUMBER])
    if _OCTAL.fullmatch(text):
        return int(text[2:LONGEST_NUMBER], 8)
    if _HEX.fullmatch(text):
        return int(text[2:LONGEST_NUMBER], 16)
    if _FLOAT.fullmatch(text):
        return float(text) if len(text) <= LONGEST_NUMBER else float("inf")
    return text


def has_leading_zero(text: str) -> bool:
    """Whether a number is written as C, YAML 1.1 and many administrators write octal ones.

    >>> [has_leading_zero(text) for text in ("0777", "-07", "0", "0o17", "0.5")]
    [True, True, False, False, False]
    """
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and digits.isdigit()
