"""monitor.ps1 against the stand-in site: what it tells of deployments, of compliance, and of what it may not read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from endpoint.engine import find_powershell
from endpoint.monitoring import ERROR, IN_PROGRESS, NOT_MET, ONBOARD, STATE_ITEM, SUCCESS, UNKNOWN, Watched, watched

pytestmark = pytest.mark.powershell

COLUMNS = ["Collection", "Kind", "Name", "Device", "State", "Code", "Meaning", "Remedy", "Time", "Count"]
HOSTILE = "=cmd|'/c calc'!A0 <script>alert(1)</script> \"&quot;\" \u202e\U0001f600"
FAILED = {"StatusType": ERROR, "MessageID": 10006, "MessageDescription": "Program failed", "Assets": 2}
RUNNING = {"StatusType": IN_PROGRESS, "MessageID": 10005, "MessageDescription": "Program started", "Assets": 1}
REJECTED = {"StatusType": NOT_MET, "MessageID": 10018, "MessageDescription": "Wrong platform", "Assets": 1}


@pytest.fixture
def site(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A site that has what deploy.ps1 makes of all collections but one."""
    if find_powershell() is None:
        pytest.skip("no PowerShell: set POLICYC_POWERSHELL, or put pwsh on the PATH")
    return watched(tmp_path_factory.getbasetemp(), tmp_path)


def of(rows: Iterable[Mapping[str, Any]], kind: str, name: str | None = None) -> list[tuple[str, str, str, int]]:
    """Device, state, code and count of the rows of a kind."""
    return [
        (row["Device"], row["State"], row["Code"], row["Count"])
        for row in rows
        if row["Kind"] == kind and name in (None, row["Name"])
    ]


def detail(device: str, status: Mapping[str, Any], number: int = 0, **more: object) -> dict[str, Any]:
    """A row of SMS_ClassicDeploymentAssetDetails."""
    words = status["MessageDescription"]
    picked = {"StatusType": status["StatusType"], "MessageID": status["MessageID"], "StatusDescription": words}
    return {"DeviceName": device, "DeviceID": number, **picked, **more}


def failure(device: str, item: str, rule: str, **more: object) -> dict[str, Any]:
    """A row of SMS_DCMDeploymentNonCompliantAssetDetails."""
    return {"StatusType": NOT_MET, "AssetName": device, "CIName": item, "RuleName": rule, **more}


def fail_programs(site: Watched, *names: str) -> None:
    """One device that failed with 205, one without a code, one that is retried, and one that can't have the program."""
    key = site.advertisement()
    failed, broken, retried, rejected = names
    site.report(
        key,
        [FAILED, RUNNING, REJECTED],
        [
            detail(failed, FAILED, 1),
            detail(broken, FAILED, 2),
            detail(retried, RUNNING, 3),
            detail(rejected, REJECTED, 4),
        ],
    )
    last = {"AdvertisementID": key, "LastStateName": "Failed", "LastStatusTime": "2026-11-02 08:30:00"}
    site.provide(
        "SMS_ClientAdvertisementStatus",
        {**last, "ResourceID": 1, "LastExecutionResult": "205"},
        {**last, "ResourceID": 3, "LastExecutionResult": "1618"},
        {**last, "ResourceID": 9, "LastExecutionResult": "0"},
        {**last, "AdvertisementID": "PS1FFFFF", "ResourceID": 2, "LastExecutionResult": "210"},
    )


def test_a_healthy_site_is_counted_and_nothing_is_listed(site: Watched) -> None:
    site.report(site.advertisement(), [{"StatusType": SUCCESS, "MessageDescription": "Program completed", "Assets": 4}])
    for table, name, devices in (
        ("baselineDeployments", "Onboarding", 4),
        ("baselineDeployments", "Hardening", 2),
        ("baselineDeployments", "App ring", 2),
        ("baselineDeployments", "Policy ring", 1),
        ("applicationDeployments", "App ring", 2),
        ("policyDeployments", "Policy ring", 1),
    ):
        site.report(site.assignment(table, name)["AssignmentUniqueID"], [{"StatusType": SUCCESS, "Assets": devices}])
    rows = site.rows()
    assert [list(row) for row in rows] == [COLUMNS] * len(rows)
    assert {row["Device"] for row in rows} == {""}
    assert of(rows, "Package") == [("", "Success", "", 4)]
    assert of(rows, "Application") == [("", "Success", "", 2)]
    assert of(rows, "Policy") == [("", "Success", "", 1)]
    assert of(rows, "Baseline", "Onboarding") == [("", "Compliant", "", 4)]
    assert of(rows, "Onboarding", STATE_ITEM) == [("", "Compliant", "", 4)]
    assert [row["Meaning"] for row in rows if row["Name"] == STATE_ITEM] == ["4 devices: onboarded"]
    assert set(of(rows, "Content")) == {("", "Success", "", 1)}
    assert [(row["Name"], row["State"]) for row in rows if row["Collection"] == "Not yet"] == [("Not yet", "Not deployed")]
    assert site.site.changes() == []
    assert {call["cmdlet"].split("-")[0] for call in site.site.calls()} == {"Get", "Invoke"}
    assert {call["cmdlet"] for call in site.site.calls() if not call["cmdlet"].startswith("Get-")} == {"Invoke-CMWmiQuery"}


