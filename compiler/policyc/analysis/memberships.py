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

from policyc.analysis.proof import Clause, Facts, Literal, conclude
from policyc.model import Apart, Collection, Members, Project, upper
from policyc.model.records import dataclass

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
        self._about: dict[str, list[Clause]] = {}
        self._bringing: dict[str, list[Clause]] | None = None
        self._neighbours: dict[str, list[str]] = {}
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

    def stated(self, one: Collection, other: Collection) -> str | None:
        """What the project itself says of these two, whatever their rules prove; None where it says nothing."""
        reason = self._stated.get(upper(one.name), {}).get(upper(other.name))
        return None if reason is None else f"the project keeps '{one.name}' apart from '{other.name}': {reason}"

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
        start: list[Clause] = []
        branches = [(Facts(inside), start, list(inside))]
        while branches:
            facts, clauses, news = branches.pop()
            concluded = conclude(facts, clauses, news, self._rules)
            self._effort -= len(clauses) + 1
            if self._effort < 0:
                return False
            if concluded is None:
                continue
            facts, clauses = concluded
            if all(any(not literal.holds for literal in clause) for clause in clauses):
                return False  # the device is in none of the collections that are still open
            cases = min((clause for clause in clauses if all(literal.holds for literal in clause)), key=len)
            for literal in reversed(cases):
                assumed = facts.assume(literal)
                if assumed is not None:
                    branches.append((assumed, clauses, facts.news([literal])))
        return True

    def _rules(self, name: str) -> list[Clause]:
        """What holds of a device in this collection."""
        clauses = self._about.get(name)
        if clauses is None:
            if self._bringing is None:
                self._bringing = self._included()
            clauses = [*self._own_rules(name), *self._bringing.get(name, ())]
            self._effort -= len(clauses)
            self._about[name] = clauses
        return clauses

    def _own_rules(self, name: str) -> list[Clause]:
        outside = Literal(name, holds=False)
        clauses: list[Clause] = [(outside, Literal(apart, holds=False)) for apart in self._stated.get(name, ())]
        collection = self._by_name.get(name)
        if collection is None:
            return clauses
        if collection.limited_to is not None:
            clauses.append((outside, Literal(upper(collection.limited_to), holds=True)))
        members = collection.members
        if members is None:
            return clauses
        clauses += [(outside, Literal(upper(excluded), holds=False)) for excluded in members.exclude]
        if has_known_sources(members):
            sources = [Literal(upper(included), holds=True) for included in members.include]
            if members.devices:
                sources.append(Literal(frozenset(map(upper, members.devices)), holds=True))
            clauses.append((outside, *sources))
        return clauses

    def _included(self) -> dict[str, list[Clause]]:
        """The rules that bring devices of a collection into those that include it."""
        found: dict[str, list[Clause]] = {}
        for name, collection in self._by_name.items():
            members = collection.members
            if members is None or not members.include or collection.limited_to is None or self.in_a_circle(name):
                continue  # in a circle of rules the order of evaluation might keep a device out as well
            limit = Literal(upper(collection.limited_to), holds=False)
            barred = [limit, *(Literal(upper(excluded), holds=True) for excluded in members.exclude)]
            for included in map(upper, members.include):
                clause = (Literal(name, holds=True), Literal(included, holds=False), *barred)
                found.setdefault(included, []).append(clause)
        return found

    def in_a_circle(self, name: str) -> bool:
        """Whether the collection's rules lead back to it."""
        found = self._circles.get(name)
        if found is None:
            waiting, seen = [name], set()
            while waiting:
                fresh = [neighbour for neighbour in self._named_by(waiting.pop()) if neighbour not in seen]
                seen.update(fresh)
                waiting += fresh
            found = self._circles[name] = name in seen
        return found

    def _named_by(self, name: str) -> list[str]:
        found = self._neighbours.get(name)
        if found is None:
            collection = self._by_name.get(name)
            found = self._neighbours[name] = [] if collection is None else neighbours(collection)
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
