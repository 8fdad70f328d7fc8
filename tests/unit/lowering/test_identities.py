"""Who a collection is under its names: what it owns, and what no other may claim."""

from __future__ import annotations

import random

import pytest

from policyc.lowering.slugs import slug

ESTATE = "3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f"
DERIVED = "6eb3e9c0-8007-57db-857f-94065b852411"


def head(name: str, *formerly: str) -> dict[str, object]:
    return {"collection": {"name": name, "formerly": list(formerly)} if formerly else {"name": name}}


def lowered(lower_files, *collections, estate: str = ESTATE, departed: tuple[str, ...] = ()):
    files = {f"{number}.yaml": tree for number, tree in enumerate(collections)}
    project = {"project": {"name": "Example", "id": estate}, **({"departed": list(departed)} if departed else {})}
    return lower_files({**files, "project.yaml": project})


def owners(result) -> dict[str, tuple[str, list[str]]]:
    """By name: who owns what it changes now, and whose it takes for its own."""
    return {
        one.name: (one.owner.removeprefix(f"{ESTATE}/"), [other.removeprefix(f"{ESTATE}/") for other in one.adopts])
        for one in result.project.collections
    }


def test_a_name_that_never_changed(lower_files) -> None:
    result = lowered(lower_files, head("Pilot ring"))
    assert owners(result) == {"Pilot ring": ("pilot-ring", [])}
    (one,) = result.project.collections
    assert one.owner == f"{ESTATE}/pilot-ring"


@pytest.mark.parametrize(
    ("collections", "expected"),
    [
        ([head("B", "A")], {"B": ("a", ["b"])}),
        ([head("C", "A", "B")], {"C": ("a", ["b", "c"])}),
        ([head("A", "A", "B")], {"A": ("a", ["b"])}),
        ([head("B", "A"), head("A", "B")], {"B": ("a", []), "A": ("b", [])}),
        (
            [head("B", "A"), head("C", "B"), head("A", "C")],
            {"B": ("a", []), "C": ("b", []), "A": ("c", [])},
        ),
        ([head("A", "B"), head("C", "A")], {"A": ("b", []), "C": ("a", ["c"])}),
        ([head("B", "A"), head("C", "B"), head("D")], {"B": ("a", []), "C": ("b", ["c"]), "D": ("d", [])}),
        ([head("Both", "One", "Two"), head("Other")], {"Both": ("one", ["two", "both"]), "Other": ("other", [])}),
    ],
    ids=["renamed", "chain", "there and back", "swap", "ring of three", "freed name", "taken up", "merge"],
)
def test_names_that_changed(lower_files, collections, expected) -> None:
    result = lowered(lower_files, *collections)
    assert result.codes == []
    assert owners(result) == expected


def test_an_estate_of_before_adopts_what_has_a_slug_alone(lower_files) -> None:
    result = lowered(lower_files, head("B", "A"), head("C"), estate=DERIVED)
    assert {one.name: one.adopts for one in result.project.collections} == {
        "B": (f"{DERIVED}/b", "a", "b"),
        "C": ("c",),
    }


@pytest.mark.parametrize(
    ("collections", "departed", "code", "message"),
    [
        ([head("B", "A"), head("A")], (), "PC0350", "'A' is the name that 'B' had"),
        ([head("B", "A!"), head("A")], (), "PC0350", "'A' is the name that 'B' had"),
        ([head("B", "A"), head("C", "a")], (), "PC0351", "'C' and 'B' both say that they were called 'a'"),
        ([head("B", "A")], ("A",), "PC0352", "'A' has departed, and yet 'B' is called so, or was"),
        ([head("B")], ("x", "b"), "PC0352", "'b' has departed, and yet 'B' is called so, or was"),
    ],
)
def test_a_name_is_one_collections(lower_files, collections, departed, code, message) -> None:
    result = lowered(lower_files, *collections, departed=departed)
    (found,) = [one for one in result.found if one.is_error]
    assert found.code == code
    assert found.message.startswith(message)


def test_a_name_of_a_swap_may_have_departed_nowhere(lower_files) -> None:
    """The own name is claimed by the other one's `formerly:`."""
    result = lowered(lower_files, head("B", "A"), head("A", "B"), departed=("C",))
    assert result.codes == []
    assert result.project.departed == ("C",)


def test_who_departed_under_anothers_name_is_not_adopted(lower_files) -> None:
    """'A' and 'B' exchanged their names, then the one that is called 'A' now was deleted."""
    result = lowered(lower_files, head("B", "A"), departed=("B",))
    assert result.codes == []
    assert owners(result) == {"B": ("a", [])}


@pytest.mark.parametrize("seed", range(60))
def test_a_walk_of_names(lower_files, seed: int) -> None:
    """Renames, swaps, merges, new and departed ones at random: all that was ever changed has one owner or has departed."""
    chance = random.Random(seed)
    free = [f"N{number}" for number in range(40)]
    there: list[tuple[str, list[str]]] = [(free.pop(), []) for _ in range(3)]
    gone: list[str] = []
    # What each collection changed, under the owner of the time.
    changed: dict[str, str] = {}
    model: dict[int, set[str]] = {number: set() for number in range(3)}
    ids = [0, 1, 2]
    last = 3
    for _ in range(12):
        step = chance.choice(["rename", "rename", "swap", "merge", "new", "depart"])
        if step == "rename":
            at = chance.randrange(len(there))
            name, formerly = there[at]
            there[at] = (free.pop(), formerly or [name])
        elif step == "swap" and len(there) > 1:
            one, other = chance.sample(range(len(there)), 2)
            names = there[one][0], there[other][0]
            for at, name in ((one, names[1]), (other, names[0])):
                first = there[at][1] or [there[at][0]]
                there[at] = (name, first)
        elif step == "merge" and len(there) > 1:
            one, other = chance.sample(range(len(there)), 2)
            name, formerly = there[one]
            there[one] = (name, [*(formerly or [name]), *(there[other][1] or [there[other][0]])])
            model[ids[one]] |= model.pop(ids[other])
            del there[other], ids[other]
        elif step == "new":
            there.append((free.pop(), []))
            model[last] = set()
            ids.append(last)
            last += 1
        elif step == "depart" and len(there) > 1:
            at = chance.randrange(len(there))
            name, formerly = there.pop(at)
            gone += formerly or [name]
            model.pop(ids.pop(at))
        result = lowered(lower_files, *(head(name, *formerly) for name, formerly in there), departed=tuple(gone))
        assert result.codes == [], (step, there, gone)
        by_name = {one.name: one for one in result.project.collections}
        reach = [{by_name[name].owner, *by_name[name].adopts} for name, _ in there]
        for number, known in enumerate(ids):
            assert model[known] <= reach[number], (step, there)
            assert all(not model[known] & reach[other] for other in range(len(ids)) if other != number)
            owner = by_name[there[number][0]].owner
            model[known].add(owner)
            changed[owner] = there[number][0]
        departed = {f"{ESTATE}/{slug(name)}" for name in gone}
        owned = {owner for known in model.values() for owner in known}
        assert set(changed) <= departed | owned
        assert not departed & owned