def test_devices_that_need_a_look_come_with_what_their_exit_code_means(site: Watched) -> None:
    fail_programs(site, "PC-1", "PC-2", "PC-3", "PC-4")
    application = site.assignment("applicationDeployments", "App ring")
    site.report(application["AssignmentUniqueID"], [{"StatusType": ERROR, "Assets": 1}, {"StatusType": NOT_MET, "Assets": 1}])
    key = {"AssignmentID": application["AssignmentID"]}
    site.provide("SMS_AppDeploymentErrorAssetDetails", {**key, "MachineName": "PC-5", "ErrorCode": 210})
    unmet = {"MachineName": "PC-6", "RequirementName": "Operating system", "CurrentReqValue": "Windows 8"}
    site.provide("SMS_AppDeploymentRequirementsNotMetAssetDetails", {**key, **unmet})
    package = site.site.row("packages", Name="Onboarding - Onboarding")["PackageID"]
    site.site.change("packages", {"PackageID": package}, _contentErrors=1)
    path = '["Display=\\\\dp01.example.com\\"]MSWNET:["SMS_SITE=PS1"]\\\\dp01.example.com\\'
    site.provide("SMS_PackageStatusDistPointsSummarizer", {"PackageID": package, "ServerNALPath": path, "State": 3})

    rows = site.rows("-Collection Onboarding, app-ring")
    assert of(rows, "Package", ONBOARD) == [
        ("PC-2", "Error", "", 1),
        ("PC-1", "Failed", "205", 1),
        ("PC-3", "In Progress", "1618", 1),
        ("PC-4", "Requirements Not Met", "", 1),
    ]
    told = {row["Device"]: row for row in rows if row["Kind"] in ("Package", "Application", "Content")}
    assert told["PC-1"]["Meaning"] == "The vendor's script ended with 5: Offboarding data was found and could not be deleted"
    assert told["PC-1"]["Remedy"] == "See the event 5 of WDATPOnboarding on the device"
    assert told["PC-1"]["Time"].startswith("2026-11-02T08:30:00")
    assert told["PC-2"]["Meaning"] == "Program failed"
    assert "policyc-onboarding-b74fd3a6.log" in told["PC-2"]["Remedy"]
    assert told["PC-3"]["Meaning"].startswith("Windows Setup or the out-of-box experience is not over")
    assert told["PC-4"]["Meaning"] == "Wrong platform"
    assert of(rows, "Application") == [("PC-5", "Failed", "210", 1), ("PC-6", "Requirements Not Met", "", 1)]
    assert told["PC-6"]["Meaning"] == "Not met: Operating system (here Windows 8)"
    assert of(rows, "Content", "Onboarding - Onboarding") == [("", "Error", "", 1), ("dp01.example.com", "Error", "", 0)]
    assert told["dp01.example.com"]["Meaning"] == "The content is installing failed on this distribution point."
    assert {row["Collection"] for row in rows} == {"Onboarding", "App ring"}


