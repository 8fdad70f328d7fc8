"""Disjoint is said only where it is proved, and wherever it can be."""

from __future__ import annotations

from itertools import combinations, product
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyc.analysis.memberships import Memberships
from policyc.model import Collection
from unit.analysis.estates import collection, project

ALL = "select * from SMS_R_System"


def disjoint(one: Collection, other: Collection, *rest: Collection) -> bool:
    memberships = Memberships(project(one, other, *rest))
    answer = memberships.disjoint(one, other)
    assert Memberships(project(*rest, other, one)).disjoint(other, one) is answer
    return answer


A = collection("A", query=ALL)
B = collection("B", query=ALL)


@pytest.mark.parametrize(
    ("one", "other", "rest"),
    [
        pytest.param(collection("A", query=ALL, exclude=("B",)), B, (), id="exclude"),
        pytest.param(collection("A", query=ALL, exclude=("b",)), collection("B"), (), id="exclude of unknown members"),
        pytest.param(collection("A", limited_to="L"), B, (collection("L", query=ALL, exclude=("B",)),), id="limit excludes"),
        pytest.param(
            collection("A", limited_to="L"),
            B,
            (collection("L", limited_to="M"), collection("M", query=ALL, exclude=("B",))),
            id="chain of limits",
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)),
            collection("B", limited_to="C"),
            (collection("C"),),
            id="inside what is excluded",
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("Somewhere",)),
            collection("B", limited_to="Somewhere"),
            (),
            id="of the site only",
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)),
            collection("B", limited_to="L"),
            (collection("C", limited_to="L", include=("B",)),),
            id="included by what is excluded",
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)),
            B,
            (collection("C", limited_to="All Systems", include=("B",)),),
            id="the root limits nothing",
        ),
        pytest.param(
            collection("A", include=("X", "Y")),
            B,
            (collection("X", query=ALL, exclude=("B",)), collection("Y", query=ALL, exclude=("B",))),
            id="all sources are disjoint",
        ),
        pytest.param(collection("A", devices=("PC1", "PC2")), collection("B", devices=("PC3",)), (), id="other devices"),
        pytest.param(
            collection("A", include=("X",)),
            collection("B", devices=("PC3",)),
            (collection("X", devices=("PC1",)),),
            id="devices by way of an include",
        ),
        pytest.param(
            collection("A", devices=("PC1",), include=("X",)),
            collection("B", devices=("PC2",)),
            (collection("X", query=ALL, exclude=("B",)),),
            id="other devices, and an include that excludes",
        ),
        pytest.param(
            collection("A", limited_to="L", query=ALL),
            collection("B", devices=("PC2",)),
            (collection("L", devices=("PC1",)),),
            id="the limit lists devices",
        ),
    ],
)
def test_proved(one: Collection, other: Collection, rest: tuple[Collection, ...]) -> None:
    assert disjoint(one, other, *rest)


@pytest.mark.parametrize(
    ("one", "other", "rest"),
    [
        pytest.param(A, B, (), id="two queries"),
        pytest.param(collection("A"), collection("B"), (), id="unknown"),
        pytest.param(collection("A", devices=("PC1",)), collection("B"), (), id="a list and the unknown"),
        pytest.param(collection("A", devices=("PC1",)), collection("B", devices=("pc1",)), (), id="one device, two spellings"),
        pytest.param(collection("A", exclude=("C",)), B, (collection("C"),), id="excludes another"),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)), collection("B", include=("C", "D")), (), id="part of it is excluded"
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)),
            B,
            (collection("C", include=("B",)),),
            id="the site's own limit may keep B out of C",
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)),
            B,
            (collection("C", limited_to="L", include=("B",)),),
            id="a limit may keep B out of C",
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)),
            B,
            (collection("C", limited_to="All Systems", include=("B",), exclude=("D",)),),
            id="an exclude keeps part of B out of C",
        ),
        pytest.param(
            collection("A", query=ALL, exclude=("C",)),
            collection("B", devices=("PC1",)),
            (collection("C", limited_to="All Systems", devices=("PC1",)),),
            id="a direct rule may find another device of that name",
        ),
        pytest.param(
            collection("A", devices=("PC1",), include=("Somewhere",)),
            collection("B", devices=("PC2",)),
            (),
            id="unknown include",
        ),
        pytest.param(collection("A", limited_to="L"), collection("B", limited_to="M"), (), id="two limits of the site"),
        pytest.param(A, collection("B", include=("A",)), (), id="included"),
        pytest.param(collection("A", exclude=("X",)), collection("B", devices=("PC1",)), (), id="members from nowhere"),
    ],
)
def test_not_proved(one: Collection, other: Collection, rest: tuple[Collection, ...]) -> None:
    assert not disjoint(one, other, *rest)


