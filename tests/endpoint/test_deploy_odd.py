"""deploy.ps1 where the site, the console or the administrator's machine answers otherwise than usual."""

from __future__ import annotations

from pathlib import Path

import pytest

from configmgr.module import write_module
from configmgr.site import Site
from endpoint.deploying import CLIENTS, Estate, WarmSite, actions, changes, hardening, offboarding, onboarding, rows
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
    site.add_devices("PC-1", "PC-2")
    return site


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    """One collection with settings, compiled."""
    estate = Estate(tmp_path / "estate", {"hardening": hardening()})
    estate.compile()
    return estate


HIDDEN = {
    "SMS_BaselineAssignment": ["AssignedCIs", "EvaluationSchedule", "OverrideServiceWindows"],
    "SMS_Collection": ["LastRefreshTime", "CurrentStatus", "ObjectPath"],
    "SMS_CombinedDeviceResources": ["IsObsolete"],
    "SMS_ConfigurationItemLatest": ["SecuredScopeNames", "SDMPackageVersion", "IsLatest"],
    "SMS_Package": ["SecuredScopeNames", "ObjectPath"],
    "SMS_ClientSettings": ["Type", "Priority"],
}


def test_a_property_that_is_missing_makes_nothing_twice(site: Site, estate: Estate) -> None:
    site.update(hidden=HIDDEN)
    estate.settle(site)
    assert len(site.rows("baselineDeployments")) == 1
    estate.policies = {"other": hardening("Other", ("PC-1",))}
    estate.compile()
    assert estate.deploy(site, "-Prune").exit_code == 0
    assert [row["CollectionName"] for row in site.rows("baselineDeployments")] == ["Other"]


def test_an_earlier_revision_is_not_taken_for_the_latest(site: Site, estate: Estate) -> None:
    assert estate.deploy(site).exit_code == 0
    for table in ("items", "baselines"):
        latest = site.row(table)
        earlier = {"CI_ID": latest["CI_ID"] - 1, "SDMPackageVersion": 0, "LocalizedDescription": "", "IsLatest": False}
        site.add(table, **{**latest, **earlier})
    site.forget_calls()
    estate.settle(site)
    assert changes(site) == []


def test_names_that_are_members_of_a_table_stay_names(site: Site, estate: Estate) -> None:
    names = ["Count", "Keys", "Values"]
    for name in names:
        site.add_security_scope(name)
        site.add_distribution_point_group(name)
    estate.policies["hardening"]["deployment"] = {"security_scopes": names, "distribution_point_groups": names}
    estate.policies["hardening"]["collection"]["name"] = "Keys"
    estate.compile()
    first = estate.settle(site)
    checks = {row["Check"]: row["Result"] for row in rows(first, "Before anything is changed:")}
    for name in names:
        assert checks[f"Security scope '{name}'"] == checks[f"Distribution point group '{name}'"] == "OK"
    assert site.row("packages", Name="Settings - Keys")["_groups"] == names


def test_two_collections_of_one_name_are_settled_by_people(site: Site, estate: Estate) -> None:
    del estate.policies["hardening"]["collection"]["members"]
    estate.policies["second"] = hardening("Second")
    estate.policies["second"]["collection"]["members"]["include"] = ["Twice"]
    estate.compile()
    site.add_collection("Hardening", ["PC-1"])
    site.add_collection("Twice")
    assert estate.deploy(site, "-WhatIf").exit_code == 0
    site.add_collection("HARDENING", ["PC-2"])
    done = estate.deploy(site, "-Collection hardening")
    assert done.exit_code == 1
    assert "Several device collections are named 'Hardening'" in done.stdout
    site.add_collection("twice")
    again = estate.deploy(site, "-Collection second")
    assert again.exit_code == 1
    assert "Several device collections are named 'Twice'" in again.stdout
    assert changes(site) == []


def test_a_path_that_the_console_writes_otherwise_is_the_same(site: Site, estate: Estate) -> None:
    assert estate.deploy(site).exit_code == 0
    path = site.row("packages")["PkgSourcePath"]
    site.change("packages", {}, PkgSourcePath=f"{path.upper()}\\")
    site.forget_calls()
    estate.settle(site)
    assert changes(site) == []


