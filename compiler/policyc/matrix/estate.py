"""What the matrix holds: pairs of collections that share places, and the settings that they fight over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from policyc.analysis import Answer, Meetings, condition_of, fights
from policyc.diagnostics import note
from policyc.kinds import must, written
from policyc.model import Location, Project, Setting
from policyc.source import locate
from policyc.source.wording import visible


@dataclass(frozen=True, slots=True)
class Side:
    """One of two settings."""

    id: str
    says: str
    """What it asks for and what it writes, in words; data of a sensitive setting is left out."""
    file: str
    line: int | None
    registry: str
    """What it is about in the registry."""

    @property
    def place(self) -> str:
        """`file:line` in the policies."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Clash:
    """Two settings that are at odds."""

    nature: str
    place: str
    """In the registry."""
    one: Side
    other: Side


@dataclass(slots=True)
class Cell:
    """Two collections that share places, the first before the other in the project's order."""

    one: int
    other: int
    answer: Answer
    reason: str
    shared: int
    """Places that both have a setting for."""
    clashes: list[tuple[int, bool]] = field(default_factory=list)
    """(Number of the clash, whether its first side is the other collection's)."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole estate."""

    project: str
    collections: tuple[tuple[str, str], ...]
    """(name, file)"""
    cells: tuple[Cell, ...]
    clashes: tuple[Clash, ...]

    @property
    def conflicts(self) -> list[Cell]:
        """The pairs that fight, those that surely meet first."""
        found = [cell for cell in self.cells if cell.clashes]
        return sorted(found, key=lambda cell: cell.answer is not Answer.SURELY)

    def sides(self, cell: Cell) -> Iterable[tuple[Clash, Side, Side]]:
        """The clashes of a pair, each with the first collection's side and the other's."""
        for number, flipped in cell.clashes:
            clash = self.clashes[number]
            yield (clash, clash.other, clash.one) if flipped else (clash, clash.one, clash.other)

    def natures(self, cell: Cell) -> dict[str, int]:
        """How often each kind of conflict is between the two."""
        counted: dict[str, int] = {}
        for number, _ in cell.clashes:
            nature = self.clashes[number].nature
            counted[nature] = counted.get(nature, 0) + 1
        return counted


def matrix(project: Project, policies: Path) -> Matrix:
    """The matrix of a project whose files stand in this folder."""
    meetings = Meetings(project)
    cells = _cells(project, meetings)
    found = [fight for fight in fights(project, meetings) if fight.nature.is_conflict]
    lines = _lines(policies, (condition_of(setting) for fight in found for setting in (fight.one, fight.other)))
    sides: dict[int, Side] = {}
    for fight in found:
        for setting in (fight.one, fight.other):
            if id(setting) not in sides:
                sides[id(setting)] = _side(setting, lines)
    clashes = []
    for number, fight in enumerate(found):
        one, other = sides[id(fight.one)], sides[id(fight.other)]
        clashes.append(Clash(fight.nature.value, other.registry, one, other))
        for pair in fight.pairs:
            left, right = meetings.number(pair.one), meetings.number(pair.other)
            key = (min(left, right), max(left, right))
            if key not in cells:
                # A key and a value below it are two places.
                cells[key] = Cell(*key, pair.meeting.answer, pair.meeting.reason, 0)
            cells[key].clashes.append((number, left > right))
    return Matrix(
        visible(project.name),
        tuple((visible(collection.name), visible(collection.origin.file)) for collection in project.collections),
        tuple(cells[key] for key in sorted(cells)),
        tuple(clashes),
    )


def _cells(project: Project, meetings: Meetings) -> dict[tuple[int, int], Cell]:
    """A cell for each pair that has a place in common."""
    places = [{setting.subject.place.identity for setting in collection.settings} for collection in project.collections]
    cells = {}
    for one, other in combinations(range(len(places)), 2):
        shared = len(places[one] & places[other])
        if shared:
            meeting = meetings.between(one, other)
            cells[one, other] = Cell(one, other, meeting.answer, visible(meeting.reason), shared)
    return cells


def _side(setting: Setting, lines: dict[Location, int | None]) -> Side:
    at = condition_of(setting)
    says = visible(f"must {must(setting)}; {written(setting)}")
    return Side(setting.id, says, visible(at.file), lines.get(at), visible(str(setting.subject.place)))


def _lines(policies: Path, locations: Iterable[Location]) -> dict[Location, int | None]:
    """The line of each place in its file."""
    asked = [note("", "", location) for location in dict.fromkeys(locations)]
    return {found.diagnostic.location: None if found.region is None else found.region.line for found in locate(policies, asked)}
