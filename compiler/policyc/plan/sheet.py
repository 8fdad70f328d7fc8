"""A page for the change board: what changes, where, what can go wrong, the way back, and who approves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policyc.model import Collection, Project
from policyc.plan import grouping
from policyc.plan.model import Action, Change, CollectionPlan, Plan, Subject
from policyc.plan.risks import Risk, risks, unreached
from policyc.plan.summary import identity_pieces, summary
from policyc.plan.wording import (
    Pieces,
    Said,
    change_pieces,
    collection_pieces,
    counted,
    left_pieces,
    means_pieces,
    names,
    together,
    where,
    word_pieces,
)

MOST_ROWS = 15
"""Of one table: what is for one page stays on one. `policyc plan` has all."""
_TO_SIGN = ("Author of the change", "Reviewer of the policies", "Change board")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the sheet: a table, or a sentence where there is nothing to list."""

    title: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Pieces, ...], ...] = ()
    said: tuple[Pieces, ...] = ()
    """Paragraphs before the table."""
    more: int = 0
    """Rows that are left out."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page, in pieces of our own text and of policies'."""

    project: str
    sides: Pieces
    summary: str
    sections: tuple[Section, ...]


def make_sheet(plan: Plan, before: Project, after: Project) -> Sheet:
    """The sheet of a plan between these two projects."""
    old = {one.identity: one for one in before.collections}
    new = {one.slug: one for one in after.collections}
    gone = {one.slug: one for one in before.collections}
    there = {one.slug: new.get(one.slug) or gone[one.slug] for one in plan.collections if one.slug in new or one.slug in gone}
    found = tuple(risks(plan, new))
    return Sheet(
        after.name,
        ["From ", Said(str(plan.base)), " to ", Said(str(plan.head)), f", as of {plan.as_of}"],
        summary(plan),
        (
            _changes(plan),
            _devices(plan, there),
            _risk(found),
            _stays(plan, found, new, old),
            _way_back(plan, there),
            _approval(plan, there),
        ),
    )


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[Pieces, ...]], said: Iterable[Pieces] = ()) -> Section:
    all_rows = tuple(rows)
    return Section(title, head, all_rows[:MOST_ROWS], tuple(said), max(0, len(all_rows) - MOST_ROWS))


def _changes(plan: Plan) -> Section:
    identity = identity_pieces(plan)
    rows = list(_change_rows(plan))
    said: list[Pieces] = [] if rows else [["Nothing."]]
    return _table("What changes", ("Where", "Change"), rows, said if identity is None else [identity])


def _change_rows(plan: Plan) -> Iterator[tuple[Pieces, ...]]:
    for word in plan.project:
        yield ["The project"], word_pieces(word, Action.CHANGED)
    for collection in plan.collections:
        if collection.action not in (None, Action.CHANGED):
            yield ["Collection ", Said(collection.name)], collection_pieces(collection)
    for section in grouping.changes(plan):
        for change in section.items:
            yield where(section.collections), _change(change)


def _change(change: Change) -> Pieces:
    pieces = change_pieces(change)
    if change.words:
        pieces = [*pieces, ". ", *together(change.words, change.action)]
    means = means_pieces(change)
    pieces = [*pieces, ". ", *means] if means else pieces
    return [*pieces, *(part for reason in change.reasons for part in (". Reason: ", Said(reason)))]


def _devices(plan: Plan, there: dict[str, Collection]) -> Section:
    touched = [one for one in plan.collections if one.action]
    held = [one for one in touched if one.held]
    said: list[Pieces] = [[f"{counted(len(touched), 'collection')}. policyc knows rules, the site counts who they reach."]]
    if held:
        said.append(["Held back by an error of its own, so nothing of it is deployed: ", *names(one.name for one in held)])
    rows = ((_named(one), *_reach(there[one.slug])) for one in touched if one.slug in there)
    return _table("On which devices", ("Collection", "Devices", "When"), rows, said)


def _named(collection: CollectionPlan) -> Pieces:
    return [Said(collection.name), f" ({collection.action})"]


def _reach(collection: Collection) -> tuple[Pieces, Pieces]:
    members = collection.members
    parts: list[Pieces] = []
    if members is None:
        parts.append(["as the site has them"])
    else:
        if members.devices:
            parts.append([f"{counted(len(members.devices), 'device')} by name"])
        if members.query is not None:
            parts.append(["those of a query"])
        if members.include:
            parts.append(["those of ", *names(members.include)])
        if members.exclude:
            parts.append(["none of ", *names(members.exclude)])
    if collection.limited_to is not None:
        parts.append(["within ", Said(collection.limited_to)])
    return _joined(parts or [["none"]], "; "), _when(collection)


