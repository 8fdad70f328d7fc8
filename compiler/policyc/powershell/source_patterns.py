"""The pattern of a policy from what a script holds of it.

A script has the translated pattern, and beside it the one that the author wrote, if it isn't sensitive. What is given back
always translates to the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyc.evaluation.patterns import PatternError, translate

_BEFORE, _AFTER = r"\A(?:", r")\z"
_SHORT = {"[^\\u000A]": ".", "[0-9]": r"\d", "[0-9A-Z_a-z]": r"\w", "[0-9A-Z_]": r"\w", "[\\u0009-\\u000D ]": r"\s"}
_TOKENS = re.compile(r"\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})|\\u([0-9A-F]{4})|\\.|.", re.DOTALL)


def source_pattern(operand: str, written: str | None, *, exact_case: bool) -> str | None:
    r"""A pattern that the script's operand is the translation of; None where the operand is none.

    >>> source_pattern(r"\A(?:\u00C4[0-9]+)\z", "ä\\d+", exact_case=False)
    'ä\\d+'
    >>> source_pattern(r"\A(?:\u00C4[0-9]+)\z", None, exact_case=False)
    'Ä\\d+'
    """
    if not operand.startswith(_BEFORE) or not operand.endswith(_AFTER):
        return None
    translated = operand[len(_BEFORE) : -len(_AFTER)]
    for candidate in _candidates(translated, written):
        try:
            if translate(candidate, exact_case=exact_case) == translated:
                return candidate
        except PatternError:
            continue
    return None


def _candidates(translated: str, written: str | None) -> Iterator[str]:
    """What the author wrote, what a person would write, the translation itself."""
    if written is not None:
        yield written
    shorter = translated
    for long, short in _SHORT.items():
        shorter = shorter.replace(long, short)
    yield _TOKENS.sub(_readable, shorter)
    yield _TOKENS.sub(_readable, translated)
    yield translated


def _readable(token: re.Match[str]) -> str:
    high, low, unit = token.groups()
    if high:
        character = chr(0x10000 + ((int(high, 16) & 0x3FF) << 10 | int(low, 16) & 0x3FF))
    elif unit:
        character = chr(int(unit, 16))
    else:
        return token[0]
    return character if character.isprintable() else token[0]
