"""Advanced audit policies of Group Policy (`audit.csv`), and what `auditpol /backup` writes."""

from __future__ import annotations

from policyc.importers.audit_csv import AuditLine, Scope, read_audit_csv
from policyc.importers.found import Imported, Refused

_NO_KIND = (
    "no setting of a policy is about audit subcategories yet; Group Policy sets them (Advanced Audit Policy Configuration)"
)
_ELSEWHERE = {
    Scope.OPTION: "it is an audit option of the device, and no subcategory; most of them are values of the registry below "
    r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa",
    Scope.GLOBAL_SACL: "it is a list of what is audited on every object of a kind, and no subcategory",
    Scope.USER: "it is the audit policy of one user, and a policy is about the device's",
}


def read(data: bytes, name: str) -> Imported:
    """What the file says, line by line. Raises FormatError."""
    lines = read_audit_csv(data)
    refused = tuple(Refused(f"line {line.number}", _shown(line), _why_not(line)) for line in lines)
    stem = name[: -len(".csv")] if name.lower().endswith(".csv") else name
    title = "Audit policy of Group Policy" if stem.lower().rpartition("/")[2] == "audit" else stem
    return Imported(title, (), refused, len(lines))


def _why_not(line: AuditLine) -> str:
    if line.wrong:
        return line.wrong
    return _ELSEWHERE.get(line.scope, _NO_KIND)


def _shown(line: AuditLine) -> str:
    return " ".join(line.name.split()) or line.guid
