<#
.SYNOPSIS
    Brings the settings below about on this device, for Intune: the remediation script of a Remediation.
.DESCRIPTION
    Changes what fails and nothing else, and keeps in the journal what was there before, for a rollback. Each change is in the log.
    Writes one line. Ends with 0 where all settings hold afterwards, 1 where one is left, 2 where it could not do its work, 1618 where
    another run was busy: the next run of the schedule tries again.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

try {
    $refusal = Get-Refusal
    if ($refusal) {
        "NotJudged: $refusal"
        exit 2
    }
    $Clock = [Diagnostics.Stopwatch]::StartNew()
    # Microsoft names no limit for a Remediation; half an hour is what Intune gives to platform scripts.
    $TimeLimit = 1500
    $ConfirmPreference = 'None'
    $Settings = & 'Expand-Tree' -Rows $Settings
    $null = Invoke-Remediation
    $left = [Collections.Generic.List[string]]::new()
    foreach ($finding in @(Get-Finding 1.1)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        Write-PolicyLog -Message "${id}: still not compliant, $(Format-Finding $finding)" -Type 3
        if (-not $left.Contains($id)) { $left.Add($id) }
    }
    if ($left.Count) {
        Format-Answer -Word 'NonCompliant' -Names @($left)
        exit 1
    }
    'Compliant'
    exit 0
} catch [TimeoutException] {
    Format-Reason -Text $_.Exception.Message
    exit 1618
} catch {
    Format-Reason -Text $_.Exception.GetBaseException().Message
    exit 2
}
