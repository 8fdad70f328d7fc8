"""`precedence:` of the project file: the loser of a conflict leaves the shared devices to the winner.

A site has no way to leave out one setting for some devices of a collection. What it has is an exclude rule, by which the loser
loses all its settings there. So the rule is added only where the winner has everything that the loser has, and where no other
collection's members change with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policyc.analysis.coverage import Loss, losses
from policyc.analysis.fights import Fight, fights
from policyc.analysis.meetings import Meetings
from policyc.analysis.memberships import Memberships
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Related, error, note
from policyc.model import Collection, Location, Project, upper

_MOST_NAMED = 3
_MOST_RELATED = 10


def settle(project: Project) -> tuple[Project, list[Diagnostic]]:
    """The project with the exclude rules that its orders ask for, and what was added or can't be."""
    if not project.precedence:
        return project, []
    settling = _Settling(project)
    found = list(settling.run())
    return settling.project, found


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """Why a rule can't be added."""

    why: str
    help: str
    related: tuple[Related, ...] = ()


class _Settling:
    """Goes through the orders; what one pair adds counts for the next."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._stated: dict[tuple[int, int], Location] = {}
        self._numbers: dict[str, int] = {}
        for number, collection in enumerate(project.collections):
            self._numbers.setdefault(upper(collection.name), number)
        self._fights: dict[tuple[int, int], list[Fight]] = {}
        meetings = Meetings(project)
        for fight in fights(project, meetings):
            if fight.nature.is_conflict:
                for pair in fight.pairs:
                    left, right = sorted((meetings.number(pair.one), meetings.number(pair.other)))
                    self._fights.setdefault((left, right), []).append(fight)
        self._first = project.collections
        """As they were: the conflicts are about these."""
        self._memberships = Memberships(project)

    def run(self) -> Iterator[Diagnostic]:
        for order in self.project.precedence:
            places = [
                (self._numbers[upper(name)], at) for at, name in enumerate(order.collections) if upper(name) in self._numbers
            ]
            for index, (loser, at) in enumerate(places):
                for winner, _ in places[:index]:
                    yield from self._pair(winner, loser, order.origin.below(at))

    def _pair(self, winner: int, loser: int, place: Location) -> Iterator[Diagnostic]:
        low, high = sorted((winner, loser))
        fought = self._fights.get((low, high))
        if winner == loser or not fought:
            return
        reverse = self._stated.get((loser, winner))
        collections = self.project.collections
        first, last = collections[winner], collections[loser]
        if reverse is not None:
            yield error(
                "PC0427",
                f"'{first.name}' can't win over '{last.name}': another order says the opposite",
                place,
                help="take one of the two names out of one of the orders",
                related=[Related(reverse, f"'{last.name}' goes before '{first.name}' here")],
            )
            return
        if self._stated.setdefault((winner, loser), place) is not place or self._memberships.disjoint(first, last):
            return
        obstacle = self._add(winner, loser, fought)
        if obstacle is not None:
            message = f"'{last.name}' can't leave the devices that it shares with '{first.name}' to it: {obstacle.why}"
            yield error("PC0427", message, place, help=obstacle.help, related=obstacle.related)
        else:
            yield _added(first, last, fought, place)

    def _add(self, winner: int, loser: int, fought: list[Fight]) -> _Obstacle | None:
        """Let the loser exclude the winner, or say why it can't."""
        first, last = self.project.collections[winner], self.project.collections[loser]
        if last.members is None:
            why = f"the members of '{last.name}' are the site's, and are unknown here"
            way_out = f"say under 'members:' who is in '{last.name}': then an exclude rule can be added"
            return _Obstacle(why, way_out, (Related(last.origin.below("collection", "name"), "without 'members:'"),))
        chain = self._chain(upper(first.name), upper(last.name))
        if chain:
            why = f"it would have to exclude it, and so depend on itself, as {', '.join(chain)}"
            way_out = f"let neither depend on the other: limit '{first.name}' to what limits '{last.name}'"
            return _Obstacle(why, way_out)
        lost = list(losses(self._first[loser], self._first[winner], fought))
        if lost:
            return _lossy(last, first, lost)
        excluding = replace(last, members=replace(last.members, exclude=(*last.members.exclude, first.name)))
        changed = replace(
            self.project,
            collections=tuple(excluding if at == loser else one for at, one in enumerate(self.project.collections)),
        )
        memberships = Memberships(changed)
        obstacle = self._others(winner, loser, memberships)
        if obstacle is None:
            self.project, self._memberships = changed, memberships
        return obstacle

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

    def _others(self, winner: int, loser: int, after: Memberships) -> _Obstacle | None:
        """What else changes: collections that take their devices from the loser, or take those that it doesn't have."""
        collections = self.project.collections
        first = collections[winner]
        changing, seen = [collections[loser]], {loser}
        while changing:
            source = changing.pop()
            for number, one in enumerate(collections):
                words = [words for words, target in _rules(one) if upper(target) == upper(source.name)]
                if number in seen or not words or (self._memberships.disjoint(one, first) and after.disjoint(one, first)):
                    continue
                seen.add(number)
                low, high = sorted((winner, number))
                lost = list(losses(self._first[number], self._first[winner], self._fights.get((low, high), ())))
                if "excludes" in words:
                    lost = []
                    why = f"'{one.name}' excludes '{source.name}', and would take them in"
                elif lost:
                    why = f"'{one.name}' {words[0]} '{source.name}', and they would lose {_listed(lost)} of it, too"
                else:
                    changing.append(one)
                    continue
                at = one.origin.below("collection", "name")
                return _Obstacle(
                    why, f"let '{one.name}' name another collection", (Related(at, f"'{one.name}'"), *_shown(lost))
                )
        return None


def _rules(collection: Collection) -> Iterator[tuple[str, str]]:
    """(Rule in words, the collection that it names)."""
    if collection.limited_to is not None:
        yield "is limited to", collection.limited_to
    if collection.members is not None:
        yield from (("includes", name) for name in collection.members.include)
        yield from (("excludes", name) for name in collection.members.exclude)


def _lossy(loser: Collection, winner: Collection, lost: list[Loss]) -> _Obstacle:
    way_out = f"give '{winner.name}' the same, best in a baseline that both list; or let the two agree where they conflict"
    return _Obstacle(f"they would lose {_listed(lost)}, which only '{loser.name}' has", way_out, tuple(_shown(lost)))


def _listed(lost: list[Loss]) -> str:
    words = list(dict.fromkeys(loss.what for loss in lost))
    more = len(words) - _MOST_NAMED
    return ", ".join(words[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _shown(lost: list[Loss]) -> Iterator[Related]:
    return (Related(loss.location, f"{loss.what} would be lost") for loss in lost[:_MOST_RELATED])


def _added(winner: Collection, loser: Collection, fought: list[Fight], place: Location) -> Diagnostic:
    number = len(fought)
    fight = fought[0]
    return note(
        "PC0426",
        f"'{loser.name}' gets the exclude rule '{winner.name}', which wins {number} conflict{'s' * (number > 1)} of the two",
        place,
        help=f"to see it in the policy too, write '{winner.name}' under 'exclude:' of '{loser.name}' yourself",
        related=[
            Related(loser.origin.below("collection", "members"), f"the members of '{loser.name}'"),
            Related(condition_of(fight.one), f"'{fight.one.id}'"),
            Related(condition_of(fight.other), f"'{fight.other.id}': {fight.nature}"),
        ],
    )
