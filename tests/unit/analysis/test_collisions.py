"""PC0401: code, place and words."""

from __future__ import annotations

from dataclasses import replace

from policyc.analysis.collisions import collisions
from policyc.model import CONFIGMGR, CSP, INTUNE, Collection, Intune, Location, Mode
from unit.analysis.estates import CONTEXT, collection, project

QUERY = "select * from SMS_R_System"


def test_two_that_can_meet() -> None:
    pilot = collection("Pilot", "onboarded", devices=("PC1",))
    leaving = collection("Leaving", "offboarded", query=QUERY)
    (found,) = collisions(project(leaving, pilot), CONTEXT)
    assert (found.code, found.level, found.holds) == ("PC0401", "error", None)
    assert found.location == Location("pilot.yaml", ("defender_atp", "state"))
    assert found.message == "A device of 'Pilot' (onboarded) can be in 'Leaving' (offboarded) at the same time"
    assert found.help == "in pilot.yaml, add 'Leaving' to 'exclude:' under 'collection: members:'"
    (related,) = found.related
    assert related.location == Location("leaving.yaml", ("defender_atp", "state"))
    assert related.message == "'Leaving' is offboarded"


def test_one_finding_for_each_onboarded_collection() -> None:
    leaving = [collection(f"Leaving {at}", "offboarded", query=QUERY) for at in range(8)]
    onboarded = [
        collection("One", "onboarded", query=QUERY),
        collection("It's", "onboarded", exclude=("Leaving 0",), query=QUERY),
    ]
    first, second = collisions(project(*leaving, *onboarded), CONTEXT)
    assert "'Leaving 0', 'Leaving 1', 'Leaving 2', 'Leaving 3', 'Leaving 4' and 3 more (offboarded)" in first.message
    assert len(first.related) == 5
    assert "'Leaving 0'" not in second.message
    assert "'Leaving 7'" in second.help


def test_unknown_members_need_members_too() -> None:
    (found,) = collisions(project(collection("Pilot", "onboarded"), collection("It's over", "offboarded")), CONTEXT)
    assert "add 'It''s over' to 'exclude:'" in found.help
    assert "without 'members:' its membership is the site's, and unknown here" in found.help


def test_proved_apart_says_nothing() -> None:
    pilot = collection("Pilot", "onboarded", query=QUERY, exclude=("Leaving",))
    assert list(collisions(project(pilot, collection("Leaving", "offboarded")), CONTEXT)) == []


def test_only_opposites_of_one_vocabulary_collide() -> None:
    assert list(collisions(project(collection("A", "onboarded"), collection("B", "onboarded"), collection("C")), CONTEXT)) == []


def test_audit_deploys_nothing() -> None:
    pilot = replace(collection("Pilot", "onboarded"), mode=Mode.AUDIT)
    assert list(collisions(project(pilot, collection("Leaving", "offboarded")), CONTEXT)) == []


def by_profiles(name: str, state: str, *targets: str, groups: str = "", excluded: str = "", **more: bool) -> Collection:
    intune = Intune(groups=tuple(groups.split()), excluded_groups=tuple(excluded.split()), **more)
    return replace(collection(name, state, query=QUERY), targets=(CSP, *targets), intune=intune)


def test_profiles_are_kept_apart_by_excluded_groups() -> None:
    pilot = by_profiles("Pilot", "onboarded", groups="g1", excluded="g2 g3")
    assert list(collisions(project(pilot, by_profiles("Leaving", "offboarded", groups="g2 g3")), CONTEXT)) == []
    assert list(collisions(project(pilot, by_profiles("Leaving", "offboarded", INTUNE, groups="g3")), CONTEXT)) == []
    other_way = by_profiles("Leaving", "offboarded", groups="g4", excluded="g1")
    assert list(collisions(project(pilot, other_way), CONTEXT)) == []


def test_groups_that_are_not_all_excluded_prove_nothing() -> None:
    pilot = by_profiles("Pilot", "onboarded", groups="g1", excluded="g2")
    for leaving in (
        by_profiles("Leaving", "offboarded", groups="g2 g3"),
        by_profiles("Leaving", "offboarded", groups="g2", all_devices=True),
        by_profiles("Leaving", "offboarded"),
    ):
        (found,) = collisions(project(pilot, leaving), CONTEXT)
        assert found.help is not None
        assert found.help.startswith("in pilot.yaml, add all groups of 'Leaving' to 'excluded_groups:' under 'intune:'")


def test_members_prove_nothing_of_profiles_and_groups_nothing_of_a_site() -> None:
    pilot = replace(by_profiles("Pilot", "onboarded", groups="g1"), members=collection("x", exclude=("Leaving",)).members)
    (found,) = collisions(project(pilot, by_profiles("Leaving", "offboarded", groups="g2")), CONTEXT)
    assert "excluded_groups" in str(found.help)
    both = by_profiles("Pilot", "onboarded", CONFIGMGR, groups="g1", excluded="g2")
    leaving = by_profiles("Leaving", "offboarded", CONFIGMGR, groups="g2")
    (found,) = collisions(project(both, leaving), CONTEXT)
    assert found.help == "in pilot.yaml, add 'Leaving' to 'exclude:' under 'collection: members:'"
    proved = replace(both, members=collection("x", query=QUERY, exclude=("Leaving",)).members)
    assert list(collisions(project(proved, leaving), CONTEXT)) == []


def test_one_by_profiles_and_one_by_a_site_is_never_proved() -> None:
    pilot = collection("Pilot", "onboarded", query=QUERY, exclude=("Leaving",))
    (found,) = collisions(project(pilot, by_profiles("Leaving", "offboarded", groups="g2")), CONTEXT)
    assert found.help == "let 'Pilot' and 'Leaving' go by the same targets: only then their groups, or members, prove it"