def _when(collection: Collection) -> Pieces:
    deployment = collection.deployment
    parts: list[Pieces] = [[f"phase {deployment.phase}"]]
    if deployment.start is not None:
        parts.append([f"from {deployment.start.isoformat(timespec='minutes')}{' UTC' if deployment.utc else ''} on"])
    if deployment.maintenance_windows:
        parts.append(["maintenance windows: ", *names(window.name for window in deployment.maintenance_windows)])
    if deployment.outside_maintenance_windows:
        parts.append(["also outside maintenance windows"])
    return _joined(parts, "; ")


def _joined(parts: Iterable[Pieces], between: str) -> Pieces:
    pieces: Pieces = []
    for part in parts:
        pieces += [between, *part] if pieces else part
    return pieces


def _risk(found: tuple[Risk, ...]) -> Section:
    if not found:
        return Section("Risk", said=(["Nothing is written to a device that was not written before."],))
    severe = [f"{number} {name}" for name, number in _counts(found) if number]
    restarts = sum(one.effect == "a restart of the device" for one in found)
    connections = [one for one in found if one.reaches]
    said: list[Pieces] = [[f"By severity: {', '.join(severe)}. Restart needed: {restarts or 'none'}."]]
    if connections:
        number = counted(len(connections), "change")
        said.append([f"Connectivity: {number} of what a device reaches or who reaches it, marked below."])
    else:
        said.append(["Connectivity: no place is known to decide what a device reaches."])
    if slow := [one.name for one in found if one.program]:
        said.append(["Changed by a program alone, as how long it takes isn't bounded: ", *names(slow)])
    rows: list[tuple[Pieces, ...]] = [
        (_risky(one), [one.severity], [one.effect or "not said"], [one.reaches]) for one in _gravest_first(found)
    ]
    return _table("Risk", ("What is written", "Severity", "In effect after", "Connectivity"), rows, said)


def _risky(risk: Risk) -> Pieces:
    pieces: Pieces = [Said(risk.name), ": ", Said(risk.title)]
    return [*pieces, f", in {counted(risk.collections, 'collection')}"] if risk.collections > 1 else pieces


_ORDER = ("critical-with-event", "critical", "warning", "informational", "none")


def _counts(found: tuple[Risk, ...]) -> Iterator[tuple[str, int]]:
    return ((name, sum(one.severity == name for one in found)) for name in _ORDER)


def _gravest_first(found: tuple[Risk, ...]) -> list[Risk]:
    return sorted(found, key=lambda one: (not one.reaches, _ORDER.index(one.severity), one.name))


def _stays(plan: Plan, found: tuple[Risk, ...], new: dict[str, Collection], old: dict[str, Collection]) -> Section:
    rows: list[tuple[Pieces, ...]] = [([Said(one.name)], [one.stays], [one.undo]) for one in found if one.stays]
    for what, why, undo in unreached(plan, new, old):
        rows.append(([what], [why], [undo]))
    for section in grouping.left(plan):
        rows += ((where(section.collections), left_pieces(left), [Said(left.undo)]) for left in section.items)
    if not rows:
        nothing = "Everything that this change writes is in each device's journal, with what was there before, and goes back."
        return Section("What does not go back by itself", said=([nothing],))
    return _table("What does not go back by itself", ("What", "Why", "What takes it back"), rows)


def _way_back(plan: Plan, there: dict[str, Collection]) -> Section:
    steps: tuple[Pieces, ...] = (
        ["1. Revert the change in git and run policyc compile."],
        ["2. Bring it to the site with deploy.ps1: the earlier values are written again at the next evaluation."],
        ["3. deploy.ps1 -Retire for the collection takes back, from the journal, what only the change wrote."],
        ["All of a collection, on single devices: take them out of it, then deploy.ps1 -RollBack."],
    )
    rows: list[tuple[Pieces, ...]] = []
    for one in plan.collections:
        if one.action not in (None, Action.REMOVED) and any(part.remediated for part in there[one.slug].settings):
            again, retire = f"deploy.ps1 -Collection '{one.slug}'", f"deploy.ps1 -Retire '{one.slug}'"
            rows.append(([Said(one.name)], [Said(again)], [Said(retire)]))
    return _table("The way back", ("Collection", "2.", "3."), rows, steps)


def _approval(plan: Plan, there: dict[str, Collection]) -> Section:
    rows: list[tuple[Pieces, ...]] = [([role], [""], [""]) for role in _TO_SIGN]
    touched = {name for change in plan.changes(Subject.EXCEPTION) for name in change.name.split(", ")}
    owners: dict[str, list[str]] = {}
    for collection in there.values():
        for exemption in collection.exemptions:
            if touched & set(exemption.settings):
                owners.setdefault(exemption.owner, []).append(exemption.ticket or "")
    for owner, tickets in sorted(owners.items()):
        known = sorted(filter(None, set(tickets)))
        rows.append((["Owner of an exception: ", Said(owner), *([", ", *names(known)] if known else [])], [""], [""]))
    return _table("Who approves", ("Role", "Name and date", "Signature"), rows)
