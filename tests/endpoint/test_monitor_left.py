"""monitor.ps1 on devices that keep what a collection changed which departed, or which they left."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import Estate, WarmSite, hardening
from endpoint.engine import Session
from endpoint.monitoring import ERROR, NOT_MET, SUCCESS, Watched

pytestmark = pytest.mark.powershell

NAME = "Left behind on devices - Test estate (b74fd3a6)"
COMPLIANT, NON_COMPLIANT = "SMS_DCMDeploymentCompliantDetailsPerAsset", "SMS_DCMDeploymentNonCompliantDetailsPerAsset"
DEVICES = tuple(f"PC-{number}" for number in range(1, 8))


@pytest.fixture(scope="session")
def stood(tmp_path_factory: pytest.TempPathFactory, powershell: Session) -> tuple[Site, Estate]:
    """A site with the report; one collection departed, one goes on with another. Not to be changed."""
    folder = tmp_path_factory.mktemp("left")
    site = WarmSite(folder, write_module(folder / "AdminConsole"), powershell)
    site.add_devices(*DEVICES)
    site.update(instant=True)
    estate = Estate(folder / "estate", {"old": hardening("Old ring", ("PC-1",)), "ring": hardening("It's a ring", ("PC-2",))})
    del estate.project["configmgr"]["left_behind"]
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    del estate.policies["old"]
    estate.policies["ring"]["collection"]["formerly"] = ["It's a ring", "First ring"]
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    return site, estate


@pytest.fixture
def watched(stood: tuple[Site, Estate], tmp_path: Path) -> Watched:
    """The same on a site of its own."""
    before, estate = stood
    assert isinstance(before, WarmSite)
    site = WarmSite(tmp_path, before.console, before.session)
    site.save(copy.deepcopy(before.state))
    return Watched(site, estate.output)


def reported(watched: Watched, told: dict[str, str], *, values: bool = True) -> None:
    """Have devices report these lines; without `values` the site keeps them to itself."""
    assignment = watched.site.row("baselineDeployments", CollectionName="All Desktop and Server Clients")
    groups: dict[int, list[str]] = {SUCCESS: [], NOT_MET: [], ERROR: []}
    for device, line in told.items():
        groups[SUCCESS if line.startswith("Compliant") else NOT_MET if line.startswith("Non") else ERROR].append(device)
    details = [
        {"StatusType": status, "AssetName": device, "AssetID": watched.resource(device), "ErrorCode": -2016345305}
        for status, devices in groups.items()
        for device in devices
    ]
    watched.report(
        assignment["AssignmentUniqueID"],
        [{"StatusType": status, "Assets": len(devices)} for status, devices in groups.items() if devices],
        details,
    )
    if values:
        for name, status in ((COMPLIANT, SUCCESS), (NON_COMPLIANT, NOT_MET)):
            rows = [
                {"AssignmentID": assignment["AssignmentID"], "AssetID": watched.resource(one), "DiscoveredValue": told[one]}
                for one in groups[status]
            ]
            watched.provide(name, *rows)


def left(watched: Watched, arguments: str = "") -> list[dict[str, Any]]:
    return [row for row in watched.rows(arguments) if row["Kind"] == "Left behind"]


def test_devices_that_departed_or_moved_are_listed_with_the_way_out(watched: Watched) -> None:
    told = {
        "PC-1": "NonCompliant: old-ring",
        "PC-2": "Compliant; others: it-s-a-ring",
        "PC-3": "Compliant; others: it-s-a-ring",
        "PC-4": "NonCompliant: old-ring; others: first-ring, 3 more",
        "PC-5": "Compliant",
        "PC-6": "Compliant; others: nobody",
        "PC-7": "an error",
    }
    reported(watched, told)
    found = left(watched)
    listed = {(row["Device"], row["Name"], row["Code"]): row for row in found if row["Device"] and row["Name"] != NAME}
    assert set(listed) == {
        ("PC-1", "Old ring", "old-ring"),
        ("PC-4", "Old ring", "old-ring"),
        ("PC-3", "It's a ring", "it-s-a-ring"),
        ("PC-4", "It's a ring", "first-ring"),
        ("PC-6", "nobody", "nobody"),
    }
    assert listed["PC-1", "Old ring", "old-ring"]["Remedy"] == ".\\deploy.ps1 -RollBack 'Old ring' -Device 'PC-1'"
    moved = listed["PC-3", "It's a ring", "it-s-a-ring"]
    assert moved["Meaning"] == "The device is no member of 'It's a ring', and keeps what that changed."
    assert moved["Remedy"] == ".\\deploy.ps1 -RollBack 'It''s a ring' -Device 'PC-3'"
    assert "departed: in project.yaml" in listed["PC-6", "nobody", "nobody"]["Remedy"]
    totals = {row["State"]: row["Count"] for row in watched.rows() if row["Kind"] == "Baseline" and row["Name"] == NAME}
    assert totals == {"Compliant": 4}
    assert [(row["Device"], row["State"]) for row in found if row["Name"] == NAME] == [("PC-7", "Error")]


def test_the_command_that_is_shown_undoes(watched: Watched, stood: tuple[Site, Estate]) -> None:
    reported(watched, {"PC-1": "NonCompliant: old-ring", "PC-3": "Compliant; others: it-s-a-ring"})
    for row in left(watched):
        done = stood[1].deploy(watched.site, row["Remedy"].removeprefix(".\\deploy.ps1"))
        assert done.exit_code == 0, done.stdout
    targets = {row["CollectionID"]: row["Name"] for row in watched.site.rows("collections")}
    undone = {targets[row["CollectionID"]]: row["ProgramName"] for row in watched.site.rows("packageDeployments")}
    assert undone == {"policyc rollback - Old ring": "Roll back", "policyc rollback - It's a ring": "Roll back"}


def test_what_the_site_keeps_to_itself_is_said(watched: Watched) -> None:
    reported(watched, {"PC-1": "NonCompliant: old-ring", "PC-5": "Compliant"}, values=False)
    [untold] = left(watched)
    assert (untold["State"], untold["Count"]) == ("Not told", 2)
    assert "can't be told" in untold["Meaning"]


def test_one_collection_alone_is_not_asked_for_it(watched: Watched) -> None:
    assert left(watched, "-Collection it-s-a-ring") == []


def test_no_report_on_the_site_is_said(watched: Watched) -> None:
    state = watched.site.state
    state["baselineDeployments"] = [
        row for row in state["baselineDeployments"] if row["CollectionName"] != "All Desktop and Server Clients"
    ]
    watched.site.save(state)
    [absent] = left(watched)
    assert absent["State"] == "Not deployed"
