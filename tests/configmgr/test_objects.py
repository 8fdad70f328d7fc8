"""What a site makes of objects: content, collections, items, baselines and deployments."""

from __future__ import annotations

from pathlib import Path

import pytest

from configmgr.site import Result, Site
from policyc.targets.configmgr.digest.cabinet import cabinet

pytestmark = pytest.mark.powershell

SCOPE = "ScopeId_0D7C1B7E-5C39-4B4E-9C2A-2F0C1E6B7A11"
DIGEST = """<?xml version="1.0" encoding="utf-8"?>
<DesiredConfigurationDigest xmlns="http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/07/10/DesiredConfiguration">
  <{kind} AuthoringScopeId="{scope}" LogicalName="{kind}_{name}" Version="{revision}">
    <Annotation xmlns="http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/06/14/Rules">
      <DisplayName Text="{title}" ResourceId="ID-1" />
      <Description Text="{description}" ResourceId="ID-2" />
    </Annotation>{body}
  </{kind}>
</DesiredConfigurationDigest>
"""
REFERENCE = '<OperatingSystems><OperatingSystemReference AuthoringScopeId="{scope}" LogicalName="{name}" /></OperatingSystems>'


def digest(kind: str, name: str, revision: int = 1, description: str = "d", body: str = "") -> bytes:
    values = {"scope": SCOPE, "title": f"{kind} {name}", "description": description}
    return DIGEST.format(kind=kind, name=name, revision=revision, body=body, **values).encode()


def packed(folder: Path, *digests: bytes, name: str = "x.cab") -> str:
    path = folder / name
    path.write_bytes(cabinet({f"{number}.xml": content for number, content in enumerate(digests)}))
    return str(path)


def item(site: Site, revision: int = 1, description: str = "d") -> Result:
    path = packed(site.folder, digest("OperatingSystem", "a", revision, description))
    return site.run_on_drive(f"(Import-CMConfigurationItem -FileName '{path}' -Force).CI_UniqueID")


def baseline(site: Site, revision: int = 1) -> Result:
    body = REFERENCE.format(scope=SCOPE, name="OperatingSystem_a")
    path = packed(site.folder, digest("Baseline", "b", revision, body=body), name="b.cab")
    return site.run_on_drive(f"(Import-CMBaseline -FileName '{path}' -Force).CI_UniqueID")


def fails(result: Result, words: str) -> None:
    assert result.exit_code != 0
    assert words in result.stderr


def test_an_item_comes_from_its_cabinet(site: Site) -> None:
    assert item(site) == Result(0, f"{SCOPE}/OperatingSystem_a/1\n", "")
    row = site.row("items", ModelName=f"{SCOPE}/OperatingSystem_a")
    assert (row["LocalizedDisplayName"], row["LocalizedDescription"]) == ("OperatingSystem a", "d")
    assert (row["CIVersion"], row["SDMPackageVersion"], row["CIType_ID"]) == (1, 1, 3)


def test_an_item_of_several_blocks_is_read(site: Site) -> None:
    item(site, description="x" * 100_000)
    assert len(site.row("items")["LocalizedDescription"]) == 100_000


def test_a_newer_revision_takes_the_place_and_has_a_ci_id_of_its_own(site: Site) -> None:
    item(site)
    first = site.row("items")["CI_ID"]
    item(site, 2, "e")
    row = site.row("items")
    assert (row["SDMPackageVersion"], row["LocalizedDescription"]) == (2, "e")
    assert row["CI_ID"] != first


def test_a_revision_never_has_two_contents(site: Site) -> None:
    item(site)
    fails(item(site, description="other"), "with other content")
    assert site.row("items")["LocalizedDescription"] == "d"


def test_an_older_revision_is_refused(site: Site) -> None:
    item(site, 3)
    fails(item(site, 2), "is older")


def test_an_older_revision_than_a_deleted_one_is_refused(site: Site) -> None:
    item(site, 3)
    site.run_on_drive("Remove-CMConfigurationItem -Name 'OperatingSystem a' -Force")
    fails(item(site, 2), "was deleted recently")
    assert item(site, 4).exit_code == 0


def test_a_baseline_needs_its_items_on_the_site(site: Site) -> None:
    fails(baseline(site), "which is not on the site")
    item(site)
    assert baseline(site).stdout == f"{SCOPE}/Baseline_b/1\n"


def test_an_unsigned_cabinet_needs_force(site: Site) -> None:
    path = packed(site.folder, digest("OperatingSystem", "a"))
    fails(site.run_on_drive(f"Import-CMConfigurationItem -FileName '{path}'"), "publisher")


