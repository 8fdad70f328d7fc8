"""PC0706 to PC0710: code, place, words, and whose output is held."""

from __future__ import annotations

import pytest

from policyc.analysis.package_names import package_names
from policyc.diagnostics import Diagnostic
from policyc.model import DeployAs, Location, ScriptPackage
from unit.analysis.estates import CONTEXT, collection, offboarding, onboarding, project

ON = "WindowsDefenderATPOnboardingScript.cmd"
OFF = "WindowsDefenderATPOffboardingScript_valid_until_2026-02-20.cmd"
PACKAGE = Location("pilot.yaml", ("defender_atp", "package"))


def find(state: str, package: ScriptPackage, **rest: object) -> list[Diagnostic]:
    return list(package_names(project(collection("Pilot", state, packages=(package,), **rest)), CONTEXT))


@pytest.mark.parametrize("name", [ON, ON.lower()])
def test_the_vendors_onboarding_script(name: str) -> None:
    assert find("onboarded", onboarding(name, configuration_file="WindowsDefenderATP.onboarding")) == []


@pytest.mark.parametrize("name", [OFF, "WindowsDefenderATPOffboardingScript_valid_until_2026-99-99.cmd"])
def test_the_vendors_offboarding_script(name: str) -> None:
    assert find("offboarded", offboarding(name, configuration_file="x_valid_until_2026-02-20.OFFBOARDING")) == []


@pytest.mark.parametrize(
    ("state", "package", "message"),
    [
        (
            "onboarded",
            onboarding(OFF),
            f"'{OFF}' is the script for devices that are offboarded, but",
        ),
        (
            "offboarded",
            offboarding(ON),
            f"'{ON}' is the script for devices that are onboarded, but",
        ),
    ],
)
def test_swapped(state: str, package: ScriptPackage, message: str) -> None:
    (found,) = find(state, package)
    assert (found.code, found.level, found.holds) == ("PC0706", "error", "pilot")
    assert found.location == PACKAGE.below("script")
    assert found.message == f"{message} those of 'Pilot' are {state}"


@pytest.mark.parametrize("name", ["Onboard.cmd", "WindowsDefenderATPOnboardingScript (1).cmd"])
def test_another_name(name: str) -> None:
    (found,) = find("onboarded", onboarding(name))
    assert (found.code, found.level, found.location) == ("PC0707", "warning", PACKAGE.below("script"))
    assert found.message == f"'{name}' isn't the name that the portal gives"
    assert f"write '{ON}'" in found.help


def test_the_local_script() -> None:
    (found,) = find("onboarded", onboarding("WindowsDefenderATPLocalOnboardingScript.cmd"))
    assert (found.code, found.level, found.location, found.holds) == ("PC0708", "error", PACKAGE.below("script"), "pilot")
    assert "asks a question, and as SYSTEM nobody answers" in found.message
    assert "System Center Configuration Manager" in found.help


@pytest.mark.parametrize(
    "name", [rf"packages\{ON}", f"packages/{ON}", "C:x.cmd", "WindowsDefenderATPOnboardingPackage.zip", "x.ps1"]
)
def test_no_file_name_of_a_batch_file(name: str) -> None:
    (found,) = find("onboarded", onboarding(name))
    assert (found.code, found.level, found.location, found.holds) == ("PC0709", "error", PACKAGE.below("script"), "pilot")
    assert found.message == f"'{name}' isn't the file name of a .cmd script"


@pytest.mark.parametrize(
    ("package", "state", "words"),
    [
        (
            onboarding(configuration_file="a.offboarding"),
            "onboarded",
            "'a.offboarding' is the file for devices that are offboarded",
        ),
        (onboarding(configuration_file="a.zip"), "onboarded", "'a.zip' isn't what the built-in policy takes"),
        (offboarding(OFF, configuration_file="a.onboarding"), "offboarded", "is the file for devices that are onboarded"),
    ],
)
def test_the_wrong_configuration_file(package: ScriptPackage, state: str, words: str) -> None:
    (found,) = find(state, package)
    assert (found.code, found.level, found.holds) == ("PC0710", "error", "pilot")
    assert found.location == PACKAGE.below("configuration_file")
    assert words in found.message
    assert "WindowsDefenderATP" in found.help


def test_the_built_in_policy_takes_no_script() -> None:
    package = onboarding("none", configuration_file="WindowsDefenderATP.onboarding", deploy_as=DeployAs.POLICY)
    assert find("onboarded", package) == []
