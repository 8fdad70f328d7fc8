"""Sets of UTF-16 units, as sorted ranges that don't touch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from policyc.model import upper

Units: TypeAlias = tuple[tuple[int, int], ...]
"""Inclusive ranges, ascending, with a gap between each two."""

LAST_UNIT = 0xFFFF
DIGITS: Units = ((0x30, 0x39),)
WORD: Units = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACES: Units = ((0x09, 0x0D), (0x20, 0x20))


def union(ranges: Iterable[tuple[int, int]]) -> Units:
    """The set of all units in the ranges.

    >>> union([(5, 9), (1, 2), (3, 4), (7, 12)])
    ((1, 12),)
    """
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(units: Units) -> Units:
    """Every unit that isn't in the set.

    >>> complement(((0, 9), (20, 65535)))
    ((10, 19),)
    """
    gaps = []
    start = 0
    for low, high in units:
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST_UNIT:
        gaps.append((start, LAST_UNIT))
    return tuple(gaps)


def upper_cased(units: Units) -> Units:
    """The upper case of each unit.

    >>> upper_cased(((0x61, 0x63), (0x5F, 0x5F)))
    ((65, 67), (95, 95))
    """
    return union((mapped, mapped) for low, high in units for mapped in map(_upper_unit, range(low, high + 1)))


def overlap(sets: Iterable[Units]) -> bool:
    """Whether a unit is in two of the sets."""
    last = -1
    for low, high in sorted(stretch for units in sets for stretch in units):
        if low <= last:
            return True
        last = high
    return False


def utf16(text: str) -> tuple[int, ...]:
    """The UTF-16 units of a text.

    >>> utf16("a😀") == (0x61, 0xD83D, 0xDE00)
    True
    """
    if text.isascii():
        return tuple(text.encode("ascii"))
    data = text.encode("utf-16-le", "surrogatepass")
    return tuple(data[at] | data[at + 1] << 8 for at in range(0, len(data), 2))


def _upper_unit(unit: int) -> int:
    return ord(upper(chr(unit)))
