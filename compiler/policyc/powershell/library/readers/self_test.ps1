<#
.SYNOPSIS
    Tries every function of policyc's scripts on this device, against a scratch key of its own.
.DESCRIPTION
    For an administrator on a device with Windows PowerShell 5.1, before the first collection is enforced. Makes the key
    HKLM\SOFTWARE\policyc-self-test with a journal of its own in it, and removes it at the end; no policy and no journal of policyc is
    touched. The log policyc-self-test.log lies where all its logs do.
    A line for each case, then the counts. Ends with 0 where all are as they must be, 1 where one isn't, 2 where nothing could be tried.
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
    exit 2
}
$Scratch = 'SOFTWARE\policyc-self-test'
$JournalHome = $Scratch
$JournalPath = "$Scratch\journal"
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = [int]::MaxValue
$machine = Open-Root 'HKLM' 64
if ($null -ne $machine.OpenSubKey($Scratch, $false)) {
    Write-Error -ErrorAction Continue -Message "policyc: HKLM\$Scratch is there already; an earlier run was ended in the middle, or the key is somebody else's. Look at it and remove it."
    exit 2
}
$results = @{ Passed = 0; Failed = 0 }

function Write-Case {
    # A line of the table.
    param([string] $Name, $Found, $Wanted)
    $passed = "$Found" -ceq "$Wanted"
    $results[$(if ($passed) { 'Passed' } else { 'Failed' })]++
    '{0}  {1}{2}' -f $(if ($passed) { 'ok    ' } else { 'FAILED' }), $Name, $(if (-not $passed) { ": is '$Found', must be '$Wanted'" })
}

function Initialize-Scratch {
    # What the cases find: a value for each, named after it.
    $key = $machine.CreateSubKey("$Scratch\judged")
    foreach ($setting in $Settings) {
        if ($null -eq $setting.Held) { continue }
        $data = if ($setting.HeldKind -eq 'Binary') { , (ConvertFrom-Hex $setting.Held) } else { , $setting.Held }
        if ($setting.HeldKind -eq 'DWord') { $data = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$data), 0) }
        if ($setting.HeldKind -eq 'QWord') { $data = [BitConverter]::ToInt64([BitConverter]::GetBytes([uint64]$data), 0) }
        if ($setting.HeldKind -eq 'MultiString') { $data = [string[]]$data }
        $key.SetValue($setting.Name, $data, $setting.HeldKind)
    }
    $key.Dispose()
}

function Get-Held {
    # What every case's value holds now, in one text.
    return @(foreach ($setting in $Settings) { Format-State (Read-Place @{ Hive = 'HKLM'; View = 64; Path = "$Scratch\judged"; Name = $setting['Name'] }) $false }) -join '|'
}

function Get-Result {
    # An empty account of a rollback.
    $account = @{ All = 0; Chosen = 0; Done = 0; Kept = 0; Gone = 0; Hives = @{} }
    foreach ($list in 'Left', 'Broken', 'Settled', 'Others') { $account[$list] = [Collections.Generic.List[object]]::new() }
    return $account
}

