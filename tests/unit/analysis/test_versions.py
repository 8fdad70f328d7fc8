"""PC0405 to PC0410: code, place and words."""

from __future__ import annotations

import pytest

from policyc.analysis.versions import versions
from policyc.diagnostics import Diagnostic
from policyc.model import Location, ScriptPackage
from unit.analysis.estates import CONTEXT, collection, onboarding, project


def find(server: str | None, client: str | None = None, package: ScriptPackage | None = None) -> list[Diagnostic]:
    packages = () if package is None else (package,)
    return list(versions(project(collection("Pilot", "onboarded", packages=packages), server=server, client=client), CONTEXT))


@pytest.mark.parametrize("server", ["2012", "2012 R2", "1511", "1602", None])
def test_the_documents_versions_take_packages(server: str | None) -> None:
    assert find(server, server, onboarding()) == []


@pytest.mark.parametrize("version", ["1406", "2007", "0000"])
def test_versions_without_a_route(version: str) -> None:
    (found,) = find(version)
    assert (found.code, found.level) == ("PC0405", "error")
    assert found.location == Location("project.yaml", ("configmgr", "server_version"))
    assert found.message == f"Configuration Manager {version} supports no way to onboard devices"
    assert "'2012 R2'" in found.help


@pytest.mark.parametrize(("version", "nearest"), [("1607", "1606"), ("1605", "1606"), ("2413", "2409"), ("9913", "2503")])
def test_versions_that_never_were(version: str, nearest: str) -> None:
    found = find(None, version)[0]
    assert (found.code, found.level) == ("PC0406", "warning")
    assert found.location == Location("project.yaml", ("configmgr", "client_version"))
    assert found.message == f"There is no release {version} of Configuration Manager"
    assert f"the nearest is '{nearest}'" in found.help


def test_nothing_is_said_of_later_versions() -> None:
    assert find("9903") == []


def test_the_built_in_policy_needs_no_script() -> None:
    (found,) = find("1606", None, onboarding())
    assert (found.code, found.level) == ("PC0407", "note")
    assert found.location == Location("pilot.yaml", ("defender_atp", "package"))
    assert "'configuration_file:'" in found.help
    assert find("1606", None, onboarding(configuration_file="WindowsDefenderATP.onboarding")) == []


def test_no_built_in_policy_before_1606() -> None:
    (found,) = find("1602", None, onboarding(configuration_file="WindowsDefenderATP.onboarding", script_given=False))
    assert (found.code, found.level) == ("PC0408", "error")
    assert found.location == Location("pilot.yaml", ("defender_atp", "package", "configuration_file"))
    assert found.message == "Configuration Manager 1602 has no built-in policy that would take a configuration file"
    assert "'script:'" in found.help
    assert find("1602", None, onboarding(configuration_file="WindowsDefenderATP.onboarding")) == []


def test_a_client_of_1606_needs_its_upgrade() -> None:
    (found,) = find("1610", "1606")
    assert (found.code, found.level) == ("PC0409", "error")
    assert found.location == Location("project.yaml", ("configmgr", "client_version"))
    assert "upgrade the clients to 1610" in found.help
    assert find("1606", "1606") == find("1610", "1602") == []


def test_a_client_is_never_newer_than_its_site() -> None:
    (found,) = find("1602", "1606")
    assert (found.code, found.level) == ("PC0410", "warning")
    assert found.message == "The clients (1606) are newer than the server (1602)"


def test_versions_count_only_where_the_product_is_used() -> None:
    assert list(versions(project(collection("Hardening"), server="1406", client="2413"), CONTEXT)) == []
