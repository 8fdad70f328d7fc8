<#
.SYNOPSIS
    Says whether this golden image may be sealed: whether it holds nothing by which its clones would be taken for one device. Changes nothing.
.DESCRIPTION
    Run it in the image as SYSTEM (psexec.exe -s), as the last thing before the image is sealed: not even an administrator may look into the
    sensor's own folder. A line for each thing that it looks at; at last the counts.
    Ends with 0 where the image is clean, 2 where it isn't, 4 where nothing fails and something could not be judged, 65 without elevation.
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
    if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage' -or [Environment]::OSVersion.Platform -ne 'Win32NT') { exit 4 }
    exit 65
}
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = [int]::MaxValue
try {
    $counts = @{ Compliant = 0; NonCompliant = 0; Error = 0 }
    foreach ($finding in @(Get-Finding)) {
        $result = if ($finding.Failure) { 'Error' } elseif ($finding.Holds) { 'Compliant' } else { 'NonCompliant' }
        $counts[$result]++
        '{0,-13} {1}' -f $result, $finding.Setting.Title
        if (-not $finding.Holds) { "              $(Format-Finding $finding)" }
    }
    Get-FolderFinding -Folder $Folder -Counts $counts
    $clean = if ($counts.NonCompliant + $counts.Error) { 'Do not seal it' } else { 'Clean' }
    "${clean}: $($counts.Compliant) as they must be, $($counts.NonCompliant) not, $($counts.Error) could not be judged"
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 4
}
if ($counts.NonCompliant) { exit 2 }
if ($counts.Error) { exit 4 }
exit 0
