"""Advanced audit policies of Group Policy (`audit.csv`), and what `auditpol /backup` writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyc.importers.audit_csv import AuditLine, Scope, read_audit_csv
from policyc.importers.found import Found, Imported, NotExpressibleError, Refused
from policyc.kinds.audit_policy.subcategories import meant
from policyc.model import upper

KIND = "audit_policy"

_ELSEWHERE = {
    Scope.OPTION: "it is an audit option of the device, and no subcategory; most of them are values of the registry below "
    r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa",
    Scope.GLOBAL_SACL: "it is a list of what is audited on every object of a kind, and no subcategory",
    Scope.USER: "it is the audit policy of one user, and a policy is about the device's",
}


def read(data: bytes, name: str) -> Imported:
    """What the file says, line by line. Raises FormatError."""
    settings: list[Found] = []
    refused: list[Refused] = []
    lines = read_audit_csv(data)
    for line in lines:
        source = f"line {line.number}"
        try:
            settings.append(_found(line, source))
        except NotExpressibleError as reason:
            refused.append(Refused(source, " ".join(line.name.split()) or line.guid, str(reason)))
    stem = name[: -len(".csv")] if name.lower().endswith(".csv") else name
    title = "Audit policy of Group Policy" if stem.lower().rpartition("/")[2] == "audit" else stem
    return Imported(title, tuple(settings), tuple(refused), len(lines))


def _found(line: AuditLine, source: str) -> Found:
    if line.wrong or line.scope in _ELSEWHERE:
        raise NotExpressibleError(line.wrong or _ELSEWHERE[line.scope])
    words = audit_words(line.guid, line.flags)
    id_ = f"audit {words['subcategory']}"
    return Found(audit_title(words), words, source, id_, section="Audit policy", kind=KIND)


def audit_words(subcategory: str, flags: tuple[str, ...], *, exactly: bool = True) -> dict[str, Any]:
    """The words below `audit_policy`: just this is audited, or this and maybe more. Raises NotExpressibleError.

    `subcategory` is its GUID, or its English name as auditpol or the policy editor has it.
    """
    name, how = meant(subcategory) or ("", "")
    # Without a word on how it was written it is the name itself, or a guess.
    if not how and upper(name) != upper(subcategory.strip()):
        raise NotExpressibleError(f"no subcategory '{subcategory.strip()}' of the audit policy is known")
    return {"subcategory": name, "equals" if exactly or not flags else "at_least": list(flags)}


def audit_title(words: Mapping[str, Any]) -> str:
    """What holds where the setting complies.

    >>> audit_title({"subcategory": "Logon", "equals": ["success", "failure"]})
    'Logon: success and failure are audited'
    >>> audit_title({"subcategory": "Logon", "at_least": ["success"]}), audit_title({"subcategory": "Logon", "equals": []})
    ('Logon: at least success is audited', 'Logon: nothing is audited')
    """
    flags = words.get("at_least") or words.get("equals") or ["nothing"]
    least = "at least " if "at_least" in words else ""
    return f"{words['subcategory']}: {least}{' and '.join(flags)} {'is' if len(flags) == 1 else 'are'} audited"
