"""`disjoint:` and `precedence:` of the project file."""

from __future__ import annotations

import pytest

from policyc.model import Apart, Location, Precedence

HEAD = {"project": {"name": "Estate", "id": "53a2c47b-fe79-5c2a-896b-87d743ec3c68"}}
ORDERS = Location("project.yaml").below("precedence")


def test_silence(project):
    result = project(project=HEAD).project
    assert (result.disjoint, result.precedence) == ((), ())


def test_disjoint(project):
    first = {"collections": ["A", "B", "C"], "reason": "so it is"}
    result = project(project={**HEAD, "disjoint": [first, {"collections": ["D", "E"], "reason": "too"}]})
    at = Location("project.yaml").below("disjoint")
    assert result.project.disjoint == (Apart(("A", "B", "C"), "so it is", at.below(0)), Apart(("D", "E"), "too", at.below(1)))
    assert result.found == []


@pytest.mark.parametrize(
    ("tree", "orders"),
    [
        (["A", "B"], (Precedence(("A", "B"), ORDERS),)),
        ([["A", "B"], ["C", "A"]], (Precedence(("A", "B"), ORDERS.below(0)), Precedence(("C", "A"), ORDERS.below(1)))),
    ],
)
def test_one_order_or_several(project, tree, orders):
    result = project(project={**HEAD, "precedence": tree})
    assert result.project.precedence == orders
    assert result.found == []


def test_a_name_that_stands_twice(project):
    found = project(project={**HEAD, "precedence": ["A", "a"]}).finding
    assert (found.code, found.location) == ("PC0312", ORDERS.below(1))
    found = project(project={**HEAD, "disjoint": [{"collections": ["A", "A"], "reason": "x"}]}).finding
    assert found.location.path == ("disjoint", 0, "collections", 1)
