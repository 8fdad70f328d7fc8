"""What the policies prove about who can be in a collection.

Every device is judged for itself: for one device, "is in collection C" is a proposition, and each rule of the
site is a clause over such propositions. Two collections are disjoint if no assignment puts the device in both;
that is what `disjoint` tries to refute. Whatever isn't known (queries, the site's own membership, collections
that only the site has, a limiting collection that the policy doesn't name) is left open, so that it proves
nothing.

The rules (documentation of collections: a collection is a subset of its limiting collection, exclude wins over
include):

- a member is in the limiting collection, and in none of the excluded ones;
- a member of a collection with neither query nor unknown membership is one of its devices or in one of the included;
- who is in an included collection and in the limiting one, and in none of the excluded, is a member;
- no device is in two collections that a statement keeps apart, where statements are given.

A device that a direct rule names need not be a member: the site may know no such device, or another of the
same name. A device has one name, so two lists that share none are disjoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policyc.analysis.proof import Clause, Facts, Literal, conclude
from policyc.model import Apart, Collection, Members, Project, upper

_ROOT = "ALL SYSTEMS"
"""Every device is in the site's root collection."""
_EFFORT = 3_000_000
"""Clauses looked at for one project, some seconds; what is still open after that isn't proved."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a collection takes no device of another one."""

    by: str
    """The collection, or the one among its limits, that refuses; in upper case."""
    stated: str | None = None
    """The reason of a statement; None: an exclude rule."""


