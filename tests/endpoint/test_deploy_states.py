"""deploy.ps1 and on- and offboarding: no device is ever reached by both, and offboarding is a sequence."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import OFFBOARDING, Estate, WarmSite, actions, changes, hardening, offboarding, onboarding, rows
from endpoint.engine import Session

pytestmark = pytest.mark.powershell


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What SMS_ADMIN_UI_PATH names."""
    return write_module(tmp_path_factory.mktemp("AdminConsole"))


@pytest.fixture
def site(tmp_path: Path, console: Path, powershell: Session) -> Site:
    """A site that has discovered a few devices."""
    site = WarmSite(tmp_path, console, powershell)
    site.add_devices("PC-1", "PC-2", "PC-9")
    return site


def estate_of(tmp_path: Path, **policies: dict[str, object]) -> Estate:
    """Policies, compiled."""
    estate = Estate(tmp_path / "estate", dict(policies))
    estate.compile()
    return estate


def deployed_programs(site: Site) -> set[tuple[str, str]]:
    """(Program, collection) of each deployment of a program."""
    names = {row["CollectionID"]: row["Name"] for row in site.rows("collections")}
    return {(row["ProgramName"], names[row["CollectionID"]]) for row in site.rows("packageDeployments")}


def turn_back(site: Site, collection: str, hours: int) -> None:
    """Let the waiting time of a collection have begun earlier."""
    comment = site.row("collections", Name=collection)["Comment"]
    since = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%MZ")
    changed = re.sub(r"\[policyc-since:[^\]]*\]", f"[policyc-since:{since}]", comment)
    assert changed != comment
    site.change("collections", {"Name": collection}, Comment=changed)


def test_offboarding_is_a_sequence(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, on=onboarding("PC-1", "PC-9"), off=offboarding("PC-2"))
    estate.project["configmgr"]["offboarding_wait"] = "12 hours"
    estate.compile()
    site.update(updateLag=1)
    assert estate.deploy(site).exit_code == 0
    assert deployed_programs(site) == {("Onboard", "Onboarding")}
    members = site.row("collections", Name="Onboarding")["_members"]
    assert len(members) == 2

    # The device moves: its direct rule stays, the exclude rule takes it out, and the waiting time begins anew, also where the
    # run is stopped as soon as the rule is made.
    turn_back(site, "Offboarding", 20)
    estate.policies["off"] = offboarding("PC-2", "PC-9")
    estate.compile()
    site.update(deny=[{"cmdlet": "Set-CMCollection", "after": 1}])
    assert estate.deploy(site).exit_code == 1
    assert len(site.row("collections", Name="Offboarding")["_rules"]) == 2
    site.update(deny=[])
    site.forget_calls()
    moved = estate.deploy(site)
    assert moved.exit_code == 0
    names = [call["cmdlet"] for call in site.calls()]
    assert "Invoke-CMCollectionUpdate" in names
    assert "New-CMPackageDeployment" not in names
    assert ("Offboarding - Offboarding to Offboarding", "Deployment", "waiting") in actions(moved)
    assert len(site.row("collections", Name="Onboarding")["_members"]) == 1

    turn_back(site, "Offboarding", 13)
    estate.settle(site)
    assert deployed_programs(site) == {("Onboard", "Onboarding"), ("Offboard", "Offboarding")}
    offboard = site.row("packageDeployments", ProgramName="Offboard")
    assert offboard["_options"]["RerunBehavior"] == "NeverRerunDeployedProgram"


def test_without_a_waiting_time_one_run_does_it_all(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, on=onboarding("PC-1"), off=offboarding("PC-9"))
    estate.edit_json("site.json", offboarding_wait_hours=0)
    assert estate.deploy(site).exit_code == 0
    assert deployed_programs(site) == {("Onboard", "Onboarding"), ("Offboard", "Offboarding")}