def test_a_baseline_names_the_settings_that_fail(site: Watched) -> None:
    wanted = site.assignment("baselineDeployments", "Onboarding")
    state = "The device is onboarded to Windows Defender ATP"
    wrong = {"StatusType": NOT_MET, "Assets": 2}
    bad = {"StatusType": ERROR, "Assets": 1}
    site.report(
        wanted["AssignmentUniqueID"],
        [{"StatusType": SUCCESS, "Assets": 1}, wrong, bad],
        [
            failure("PC-1", STATE_ITEM, state),
            failure("PC-2", "Renamed item", "another rule", AssetID=22, Rule_ID=7),
            {"StatusType": ERROR, "AssetName": "PC-3", "ErrorCode": -2016410841, "ErrorDescription": "Script is not signed"},
        ],
    )
    key = {"AssignmentID": wanted["AssignmentID"], "AssetID": 22, "Rule_ID": 7}
    found = {**key, "DiscoveredValue": "NonCompliant: defender-atp-onboarding, no-such-id"}
    site.provide("SMS_DCMDeploymentNonCompliantDetailsPerAsset", found, {**found, "AssignmentID": 1, "DiscoveredValue": "x"})
    hardening = site.assignment("baselineDeployments", "Hardening")
    group = {"RuleDescription": "first, second, somebody else's"}
    site.report(hardening["AssignmentUniqueID"], [wrong], [failure("PC-1", "Hardening: settings", "2 settings", **group)])

    rows = site.rows("-Collection 'onboarding,hardening'")
    told = {(row["Kind"], row["Collection"], row["Device"]): row for row in rows}
    assert of(rows, "Baseline", "Onboarding") == [
        ("PC-3", "Error", "0x87D00327", 1),
        ("PC-1", "Non-Compliant", "defender-atp-onboarding", 1),
        ("PC-2", "Non-Compliant", "defender-atp-onboarding, no-such-id", 1),
        ("", "Compliant", "", 1),
    ]
    assert told["Baseline", "Onboarding", "PC-1"]["Meaning"] == state
    assert told["Baseline", "Onboarding", "PC-2"]["Meaning"] == f"{state}; no-such-id"
    assert told["Baseline", "Onboarding", "PC-3"]["Meaning"] == "Script is not signed"
    assert "policyc sign" in told["Baseline", "Onboarding", "PC-3"]["Remedy"]
    assert of(rows, "Onboarding", STATE_ITEM) == [
        ("PC-1", "Non-Compliant", "defender-atp-onboarding", 1),
        ("", "Compliant", "", 2),
        ("", "Unknown", "", 1),
    ]
    assert told["Onboarding", "Onboarding", "PC-1"]["Meaning"] == "Not onboarded"
    # The site keeps the discovered value to itself, and the rule is for more than one setting: no id is sure.
    assert of(rows, "Baseline", "Hardening") == [("PC-1", "Non-Compliant", "", 1), ("", "Non-Compliant", "", 1)]
    meaning = told["Baseline", "Hardening", "PC-1"]["Meaning"]
    assert meaning == "one or more of these (not told by this site which): First is 1; Second is 1"


def test_what_is_not_there_is_said_and_is_no_error(site: Watched) -> None:
    state = site.site.state
    state["packageDeployments"], state["applications"], state["policyDeployments"], state["baselineDeployments"] = (
        [],
        [],
        [],
        [],
    )
    state["packages"] = [row for row in state["packages"] if not row["Name"].startswith("Settings")]
    for row in state["packages"]:
        row["_groups"], row["PkgSourcePath"] = [], ""
    state["baselines"] = [row for row in state["baselines"] if row["LocalizedDisplayName"] != "Hardening"]
    site.site.save(state)
    rows = site.rows()
    assert {(row["State"], row["Count"]) for row in rows} == {("Not deployed", 0)}
    said = {(row["Kind"], row["Name"]): row["Meaning"] for row in rows}
    assert said["Package", ONBOARD] == "This program is not deployed to the collection."
    assert said["Package", "Settings - Hardening"] == "This package is not on the site."
    assert said["Application", "Onboarding - App ring"] == "This application is not on the site."
    assert said["Policy", "Onboarding - Policy ring"] == "This built-in policy is not deployed to the collection."
    assert said["Baseline", "Hardening"] == "This baseline is not on the site."
    assert said["Baseline", "Onboarding"] == "This baseline is not deployed to the collection."
    assert said["Content", "Onboarding - Onboarding"].startswith("The content is on no distribution point")
    assert said["Collection", "Not yet"] == "This collection is not on the site."


def test_objects_are_found_by_their_mark_after_a_rename(site: Watched) -> None:
    site.site.change("collections", {"Name": "Onboarding"}, Name="Renamed")
    site.site.change("packages", {"Name": "Onboarding - Onboarding"}, Name="Renamed")
    site.site.change("baselines", {"LocalizedDisplayName": "Onboarding"}, LocalizedDisplayName="Renamed")
    site.report(site.advertisement(), [{"StatusType": SUCCESS, "Assets": 1}, {"StatusType": UNKNOWN, "Assets": 3}])
    rows = site.rows("-Collection onboarding")
    assert "Not deployed" not in {row["State"] for row in rows}
    assert of(rows, "Package") == [("", "Unknown", "", 3), ("", "Success", "", 1)]


