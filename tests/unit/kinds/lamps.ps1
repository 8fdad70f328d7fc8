# Lamps, whose store is a key of the registry: a number below 100 a name.
$Lamps = @{ Reads = 0 }

function Read-Lamp {
    # How bright it burns.
    param([string] $Place)
    $Lamps.Reads++
    $key = (Open-Root 'HKLM' 64).OpenSubKey('SOFTWARE\policyc-test\lamps', $false)
    if ($null -eq $key) { return @{ State = 'unreadable'; There = $false; Failure = 'there is no light here' } }
    try {
        $bright = $key.GetValue($Place)
        if ($null -eq $bright) { return @{ State = 'absent' } }
        return @{ State = 'present'; Kind = 'DWord'; Data = [int]$bright }
    } finally {
        $key.Dispose()
    }
}

function Test-Lamp {
    # Whether it burns as it must; one that isn't there is dark.
    param([hashtable] $Setting, [hashtable] $State)
    $bright = if ($State.State -eq 'present') { $State.Data } else { 0 }
    if ($Setting.Contains('Equals')) { return $bright -eq $Setting.Equals }
    return $bright -ge $Setting.AtLeast
}

function Get-LampNext {
    # What its row says in Set, else what it asks for.
    param([hashtable] $Setting, [hashtable] $State)
    $bright = if ($Setting.Contains('Set')) { $Setting.Set } elseif ($Setting.Contains('Equals')) { $Setting.Equals } else { $Setting.AtLeast }
    return @{ State = 'present'; Kind = 'DWord'; Data = [int]$bright }
}

function Write-Lamp {
    # All of them at once. One with a value Stuck does as if.
    param([object[]] $Changes)
    $key = (Open-Root 'HKLM' 64).OpenSubKey('SOFTWARE\policyc-test\lamps', $true)
    try {
        foreach ($change in $Changes) {
            if ($null -ne $key.GetValue("Stuck $($change.Name)")) { continue }
            if ($null -ne $key.GetValue("Loud $($change.Name)")) { $change.Failure = 'the switch is broken'; continue }
            if ($change.Next.State -eq 'absent') { $key.DeleteValue($change.Name) } else { $key.SetValue($change.Name, $change.Next.Data, 'DWord') }
        }
    } finally {
        $key.Dispose()
    }
}

function Format-LampState {
    # For people.
    param([hashtable] $State)
    if ($State.State -eq 'absent') { return 'dark' }
    return "$($State.Data) percent"
}

function Format-LampPlace {
    # For people.
    param([string] $Place)
    return "the lamp $Place"
}

function Format-LampMust {
    # As `must` of the kind says it.
    param([hashtable] $Setting)
    if ($Setting.Contains('Equals')) { return "burn at $($Setting.Equals) percent" }
    return "burn at least at $($Setting.AtLeast) percent"
}
