<#
.SYNOPSIS
    Brings back what was there before a policy changed this device.
.DESCRIPTION
    Works from the device's journal, a line for each place: -All restores every place of this collection, -OnlyRetired those that the
    policy, as it was when this script was made, doesn't write any more. One of the two must be said. With -WhatIf it says what it would
    do, and changes nothing.
    Ends with 0 where all went back, 1 where something is left, 2 where it could not do its work, 3 where places are kept for another
    collection, 6 where the journal has a broken entry, 233 where it wasn't said what to do, 1618 where another run was busy.
.PARAMETER All
    Every place that the journal holds for this collection.
.PARAMETER OnlyRetired
    The places that have left the policy.
.PARAMETER Force
    Also restores what somebody else has changed since. Those places are named before anything is changed, with who owns them.
.PARAMETER ForceAtMost
    How many such places -Force may restore: where there are more, nothing is changed.
.PARAMETER ForgetGone
    Also drops what is kept for users whose profile has left the device.
.PARAMETER ShowEntry
    Shows an entry of the journal by its id, and changes nothing.
.PARAMETER DropEntry
    Drops an entry that is broken, and with it what was there before.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [switch] $All,
    [switch] $OnlyRetired,
    [switch] $Force,
    [ValidateRange(0, 1000000)] [int] $ForceAtMost = 100,
    [switch] $ForgetGone,
    [string] $ShowEntry,
    [string] $DropEntry
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

$refusal = Get-Refusal
if ($refusal) {
    Write-Error -ErrorAction Continue -Message $refusal
    exit 2
}
if (@($All, $OnlyRetired, $ShowEntry, $DropEntry).Where({ $_ }).Count -ne 1) {
    Write-Error -ErrorAction Continue -Message 'policyc: usage: rollback.ps1 -All | -OnlyRetired [-Force [-ForceAtMost N]] [-ForgetGone] [-WhatIf], or -ShowEntry ID, or -DropEntry ID; nothing was changed'
    exit 233
}
$Kept = & 'Expand-Kept' -Rows $Kept
$results = @{ All = 0; Chosen = 0; Done = 0; Kept = 0; Gone = 0; Hives = @{} }
foreach ($list in 'Left', 'Broken', 'Settled', 'Others') { $results[$list] = [Collections.Generic.List[object]]::new() }
try {
    Invoke-Rollback -Results $results -OnlyRetired:$OnlyRetired -EvenIfChanged $Force -AtMost $ForceAtMost -EvenOfGone $ForgetGone -ShowEntry $ShowEntry -DropEntry $DropEntry
} catch [TimeoutException] {
    Write-Error -ErrorAction Continue -Message $_.Exception.Message
    exit 1618
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 2
}
if ($ShowEntry -or $DropEntry) { exit 0 }
if ($results.Gone) { Write-Result -Word 'Gone' -Text "$($results.Gone) places of users whose profile has left the device: kept for their return; -ForgetGone drops them" -Type 1 }
$counts = "Places in the journal: $($results.All)"
if ($OnlyRetired) { $counts += "; still in the policy: $($results.All - $results.Chosen)" }
$counts += "; done: $($results.Done)"
if ($results.Kept) { $counts += "; kept for another: $($results.Kept)" }
if ($results.Gone) { $counts += "; of users who left: $($results.Gone)" }
if ($results.Broken.Count) { $counts += "; broken: $($results.Broken.Count)" }
"$counts; left: $($results.Left.Count)"
if ($results.Broken.Count) { exit 6 }
if ($results.Left.Count) { exit 1 }
if ($results.Kept) { exit 3 }
exit 0