def test_refused_access_is_said_where_it_is_and_the_rest_is_shown(site: Watched) -> None:
    refused = ("Get-CMBaseline", "Get-CMDistributionStatus", "Invoke-CMWmiQuery")
    site.site.update(deny=[{"cmdlet": cmdlet, "after": 0} for cmdlet in refused])
    fail_programs(site, "PC-1", "PC-2", "PC-3", "PC-4")
    rows = site.rows("-Collection onboarding", exit_code=1)
    unread = {(row["Kind"], row["Name"]): row for row in rows if row["State"] == "Not readable"}
    assert set(unread) == {
        ("Content", "Onboarding - Onboarding"),
        ("Content", "Settings - Onboarding"),
        ("Package", f"{ONBOARD}, exit codes"),
        ("Baseline", "Onboarding"),
    }
    assert unread["Baseline", "Onboarding"]["Meaning"].startswith("The site refuses to tell: You do not have security rights")
    assert "Read-only Analyst" in unread["Baseline", "Onboarding"]["Remedy"]
    assert of(rows, "Package", ONBOARD)[:2] == [("PC-1", "Error", "", 1), ("PC-2", "Error", "", 1)]
    site.site.update(deny=[{"cmdlet": "Get-CMCollection", "after": 0}])
    rows = site.rows("-As Object", exit_code=1)
    assert {(row["Kind"], row["State"]) for row in rows} == {("Collection", "Not readable")}
    assert len(rows) == 5


def test_what_an_object_of_the_site_lacks_is_not_told(site: Watched) -> None:
    """An older class, or a class that is another than documented, has fewer properties."""
    site.report(site.advertisement(), [{"StatusType": ERROR}], [{"StatusType": ERROR, "DeviceName": "PC-1"}])
    load = 'Import-Module "$env:SMS_ADMIN_UI_PATH/../ConfigurationManager.psd1"\n'
    mute = load + "function Get-CMDeployment { }\nfunction Get-CMDistributionStatus { [pscustomobject]@{ PackageID = 'x' } }"
    rows = site.rows("-Collection onboarding", before=mute)
    assert ("PC-1", "Error", "", 1) in of(rows, "Package")
    said = [row["Meaning"] for row in rows if row["Device"] == "PC-1"]
    assert said == ["Why is not told by this site."]
    assert {row["State"] for row in rows if row["Kind"] == "Content"} == {"Not told"}
    assert ("", "Not told", "", 0) in of(rows, "Baseline")


def test_a_limit_counts_by_state_and_code_what_it_leaves_out(site: Watched) -> None:
    key = site.advertisement()
    failed = {**FAILED, "Assets": 30}
    site.report(key, [failed], [detail(f"PC-{number:02}", failed, number) for number in range(30)])
    last = {"AdvertisementID": key}
    codes = [{**last, "ResourceID": number, "LastExecutionResult": "205" if number < 20 else "77"} for number in range(30)]
    site.provide("SMS_ClientAdvertisementStatus", *codes)
    rows = [row for row in site.rows("-Collection onboarding -Limit 15") if row["Name"] == ONBOARD]
    assert len([row for row in rows if row["Device"]]) == 15
    left = [(row["State"], row["Code"], row["Count"]) for row in rows if not row["Device"]]
    assert left == [("Failed", "205", 5), ("Failed", "77", 10)]
    assert rows[16]["Meaning"].startswith("10 devices more, not listed (the limit is 15): It ended with 77, which is none")


def test_csv_is_safe_in_a_spreadsheet_and_reads_back(site: Watched, tmp_path: Path) -> None:
    fail_programs(site, HOSTILE, "+1", "-2\r\nnext", "@sum\t")
    file = tmp_path / "it's [here].csv"
    where = str(file).replace("'", "''")
    done = site.run(f"-Collection onboarding -Path '{where}'")
    assert (done.exit_code, done.stderr) == (0, "")
    text = file.read_bytes().decode("utf-8-sig")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert text.count("\r\n") == text.count("\n")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == COLUMNS
    devices = {line[3] for line in lines[1:]}
    assert {f"'{HOSTILE}", "'+1", "'-2 next", "'@sum "} <= devices
    assert not [cell for line in lines for cell in line if cell[:1] in "=+-@" and cell]


def test_a_table_says_what_to_do_once_and_summarizing_is_all_that_is_asked_of_the_site(site: Watched) -> None:
    fail_programs(site, "PC-1", "PC-2", "PC-3", "PC-4")
    done = site.run("-As Table -Summarize -Collection onboarding, not-yet")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Collection: Onboarding" in done.stdout
    assert done.stdout.count("205: See the event 5 of WDATPOnboarding on the device") == 1
    assert done.stdout.count("Not deployed: Run deploy.ps1.") == 1
    assert "may still be the last count" in done.stdout
    asked = [call for call in site.site.calls() if call["cmdlet"] == "Invoke-CMDeploymentSummarization"]
    target = site.site.row("collections", Name="Onboarding")["CollectionID"]
    assert [call["parameters"]["CollectionId"] for call in asked] == [target]
    assert site.site.changes() == []


def test_wrong_use_and_a_changed_folder_are_refused(site: Watched, tmp_path: Path) -> None:
    unknown = site.run("-Collection nothing")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "hardening, not-yet, onboarding" in unknown.stderr
    assert "-As Csv or -As Html" in site.run(f"-Path '{tmp_path / 'x.txt'}'").stderr
    assert site.site.calls() == []
