<#
.SYNOPSIS
    Brings the settings of a policy about on this device.
.DESCRIPTION
    Changes what fails and nothing else, and keeps in the journal what was there before, for rollback.ps1. A line for each change, and for
    what is left. What the policy only reports is never changed; what fails of it is named at the end.
    Ends with 0 where all that it may change holds, 1 where something is left, 2 where it could not do its work, 1618 where another run
    was busy.
.EXAMPLE
    .\remediate.ps1 -WhatIf
    Says what it would change, and changes nothing.
#>
[CmdletBinding(SupportsShouldProcess)]
param()

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

$refusal = Get-Refusal
if ($refusal) {
    Write-Error -ErrorAction Continue -Message $refusal
    exit 2
}
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = [int]::MaxValue
$Settings = & 'Expand-Tree' -Rows $Settings
try {
    Invoke-Remediation
    $left = 0
    $reported = [Collections.Generic.List[string]]::new()
    foreach ($finding in @(Get-Finding)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        if (-not $finding.Setting['ReportOnly']) {
            $left++
            "NonCompliant  ${id}: $(Format-Finding $finding)"
        } elseif (-not $reported.Contains($id)) {
            $reported.Add($id)
        }
    }
} catch [TimeoutException] {
    Write-Error -ErrorAction Continue -Message $_.Exception.Message
    exit 1618
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 2
}
$only = "$($reported.Count) reported only: $([string]::Join(', ', $reported))"
if ($left) {
    if ($reported.Count) { "Besides, $only" }
    exit 1
}
if ($reported.Count) { "Compliant in what it may change; $only" } else { 'Compliant' }
exit 0
