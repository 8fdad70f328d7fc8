$JournalPath = 'SOFTWARE\policyc\journal'

function Get-Hash {
    # SHA-256 of a text's UTF-16, in hex.
    param([string] $Text)
    $bytes = [byte[]]::new(2 * $Text.Length)
    [Buffer]::BlockCopy($Text.ToCharArray(), 0, $bytes, 0, $bytes.Length)
    $hasher = [Security.Cryptography.SHA256]::Create()
    try { return [BitConverter]::ToString($hasher.ComputeHash($bytes)).Replace('-', '') } finally { $hasher.Dispose() }
}

function Get-PlaceId {
    # One id for one place, however it is spelled. A key is a place of its own, and so is a Name of another kind than the registry's.
    param($Place)
    $what = if ($null -eq $Place.Name) { 'key' } else { "value`0$($Place.Name)" }
    return (Get-Hash "$($Place['Of'])$($Place.Hive)`0$($Place.View)`0$($Place.Path)`0$what".ToUpperInvariant()).Substring(0, 40)
}

function Get-StatePart {
    # A state in parts, to the letter.
    param($State)
    if ($State.State -ne 'present') { return $State.State }
    $State.Kind
    switch ($State.Kind) {
        'Key' { break }
        { $_ -eq 'Binary' -or $_ -eq 'None' } { [BitConverter]::ToString($State.Data) }
        # Numbers become text without regard to language.
        default { $State.Data }
    }
}

function Join-Part {
    # Each part with its length, so that no two lists give one text.
    param([string[]] $Parts)
    return -join @(foreach ($part in $Parts) { "$($part.Length):$part" })
}

function Test-SameState {
    # The same kind and the same data to the letter, or both absent.
    param($Left, $Right)
    if ($Left.State -eq 'unreadable') { return $false }
    return (Join-Part (Get-StatePart $Left)).Equals((Join-Part (Get-StatePart $Right)))
}

function Read-EntryState {
    # What an entry says was there (Previous) or was written (Written, Pending); nothing where it doesn't say.
    param($Entry, [string] $What)
    $names = $Entry.GetValueNames()
    if ($names -contains "${What}Absent") { return @{ State = 'absent' } }
    if ($names -notcontains $What) { return $null }
    if ($names -notcontains 'Name') { return @{ State = 'present'; Kind = 'Key' } }
    return Read-Value @{ Key = $Entry } $What
}

function Test-ChangedSince {
    # Whether policyc wrote here and somebody else has changed it since: Group Policy, tamper protection, a person.
    param($Place, $State)
    $entry = (Open-Root 'HKLM' 64).OpenSubKey("$JournalPath\$(Get-PlaceId $Place)", $false)
    if (-not $entry) { return $false }
    try {
        if ($null -eq $entry.GetValue('Complete')) { return $false }
        foreach ($what in 'Written', 'Pending', 'Previous') {
            $known = Read-EntryState $entry $what
            # The previous value counts only while nothing was written yet: a run was killed in between.
            if ($known -and (Test-SameState $known $State)) { return $what -eq 'Previous' -and -not (Read-EntryState $entry 'Pending') }
        }
        return $true
    } finally {
        $entry.Dispose()
    }
}
