"""PC0426 and PC0427: what an order adds, and why it can't."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from policyc.analysis.conflicts import conflicts
from policyc.analysis.meetings import Answer, Meetings
from policyc.analysis.precedence import settle
from policyc.diagnostics import Diagnostic
from policyc.model import (
    Applicability,
    Collection,
    Deployment,
    Interval,
    Location,
    MaintenanceWindow,
    Operator,
    Platform,
    Precedence,
    Project,
    Setting,
    Span,
    Version,
)
from registry_settings import altered
from unit.analysis.estates import CONTEXT, collection, onboarding, project, setting

O = Operator  # noqa: E741
QUERY = "select * from SMS_R_System"
ORDERS = Location("project.yaml").below("precedence")
SHORT = setting("lock", O.EQUALS, 60, name="Lock", origin=Location("kiosks.yaml").below("settings", "lock"))
LONG = setting("lock", O.EQUALS, 900, name="Lock", origin=Location("workstations.yaml").below("settings", "lock"))
OWN = setting("own", O.EQUALS, 1, name="Own")


def ordered(*collections: Collection, orders: tuple[tuple[str, ...], ...] = (("Kiosks", "Workstations"),)) -> Project:
    stated = tuple(Precedence(names, ORDERS.below(number)) for number, names in enumerate(orders))
    return replace(project(*collections), precedence=stated)


def kiosks(*settings: Setting, **rest: object) -> Collection:
    rest = rest or {"query": QUERY}
    return collection("Kiosks", settings=(SHORT, *settings), **rest)


def workstations(*settings: Setting, **rest: object) -> Collection:
    rest = rest or {"query": QUERY}
    return collection("Workstations", settings=(LONG, *settings), **rest)


def refused(*collections: Collection, **rest: object) -> Diagnostic:
    before = ordered(*collections, **rest)
    after, (found,) = settle(before)
    assert after.collections == before.collections
    assert (found.code, found.level) == ("PC0427", "error")
    return found


def test_the_loser_excludes_the_winner() -> None:
    before = ordered(kiosks(), workstations(query=QUERY, exclude=("Servers",)))
    assert [one.code for one in conflicts(before, CONTEXT)] == ["PC0424"]
    after, (found,) = settle(before)
    first, last = after.collections
    assert first == before.collections[0]
    assert last.members is not None
    assert last.members.exclude == ("Servers", "Kiosks")
    assert Meetings(after).of(first, last).answer is Answer.NEVER
    assert list(conflicts(after, CONTEXT)) == []
    assert (found.code, found.level) == ("PC0426", "note")
    assert found.location == ORDERS.below(0, 1)
    assert found.message == "'Workstations' gets the exclude rule 'Kiosks', which wins 1 conflict of the two"
    assert [one.location.file for one in found.related] == ["workstations.yaml", "kiosks.yaml", "workstations.yaml"]


@pytest.mark.parametrize(
    "estate",
    [
        ordered(kiosks(), workstations(), orders=()),
        ordered(kiosks(), workstations(query=QUERY, exclude=("Kiosks",))),
        ordered(kiosks(), collection("Workstations", query=QUERY, settings=(replace(SHORT),))),
        ordered(kiosks(), workstations(), orders=(("Kiosks", "kiosks"), ("Unknown", "Workstations"))),
    ],
)
def test_nothing_is_done_without_need(estate: Project) -> None:
    assert settle(estate) == (estate, [])


def test_the_same_order_twice_counts_once() -> None:
    _, found = settle(ordered(kiosks(), workstations(), orders=(("Kiosks", "Workstations"),) * 2))
    assert [one.code for one in found] == ["PC0426"]


def test_three_in_one_order() -> None:
    middle = collection("Middle", query=QUERY, settings=(setting("lock", O.EQUALS, 300, name="Lock"),))
    after, found = settle(ordered(kiosks(), middle, workstations(), orders=(("Kiosks", "Middle", "Workstations"),)))
    assert [one.code for one in found] == ["PC0426"] * 3
    assert [one.members.exclude for one in after.collections if one.members] == [(), ("Kiosks",), ("Kiosks", "Middle")]
    assert list(conflicts(after, CONTEXT)) == []


def test_orders_that_contradict_each_other() -> None:
    estate = ordered(kiosks(), workstations(), orders=(("Kiosks", "Workstations"), ("Workstations", "Kiosks")))
    _, (added, found) = settle(estate)
    assert (added.code, found.code) == ("PC0426", "PC0427")
    assert found.message == "'Workstations' can't win over 'Kiosks': another order says the opposite"
    assert found.location == ORDERS.below(1, 1)
    assert found.related[0].location == ORDERS.below(0, 1)


def test_members_of_the_site_alone() -> None:
    found = refused(kiosks(), workstations(limited_to="All Systems"))
    assert "the members of 'Workstations' are the site's" in found.message
    assert "'members:'" in found.help


@pytest.mark.parametrize(
    ("winner", "rest", "words"),
    [
        (kiosks(query=QUERY, limited_to="Workstations"), (), "'Kiosks' is limited to 'Workstations'"),
        (kiosks(include=("Workstations",)), (), "'Kiosks' includes 'Workstations'"),
        (
            kiosks(query=QUERY, exclude=("Odd",)),
            (collection("Odd", include=("Workstations",)),),
            "'Kiosks' excludes 'Odd', 'Odd' includes 'Workstations'",
        ),
    ],
)
def test_a_circle(winner: Collection, rest: tuple[Collection, ...], words: str) -> None:
    found = refused(winner, workstations(), *rest)
    assert found.message.endswith(f"it would have to exclude it, and so depend on itself, as {words}")


def windows() -> Deployment:
    window = MaintenanceWindow("Saturday", datetime(2026, 12, 5, 22), Span(4, Interval.HOURS))  # noqa: DTZ001
    return Deployment(maintenance_windows=(window,))


@pytest.mark.parametrize(
    ("winner", "loser", "lost"),
    [
        (kiosks(), workstations(OWN), "'own'"),
        (kiosks(altered(OWN, write=None)), workstations(OWN), "'own'"),
        (kiosks(replace(OWN, applies_to=Applicability(from_build=22000))), workstations(OWN), "'own'"),
        (replace(kiosks(), settings=(replace(SHORT, applies_to=Applicability(before_build=22000)),)), workstations(), "'lock'"),
        (kiosks(), replace(workstations(), packages=(onboarding(),)), "the onboarding package of Windows Defender ATP"),
        (kiosks(), replace(workstations(), deployment=windows()), "the maintenance window 'Saturday'"),
        (replace(kiosks(), deployment=Deployment(remediate=False)), workstations(), "all remediation"),
        (kiosks(), replace(workstations(), deployment=Deployment(co_managed=True)), "all settings on co-managed devices"),
        (
            kiosks(),
            replace(workstations(), platforms=(Platform.WINDOWS_10, Platform.SERVER_2019)),
            "all settings on the platform server-2019",
        ),
        (
            replace(kiosks(), platforms=(Platform.WINDOWS_11,)),
            workstations(),
            "all settings on the platform windows-10",
        ),
        (
            # An item of a site that doesn't say its version names Server 2016 alone.
            replace(kiosks(), platforms=(Platform.SERVER_2016,)),
            replace(workstations(), platforms=(Platform.SERVER_2016, Platform.SERVER_2022)),
            "all settings on the platform server-2022",
        ),
        (
            replace(kiosks(), platforms=(Platform.WINDOWS_10, Platform.SERVER_2016)),
            replace(workstations(), platforms=(Platform.ALL,)),
            "all settings on the platform all",
        ),
        # An exception for another value at the same place decides nothing about this one.
        (
            replace(kiosks(), exempted=(setting("own", O.EQUALS, 7, name="Own", origin=SHORT.origin),)),
            workstations(OWN),
            "'own'",
        ),
        (replace(kiosks(), exempted=(altered(OWN, write=None),)), workstations(replace(OWN, origin=LONG.origin)), "'own'"),
    ],
)
def test_what_would_be_lost(winner: Collection, loser: Collection, lost: str) -> None:
    found = refused(winner, loser)
    assert found.message == (
        "'Workstations' can't leave the devices that it shares with 'Kiosks' to it:"
        f" they would lose {lost}, which only 'Workstations' has"
    )
    assert found.related[0].message == f"{lost} would be lost"


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        (kiosks(OWN), workstations(OWN)),
        (kiosks(OWN), workstations(altered(OWN, id="other", write=None))),
        (kiosks(OWN), workstations(replace(OWN, applies_to=Applicability(from_build=22000)))),
        (replace(kiosks(), platforms=(Platform.ALL,)), workstations()),
        (kiosks(), replace(workstations(), platforms=(Platform.WINDOWS_10, Platform.WINDOWS_11))),
        (
            replace(kiosks(), platforms=(Platform.SERVER_2019,)),
            replace(workstations(), platforms=(Platform.SERVER_2019, Platform.SERVER_2022)),
        ),
        (replace(kiosks(), exempted=(OWN,)), workstations(OWN)),
        (
            replace(kiosks(), exempted=(OWN,)),
            workstations(altered(OWN, condition=LONG.subject.condition, write=LONG.subject.write)),
        ),
        (replace(kiosks(), exempted=(replace(OWN, origin=SHORT.origin),)), workstations(OWN)),
        (
            replace(kiosks(), packages=(onboarding(),), deployment=windows()),
            replace(workstations(), packages=(onboarding(),), deployment=windows()),
        ),
    ],
)
def test_what_the_winner_has_too_is_not_lost(winner: Collection, loser: Collection) -> None:
    _, found = settle(ordered(winner, loser))
    assert [one.code for one in found] == ["PC0426"]


def test_others_that_depend_on_the_loser() -> None:
    inner = collection("Inner", query=QUERY, limited_to="Workstations", settings=(OWN,))
    found = refused(kiosks(), workstations(), inner)
    assert found.message.endswith("'Inner' is limited to 'Workstations', and they would lose 'own' of it, too")
    outer = collection("Rest", query=QUERY, exclude=("Workstations",))
    found = refused(kiosks(), workstations(), outer)
    assert found.message.endswith("'Rest' excludes 'Workstations', and would take them in")
    deep = collection("Deep", query=QUERY, exclude=("Middle",))
    found = refused(kiosks(), workstations(), collection("Middle", include=("Workstations",)), deep)
    assert found.message.endswith("'Deep' excludes 'Middle', and would take them in")


def test_others_that_never_meet_the_winner_do_not_count() -> None:
    inner = collection("Inner", query=QUERY, limited_to="Workstations", settings=(OWN,), exclude=("Kiosks",))
    outer = collection("Rest", query=QUERY, exclude=("Workstations", "Kiosks"))
    _, found = settle(ordered(kiosks(), workstations(), inner, outer))
    assert [one.code for one in found] == ["PC0426"]


def test_a_site_that_knows_server_2019_has_it_from_server_2016() -> None:
    estate = ordered(
        replace(kiosks(), platforms=(Platform.SERVER_2016,)),
        replace(workstations(), platforms=(Platform.SERVER_2019,)),
    )
    found = [settle(replace(estate, server_version=Version(site)))[1] for site in ("1802", "1806", "2403")]
    assert [[one.code for one in each] for each in found] == [["PC0427"], ["PC0426"], ["PC0426"]]


def test_an_order_of_two_that_their_platforms_keep_apart_adds_nothing() -> None:
    estate = ordered(kiosks(), replace(workstations(), platforms=(Platform.SERVER_2019,)))
    assert settle(estate) == (estate, [])