def test_a_collection_that_changes_its_state_loses_its_onboarding_first(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, ring=onboarding("PC-1", exclude=()))
    assert estate.deploy(site).exit_code == 0
    assert deployed_programs(site) == {("Onboard", "Onboarding")}
    estate.policies["ring"]["defender_atp"] = {"state": "offboarded", "package": {"script": OFFBOARDING}}
    estate.compile()
    turned = estate.deploy(site)
    assert turned.exit_code == 0
    assert deployed_programs(site) == set()
    assert "ended" in {action for _, _, action in actions(turned, "Deployment")}
    turn_back(site, "Onboarding", 25)
    assert estate.deploy(site).exit_code == 0
    assert deployed_programs(site) == {("Offboard", "Onboarding")}


def test_a_device_in_both_collections_stops_both(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, on=onboarding("PC-1", "PC-9"), off=offboarding("PC-9"))
    # Policies that would meet are refused when they are compiled: here the site's rules differ from the policy's.
    deployment = estate.deployment("onboarding")
    deployment["collection"]["members"]["exclude"] = []
    estate.put("onboarding/deployment.json", json.dumps(deployment).encode("ascii"))
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    found = [row for row in rows(stopped) if row["Action"] == "stopped"]
    assert {row["Object"] for row in found} == {
        "Offboarding - Offboarding to Offboarding",
        "Onboarding - Onboarding to Onboarding",
    }
    assert all("PC-9" in row["Detail"] for row in found)
    assert deployed_programs(site) == set()


def test_a_rule_made_by_hand_is_settled_before_onboarding(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, on=onboarding("PC-1"), off=offboarding("PC-9"))
    assert estate.deploy(site, "-Collection offboarding", "-Collection onboarding").exit_code == 0
    state = site.state
    state["packageDeployments"] = []
    device = site.row("devices", Name="PC-2")["ResourceID"]
    next(row for row in state["collections"] if row["Name"] == "Onboarding")["_rules"].append(
        {"_class": "SMS_CollectionRuleDirect", "RuleName": "PC-2", "ResourceClassName": "SMS_R_System", "ResourceID": device}
    )
    site.save(state)
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "made by hand: direct 'PC-2'" in stopped.stdout
    assert "waits until the rules that were made by hand are settled" in stopped.stdout
    assert deployed_programs(site) == set()
    assert len(site.row("collections", Name="Onboarding")["_rules"]) == 3
    settled = estate.deploy(site, "-AcceptHandMadeRules")
    assert settled.exit_code == 0
    assert [rule["RuleName"] for rule in site.row("collections", Name="Onboarding")["_rules"]] == ["Offboarding", "PC-1"]
    assert deployed_programs(site) == {("Onboard", "Onboarding")}

    # A rule that the policy gave up is policyc's own, and needs nobody to settle it.
    estate.policies["on"] = onboarding("PC-2")
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    assert [rule["RuleName"] for rule in site.row("collections", Name="Onboarding")["_rules"]] == ["Offboarding", "PC-2"]


def test_past_its_date_a_collection_is_left_out(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, hardening=hardening(), off=offboarding("PC-9"))
    deployment = estate.deployment("offboarding")
    for package in deployment["packages"]:
        if package["content"]["staged"]:
            package["content"]["staged"]["last_day_utc"] = "2020-01-31"
    estate.put("offboarding/deployment.json", json.dumps(deployment).encode("ascii"))
    refused = estate.deploy(site)
    assert refused.exit_code == 1
    assert "valid until 2020-01-31" in refused.stdout
    assert {row["Name"] for row in site.rows("collections", IsBuiltIn=False)} == {"Hardening"}


def test_a_script_that_is_not_staged_stops(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, on=onboarding("PC-1", exclude=()))
    for path in estate.share.rglob("*.cmd"):
        path.unlink()
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "WindowsDefenderATPOnboardingScript.cmd is not there" in stopped.stdout
    assert changes(site) == []


