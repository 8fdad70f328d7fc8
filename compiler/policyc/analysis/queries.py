"""Membership queries that no site takes, or that name what it hardly has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from policyc.analysis.context import Context
from policyc.analysis.site_classes import SiteClasses, load_site_classes
from policyc.analysis.spellings import Spellings
from policyc.diagnostics import Diagnostic, error, warning
from policyc.model import Project
from policyc.model.records import dataclass
from policyc.source.wording import quoted

if TYPE_CHECKING:
    from policyc.analysis.wql import Query

_SYSTEM = "SMS_R_SYSTEM"


def queries(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """An error for what is no query of WQL, warnings for classes and properties that are probably slips of the pen."""
    names: _Names | None = None
    for collection in project.collections:
        query = None if collection.members is None else collection.members.query
        if query is None:
            continue
        # Few projects have a query, and its language is a room of its own.
        from policyc.analysis.wql import Fault, read

        at = collection.origin.below("collection", "members", "query")
        found = read(query)
        if isinstance(found, Fault):
            yield error("PC0431", f"The query is no WQL: {found.why}", at, help=found.help)
            continue
        names = names or _Names(load_site_classes())
        for doubt in names.doubts(found):
            yield warning("PC0432", doubt.message, at, help=doubt.help)


@dataclass(frozen=True, slots=True)
class _Doubt:
    message: str
    help: str


class _Names:
    """What a site is known to have, found again by names that are one slip away."""

    def __init__(self, data: SiteClasses) -> None:
        self._data = data
        self._classes = Spellings(data.classes.values())
        self._properties = Spellings(data.properties.values())

    def doubts(self, query: Query) -> Iterator[_Doubt]:
        """Each name once; what follows from a wrong class isn't told again."""
        wrong = {}
        for name in dict.fromkeys(query.classes):
            doubt = self._of_class(name)
            if doubt is not None:
                wrong[name.upper()] = doubt
                yield doubt
        reached = {name.upper() for name in (*query.classes, *query.aliases)}
        told: set[str] = set()
        for name in dict.fromkeys(query.names):
            holder, _, attribute = name.rpartition(".")
            if holder.upper() in wrong or name.upper() in told:
                continue
            told.add(name.upper())
            yield from self._of_name(holder, attribute, reached, query)

    def _of_class(self, name: str) -> _Doubt | None:
        if name.upper() in self._data.classes:
            if name.upper() in self._data.not_devices:
                return _Doubt(
                    f"{quoted(name)} are no devices, and this is a collection of devices", "write 'from SMS_R_System'"
                )
            return None
        near = self._classes.nearest(name)
        if near is not None:
            return _Doubt(f"A site hardly has a class {quoted(name)}, but it has '{near}'", f"write '{near}'")
        if not name.upper().startswith(self._data.beginnings):
            begin = " or ".join(f"'{one}'" for one in self._data.beginnings)
            way_out = (
                "name a class of the site: SMS_R_System, or SMS_G_System_… for what inventory collects of a class of the device"
            )
            return _Doubt(f"No class of a site is called {quoted(name)}: they begin with {begin}", way_out)
        return None

    def _of_name(self, holder: str, attribute: str, reached: set[str], query: Query) -> Iterator[_Doubt]:
        if holder and holder.upper() not in reached:
            near = Spellings((*query.classes, *query.aliases)).nearest(holder)
            meant = f", but {quoted(near)}" if near else ""
            way_out = (
                f"write {quoted(near)}"
                if near
                else f"join it: inner join {holder} on {holder}.ResourceId = SMS_R_System.ResourceId"
            )
            yield _Doubt(
                f"{quoted(holder + '.' + attribute)} is asked for, and the query takes nothing from {quoted(holder)}{meant}",
                way_out,
            )
            return
        of_system = holder.upper() == _SYSTEM or (not holder and {name.upper() for name in query.classes} == {_SYSTEM})
        if not of_system or attribute.upper() in self._data.properties:
            return
        near = self._properties.nearest(attribute)
        if near is not None:
            yield _Doubt(f"'SMS_R_System' hardly has a property {quoted(attribute)}, but it has '{near}'", f"write '{near}'")
            return
        operator = next((operator for operator, name in query.bare if name == attribute), None)
        if operator is not None and not holder:
            yield _Doubt(
                f"{quoted(attribute)} behind '{operator}' is read as a property, and 'SMS_R_System' hardly has it",
                f"write '{attribute}' in quotes if it is a text",
            )
