"""Settings of different collections that fight over a device."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.conflict import Nature
from policyc.analysis.context import Context
from policyc.analysis.exclusions import Exclusions
from policyc.analysis.fights import Fight, Pair, Places, fights
from policyc.analysis.meetings import Answer, Meetings
from policyc.analysis.memberships import neighbours
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Related, error, note, warning
from policyc.model import Collection, Location, Mode, Project, Setting, upper

_MOST_NAMED = 3
_By = dict[tuple[int, int], list[tuple[Fight, Pair]]]


def conflicts(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """An error for two settings that surely meet, a warning for two collections whose settings perhaps do."""
    meetings = Meetings(project)
    perhaps: _By = {}
    same: _By = {}
    places = Places(project)
    found = list(fights(project, meetings, places))
    ways = _WaysOut(project, meetings, found)
    for fight in found:
        if fight.nature is Nature.SAME:
            _collect(same, meetings, fight, fight.pairs)
            continue
        sure = [pair for pair in fight.pairs if pair.meeting.answer is Answer.SURELY]
        if sure:
            yield _error(fight, sure, ways)
        _collect(perhaps, meetings, fight, [pair for pair in fight.pairs if pair.meeting.answer is Answer.PERHAPS])
    yield from (_warning(pairs, ways) for pairs in perhaps.values())
    yield from map(_note, same.values())
    yield from _by_program(project, meetings, places)


class _WaysOut:
    """What can be done about a conflict: only what works for the two collections."""

    def __init__(self, project: Project, meetings: Meetings, found: list[Fight]) -> None:
        self._orders = [{upper(name) for name in order.collections} for order in project.precedence]
        self._meetings = meetings
        self._exclusions = Exclusions(project, meetings, found)
        self._known: dict[tuple[int, int], str] = {}

    def of(self, pair: Pair, *, open_question: bool = False) -> str:
        """In words, the best first."""
        one, other = pair.one, pair.other
        same = "let both say the same"
        if upper(other.name) in neighbours(one) or upper(one.name) in neighbours(other):
            return same  # the members of one depend on the other's: they can't be kept apart
        # A rule needs members that the policy says.
        takes, named = (one, other) if one.members is not None else (other, one)
        also = "" if takes.members is not None else ", beside what says who is in it"
        apart = f"; or keep their devices apart: add '{_quoted(named)}' to 'exclude:' under 'members:' of '{takes.name}'{also}"
        key = (self._meetings.number(one), self._meetings.number(other))
        if key not in self._known:
            self._known[key] = self._order(one, other)
        state = (
            "; or, if no device is in both, say so under 'disjoint:' in project.yaml, with the reason" if open_question else ""
        )
        return f"{same}{apart}{self._known[key]}{state}"

    def _order(self, one: Collection, other: Collection) -> str:
        """`precedence:`, where the loser has nothing that the winner lacks, and nothing else stands against it."""
        first, last = upper(one.name), upper(other.name)
        if first == last or any({first, last} <= order for order in self._orders):
            return ""  # where the project orders the two already, it has been told why that can't be done
        winners = [
            (winner, loser)
            for winner, loser in ((one, other), (other, one))
            if self._exclusions.possible(self._meetings.number(winner), self._meetings.number(loser))
        ]
        if len(winners) == 2:
            return "; or, where one is meant to win, order the two under 'precedence:' in project.yaml"
        words = "; or, where '{0}' is meant to win, write '{0}' before '{1}' under 'precedence:' in project.yaml"
        return "".join(words.format(_quoted(winner), _quoted(loser)) for winner, loser in winners)


def _quoted(collection: Collection) -> str:
    return collection.name.replace("'", "''")


def _collect(by: _By, meetings: Meetings, fight: Fight, pairs: list[Pair] | tuple[Pair, ...]) -> None:
    for pair in pairs:
        left, right = sorted((meetings.number(pair.one), meetings.number(pair.other)))
        by.setdefault((left, right), []).append((fight, pair))


def _error(fight: Fight, sure: list[Pair], ways: _WaysOut) -> Diagnostic:
    first = sure[0]
    more = len(sure) - 1
    others = f"; so it is with {more} more pair{'s' * (more > 1)} of collections" if more else ""
    return error(
        "PC0423",
        f"{_what(fight, first)}; {first.meeting.reason}{others}",
        condition_of(fight.one),
        help=ways.of(first),
        related=[Related(condition_of(fight.other), f"'{fight.other.id}' of '{first.other.name}'"), *_listing(fight, first)],
    )


def _warning(found: list[tuple[Fight, Pair]], ways: _WaysOut) -> Diagnostic:
    pair = found[0][1]
    number = len(found)
    return warning(
        "PC0424",
        f"'{pair.one.name}' and '{pair.other.name}' fight over {number} setting{'s' * (number > 1)} if they share a device:"
        f" {_named(found)}; whether they do isn't known: {pair.meeting.reason}",
        _name(pair.one),
        help=ways.of(pair, open_question=True),
        related=[Related(_name(pair.other), f"'{pair.other.name}'"), *_places(found)],
    )


def _note(found: list[tuple[Fight, Pair]]) -> Diagnostic:
    pair = found[0][1]
    number = len(found)
    return note(
        "PC0425",
        f"'{pair.one.name}' and '{pair.other.name}' write {number} value{'s' * (number > 1)} twice over: {_named(found)};"
        f" {pair.meeting.reason}",
        _name(pair.one),
        help="write what both need once, in a baseline that both list, so that the two can't drift apart",
        related=[Related(_name(pair.other), f"'{pair.other.name}'"), *_places(found)],
    )


def _by_program(project: Project, meetings: Meetings, places: Places) -> Iterator[Diagnostic]:
    """A note for a collection whose settings its platforms keep apart from those of others: programs run on any platform."""
    met: dict[int, dict[int, tuple[Fight, Pair]]] = {}
    for fight in fights(project, meetings, places, on_one_platform=False):
        for pair in fight.pairs:
            sides = ((fight.one, pair.one), (fight.other, pair.other))
            if fight.nature.is_conflict and any(of.mode is Mode.ENFORCE and setting.remediated for setting, of in sides):
                left, right = sorted((meetings.number(pair.one), meetings.number(pair.other)))
                met.setdefault(left, {}).setdefault(right, (fight, pair))
    for number, others in met.items():
        yield _note_of_programs(project.collections[number], [project.collections[other] for other in others], others)


def _note_of_programs(one: Collection, others: list[Collection], met: dict[int, tuple[Fight, Pair]]) -> Diagnostic:
    more = len(others) - _MOST_NAMED
    names = ", ".join(f"'{other.name}'" for other in others[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return note(
        "PC0430",
        f"only their platforms keep settings of '{one.name}' from fighting those of {names}: a configuration item is evaluated"
        " on its platforms alone, a program runs on any",
        _name(one),
        help="deploy the program 'Remediate' of their settings packages only to devices of their own platforms, or keep the"
        " devices apart by 'exclude:'",
        related=[*(Related(_name(other), f"'{other.name}'") for other in others[:_MOST_NAMED]), *_places(list(met.values()))],
    )


def _what(fight: Fight, pair: Pair) -> str:
    one, other = f"'{fight.one.id}' of '{pair.one.name}'", f"'{fight.other.id}' of '{pair.other.name}'"
    if fight.nature is Nature.BELOW:
        wants = "removes" if fight.one.subject.writes else "wants"
        gone = "with everything below it" if fight.one.subject.writes else "absent"
        does = "writes" if fight.other.subject.writes else "needs a value or key"
        return f"{one} {wants} {fight.one.subject.place} {gone}, and {other} {does} below it"
    if fight.nature is Nature.WRITES:
        return f"{one} and {other} write different data at {fight.other.subject.place}"
    writer, judge = (one, other) if fight.one.subject.writes else (other, one)
    return f"what {writer} writes at {fight.other.subject.place} fails {judge}"


def _named(found: list[tuple[Fight, Pair]]) -> str:
    names = list(dict.fromkeys(f"'{fight.one.id}'" for fight, _ in found))
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _places(found: list[tuple[Fight, Pair]]) -> Iterator[Related]:
    """Both places of the first few settings."""
    for fight, pair in found[:_MOST_NAMED]:
        yield Related(condition_of(fight.one), f"'{fight.one.id}' of '{pair.one.name}'")
        yield Related(condition_of(fight.other), f"'{fight.other.id}' of '{pair.other.name}': {fight.nature}")


def _listing(fight: Fight, pair: Pair) -> Iterator[Related]:
    """The collections whose settings stand in the file of a baseline."""
    for setting, collection in ((fight.one, pair.one), (fight.other, pair.other)):
        if _is_elsewhere(setting, collection):
            yield Related(_name(collection), f"'{collection.name}' has '{setting.id}' from a baseline")


def _is_elsewhere(setting: Setting, collection: Collection) -> bool:
    return condition_of(setting).file != collection.origin.file


def _name(collection: Collection) -> Location:
    return collection.origin.below("collection", "name")
