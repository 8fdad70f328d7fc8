"""Equal things told once, with all collections that they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from policyc.plan.left import retire
from policyc.plan.model import Action, Change, CollectionPlan, Left, Moved, Plan, Rise

T = TypeVar("T")
_RETIRE_ANY = retire("COLLECTION")


@dataclass(frozen=True, slots=True)
class Section(Generic[T]):
    """What is the same in some collections."""

    collections: tuple[CollectionPlan, ...]
    items: tuple[T, ...]


def changes(plan: Plan) -> list[Section[Change]]:
    """The changes, those that reach most collections first. What goes with a whole collection isn't told one by one."""
    staying = [collection for collection in plan.collections if collection.action is not Action.REMOVED]

    def told(collection: CollectionPlan) -> tuple[Change, ...]:
        return tuple(replace(change.shared, means=_for_any(change.means, collection)) for change in collection.changes)

    return [
        Section(found.collections, tuple(replace(change, means=_for_these(change.means, found)) for change in found.items))
        for found in _sections(staying, told)
    ]


def left(plan: Plan) -> list[Section[Left]]:
    """What is left behind."""

    def told(collection: CollectionPlan) -> tuple[Left, ...]:
        return tuple(replace(left, undo=_for_any(left.undo, collection)) for left in collection.left)

    return [
        Section(found.collections, tuple(replace(left, undo=_for_these(left.undo, found)) for left in found.items))
        for found in _sections(plan.collections, told)
    ]


def _for_any(text: str, collection: CollectionPlan) -> str:
    """A command that names the collection, as it is for any of them."""
    return text.replace(retire(collection.slug), _RETIRE_ANY)


def _for_these(text: str, found: Section[T]) -> str:
    return text.replace(_RETIRE_ANY, retire(found.collections[0].slug)) if len(found.collections) == 1 else text


def moved(plan: Plan) -> list[Section[Moved]]:
    """Settings that come by another way."""
    return _sections(plan.collections, lambda collection: collection.moved)


def rises(plan: Plan) -> list[Section[Rise]]:
    """Revisions that rise, of objects without their collection."""
    return _sections(
        plan.collections,
        lambda collection: tuple(replace(rise, object=rise.object.partition("/")[2]) for rise in collection.rises),
        whole=True,
    )


def _sections(
    collections: Iterable[CollectionPlan], things: Callable[[CollectionPlan], tuple[T, ...]], *, whole: bool = False
) -> list[Section[T]]:
    """With `whole`, collections come together only where all of it is the same."""
    # Equal changes are one object's worth of text: their repr is compared, as values may hold lists.
    reached: dict[str, list[CollectionPlan]] = {}
    known: dict[str, T] = {}
    for collection in collections:
        for thing in things(collection):
            key = repr((things(collection), thing) if whole else thing)
            known.setdefault(key, thing)
            reached.setdefault(key, []).append(collection)
    together: dict[tuple[str, ...], list[T]] = {}
    who: dict[tuple[str, ...], tuple[CollectionPlan, ...]] = {}
    for key, found in reached.items():
        names = tuple(f"{collection.slug}\0{collection.file}" for collection in found)
        together.setdefault(names, []).append(known[key])
        who[names] = tuple(found)
    return [
        Section(who[names], tuple(items))
        for names, items in sorted(together.items(), key=lambda pair: (-len(pair[0]), pair[0]))
    ]
