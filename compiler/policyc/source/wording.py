"""Pieces of messages: policy text shown safely, and the nearest of some words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from policyc.source.limits import LONGEST_QUOTE

_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """The text with what can't be seen (controls, direction marks, surrogates) as escapes.

    >>> visible("a\\tb")
    'a\\\\tb'
    """
    return _INVISIBLE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def quoted(text: str) -> str:
    """Policy text in single quotes, cut where it is long."""
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + "..."
    return f"'{visible(cut)}'"


def listed(words: Iterable[str], last: str = "or") -> str:
    """Words as a sentence has them.

    >>> listed(["a", "b", "c"])
    "'a', 'b' or 'c'"
    """
    shown = [quoted(word) for word in words]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def as_yaml(value: str) -> str:
    """Text as a scalar that is read as this text: plain where it can be, else in single quotes.

    >>> [as_yaml(text) for text in ("HKLM\\\\SOFTWARE", "true", "it's: so", "a, b")]
    ['HKLM\\\\SOFTWARE', "'true'", "'it''s: so'", "'a, b'"]
    """
    from policyc.source.scalars import resolve

    plain = re.fullmatch(r"[A-Za-z0-9_\\./(][^\n\t:#,\[\]{}'\"]*(?<! )", value)
    return value if plain and isinstance(resolve(value), str) else "'" + value.replace("'", "''") + "'"


def plain(word: str) -> str:
    """A word without what people write differently.

    >>> plain("Limiting-Collection_Name")
    'limitingcollectionname'
    """
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant: one that differs by a slip of the hand, or by an ending. None is no guess.

    >>> nearest("atleast", ["at_least", "at_most"]), nearest("Laptop", ["Laptops"]), nearest("description", ["exceptions"])
    ('at_least', 'Laptops', None)
    """
    if len(word) > _LONGEST_WORD:
        return None
    meant = plain(word)
    best: tuple[int, str] | None = None
    for candidate in known:
        other = plain(candidate)
        slips = 0 if other == meant else _slips(meant, other)
        if slips is not None and (best is None or slips < best[0]):
            best = slips, candidate
    return best[1] if best else None


_LONGEST_WORD = 100
_UNLIKE = 4
"""An ending counts for more than any slips that are still near."""


def _slips(word: str, other: str) -> int | None:
    """How many letters are wrong, missing, too many or in the wrong order; None where that is too much for a slip."""
    shorter, longer = sorted((len(word), len(other)))
    if not shorter:
        return None
    allowed = 1 if shorter < 6 else 2 if shorter < 12 else 3
    if longer - shorter > allowed:
        # `lan-manager` for `lan-manager-level`
        begins = word.startswith(other) or other.startswith(word)
        return _UNLIKE if begins and shorter >= 5 and shorter * 5 >= longer * 3 else None
    slips = _distance(word, other)
    return slips if slips <= allowed else None


def _distance(word: str, other: str) -> int:
    """The distance of optimal string alignment."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word):
        earlier, before, row = before, row, [i + 1]
        for j, wanted in enumerate(other):
            cost = min(before[j] + (letter != wanted), before[j + 1] + 1, row[j] + 1)
            if i and j and letter == other[j - 1] and word[i - 1] == wanted:
                cost = min(cost, earlier[j - 1] + 1)
            row.append(cost)
    return row[-1]
