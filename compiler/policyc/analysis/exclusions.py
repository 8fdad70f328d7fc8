"""Exclude rules by which the loser of a conflict leaves the shared devices to the winner.

A site has no way to leave out one setting for some devices of a collection. What it has is an exclude rule, by which the loser
loses all its settings there. So the rule is added only where the winner has everything that the loser has, and where no other
collection's members change with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from policyc.analysis.conflict import Nature
from policyc.analysis.coverage import Loss, losses
from policyc.analysis.fights import Fight, Identity
from policyc.analysis.meetings import Meetings
from policyc.analysis.memberships import Memberships
from policyc.diagnostics import Related
from policyc.model import Collection, Project, upper
from policyc.model.records import dataclass

_MOST_NAMED = 3
_MOST_RELATED = 10


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a rule can't be added."""

    why: str
    help: str
    related: tuple[Related, ...] = ()


class Exclusions:
    """Rules that are added to a project one after the other; collections go by their numbers."""

    def __init__(self, project: Project, meetings: Meetings, found: Iterable[Fight]) -> None:
        self.project = project
        """With the rules that were added."""
        self._first = project.collections
        """As they were: the conflicts are about these."""
        self._memberships = Memberships(project)
        self._numbers: dict[str, int] = {}
        self._naming: dict[str, list[int]] = {}
        for number, collection in enumerate(project.collections):
            self._numbers.setdefault(upper(collection.name), number)
            for name in {upper(target) for _, target in _rules(collection)}:
                self._naming.setdefault(name, []).append(number)
        self._places: dict[int, frozenset[Identity]] = {}
        self._fights: dict[tuple[int, int], list[Fight]] = {}
        for fight in found:
            if fight.nature.is_conflict:
                for pair in fight.pairs:
                    left, right = sorted((meetings.number(pair.one), meetings.number(pair.other)))
                    self._fights.setdefault((left, right), []).append(fight)

    def fought(self, one: int, other: int) -> list[Fight]:
        """The conflicts of two collections."""
        return self._fights.get((min(one, other), max(one, other)), [])

    def disjoint(self, one: Collection, other: Collection) -> bool:
        """Whether the rules, with those that were added, prove that the two share no device."""
        return self._memberships.disjoint(one, other)

    def add(self, winner: int, loser: int) -> Obstacle | None:
        """Let the loser exclude the winner, or say why it can't."""
        obstacle = self.obstacle(winner, loser)
        if obstacle is None:
            self.project = self._excluding(winner, loser)
            self._memberships = Memberships(self.project)
            self._naming.setdefault(upper(self.project.collections[winner].name), []).append(loser)
        return obstacle

    def possible(self, winner: int, loser: int) -> bool:
        """Whether nothing is in the way; asked of each two collections that fight, most of which differ in what they set."""
        if self._first[loser].members is None:
            return False
        fought = self.fought(winner, loser)
        if all(fight.nature is not Nature.BELOW for fight in fought):
            given = (setting.subject.place.identity for setting in self._first[loser].settings)
            if not all(map(self._known_places(winner).__contains__, given)):
                return False
        return self.obstacle(winner, loser) is None

    def _known_places(self, number: int) -> frozenset[Identity]:
        """The places that a collection sets, or leaves alone by an exception."""
        if number not in self._places:
            collection = self._first[number]
            settings = (*collection.settings, *collection.exempted)
            self._places[number] = frozenset(setting.subject.place.identity for setting in settings)
        return self._places[number]

    def obstacle(self, winner: int, loser: int) -> Obstacle | None:
        """Why the loser can't exclude the winner; None where it can."""
        first, last = self.project.collections[winner], self.project.collections[loser]
        if last.members is None:
            why = f"the members of '{last.name}' are the site's, and are unknown here"
            way_out = f"say under 'members:' who is in '{last.name}': then an exclude rule can be added"
            return Obstacle(why, way_out, (Related(last.origin.below("collection", "name"), "without 'members:'"),))
        chain = self._chain(upper(first.name), upper(last.name))
        if chain:
            why = f"it would have to exclude it, and so depend on itself, as {', '.join(chain)}"
            way_out = f"let neither depend on the other: limit '{first.name}' to what limits '{last.name}'"
            return Obstacle(why, way_out)
        lost = list(losses(self._first[loser], self._first[winner], self.fought(winner, loser), self.project.server_version))
        if lost:
            return _lossy(last, first, lost)
        return self._others(winner, loser)

    def _excluding(self, winner: int, loser: int) -> Project:
        """The project with the rule."""
        first, last = self.project.collections[winner], self.project.collections[loser]
        assert last.members is not None  # noqa: S101 - without them there is an obstacle
        excluding = replace(last, members=replace(last.members, exclude=(*last.members.exclude, first.name)))
        collections = tuple(excluding if at == loser else one for at, one in enumerate(self.project.collections))
        return replace(self.project, collections=collections)

    def _chain(self, start: str, goal: str) -> list[str]:
        """The rules by which the members of the first depend on those of the last, in words; empty: they don't."""
        ways: dict[str, list[str]] = {start: []}
        waiting = [start]
        while waiting:
            name = waiting.pop(0)
            if name == goal:
                return ways[name]
            number = self._numbers.get(name)
            if number is None:
                continue
            collection = self.project.collections[number]
            for words, target in _rules(collection):
                if upper(target) not in ways:
                    ways[upper(target)] = [*ways[name], f"'{collection.name}' {words} '{target}'"]
                    waiting.append(upper(target))
        return []

    def _others(self, winner: int, loser: int) -> Obstacle | None:
        """What else changes: collections that take their devices from the loser, or take those that it doesn't have."""
        collections = self.project.collections
        first = collections[winner]
        after: Memberships | None = None
        changing, seen = [collections[loser]], {loser}
        while changing:
            source = changing.pop()
            for number in sorted(self._naming.get(upper(source.name), ())):
                one = collections[number]
                words = [words for words, target in _rules(one) if upper(target) == upper(source.name)]
                if number in seen:
                    continue
                after = after or Memberships(self._excluding(winner, loser))
                if self._memberships.disjoint(one, first) and after.disjoint(one, first):
                    continue
                seen.add(number)
                fought = self.fought(winner, number)
                lost = list(losses(self._first[number], self._first[winner], fought, self.project.server_version))
                if "excludes" in words:
                    lost = []
                    why = f"'{one.name}' excludes '{source.name}', and would take them in"
                elif lost:
                    why = f"'{one.name}' {words[0]} '{source.name}', and they would lose {_listed(lost)} of it, too"
                else:
                    changing.append(one)
                    continue
                at = one.origin.below("collection", "name")
                return Obstacle(why, f"let '{one.name}' name another collection", (Related(at, f"'{one.name}'"), *_shown(lost)))
        return None


def _rules(collection: Collection) -> Iterator[tuple[str, str]]:
    """(Rule in words, the collection that it names)."""
    if collection.limited_to is not None:
        yield "is limited to", collection.limited_to
    if collection.members is not None:
        yield from (("includes", name) for name in collection.members.include)
        yield from (("excludes", name) for name in collection.members.exclude)


def _lossy(loser: Collection, winner: Collection, lost: list[Loss]) -> Obstacle:
    way_out = f"give '{winner.name}' the same, best in a baseline that both list; or let the two agree where they conflict"
    return Obstacle(f"they would lose {_listed(lost)}, which only '{loser.name}' has", way_out, tuple(_shown(lost)))


def _listed(lost: list[Loss]) -> str:
    words = list(dict.fromkeys(loss.what for loss in lost))
    more = len(words) - _MOST_NAMED
    return ", ".join(words[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _shown(lost: list[Loss]) -> Iterator[Related]:
    return (Related(loss.location, f"{loss.what} would be lost") for loss in lost[:_MOST_RELATED])