def test_a_share_is_a_share_also_on_the_drive_of_the_site(site: Site, estate: Estate) -> None:
    script = str(estate.output / "deploy.ps1").replace("'", "''")
    said = site.run_on_drive(f"& '{script}' -WhatIf -ContentSource '\\\\files\\nowhere'")
    folders = {row["Detail"].replace("/", "\\") for row in rows(said) if row["Kind"] == "Package"}
    assert folders == {r"\\files\nowhere\hardening\settings"}
    assert "Content source" not in {row["Check"] for row in rows(said, "Before anything is changed:")}
    folder = {row["Check"]: row for row in rows(estate.deploy(site, "-WhatIf"), "Before anything is changed:")}
    assert folder["Content source"]["Result"] == "Warning"


def test_what_was_asked_for_must_be_there(site: Site, estate: Estate) -> None:
    asked = estate.deploy(site, "-Phase 7")
    assert (asked.exit_code, "No collection is of phase 7." in asked.stdout) == (1, True)
    estate.edit_json("site.json", version=2)
    newer = estate.deploy(site, "-WhatIf")
    assert (newer.exit_code, "'site.json' is of version 2" in newer.stdout) == (1, True)
    assert "Nothing was done, as -WhatIf asks." in newer.stdout
    assert changes(site) == []


def test_a_client_setting_that_is_no_number_is_a_warning(site: Site, estate: Estate) -> None:
    state = site.state
    state["clientSettings"][0]["_settings"]["ComplianceSettings"]["ScriptExecutionTimeout"] = "as before"
    site.save(state)
    done = estate.deploy(site, "-WhatIf")
    assert done.exit_code == 0
    checks = {row["Check"]: row["Result"] for row in rows(done, "Before anything is changed:")}
    assert checks["Script timeout"] == "Warning"


def test_a_device_beyond_the_limit_is_not_rolled_back_in_silence(site: Site, estate: Estate) -> None:
    assert estate.deploy(site).exit_code == 0
    site.add_devices("PC-8", client=False)
    done = estate.deploy(site, "-RollBack hardening -Device PC-8")
    assert done.exit_code == 1
    assert f"PC-8: not in its limiting collection '{CLIENTS}'" in done.stdout


FOREIGN = """$culture = [Globalization.CultureInfo]::InvariantCulture.Clone()
$culture.NumberFormat.NumberDecimalSeparator = ','
$culture.NumberFormat.NegativeSign = '~'
$culture.DateTimeFormat.ShortDatePattern = 'dd. MMM yyyy'
$culture.DateTimeFormat.DateSeparator = '-'
$culture.DateTimeFormat.TimeSeparator = '.'
[Threading.Thread]::CurrentThread.CurrentCulture = $culture
"""
"""The engine of the tests knows no language but its own: what another one writes differently is put together by hand."""


def test_a_machine_that_writes_numbers_and_dates_otherwise(tmp_path: Path, console: Path, powershell: Session) -> None:
    site = Site(tmp_path, console)
    site.add_devices("PC-1", "PC-2")
    estate = Estate(tmp_path / "estate", {"on": onboarding("PC-1"), "off": offboarding("PC-2")})
    estate.policies["on"]["deployment"] = {"start": "2026-12-05T22:00", "time_zone": "utc"}
    estate.project["configmgr"]["offboarding_wait"] = "30 minutes"
    estate.compile()
    script, share = (str(path).replace("'", "''") for path in (estate.output / "deploy.ps1", estate.share))
    run = f"& '{script}' -ContentSource '{share}' -Collection ONBOARDING,offboarding\nexit $LASTEXITCODE"
    first = site.run_command(FOREIGN + run, timeout=120)
    assert (first.exit_code, first.stderr) == (0, ""), first.stdout
    site.forget_calls()
    second = site.run_command(FOREIGN + run, timeout=120)
    assert (second.exit_code, changes(site)) == (0, []), second.stdout
    third = site.run_command(run, timeout=120)
    assert (third.exit_code, changes(site)) == (0, []), third.stdout
    assert {action for _, _, action in actions(third)} == {"waiting"}
