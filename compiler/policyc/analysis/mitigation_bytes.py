"""The bytes in which Windows keeps mitigations, written as a whole beside a setting of one of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, cast

from policyc.analysis.context import Context
from policyc.analysis.meetings import Meetings
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Related, error
from policyc.model import Collection, Project, Registry, Setting

if TYPE_CHECKING:
    from policyc.kinds.process_mitigation.subject import ProcessMitigation

_WORD = "process_mitigation"
_Fields = dict[tuple[Hashable, ...], Setting]


def mitigation_bytes(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """An error for each setting that writes such a value where one of a mitigation in it may be on the same device."""
    fields = [(one, found) for one in project.collections if (found := _fields(one))]
    values = {value for _, found in fields for value in found}
    meetings: Meetings | None = None
    for collection in project.collections if fields else ():
        for setting in collection.settings:
            subject = setting.subject
            if not isinstance(subject, Registry) or not subject.writes or subject.place.identity not in values:
                continue
            meetings = meetings or Meetings(project)
            for other, found in fields:
                mitigation = found.get(subject.place.identity)
                if mitigation is not None and (other is collection or meetings.can(collection, other)):
                    yield _finding(setting, mitigation, where="" if other is collection else f" of '{other.name}'")
                    break


def _fields(collection: Collection) -> _Fields:
    """By the registry's value, the first setting that changes a mitigation in it."""
    found: _Fields = {}
    for setting in collection.settings:
        if setting.subject.word == _WORD and setting.subject.writes:
            found.setdefault(cast("ProcessMitigation", setting.subject).place.value.identity, setting)
    return found


def _finding(setting: Setting, mitigation: Setting, *, where: str) -> Diagnostic:
    return error(
        "PC1705",
        f"'{setting.id}' writes all mitigations in {setting.subject.place}, of which '{mitigation.id}'{where} changes one",
        condition_of(setting),
        help=f"write a 'process_mitigation' for each mitigation that is meant, and take '{setting.id}' out",
        related=[Related(condition_of(mitigation), "changes a part of the value")],
    )
