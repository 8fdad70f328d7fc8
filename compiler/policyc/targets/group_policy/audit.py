"""The advanced audit policy (`audit.csv`, MS-GPAC 2.2): a subcategory a line, known by its GUID."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.kinds.audit_policy.subject import AuditPolicy, Subcategory
from policyc.model import Setting
from policyc.targets.group_policy.change import Change, Way

_HEAD = "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value"
_SAID = ("No Auditing", "Success", "Failure", "Success and Failure")
"""By the number. Windows reads the number alone; people read this."""


def audit(setting: Setting, _: AuditPolicy) -> Change:
    """A subcategory; the file has its line."""
    return Change(setting, Way.AUDIT, stays=True)


def audit_csv(changes: Iterable[Change]) -> bytes:
    """The file. What several settings ask of one subcategory is one line: each of them asks for at least its part."""
    flags: dict[Subcategory, int] = {}
    for one in changes:
        subject = one.setting.subject
        if isinstance(subject, AuditPolicy):
            flags[subject.place] = flags.get(subject.place, 0) | subject.flags
    lines = (_HEAD, *(_line(place, number) for place, number in flags.items()))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _line(place: Subcategory, number: int) -> str:
    """The name has no comma: it is one of Windows' own."""
    return f",System,Audit {place.name},{place.guid.lower()},{_SAID[number]},,{number}"