def test_a_cabinet_of_the_other_kind_is_refused(site: Site) -> None:
    path = packed(site.folder, digest("OperatingSystem", "a"))
    fails(site.run_on_drive(f"Import-CMBaseline -FileName '{path}' -Force"), "holds no configuration baseline")


def test_what_is_in_use_is_not_removed(site: Site) -> None:
    item(site)
    baseline(site)
    fails(site.run_on_drive("Remove-CMConfigurationItem -Name 'OperatingSystem a' -Force"), "refers to it")
    deploy = "New-CMBaselineDeployment -Name 'Baseline b' -CollectionName 'All Systems' -EnableEnforcement $true"
    assert site.run_on_drive(f"$null = {deploy}").stderr == ""
    assert site.row("baselineDeployments")["AssignmentAction"] == 2
    fails(site.run_on_drive("Remove-CMBaseline -Name 'Baseline b' -Force"), "is deployed")
    fails(site.run_on_drive(deploy), "deployed to the collection already")
    gone = "Remove-CMBaselineDeployment -Name 'Baseline b' -Force; Remove-CMBaseline -Name 'Baseline b' -Force"
    assert site.run_on_drive(gone).stderr == ""
    assert site.rows("baselines") == []


def test_removing_asks_unless_forced(site: Site) -> None:
    fails(site.run_on_drive("$null = New-CMPackage -Name A; Remove-CMPackage -Name A"), "NonInteractive")
    assert len(site.rows("packages")) == 1


def test_an_imported_item_is_read_only(site: Site) -> None:
    item(site)
    fails(site.run_on_drive("Set-CMConfigurationItem -Name 'OperatingSystem a' -Description x"), "read-only")


def test_members_change_with_an_update_alone(site: Site) -> None:
    site.add_devices("PC-1", "PC-2", "PC-3")
    site.update(queryResults={"select * from SMS_R_System where Name like 'PC%'": ["PC-1", "PC-2", "PC-3"]})
    site.add_collection("Out", ["PC-2"])
    text = (
        "$c = New-CMDeviceCollection -Name In -LimitingCollectionName 'All Systems'\n"
        "Add-CMDeviceCollectionQueryMembershipRule -InputObject $c -RuleName all "
        "-QueryExpression \"select *  from SMS_R_System\n where Name like 'PC%'\"\n"
        "Add-CMDeviceCollectionExcludeMembershipRule -CollectionName In -ExcludeCollectionName Out\n"
        "'before: ' + ((Get-CMCollectionMember -CollectionName In).Name -join ' ')\n"
        "Invoke-CMCollectionUpdate -InputObject $c\n"
        "'after: ' + ((Get-CMCollectionMember -CollectionName In).Name -join ' ')\n"
        "(Get-CMDeviceCollectionExcludeMembershipRule -CollectionName In).RuleName\n"
        "Remove-CMDeviceCollectionExcludeMembershipRule -CollectionName In -ExcludeCollectionName Out -Force\n"
        "@(Get-CMDeviceCollectionExcludeMembershipRule -CollectionName In).Count"
    )
    assert site.run_on_drive(text) == Result(0, "before: \nafter: PC-1 PC-3\nOut\n0\n", "")


def test_members_never_leave_the_limiting_collection_and_late_updates_are_late(site: Site) -> None:
    site.add_devices("PC-1", "PC-2")
    site.add_collection("Small", ["PC-1"])
    site.update(updateLag=1)
    text = (
        "$c = New-CMDeviceCollection -Name In -LimitingCollectionName Small\n"
        "Add-CMDeviceCollectionIncludeMembershipRule -InputObject $c -IncludeCollectionName 'All Systems'\n"
        "Invoke-CMCollectionUpdate -CollectionId $c.CollectionID\n"
        "1..3 | ForEach-Object { '{0}: {1}' -f $_, ((Get-CMCollectionMember -CollectionName In).Name -join ' ') }"
    )
    assert site.run_on_drive(text) == Result(0, "1: \n2: PC-1\n3: PC-1\n", "")


def test_content_goes_to_a_group_once(site: Site) -> None:
    send = "Start-CMContentDistribution -PackageName A -DistributionPointGroupName 'All distribution points'\n"
    fails(site.run_on_drive(f"$null = New-CMPackage -Name A\n{send}"), "no source files")
    assert site.run_on_drive(f"Set-CMPackage -Name A -Path '\\\\files\\a'\n{send}").stderr == ""
    fails(site.run_on_drive(send), "No content destination was found")
    query = "Invoke-CMWmiQuery -Query \"SELECT GroupID FROM SMS_DPGroupContentInfo WHERE ObjectID = '{0}'\" -Option Fast"
    text = f"(Get-CMDistributionStatus).Targeted\n({query.format(site.row('packages')['PackageID'])}).GroupID"
    assert site.run_on_drive(text) == Result(0, "1\n{0000000A}\n", "")


