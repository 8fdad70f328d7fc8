"""PC0402, PC0403 and PC0419: code, place and words."""

from __future__ import annotations

import pytest

from policyc.analysis.collection_names import collection_names
from policyc.diagnostics import Diagnostic
from policyc.model import Collection, Location
from unit.analysis.estates import CONTEXT, collection, project

QUERY = "select * from SMS_R_System"


def find(*collections: Collection) -> list[Diagnostic]:
    return list(collection_names(project(*collections), CONTEXT))


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({"limited_to": "pilot"}, ("collection", "limited_to")),
        ({"include": ("Other", "Pilot")}, ("collection", "members", "include", 1)),
        ({"query": QUERY, "exclude": ("PILOT",)}, ("collection", "members", "exclude", 0)),
    ],
)
def test_a_rule_that_names_its_own_collection(rules: dict[str, object], path: tuple[str | int, ...]) -> None:
    (found,) = find(collection("Pilot", **rules))
    assert (found.code, found.level, found.location) == ("PC0402", "error", Location("pilot.yaml", path))
    rule = next(step for step in reversed(path) if isinstance(step, str))
    assert found.message == f"'Pilot' names itself in '{rule}'"
    assert found.help == "name another collection"


def test_limited_in_a_circle() -> None:
    outside = collection("Outside", limited_to="B")
    (found,) = find(outside, collection("B", limited_to="C"), collection("C", limited_to="D"), collection("D", limited_to="B"))
    assert (found.code, found.level) == ("PC0402", "error")
    assert found.location == Location("b.yaml", ("collection", "limited_to"))
    assert found.message == "'B' is limited to itself, by way of 'C'"
    assert [related.location.file for related in found.related] == ["c.yaml", "d.yaml"]


@pytest.mark.parametrize("name", ["Pilot workstation", "Pilto workstations", "Pilot-Workstations", "Pilot wirkstations"])
def test_a_slip_of_the_pen(name: str) -> None:
    (found,) = find(collection("Pilot workstations"), collection("Other", query=QUERY, exclude=("Pilot workstations", name)))
    assert (found.code, found.level) == ("PC0403", "warning")
    assert found.location == Location("other.yaml", ("collection", "members", "exclude", 1))
    assert found.message == f"No policy describes a collection '{name}', but one describes 'Pilot workstations'"
    assert "write 'Pilot workstations'" in found.help
    assert found.related[0].location == Location("pilot-workstations.yaml", ("collection", "name"))


@pytest.mark.parametrize(
    ("known", "named"), [("Ring 1", "Ring 2"), ("PCs", "PDs"), ("Pilot", "All Desktop and Server Clients"), ("Pilot", "PILOT")]
)
def test_other_names_are_other_collections(known: str, named: str) -> None:
    assert find(collection(known), collection("Other", limited_to=named)) == []


def test_the_right_one_of_two_that_are_spelt_alike() -> None:
    (found,) = find(collection("Ring one 1"), collection("Ring one 2"), collection("Other", limited_to="Rng one 2"))
    assert "'Ring one 2'" in found.help


def test_members_from_nowhere() -> None:
    (found,) = find(collection("Pilot", exclude=("Somewhere",)))
    assert (found.code, found.level) == ("PC0419", "warning")
    assert found.location == Location("pilot.yaml", ("collection", "members"))
    assert found.message == "The members of 'Pilot' come from nowhere: the collection would be empty"
    assert "'query:', 'devices:' or 'include:'" in found.help
