"""Who each collection is, whatever it is called now: the slug of its first name, and what it owned under others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from policyc.diagnostics import Diagnostic, Related, error
from policyc.lowering.slugs import slug
from policyc.model import Collection, Location, Project, is_derived, owner


def identified(project: Project, found: list[Diagnostic]) -> Project:
    """The project with the identity of each collection; `found` is told where two claim one name."""
    claims = _claims(project.collections, {slug(name) for name in project.departed})
    found += _contested(project, claims)
    collections = tuple(
        _identified(project.id, collection, claims[number]) for number, collection in enumerate(project.collections)
    )
    return replace(project, collections=collections)


def _claims(collections: Iterable[Collection], departed: AbstractSet[str]) -> tuple[dict[str, str], ...]:
    """The names that each collection claims, by slug: its former ones, and its own where no other was called so before."""
    former = [{slug(name): name for name in collection.formerly} for collection in collections]
    taken = {one for names in former for one in names} | departed
    return tuple(
        names if names and collection.slug in taken else {**names, collection.slug: collection.name}
        for names, collection in zip(former, collections, strict=True)
    )


def _identified(estate: str, collection: Collection, claims: Mapping[str, str]) -> Collection:
    first = slug(collection.formerly[0]) if collection.formerly else ""
    own = first or collection.slug
    adopts = [owner(estate, one) for one in claims if one != own]
    if is_derived(estate):
        # Journals from before there were ids name their owners by the slug alone.
        adopts += [own, *(one for one in claims if one != own)]
    return replace(collection, first="" if first == collection.slug else first, estate=estate, adopts=tuple(adopts))


def _contested(project: Project, claims: tuple[dict[str, str], ...]) -> Iterator[Diagnostic]:
    owners: dict[str, int] = {}
    for number, collection in enumerate(project.collections):
        for index, name in enumerate(collection.formerly):
            first = owners.setdefault(slug(name), number)
            if first != number:
                other = project.collections[first]
                message = f"'{collection.name}' and '{other.name}' both say that they were called '{name}'"
                way_out = "leave the name to the one that goes on with it, and take it out of the other"
                node = collection.origin.below("collection", "formerly", index)
                related = [Related(_node(other, slug(name)), f"'{other.name}' says so too")]
                yield error("PC0351", message, node, help=way_out, related=related)
    for collection in project.collections:
        taken = owners.get(collection.slug)
        if taken is None or project.collections[taken] is collection or collection.formerly:
            continue
        other = project.collections[taken]
        message = f"'{collection.name}' is the name that '{other.name}' had, which still owns what it changed under it"
        way_out = f"choose another name; or, where this one was renamed too, say how it was called: 'formerly: [{other.name}]'"
        node = collection.origin.below("collection", "name")
        related = [Related(_node(other, collection.slug), f"'{other.name}' was called so")]
        yield error("PC0350", message, node, help=way_out, related=related)
    yield from _returned(project, claims)


def _returned(project: Project, claims: tuple[dict[str, str], ...]) -> Iterator[Diagnostic]:
    """Names that are said to be gone, and are there."""
    there = {one: number for number, names in enumerate(claims) for one in names}
    for index, name in enumerate(project.departed):
        if (number := there.get(slug(name))) is not None:
            collection = project.collections[number]
            message = f"'{name}' has departed, and yet '{collection.name}' is called so, or was"
            way_out = (
                f"take it out of 'departed:': '{collection.name}' then owns again what was left of it; or choose another name"
            )
            related = [Related(_node(collection, slug(name)), f"the collection '{collection.name}'")]
            yield error("PC0352", message, project.origin.below("departed", index), help=way_out, related=related)


def _node(collection: Collection, claimed: str) -> Location:
    for index, name in enumerate(collection.formerly):
        if slug(name) == claimed:
            return collection.origin.below("collection", "formerly", index)
    return collection.origin.below("collection", "name")
