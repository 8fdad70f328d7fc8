# What stands in [System Access] for what never happens: accounts that are never locked, passwords that never expire. Here it is -1 for all.
$NeverIs = @{ MaximumPasswordAge = -1; LockoutDuration = -1; LockoutBadCount = 0 }

function Read-Access {
    # A line of [System Access]: a number, or a name in quotes. What isn't in force isn't listed.
    param([string] $Key)
    try {
        $access = Read-SecurityPolicy 'System Access'
        if (-not $access.ContainsKey($Key)) { return @{ State = 'absent' } }
        $text = [string]$access[$Key]
        if ($text.StartsWith('"', 'Ordinal')) { return @{ State = 'present'; Kind = 'String'; Data = $text.Trim('"') } }
        $number = 0
        if (-not [int]::TryParse($text, 'AllowLeadingSign', [Globalization.CultureInfo]::InvariantCulture, [ref]$number)) {
            throw "secedit gives $text for it, which is no number"
        }
        if ($NeverIs.Contains($Key) -and $number -eq $NeverIs[$Key]) { $number = -1 }
        return @{ State = 'present'; Kind = 'DWord'; Data = $number }
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    }
}

function Test-Access {
    # As a value of the registry is judged: what never happens is more than any number.
    param($Setting, $State)
    $condition = Get-Condition $Setting
    $holds = if ($State.State -eq 'absent') {
        $condition -eq 'NotEquals' -or $condition -eq 'NoneOf'
    } elseif ($State.Kind -ne $Setting.Kind) {
        $false
    } else {
        $data = if ($State.Kind -eq 'DWord') { ConvertTo-Number $State.Kind $State.Data } else { $State.Data }
        & "Test-$condition" -Data $data -Operand $Setting[$condition] -Exact $false
    }
    # Where the domain's policy decides, a remediation would be undone by it, or undo it.
    if (-not $holds -and (Test-DomainController)) { $Setting['ReportOnly'] = $true }
    return $holds
}

function Get-AccessProblem {
    # Why Windows would refuse these numbers together; it refuses all of them, and says only that one is wrong.
    param($Lines)
    $number = @{}
    foreach ($key in 'MinimumPasswordAge', 'MaximumPasswordAge', 'ResetLockoutCount', 'LockoutDuration') {
        $state = if ($Lines.Contains($key)) { $Lines[$key] } else { Read-Access $key }
        if ($state.State -eq 'present') { $number[$key] = ConvertTo-Number $state.Kind $state.Data }
    }
    $both = $number.Contains('MinimumPasswordAge') -and $number.Contains('MaximumPasswordAge')
    if ($both -and $number.MinimumPasswordAge -ge $number.MaximumPasswordAge) {
        return "MinimumPasswordAge ($($number.MinimumPasswordAge)) must be less than MaximumPasswordAge ($($number.MaximumPasswordAge))"
    }
    $both = $number.Contains('ResetLockoutCount') -and $number.Contains('LockoutDuration')
    if ($both -and $number.ResetLockoutCount -gt $number.LockoutDuration) {
        return "ResetLockoutCount ($($number.ResetLockoutCount)) must not be more than LockoutDuration ($($number.LockoutDuration))"
    }
}

function Format-AccessLine {
    # A line of a security template.
    param([string] $Key, $State)
    if ($State.Kind -eq 'String') { return '{0} = "{1}"' -f $Key, $State.Data }
    $number = if ($State.Data -eq -1 -and $NeverIs.Contains($Key)) { $NeverIs[$Key] } else { $State.Data }
    return '{0} = {1}' -f $Key, $number.ToString([Globalization.CultureInfo]::InvariantCulture)
}

function Write-Access {
    # All together, as Windows takes numbers that depend on each other in one go. Lockout values go by themselves where accounts are
    # never locked again.
    param([object[]] $Changes)
    Clear-SecurityPolicy
    $lines = @{}
    foreach ($change in $Changes) {
        if (Test-SameState (Read-Access $change.Name) $change.Previous) {
            $lines[$change.Name] = $change.Next
        } else {
            $change.Failure = 'somebody else changed it in this moment, and it was left'
        }
    }
    $problem = Get-AccessProblem $lines
    if ($problem) { throw $problem }
    $texts = @(foreach ($key in @($lines.Keys)) { if ($lines[$key].State -eq 'present') { Format-AccessLine $key $lines[$key] } })
    if ($texts.Length) { Write-SecurityPolicy -Section 'System Access' -Lines $texts -Area 'SECURITYPOLICY' }
}

function Format-AccessState {
    param($State)
    if ($State.State -ne 'present') { return 'not in force' }
    if ($State.Kind -eq 'String') { return Format-Text $State.Data }
    return $(if ($State.Data -eq -1) { 'never' } else { [string]$State.Data })
}
