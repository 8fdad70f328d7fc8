"""Never and surely are said only where they hold whatever isn't known; each answer has a reason."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from policyc.analysis.meetings import Answer, Meeting, Meetings
from policyc.model import Apart, Collection, Location
from unit.analysis.estates import collection, project

ALL = "select * from SMS_R_System"
ROOT = "All Systems"
CLIENTS = "All Desktop and Server Clients"


def meet(one: Collection, other: Collection, *rest: Collection) -> Meeting:
    estate = project(one, other, *rest)
    meeting = Meetings(estate).of(one, other)
    assert Meetings(estate).of(other, one) == meeting
    return meeting


def listed(name: str, *devices: str, **rest: object) -> Collection:
    return collection(name, devices=devices, limited_to=rest.pop("limited_to", ROOT), **rest)


@pytest.mark.parametrize(
    ("one", "other", "rest", "reason"),
    [
        (listed("A", "PC1"), listed("B", "pc1", "PC2"), (), "'PC1' is in both"),
        (listed("A", "PC1", "PC2"), listed("B", "PC2", "PC1"), (), "'PC1' and 1 more device are in both"),
        (listed("A", "PC1"), collection("B", include=("C",), limited_to=ROOT), (listed("C", "PC1"),), "'PC1' is in both"),
        (
            listed("A", "PC1", limited_to=CLIENTS),
            collection("B", query=ALL, devices=("PC1",), limited_to=ROOT),
            (),
            "'PC1' is in both",
        ),
        (listed("A", "PC1", limited_to="L"), listed("B", "PC1"), (listed("L", "PC1", "PC2"),), "'PC1' is in both"),
        (listed("A", "PC1", exclude=("X",)), listed("B", "PC1"), (listed("X", "PC2"),), "'PC1' is in both"),
    ],
)
def test_surely(one: Collection, other: Collection, rest: tuple[Collection, ...], reason: str) -> None:
    assert meet(one, other, *rest) == Meeting(Answer.SURELY, reason)


@pytest.mark.parametrize(
    ("one", "other", "rest", "reason"),
    [
        (listed("A", "PC1"), listed("B", "PC2"), (), "they list different devices"),
        (collection("A", query=ALL, exclude=("b",)), collection("B"), (), "'A' excludes 'B'"),
        (
            collection("A", limited_to="L"),
            collection("B", limited_to="M"),
            (collection("L", exclude=("M",), query=ALL), collection("M")),
            "'L', to which 'A' is limited, excludes 'M', to which 'B' is limited",
        ),
        (
            collection("A", query=ALL, exclude=("Somewhere",)),
            collection("B", limited_to="SOMEWHERE"),
            (),
            "'A' excludes 'Somewhere', to which 'B' is limited",
        ),
        (
            collection("A", include=("X",)),
            collection("B"),
            (collection("X", query=ALL, exclude=("B",)),),
            "their rules, taken together, leave no device for both",
        ),
        (
            collection("A", limited_to=ROOT),
            listed("B", "PC1", exclude=("X",)),
            (collection("X", include=("A",), limited_to=ROOT),),
            "their rules, taken together, leave no device for both",
        ),
    ],
)
def test_never(one: Collection, other: Collection, rest: tuple[Collection, ...], reason: str) -> None:
    assert meet(one, other, *rest) == Meeting(Answer.NEVER, reason)


KEEPS = "'PC1' is listed for both, and only the site knows whether a rule keeps it out of "


@pytest.mark.parametrize(
    ("one", "other", "rest", "reason"),
    [
        (collection("A", query=ALL), collection("B", query=ALL), (), "both have queries"),
        (collection("A"), collection("B"), (), "the site's memberships of both are unknown"),
        (listed("A", "PC1"), collection("B"), (), "the site's membership of 'B' is unknown"),
        (listed("A", "PC1"), collection("B", query=ALL), (), "'B' has a query"),
        (  # X has those of A that have the client, and PC1 may be without it
            collection("A", limited_to=ROOT),
            listed("B", "PC1", exclude=("X",)),
            (collection("X", include=("A",), limited_to=CLIENTS),),
            "the site's membership of 'A' is unknown",
        ),
        (listed("A", "PC1", limited_to="Site"), listed("B", "PC1"), (), KEEPS + "'A'"),
        (listed("A", "PC1", limited_to=None), listed("B", "PC1", exclude=("Site",)), (), KEEPS + "'A' and 'B'"),
        (
            collection("A", query=ALL, limited_to="B"),
            collection("B", query=ALL),
            (),
            "'A' is limited to 'B', which has whatever device it has",
        ),
        (collection("A", include=("B", "C")), collection("B", query=ALL), (collection("C"),), "'A' includes 'B'"),
        (
            collection("A", include=("C",)),
            listed("B", "PC1"),
            (collection("C", query=ALL),),
            "'A' includes 'C', which has a query",
        ),
        (
            collection("A", include=("C",)),
            listed("B", "PC1"),
            (collection("C"),),
            "'A' includes 'C', and the site's membership of that is unknown",
        ),
        (
            collection("A", include=("C",)),
            listed("B", "PC1"),
            (collection("C", include=("Site",)),),
            "'C' includes 'Site', which no policy describes",
        ),
        (
            listed("A", "PC1", include=("B",)),
            listed("B", "PC1", include=("A",)),
            (),
            KEEPS + "'A' and 'B'",
        ),
    ],
)  # fmt: skip
def test_perhaps(one: Collection, other: Collection, rest: tuple[Collection, ...], reason: str) -> None:
    assert meet(one, other, *rest) == Meeting(Answer.PERHAPS, reason)


def test_a_statement_settles_what_is_open_and_what_lies_inside() -> None:
    kiosks, laptops = collection("Kiosks", query=ALL), collection("Laptops", query=ALL)
    inner = collection("Loaned", query=ALL, limited_to="Laptops")
    apart = Apart(("kiosks", "laptops"), "no battery", Location("project.yaml"))
    estate = replace(project(kiosks, laptops, inner), disjoint=(apart,))
    meetings = Meetings(estate)
    assert meetings.of(kiosks, laptops) == Meeting(Answer.NEVER, "the project keeps 'Laptops' apart from 'Kiosks': no battery")
    assert meetings.of(kiosks, inner) == Meeting(
        Answer.NEVER, "the project keeps 'Laptops', to which 'Loaned' is limited, apart from 'Kiosks': no battery"
    )
    assert meetings.of(laptops, inner).answer is Answer.PERHAPS


def test_a_statement_does_not_hide_what_is_sure() -> None:
    one, other = listed("A", "PC1"), listed("B", "PC1")
    estate = replace(project(one, other), disjoint=(Apart(("A", "B"), "so they say", Location("project.yaml")),))
    assert Meetings(estate).of(one, other).answer is Answer.SURELY


def test_two_policies_of_one_name_are_not_told_apart() -> None:
    one, other = listed("A", "PC1"), replace(listed("a", "PC2"), origin=Location("other.yaml"))
    assert meet(one, other) == Meeting(Answer.PERHAPS, "two policies describe a collection of this name")


def test_candidates_leave_out_those_that_list_other_devices() -> None:
    estate = project(listed("A", "PC1"), listed("B", "PC2"), listed("C", "PC1", "PC2"), collection("D"))
    meetings = Meetings(estate)
    assert meetings.candidates(0) == {2, 3}
    assert meetings.candidates(3) == {0, 1, 2}
    assert meetings.certain(2) == {0, 1}
    assert meetings.certain(3) == set()


def test_chains_beyond_measure_end() -> None:
    chain = [listed(f"L{at}", "PC1", limited_to=f"L{at + 1}") for at in range(3000)]
    assert meet(chain[0], listed("B", "PC1"), *chain[1:]).answer is Answer.PERHAPS


NAMES = ("c0", "c1", "c2", "c3", "c4")
DEVICES = ("d0", "d1", "d2", "d3")
SITE = ("site", "other site")


@st.composite
def estates(draw: st.DrawFn) -> list[Collection]:
    """Up to five collections; each names only earlier ones, one of the site's, or one that only the site has."""
    found = []
    for at, name in enumerate(NAMES[: draw(st.integers(2, 5))]):
        others = st.sampled_from([*NAMES[:at], *SITE])
        lists = st.lists(others, max_size=2, unique=True).map(tuple)
        every = st.sampled_from([ROOT, CLIENTS])
        rules = {
            "query": draw(st.sampled_from([None, None, ALL])),
            "devices": draw(st.sampled_from([(), DEVICES[:1], DEVICES[:2], DEVICES[1:3], DEVICES[2:], DEVICES])),
            "include": draw(st.just(()) | lists),
            "exclude": draw(st.just(()) | st.just(()) | lists),
        }
        known = draw(st.integers(0, 4)) and (rules["query"] or rules["devices"] or rules["include"])
        limited_to = draw(every | every | st.none() | others)
        found.append(collection(name, limited_to=limited_to, **(rules if known else {})))
    return found


