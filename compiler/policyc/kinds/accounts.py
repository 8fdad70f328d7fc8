r"""Accounts as policies name them, and their SIDs: from `accounts.txt`, computed, or with a RID that a device completes.

A device knows its own SID and that of its domain, a compiler doesn't. Accounts below them keep a place for it in their SID:
`S-1-5-21-{domain}-512`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from policyc.diagnostics import Diagnostic, error
from policyc.diagnostics.cures import write
from policyc.model import Location, upper
from policyc.source.wording import as_yaml, nearest, quoted

_FILE = "accounts.txt"
_SID = re.compile(r"S-1-(?:[0-9]{1,10})(?:-(?:0|[1-9][0-9]{0,9})){1,15}")
_SERVICE, _POOL = "NT SERVICE\\", "IIS APPPOOL\\"
_AUTHORITIES = ("BUILTIN\\", "NT AUTHORITY\\", "VORDEFINIERT\\", "NT-AUTORITÄT\\", "NT VIRTUAL MACHINE\\", "WINDOW MANAGER\\")
_OWN = {"device": "S-1-5-21-{machine}-", "domain": "S-1-5-21-{domain}-"}
"""What stands before a RID, by the word of a policy; scripts put the device's and its domain's numbers there."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a policy names. Two names of one SID are one account."""

    sid: str
    """`S-1-5-32-544`, or one with `{machine}` or `{domain}` in it."""
    name: str = field(compare=False)
    """In English, as the policy says it; the SID, where it has no name."""
    below: str | None = field(default=None, compare=False)
    """`device` or `domain` where its name is one of theirs."""

    @property
    def said(self) -> str | dict[str, str]:
        """As a policy says it."""
        return self.name if self.below is None else {self.below: self.name}

    def __str__(self) -> str:
        return self.name if self.below is None else f"{self.name} of the {self.below}"


@dataclass(frozen=True, slots=True)
class _Table:
    sections: dict[str, dict[str, str]]
    """Section to names, as they are written, and numbers."""
    others: dict[str, str]
    """Other spellings of names in `sids`, in upper case, to those names."""

    def find(self, section: str, name: str) -> tuple[str, str] | None:
        """(name as the file has it, number)."""
        folded = upper(name)
        folded = upper(self.others.get(folded, name)) if section == "sids" else folded
        return next(((known, number) for known, number in self.sections[section].items() if upper(known) == folded), None)


@cache
def _table() -> _Table:
    sections: dict[str, dict[str, str]] = {}
    others: dict[str, str] = {}
    section = ""
    for line in Path(__file__).with_name(_FILE).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            sections[section] = {}
            continue
        name, _, rest = line.partition(" = ")
        number, *more = rest.split(" | ")
        sections[section][name] = number
        others |= {upper(other): name for other in more}
    return _Table(sections, others)


def account(said: str | dict[str, str], at: Location, found: list[Diagnostic], code: str) -> Account | None:
    """Whom a policy means by what stands at `at`; None where an error with this code was added to `found`."""
    if isinstance(said, dict):
        ((below, name),) = said.items()
        known = _table().find(below, name)
        if known is not None:
            return Account(_OWN[below] + known[1], known[0], below)
        found.append(_unknown_below(below, name, at, code))
        return None
    name = said.strip()
    folded = upper(name)
    if _SID.fullmatch(folded):
        return of_sid(folded)
    for before, number, casing in ((_SERVICE, 80, str.upper), (_POOL, 82, str.lower)):
        if folded.startswith(before) and len(name) > len(before):
            own = name[len(before) :]
            return Account(_hashed(number, casing(own)), before + own)
    known = _table().find("sids", name)
    if known is not None:
        return Account(known[1], known[0])
    found.append(_unknown(name, at, code))
    return None


