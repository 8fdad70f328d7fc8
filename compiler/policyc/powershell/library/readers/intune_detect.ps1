<#
.SYNOPSIS
    Tells Intune whether the settings below hold on this device: the detection script of a Remediation. Changes nothing.
.DESCRIPTION
    Writes one line: Compliant, or NonCompliant and the ids that fail, those that could not be judged behind them. The reasons are in the log.
    Ends with 1 where a setting does not hold, which starts the remediation; with 2 where none fails and one could not be judged, and
    where nothing could be; with 0 where all hold.
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
    # Microsoft names no limit for a Remediation; ten minutes are what it gives to scripts of custom compliance.
    $TimeLimit = 540
    $failing = [Collections.Generic.List[string]]::new()
    $unknown = [Collections.Generic.List[string]]::new()
    if (Test-ForUser) { foreach ($note in & 'Get-NobodyNote') { Write-PolicyLog -Message $note } }
    foreach ($setting in $Settings) { if ($setting.Contains('OnlyIf')) { & 'Write-Apart' -Setting $setting } }
    foreach ($finding in @(Get-Finding)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        $since = if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { ' (changed by someone else since policyc wrote it)' }
        Write-PolicyLog -Message "${id}: not compliant, $(Format-Finding $finding)$since" -Type $(if ($finding.Failure) { 3 } else { 2 })
        $list = $failing
        if ($finding.Failure) { $list = $unknown }
        if (-not $list.Contains($id)) { $list.Add($id) }
    }
    $names = @($failing) + @(foreach ($id in $unknown) { if (-not $failing.Contains($id)) { "$id (not judged)" } })
    if ($failing.Count) {
        Format-Answer -Word 'NonCompliant' -Names $names
        exit 1
    }
    if ($unknown.Count) {
        Format-Answer -Word 'NotJudged' -Names @($unknown)
        exit 2
    }
    'Compliant'
    exit 0
} catch {
    # Whatever ends this script by itself ends it with 1, which would start the remediation.
    Format-Reason -Text $_.Exception.GetBaseException().Message
    exit 2
}