statements = st.lists(st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True).map(tuple), max_size=1)


def worlds_of_a_device(estate: list[Collection], device: str, *, found: bool) -> list[dict[str, bool]]:
    """Where one device is, in every world: whatever the queries, the site's rules and its own collections say of it.

    `found`: a direct rule finds the device that it names, and that is a client; otherwise the rule may miss it, and it may be a
    device that the site only knows of.
    """
    both, free, worlds = (False, True), [], []
    for one in estate:
        members = one.members
        free.append(both if one.limited_to is None else (True,))
        free.append(both if members is None or members.query else (False,))
        free.append(both if members and members.devices and not found else (True,))
    clients = (True,) if found else both
    for client, site, other_site, *guesses in product(clients, both, both, *free):
        inside = {ROOT: True, CLIENTS: client, "site": site, "other site": other_site}
        for at, one in enumerate(estate):
            in_limit, asked, direct = guesses[3 * at : 3 * at + 3]
            members = one.members
            comes_in, kept_out = asked, False
            if members is not None:
                comes_in = asked or (direct and device in members.devices) or any(inside[name] for name in members.include)
                kept_out = any(inside[name] for name in members.exclude)
            inside[one.name] = in_limit and (one.limited_to is None or inside[one.limited_to]) and comes_in and not kept_out
        worlds.append(inside)
    return worlds