def test_devices_that_left_are_rolled_back(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, hardening=hardening(devices=("PC-1", "PC-2")))
    assert estate.deploy(site).exit_code == 0
    inside = [site.row("devices", Name="PC-1")["ResourceID"]]
    site.change("collections", {"Name": "Hardening"}, _members=inside)
    site.forget_calls()
    still = estate.deploy(site, "-RollBack hardening -Device PC-9 -WhatIf", "-RollBack Hardening -Device PC-1,PC-9")
    assert still.exit_code == 1
    assert "would deploy" in still.stdout or "would create" in still.stdout
    assert "PC-1: still in 'Hardening'" in still.stdout
    assert changes(site) == []
    done = estate.deploy(site, "-RollBack hardening -Device PC-9")
    assert done.exit_code == 0
    assert deployed_programs(site) == {("Roll back", "policyc rollback - Hardening")}
    assert site.row("packageDeployments")["_options"]["RerunBehavior"] == "AlwaysRerunProgram"
    assert len(site.row("collections", Name="policyc rollback - Hardening")["_members"]) == 1

    # A device that was rolled back, joined again and left again needs a new deployment, and the run says how to get one.
    first = site.row("packageDeployments")["AdvertisementID"]
    end = "-Prune -Collection 'policyc rollback - Hardening'"
    again = estate.deploy(site, "-RollBack hardening -Device PC-9", end, "-RollBack hardening -Device PC-9")
    assert again.exit_code == 0
    assert f"runs it again only by a new one: .\\deploy.ps1 {end}" in again.stdout
    assert site.row("packageDeployments")["AdvertisementID"] != first

    # It stays while it is in use, also when its collection has left git; then it goes by name.
    estate.policies = {"other": hardening("Other", ("PC-1",))}
    estate.compile()
    pruned = estate.deploy(site, "-Prune")
    assert pruned.exit_code == 0
    assert deployed_programs(site) == {("Roll back", "policyc rollback - Hardening")}
    assert "the rollback 'Settings - Hardening - Roll back to policyc rollback - Hardening' uses it" in pruned.stdout
    assert site.rows("collections", Name="Hardening") == []
    more = estate.deploy(
        site, "-RollBack hardening -Device PC-1", "-Prune -Collection 'policyc rollback - Hardening'", "-Prune"
    )
    assert more.exit_code == 0
    assert {row["Name"] for row in site.rows("packages")} == {"Settings - Other", "Release - Hardening"}


def test_an_application_and_a_built_in_policy(site: Site, tmp_path: Path) -> None:
    estate = Estate(tmp_path / "estate", {"app": onboarding("PC-1", exclude=()), "built": onboarding("PC-2", exclude=())})
    estate.policies["app"]["defender_atp"]["package"]["deploy_as"] = "application"
    estate.policies["built"]["collection"]["name"] = "Built in"
    estate.policies["built"]["defender_atp"]["package"] = {"configuration_file": "WindowsDefenderATP.onboarding"}
    estate.compile()
    key = estate.deployment("built-in")["policies"][0]["key"]
    file = estate.share / "built-in" / key / "WindowsDefenderATP.onboarding"
    file.parent.mkdir(parents=True)
    file.write_text("secret", encoding="ascii")
    estate.settle(site)
    application = site.row("applications")
    assert application["LocalizedDescription"].endswith(f"{estate.deployment('onboarding')['applications'][0]['hash']}]")
    assert len(site.rows("deploymentTypes")) == len(site.rows("applicationDeployments")) == 1
    assert len(site.rows("policies")) == len(site.rows("policyDeployments")) == 1

    estate.project["project"]["publisher"] = "Another publisher"
    estate.policies["app"]["deployment"] = {"outside_maintenance_windows": True}
    estate.policies["built"]["defender_atp"]["sample_collection"] = "none"
    estate.compile()
    site.forget_calls()
    estate.settle(site)
    assert {"Set-CMApplication", "Set-CMApplicationDeployment", "Set-CMAdvancedThreatProtectionPolicy"} <= set(changes(site))
    assert not [name for name in changes(site) if name.startswith("New-CM")]
    assert site.row("applications")["LocalizedDescription"] != application["LocalizedDescription"]
    assert site.row("applicationDeployments")["OverrideServiceWindows"] is True

    estate.policies = {"other": hardening("Other", ("PC-1",))}
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    for table in ("applications", "applicationDeployments", "policies", "policyDeployments"):
        assert site.rows(table) == [], table


