<#
.SYNOPSIS
    Brings the settings below about on this device, for ConfigMgr.
.DESCRIPTION
    Changes what fails and nothing else, and keeps in the journal what was there before, for rollback.ps1. Writes nothing: each change is
    in the log. Throws where a setting still fails afterwards. The functions are those of remediate.ps1, without their comments.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

$refusal = Get-Refusal
if ($refusal) { throw $refusal }
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 40
$ConfirmPreference = 'None'
$Settings = & 'Expand-Tree' -Rows $Settings
$null = Invoke-Remediation
$ids = @(
    # Looking again takes what is left of the client's minute.
    foreach ($finding in @(Get-Finding 1.25)) {
        if ($finding.Holds) { continue }
        Write-PolicyLog -Message "$($finding.Setting.Id): still not compliant, $(Format-Finding $finding)" -Type 3
        $finding.Setting.Id
    }
)
# ConfigMgr reports a remediation as failed only if it throws.
if ($ids.Length) { throw "policyc: still not compliant after remediation: $([string]::Join(', ', $ids))" }
