"""PC0404: code, place and words, and which terms pin the generation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyc.analysis.build_queries import build_queries, unpinned_comparison
from policyc.model import Location
from unit.analysis.estates import CONTEXT, collection, project

START = "select ResourceId from SMS_R_System where "
PIN = "OperatingSystemNameandVersion like '%Workstation 10.0%'"


def test_place_and_words() -> None:
    (found,) = build_queries(project(collection("Pilot", query=START + "SMS_R_System.Build >= '10.0.14393'")), CONTEXT)
    assert (found.code, found.level) == ("PC0404", "warning")
    assert found.location == Location("pilot.yaml", ("collection", "members", "query"))
    assert found.message.startswith("'Build' is compared as text")
    assert PIN in found.help


@pytest.mark.parametrize(
    "condition",
    [
        "Build >= '10.0.14393'",
        "build>'10'",
        "'14393' < BuildNumber",
        "SMS_G_System_OPERATING_SYSTEM.BuildNumber >= 14393",
        'Version <= "6.3"',
        f"Build >= '10.0' or {PIN}",
        f"(Build >= '10.0') or (Name = 'x' and {PIN})",
        f"Build >= '10.0' and not {PIN}",
        "Build >= '10.0' and OperatingSystemNameandVersion like '%Workstation%'",
        "Build >= '10.0' and BuildNumber like '1%'",
        "ResourceId in (select ResourceId from SMS_R_System where Build >= '10.0')",
        "Name = 'and OperatingSystemNameandVersion like ''%10.0%''' and Build >= '10'",
    ],
)
def test_unpinned(condition: str) -> None:
    assert unpinned_comparison(START + condition)


@pytest.mark.parametrize(
    "condition",
    [
        f"Build >= '10.0.14393' and {PIN}",
        f"{PIN} AND (Build >= '10.0.14393' or Name = 'x')",
        f"(({PIN}))and(Build>='10.0.14393')",
        "Build >= '10.0.14393' and Build like '10.%'",
        "s.Version >= '10.0.14393' and g.Caption like 'Microsoft Windows 10%'",
        f"Build >= '10.0' and ({PIN} or OperatingSystemNameandVersion = 'Microsoft Windows NT Server 10.0')",
        f"{PIN} and ResourceId in (select ResourceId from SMS_R_System where Build >= '10.0')",
        "Build = '10.0.14393'",
        "Build like '10.0%'",
        "Name = 'Build >= 10'",
        "AgentVersion >= '5'",
        "Name <> 'Build'",
    ],
)
def test_pinned_or_not_compared(condition: str) -> None:
    assert unpinned_comparison(START + condition) is None


@given(
    st.lists(st.sampled_from(["Build", ">=", "'1'", "(", ")", "and", "or", "not", "where", "'", '"', "like", "10."])).map(
        " ".join
    )
)
def test_never_fails(query: str) -> None:
    unpinned_comparison(query)


def test_any_depth() -> None:
    assert unpinned_comparison(START + "(" * 4000 + "Build > '1'" + ")" * 4000) == "Build"