def offboarded_site(site: Site, tmp_path: Path, **more: dict[str, object]) -> Estate:
    """A site on which offboarding is deployed to a collection with PC-2."""
    estate = estate_of(tmp_path, on=onboarding("PC-1", "PC-9"), off=offboarding("PC-2"), **more)
    assert estate.deploy(site).exit_code == 0
    turn_back(site, "Offboarding", 25)
    estate.settle(site)
    assert ("Offboard", "Offboarding") in deployed_programs(site)
    site.forget_calls()
    return estate


def order(site: Site, *cmdlets: str) -> list[str]:
    """These cmdlets, in the order in which they changed the site."""
    return [name for name in changes(site) if name in cmdlets]


def test_a_device_that_joins_offboarding_later_waits(site: Site, tmp_path: Path) -> None:
    estate = offboarded_site(site, tmp_path)
    estate.policies["off"] = offboarding("PC-2", "PC-9")
    estate.compile()
    said = estate.deploy(site, "-WhatIf")
    assert changes(site) == []
    what = "Offboarding - Offboarding"
    expected = {(f"{what} - Offboard to Offboarding", "Deployment"), (f"{what} to Offboarding", "Deployment")}
    assert {(*names, action) for *names, action in actions(said, "Deployment")} == {
        (*names, action) for names, action in zip(sorted(expected), ("would end", "waiting"), strict=True)
    }

    done = estate.deploy(site)
    assert done.exit_code == 0
    assert order(site, "Remove-CMPackageDeployment", "Add-CMDeviceCollectionDirectMembershipRule", "Set-CMCollection") == [
        "Remove-CMPackageDeployment",
        "Set-CMCollection",
        "Add-CMDeviceCollectionDirectMembershipRule",
        "Set-CMCollection",
        "Set-CMCollection",
    ]
    assert deployed_programs(site) == {("Onboard", "Onboarding")}
    assert "devices may join: made again by a run after 24 hours" in done.stdout
    assert "1 waiting: each says above for what, and when to run again." in done.stdout
    site.forget_calls()
    estate.settle(site)
    turn_back(site, "Offboarding", 25)
    estate.settle(site)
    assert site.row("packageDeployments", ProgramName="Offboard")["_options"]["RerunBehavior"] == "NeverRerunDeployedProgram"


def test_a_device_that_leaves_offboarding_waits_for_nothing(site: Site, tmp_path: Path) -> None:
    estate = offboarded_site(site, tmp_path)
    deployment = site.row("packageDeployments", ProgramName="Offboard")
    site.add_collection("Never")
    before = site.row("collections", Name="Offboarding")
    # One that discovery hasn't found makes no rule.
    estate.policies["off"]["collection"]["members"] = {"devices": ["PC-3"], "exclude": ["Never"]}
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    assert site.row("packageDeployments", ProgramName="Offboard") == deployment
    assert [rule["RuleName"] for rule in site.row("collections", Name="Offboarding")["_rules"]] == ["Never"]
    since = re.compile(r"\[policyc-since:[^\]]*\]")
    assert since.findall(site.row("collections", Name="Offboarding")["Comment"]) == since.findall(before["Comment"]) != []


def test_what_offboarding_includes_may_not_grow_under_it(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, on=onboarding("PC-1"), off=offboarding("PC-2"), leavers=hardening("Leavers", ("PC-2",)))
    estate.policies["off"]["collection"]["members"] = {"include": ["Leavers"]}
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    turn_back(site, "Offboarding", 25)
    estate.settle(site)
    site.forget_calls()
    estate.policies["leavers"] = hardening("Leavers", ("PC-2", "PC-9"))
    estate.compile()
    site.update(deny=[{"cmdlet": "Add-CMDeviceCollectionDirectMembershipRule", "after": 0}])
    assert estate.deploy(site).exit_code == 1
    assert deployed_programs(site) == {("Onboard", "Onboarding")}
    site.update(deny=[])
    estate.settle(site)
    assert deployed_programs(site) == {("Onboard", "Onboarding")}