def of_sid(sid: str) -> Account:
    """The account of a SID, by its name where it has one that is the same everywhere."""
    names = {number: name for name, number in _table().sections["sids"].items()}
    for below, before in _OWN.items():
        if sid.startswith(before):
            rids = {number: name for name, number in _table().sections[below].items()}
            return Account(sid, rids.get(sid[len(before) :], sid), below if sid[len(before) :] in rids else None)
    return Account(sid, names.get(sid, sid))


def _hashed(authority: int, name: str) -> str:
    """Windows makes the SID of a service, and of an application pool of IIS, from its name."""
    from hashlib import sha1

    digest = sha1(name.encode("utf-16-le"), usedforsecurity=False).digest()
    return f"S-1-5-{authority}-" + "-".join(str(int.from_bytes(digest[at : at + 4], "little")) for at in range(0, 20, 4))


def _refused(message: str, at: Location, code: str, instead: Any = None, help: str = "") -> Diagnostic:  # noqa: ANN401 (YAML)
    if instead is None:
        return error(code, message, at, help=help)
    text = (
        as_yaml(instead)
        if isinstance(instead, str)
        else "{" + ", ".join(f"{word}: {one}" for word, one in instead.items()) + "}"
    )
    return error(code, message, at, help=f"write {text}{help}", cures=[write(at, text)])


def _unknown(name: str, at: Location, code: str) -> Diagnostic:
    """What to write for a name that says no SID."""
    table = _table()
    if name.startswith("*") and _SID.fullmatch(upper(name[1:])):
        # As security templates write it.
        return _refused(f"{quoted(name)} is a SID as security templates write it", at, code, of_sid(upper(name[1:])).said)
    folded, bare = upper(name), name.rpartition("\\")[2]
    if folded.startswith(_AUTHORITIES) and (known := table.find("sids", bare)):
        return _refused(f"{quoted(name)} has a part before its name that Windows translates", at, code, known[0])
    for below in ("device", "domain"):
        if (known := table.find(below, bare)) and "\\" not in name:
            other = " (or '{domain: …}' for the domain's)" if below == "device" and table.find("domain", bare) else ""
            return _refused(
                f"{quoted(name)} is another account on each device or in each domain", at, code, {below: known[0]}, other
            )
    if table.find("forest", bare):
        return _forest(name, at, code)
    if "\\" in name or "@" in name:
        known = table.find("domain", bare)
        way_out = " for the group of the device's own domain" if known else ""
        if known:
            return _refused(f"{quoted(name)} is known to its domain alone", at, code, {"domain": known[0]}, way_out)
        return _refused(f"{quoted(name)} is known to its domain or device alone", at, code, help="write its SID: S-1-5-21-…")
    guess = nearest(name, table.sections["sids"])
    if guess is not None:
        return _refused(f"no account is called {quoted(name)}", at, code, guess, f" (that is {table.sections['sids'][guess]})")
    message = f"no account that every Windows knows is called {quoted(name)}"
    return _refused(
        message, at, code, help="write an English name such as Administrators, 'NT SERVICE\\Name', or the SID: S-1-5-21-…"
    )


def _unknown_below(below: str, name: str, at: Location, code: str) -> Diagnostic:
    table = _table()
    if table.find("forest", name):
        return _forest(name, at, code)
    if table.find("sids", name):
        known = table.find("sids", name)
        return _refused(f"{quoted(name)} has the same SID everywhere", at, code, known and known[0])
    guess = nearest(name, table.sections[below])
    if guess is not None:
        return _refused(
            f"no account of a {below} that has the same number everywhere is called {quoted(name)}", at, code, {below: guess}
        )
    message = f"{quoted(name)} has another number in each {below}"
    return _refused(message, at, code, help="write its SID: S-1-5-21-…")


def _forest(name: str, at: Location, code: str) -> Diagnostic:
    number = (_table().find("forest", name.rpartition("\\")[2]) or ("", ""))[1]
    message = f"{quoted(name)} belongs to the forest's root domain, whose SID a device doesn't have"
    return _refused(message, at, code, help=f"write its SID: S-1-5-21-…-{number}, with the numbers of the root domain")


__all__ = ["Account", "account", "of_sid"]
