"""All conflicts between the collections of a project.

Settings are indexed by place first, and what several collections share through a baseline is one object and counts once: the
cost grows with the settings that differ on one place and with the pairs of collections that have them and may meet.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import combinations

from policyc.analysis.conflict import Nature, below_absent_key, on_one_place, same_declaration, wants_key_absent
from policyc.analysis.meetings import Answer, Meeting, Meetings
from policyc.analysis.same_place import meaning, part_in, right_above
from policyc.kinds import in_parts, kind_of
from policyc.model import Collection, Platform, Project, Setting, can_meet
from policyc.model.records import dataclass

Identity = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """A setting and the collections that have it, by their numbers."""

    setting: Setting
    by: list[int]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two collections, each with its own one of two settings, that may share a device."""

    one: Collection
    other: Collection
    meeting: Meeting


@dataclass(frozen=True, slots=True, eq=False)
class Fight:
    """Two settings and the pairs of collections in which they meet."""

    nature: Nature
    one: Setting
    other: Setting
    pairs: tuple[Pair, ...]


class Places:
    """The settings of a project by place."""

    def __init__(self, project: Project) -> None:
        self.by_place: dict[Identity, list[Used]] = {}
        self.absent_keys: dict[Identity, list[Used]] = {}
        self.lists: dict[Identity, list[Used]] = {}
        known: dict[int, Used] = {}
        for number, collection in enumerate(project.collections):
            for setting in collection.settings:
                used = known.get(id(setting))
                if used is None:
                    used = known[id(setting)] = Used(setting, [])
                    identity = setting.subject.place.identity
                    self.by_place.setdefault(identity, []).append(used)
                    if wants_key_absent(setting):
                        self.absent_keys.setdefault(identity, []).append(used)
                    if in_parts(setting.subject) is not None:
                        self.lists.setdefault(identity, []).append(used)
                used.by.append(number)

    def below_absent_keys(self) -> Iterator[tuple[Used, Used]]:
        """(What wants a key absent, what is about a value or key below it)."""
        if not self.absent_keys:
            return
        for settings in self.by_place.values():
            subject = settings[0].setting.subject
            # A setting on the absent key itself is a pair of one place.
            for place in kind_of(subject).above(subject):
                for absent in self.absent_keys.get(place, ()):
                    yield from ((absent, used) for used in settings)

    def in_lists(self) -> Iterator[tuple[Used, Used]]:
        """(What says all that a key holds, what is about a value in it)."""
        if not self.lists:
            return
        for settings in self.by_place.values():
            above = right_above(settings[0].setting)
            for whole in () if above is None else self.lists.get(above, ()):
                yield from ((whole, used) for used in settings)


def fights(
    project: Project, meetings: Meetings, places: Places | None = None, *, on_one_platform: bool = True
) -> Iterator[Fight]:
    """Each two settings that are at odds, or that write the same, with the pairs of collections that can share a device.

    What a baseline brings meets only where the platforms of both can be one device's. With `on_one_platform=False` come the
    pairs that only their platforms keep apart: programs know no platforms.
    """
    if not on_one_platform and len({collection.platforms for collection in project.collections}) < 2:
        return
    search = _Search(project, meetings, on_one_platform=on_one_platform)
    places = places or Places(project)
    for settings in places.by_place.values():
        if len(settings) > 1:
            yield from search.on_one_place(settings)
    for absent, used in places.below_absent_keys():
        nature = below_absent_key(absent.setting, used.setting)
        if nature is not None:
            yield from search.found(nature, absent, used)
    for whole, used in places.in_lists():
        part = part_in(whole.setting, used.setting)
        nature = None if part is None else on_one_place(part, used.setting)
        if nature is not None and nature is not Nature.SAME:
            yield from search.found(nature, whole, used)


class _Search:
    """Looks for pairs of collections."""

    def __init__(self, project: Project, meetings: Meetings, *, on_one_platform: bool) -> None:
        self._collections = project.collections
        self._meetings = meetings
        self._pairs: dict[tuple[int, int], Pair] = {}
        # Collections of the same platforms are one group; most estates have one or two.
        groups: dict[tuple[Platform, ...], int] = {}
        self._group = [groups.setdefault(collection.platforms, len(groups)) for collection in project.collections]
        together = {(at, to): can_meet(one, other) for one, at in groups.items() for other, to in groups.items()}
        self._asked = {pair: met is on_one_platform for pair, met in together.items()}

    def on_one_place(self, settings: list[Used]) -> Iterator[Fight]:
        """Settings that mean the same are judged once."""
        classes: dict[tuple[object, ...], list[Used]] = {}
        for used in settings:
            classes.setdefault((*meaning(used.setting), used.setting.applies_to), []).append(used)
        groups = list(classes.values())
        for group in groups:
            if len(group) > 1 and on_one_place(group[0].setting, group[1].setting) is Nature.SAME:
                yield from self._same(group, group)
        for at, to in self._that_may_meet(groups):
            group, other = groups[at], groups[to]
            nature = on_one_place(group[0].setting, other[0].setting)
            if nature is Nature.SAME:
                yield from self._same(group, other)
            elif nature is not None:
                for one in group:
                    for two in other:
                        yield from self.found(nature, one, two)

    def _that_may_meet(self, groups: list[list[Used]]) -> Iterator[tuple[int, int]]:
        """Which groups have collections that may meet; where there are few groups, it costs less to judge them all."""
        users = sum(len(used.by) for group in groups for used in group)
        if len(groups) ** 2 <= users:
            yield from combinations(range(len(groups)), 2)
            return
        groups_of: dict[int, list[int]] = {}
        for at, group in enumerate(groups):
            for used in group:
                for number in used.by:
                    groups_of.setdefault(number, []).append(at)
        for at, group in enumerate(groups):
            reached = {
                to
                for used in group
                for left in used.by
                for right in self._meetings.candidates(left) & groups_of.keys()
                for to in groups_of[right]
            }
            yield from ((at, to) for to in sorted(reached) if to > at)

    def found(self, nature: Nature, one: Used, other: Used) -> Iterator[Fight]:
        """The conflict of two settings, if any two collections with them may meet."""
        pairs = []
        for left in one.by:
            candidates = self._meetings.candidates(left)
            for right in other.by:
                if right in candidates and self._asked[self._group[left], self._group[right]]:
                    pair = self._pair(left, right)
                    if pair.meeting.answer is not Answer.NEVER:
                        pairs.append(pair)
        if pairs:
            yield Fight(nature, one.setting, other.setting, tuple(pairs))

    def _same(self, group: list[Used], other: list[Used]) -> Iterator[Fight]:
        """The same write by different settings, where collections surely meet; elsewhere nobody need know."""
        own = group is other
        users: dict[int, list[Used]] = {}
        for used in other:
            for number in used.by:
                users.setdefault(number, []).append(used)
        for used in group:
            for left in used.by:
                for right in sorted(self._meetings.certain(left) & users.keys()):
                    if (own and right < left) or not self._asked[self._group[left], self._group[right]]:
                        continue
                    for two in users[right]:
                        if two is not used and not same_declaration(used.setting, two.setting):
                            pair = self._pair(left, right)
                            if pair.meeting.answer is Answer.SURELY:
                                yield Fight(Nature.SAME, used.setting, two.setting, (pair,))

    def _pair(self, left: int, right: int) -> Pair:
        found = self._pairs.get((left, right))
        if found is None:
            meeting = self._meetings.between(left, right)
            found = self._pairs[left, right] = Pair(self._collections[left], self._collections[right], meeting)
        return found
