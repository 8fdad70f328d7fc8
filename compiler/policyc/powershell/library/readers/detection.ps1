<#
.SYNOPSIS
    Tells ConfigMgr whether an application is there: whether the settings below hold on this device. Changes nothing.
.DESCRIPTION
    Writes Detected where all hold, and nothing where one doesn't; throws where one can't be judged. The reasons are in the log.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

$refusal = Get-Refusal
if ($refusal) { throw $refusal }
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 40
# ConfigMgr takes any output for "installed", none for "not installed", and an error for "unknown": then it doesn't install.
$missing = @(Get-Finding | Where-Object -FilterScript { -not $_.Holds })
$unknown = @(
    foreach ($finding in $missing) {
        Write-PolicyLog -Message "$($finding.Setting.Id): not detected, $(Format-Finding $finding)" -Type $(if ($finding.Failure) { 3 } else { 1 })
        if ($finding.Failure) { $finding.Setting.Id }
    }
)
if ($unknown.Length) { throw "policyc: could not be judged: $([string]::Join(', ', $unknown)). The reason is in the log $LogName." }
if ($missing.Length -eq 0) { 'Detected' }
