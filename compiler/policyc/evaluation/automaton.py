"""Matching in a time that the length of text and pattern bounds, and the patterns that wouldn't be so bounded on a device.

A full match without back-references is membership in a regular language, so any right method gives what `re` and .NET
give. This one (Glushkov's: an automaton whose states are the places of units in the pattern) never backtracks.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field

from policyc.evaluation import characters
from policyc.evaluation.characters import Units
from policyc.evaluation.growth import explodes
from policyc.evaluation.syntax import Choice, Node, PatternError, Repeat, Sequence, Unit
from policyc.model.records import dataclass

LARGEST = 3000
"""Places of units in a pattern once its counts are written out."""
MOST_STEPS = 200_000
"""From a place to one that follows it."""
_LOOP = 8
"""From this many repetitions on, the ways to divide a text among them count as without bound."""


@dataclass(slots=True)
class Automaton:
    """The places that can begin, end and follow one another."""

    units: list[Units] = field(default_factory=list)
    follow: list[list[int]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    nullable: bool = True
    steps: int = 0
    """Of `follow`, as they were added."""

    def accepts(self, text: tuple[int, ...]) -> bool:
        """Whether the whole text is taken."""
        if not text:
            return self.nullable
        places = set(self.first)
        for at, unit in enumerate(text):
            here = {place for place in places if _holds(self.units[place], unit)}
            if not here:
                return False
            if at == len(text) - 1:
                return not here.isdisjoint(self.last)
            places = {following for place in here for following in self.follow[place]}
        return False


def build(node: Node) -> Automaton:
    """The automaton of a pattern. Raises PatternError where it would be too large."""
    automaton = Automaton()
    automaton.first, automaton.last, automaton.nullable = _add(automaton, node, expand=True)
    return automaton


def check(node: Node) -> None:
    """Raise PatternError for a pattern that a backtracking engine could take forever on.

    Refused is a repetition of something that can be empty, and one that a text can go round in more than one way,
    as in `(a+)+`, `(a|ab|b)*`.
    """
    _check_loops(node)
    if explodes(node):
        raise PatternError(
            "the pattern can be matched in very many ways, and could take forever",
            "let each part begin with what the part before it can't hold, and say once how often: 'a{0,30}'",
            1,
        )


def _check_loops(node: Node) -> None:
    if isinstance(node, Repeat):
        if node.most is None or node.most >= _LOOP:
            _check_loop(node)
        _check_loops(node.item)
    elif isinstance(node, Sequence | Choice):
        for part in node.items if isinstance(node, Sequence) else node.branches:
            _check_loops(part)


def _check_loop(loop: Repeat) -> None:
    body = Automaton()
    first, last, nullable = _add(body, loop.item, expand=False)
    if nullable:
        raise PatternError(
            "the pattern repeats what can be empty", "make one of the parts that are repeated necessary", loop.column
        )
    ends = set(last)
    follows = [first] + [body.follow[at] + (first if at in ends else []) for at in range(len(body.units)) if body.follow[at]]
    if any(characters.overlap(body.units[place] for place in places) for places in follows):
        raise PatternError(
            "the pattern repeats what one text can match in many ways, and could take forever",
            "give each round a beginning of its own, as in '[a-z]+(?:-[a-z]+)*', and don't repeat a repetition directly",
            loop.column,
        )


def _holds(units: Units, unit: int) -> bool:
    at = bisect_right(units, (unit, characters.LAST_UNIT)) - 1
    return at >= 0 and units[at][0] <= unit <= units[at][1]


_Part = tuple[list[int], list[int], bool]


def _add(automaton: Automaton, node: Node, *, expand: bool) -> _Part:
    """Add the node's places: (those that begin it, those that end it, whether it can be empty).

    With `expand` counts are written out, and `follow` holds a place once; without, a loop of any count goes round
    without bound and `follow` holds a place as often as there are ways to it.
    """
    match node:
        case Unit(units):
            if len(automaton.units) >= LARGEST:
                raise PatternError(
                    "the pattern is too large once its counts are written out", "use smaller counts, or '{1,}'", 1
                )
            place = len(automaton.units)
            automaton.units.append(units)
            automaton.follow.append([])
            return [place], [place], False
        case Sequence(items):
            part: _Part = ([], [], True)
            for item in items:
                part = _join(automaton, part, _add(automaton, item, expand=expand))
            return part
        case Choice(branches):
            parts = [_add(automaton, branch, expand=expand) for branch in branches]
            first = [place for part in parts for place in part[0]]
            return first, [place for part in parts for place in part[1]], any(part[2] for part in parts)
        case Repeat():
            return _repeat(automaton, node, expand=expand)


def _join(automaton: Automaton, left: _Part, right: _Part) -> _Part:
    for place in left[1]:
        automaton.follow[place] += right[0]
        automaton.steps += len(right[0])
    if automaton.steps > MOST_STEPS:
        raise PatternError("the pattern is too large once its counts are written out", "use smaller counts, or '{1,}'", 1)
    first = left[0] + right[0] if left[2] else left[0]
    last = left[1] + right[1] if right[2] else right[1]
    return first, last, left[2] and right[2]


def _repeat(automaton: Automaton, node: Repeat, *, expand: bool) -> _Part:
    if not expand:
        first, last, nullable = _add(automaton, node.item, expand=False)
        if node.most is None or node.most > 1:
            for place in last:
                automaton.follow[place] += first
        return first, last, nullable or node.least == 0
    part: _Part = ([], [], True)
    for _ in range(node.least):
        part = _join(automaton, part, _add(automaton, node.item, expand=True))
    if node.most is None:
        first, last, _ = _add(automaton, node.item, expand=True)
        for place in last:
            automaton.follow[place] = list(dict.fromkeys(automaton.follow[place] + first))
        return _join(automaton, part, (first, last, True))
    rest: _Part = ([], [], True)
    for _ in range(node.most - node.least):
        # From the inside: x{0,3} is (x(x(x)?)?)?
        first, last, nullable = _join(automaton, _add(automaton, node.item, expand=True), rest)
        rest = (first, last, True)
    return _join(automaton, part, rest)
