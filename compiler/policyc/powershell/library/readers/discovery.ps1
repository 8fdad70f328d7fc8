<#
.SYNOPSIS
    Tells ConfigMgr whether the settings below hold on this device. Changes nothing.
.DESCRIPTION
    Writes one line: Compliant, or NonCompliant and the ids that fail. The reasons are in the log. Throws where it can't judge at all.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

$refusal = Get-Refusal
if ($refusal) { throw $refusal }
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 40
$failing = [Collections.Generic.List[string]]::new()
if (Test-ForUser) { foreach ($note in & 'Get-NobodyNote') { Write-PolicyLog -Message $note } }
foreach ($setting in $Settings) { if ($setting.Contains('OnlyIf')) { & 'Write-Apart' -Setting $setting } }
foreach ($finding in @(Get-Finding)) {
    if ($finding.Holds) { continue }
    $id = $finding.Setting.Id
    $since = if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { ' (changed by someone else since policyc wrote it)' }
    Write-PolicyLog -Message "${id}: not compliant, $(Format-Finding $finding)$since" -Type $(if ($finding.Failure) { 3 } else { 2 })
    if (-not $failing.Contains($id)) { $failing.Add($id) }
}
# ConfigMgr takes each line of output for an instance: exactly one, and exit code 0.
if ($failing.Count) { "NonCompliant: $([string]::Join(', ', $failing))" } else { 'Compliant' }
