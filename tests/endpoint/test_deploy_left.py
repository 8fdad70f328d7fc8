"""deploy.ps1 and what the project itself has on a site: the report of what is left behind, and a rollback of what departed."""

from __future__ import annotations

from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import Estate, WarmSite, changes, hardening, rows
from endpoint.engine import Session

pytestmark = pytest.mark.powershell

ALL_CLIENTS = "SMSDM003"


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What SMS_ADMIN_UI_PATH names."""
    return write_module(tmp_path_factory.mktemp("AdminConsole"))


@pytest.fixture
def site(tmp_path: Path, console: Path, powershell: Session) -> Site:
    """A site that has discovered a few devices."""
    site = WarmSite(tmp_path, console, powershell)
    site.add_devices("PC-1", "PC-2", "PC-3", "PC-9")
    return site


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    """Two collections, with the report."""
    estate = Estate(tmp_path / "estate", {"a": hardening("Old ring", ("PC-1",)), "b": hardening("Ring", ("PC-2",))})
    del estate.project["configmgr"]["left_behind"]
    return estate


def test_the_report_goes_to_all_clients_and_only_reports(site: Site, estate: Estate) -> None:
    estate.compile()
    before = {row["CollectionID"]: row for row in site.rows("collections")}
    estate.settle(site)
    assert {key: site.row("collections", CollectionID=key) for key in before} == before
    reports = site.row("baselineDeployments", TargetCollectionID=ALL_CLIENTS)
    assert (reports["AssignmentAction"], reports["OverrideServiceWindows"]) == (1, False)
    name = "Left behind on devices - Test estate (b74fd3a6)"
    assert site.row("baselines", LocalizedDisplayName=name)["CI_ID"] in reports["AssignedCIs"]
    assert site.row("items", LocalizedDisplayName=name)["SDMPackageVersion"] == 1
    assert not site.rows("packageDeployments")
    last = [row["Object"] for row in rows(estate.deploy(site, "-WhatIf")) if row["Kind"] == "Baseline"]
    assert last[-1] == name


def test_the_report_goes_where_the_project_says(site: Site, estate: Estate) -> None:
    estate.project["configmgr"]["left_behind"] = {"collection": "Managed"}
    estate.compile()
    missing = estate.deploy(site)
    assert missing.exit_code == 1
    assert "The collection is not on the site" in missing.stdout
    assert len(site.rows("baselineDeployments")) == 2
    managed = site.add_collection("Managed", ["PC-1"], comment="theirs")
    estate.settle(site)
    assert len(site.rows("baselineDeployments", TargetCollectionID=managed["CollectionID"])) == 1
    assert site.row("collections", Name="Managed") == managed
    other = site.add_collection("Everything")
    estate.project["configmgr"]["left_behind"] = {"id": other["CollectionID"]}
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    assert not site.rows("baselineDeployments", TargetCollectionID=managed["CollectionID"])
    assert site.rows("baselineDeployments", TargetCollectionID=other["CollectionID"])
    estate.project["configmgr"]["left_behind"] = {"report": False}
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    assert not site.rows("baselineDeployments", TargetCollectionID=other["CollectionID"])
    assert not [row for row in site.rows("baselines") if "Left behind" in row["LocalizedDisplayName"]]


def test_a_release_is_offered_and_undoes_when_a_person_says_so(site: Site, estate: Estate) -> None:
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    del estate.policies["a"]
    estate.compile()
    offered = estate.deploy(site, "-Prune")
    assert offered.exit_code == 0, offered.stdout
    assert ".\\deploy.ps1 -RollBack 'Old ring' -Device NAME" in offered.stdout
    assert not site.rows("collections", Name="Old ring")
    assert site.row("items", LocalizedDisplayName="Left behind on devices - Test estate (b74fd3a6)")["SDMPackageVersion"] == 2
    release = site.row("packages", Name="Release - Old ring")
    content = Path(release["PkgSourcePath"])
    assert content == estate.share / "_project" / "old-ring"
    assert sorted(path.name for path in content.iterdir()) == ["rollback.ps1", "run.cmd"]
    assert b"'b74fd3a6-0a0f-54a2-8545-5acd9b511c7b/old-ring'" in (content / "rollback.ps1").read_bytes()
    assert site.row("programs", PackageID=release["PackageID"])["CommandLine"] == "cmd.exe /d /c run.cmd rollback -All"
    assert not site.rows("packageDeployments")
    done = estate.deploy(site, "-RollBack 'Old ring' -Device PC-1")
    assert done.exit_code == 0, done.stdout
    undoes = site.row("packageDeployments")
    assert (undoes["PackageID"], undoes["ProgramName"]) == (release["PackageID"], "Roll back")
    target = site.row("collections", CollectionID=undoes["CollectionID"])
    assert (target["Name"], target["_members"]) == (
        "policyc rollback - Old ring",
        [site.row("devices", Name="PC-1")["ResourceID"]],
    )


def test_a_release_goes_with_its_name(site: Site, estate: Estate) -> None:
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    del estate.policies["a"]
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    # Now nothing remembers it: the output knows it no more, and the project doesn't name it.
    del estate.project["departed"]
    estate.compile()
    assert estate.project["departed"] == []
    site.forget_calls()
    gone = estate.deploy(site, "-Prune")
    assert gone.exit_code == 0, gone.stdout
    assert [name for name in changes(site) if name.startswith("Remove")] == ["Remove-CMPackage"]
    assert not site.rows("packages", Name="Release - Old ring")
