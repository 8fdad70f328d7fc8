<#
.SYNOPSIS
    Judges the settings of a policy on this machine, brings them about, or takes them back: for a machine that nothing manages.
.DESCRIPTION
    Run it in PowerShell that was started with "Run as administrator". It needs no other file, and starts itself anew as a 64-bit process
    where it was started as a 32-bit one. What it finds and changes is also in a log below %windir%\Logs\policyc, which the last line names.

    Ends with 0 where all settings hold (Audit), all that it may change holds (Apply), all went back or is kept for another collection
    (Restore); 2 where a setting does not hold (Audit); 3 where something is left (Apply, Restore); 4 where none fails and one could not be
    judged (Audit), or it could not do its work, as another run was busy; 65 without elevation; 233 where it wasn't said what to do.
.PARAMETER Mode
    Audit says which settings hold, and changes nothing: what happens where nothing is said. Apply changes what fails and nothing else, and
    keeps in the device's journal what was there before. Restore brings that back, and leaves what somebody else has changed since.
.PARAMETER VendorScript
    With Apply, where the policy has a package of the vendor's: the path of the script that you downloaded for single devices, or of the one
    that the policy names. It is run before anything is changed, in this window: answer what it asks. The vendor means the script for
    single devices for ten at most. It is never part of this file.
.PARAMETER OnlyRetired
    With Restore: only the places that the policy, as it was when this script was made, doesn't write any more.
.PARAMETER Force
    With Restore: also restores what somebody else has changed since. Those places are named before anything is changed.
.PARAMETER ForceAtMost
    With Restore: how many such places -Force may restore. Where there are more, nothing is changed.
.PARAMETER ForgetGone
    With Restore: also drops what is kept for users whose profile has left the device.
.PARAMETER ShowEntry
    With Restore: shows an entry of the journal by its id, and changes nothing.
.PARAMETER DropEntry
    With Restore: drops an entry that is broken, and with it what was there before.
.EXAMPLE
    .\policy.ps1
    Says which settings hold.
.EXAMPLE
    .\policy.ps1 -Mode Apply -WhatIf
    Says what it would change, and changes nothing.
.EXAMPLE
    .\policy.ps1 -Mode Apply -VendorScript .\WindowsDefenderATPLocalOnboardingScript.cmd
    Onboards the machine, and brings the settings about.
.EXAMPLE
    .\policy.ps1 -Mode Restore
    Takes back what this collection has changed on the machine, whichever system brought it there.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateSet('Audit', 'Apply', 'Restore')] [string] $Mode = 'Audit',
    [string] $VendorScript,
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
    if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage' -or [Environment]::OSVersion.Platform -ne 'Win32NT') { exit 4 }
    'Start PowerShell with "Run as administrator", and run this script there.'
    exit 65
}
$ofRestore = @('OnlyRetired', 'Force', 'ForceAtMost', 'ForgetGone', 'ShowEntry', 'DropEntry').Where({ $PSBoundParameters.ContainsKey($_) })
$misplaced = $VendorScript -and ($Mode -ne 'Apply' -or -not $Vendor.Count)
if ($misplaced -or ($ofRestore -and $Mode -ne 'Restore') -or @($OnlyRetired, $ShowEntry, $DropEntry).Where({ $_ }).Count -gt 1) {
    Write-Error -ErrorAction Continue -Message 'policyc: usage: policy.ps1 [-Mode Audit | Apply | Restore] [-WhatIf]; with Apply, where the policy has a package, [-VendorScript PATH]; with Restore alone [-OnlyRetired] [-Force [-ForceAtMost N]] [-ForgetGone], or -ShowEntry ID, or -DropEntry ID; nothing was changed'
    exit 233
}
$engine = Get-NativeEngine
if ($engine) {
    & $engine -NoLogo -NoProfile -File $PSCommandPath @(Format-Parameter $PSBoundParameters)
    exit $LASTEXITCODE
}
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = [int]::MaxValue
# What is changed is what a rollback knows the place of.
$Kept = @($Settings.Where({ -not $_['ReportOnly'] }))
$Kept = & 'Expand-Kept' -Rows $Kept
Write-PolicyLog -Message "policy.ps1 -Mode $Mode$(if ($WhatIfPreference) { ' -WhatIf' }): begins"
try {
    if ($Mode -eq 'Audit') {
        $counts = @{ Compliant = 0; NonCompliant = 0; Error = 0 }
        Invoke-Audit -Counts $counts
        $code = if ($counts.NonCompliant) { 2 } elseif ($counts.Error) { 4 } else { 0 }
        Write-Outcome -Text "$($counts.Compliant) compliant, $($counts.NonCompliant) not compliant, $($counts.Error) could not be judged" -Type $(if ($code) { 2 } else { 1 })
        exit $code
    }
    if ($Mode -eq 'Apply') {
        $left = [Collections.Generic.List[string]]::new()
        $told = @()
        $told = & 'Invoke-Vendor' -Path $VendorScript -Left $left
        $told
        $Settings = & 'Expand-Tree' -Rows $Settings
        Invoke-Remediation
        $reported = [Collections.Generic.List[string]]::new()
        Find-Left -Left $left -Reported $reported
        $only = if ($reported.Count) { "; $($reported.Count) reported only: $([string]::Join(', ', $reported))" }
        if ($left.Count) {
            Write-Outcome -Text "$($left.Count) not compliant: $([string]::Join(', ', $left))$only" -Type 3
            exit 3
        }
        Write-Outcome -Text "Compliant$(if ($only) { ' in what it may change' })$only" -Type 1
        exit 0
    }
    $results = @{ All = 0; Chosen = 0; Done = 0; Kept = 0; Gone = 0; Hives = @{} }
    foreach ($list in 'Left', 'Broken', 'Settled', 'Others') { $results[$list] = [Collections.Generic.List[object]]::new() }
    Invoke-Rollback -Results $results -OnlyRetired:$OnlyRetired -EvenIfChanged $Force -AtMost $ForceAtMost -EvenOfGone $ForgetGone -ShowEntry $ShowEntry -DropEntry $DropEntry
    if ($ShowEntry -or $DropEntry) { exit 0 }
    $text = "Places in the journal: $($results.All)"
    if ($OnlyRetired) { $text += "; still in the policy: $($results.All - $results.Chosen)" }
    $text += "; done: $($results.Done); kept for another: $($results.Kept); of users who left: $($results.Gone); broken: $($results.Broken.Count); left: $($results.Left.Count)"
    $code = if ($results.Left.Count -or $results.Broken.Count) { 3 } else { 0 }
    Write-Outcome -Text $text -Type $(if ($code) { 3 } else { 1 })
    exit $code
} catch [TimeoutException] {
    Write-Error -ErrorAction Continue -Message $_.Exception.Message
    exit 4
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 4
}
