"""Proof by cases: what clauses over one device force, and whether they contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A proposition about the device, or its denial."""

    about: str | frozenset[str]
    """The upper-cased name of a collection that it is in, or device names of which it has one."""
    holds: bool


Clause = tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is assumed of the device in one branch of a proof."""

    inside: dict[str, bool]
    names: frozenset[str] | None = None
    """The names that it can have; None: any."""
    refused: frozenset[str] = frozenset()
    """Names that it doesn't have."""

    def state(self, literal: Literal) -> bool | None:
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

    def news(self, literals: Iterable[Literal]) -> list[str]:
        """The collections that these literals put the device into, and that it wasn't known to be in."""
        names = (one.about for one in literals if one.holds and isinstance(one.about, str))
        return [name for name in dict.fromkeys(names) if name not in self.inside]

    def assume_all(self, literals: Iterable[Literal]) -> Facts | None:
        """The facts with some more; None if they contradict these or each other."""
        inside = dict(self.inside)
        facts = Facts(inside, self.names, self.refused)
        for literal in literals:
            if isinstance(literal.about, str):
                if inside.setdefault(literal.about, literal.holds) is not literal.holds:
                    return None
            else:
                assumed = facts.assume(literal)
                if assumed is None:
                    return None
                facts = assumed
        return facts

    def assume(self, literal: Literal) -> Facts | None:
        """The facts with one more; None if it contradicts them."""
        state = self.state(literal)
        if state is not None:
            return self if state else None
        about = literal.about
        if isinstance(about, str):
            return Facts({**self.inside, about: literal.holds}, self.names, self.refused)
        if literal.holds:
            names = about - self.refused if self.names is None else self.names & about
            return Facts(self.inside, names, self.refused) if names else None
        if self.names is None:
            return Facts(self.inside, None, self.refused | about)
        return Facts(self.inside, self.names - about, self.refused)


def conclude(
    facts: Facts, clauses: list[Clause], inside: Iterable[str], rules: Callable[[str], list[Clause]]
) -> tuple[Facts, list[Clause]] | None:
    """The facts with all that follows from them, and the clauses that stay open; None for a contradiction.

    `inside` are the collections that the device was just put into. What `rules` has on a collection says something only of a
    device in it, so it is asked for no sooner: most of a large estate never comes in.
    """
    while True:
        for name in inside:
            clauses = [*clauses, *rules(name)]
        clauses, forced = _open_clauses(facts, clauses)
        if forced is None:
            return None
        if not forced:
            return facts, clauses
        inside = facts.news(forced)
        assumed = facts.assume_all(forced)
        if assumed is None:
            return None
        facts = assumed


def _open_clauses(facts: Facts, clauses: list[Clause]) -> tuple[list[Clause], list[Literal] | None]:
    """The clauses that don't hold yet, without their false literals, and those literals that must hold.

    None instead of the latter if a clause fails.
    """
    left: list[Clause] = []
    forced: list[Literal] = []
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
