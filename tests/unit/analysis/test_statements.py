"""PC0422 and PC0428: code, place and words."""

from __future__ import annotations

from dataclasses import replace

from policyc.analysis.statements import statements
from policyc.diagnostics import Diagnostic
from policyc.model import Apart, Collection, Location, Precedence
from unit.analysis.estates import CONTEXT, collection, project

AT = Location("project.yaml")


def find(*collections: Collection, apart: tuple[str, ...] = (), order: tuple[str, ...] = ()) -> list[Diagnostic]:
    estate = replace(
        project(*collections),
        disjoint=(Apart(apart, "so they say", AT.below("disjoint", 0)),) if apart else (),
        precedence=(Precedence(order, AT.below("precedence")),) if order else (),
    )
    return list(statements(estate, CONTEXT))


def listed(name: str, *devices: str) -> Collection:
    return collection(name, devices=devices, limited_to="All Systems")


def test_a_statement_that_a_device_contradicts() -> None:
    (found,) = find(listed("A", "PC1"), listed("B", "PC2"), listed("C", "pc1"), apart=("b", "a", "c"))
    assert (found.code, found.level) == ("PC0422", "error")
    assert found.location == AT.below("disjoint", 0, "collections", 2)
    assert found.message == "'A' and 'C' are stated to share no device, but 'PC1' is in both"
    assert [one.location for one in found.related] == [
        Location("a.yaml", ("collection", "members")),
        Location("c.yaml", ("collection", "members")),
    ]


def test_names_that_nobody_describes() -> None:
    kiosks, servers = collection("Kiosks"), collection("Servers")
    (apart,) = find(kiosks, servers, apart=("Kiosk", "servers"))
    assert (apart.code, apart.level, apart.help) == ("PC0428", "error", "did you mean 'Kiosks'?")
    assert apart.location == AT.below("disjoint", 0, "collections", 0)
    (order,) = find(kiosks, servers, order=("Kiosks", "Somewhere"))
    assert order.location == AT.below("precedence", 1)
    assert order.message == "no policy describes a collection 'Somewhere'"
    assert order.help.startswith("name collections of this project")


def test_nothing_is_said_of_a_statement_that_may_be_true() -> None:
    assert find(collection("A"), listed("B", "PC1"), apart=("A", "B", "a"), order=("B", "A")) == []
