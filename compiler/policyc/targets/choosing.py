"""Which targets a project's collections go by, and what none of them takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from policyc.diagnostics import Diagnostic, error, note
from policyc.model import BY_HAND, Collection, Location, Project
from policyc.targets import Choosy, Refusal, Target


def named_targets(project: Project) -> tuple[str, ...]:
    """The names of all targets, the project's first."""
    return tuple(dict.fromkeys((*project.targets, *(name for one in project.collections for name in one.targets))))


def without_collections(project: Project) -> Project:
    """What all collections have alike; `targets` are all that any of them goes by."""
    return replace(project, collections=(), targets=named_targets(project))


def naming(project: Project, target: str) -> Location:
    """Where a target is named."""
    if target in project.targets:
        return project.origin.below("targets", project.targets.index(target))
    one = next(one for one in project.collections if target in one.targets)
    return one.origin.below("targets", one.targets.index(target))


def going_by(project: Project, target: str) -> Project:
    """The project with the collections that go by a target alone."""
    mine = tuple(one for one in project.collections if target in one.targets)
    return project if len(mine) == len(project.collections) else replace(project, collections=mine)


def check(project: Project, targets: Mapping[str, Target]) -> Iterator[Diagnostic]:
    """What each target, by its name, finds in the collections that go by it, and what is lost between them."""
    for name, target in targets.items():
        yield from target.check(going_by(project, name))
    choosy = {name: target for name, target in targets.items() if isinstance(target, Choosy)}
    if choosy:
        yield from _lost(project, targets, choosy)


def _lost(project: Project, targets: Mapping[str, Target], choosy: Mapping[str, Choosy]) -> Iterator[Diagnostic]:
    told: set[tuple[str, str, Location]] = set()
    for collection in project.collections:
        refused = {
            name: list(choosy[name].refusals(project, collection)) if name in choosy else []
            for name in collection.targets
            if name in targets
        }
        for name, refusals in refused.items():
            others = [other for other in refused if other != name]
            for refusal in refusals:
                takers = [other for other in others if other not in BY_HAND and _takes(refused[other], refusal.id)]
                finding = _finding(name, refusal, collection, takers)
                if (finding.code, name, finding.location) not in told:
                    # What comes of a baseline is told once.
                    told.add((finding.code, name, finding.location))
                    yield finding


def _takes(refusals: Iterable[Refusal], id: str) -> bool:
    return not any(one.id in ("", id) for one in refusals)


def _finding(target: str, refusal: Refusal, collection: Collection, takers: list[str]) -> Diagnostic:
    what = f"'{refusal.id or collection.name}'"
    if takers:
        bring, reach = ("brings", "reaches") if len(takers) == 1 else ("bring", "reach")
        named = f"{', '.join(takers[:-1])} and {takers[-1]}" if len(takers) > 1 else takers[0]
        return note(
            "PC2002",
            f"{target} leaves {what} out, as {refusal.reason}; {named} {bring} it to devices",
            refusal.place,
            help=f"nothing has to be done where {named} {reach} these devices; otherwise {refusal.way_out}",
        )
    return error("PC2001", f"{target} can't take {what}: {refusal.reason}", refusal.place, help=refusal.way_out)
