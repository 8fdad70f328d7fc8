"""Onboarding and offboarding that can meet on one device."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.analysis.memberships import Memberships
from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import Collection, Mode, Project

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
                meeting = [opposite for opposite in opposites if not memberships.disjoint(collection, opposite)]
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


def _help(collection: Collection, meeting: list[Collection]) -> str:
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
