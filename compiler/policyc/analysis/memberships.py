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
- who is in an included collection and in the limiting one, and in none of the excluded, is a member.

A device that a direct rule names need not be a member: the site may know no such device, or another of the
same name. A device has one name, so two lists that share none are disjoint.
"""

from __future__ import annotations

from dataclasses import dataclass

from policyc.model import Collection, Members, Project, upper

_ROOT = "ALL SYSTEMS"
"""Every device is in the site's root collection."""
_EFFORT = 3_000_000
"""Clauses looked at for one project, some seconds; what is still open after that isn't proved."""


@dataclass(frozen=True, slots=True)
class _Literal:
    """A proposition about the device, or its denial."""

    about: str | frozenset[str]
    """The upper-cased name of a collection that it is in, or device names of which it has one."""
    holds: bool


_Clause = tuple[_Literal, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is assumed of the device in one branch of a proof."""

    inside: dict[str, bool]
    names: frozenset[str] | None = None
    """The names that it can have; None: any."""
    refused: frozenset[str] = frozenset()
    """Names that it doesn't have."""

    def state(self, literal: _Literal) -> bool | None:
        """Whether the literal is true, false or still open."""
        about = literal.about
        if isinstance(about, str):
            known = self.inside.get(about)
        elif self.names is not None and self.names <= about:
            known = True
        elif self.names is not None and self.names.isdisjoint(about):
            known = False
        else:
            known = False if about <= self.refused else None
        return known if known is None else known is literal.holds

    def assume(self, literal: _Literal) -> _Facts | None:
        """The facts with one more; None if it contradicts them."""
        state = self.state(literal)
        if state is not None:
            return self if state else None
        about = literal.about
        if isinstance(about, str):
            return _Facts({**self.inside, about: literal.holds}, self.names, self.refused)
        if literal.holds:
            names = about - self.refused if self.names is None else self.names & about
            return _Facts(self.inside, names, self.refused) if names else None
        if self.names is None:
            return _Facts(self.inside, None, self.refused | about)
        return _Facts(self.inside, self.names - about, self.refused)


class Memberships:
    """The collections of a project, by what is proved about their members."""

    def __init__(self, project: Project) -> None:
        self._by_name: dict[str, Collection] = {}
        ambiguous = set()
        for collection in project.collections:
            name = upper(collection.name)
            if name in self._by_name:
                ambiguous.add(name)
            self._by_name[name] = collection
        for name in ambiguous:
            del self._by_name[name]
        self._outer: dict[str, frozenset[str]] = {}
        self._refused: dict[str, frozenset[str]] = {}
        self._devices: dict[str, frozenset[str] | None] = {}
        self._circles: dict[str, bool] = {}
        self._closures: dict[str, list[_Clause]] = {}
        self._effort = _EFFORT

    def disjoint(self, one: Collection, other: Collection) -> bool:
        """Whether no device can be in both."""
        left, right = upper(one.name), upper(other.name)
        if left == right:
            return False
        if not self.outer(left).isdisjoint(self.refused(right)) or not self.outer(right).isdisjoint(self.refused(left)):
            return True
        names, others = self.possible_devices(left), self.possible_devices(right)
        if names is not None and others is not None and names.isdisjoint(others):
            return True
        return self._refutes(left, right)

    def outer(self, name: str) -> frozenset[str]:
        """The collection and everything that it is limited to, in upper case."""
        found = self._outer.get(name)
        if found is None:
            chain = [name]
            while (collection := self._by_name.get(chain[-1])) and collection.limited_to is not None:
                limit = upper(collection.limited_to)
                if limit in chain:
                    break
                chain.append(limit)
            found = self._outer[name] = frozenset(chain)
        return found

    def refused(self, name: str) -> frozenset[str]:
        """What the collection, or one that it is limited to, excludes; in upper case."""
        found = self._refused.get(name)
        if found is None:
            found = frozenset(
                upper(excluded)
                for outer in self.outer(name)
                if (collection := self._by_name.get(outer)) and collection.members
                for excluded in collection.members.exclude
            )
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
        branches = [(_Facts(inside), [*self._clauses(left), *self._clauses(right)])]
        while branches:
            facts, clauses = branches.pop()
            self._effort -= len(clauses)
            if self._effort < 0:
                return False
            concluded = _conclude(facts, clauses)
            if concluded is None:
                continue
            facts, clauses = concluded
            if all(any(not literal.holds for literal in clause) for clause in clauses):
                return False  # the device is in none of the collections that are still open
            cases = min((clause for clause in clauses if all(literal.holds for literal in clause)), key=len)
            branches += [(assumed, clauses) for literal in cases if (assumed := facts.assume(literal)) is not None]
        return True

    def _clauses(self, name: str) -> list[_Clause]:
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

    def _rules(self, name: str, collection: Collection) -> list[_Clause]:
        outside = _Literal(name, holds=False)
        limit = None if collection.limited_to is None else upper(collection.limited_to)
        members = collection.members
        clauses: list[_Clause] = [] if limit is None else [(outside, _Literal(limit, holds=True))]
        if members is None:
            return clauses
        excluded = [upper(excluded) for excluded in members.exclude]
        included = [upper(included) for included in members.include]
        clauses += [(outside, _Literal(exclude, holds=False)) for exclude in excluded]
        if has_known_sources(members):
            sources = [_Literal(include, holds=True) for include in included]
            if members.devices:
                sources.append(_Literal(frozenset(map(upper, members.devices)), holds=True))
            clauses.append((outside, *sources))
        if limit is not None and not self._in_a_circle(name):
            # What keeps a device of an included collection out; in a circle of rules the order of evaluation might as well.
            barred = [_Literal(limit, holds=False), *(_Literal(exclude, holds=True) for exclude in excluded)]
            clauses += [(_Literal(name, holds=True), _Literal(include, holds=False), *barred) for include in included]
        return clauses

    def _in_a_circle(self, name: str) -> bool:
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


def neighbours(collection: Collection) -> list[str]:
    """The collections that this one's rules name, in upper case."""
    named = [] if collection.limited_to is None else [collection.limited_to]
    if collection.members is not None:
        named += [*collection.members.include, *collection.members.exclude]
    return [upper(name) for name in named]


def _conclude(facts: _Facts, clauses: list[_Clause]) -> tuple[_Facts, list[_Clause]] | None:
    """The facts with all that follows from them, and the clauses that stay open; None for a contradiction."""
    while True:
        clauses, forced = _open_clauses(facts, clauses)
        if forced is None:
            return None
        if not forced:
            return facts, clauses
        for literal in forced:
            assumed = facts.assume(literal)
            if assumed is None:
                return None
            facts = assumed


def _open_clauses(facts: _Facts, clauses: list[_Clause]) -> tuple[list[_Clause], list[_Literal] | None]:
    """The clauses that don't hold yet, without their false literals, and those literals that must hold.

    None instead of the latter if a clause fails.
    """
    left: list[_Clause] = []
    forced: list[_Literal] = []
    for clause in clauses:
        open_literals = []
        for literal in clause:
            state = facts.state(literal)
            if state:
                break
            if state is None:
                open_literals.append(literal)
        else:
            if not open_literals:
                return left, None
            if len(open_literals) == 1:
                forced.append(open_literals[0])
            else:
                left.append(tuple(open_literals))
    return left, forced
