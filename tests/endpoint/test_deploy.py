"""deploy.ps1 against the stand-in site: what is there after a run, and what a second run leaves alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Result, Site
from endpoint.deploying import (
    CLIENTS,
    GROUP,
    Estate,
    WarmSite,
    actions,
    changes,
    hardening,
    offboarding,
    onboarding,
    rows,
    setting,
)
from endpoint.engine import Session

pytestmark = pytest.mark.powershell

HOSTILE = "[Q] 'quo\"te' $(throw) `n ; & * ? \u201csmart\u201d \U0001f600 {0}"


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
    """One collection with settings, compiled."""
    estate = Estate(tmp_path / "estate", {"hardening": hardening()})
    estate.compile()
    return estate


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory, console: Path, powershell: Session) -> tuple[Site, Estate]:
    """A site after a run, and what it was brought. Not to be changed."""
    folder = tmp_path_factory.mktemp("first")
    site = WarmSite(folder, console, powershell)
    site.add_devices("PC-1", "PC-2", "PC-3", "PC-9")
    estate = Estate(folder / "estate", {"hardening": hardening()})
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    return site, estate


@pytest.fixture
def deployed(tmp_path: Path, console: Path, powershell: Session, first_run: tuple[Site, Estate]) -> tuple[Site, Estate]:
    """A site with one collection's objects, as a first run left it, and its estate."""
    before, made = first_run
    estate = made.copy(tmp_path / "estate")
    site = WarmSite(tmp_path, console, powershell)
    site.save(json.loads(json.dumps(before.state).replace(str(made.folder), str(estate.folder))))
    return site, estate


def test_an_empty_site_has_it_all_after_one_run(site: Site, tmp_path: Path) -> None:
    policy = hardening()
    policy["deployment"] = {
        "folder": "policyc/Ring 1",
        "security_scopes": ["Workstations"],
        "maintenance_windows": [{"name": "Night", "start": "2026-12-05T22:00", "duration": "4 hours", "every": "7 days"}],
    }
    site.add_security_scope("Workstations")
    estate = Estate(tmp_path / "estate", {"hardening": policy, "on": onboarding("PC-1"), "off": offboarding("PC-9")})
    estate.compile()
    first = estate.settle(site)
    made = site.row("collections", Name="Hardening")
    assert made["LimitToCollectionName"] == CLIENTS
    assert made["Comment"].endswith(f"{estate.deployment('hardening')['collection']['hash']}]")
    assert made["ObjectPath"] == "/policyc/Ring 1"
    assert [window["Name"] for window in made["_windows"]] == ["Night"]
    rules = [rule["RuleName"] for rule in site.row("collections", Name="Onboarding")["_rules"]]
    assert rules == ["Offboarding", "PC-1"]

    item = estate.deployment("hardening")["baseline"]["items"][0]
    assert site.row("items", LocalizedDisplayName=item["name"])["LocalizedDescription"] == item["description"]
    assert site.row("baselines", LocalizedDisplayName="Hardening")["SecuredScopeNames"] == ["Default", "Workstations"]
    deployed = site.row("baselineDeployments", CollectionName="Hardening")
    assert (deployed["AssignmentAction"], deployed["OverrideServiceWindows"]) == (2, False)

    package = site.row("packages", Name="Onboarding - Onboarding")
    folder = Path(package["PkgSourcePath"])
    assert folder == estate.share / "onboarding" / "onboarding"
    assert sorted(path.name for path in folder.iterdir()) == ["WindowsDefenderATPOnboardingScript.cmd", "launch.ps1", "run.cmd"]
    assert package["_groups"] == [GROUP]
    program = site.row("programs", PackageID=package["PackageID"])
    assert program["CommandLine"] == "cmd.exe /d /c run.cmd"
    assert program["_options"]["AfterRunningType"] == "NoActionRequired"
    assert len(site.rows("packageDeployments")) == 1
    assert ("Offboarding - Offboarding to Offboarding", "Deployment", "waiting") in actions(first)


def test_what_if_changes_nothing_and_says_what_would_be_done(site: Site, tmp_path: Path) -> None:
    estate = Estate(tmp_path / "estate", {"hardening": hardening(), "on": onboarding("PC-1"), "off": offboarding("PC-9")})
    estate.compile()
    site.update(drive=False)
    before = site.state
    share = sorted(estate.share.rglob("*"))
    said = estate.deploy(site, "-WhatIf")
    assert (said.exit_code, said.stderr) == (0, "")
    assert changes(site) == []
    assert site.state == before
    assert sorted(estate.share.rglob("*")) == share
    assert {("Hardening", "Collection", "would create"), ("Hardening", "Baseline", "would create")} <= set(actions(said))