def test_offboarding_that_was_deployed_by_hand_keeps_its_membership(site: Site, tmp_path: Path) -> None:
    estate = offboarded_site(site, tmp_path)
    site.change("packageDeployments", {"ProgramName": "Offboard"}, Comment="by hand")
    estate.policies["off"] = offboarding("PC-2", "PC-9")
    estate.compile()
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "it would offboard devices as soon as they join" in stopped.stdout
    assert len(site.row("collections", Name="Offboarding")["_rules"]) == 1


def test_each_change_to_offboarding_waits_anew(site: Site, tmp_path: Path) -> None:
    estate = estate_of(tmp_path, ring=offboarding("PC-1"))
    assert estate.deploy(site).exit_code == 0
    turn_back(site, "Offboarding", 25)
    assert estate.deploy(site).exit_code == 0
    assert deployed_programs(site) == {("Offboard", "Offboarding")}
    script = estate.policies["ring"]["defender_atp"]
    estate.policies["ring"]["defender_atp"] = onboarding()["defender_atp"]
    estate.compile()
    assert estate.deploy(site).exit_code == 0
    assert deployed_programs(site) == {("Onboard", "Offboarding")}
    estate.policies["ring"]["defender_atp"] = script
    estate.compile()
    back = estate.deploy(site)
    assert back.exit_code == 0
    assert deployed_programs(site) == set()
    assert "waiting" in {action for _, _, action in actions(back, "Deployment")}


def test_what_the_project_says_is_apart_is_held_to_the_site(site: Site, tmp_path: Path) -> None:
    site.add_collection("Servers", ["PC-1"])
    estate = estate_of(tmp_path, on=onboarding("PC-1", exclude=()), hard=hardening(devices=("PC-1", "PC-2")))
    statements = [
        {"collections": ["Onboarding", "servers"], "reason": "Servers have a sensor of their own"},
        {"collections": ["Hardening", "Servers", "Not there"], "reason": "By kind"},
        {"collections": ["Servers", "All Systems"], "reason": "About nothing here"},
    ]
    estate.edit_json("site.json", disjoint=statements)
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    found = {(row["Object"], row["Action"]): row["Detail"] for row in rows(stopped) if row["Kind"] == "Membership"}
    assert set(found) == {
        ("Onboarding", "updated"),
        ("Onboarding", "stopped"),
        ("Hardening", "updated"),
        ("Hardening", "warning"),
        ("Not there", "left out"),
    }
    assert found["Onboarding", "stopped"].startswith(
        "1 devices are in 'servers' too: PC-1. The project says that they are apart (Servers have a sensor of their own)"
    )
    assert deployed_programs(site) == set()
    assert len(site.rows("baselineDeployments", CollectionName="Hardening")) == 1
    quiet = estate.deploy(site, "-Collection hardening")
    assert (quiet.exit_code, "PC-1. The project says" in quiet.stdout) == (0, True)

    state = site.state
    state["collections"] = [row for row in state["collections"] if row["Name"] != "Servers"]
    site.save(state)
    site.add_collection("Servers", ["PC-9"])
    assert estate.deploy(site).exit_code == 0
    assert deployed_programs(site) == {("Onboard", "Onboarding")}


def test_a_target_of_somebody_else_gets_no_maintenance_windows(site: Site, tmp_path: Path) -> None:
    """A window holds for everyone's deployments to a collection, and nothing without the mark is changed."""
    policy = hardening()
    del policy["collection"]["members"]
    window = {"name": "Night", "start": "2026-12-05T22:00", "duration": "4 hours", "every": "7 days"}
    policy["deployment"] = {"maintenance_windows": [window]}
    site.add_collection("Hardening")
    estate = Estate(tmp_path / "estate", {"hardening": policy})
    estate.compile()
    refused = estate.deploy(site)
    assert refused.exit_code == 1
    assert "gets no maintenance windows: run with -Adopt 'Hardening'" in refused.stdout
    assert site.row("collections", Name="Hardening").get("_windows", []) == []
    adopted = estate.deploy(site, "-Adopt Hardening")
    assert adopted.exit_code == 0
    assert [one["Name"] for one in site.row("collections", Name="Hardening")["_windows"]] == ["Night"]


