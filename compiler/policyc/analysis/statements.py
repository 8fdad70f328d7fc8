"""What the project file states of collections: that they exist, and that the policies don't prove the opposite."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from policyc.analysis.context import Context
from policyc.analysis.meetings import Answer, Meetings
from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import Apart, Collection, Location, Project, upper
from policyc.source.wording import nearest


def statements(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Names that no policy describes, and statements of `disjoint` that are wrong."""
    known = {upper(collection.name): collection for collection in project.collections}
    for apart in project.disjoint:
        yield from _unknown(apart.collections, apart.origin.below("collections"), known)
    for order in project.precedence:
        yield from _unknown(order.collections, order.origin, known)
    if project.disjoint:
        meetings = Meetings(project)
        for apart in project.disjoint:
            yield from _contradicted(apart, known, meetings)


def _unknown(names: tuple[str, ...], at: Location, known: dict[str, Collection]) -> Iterator[Diagnostic]:
    for index, name in enumerate(names):
        if upper(name) not in known:
            near = nearest(name, [collection.name for collection in known.values()])
            yield error(
                "PC0428",
                f"no policy describes a collection '{name}'",
                at.below(index),
                help=f"did you mean '{near}'?" if near else "name collections of this project, or take the name out",
            )


def _contradicted(apart: Apart, known: dict[str, Collection], meetings: Meetings) -> Iterator[Diagnostic]:
    named = dict.fromkeys(upper(name) for name in apart.collections)
    for left, right in combinations([known[name] for name in named if name in known], 2):
        meeting = meetings.of(left, right)
        if meeting.answer is Answer.SURELY:
            index = [upper(name) for name in apart.collections].index(upper(right.name))
            yield error(
                "PC0422",
                f"'{left.name}' and '{right.name}' are stated to share no device, but {meeting.reason}",
                apart.origin.below("collections", index),
                help="take the device out of one of them, or correct the statement",
                related=[
                    Related(one.origin.below("collection", "members"), f"the members of '{one.name}'") for one in (left, right)
                ],
            )
