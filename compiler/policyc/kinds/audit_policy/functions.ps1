# The audit policy of all subcategories as auditpol has backed it up, by GUID in upper case: read once, until something is written.
$AuditPolicies = @{ Read = $null }

function Read-AuditPolicyFile {
    # Numbers by GUID of a backup. Columns go by position, as Windows translates the names; rows of users and of options are others.
    param([string] $Path)
    $found = @{}
    foreach ($line in [IO.File]::ReadAllLines($Path)) {
        $cells = $line.Split(',')
        if ($cells.Length -lt 7 -or $cells[1].StartsWith('S-1-', 'Ordinal')) { continue }
        $guid = $cells[3].Trim().ToUpperInvariant()
        $number = $cells[6].Trim()
        if ($guid -match '\A\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}\z' -and $number -match '\A[0-3]\z') { $found[$guid] = [int]$number }
    }
    if ($found.Count -eq 0) { throw 'auditpol.exe wrote a backup without a subcategory' }
    return $found
}

function Read-AuditPolicy {
    # What is audited: 0 nothing, 1 success, 2 failure, 3 both. A subcategory that isn't in the backup is unknown to this Windows.
    param([string] $Place)
    try {
        if ($null -eq $AuditPolicies.Read) {
            $folder = New-WorkFolder
            try {
                $file = [IO.Path]::Combine($folder, 'audit.csv')
                $run = Invoke-Tool -Name 'auditpol.exe' -Arguments @('/backup', "/file:$file")
                if ($run.ExitCode -ne 0) { throw "auditpol.exe ended with $($run.ExitCode). $($run.Text)" }
                $AuditPolicies.Read = Read-AuditPolicyFile $file
            } finally {
                [IO.Directory]::Delete($folder, $true)
            }
        }
        $number = $AuditPolicies.Read[$Place.ToUpperInvariant()]
        if ($null -ne $number) { return @{ State = 'present'; Kind = 'DWord'; Data = $number } }
        $failure = 'this build of Windows does not know the subcategory'
    } catch {
        $failure = $_.Exception.GetBaseException().Message
    }
    return @{ State = 'unreadable'; There = $false; Failure = $failure }
}

function Test-AuditPolicy {
    # Equals these events, or audits at least them.
    param($Setting, $State)
    if ($Setting.Contains('Equals')) { return $State.Data -eq $Setting.Equals }
    return ($State.Data -band $Setting.AtLeast) -eq $Setting.AtLeast
}

function Get-AuditPolicyNext {
    # What is asked for, or what is there with what is missing.
    param($Setting, $State)
    $number = if ($Setting.Contains('Equals')) { $Setting.Equals } else { $State.Data -bor $Setting.AtLeast }
    return @{ State = 'present'; Kind = 'DWord'; Data = [int]$number }
}

function Write-AuditPolicy {
    # One call for each of the four numbers: success and failure are both named, as auditpol leaves what isn't, and takes nothing for success.
    param([object[]] $Changes)
    $AuditPolicies.Read = $null
    for ($number = 0; $number -lt 4; $number++) {
        $same = @(foreach ($change in $Changes) { if ($change.Next.Data -eq $number) { $change } })
        if ($same.Length -eq 0) { continue }
        $guids = [string]::Join(',', @(foreach ($change in $same) { $change.Name }))
        $flags = @(foreach ($bit in 1, 2) { if ($number -band $bit) { 'enable' } else { 'disable' } })
        $said = @("/success:$($flags[0])", "/failure:$($flags[1])")
        $run = Invoke-Tool -Name 'auditpol.exe' -Arguments (@('/set', "/subcategory:$guids") + $said)
        if ($run.ExitCode -eq 0) { continue }
        # One that is refused keeps no other from being set.
        foreach ($change in $same) {
            if ($same.Length -gt 1) { $run = Invoke-Tool -Name 'auditpol.exe' -Arguments (@('/set', "/subcategory:$($change.Name)") + $said) }
            if ($run.ExitCode -ne 0) { $change.Failure = "auditpol.exe ended with $($run.ExitCode). $($run.Text)" }
        }
    }
}

function Format-AuditPolicyFlag {
    # A number in words.
    param([int] $Number)
    return @('none', 'success', 'failure', 'success and failure')[$Number]
}

function Format-AuditPolicyState {
    # What is audited, in words.
    param($State)
    return Format-AuditPolicyFlag $State.Data
}

function Format-AuditPolicyPlace {
    # A subcategory by its GUID: names are in the language of the device.
    param([string] $Place)
    return "the audit policy of $Place"
}

function Format-AuditPolicyMust {
    # What the row asks for.
    param($Setting)
    if ($Setting.Contains('Equals')) { return "be $(Format-AuditPolicyFlag $Setting.Equals)" }
    return "be at least $(Format-AuditPolicyFlag $Setting.AtLeast)"
}
