"""`precedence:` of the project file: the loser of a conflict leaves the shared devices to the winner, by an exclude rule."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.exclusions import Exclusions
from policyc.analysis.fights import Fight, fights
from policyc.analysis.meetings import Meetings
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Related, error, note
from policyc.model import Collection, Location, Project, upper


def settle(project: Project) -> tuple[Project, list[Diagnostic]]:
    """The project with the exclude rules that its orders ask for, and what was added or can't be."""
    if not project.precedence:
        return project, []
    settling = _Settling(project)
    found = list(settling.run())
    return settling.project, found


class _Settling:
    """Goes through the orders; what one pair adds counts for the next."""

    def __init__(self, project: Project) -> None:
        self._orders = project.precedence
        self._stated: dict[tuple[int, int], Location] = {}
        self._numbers: dict[str, int] = {}
        for number, collection in enumerate(project.collections):
            self._numbers.setdefault(upper(collection.name), number)
        meetings = Meetings(project)
        self._exclusions = Exclusions(project, meetings, fights(project, meetings))

    @property
    def project(self) -> Project:
        """As far as it is settled."""
        return self._exclusions.project

    def run(self) -> Iterator[Diagnostic]:
        for order in self._orders:
            places = [
                (self._numbers[upper(name)], at) for at, name in enumerate(order.collections) if upper(name) in self._numbers
            ]
            for index, (loser, at) in enumerate(places):
                for winner, _ in places[:index]:
                    yield from self._pair(winner, loser, order.origin.below(at))

    def _pair(self, winner: int, loser: int, place: Location) -> Iterator[Diagnostic]:
        fought = self._exclusions.fought(winner, loser)
        if winner == loser or not fought:
            return
        reverse = self._stated.get((loser, winner))
        first, last = self.project.collections[winner], self.project.collections[loser]
        if reverse is not None:
            yield error(
                "PC0427",
                f"'{first.name}' can't win over '{last.name}': another order says the opposite",
                place,
                help="take one of the two names out of one of the orders",
                related=[Related(reverse, f"'{last.name}' goes before '{first.name}' here")],
            )
            return
        if self._stated.setdefault((winner, loser), place) is not place or self._exclusions.disjoint(first, last):
            return
        obstacle = self._exclusions.add(winner, loser)
        if obstacle is not None:
            message = f"'{last.name}' can't leave the devices that it shares with '{first.name}' to it: {obstacle.why}"
            yield error("PC0427", message, place, help=obstacle.help, related=obstacle.related)
        else:
            yield _added(first, last, fought, place)


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
