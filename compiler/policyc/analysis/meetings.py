"""Which collections can share a device: never, surely or perhaps, each with its reason."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum

from policyc.analysis.certainty import Certainty
from policyc.analysis.memberships import Memberships
from policyc.model import BEYOND_A_SITE, INTUNE, Collection, Project, upper
from policyc.model.records import dataclass


class Answer(StrEnum):
    """Whether two collections share a device."""

    NEVER = "never"
    SURELY = "surely"
    PERHAPS = "perhaps"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The answer for two collections."""

    answer: Answer
    reason: str
    """In words, without a full stop."""


class Meetings:
    """The collections of a project by who can meet whom. Each pair is looked into once, when it is asked for."""

    def __init__(self, project: Project) -> None:
        self._collections = project.collections
        self._numbers = {id(collection): number for number, collection in enumerate(project.collections)}
        self._proved = Memberships(project)
        self._stated = Memberships(project, project.disjoint) if project.disjoint else None
        self._certainty = Certainty(self._proved)
        self._known: dict[tuple[int, int], Meeting] = {}
        self._by_device: dict[str, set[int]] | None = None
        self._open: set[int] = set()
        self._candidates: dict[int, set[int]] = {}
        self._certain: dict[str, set[int]] | None = None
        self._sure: dict[int, set[int]] = {}

    def number(self, collection: Collection) -> int:
        """The collection's place in the project's order."""
        return self._numbers[id(collection)]

    def of(self, one: Collection, other: Collection) -> Meeting:
        """Whether the two share a device."""
        return self.between(self.number(one), self.number(other))

    def between(self, first: int, second: int) -> Meeting:
        """The same by their numbers."""
        if first > second:
            first, second = second, first
        found = self._known.get((first, second))
        if found is None:
            found = self._known[first, second] = self._look(self._collections[first], self._collections[second])
            if found.answer is Answer.NEVER:
                for left, right in ((first, second), (second, first)):
                    if left in self._candidates:
                        self._candidates[left].discard(right)
        return found

    def can(self, one: Collection, other: Collection) -> bool:
        """Whether the two may share a device."""
        return self.of(one, other).answer is not Answer.NEVER

    def candidates(self, number: int) -> AbstractSet[int]:
        """Numbers of the other collections that this one may meet, and perhaps of some that it never does.

        It costs no proof: those are left out that list other devices, and those that were looked into and never meet it.
        """
        found = self._candidates.get(number)
        if found is None:
            found = self._candidates[number] = self._not_listing_others(number)
        return found

    def _not_listing_others(self, number: int) -> set[int]:
        if self._by_device is None:
            self._by_device = {}
            for at, collection in enumerate(self._collections):
                listed = self._proved.possible_devices(upper(collection.name))
                if listed is None or collection.reaches_further:
                    self._open.add(at)
                for device in listed or ():
                    self._by_device.setdefault(device, set()).add(at)
        devices = self._proved.possible_devices(upper(self._collections[number].name))
        if devices is None or self._collections[number].reaches_further:
            found = set(range(len(self._collections)))
        else:
            found = self._open.union(*(self._by_device[device] for device in devices))
        return found - {number}

    def certain(self, number: int) -> AbstractSet[int]:
        """Numbers of the other collections that this one surely meets."""
        if self._certain is None:
            self._certain = {}
            for at, collection in enumerate(self._collections):
                for device in self._certainty.devices(upper(collection.name)):
                    self._certain.setdefault(device, set()).add(at)
        if number not in self._sure:
            devices = self._certainty.devices(upper(self._collections[number].name))
            self._sure[number] = set().union(*(self._certain[device] for device in devices)) - {number}
        return self._sure[number]

    def _look(self, one: Collection, other: Collection) -> Meeting:
        found = self._without_statements(one, other)
        if found is not None:
            return found
        if self._stated is None:
            why = None
        elif one.reaches_further or other.reaches_further:
            why = self._stated.stated(one, other)
        else:
            why = self._stated.why_disjoint(one, other)
        return Meeting(Answer.PERHAPS, self._doubt(one, other)) if why is None else Meeting(Answer.NEVER, why)

    def _without_statements(self, one: Collection, other: Collection) -> Meeting | None:
        """What the rules alone prove."""
        further = one.reaches_further or other.reaches_further
        why = None if further else self._proved.why_disjoint(one, other)
        if why is not None:
            return Meeting(Answer.NEVER, why)
        left, right = upper(one.name), upper(other.name)
        devices = self._certainty.devices(left)
        if not devices or left == right:
            return None
        shared = sorted(devices.keys() & self._certainty.devices(right).keys())
        if not shared:
            return None
        device = f"'{devices[shared[0]]}'"
        others = len(shared) - 1
        words = f"{device} is in both" if not others else f"{device} and {others} more device{'s' * (others > 1)} are in both"
        return Meeting(Answer.SURELY, words)

    def _doubt(self, one: Collection, other: Collection) -> str:
        """Why nothing is proved."""
        left, right = upper(one.name), upper(other.name)
        if left == right:
            return "two policies describe a collection of this name"
        for inner, outer in ((one, other), (other, one)):
            if upper(outer.name) in self._proved.outer(upper(inner.name)):
                return f"'{inner.name}' is limited to '{outer.name}', which has whatever device it has"
        listed = self._certainty.listed(left)
        shared = sorted(listed.keys() & self._certainty.listed(right).keys())
        if shared:
            device = next((one for one in shared if self._may_have(left, right, one)), None)
            unsure = [c.name for c in (one, other) if device is not None and not self._certainty.has(upper(c.name), device)]
            if device is not None and unsure:
                names = " and ".join(f"'{name}'" for name in unsure)
                return f"'{listed[device]}' is listed for both, and only the site knows whether a rule keeps it out of {names}"
        return self._open_sources(one, other)

    def _may_have(self, left: str, right: str, device: str) -> bool:
        return self._certainty.has(left, device) is not False and self._certainty.has(right, device) is not False

    def _open_sources(self, one: Collection, other: Collection) -> str:
        further = next((collection for collection in (one, other) if collection.reaches_further), None)
        if further is not None:
            return _reach(further)
        for inner, outer in ((one, other), (other, one)):
            if outer.members is not None and upper(inner.name) in map(upper, outer.members.include):
                return f"'{outer.name}' includes '{inner.name}'"
        unknown = [collection.name for collection in (one, other) if collection.members is None]
        if len(unknown) == 2:
            return "the site's memberships of both are unknown"
        if unknown:
            return f"the site's membership of '{unknown[0]}' is unknown"
        queries = [c.name for c in (one, other) if c.members is not None and c.members.query is not None]
        if len(queries) == 2:
            return "both have queries"
        if queries:
            return f"'{queries[0]}' has a query"
        return self._open_include(one) or self._open_include(other) or "their rules don't keep them apart"

    def _open_include(self, collection: Collection) -> str | None:
        """The first collection that it includes, directly or not, and that may have any device."""
        waiting, seen = [collection], {upper(collection.name)}
        while waiting:
            current = waiting.pop(0)
            for include in current.members.include if current.members else ():
                name = upper(include)
                inner = self._proved.named(name)
                if inner is None:
                    return f"'{current.name}' includes '{include}', which no policy describes"
                if inner.members is None:
                    return f"'{current.name}' includes '{include}', and the site's membership of that is unknown"
                if inner.members.query is not None:
                    return f"'{current.name}' includes '{include}', which has a query"
                if name not in seen:
                    seen.add(name)
                    waiting.append(inner)
        return None


def _reach(collection: Collection) -> str:
    """Why no site knows which devices a collection has."""
    if INTUNE in collection.targets:
        return f"Intune brings '{collection.name}' to groups, whose devices may be of any collection"
    way = next(target for target in collection.targets if target in BEYOND_A_SITE)
    return f"'{collection.name}' goes by {way} to devices that no site's rule names"