def test_a_program_and_its_deployment(site: Site) -> None:
    text = (
        "$p = New-CMPackage -Name A -Path '\\\\files\\a'\n"
        "$null = New-CMProgram -PackageId $p.PackageID -StandardProgramName Install -CommandLine run.cmd -RunType Hidden\n"
        "Set-CMProgram -PackageId $p.PackageID -ProgramName Install -StandardProgram -Comment c -EnableTaskSequence $false\n"
        "$s = New-CMSchedule -Start '2026-12-01T20:00:00' -Nonrecurring\n"
        "$d = New-CMPackageDeployment -StandardProgram -PackageId $p.PackageID -ProgramName Install"
        " -CollectionName 'All Systems' -DeployPurpose Required -Schedule $s -Comment m\n"
        "Set-CMPackageDeployment -StandardProgramName Install -PackageName A -CollectionName 'All Systems' -Comment n\n"
        "(Get-CMProgram -PackageName A).Comment\n(Get-CMPackageDeployment -DeploymentId $d.AdvertisementID).Comment\n"
        "(Get-CMDeployment -CollectionName 'All Systems').SoftwareName\n"
        "Remove-CMPackage -Name A -Force\n@(Get-CMPackageDeployment).Count"
    )
    assert site.run_on_drive(text) == Result(0, "c\nn\nA (Install)\n0\n", "")


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ("-RecurInterval Days -RecurCount 1", "0001170000100008"),
        ("-RecurInterval Days -RecurCount 7", "0001170000100038"),
        ("-RecurInterval Hours -RecurCount 6 -DurationInterval Hours -DurationCount 4", "0001170020100600"),
        ("-DayOfWeek Saturday", "00011700001F2000"),
        ("-Nonrecurring -IsUtc", "0001170000080001"),
    ],
)
def test_schedules_have_their_text(site: Site, parameters: str, text: str) -> None:
    result = site.run_on_drive(f"New-CMSchedule -Start '1998-01-01T00:00:00' {parameters} -ScheduleString")
    assert result == Result(0, text + "\n", "")
    assert site.changes() == []


def test_folders_are_below_their_kind(site: Site) -> None:
    text = (
        "$null = New-CMFolder -ParentFolderPath 'PS1:\\DeviceCollection' -Name policyc\n"
        "$null = New-CMFolder -ParentFolderPath 'PS1:\\DeviceCollection\\policyc' -Name Pilot\n"
        "$null = New-CMDeviceCollection -Name A -LimitingCollectionName 'All Systems'\n"
        "Move-CMObject -FolderPath 'PS1:\\DeviceCollection\\policyc\\Pilot' -InputObject (Get-CMCollection -Name A)\n"
        "(Get-CMCollection -Name A).ObjectPath\n"
        "(Get-CMFolder -FolderPath 'DeviceCollection\\policyc').Name"
    )
    assert site.run_on_drive(text) == Result(0, "/policyc/Pilot\npolicyc\n", "")
    move = "Move-CMObject -FolderPath 'PS1:\\Package\\policyc' -InputObject (Get-CMCollection -Name A)"
    fails(site.run_on_drive(move), "does not exist")


def test_statuses_are_what_the_state_says(site: Site) -> None:
    site.add_devices("PC-1", "PC-2")
    site.run_on_drive(
        "$p = New-CMPackage -Name A\n"
        "$null = New-CMProgram -PackageName A -StandardProgramName Install -CommandLine x\n"
        "$null = New-CMPackageDeployment -StandardProgram -PackageName A -ProgramName Install -CollectionName 'All Systems'"
        " -DeployPurpose Required -ScheduleEvent AsSoonAsPossible"
    )
    key = site.row("packageDeployments")["AdvertisementID"]
    failed = {"StatusType": 5, "MessageID": 10006, "MessageDescription": "Program failed", "Assets": 1}
    detail = {"StatusType": 5, "MessageID": 10006, "DeviceName": "PC-1", "StatusDescription": "exit code 15"}
    site.update(statuses={key: [failed]}, statusDetails={key: [detail]})
    text = (
        "$s = @(Get-CMPackageDeploymentStatus -Name A -StatusType Error)\n"
        "'{0} {1} {2}' -f $s.Count, $s[0].ProgramName, $s[0].Assets\n"
        "(Get-CMDeploymentStatusDetails -InputObject $s[0]).DeviceName\n"
        "$d = Get-CMDeployment\n'{0} of {1}, {2} unknown' -f $d.NumberErrors, $d.NumberTargeted, $d.NumberUnknown"
    )
    assert site.run_on_drive(text) == Result(0, "1 Install 1\nPC-1\n1 of 2, 1 unknown\n", "")


