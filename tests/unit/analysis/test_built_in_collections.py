"""PC0433: collections that every site brings."""

from __future__ import annotations

import pytest

from policyc.analysis.built_in_collections import built_in_collections
from policyc.diagnostics import Diagnostic
from policyc.model import Collection
from unit.analysis.estates import CONTEXT, collection, project


def find(one: Collection) -> list[Diagnostic]:
    return list(built_in_collections(project(one), CONTEXT))


@pytest.mark.parametrize("name", ["All Systems", "all desktop AND server clients", "Co-management Eligible Devices"])
def test_members_of_a_built_in_collection_cant_be_said(name: str) -> None:
    for rest, rule in (({"devices": ("PC-1",)}, "members"), ({"limited_to": "All Systems"}, "limited_to")):
        (found,) = find(collection(name, **rest))
        assert (found.code, found.level) == ("PC0433", "error")
        assert found.location.path == ("collection", rule)
        assert f"take '{rule}:' out" in (found.help or "")
    assert find(collection(name)) == []


@pytest.mark.parametrize("name", ["All Users", "All User Groups", "ALL USERS AND USER GROUPS"])
def test_collections_of_users_have_no_devices(name: str) -> None:
    (found,) = find(collection(name))
    assert (found.code, found.location.path) == ("PC0433", ("collection", "name"))


@pytest.mark.parametrize("name", ["All Systems of Sales", "All Tills", "Systems", "Co-management pilot"])
def test_other_names_are_free(name: str) -> None:
    assert find(collection(name, query="select * from SMS_R_System")) == []
