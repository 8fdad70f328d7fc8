"""Words of a policy, and of a state, to subcategories and flags."""

from __future__ import annotations

from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import rename, write
from policyc.kinds.audit_policy.subcategories import guid_of, meant
from policyc.kinds.audit_policy.subject import FLAGS, AuditPolicy, Subcategory
from policyc.kinds.duplicates import warn_of_repeated
from policyc.model import Location
from policyc.source.wording import quoted


def lower(tree: dict[str, Any], at: Location, found: list[Diagnostic], *, audit: bool) -> AuditPolicy | None:
    """The subject of a setting's tree; None where an error was added to `found`."""
    said = tree["audit_policy"]
    node = at.below("audit_policy")
    asked = "equals" if "equals" in said else "at_least"
    warn_of_repeated(tuple(said[asked]), node.below(asked), found, exact_case=True, can_be_exact=False)
    place = subcategory(said["subcategory"], node.below("subcategory"), found)
    if place is None:
        return None
    flags = sum({FLAGS[word] for word in said[asked]})
    return AuditPolicy(place, asked, flags, writes=not audit and tree.get("remediate", True))


def subcategory(text: str, at: Location, found: list[Diagnostic], *, on_key: bool = False) -> Subcategory | None:
    """A subcategory by its English name. Of any other spelling the name is told, so that policies have one."""
    known = guid_of(text)
    if known is not None:
        return Subcategory(known, text)
    place = at.key() if on_key else at
    guess = meant(text)
    if guess is None:
        message = f"there is no subcategory {quoted(text)} in the audit policy"
        way_out = "write its English name, as 'auditpol /list /subcategory:*' prints it on an English Windows"
        found.append(error("PC1002", message, place, help=way_out))
        return None
    name, how = guess
    message = f"{quoted(text)} is {how} of the subcategory {quoted(name)}" if how else f"there is no subcategory {quoted(text)}"
    way_out = f"write {quoted(name)}" if how else f"did you mean {quoted(name)}?"
    cures = [rename(at, name) if on_key else write(at, name)]
    found.append(error("PC1002", message, place, help=way_out, cures=cures))
    return None
