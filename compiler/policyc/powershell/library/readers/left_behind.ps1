<#
.SYNOPSIS
    Tells ConfigMgr whose changes are on this device, by the journal. Changes nothing.
.DESCRIPTION
    Writes one line. It begins with Compliant where nothing is left of collections that departed; behind "others:" stand the project's
    other collections, of which the site knows whether the device is still a member.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

$refusal = Get-Refusal
if ($refusal) { throw $refusal }
$found = Read-Left
if ($found.Broken -and $found.Left.Count -eq 0) {
    throw "policyc: the entry $($found.Broken) of the journal does not say whose it is, so nobody can say whether anything is left behind. rollback.ps1 -ShowEntry $($found.Broken) shows it."
}
$line = 'Compliant'
if ($found.Left.Count) { $line = Join-Name -Line 'NonCompliant: ' -Names @($found.Left) }
if ($found.Others.Count) { $line = Join-Name -Line "$line; others: " -Names @($found.Others) }
Write-Output -InputObject $line
