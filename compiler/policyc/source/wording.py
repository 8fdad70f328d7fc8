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


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant.

    >>> nearest("atleast", ["at_least", "at_most"])
    'at_least'
    """
    import difflib

    if len(word) > 100:
        return None
    plain = {_plain(candidate): candidate for candidate in known}
    found = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=0.65)
    return plain[found[0]] if found else None


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")
