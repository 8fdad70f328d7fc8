<#
.SYNOPSIS
    Says which settings of a policy hold on this device. Changes nothing.
.DESCRIPTION
    A line for each setting and each place that it has, and below it what is there and what must be; at last the counts.
    Ends with 0 where all hold, 1 where one doesn't, 2 where one could not be judged.
#>
[CmdletBinding()]
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
try {
    $counts = @{ Compliant = 0; NonCompliant = 0; Error = 0; Reported = 0 }
    if (Test-ForUser) { & 'Get-NobodyNote' }
    foreach ($setting in $Settings) {
        if ($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)) { "NotApplicable $($setting.Id): $($setting.Title)" }
        elseif ($setting.Contains('OnlyIf')) { & 'Format-Apart' -Setting $setting }
    }
    foreach ($finding in @(Get-Finding)) {
        $setting = $finding.Setting
        $result = if ($finding.Failure) { 'Error' } elseif ($finding.Holds) { 'Compliant' } else { 'NonCompliant' }
        $counts[$result]++
        $reported = -not $finding.Holds -and $setting['ReportOnly']
        if ($reported) { $counts.Reported++ }
        '{0,-13} {1}: {2}{3}' -f $result, $setting.Id, $setting.Title, $(if ($reported) { ' (reported only)' })
        if (-not $finding.Holds) { "              $(Format-Finding $finding)" }
        if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { '              changed by someone else since policyc wrote it' }
    }
    $only = if ($counts.Reported) { "; $($counts.Reported) of them reported only" }
    "$($counts.Compliant) compliant, $($counts.NonCompliant) not compliant, $($counts.Error) could not be judged$only"
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 2
}
if ($counts.Error) { exit 2 }
if ($counts.NonCompliant) { exit 1 }
exit 0