def test_without_a_limiting_collection_only_one_that_is_there(site: Site, tmp_path: Path) -> None:
    policy = hardening(devices=("PC-1",))
    del policy["collection"]["limited_to"]
    estate = Estate(tmp_path / "estate", {"hardening": policy})
    estate.compile()
    refused = estate.deploy(site)
    assert refused.exit_code == 1
    assert "not on the site, and the policy names no limiting collection" in refused.stdout
    assert "Collection ''" not in refused.stdout
    assert changes(site) == []
    site.add_collection("Hardening", ["PC-1"])
    adopted = estate.deploy(site, "-Adopt Hardening")
    assert adopted.exit_code == 0
    assert site.row("collections", Name="Hardening")["LimitToCollectionName"] == "All Systems"
    again = estate.deploy(site)
    assert again.exit_code == 0
    assert "All is well." in again.stdout


def change_deployment(estate: Estate, site: Site, policy: str, **deployment: object) -> tuple[str, dict[str, object]]:
    """Deploy with other words about the deployment, until nothing changes: the row's action, and what is deployed now."""
    estate.policies[policy]["deployment"] = deployment
    estate.compile()
    done = [action for _, _, action in actions(estate.settle(site), "Deployment")]
    [there] = site.rows("packageDeployments") or site.rows("applicationDeployments")
    assert len(done) == 1
    return done[0], there


@pytest.mark.parametrize(
    ("deploy_as", "purpose", "key", "start", "added"),
    [
        ("package", "OfferType", "AdvertisementID", "PresentTime", "replaced"),
        ("application", "OfferTypeID", "AssignmentUniqueID", "StartTime", "updated"),
    ],
)
def test_what_no_cmdlet_takes_back_is_replaced(
    site: Site, tmp_path: Path, deploy_as: str, purpose: str, key: str, start: str, added: str
) -> None:
    estate = estate_of(tmp_path, on=onboarding("PC-1", exclude=()))
    estate.policies["on"]["defender_atp"]["package"]["deploy_as"] = deploy_as
    action, first = change_deployment(estate, site, "on")
    assert (action, first[purpose]) == ("created", 0)
    action, offered = change_deployment(estate, site, "on", purpose="available")
    assert (action, offered[purpose]) == ("replaced", 2)
    assert offered[key] != first[key]
    action, there = change_deployment(estate, site, "on", purpose="required")
    assert (action, there[purpose]) == ("replaced", 0)
    # A package's assignment as soon as possible would stay beside the schedule.
    action, later = change_deployment(estate, site, "on", start="2099-12-01T20:00")
    assert (action, later[start]) == (added, "2099-12-01 20:00:00")
    action, moved = change_deployment(estate, site, "on", start="2099-12-02T20:00")
    assert (action, moved[key], moved[start]) == ("updated", later[key], "2099-12-02 20:00:00")
    action, there = change_deployment(estate, site, "on")
    assert action == "replaced"
    assert there[start] != moved[start]
    assert "2099" in json.dumps(moved)
    assert "2099" not in json.dumps(there)
    action, offered = change_deployment(estate, site, "on", purpose="available", start="2099-12-01T20:00")
    assert (action, offered[start]) == ("replaced", "2099-12-01 20:00:00")
    action, there = change_deployment(estate, site, "on", purpose="available")
    assert (action, there[key] != offered[key], there[start] != offered[start]) == ("replaced", True, True)
    action, same = change_deployment(estate, site, "on", purpose="available", outside_maintenance_windows=True)
    assert (action, same[key]) == ("updated", there[key])


@pytest.mark.parametrize(
    ("deploy_as", "hidden"),
    [
        ("package", {"SMS_Advertisement": ["TimeFlags"]}),
        ("package", {"SMS_Advertisement": ["OfferType"]}),
        ("application", {"SMS_ApplicationAssignment": ["StartTime"]}),
        ("application", {"SMS_ApplicationAssignment": ["OfferTypeID", "UseGMTTimes"]}),
    ],
)
def test_what_the_site_does_not_tell_is_replaced_once(
    site: Site, tmp_path: Path, deploy_as: str, hidden: dict[str, list[str]]
) -> None:
    site.update(hidden=hidden)
    estate = estate_of(tmp_path, on=onboarding("PC-1", exclude=()))
    estate.policies["on"]["defender_atp"]["package"]["deploy_as"] = deploy_as
    assert change_deployment(estate, site, "on")[0] == "created"
    assert change_deployment(estate, site, "on", outside_maintenance_windows=True)[0] == "replaced"


