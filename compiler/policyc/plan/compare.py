"""Two projects, collection by collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from policyc.lowering.slugs import slug as to_slug
from policyc.model import Collection, Mode, Project
from policyc.plan.exceptions import exception_changes
from policyc.plan.left import joined_into, left_behind
from policyc.plan.model import Action, Change, CollectionPlan, Plan, Rise, Side, Subject, Word
from policyc.plan.programs import programs
from policyc.plan.settings import changed_words, moves, setting_changes
from policyc.plan.wording import counted
from policyc.plan.words import (
    Words,
    collection_words,
    deployment_words,
    member_words,
    package_words,
    project_words,
    setting_words,
)

_NOTES = {
    "id": "every object gets a new identity: the site takes all of them for new ones, and devices the old owner for another's",
    "name": "the name is for people: who the estate is stays as it is",
}
"""What a word of the project means for the site and devices."""


def make_plan(
    base: tuple[Side, Project],
    head: tuple[Side, Project],
    days: tuple[date, date],
    *,
    rises: Iterable[Rise] = (),
    held: frozenset[str] = frozenset(),
    site: Mapping[str, tuple[Word, ...]] | None = None,
) -> Plan:
    """What changes from the one project to the other.

    `held` are the slugs whose output is held back, `site` (by slug) what an output folder says otherwise of deployments.
    """
    before, after = base[1], head[1]
    by_identity: dict[str, list[Rise]] = {}
    for rise in rises:
        by_identity.setdefault(rise.object.partition("/")[0], []).append(rise)
    plans = []
    joined = {to_slug(name): collection for collection in after.collections for name in collection.formerly}
    for one, other in pairs(before.collections, after.collections):
        plan = _collection(one, other, (before, after), days, (site or {}).get(other.slug, ()) if other else ())
        shown = other or one
        assert shown is not None  # noqa: S101 - one of a pair is there
        if other is None and shown.identity in joined:
            plan = replace(plan, left=(joined_into(joined[shown.identity]),))
        plan = replace(plan, held=plan.slug in held, rises=tuple(by_identity.get(shown.identity, ())))
        if plan.action or plan.moved or plan.rises:
            plans.append(plan)
    plans.sort(key=lambda plan: (plan.slug, plan.file))
    return Plan(base[0], head[0], days[1].isoformat(), _project(before, after), tuple(plans))


def _project(before: Project, after: Project) -> tuple[Word, ...]:
    words = changed_words(project_words(before), project_words(after))
    return tuple(replace(word, note=_NOTES.get(word.word, "")) for word in words)


Pair = tuple[Collection | None, Collection | None]


def pairs(before: Iterable[Collection], after: Iterable[Collection]) -> Iterator[Pair]:
    """Each collection with what it was: by who it is, then by CollectionID, by file, by what it says."""
    old = {collection.identity: collection for collection in before}
    rest: dict[str, Collection] = {}
    for collection in after:
        known = old.pop(collection.identity, None)
        if known is None:
            rest[collection.identity] = collection
        else:
            yield known, collection
    for sign in (_id, _file, _content):
        yield from _joined(old, rest, sign)
    yield from ((collection, None) for collection in old.values())
    yield from ((None, collection) for collection in rest.values())


def _joined(
    old: dict[str, Collection], rest: dict[str, Collection], sign: Callable[[Collection], str | None]
) -> Iterator[tuple[Collection, Collection]]:
    """Those of both sides that have one sign, and are the only ones on their side that have it. They are taken out."""
    olds, news = _by_sign(old, sign), _by_sign(rest, sign)
    for mark, slug in news.items():
        known = olds.get(mark)
        if slug is not None and known is not None:
            yield old.pop(known), rest.pop(slug)


def _by_sign(collections: Mapping[str, Collection], sign: Callable[[Collection], str | None]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for slug, collection in collections.items():
        mark = sign(collection)
        if mark is not None:
            found[mark] = None if mark in found else slug
    return found


def _id(collection: Collection) -> str | None:
    return collection.id


def _file(collection: Collection) -> str | None:
    return collection.origin.file or None


def _content(collection: Collection) -> str | None:
    """What it says of its devices; None where it says too little to be known by it."""
    said = [sorted(setting_words(setting).items()) for setting in sorted(collection.settings, key=lambda setting: setting.id)]
    if not said and collection.members is None:
        return None
    return repr((said, member_words(collection), collection.vocabulary_states))


def _collection(
    before: Collection | None,
    after: Collection | None,
    projects: tuple[Project, Project],
    days: tuple[date, date],
    site: tuple[Word, ...],
) -> CollectionPlan:
    changes = tuple(_changes(before, after, projects, days))
    if site and before is not None and after is not None:
        changes = (*changes, Change(Subject.DEPLOYMENT, "", "", Action.CHANGED, site))
    shown = after or before
    assert shown is not None  # noqa: S101 - one of a pair is there
    action, was = _action(before, after, changes)
    return CollectionPlan(
        shown.name,
        shown.slug,
        shown.origin.file,
        action,
        was,
        changes=changes,
        moved=tuple(moves(before, after)) if before and after else (),
        left=tuple(left_behind(before, after)),
        stays=was is not None and before is not None and before.identity == shown.identity,
    )


def _action(
    before: Collection | None, after: Collection | None, changes: tuple[Change, ...]
) -> tuple[Action | None, tuple[str, str] | None]:
    if before is None:
        return Action.ADDED, None
    if after is None:
        return Action.REMOVED, None
    if before.slug != after.slug:
        return Action.RENAMED, (before.name, before.slug)
    return (Action.CHANGED if changes else None), None


def _changes(
    before: Collection | None, after: Collection | None, projects: tuple[Project, Project], days: tuple[date, date]
) -> Iterator[Change]:
    yield from _words(Subject.COLLECTION, before, after, collection_words, _audit_note(before, after))
    yield from _words(Subject.MEMBERS, before, after, member_words)
    yield from setting_changes(before, after)
    yield from exception_changes(before, after, *days)
    yield from _named(Subject.PACKAGE, _packages(before), _packages(after))
    yield from _named(Subject.PROGRAM, programs(projects[0], before), programs(projects[1], after))
    if before is not None and after is not None:
        yield from _words(Subject.DEPLOYMENT, before, after, lambda collection: deployment_words(collection.deployment))
    elif after is not None:
        # Of a new collection only what isn't the default.
        words = tuple(changed_words(deployment_words(type(after.deployment)()), deployment_words(after.deployment)))
        if words:
            told = tuple(replace(word, before=None) for word in words)
            yield Change(Subject.DEPLOYMENT, "", "", Action.ADDED, told)


def _words(
    subject: Subject,
    before: Collection | None,
    after: Collection | None,
    words_of: Callable[[Collection], Words],
    notes: Mapping[str, str] | None = None,
) -> Iterator[Change]:
    old = {} if before is None else words_of(before)
    new = {} if after is None else words_of(after)
    found = tuple(replace(word, note=(notes or {}).get(word.word, "")) for word in changed_words(old, new))
    if found:
        yield Change(subject, "", "", _by_presence(before, after), found)


def _by_presence(before: object, after: object) -> Action:
    return Action.ADDED if before is None else Action.REMOVED if after is None else Action.CHANGED


def _audit_note(before: Collection | None, after: Collection | None) -> dict[str, str]:
    if before is None or after is None:
        return {}
    if after.mode is Mode.AUDIT:
        number = sum(setting.remediated for setting in before.settings)
        return {"mode": f"{counted(number, 'setting')} only reported from now on, remediated until now"}
    number = sum(setting.remediated for setting in after.settings)
    return {"mode": f"{counted(number, 'setting')} remediated from now on, only reported until now"}


def _packages(collection: Collection | None) -> dict[str, Words]:
    return {} if collection is None else {package.id: package_words(package) for package in collection.packages}


def _named(subject: Subject, before: Mapping[str, Words], after: Mapping[str, Words]) -> Iterator[Change]:
    for name in dict.fromkeys((*after, *before)):
        old, new = before.get(name), after.get(name)
        words = tuple(changed_words(old or {}, new or {}))
        if words:
            yield Change(subject, name, "", _by_presence(old, new), words)


__all__ = ["make_plan", "pairs"]
