"""How the work of a backtracking engine grows with a text: patterns that the rule of loops lets pass, and that still explode.

`(?:(?:a{0,7}){0,7}){0,7}` or thirty times `a?` before thirty times `a` hold no unbounded loop that goes round in two ways, but
a text of thirty letters can be divided among them in millions. So ways are counted: the automaton of the pattern with the
number of ways on each step, along the words that add most ways a letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeAlias

from policyc.evaluation.characters import LAST_UNIT, Units
from policyc.evaluation.syntax import Choice, Node, PatternError, Repeat, Sequence, Unit
from policyc.model.records import dataclass

LETTERS = 48
"""Length of the words that are tried."""
MOST_WAYS = 1_000_000
"""More ways than these are too many: three loops one behind the other stay below, an exponential is far beyond."""
_WIDTH = 4
"""How many words are followed at once."""
_EFFORT = 200_000
"""Steps of an automaton beyond which a pattern is too large; as many are gone to find a bad word."""
_LIMIT = 1 << 60

_Ways: TypeAlias = dict[int, int]
"""Places, and in how many ways each is reached."""
_Part: TypeAlias = tuple[_Ways, _Ways, int]
"""What begins a part, what ends it, and in how many ways it is empty."""


@dataclass(slots=True)
class _Weighted:
    units: list[Units] = field(default_factory=list)
    follow: list[_Ways] = field(default_factory=list)
    effort: int = 0

    def spend(self, steps: int) -> None:
        self.effort += steps
        if self.effort > _EFFORT:
            raise PatternError("the pattern is too large once its counts are written out", "use smaller counts, or '{1,}'", 1)

    def join(self, left: _Part, right: _Part) -> _Part:
        self.spend(len(left[1]) * len(right[0]))
        for place, ways in left[1].items():
            _add(self.follow[place], right[0], ways)
        first, last = dict(left[0]), dict(right[1])
        if left[2]:
            _add(first, right[0], left[2])
        if right[2]:
            _add(last, left[1], right[2])
        return first, last, min(left[2] * right[2], _LIMIT)

    def part(self, node: Node) -> _Part:
        match node:
            case Unit(units):
                self.units.append(units)
                self.follow.append({})
                place = len(self.units) - 1
                return {place: 1}, {place: 1}, 0
            case Sequence(items):
                whole: _Part = ({}, {}, 1)
                for item in items:
                    whole = self.join(whole, self.part(item))
                return whole
            case Choice(branches):
                parts = [self.part(branch) for branch in branches]
                return _sum(part[0] for part in parts), _sum(part[1] for part in parts), sum(part[2] for part in parts)
            case Repeat(item, least, most):
                return self.repeat(item, least, most)

    def repeat(self, item: Node, least: int, most: int | None) -> _Part:
        # Counts beyond the words' length change nothing that the words could show.
        whole: _Part = ({}, {}, 1)
        for _ in range(min(least, LETTERS)):
            whole = self.join(whole, self.part(item))
        if most is None:
            first, last, _ = self.part(item)
            self.spend(len(first) * len(last))
            for place, ways in last.items():
                _add(self.follow[place], first, ways)
            return self.join(whole, (first, last, 1))
        rest: _Part = ({}, {}, 1)
        for _ in range(min(most - least, LETTERS)):
            first, last, empty = self.join(self.part(item), rest)
            rest = (first, last, min(empty + 1, _LIMIT))
        return self.join(whole, rest)


def explodes(node: Node) -> bool:
    """Whether some word of LETTERS letters can be read in more than MOST_WAYS ways, as far as _EFFORT steps tell.

    Raises PatternError for a pattern that is too large to tell.
    """
    weighted = _Weighted()
    first, _, empty = weighted.part(node)
    if empty > MOST_WAYS:
        return True
    effort = 0
    members = [
        frozenset(at for at, units in enumerate(weighted.units) if _holds(units, letter)) for letter in _letters(weighted.units)
    ]
    words = [(first, at) for at in range(len(members))]
    for _ in range(LETTERS):
        reached: list[_Ways] = []
        for ways, at in words:
            here = {place: count for place, count in ways.items() if place in members[at]}
            if sum(here.values()) > MOST_WAYS:
                return True
            following: _Ways = {}
            for place, count in here.items():
                effort += len(weighted.follow[place])
                _add(following, weighted.follow[place], count)
            if following:
                reached.append(following)
        if effort > _EFFORT:
            return False
        steps = [
            (sum(count for place, count in ways.items() if place in members[at]), index, at)
            for index, ways in enumerate(reached)
            for at in range(len(members))
        ]
        words = [(reached[index], at) for count, index, at in sorted(steps, reverse=True)[:_WIDTH] if count]
    return False


def _add(to: _Ways, more: Mapping[int, int], times: int) -> None:
    for place, ways in more.items():
        to[place] = min(to.get(place, 0) + ways * times, _LIMIT)


def _sum(parts: Iterable[_Ways]) -> _Ways:
    total: _Ways = {}
    for part in parts:
        _add(total, part, 1)
    return total


def _letters(sets: Iterable[Units]) -> list[int]:
    """A unit of each class that the sets tell apart."""
    return sorted({edge for units in sets for low, high in units for edge in (low, high + 1) if edge <= LAST_UNIT})


def _holds(units: Units, letter: int) -> bool:
    return any(low <= letter <= high for low, high in units)
