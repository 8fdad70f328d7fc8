r"""Accounts as other people's files name them: SIDs with an asterisk, names with or without what stands before a backslash."""

from __future__ import annotations

import re

from policyc.diagnostics import Diagnostic
from policyc.importers.found import NotExpressibleError
from policyc.kinds.accounts import account, of_sid
from policyc.model import Location, upper

Said = str | dict[str, str]
"""As a policy says an account."""

_SID = re.compile(r"S-1-[0-9]{1,10}(?:-[0-9]{1,10}){1,15}")
_AUTHORITIES = frozenset({"BUILTIN", "NT AUTHORITY", "NT VIRTUAL MACHINE", "WINDOW MANAGER", "FONT DRIVER HOST"})
"""What an English Windows shows before names that every device has."""
_DEVICE = frozenset({"COMPUTERNAME", "."})
"""What stands there for the device itself: HardeningKitty's word, and Windows' own."""


def said_accounts(listed: list[str]) -> list[Said]:
    """The accounts, each once, in the file's order. Raises NotExpressibleError."""
    found: list[Said] = []
    for text in listed:
        one = said_account(text)
        if one not in found:
            found.append(one)
    return found


def said_account(text: str) -> Said:
    r"""How a policy says the account that is written so. Raises NotExpressibleError.

    >>> said_account("*S-1-5-32-544"), said_account("NT AUTHORITY\\LOCAL SERVICE"), said_account("Domain Admins")
    ('Administrators', 'Local Service', {'domain': 'Domain Admins'})
    >>> said_account("Guest"), said_account("*S-1-5-21-1-2-3-1001")
    ({'device': 'Guest'}, 'S-1-5-21-1-2-3-1001')
    """
    name = text.strip()
    sid = upper(name.removeprefix("*"))
    if _SID.fullmatch(sid):
        return of_sid(sid).said
    before, separator, last = name.rpartition("\\")
    if not separator:
        forms: list[Said] = [name, {"device": name}, {"domain": name}]
    elif upper(before) in _AUTHORITIES:
        forms = [last]
    else:
        forms = [{"device": last}] if upper(before) in _DEVICE else [name]
    told: list[Diagnostic] = []
    for form in forms:
        found = account(form, Location(""), told, "PC1101")
        if found is not None:
            return found.said
    raise NotExpressibleError("; ".join(filter(None, (told[0].message, told[0].help))))