def test_one_changed_setting_imports_its_item_alone(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    estate.policies["hardening"]["settings"]["first"] = setting("First", 2)
    estate.compile()
    done = estate.settle(site)
    assert [name for name in changes(site) if name.startswith("Import")] == ["Import-CMConfigurationItem"]
    assert {row["Object"] for row in rows(done) if row["Action"] != "unchanged"} == {
        "Hardening: settings",
        "Settings - Hardening",
    }
    assert site.row("items", LocalizedDisplayName="Hardening: settings")["SDMPackageVersion"] == 2
    assert site.row("packages")["SourceVersion"] == 2


def test_what_left_git_is_listed_and_goes_with_prune(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    estate.policies = {"other": {"collection": {"name": "Other", "limited_to": CLIENTS, "members": {"devices": ["PC-3"]}}}}
    estate.policies["other"]["settings"] = {"first": setting("First")}
    estate.compile()
    site.add_collection("Builds on it", limited_to="Hardening")
    done = estate.deploy(site, "", "-Prune")
    assert done.exit_code == 0
    listed, pruned = (Result(0, f"What was done:{part}", "") for part in done.stdout.split("What was done:")[1:])
    left = {(row["Object"], row["Kind"]) for row in rows(listed) if row["Action"] == "left git"}
    assert left == {
        ("Hardening to Hardening", "Baseline deployment"),
        ("Hardening", "Baseline"),
        ("Hardening: settings", "Configuration item"),
        ("Settings - Hardening", "Package"),
        ("Hardening", "Collection"),
    }
    assert "-RollBack 'Hardening'" in listed.stdout
    kinds = [row["Kind"] for row in rows(pruned) if row["Action"] == "removed"]
    assert kinds == ["Baseline deployment", "Baseline", "Configuration item", "Package"]
    assert "not removed: 'Builds on it' is limited to it" in pruned.stdout
    assert len(site.rows("collections", Name="Hardening")) == 1
    state = site.state
    state["collections"] = [row for row in state["collections"] if row["Name"] != "Builds on it"]
    site.save(state)
    assert estate.deploy(site, "-Prune").exit_code == 0
    assert site.rows("collections", Name="Hardening") == []
    assert {row["Name"] for row in site.rows("packages")} == {"Settings - Other", "Release - Hardening"}


def test_a_taken_name_is_left_alone(site: Site, estate: Estate) -> None:
    foreign = site.add_collection("Hardening", ["PC-3"])
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "-Adopt 'Hardening'" in stopped.stdout
    assert changes(site) == []
    state = site.state
    state["collections"].remove(foreign)
    site.save(state)
    site.add("packages", _class="SMS_Package", PackageID="PS100099", Name="settings - HARDENING", Description="mine")
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert ("Settings - Hardening", "Package", "stopped") in actions(stopped)
    assert not [call for call in site.changes() if "Program" in call["cmdlet"] or "Package" in call["cmdlet"]]
    assert site.row("packages")["Description"] == "mine"
    assert len(site.rows("baselineDeployments")) == 1


def test_what_was_changed_by_hand_is_put_right_or_reported(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    site.change("collections", {"Name": "Hardening"}, Name="Renamed", LimitToCollectionID="SMS00001")
    site.change("packages", {"Name": "Settings - Hardening"}, Name="Renamed too")
    item = site.row("items")
    site.change("items", {"CI_ID": item["CI_ID"]}, SDMPackageVersion=7, CIVersion=7, LocalizedDescription="by hand")
    done = estate.deploy(site)
    assert done.exit_code == 1
    assert "renamed from 'Renamed'" in done.stdout
    assert "The site has revision 7" in done.stdout
    assert changes(site) == ["Set-CMCollection", "Set-CMPackage", "Set-CMPackage"]
    assert site.row("collections", Name="Hardening")["LimitToCollectionName"] == CLIENTS
    assert site.row("packages")["Name"] == "Settings - Hardening"
    assert site.row("items")["LocalizedDescription"] == "by hand"


def test_a_copy_with_the_same_mark_and_another_project_are_left_alone(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    copied = site.row("packages")
    site.add("packages", **{**copied, "PackageID": "PS100099", "Name": "Copy of it"})
    comment = site.row("collections", Name="Hardening")["Comment"]
    other = re.sub(r"\[policyc:[0-9a-f]{8}:", "[policyc:01234567:", comment)
    site.change("collections", {"Name": "Hardening"}, Comment=other)
    estate.policies["second"] = hardening("Second")
    estate.compile()
    done = estate.deploy(site, "-Prune -Adopt Hardening")
    assert done.exit_code == 1
    assert "has the mark of another project of policyc" in done.stdout
    assert site.row("collections", Name="Hardening")["Comment"] == other
    del estate.policies["second"]
    estate.compile()
    site.change("collections", {"Name": "Hardening"}, Comment=comment)
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "2 objects carry the same mark: Copy of it, Settings - Hardening" in stopped.stdout
    seconds = ("Settings - Second", "Release - Second")
    assert [row["Name"] for row in site.rows("packages") if row["Name"] not in seconds] == [copied["Name"], "Copy of it"]


STEPS = {
    "Add-CMDeviceCollectionDirectMembershipRule": 1,
    "Import-CMBaseline": 0,
    "Start-CMContentDistribution": 0,
    "Set-CMProgram": 1,
    "Set-CMPackage": 0,
}
"""Cmdlets in the order of a run, and how many calls each time succeed before one is refused."""


def test_a_run_that_is_refused_in_the_middle_is_completed_by_the_next(site: Site, estate: Estate) -> None:
    for cmdlet, after in STEPS.items():
        site.update(deny=[{"cmdlet": cmdlet, "after": after}])
        stopped = estate.deploy(site)
        assert stopped.exit_code == 1, cmdlet
        assert "You do not have security rights" in stopped.stdout
        assert "Stopped while trying to" in stopped.stdout
        assert "run again" in stopped.stdout
    site.update(deny=[])
    estate.settle(site)
    assert len(site.rows("programs")) == 3
    assert all("[policyc:" in row["Comment"] for row in site.rows("programs"))
    assert len(site.rows("baselineDeployments")) == len(site.rows("packages")) == 1
    assert site.row("packages")["_groups"] == [GROUP]


def test_names_of_any_kind_stay_names(site: Site, tmp_path: Path) -> None:
    policy = hardening(HOSTILE)
    policy["deployment"] = {"maintenance_windows": [{"name": HOSTILE[:40], "start": "2026-12-05T22:00", "duration": "2 hours"}]}
    site.add_collection("other [Q] collection")
    site.add_collection("[b-z]*")
    policy["collection"]["members"]["exclude"] = ["[b-z]*"]
    estate = Estate(tmp_path / "it's [an] estate", {"hardening": policy})
    estate.project["configmgr"]["deployment"]["distribution_point_groups"] = ["Points [a-z]*"]
    site.add_distribution_point_group("Points [a-z]*")
    site.add_distribution_point_group("Points b")
    estate.compile()
    estate.settle(site)
    assert len(site.rows("collections", Name=HOSTILE)) == 1
    assert [rule["RuleName"] for rule in site.row("collections", Name=HOSTILE)["_rules"]] == ["[b-z]*", "PC-1", "PC-2"]
    assert site.row("packages")["_groups"] == ["Points [a-z]*"]


def test_a_changed_file_stops_the_run_before_anything_is_done(site: Site, estate: Estate) -> None:
    cabinet = estate.output / "hardening" / "compliance" / "configuration-baseline.cab"
    cabinet.write_bytes(cabinet.read_bytes() + b"\0")
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "'hardening/compliance/configuration-baseline.cab' was built for another state of the policies" in stopped.stdout
    assert "Nothing was done." in stopped.stdout
    assert changes(site) == []
    script = estate.output / "hardening" / "scripts" / "detect.ps1"
    script.write_bytes(script.read_bytes() + b"#")
    cabinet.write_bytes(cabinet.read_bytes()[:-1])
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "'hardening/scripts/detect.ps1' was changed after policyc wrote it" in stopped.stdout
    assert changes(site) == []


def test_a_fresh_clone_is_told_how_its_cabinets_are_made(site: Site, estate: Estate) -> None:
    for cabinet in estate.output.rglob("*.cab"):
        cabinet.unlink()
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "configuration-item.cab' is not in" in stopped.stdout
    assert "Run 'policyc compile'" in stopped.stdout
    assert "Nothing was done." in stopped.stdout
    assert changes(site) == []
    estate.compile()
    estate.settle(site)
    assert len(site.rows("baselines")) == 1


def test_the_pre_flight_stops_before_the_first_change(site: Site, estate: Estate) -> None:
    estate.project["configmgr"]["deployment"] = {"distribution_point_groups": ["Nowhere"], "security_scopes": ["Nobody"]}
    estate.project["configmgr"]["server_version"] = "2409"
    estate.policies["hardening"]["collection"]["members"]["include"] = ["Not there"]
    estate.compile()
    estate.edit_json("site.json", signing="required")
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    checks = {row["Check"]: row["Result"] for row in rows(stopped, "Before anything is changed:")}
    assert [check for check, result in checks.items() if result == "Stops"] == [
        "Site version",
        "Signed scripts",
        "Distribution point group 'Nowhere'",
        "Security scope 'Nobody'",
        "Collection 'Not there'",
    ]
    assert changes(site) == []


def test_the_console_and_the_drive_are_found_or_asked_for(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    site.update(drive=False)
    missing = estate.deploy(site, SMS_ADMIN_UI_PATH="")
    assert missing.exit_code == 1
    assert "Install the Configuration Manager console" in missing.stdout
    estate.edit_json("site.json", site={"code": None, "server": None, "server_version": None, "client_version": None})
    asked = estate.deploy(site)
    assert asked.exit_code == 1
    assert "-SiteCode" in asked.stdout
    script, share = (str(path).replace("'", "''") for path in (estate.output / "deploy.ps1", estate.share))
    told = site.run_command(
        f"Set-Location -LiteralPath '{estate.output}'\n"
        f"$rows = & '{script}' -ContentSource '{share}' -SiteCode PS1 -SiteServer cm01.example.com -PassThru\n"
        "(Get-Location).Path; $LASTEXITCODE; $rows[0].Kind; $rows[0].Action"
    )
    assert told.stdout.splitlines() == [str(estate.output), "0", "Collection", "unchanged"]


def test_a_collection_is_chosen_by_name_slug_or_phase(site: Site, estate: Estate) -> None:
    estate.policies["second"] = {**hardening("Second, ring"), "deployment": {"phase": 2}}
    estate.compile()
    chosen = ("-Phase 2", "-Collection 'second-ring,hardening'", "-Collection 'SECOND, ring'", "-Collection nothing")
    done = estate.deploy(site, *(f"{one} -WhatIf" for one in chosen))
    runs = [Result(0, f"What would be done:{part}", "") for part in done.stdout.split("What would be done:")[1:]]
    assert [{name for name, _, _ in actions(run, "Collection")} for run in runs] == [
        {"Second, ring"},
        {"Hardening", "Second, ring"},
        {"Second, ring"},
    ]
    assert done.exit_code == 1
    assert "There are: hardening, second-ring." in done.stdout


def test_a_target_of_somebody_else_is_only_deployed_to(site: Site, estate: Estate) -> None:
    del estate.policies["hardening"]["collection"]["members"]
    estate.compile()
    absent = estate.deploy(site)
    assert absent.exit_code == 1
    assert "make it in the console, or write members:" in absent.stdout
    theirs = site.add_collection("Hardening", ["PC-3"], comment="ours")
    done = estate.deploy(site, "", "-Adopt Hardening")
    assert done.exit_code == 0
    assert "a target: not policyc's, left alone" in done.stdout
    assert len(site.rows("baselineDeployments", TargetCollectionID=theirs["CollectionID"])) == 1
    assert site.row("collections", Name="Hardening")["_rules"] == theirs["_rules"]
    assert site.row("collections", Name="Hardening")["Comment"].startswith("ours [policyc-adopted:1] [policyc:")
    estate.policies["other"] = hardening("Other")
    del estate.policies["hardening"]
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    assert site.row("collections", Name="Hardening")["Comment"] == "ours"


def test_baseline_deployments_follow_the_policy(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    estate.policies["hardening"]["deployment"] = {"remediate": False, "evaluate_every": "7 days"}
    estate.compile()
    done = estate.settle(site)
    assert "remediation off, schedule" in done.stdout
    assert changes(site) == ["Set-CMBaselineDeployment"]
    assert site.row("baselineDeployments")["AssignmentAction"] == 1


def test_more_than_may_be_pruned_changes_nothing_and_is_named(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    estate.policies = {"other": hardening("Other", ("PC-3",))}
    estate.compile()
    site.change("devices", {"Name": "PC-1"}, ClientActiveStatus=1, LastActiveTime="2026-01-04 04:05:06")
    site.change("devices", {"Name": "PC-2"}, ClientActiveStatus=0, LastActiveTime="2026-01-03 04:05:06")
    there = site.row("baselineDeployments")
    members = [site.row("devices", Name=name)["ResourceID"] for name in ("PC-1", "PC-2")]
    site.change("collections", {"Name": "Hardening"}, _members=members, MemberCount=2)
    state = site.state
    state["statuses"][there["AssignmentUniqueID"]] = [{"StatusType": 1, "Assets": 1}]
    site.save(state)
    before = site.state
    stopped = estate.deploy(site, "-Prune -PruneAtMost 4")
    assert stopped.exit_code == 1
    assert site.state == before
    said = " ".join(stopped.stdout.split())
    for name in ("Baseline deployment 'Hardening to Hardening'", "Package 'Settings - Hardening'", "Collection 'Hardening'"):
        assert name in said
    assert "mark b74fd3a6 of 'Test estate'" in said
    assert "5 in all at most 4; where all of it shall go: -PruneAtMost 5" in said
    assert "Baseline deployment 'Hardening to Hardening': reported 1, silent 1" in said
    assert "Collection 'Hardening': active 1, silent 1: PC-2 (2026-01-03 04:05)" in said
    assert "Package 'Settings - Hardening':" not in said
    pruned = estate.deploy(site, "-Prune -PruneAtMost 5")
    assert pruned.exit_code == 0, pruned.stdout
    assert said.count("Stops") == 6
    assert {row["Name"] for row in site.rows("packages")} == {"Settings - Other", "Release - Hardening"}


def test_two_estates_of_one_name_on_one_site(deployed: tuple[Site, Estate], tmp_path: Path) -> None:
    """Same names, same slugs, another id: the second neither takes over nor removes what is the first one's."""
    site, estate = deployed
    other = Estate(tmp_path / "other estate", {"hardening": hardening(), "own": hardening("Own", ("PC-9",))})
    other.project["project"] = {"name": "Test estate", "id": "3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f"}
    other.compile()
    before = site.state
    stopped = other.deploy(site)
    assert stopped.exit_code == 1
    assert "has the mark of another project of policyc" in stopped.stdout
    for kind in ("collections", "packages", "programs", "baselines", "items"):
        assert [row for row in before[kind] if row not in site.rows(kind)] == [], kind
    other.policies = {"own": hardening("Own", ("PC-9",))}
    other.compile()
    assert other.deploy(site, "", "-Prune").exit_code == 0
    for kind, known in (("collections", "Name"), ("packages", "Name"), ("baselines", "LocalizedDisplayName")):
        named = {row[known] for row in before[kind]}
        assert named <= {row[known] for row in site.rows(kind)}
        assert any("Own" in row[known] for row in site.rows(kind))
    other.policies = {}
    other.compile()
    assert other.deploy(site, "-Prune").exit_code == 0
    there = {row["Name"] for kind in ("collections", "packages") for row in site.rows(kind)}
    assert {name for name in there if "Own" in name} == {"Release - Own"}
    assert estate.deploy(site, "-Prune").exit_code == 0
    names = {row["Name"] for row in site.rows("packages")}
    assert {row["Name"] for row in before["packages"]} == {name for name in names if not name.startswith("Release - ")}


def test_a_new_name_is_brought_to_the_site_in_place(deployed: tuple[Site, Estate]) -> None:
    site, estate = deployed
    ids = {
        kind: [row[key] for row in site.rows(kind)]
        for kind, key in (("collections", "CollectionID"), ("packages", "PackageID"), ("baselines", "ModelName"))
    }
    estate.policies["hardening"]["collection"] |= {"name": "Hardened", "formerly": ["Hardening"]}
    estate.compile()
    done = estate.deploy(site, "-Prune")
    assert done.exit_code == 0, done.stdout
    assert not [row for row in rows(done) if row["Action"] in ("created", "removed", "left git") and row["Kind"] != "Content"]
    for kind, key in (("collections", "CollectionID"), ("packages", "PackageID"), ("baselines", "ModelName")):
        assert [row[key] for row in site.rows(kind)] == ids[kind]
    assert site.row("collections", Name="Hardened")
    assert site.row("packages", Name="Settings - Hardened")
    assert site.row("baselines", LocalizedDisplayName="Hardened")
    assert {row["Action"] for row in rows(estate.deploy(site, "-Prune"))} == {"unchanged"}
