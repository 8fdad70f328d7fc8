"""The rights that Windows has: `rights.txt`, the one place for this knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policyc.model import upper
from policyc.source.wording import nearest

_FILE = "rights.txt"


@dataclass(frozen=True, slots=True)
class KnownRight:
    """A right."""

    constant: str
    title: str
    """What the policy editor calls it in English."""
    products: str
    """Who gives it to accounts of its own; empty where nobody is known to."""


@cache
def rights() -> dict[str, KnownRight]:
    """By constant in upper case: the Default Domain Controllers Policy spells one in its own way."""
    lines = Path(__file__).with_name(_FILE).read_text(encoding="utf-8").splitlines()
    parts = [[part.strip() for part in line.split("|")] for line in lines if line and not line.startswith("#")]
    return {upper(constant): KnownRight(constant, title, *more or ("",)) for constant, title, *more in parts}


def meant(word: str) -> KnownRight | None:
    """The right that somebody meant by its name in the editor, or by a slip of the hand."""
    titles = {right.title: right for right in rights().values()}
    constants = {right.constant: right for right in rights().values()}
    # Windows' own header files call it SE_DEBUG_NAME, and scripts SeDebug.
    guess = nearest(word, constants) or nearest(f"{word}Privilege", constants)
    if guess is not None:
        return constants[guess]
    title = nearest(word, titles)
    return None if title is None else titles[title]