def test_a_name_that_two_collections_have_proves_nothing() -> None:
    one = collection("A", query=ALL, exclude=("B",))
    assert not Memberships(project(one, collection("a", query=ALL), B)).disjoint(one, collection("B", query=ALL))


@pytest.mark.parametrize(
    "rules",
    [
        {"limited_to": "B"},
        {"include": ("B",)},
        {"exclude": ("B",), "query": ALL},
        {"include": ("A", "B"), "exclude": ("A",), "limited_to": "A"},
    ],
)
def test_circles_end(rules: dict[str, object]) -> None:
    one = collection("A", **rules)
    other = collection("B", **{key: ("A",) if isinstance(value, tuple) else "A" for key, value in rules.items()})
    disjoint(one, other)
    assert not disjoint(collection("C", query=ALL), collection("D", query=ALL), one, other)


def test_long_chains_end() -> None:
    count = 3000
    limits = [collection(f"L{at}", limited_to=f"L{at + 1}", include=(f"L{at + 1}",)) for at in range(count)]
    last = collection(f"L{count}", query=ALL, exclude=("B",))
    assert disjoint(limits[0], B, *limits[1:], last)


def test_hard_estates_end() -> None:
    """More cases than can be told apart are not proved."""
    layers = [
        collection(f"N{layer}-{at}", include=tuple(f"N{layer + 1}-{to}" for to in range(6)), exclude=(f"N{layer + 1}-{at}",))
        for layer in range(30)
        for at in range(6)
    ]
    start = process_time()
    Memberships(project(A, B, *layers)).disjoint(layers[0], layers[1])
    assert process_time() - start < 30


NAMES = ("c0", "c1", "c2", "c3")
DEVICES = ("d0", "d1")


@st.composite
def estates(draw: st.DrawFn) -> list[Collection]:
    """Four collections without circles: each names only earlier ones, the root, or one that only the site has."""
    found = []
    for at, name in enumerate(NAMES):
        others = st.sampled_from([*NAMES[:at], "site"])
        lists = st.lists(others, max_size=2, unique=True).map(tuple)
        limited_to = draw(st.none() | st.just("All Systems") | others)
        rules = {
            "query": draw(st.none() | st.just(ALL)),
            "devices": draw(st.lists(st.sampled_from(DEVICES), unique=True).map(tuple)),
            "include": draw(lists),
            "exclude": draw(lists),
        }
        known = draw(st.booleans()) and (rules["query"] or rules["devices"] or rules["include"])
        found.append(collection(name, limited_to=limited_to, **(rules if known else {})))
    return found


def unknowns(one: Collection) -> list[tuple[bool, ...]]:
    """What isn't known of a device: within the site's limit, found by the query or the site's rules, by the direct rule."""
    both, members = (False, True), one.members
    return list(
        product(
            both if one.limited_to is None else (True,),
            both if members is None or members.query else (False,),
            both if members is not None and members.devices else (False,),
        )
    )


def sharing(estate: list[Collection]) -> set[tuple[str, str]]:
    """The pairs that can share a device, by trying: every device name, and everything that isn't known either way."""
    pairs = set()
    for device, at_site, *guesses in product((*DEVICES, "another"), (False, True), *map(unknowns, estate)):
        inside = {"All Systems": True, "site": at_site}
        for one, (in_limit, found, direct) in zip(estate, guesses, strict=True):
            comes_in, kept_out, members = found, False, one.members
            if members is not None:
                listed = direct and device in members.devices
                comes_in = found or listed or any(inside[name] for name in members.include)
                kept_out = any(inside[name] for name in members.exclude)
            within = in_limit and (one.limited_to is None or inside[one.limited_to])
            inside[one.name] = within and comes_in and not kept_out
        pairs.update(combinations([name for name in NAMES if inside[name]], 2))
    return pairs


@settings(max_examples=60, deadline=None)
@given(estates())
def test_agrees_with_trying_everything(estate: list[Collection]) -> None:
    memberships = Memberships(project(*estate))
    pairs = sharing(estate)
    for one, other in combinations(estate, 2):
        assert memberships.disjoint(one, other) is ((one.name, other.name) not in pairs)
