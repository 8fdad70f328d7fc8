"""The stand-in refuses what a site refuses, and keeps what it is told."""

from __future__ import annotations

import pytest

from configmgr.site import Result, Site

pytestmark = pytest.mark.powershell


def refused(result: Result, *words: str) -> None:
    assert result.exit_code != 0, result.stdout
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("New-CMPackage -Name A -Publisher Contoso", "parameter cannot be found that matches parameter name 'Publisher'"),
        ("New-CMProgram -PackageName A -PackageId PS100001 -StandardProgramName I -CommandLine x", "Parameter set cannot be"),
        ("New-CMProgram -PackageName A -StandardProgramName I -CommandLine x -Comment y", "Parameter set cannot be resolved"),
        (f"New-CMPackage -Name {'x' * 51}", "Cannot validate argument on parameter 'Name'"),
        (f"New-CMPackage -Name A -Description {'x' * 129}", "Cannot validate argument on parameter 'Description'"),
        ("New-CMProgram -PackageName A -StandardProgramName I -CommandLine x -RunType Tiny", "Cannot validate argument"),
        ("New-CMBaselineDeployment -Name A -CollectionName B -EnableEnforcement 'yes'", "EnableEnforcement"),
        ("Remove-CMPackage -InputObject ([pscustomobject]@{ PackageID = 'PS100001' }) -Force", "IResultObject"),
        ("Get-CMPackage SomeName", "positional parameter cannot be found"),
        ("Get-CMProgram -PackageName A", "No object corresponds"),
    ],
    ids=lambda value: value[:50],
)
def test_what_a_cmdlet_does_not_take_is_refused(site: Site, call: str, words: str) -> None:
    refused(site.run_on_drive(call), words)
    assert site.changes() == []


def test_away_from_the_drive_nothing_runs(site: Site) -> None:
    result = site.run_command('Import-Module "$env:SMS_ADMIN_UI_PATH/../ConfigurationManager.psd1"\nGet-CMPackage')
    refused(result, "This command cannot be run from the current drive")


def test_a_script_finds_module_and_drive_as_with_a_console(site: Site) -> None:
    site.update(drive=False)
    text = (
        "Import-Module (Join-Path -Path $env:SMS_ADMIN_UI_PATH -ChildPath '..\\ConfigurationManager.psd1')\n"
        "if ($null -ne (Get-PSDrive -PSProvider CMSite -ErrorAction SilentlyContinue)) { throw 'a drive' }\n"
        "$drive = New-PSDrive -Name PS1 -PSProvider CMSite -Root cm01.example.com\n"
        "Set-Location -Path 'PS1:'\n"
        "'{0} {1} {2}' -f $drive.Name, (Get-PSDrive -PSProvider CMSite).Root, (Get-CMSite).SiteCode"
    )
    assert site.run_command(text) == Result(0, "PS1 cm01.example.com PS1\n", "")


def test_the_site_outlives_the_process(site: Site) -> None:
    site.run_on_drive(r"New-CMPackage -Name Onboarding -Path '\\files\onboarding' -Description 'd'")
    result = site.run_on_drive("$p = Get-CMPackage -Name Onb*\n$p.Name = 'changed here only'\n(Get-CMPackage).Name")
    assert result == Result(0, "Onboarding\n", "")
    assert [call["cmdlet"] for call in site.changes()] == ["New-CMPackage"]


@pytest.mark.parametrize("how", ["New-CMPackage -Name A -WhatIf", "$WhatIfPreference = $true; New-CMPackage -Name A"])
def test_with_whatif_nothing_changes(site: Site, how: str) -> None:
    before = site.state
    result = site.run_on_drive(f"$given = @({how})\nif ($given.Count) {{ throw 'something came back' }}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "What if: " in result.stdout
    assert site.state == before
    assert [(call["whatIf"], call["changed"]) for call in site.calls()] == [(True, False)]


def test_access_is_refused_from_the_call_that_the_state_says(site: Site) -> None:
    site.update(deny=[{"cmdlet": "New-CMPackage", "after": 1}])
    refused(site.run_on_drive("$null = New-CMPackage -Name A\nNew-CMPackage -Name B"), "security rights")
    assert [row["Name"] for row in site.state["packages"]] == ["A"]
    assert [call["changed"] for call in site.calls()] == [True, False]


@pytest.mark.parametrize(
    ("version", "taken", "unknown"),
    [("5.00.9122.1000", "RunWithUnc", "RenameWithUnc"), ("5.00.8355.1000", "RenameWithUnc", "RunWithUnc")],
)
def test_a_value_that_was_renamed_is_known_by_its_name_of_the_time(site: Site, version: str, taken: str, unknown: str) -> None:
    site.update(site={**site.state["site"], "version": version})
    call = "$null = New-CMProgram -PackageName A -StandardProgramName {0} -CommandLine x -DriveMode {0}"
    assert site.run_on_drive(f"$null = New-CMPackage -Name A; {call.format(taken)}").stderr == ""
    refused(site.run_on_drive(call.format(unknown)), "Cannot validate argument on parameter 'DriveMode'")
