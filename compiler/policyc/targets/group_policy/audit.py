"""The advanced audit policy (`audit.csv`, MS-GPAC 2.2): a subcategory a line, known by its GUID."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.kinds.audit_policy.subject import AuditPolicy
from policyc.model import Setting
from policyc.targets.group_policy.change import Change, Way

_HEAD = "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value"
_SAID = ("No Auditing", "Success", "Failure", "Success and Failure")
"""By the number. Windows reads the number alone; people read this."""


def audit(setting: Setting, subject: AuditPolicy) -> Change:
    """A subcategory. Its name has no comma: it is one of Windows' own."""
    place, flags = subject.place, subject.flags
    line = f",System,Audit {place.name},{place.guid.lower()},{_SAID[flags]},,{flags}"
    return Change(setting, Way.AUDIT, stays=True, line=line)


def audit_csv(changes: Iterable[Change]) -> bytes:
    """The file."""
    return "".join(f"{line}\r\n" for line in (_HEAD, *(one.line for one in changes))).encode("ascii")
