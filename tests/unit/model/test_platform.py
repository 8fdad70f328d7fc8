"""What platforms include and who can meet, held to what the items of a site name."""

from __future__ import annotations

import pytest

from policyc.model import Platform, Version, can_meet, included
from policyc.targets.configmgr.platforms import rule_ids

P = Platform
SITES = (None, *map(Version, ("2012", "1802", "1806", "1906", "2107", "2403")))
SERVERS = (P.SERVER_2016, P.SERVER_2019, P.SERVER_2022)
YEARS = {"Server_2016": 2016, "Server_2019_and_higher": 2019, "Server_2022_and_higher": 2022}


def servers(platform: Platform, site: Version | None) -> set[int]:
    """The versions of Windows Server that an item's RuleIds name."""
    found: set[int] = set()
    for rule in rule_ids([platform], site):
        year = YEARS[rule.removeprefix("Windows/All_x64_Windows_")]
        found |= {one for one in YEARS.values() if one == year or (one > year and rule.endswith("_and_higher"))}
    return found


@pytest.mark.parametrize("site", SITES)
def test_servers_include_what_their_rules_name(site: Version | None) -> None:
    for outer in SERVERS:
        for inner in SERVERS:
            assert included(inner, [outer], site) is (servers(inner, site) <= servers(outer, site)), (outer, inner)


def test_workstations_of_the_older_version_include_the_newer() -> None:
    assert included(P.WINDOWS_11, [P.SERVER_2022, P.WINDOWS_10], None)
    assert not included(P.WINDOWS_10, [P.WINDOWS_11], None)


@pytest.mark.parametrize("one", P)
@pytest.mark.parametrize("other", P)
def test_only_a_workstation_and_a_server_never_meet(one: Platform, other: Platform) -> None:
    kinds = {platform: platform.value.partition("-")[0] for platform in (one, other) if platform is not P.ALL}
    assert can_meet([one], [other]) is (len(set(kinds.values())) < 2)
    assert included(one, [P.ALL], None)
    assert included(one, [one], None)
    assert included(P.ALL, [one, other], Version("2403")) is (P.ALL in (one, other))


def test_nothing_meets_no_platform() -> None:
    assert not can_meet([], P)
    assert not included(P.ALL, [], None)
