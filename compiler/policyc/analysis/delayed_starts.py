"""The registry's value that delays a service's start, beside a setting of the service.

`Start` is the service's own place, and what disagrees on it fights as all others do (`same_place`, `conflicts`). Of the start
type `DelayedAutostart` says the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from policyc.analysis.context import Context
from policyc.analysis.meetings import Meetings
from policyc.analysis.met import Having, Met
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Related, error, warning
from policyc.kinds import Together
from policyc.model import Collection, Project, Registry, Setting, upper

if TYPE_CHECKING:
    from policyc.kinds.service.subject import Service

_WORD = "service"


def delayed_starts(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Each setting of a service that can't be as a value wants it, on a device that has both."""
    asking = [
        (collection, setting)
        for collection in project.collections
        for setting in collection.settings
        if setting.subject.word == _WORD
    ]
    values = _values(project) if asking else {}
    if not values:
        return
    met = Met(Meetings(project))
    for collection, setting in asking:
        beside = values.get(upper(cast("Service", setting.subject).place.name))
        if beside is not None:
            yield from _found(met, collection, setting, beside)


def _values(project: Project) -> dict[str, Having]:
    """By service, in upper case."""
    from policyc.kinds.service.values import delayed_of

    found: dict[str, Having] = {}
    for collection in project.collections:
        for setting in collection.settings:
            if isinstance(setting.subject, Registry) and (name := delayed_of(setting.subject.place)) is not None:
                found.setdefault(name, []).append((collection, setting))
    return found


def _found(met: Met, collection: Collection, setting: Setting, values: Having) -> Iterator[Diagnostic]:
    from policyc.kinds.service.values import delayed_together

    service = cast("Service", setting.subject)
    against = [
        one
        for one in values
        if (service.writes or one[1].subject.writes)
        and delayed_together(service, cast("Registry", one[1].subject)) is not Together.ALWAYS
    ]
    found = met.surely(collection, setting, against)
    if found is None:
        return
    value, whose, sure = found
    make, code = (error, "PC0437") if sure else (warning, "PC0438")
    yield make(
        code,
        f"'{setting.id}' wants the start {service.startup}, and '{value.id}'{whose} says otherwise at {value.subject.place}",
        condition_of(setting),
        help=f"take '{value.id}' out: 'startup: automatic' and 'startup: delayed' say what this value says",
        related=[Related(condition_of(value), f"'{value.id}' says whether the start is delayed")],
    )
