"""PC05xx: code, place and words."""

from __future__ import annotations

from dataclasses import replace

from policyc.diagnostics.diagnostic import Level
from policyc.model import Location
from policyc.targets.configmgr.checks import check
from unit.targets.samples import COLLECTION, ONBOARDING, PROJECT, SETTING

LONG = "Pilot workstations of the northern branch offices"


def test_nothing_to_say() -> None:
    assert not list(check(replace(PROJECT, collections=(replace(COLLECTION, settings=(SETTING,), packages=(ONBOARDING,)),))))


def test_a_long_collection_name_is_shortened_in_each_package() -> None:
    collection = replace(COLLECTION, name=LONG, settings=(SETTING,), packages=(ONBOARDING,))
    found = list(check(replace(PROJECT, collections=(collection,))))
    assert [(f.code, f.level, f.location) for f in found] == [
        ("PC0501", Level.NOTE, Location("pilot.yaml", ("collection", "name"))),
        ("PC0501", Level.NOTE, Location("pilot.yaml", ("collection", "name"))),
    ]
    assert found[0].message == (
        f"The package of '{LONG}' is called 'Onboarding - Pilot workstations of the nor~a29b2c7': "
        "ConfigMgr takes 50 characters, so 37 are left for the collection's name"
    )
    assert found[0].help == "nothing has to be done; a collection name of at most 37 characters is kept whole"


def test_no_package_no_shortening() -> None:
    reported = replace(SETTING, write=None)
    collection = replace(COLLECTION, name=LONG, settings=(reported,), packages=(ONBOARDING,), built_in_policy=True)
    assert not list(check(replace(PROJECT, publisher="p" * 40, collections=(collection,))))


def test_a_long_publisher() -> None:
    collection = replace(COLLECTION, settings=(SETTING,))
    [found] = check(replace(PROJECT, publisher="p" * 33, collections=(collection,)))
    assert (found.code, found.level, found.location) == (
        "PC0502",
        Level.ERROR,
        Location("project.yaml", ("project", "publisher")),
    )
    assert "33 characters" in found.message
    assert "manufacturer of a package takes 32" in found.message
    assert "at most 32 characters" in found.help


def test_a_long_project_name_that_stands_for_the_publisher() -> None:
    project = replace(PROJECT, name="n" * 33, publisher="n" * 33, collections=(replace(COLLECTION, settings=(SETTING,)),))
    [found] = check(project)
    assert found.location.path == ("project", "name")
