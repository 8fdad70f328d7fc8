"""Collections named by the rules of others: circles, slips of the pen, and members that come from nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.analysis.memberships import neighbours
from policyc.analysis.spellings import Spellings
from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.diagnostics.cures import write
from policyc.model import Collection, Location, Project, upper
from policyc.source.wording import as_yaml


def collection_names(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Whether each collection that a rule names can be the one that is meant."""
    by_name = {upper(collection.name): collection for collection in project.collections}
    yield from _circles(by_name)
    yield from _included_in_itself(by_name)
    spellings: Spellings | None = None
    guesses: dict[str, str | None] = {}
    for collection in project.collections:
        for name, location in _references(collection):
            key = upper(name)
            if key in by_name:
                continue
            if key not in guesses:
                spellings = spellings or Spellings([known.name for known in project.collections])
                guesses[key] = spellings.nearest(name)
            meant = guesses[key]
            if meant is not None:
                yield warning(
                    "PC0403",
                    f"No policy describes a collection '{name}', but one describes '{meant}'",
                    location,
                    help=f"write '{meant}' if that is the one; if the site has another collection of this name, all is well",
                    cures=[write(location, as_yaml(meant))],
                    related=[Related(by_name[upper(meant)].origin.below("collection", "name"), f"'{meant}' is described here")],
                )
        members = collection.members
        if members is not None and members.query is None and not members.devices and not members.include:
            yield warning(
                "PC0419",
                f"The members of '{collection.name}' come from nowhere: the collection would be empty",
                collection.origin.below("collection", "members"),
                help="add 'query:', 'devices:' or 'include:'; without 'members:' the site's own membership stands",
            )


def _references(collection: Collection) -> list[tuple[str, Location]]:
    head = collection.origin.below("collection")
    found = [] if collection.limited_to is None else [(collection.limited_to, head.below("limited_to"))]
    if collection.members is not None:
        found += [(name, head.below("members", "include", at)) for at, name in enumerate(collection.members.include)]
        found += [(name, head.below("members", "exclude", at)) for at, name in enumerate(collection.members.exclude)]
    return found


def _circles(by_name: dict[str, Collection]) -> Iterator[Diagnostic]:
    """Rules that lead back to their own collection: no site takes them."""
    done: set[str] = set()
    for collection in by_name.values():
        own = upper(collection.name)
        if own not in neighbours(collection):
            continue
        for location in [location for name, location in _references(collection) if upper(name) == own]:
            done.add(own)
            rule = next(step for step in reversed(location.path) if isinstance(step, str))
            yield error("PC0402", f"'{collection.name}' names itself in '{rule}'", location, help="name another collection")
    for start in by_name:
        chain: list[str] = []
        name: str | None = start
        while name in by_name and name not in done:
            done.add(name)
            chain.append(name)
            limit = by_name[name].limited_to
            name = None if limit is None else upper(limit)
        if name in chain:
            yield _limited_to_itself([by_name[link] for link in chain[chain.index(name) :]])


def _included_in_itself(by_name: dict[str, Collection]) -> Iterator[Diagnostic]:
    """Circles that an include rule is part of. Each collection is entered once."""
    done: set[str] = set()
    for start, first in by_name.items():
        way: dict[str, str] = {}
        stack: list[tuple[str, Iterator[tuple[str, str]]]] = []
        if start not in done:
            done.add(start)
            way[start] = ""
            stack.append((start, _members_from(first)))
        while stack:
            name, rules = stack[-1]
            rule, target = next(rules, ("", ""))
            if not rule:
                stack.pop()
                del way[name]
            elif target in way and target != name:
                circle = [link for link, _ in stack][list(way).index(target) :]
                used = [way[link] for link in circle[1:]] + [rule]
                if "includes" in used:
                    yield _circle([by_name[link] for link in circle], used)
            elif target in by_name and target not in done:
                done.add(target)
                way[target] = rule
                stack.append((target, _members_from(by_name[target])))


def _members_from(collection: Collection) -> Iterator[tuple[str, str]]:
    """(Rule, collection in capitals) on whose members this collection's own depend."""
    if collection.limited_to is not None:
        yield "is limited to", upper(collection.limited_to)
    if collection.members is not None:
        for name in collection.members.include:
            yield "includes", upper(name)


def _circle(circle: list[Collection], rules: list[str]) -> Diagnostic:
    following = [*circle[1:], circle[0]]
    steps = [f"'{one.name}' {rule} '{other.name}'" for one, rule, other in zip(circle, rules, following, strict=True)]
    return error(
        "PC0402",
        f"The members of '{circle[0].name}' depend on themselves: {', '.join(steps)}",
        circle[0].origin.below("collection", "name"),
        help="take one of these rules out",
        related=[
            Related(one.origin.below("collection", "name"), step) for one, step in zip(circle[1:], steps[1:], strict=True)
        ],
    )


def _limited_to_itself(circle: list[Collection]) -> Diagnostic:
    first = circle[0]
    return error(
        "PC0402",
        f"'{first.name}' is limited to itself, by way of '{first.limited_to}'",
        first.origin.below("collection", "limited_to"),
        help="limit one of these collections to another, such as 'All Systems'",
        related=[
            Related(link.origin.below("collection", "limited_to"), f"'{link.name}' is limited to '{link.limited_to}'")
            for link in circle[1:]
        ],
    )