class Memberships:
    """The collections of a project, by what is proved about their members."""

    def __init__(self, project: Project, statements: Iterable[Apart] = ()) -> None:
        self._by_name: dict[str, Collection] = {}
        ambiguous = set()
        for collection in project.collections:
            name = upper(collection.name)
            if name in self._by_name:
                ambiguous.add(name)
            self._by_name[name] = collection
        for name in ambiguous:
            del self._by_name[name]
        self._stated: dict[str, dict[str, str]] = {}
        for apart in statements:
            names = dict.fromkeys(map(upper, apart.collections))
            for name in names:
                self._stated.setdefault(name, {}).update((other, apart.reason) for other in names if other != name)
        self._outer: dict[str, tuple[str, ...]] = {}
        self._refused: dict[str, dict[str, _Refusal]] = {}
        self._devices: dict[str, frozenset[str] | None] = {}
        self._circles: dict[str, bool] = {}
        self._closures: dict[str, list[Clause]] = {}
        self._effort = _EFFORT

    def named(self, name: str) -> Collection | None:
        """The one collection of this name, which is given in upper case."""
        return self._by_name.get(name)

    def disjoint(self, one: Collection, other: Collection) -> bool:
        """Whether no device can be in both."""
        return self.why_disjoint(one, other) is not None

    def why_disjoint(self, one: Collection, other: Collection) -> str | None:
        """Why no device can be in both; None where that isn't proved."""
        left, right = upper(one.name), upper(other.name)
        if left == right:
            return None
        refusal = self._refusal(left, right) or self._refusal(right, left)
        if refusal is not None:
            return refusal
        names, others = self.possible_devices(left), self.possible_devices(right)
        if names is not None and others is not None and names.isdisjoint(others):
            return "they list different devices"
        return "their rules, taken together, leave no device for both" if self._refutes(left, right) else None

    def _refusal(self, taken: str, refusing: str) -> str | None:
        """Words for: the one, or what it is limited to, is refused by the other, or by what that is limited to."""
        refused = self.refused(refusing)
        link = next((link for link in self.outer(taken) if link in refused), None)
        if link is None:
            return None
        refusal = refused[link]
        subject, target = self._spelled(refusal.by), self._spelled(link)
        if refusal.by != refusing:
            subject += f", to which {self._spelled(refusing)} is limited,"
        if link != taken:
            target += f", to which {self._spelled(taken)} is limited"
        if refusal.stated is not None:
            return f"the project keeps {subject} apart from {target}: {refusal.stated}"
        return f"{subject} excludes {target}"

    def _spelled(self, name: str) -> str:
        collection = self._by_name.get(name)
        if collection is not None:
            return f"'{collection.name}'"
        rules = (spelled for one in self._by_name.values() for spelled in named_by(one) if upper(spelled) == name)
        return f"'{next(rules, name)}'"

    def outer(self, name: str) -> tuple[str, ...]:
        """The collection and everything that it is limited to, from the inside out and in upper case."""
        found = self._outer.get(name)
        if found is None:
            chain = {name: None}
            last = name
            while (collection := self._by_name.get(last)) and collection.limited_to is not None:
                last = upper(collection.limited_to)
                if last in chain:
                    break
                chain[last] = None
            found = self._outer[name] = tuple(chain)
        return found

    def refused(self, name: str) -> dict[str, _Refusal]:
        """What the collection, or one that it is limited to, excludes or is kept apart from; in upper case."""
        found = self._refused.get(name)
        if found is None:
            found = {}
            for outer in self.outer(name):
                collection = self._by_name.get(outer)
                for excluded in collection.members.exclude if collection and collection.members else ():
                    found.setdefault(upper(excluded), _Refusal(outer))
                for apart, reason in self._stated.get(outer, {}).items():
                    found.setdefault(apart, _Refusal(outer, reason))
            self._refused[name] = found
        return found

    def possible_devices(self, name: str) -> frozenset[str] | None:
        """The only devices that can be members, by upper-cased name; None where the policies don't say."""
        if name not in self._devices:
            self._devices[name] = self._listed(name)
        return self._devices[name]

    def _listed(self, name: str) -> frozenset[str] | None:
        """The devices of the collection and of all that it includes, directly or not."""
        listed: set[str] = set()
        waiting, seen = [name], {name}
        while waiting:
            collection = self._by_name.get(waiting.pop())
            if collection is None or collection.members is None or not has_known_sources(collection.members):
                return None
            listed.update(map(upper, collection.members.devices))
            for included in map(upper, collection.members.include):
                if included not in seen:
                    seen.add(included)
                    waiting.append(included)
        return frozenset(listed)

    def _refutes(self, left: str, right: str) -> bool:
        """Whether a device in both contradicts the rules: forced conclusions first, then case by case."""
        inside = {left: True, right: True}
        if _ROOT not in self._by_name:
            inside[_ROOT] = True
        branches = [(Facts(inside), [*self._clauses(left), *self._clauses(right)])]
        while branches:
            facts, clauses = branches.pop()
            self._effort -= len(clauses)
            if self._effort < 0:
                return False
            concluded = conclude(facts, clauses)
            if concluded is None:
                continue
            facts, clauses = concluded
            if all(any(not literal.holds for literal in clause) for clause in clauses):
                return False  # the device is in none of the collections that are still open
            cases = min((clause for clause in clauses if all(literal.holds for literal in clause)), key=len)
            branches += [(assumed, clauses) for literal in cases if (assumed := facts.assume(literal)) is not None]
        return True

    def _clauses(self, name: str) -> list[Clause]:
        """The rules of the collection and of all that it names, directly or not."""
        clauses = self._closures.get(name)
        if clauses is None:
            clauses = self._closures[name] = []
            waiting, seen = [name], {name}
            while waiting:
                current = waiting.pop()
                collection = self._by_name.get(current)
                if collection is None:
                    continue
                clauses += self._rules(current, collection)
                for neighbour in neighbours(collection):
                    if neighbour not in seen:
                        seen.add(neighbour)
                        waiting.append(neighbour)
        return clauses

    def _rules(self, name: str, collection: Collection) -> list[Clause]:
        outside = Literal(name, holds=False)
        limit = None if collection.limited_to is None else upper(collection.limited_to)
        members = collection.members
        clauses: list[Clause] = [(outside, Literal(apart, holds=False)) for apart in self._stated.get(name, ())]
        if limit is not None:
            clauses.append((outside, Literal(limit, holds=True)))
        if members is None:
            return clauses
        excluded = [upper(excluded) for excluded in members.exclude]
        included = [upper(included) for included in members.include]
        clauses += [(outside, Literal(exclude, holds=False)) for exclude in excluded]
        if has_known_sources(members):
            sources = [Literal(include, holds=True) for include in included]
            if members.devices:
                sources.append(Literal(frozenset(map(upper, members.devices)), holds=True))
            clauses.append((outside, *sources))
        if limit is not None and not self.in_a_circle(name):
            # What keeps a device of an included collection out; in a circle of rules the order of evaluation might as well.
            barred = [Literal(limit, holds=False), *(Literal(exclude, holds=True) for exclude in excluded)]
            clauses += [(Literal(name, holds=True), Literal(include, holds=False), *barred) for include in included]
        return clauses

    def in_a_circle(self, name: str) -> bool:
        """Whether the collection's rules lead back to it."""
        found = self._circles.get(name)
        if found is None:
            waiting, seen = [name], set()
            while waiting:
                collection = self._by_name.get(waiting.pop())
                for neighbour in neighbours(collection) if collection else ():
                    if neighbour not in seen:
                        seen.add(neighbour)
                        waiting.append(neighbour)
            found = self._circles[name] = name in seen
        return found


def has_known_sources(members: Members) -> bool:
    """Whether the policy lists everything that a member can come from.

    A query may find any device. Members without a source are taken for not said, not for nobody.
    """
    return members.query is None and bool(members.devices or members.include)


def named_by(collection: Collection) -> list[str]:
    """The collections that this one's rules name."""
    named = [] if collection.limited_to is None else [collection.limited_to]
    if collection.members is not None:
        named += [*collection.members.include, *collection.members.exclude]
    return named


def neighbours(collection: Collection) -> list[str]:
    """The collections that this one's rules name, in upper case."""
    return [upper(name) for name in named_by(collection)]
