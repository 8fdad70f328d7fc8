function Get-NativeEngine {
    # Windows PowerShell as a 64-bit process, where this is a 32-bit one on 64-bit Windows; nothing elsewhere. A 32-bit process sees
    # neither the files nor all the cmdlets that Windows has.
    if (-not [Environment]::Is64BitOperatingSystem -or [Environment]::Is64BitProcess) { return }
    return [IO.Path]::Combine([Environment]::GetFolderPath('Windows'), 'sysnative\WindowsPowerShell\v1.0\powershell.exe')
}

function Format-Parameter {
    # What this script was told, for another process that runs it.
    param($Bound)
    foreach ($one in $Bound.GetEnumerator()) {
        if ($one.Value -isnot [switch]) {
            if ("$($one.Value)") { "-$($one.Key)", "$($one.Value)" }
        } elseif ($one.Value) {
            "-$($one.Key)"
        }
    }
}

function Write-Said {
    # A line for the console, and one for the log.
    param([string] $Text, [int] $Type = 1)
    Write-PolicyLog -Message $Text -Type $Type
    $Text
}

function Write-Outcome {
    # The last lines of a run: what came of it, and where a person reads more.
    param([string] $Text, [int] $Type)
    Write-Said -Text $Text -Type $Type
    try { "Log: $([IO.Path]::Combine((Get-LogFolder), $LogName))" } catch { "There is no log: $($_.Exception.GetBaseException().Message)" }
}

function Invoke-Audit {
    # A line for each setting and each place that it has; gives the counts to Counts.
    param($Counts)
    if (Test-ForUser) { foreach ($note in & 'Get-NobodyNote') { Write-Said -Text $note } }
    foreach ($setting in $Settings) {
        if ($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)) { "NotApplicable $($setting.Id): $($setting.Title)" }
        elseif ($setting.Contains('OnlyIf')) { & 'Format-Apart' -Setting $setting }
    }
    foreach ($finding in @(Get-Finding)) {
        $setting = $finding.Setting
        $result = if ($finding.Failure) { 'Error' } elseif ($finding.Holds) { 'Compliant' } else { 'NonCompliant' }
        $Counts[$result]++
        $reported = if (-not $finding.Holds -and $setting['ReportOnly']) { ' (reported only)' }
        '{0,-13} {1}: {2}{3}' -f $result, $setting.Id, $setting.Title, $reported
        if ($finding.Holds) { continue }
        $since = if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { '; changed by someone else since policyc wrote it' }
        $said = "$(Format-Finding $finding)$since"
        "              $said"
        Write-PolicyLog -Message "$($setting.Id): not compliant$reported, $said" -Type $(if ($finding.Failure) { 3 } else { 2 })
    }
}

function Find-Left {
    # What is left after a remediation, a line each; the ids to Left, those of settings that are only reported to Reported.
    param($Left, $Reported)
    foreach ($finding in @(Get-Finding)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        $list = $Left
        if ($finding.Setting['ReportOnly']) { $list = $Reported }
        if (-not $list.Contains($id)) { $list.Add($id) }
        if (-not $finding.Setting['ReportOnly']) { Write-Said -Text "NonCompliant  ${id}: $(Format-Finding $finding)" -Type 3 }
    }
}