def allowed(inside: dict[str, bool], stated: list[tuple[str, ...]]) -> bool:
    return all(sum(inside.get(name, False) for name in names) < 2 for names in stated)


@settings(max_examples=100, deadline=None)
@given(estates(), statements)
def test_agrees_with_all_worlds(estate: list[Collection], stated: list[tuple[str, ...]]) -> None:
    """What isn't known of one device says nothing of another: so two collections share a device in all worlds exactly if there
    is one device that they share in all worlds of its own."""
    aparts = tuple(Apart(names, "so they say", Location("project.yaml")) for names in stated)
    meetings = Meetings(replace(project(*estate), disjoint=aparts))
    may = {device: worlds_of_a_device(estate, device, found=False) for device in (*DEVICES, "another")}
    named = {device: worlds_of_a_device(estate, device, found=True) for device in DEVICES}
    for one, other in combinations(estate, 2):
        answer = meetings.of(one, other).answer
        event(answer.value)

        def shared(inside: dict[str, bool], one: str = one.name, other: str = other.name) -> bool:
            return inside[one] and inside[other]

        sure = any(all(map(shared, worlds)) for worlds in named.values())
        possible = any(shared(inside) for worlds in may.values() for inside in worlds if allowed(inside, stated))
        if answer is Answer.NEVER:
            assert not possible
        elif answer is Answer.SURELY:
            assert sure
        else:
            # A statement may leave a collection empty by ways that nobody follows.
            assert possible or stated
        left, right = meetings.number(one), meetings.number(other)
        assert (right in meetings.certain(left)) is (answer is Answer.SURELY)
        assert right in meetings.candidates(left) or answer is Answer.NEVER
