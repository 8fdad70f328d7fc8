"""Subcategories of the audit policy beside a value that lets Windows overwrite them.

SCENoApplyLegacyAuditPolicy=0 lets the nine categories of the old audit policy, of a Group Policy or a template, go before
subcategories (Microsoft, "Audit: Force audit policy subcategory settings"; MS-GPAC 5.1). Without the value they don't.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.context import Context
from policyc.analysis.meetings import Meetings
from policyc.analysis.same_place import condition_of
from policyc.diagnostics import Diagnostic, Related, warning
from policyc.evaluation import Held, Verdict, verdict
from policyc.model import Collection, Hive, Kind, Place, Project, Registry, Setting, View

_WORD = "audit_policy"
_VALUE = Place(Hive.MACHINE, View.BITS_64, r"SYSTEM\CurrentControlSet\Control\Lsa", "SCENoApplyLegacyAuditPolicy")


def legacy_audit(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """A warning for each setting that wants the value to be 0 where settings of the audit policy may be on the same device."""
    auditing = [one for one in project.collections if any(setting.subject.word == _WORD for setting in one.settings)]
    meetings: Meetings | None = None
    for collection in project.collections if auditing else ():
        for setting in collection.settings:
            if not _wants_zero(setting):
                continue
            meetings = meetings or Meetings(project)
            beside = collection if collection in auditing else None
            met = beside or _met(meetings, collection, auditing)
            if met is not None:
                yield _finding(setting, met, where="" if beside else f" of '{met.name}', which can have the same devices")


def _met(meetings: Meetings, collection: Collection, auditing: list[Collection]) -> Collection | None:
    return next((one for one in auditing if meetings.can(collection, one)), None)


def _finding(setting: Setting, met: Collection, *, where: str) -> Diagnostic:
    other = next(one for one in met.settings if one.subject.word == _WORD)
    return warning(
        "PC1003",
        f"'{setting.id}' wants SCENoApplyLegacyAuditPolicy to be 0, so that the old audit policy goes before subcategories "
        f"such as '{other.id}'{where}",
        condition_of(setting),
        help="take it out, or write 'equals: 1': then subcategories hold whatever the nine categories say",
        related=[Related(other.origin, "a setting of a subcategory")],
    )


def _wants_zero(setting: Setting) -> bool:
    subject = setting.subject
    if not isinstance(subject, Registry) or subject.place.identity != _VALUE.identity or subject.kind is not Kind.DWORD:
        return False
    holds = [verdict(subject, Held(Kind.DWORD, number)) is Verdict.COMPLIANT for number in (0, 1)]
    return holds == [True, False]
