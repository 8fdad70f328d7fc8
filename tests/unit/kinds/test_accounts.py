"""Accounts by name, and what is said of names that say no SID."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyc.diagnostics import Diagnostic
from policyc.kinds.accounts import Account, account, of_sid
from policyc.model import Location

AT = Location(Path("pilot.yaml"), ("settings", "one", "user_right", "contains", 0))


def read(said: str | dict[str, str]) -> Account:
    found: list[Diagnostic] = []
    one = account(said, AT, found, "PC1102")
    assert found == []
    assert one is not None
    return one


def refused(said: str | dict[str, str]) -> Diagnostic:
    found: list[Diagnostic] = []
    assert account(said, AT, found, "PC1102") is None
    [one] = found
    assert (one.code, one.location) == ("PC1102", AT)
    return one


@pytest.mark.parametrize(
    ("said", "sid", "again"),
    [
        ("Administrators", "S-1-5-32-544", "Administrators"),
        ("administrators", "S-1-5-32-544", "Administrators"),
        ("LocalSystem", "S-1-5-18", "System"),
        ("S-1-5-32-545", "S-1-5-32-545", "Users"),
        ("s-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-1104"),
        # Published SIDs: Windows Modules Installer owns the files of Windows, the pool is the one that IIS comes with.
        (
            r"NT SERVICE\TrustedInstaller",
            "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
            r"NT SERVICE\TrustedInstaller",
        ),
        (
            r"nt service\wdiservicehost",
            "S-1-5-80-3139157870-2983391045-3678747466-658725712-1809340420",
            r"NT SERVICE\wdiservicehost",
        ),
        (
            r"IIS APPPOOL\DefaultAppPool",
            "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415",
            r"IIS APPPOOL\DefaultAppPool",
        ),
        ({"domain": "domain admins"}, "S-1-5-21-{domain}-512", {"domain": "Domain Admins"}),
        ({"device": "Guest"}, "S-1-5-21-{machine}-501", {"device": "Guest"}),
    ],
)
def test_an_account_is_a_sid(said: str | dict[str, str], sid: str, again: object) -> None:
    one = read(said)
    assert (one.sid, one.said, of_sid(one.sid).sid) == (sid, again, sid)


def test_two_names_of_a_sid_are_one_account() -> None:
    assert {read("Users"), read("S-1-5-32-545")} == {read("users")}


@pytest.mark.parametrize(
    ("said", "words", "way_out"),
    [
        ("Adminstrators", "'Adminstrators'", "write Administrators (that is S-1-5-32-544)"),
        ("*S-1-5-32-546", "as security templates write it", "write Guests"),
        ("*S-1-5-21-1-2-3-500", "as security templates write it", "write S-1-5-21-1-2-3-500"),
        (r"BUILTIN\Users", "translates", "write Users"),
        (r"NT AUTHORITY\NETWORK SERVICE", "translates", "write Network Service"),
        ("Guest", "another account on each device", "write {device: Guest} (or '{domain: …}' for the domain's)"),
        ("Domain Admins", "in each domain", "write {domain: Domain Admins}"),
        (r"CONTOSO\Domain Admins", "known to its domain", "write {domain: Domain Admins} for the group"),
        (r"CONTOSO\Backup operators of the branch", "known to its domain or device", "write its SID"),
        ("someone@example.com", "known to its domain or device", "write its SID"),
        ("Enterprise Admins", "forest's root domain", "S-1-5-21-…-519"),
        ({"domain": "Enterprise Admins"}, "forest's root domain", "S-1-5-21-…-519"),
        ({"domain": "Users"}, "the same SID everywhere", "write Users"),
        ({"domain": "Domain Admin"}, "is called 'Domain Admin'", "write {domain: Domain Admins}"),
        ({"domain": "Helpdesk"}, "another number in each domain", "write its SID"),
        ("Jeder", "no account that every Windows knows", "Administrators"),
        ("S-1-5-021-1", "S-1-5-021-1", "SID"),
    ],
)
def test_a_name_that_says_no_sid(said: str | dict[str, str], words: str, way_out: str) -> None:
    one = refused(said)
    assert words in one.message
    assert way_out in one.help
