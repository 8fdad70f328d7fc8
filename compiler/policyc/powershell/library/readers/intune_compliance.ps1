<#
.SYNOPSIS
    Tells Intune which of the settings below hold on this device: the discovery script of custom compliance. Changes nothing.
.DESCRIPTION
    Writes one line of JSON, true or false by the id of each setting; the reasons are in the log. One that could not be judged is left out,
    which Intune reports as such (65008); where nothing could be judged, nothing is written and the script ends with 1 (65007).
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

try {
    $refusal = Get-Refusal
    if ($refusal) { exit 1 }
    $Clock = [Diagnostics.Stopwatch]::StartNew()
    # Intune ends it after ten minutes.
    $TimeLimit = 540
    $answers = [ordered]@{}
    foreach ($setting in $Settings) { $answers[$setting.Id] = $true }
    $unknown = [Collections.Generic.List[string]]::new()
    if (Test-ForUser) { foreach ($note in & 'Get-NobodyNote') { Write-PolicyLog -Message $note } }
    foreach ($setting in $Settings) { if ($setting.Contains('OnlyIf')) { & 'Write-Apart' -Setting $setting } }
    foreach ($finding in @(Get-Finding)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        Write-PolicyLog -Message "${id}: not compliant, $(Format-Finding $finding)" -Type $(if ($finding.Failure) { 3 } else { 2 })
        if ($finding.Failure) { $unknown.Add($id) } else { $answers[$id] = $false }
    }
    # What fails at one place fails, whatever another place holds.
    foreach ($id in $unknown) { if ($answers.Contains($id) -and $answers[$id]) { $answers.Remove($id) } }
    $line = $answers | ConvertTo-Json -Compress
} catch {
    exit 1
}
$line