try {
    Initialize-Scratch
    "Windows PowerShell $($PSVersionTable.PSVersion) on $([Environment]::OSVersion.VersionString)"
    foreach ($finding in @(Get-Finding)) {
        $setting = $finding.Setting
        $verdict = if ($finding.Failure) { $finding.Failure } elseif ($finding.Holds) { 'holds' } else { 'fails' }
        Write-Case -Name "$($setting.Id) judged" -Found $verdict -Wanted $setting.Verdict
        Write-Case -Name "$($setting.Id) in words" -Found (Format-Must $setting) -Wanted $setting.Words
    }
    $before = Get-Held
    $failing = @(Get-Finding).Where({ -not $_.Holds }).Count
    $lines = @(Invoke-Remediation)
    Write-Case -Name 'remediation: a line for each change' -Found $lines.Where({ $_ -like 'Changed *' }).Count -Wanted $failing
    Write-Case -Name 'remediation: nothing is left' -Found @(Get-Finding).Where({ -not $_.Holds }).Count -Wanted 0
    $after = Get-Held
    Write-Case -Name 'remediation: a second run changes nothing' -Found @(Invoke-Remediation).Count -Wanted 0
    $journal = $machine.OpenSubKey($JournalPath, $true)
    $entries = @(foreach ($id in $journal.GetSubKeyNames()) { Read-WholeEntry $journal $id })
    Write-Case -Name 'journal: every entry is sound' -Found @($entries.Where({ $_.Problem -or $_.Rest })).Count -Wanted 0
    $access = $journal.GetAccessControl().GetSecurityDescriptorSddlForm('Access')
    Write-Case -Name 'journal: closed to all but SYSTEM and administrators' -Found ($access -replace '\AD:P[A-Z]*', '') -Wanted '(A;CI;KA;;;SY)(A;CI;KA;;;BA)'
    $first = $entries.Where({ $null -ne $_.Name }, 'First')[0]
    $value = $machine.OpenSubKey($first.Path, 'ReadWriteSubTree', 'QueryValues, SetValue')
    $value.SetValue($first.Name, 'somebody else was here', 'String')
    $value.Dispose()
    Write-Case -Name 'journal: what others have changed is seen' -Found (Test-ChangedSince $first (Read-Place $first)) -Wanted $true
    $damaged = $journal.OpenSubKey($entries.Where({ $_.Id -ne $first.Id -and $null -ne $_.Name }, 'First')[0].Id, $true)
    $owners = [string[]]$damaged.GetValue('Owners')
    $damaged.SetValue('Owners', [string[]](@('nobody') + $owners), 'MultiString')
    Write-Case -Name 'journal: a damaged entry is told' -Found (Read-WholeEntry $journal ([IO.Path]::GetFileName($damaged.Name))).Problem -Wanted 'it does not say who relies on it'
    $damaged.SetValue('Owners', $owners, 'MultiString')
    $damaged.Dispose()
    $journal.Dispose()
    $account = Get-Result
    $null = Invoke-Rollback -Results $account -EvenIfChanged $false -AtMost 0 -EvenOfGone $false
    Write-Case -Name 'rollback: what others have changed is left' -Found $account.Left.Count -Wanted 1
    $account = Get-Result
    $null = Invoke-Rollback -Results $account -EvenIfChanged $true -AtMost 1 -EvenOfGone $false
    Write-Case -Name 'rollback -Force: nothing is left' -Found $account.Left.Count -Wanted 0
    Write-Case -Name 'rollback: everything is as it was' -Found (Get-Held) -Wanted $before
    Write-Case -Name 'rollback: that is another state than the remediated one' -Found ($before -cne $after) -Wanted $true
    Write-Case -Name 'rollback: the journal is gone' -Found ($null -eq $machine.OpenSubKey($JournalPath, $false)) -Wanted $true
    Write-Case -Name 'log: a folder of somebody else is not used' -Found (Get-FolderProblem -Attributes 'Directory' -Owner 'S-1-5-32-545' -User 'S-1-5-18') -Wanted 'it belongs to S-1-5-32-545, who is neither SYSTEM nor Administrators'
    Write-Case -Name 'log: a link is not used' -Found (Get-FolderProblem -Attributes 'Directory, ReparsePoint' -Owner 'S-1-5-18' -User 'S-1-5-18') -Wanted 'it is a link to another place'
    Write-Case -Name 'log: the lines are there' -Found ([IO.File]::Exists([IO.Path]::Combine((Get-LogFolder), $LogName))) -Wanted $true
    Write-Case -Name 'users: those who are signed in have a loaded hive' -Found @(@(Get-UserSid).Where({ -not (Test-Loaded $_) -or (Test-Gone $_) })).Count -Wanted 0
} catch {
    Write-Case -Name 'the run itself' -Found "$($_.Exception.GetBaseException().Message) $($_.InvocationInfo.PositionMessage)" -Wanted 'no error'
} finally {
    $machine.DeleteSubKeyTree($Scratch, $false)
}
"$($results.Passed) as they must be, $($results.Failed) not"
exit $(if ($results.Failed) { 1 } else { 0 })
