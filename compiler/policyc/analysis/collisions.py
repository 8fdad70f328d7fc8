"""Onboarding and offboarding that can meet on one device."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.analysis.memberships import Memberships
from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import CSP, INTUNE, Collection, Mode, Project

_OPPOSITES = {"onboarded": "offboarded"}
_MOST_RELATED = 5


def collisions(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """A device that is told both ends in a state that the vendor calls unpredictable, so it must be impossible."""
    by_state: dict[tuple[str, str], list[Collection]] = {}
    for collection in project.collections:
        if collection.mode is Mode.AUDIT:
            continue  # no package reaches its devices
        for vocabulary_state in collection.vocabulary_states:
            by_state.setdefault(vocabulary_state, []).append(collection)
    memberships = None
    for (vocabulary, state), collections in by_state.items():
        other = _OPPOSITES.get(state)
        opposites = by_state.get((vocabulary, other)) if other is not None else None
        if other is not None and opposites is not None:
            memberships = memberships or Memberships(project)
            for collection in collections:
                meeting = [opposite for opposite in opposites if not _apart(collection, opposite, memberships)]
                if meeting:
                    yield _collision(collection, state, meeting, vocabulary, other)


def _collision(collection: Collection, state: str, meeting: list[Collection], vocabulary: str, other: str) -> Diagnostic:
    names = _listed([f"'{opposite.name}'" for opposite in meeting])
    return error(
        "PC0401",
        f"A device of '{collection.name}' ({state}) can be in {names} ({other}) at the same time",
        collection.origin.below(vocabulary, "state"),
        help=_help(collection, meeting),
        related=[
            Related(opposite.origin.below(vocabulary, "state"), f"'{opposite.name}' is {other}")
            for opposite in meeting[:_MOST_RELATED]
        ],
    )


def _apart(one: Collection, other: Collection, memberships: Memberships) -> bool:
    """Whether no system that brings both their packages can bring them to one device.

    Profiles of Intune bring one too, to groups that only the tenant knows. Of those it is proved by exclusion, which Intune
    puts before inclusion. Where only one of the two goes by profiles, nothing proves it.
    """
    by_profiles = [CSP in collection.targets for collection in (one, other)]
    if not any(by_profiles):
        return memberships.disjoint(one, other)
    if not all(by_profiles) or not _groups_apart(one, other):
        return False
    return not (_elsewhere(one) or _elsewhere(other)) or memberships.disjoint(one, other)


def _elsewhere(collection: Collection) -> bool:
    """Whether it reaches devices by another system than an Intune tenant."""
    return not set(collection.targets) <= {CSP, INTUNE}


def _groups_apart(one: Collection, other: Collection) -> bool:
    return _excludes(one, other) or _excludes(other, one)


def _excludes(collection: Collection, other: Collection) -> bool:
    """Whether all groups that the other one is assigned to are left out here."""
    here, there = collection.intune, other.intune
    if here is None or there is None or there.all_devices or not there.groups:
        return False
    return set(there.groups) <= set(here.excluded_groups)


def _help(collection: Collection, meeting: list[Collection]) -> str:
    if CSP in collection.targets or any(CSP in opposite.targets for opposite in meeting):
        return _help_of_groups(collection, meeting)
    return _help_of_members(collection, meeting)


def _help_of_groups(collection: Collection, meeting: list[Collection]) -> str:
    """What proves it where profiles bring one of them."""
    both = [opposite for opposite in meeting if CSP in opposite.targets and CSP in collection.targets]
    if len(both) < len(meeting):
        names = _listed([f"'{opposite.name}'" for opposite in meeting if opposite not in both])
        return f"let '{collection.name}' and {names} go by the same targets: only then their groups, or members, prove it"
    if all(_groups_apart(collection, opposite) for opposite in both):
        return _help_of_members(collection, both)
    names = _listed([f"'{opposite.name}'" for opposite in both])
    return (
        f"in {collection.origin.file}, add all groups of {names} to 'excluded_groups:' under 'intune:' "
        "(a group that no policy names, or 'all_devices', proves nothing)"
    )


def _help_of_members(collection: Collection, meeting: list[Collection]) -> str:
    names = ", ".join(_quoted(opposite.name) for opposite in meeting)
    add = f"in {collection.origin.file}, add {names} to 'exclude:' under 'collection: members:'"
    if collection.members is None:
        add += (
            ", beside the 'query:', 'devices:' or 'include:' that says who is in it"
            " (without 'members:' its membership is the site's, and unknown here)"
        )
    return add


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _listed(names: list[str]) -> str:
    if len(names) > _MOST_RELATED:
        return f"{', '.join(names[:_MOST_RELATED])} and {len(names) - _MOST_RELATED} more"
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