def test_offboarding_is_replaced_behind_the_gate(site: Site, tmp_path: Path) -> None:
    estate = offboarded_site(site, tmp_path)
    before = site.row("packageDeployments", ProgramName="Offboard")
    device = site.row("devices", Name="PC-1")["ResourceID"]
    rule = {"_class": "SMS_CollectionRuleDirect", "RuleName": "PC-1", "ResourceClassName": "SMS_R_System", "ResourceID": device}
    state = site.state
    next(row for row in state["collections"] if row["Name"] == "Offboarding")["_rules"].append(rule)
    site.save(state)
    estate.policies["off"]["deployment"] = {"purpose": "available"}
    estate.compile()
    stopped = estate.deploy(site)
    assert stopped.exit_code == 1
    assert "waits until the rules that were made by hand are settled" in stopped.stdout
    assert site.row("packageDeployments", ProgramName="Offboard") == before

    said = estate.deploy(site, "-AcceptHandMadeRules -WhatIf")
    assert site.row("packageDeployments", ProgramName="Offboard") == before
    assert "would replace" in {action for _, _, action in actions(said, "Deployment")}
    site.forget_calls()
    assert estate.deploy(site, "-AcceptHandMadeRules").exit_code == 0
    assert order(site, "Remove-CMPackageDeployment", "New-CMPackageDeployment", "Set-CMPackageDeployment") == [
        "Remove-CMPackageDeployment",
        "New-CMPackageDeployment",
    ]
    site.forget_calls()
    estate.settle(site)
    assert changes(site) == []
    offboard = site.row("packageDeployments", ProgramName="Offboard")
    assert (before["OfferType"], offboard["OfferType"]) == (0, 2)
    assert offboard["_options"]["RerunBehavior"] == "NeverRerunDeployedProgram"

    # Where the new one can't be made, the next run finds none, and makes it.
    estate.policies["off"]["deployment"] = {"purpose": "required"}
    estate.compile()
    site.update(deny=[{"cmdlet": "New-CMPackageDeployment", "after": 0}])
    assert estate.deploy(site).exit_code == 1
    assert deployed_programs(site) == {("Onboard", "Onboarding")}
    site.update(deny=[])
    estate.settle(site)
    assert site.row("packageDeployments", ProgramName="Offboard")["OfferType"] == 0


def test_a_schedule_or_an_expiry_that_goes_away_is_replaced(site: Site, tmp_path: Path) -> None:
    estate = offboarded_site(site, tmp_path)
    # A start that is over holds nothing back, but stays the schedule.
    for start, reason in (("2020-01-31T20:00", "it no longer starts as soon as possible"), (None, "its schedule is no longer")):
        estate.policies["off"]["deployment"] = {"start": start} if start else {}
        estate.compile()
        done = estate.settle(site)
        assert [row["Detail"] for row in rows(done) if row["Action"] == "replaced"] == [
            f"{reason}{' in the policy' * (not start)}"
        ]
        schedules = site.row("packageDeployments", ProgramName="Offboard")["AssignedSchedule"]
        assert len(schedules) == (1 if start else 0)

    tree = estate.deployment("offboarding")
    [deployment] = [
        program["deployment"]
        for package in tree["packages"]
        for program in package["programs"]
        if program["name"] == "Offboard"
    ]
    del deployment["parameters"]["DeadlineDateTime"]
    deployment["parameters"]["Comment"] = deployment["parameters"]["Comment"].replace(deployment["hash"], "0123456789ab")
    deployment["hash"] = "0123456789ab"
    estate.put("offboarding/deployment.json", json.dumps(tree).encode("ascii"))
    assert "its expiry is no longer in the policy" in estate.settle(site).stdout
    assert site.row("packageDeployments", ProgramName="Offboard")["ExpirationTimeEnabled"] is False