def test_an_onboarding_policy_and_its_deployment(site: Site) -> None:
    file = site.folder / "WindowsDefenderATP.onboarding"
    file.write_text("package", encoding="ascii")
    text = (
        f"$p = New-CMAdvancedThreatProtectionPolicy -Name On -PolicyType Onboarding -FilePath '{file}' -SampleSharingType All\n"
        "$null = New-CMConfigurationPolicyDeployment -CommonProfileId $p.CI_ID -CollectionName 'All Systems'\n"
        "Set-CMAdvancedThreatProtectionPolicy -Name On -Description new\n"
        "(Get-CMConfigurationPolicyDeployment -Name On).CollectionName\n"
        "(Get-CMAdvancedThreatProtectionPolicy).LocalizedDescription"
    )
    assert site.run_on_drive(text) == Result(0, "All Systems\nnew\n", "")
    fails(site.run_on_drive("Remove-CMConfigurationPolicy -Name On -Force"), "is deployed")


def test_an_application_and_its_deployment(site: Site) -> None:
    text = (
        "$null = New-CMApplication -Name A -Description d\n"
        "$null = Add-CMScriptDeploymentType -ApplicationName A -DeploymentTypeName T -InstallCommand run.cmd"
        " -ScriptLanguage PowerShell -ScriptText 'x' -ContentLocation '\\\\files\\a'\n"
        "$null = New-CMApplicationDeployment -Name A -CollectionName 'All Systems' -DeployPurpose Required\n"
        "Set-CMApplication -Name A -Description e\n"
        "'{0} {1}' -f (Get-CMApplication -Name A).SDMPackageVersion, (Get-CMApplication -Name A).LocalizedDescription\n"
        "(Get-CMDeploymentType -ApplicationName A).LocalizedDisplayName\n"
        "(Get-CMApplicationDeployment -Name A).CollectionName"
    )
    assert site.run_on_drive(text) == Result(0, "3 e\nT\nAll Systems\n", "")
    fails(site.run_on_drive("Remove-CMApplication -Name A -Force"), "is deployed")


def test_client_settings_are_text_by_name(site: Site) -> None:
    text = (
        "$c = Get-CMClientSetting -Setting ComplianceSettings\n$a = Get-CMClientSetting -Setting ComputerAgent\n"
        "'{0} {1}' -f $c['Enabled'], $a.PowerShellExecutionPolicy"
    )
    assert site.run_on_drive(text) == Result(0, "True 0\n", "")


def test_scopes_are_for_what_can_have_them(site: Site) -> None:
    site.add_security_scope("Clients")
    text = (
        "$p = New-CMPackage -Name A\nAdd-CMObjectSecurityScope -InputObject $p -Name Clients\n"
        "Add-CMObjectSecurityScope -InputObject (Get-CMCollection -Name 'All Systems') -Name Clients"
    )
    fails(site.run_on_drive(text), "Collections are not assigned")
    assert site.row("packages")["SecuredScopeNames"] == ["Default", "Clients"]


def test_queries_answer_from_the_state(site: Site) -> None:
    rows = [{"AssignmentID": 7, "AssetName": "PC-1", "State": 0}, {"AssignmentID": 7, "AssetName": "PC-2", "State": 3}]
    site.update(wmi={"SMS_AppDeploymentErrorAssetDetails": rows})
    text = (
        "$q = 'select AssetName from SMS_AppDeploymentErrorAssetDetails where AssignmentID = 7 and State <> 0'\n"
        "$found = Invoke-CMWmiQuery -Query $q -Option Fast\n"
        "@($found.PSObject.Properties)[0].Name\n@($found.PSObject.Properties).Count\n"
        "$found.AssetName\ntry { Invoke-CMWmiQuery -Query 'select * from SMS_Nothing' } catch { $_.Exception.ErrorCode }"
    )
    assert site.run_on_drive(text) == Result(0, "AssetName\n1\nPC-2\nInvalidClass\n", "")


def test_an_update_shows_in_the_time_of_the_last_refresh(site: Site) -> None:
    text = (
        "function Get-Time { (Get-CMCollection -Id SMS00001).LastRefreshTime }\n"
        "$before = Get-Time\nInvoke-CMCollectionUpdate -CollectionId SMS00001\n(Get-Time) -gt $before"
    )
    assert site.run_on_drive(text) == Result(0, "True\n", "")
    assert site.changes() == []
