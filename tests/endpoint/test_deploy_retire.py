"""deploy.ps1 -Retire: what left a collection's policy is undone on its devices, once for each time that something leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import Estate, WarmSite, actions, changes, hardening, rows, setting
from endpoint.engine import Session

pytestmark = pytest.mark.powershell

RETIRE = "-Retire Hardening"


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What SMS_ADMIN_UI_PATH names."""
    return write_module(tmp_path_factory.mktemp("AdminConsole"))


@pytest.fixture
def site(tmp_path: Path, console: Path, powershell: Session) -> Site:
    """A site that has discovered two devices."""
    site = WarmSite(tmp_path, console, powershell)
    site.add_devices("PC-1", "PC-2")
    return site


@pytest.fixture
def estate(tmp_path: Path, site: Site) -> Estate:
    """One collection with settings, on the site."""
    estate = Estate(tmp_path / "estate", {"hardening": hardening()})
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    return estate


def leave(estate: Estate, name: str) -> None:
    """A setting leaves the policy."""
    del estate.policies["hardening"]["settings"][name]
    estate.compile()


def test_what_left_is_undone_by_one_deployment_each_time(site: Site, estate: Estate) -> None:
    second = estate.policies["hardening"]["settings"]["second"]
    leave(estate, "second")
    done = estate.deploy(site)
    detail = next(row["Detail"] for row in rows(done) if row["Kind"] == "Configuration item" and row["Action"] == "updated")
    assert detail == (
        "revision 2; if a setting left it, devices keep what was written: .\\deploy.ps1 -Retire 'hardening' undoes it"
    )
    site.forget_calls()
    looked = estate.deploy(site, f"{RETIRE} -WhatIf")
    name = "Settings - Hardening - Roll back what left to Hardening"
    assert actions(looked) == [(name, "Deployment", "would create")]
    assert changes(site) == []
    assert estate.deploy(site, RETIRE, RETIRE, "").exit_code == 0
    assert changes(site) == ["New-CMPackageDeployment"]
    first = site.row("packageDeployments")
    assert (first["ProgramName"], first["OfferType"], first["AssignedSchedule"]) == ("Roll back what left", 0, [])
    assert first["_options"]["RerunBehavior"] == "AlwaysRerunProgram"
    assert first["CollectionID"] == site.row("collections", Name="Hardening")["CollectionID"]

    # The setting comes back and leaves again: the deployment stays for devices that were off, until a new one takes its place.
    estate.policies["hardening"]["settings"]["second"] = second
    estate.compile()
    back = estate.settle(site)
    assert (name, "Deployment", "updated") in actions(back)
    assert site.row("packageDeployments")["AdvertisementID"] == first["AdvertisementID"]
    leave(estate, "second")
    estate.settle(site)
    site.forget_calls()
    assert estate.deploy(site, RETIRE, RETIRE).exit_code == 0
    assert changes(site) == ["Remove-CMPackageDeployment", "New-CMPackageDeployment"]
    assert site.row("packageDeployments")["AdvertisementID"] != first["AdvertisementID"]

    site.forget_calls()
    assert estate.deploy(site, "-Prune", f"{RETIRE} -Prune", f"{RETIRE} -Prune").exit_code == 0
    assert changes(site) == ["Remove-CMPackageDeployment"]


def test_the_site_must_have_the_new_policy_first(site: Site, estate: Estate) -> None:
    site.forget_calls()
    leave(estate, "second")
    early = estate.deploy(site, RETIRE)
    assert early.exit_code == 1
    assert "Configuration item 'Hardening: settings'" in early.stdout
    assert "First run .\\deploy.ps1 -Collection 'hardening'" in early.stdout
    assert changes(site) == []
    assert estate.deploy(site).exit_code == 0
    (estate.share / "hardening" / "settings" / "rollback.ps1").write_bytes(b"# another\n")
    site.change("packages", {}, _groups=[])
    half = estate.deploy(site, RETIRE)
    assert half.exit_code == 1
    assert "content of the package 'Settings - Hardening', distribution of the package" in half.stdout


def test_what_cannot_be_retired_is_refused(site: Site, estate: Estate) -> None:
    unknown = estate.deploy(site, "-Retire nothing", f"{RETIRE} -RollBack Hardening -Device PC-1")
    assert unknown.exit_code == 1
    assert "There are: hardening." in unknown.stdout
    assert "-Retire and -RollBack are two runs" in unknown.stdout
    assert estate.deploy(site, RETIRE).exit_code == 0
    site.change("packageDeployments", {}, Comment="by hand")
    site.forget_calls()
    stopped = estate.deploy(site, RETIRE, f"{RETIRE} -Prune")
    assert stopped.exit_code == 1
    assert stopped.stdout.count("Deployed there by hand") == 2
    estate.policies["hardening"]["collection"]["mode"] = "audit"
    estate.compile()
    assert "a collection in audit mode keeps nothing" in estate.deploy(site, RETIRE).stdout
    assert changes(site) == []


def test_a_stop_in_the_middle_is_mended_and_prune_takes_it_with_the_package(site: Site, estate: Estate) -> None:
    assert estate.deploy(site, RETIRE).exit_code == 0
    estate.policies["hardening"]["settings"]["third"] = setting("Third")
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    site.update(deny=[{"cmdlet": "New-CMPackageDeployment", "after": 0}])
    assert estate.deploy(site, RETIRE).exit_code == 1
    assert site.rows("packageDeployments") == []
    site.update(deny=[])
    assert estate.deploy(site, RETIRE).exit_code == 0
    assert len(site.rows("packageDeployments")) == 1
    estate.policies = {"other": hardening("Other", ("PC-1",))}
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    assert site.rows("packageDeployments") == []
    assert {row["Name"] for row in site.rows("packages")} == {"Settings - Other", "Release - Hardening"}
