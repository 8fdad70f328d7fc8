"""The operating systems of a configuration item, as the site names them."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.model import SERVERS_AFTER_2016_SINCE, Platform, Version

_ARM64_SINCE = Version("1802")
_WINDOWS_11_SINCE = Version("2107")
_MULTI_SESSION_SINCE = Version("1906")
_OLDEST = Version("2012")

_RULES: dict[Platform, tuple[tuple[str, Version], ...]] = {
    Platform.WINDOWS_10: (
        ("All_x64_Windows_10_and_higher_Clients", _OLDEST),
        ("All_x86_Windows_10_and_higher_Clients", _OLDEST),
        ("All_ARM64_Windows_10_and_higher_Clients", _ARM64_SINCE),
        ("All_MultiSession_Enterprise_Windows_10_higher", _MULTI_SESSION_SINCE),
    ),
    Platform.WINDOWS_11: (
        ("All_x64_Windows_11_and_higher_Clients", _OLDEST),
        ("All_ARM64_Windows_11_and_higher_Clients", _WINDOWS_11_SINCE),
        ("All_MultiSession_Enterprise_Windows_11_higher", _WINDOWS_11_SINCE),
    ),
    Platform.SERVER_2016: (
        ("All_x64_Windows_Server_2016", _OLDEST),
        ("All_x64_Windows_Server_2019_and_higher", SERVERS_AFTER_2016_SINCE),
    ),
    Platform.SERVER_2019: (("All_x64_Windows_Server_2019_and_higher", _OLDEST),),
    Platform.SERVER_2022: (("All_x64_Windows_Server_2022_and_higher", _OLDEST),),
    Platform.ALL: (("All_Windows_Client_Server", _OLDEST),),
}
"""RuleIds as exported digests have them, and the version of the site from which policyc names them.

A site refuses a RuleId that it doesn't know. The versions are those that brought support for the system; where the policy
doesn't tell the site's version, only what every site knows is named.
"""


def rule_ids(platforms: Iterable[Platform], site: Version | None) -> tuple[str, ...]:
    """RuleIds for the platforms.

    >>> rule_ids([Platform.WINDOWS_10], Version("1602"))
    ('Windows/All_x64_Windows_10_and_higher_Clients', 'Windows/All_x86_Windows_10_and_higher_Clients')
    """
    known = site or _OLDEST
    found = dict.fromkeys(name for platform in platforms for name, since in _RULES[platform] if since <= known)
    return tuple(f"Windows/{name}" for name in found)


def every_rule_id(platforms: Iterable[Platform]) -> set[str]:
    """RuleIds for the platforms on any site, whatever its version."""
    return {f"Windows/{name}" for platform in platforms for name, _ in _RULES[platform]}
