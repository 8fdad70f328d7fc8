# An entry of the journal, and whether it can be trusted. Its seal (a format number, then a digest) is over what never changes in it:
# where, what was there before, how it is undone. Its owners have a digest of their own among them, as they change, and as older
# scripts join behind it.
function Get-Digest {
    # Of parts that belong to an entry.
    param([string] $Id, [string[]] $Parts)
    return Get-Hash (Join-Part (@($Id.ToUpperInvariant()) + $Parts))
}

function Get-Seal {
    # The seal that the entry must have.
    param($Entry)
    $parts = @("$($Entry['Of'])$($Entry.Hive)", [string]$Entry.View, $Entry.Path)
    if ($null -ne $Entry.Name) { $parts += 'Name', $Entry.Name }
    $parts += [string]$Entry.Sensitive, [string]$Entry.ClearOnUndo
    return '2:' + (Get-Digest $Entry.Id ($parts + @(Get-StatePart $Entry.Previous)))
}

function Select-OtherOwner {
    # Ours is what this collection is called, and what it was called before.
    param([string[]] $Owners)
    foreach ($owner in $Owners) { if ($owner -cne $Collection -and [Array]::IndexOf($Adopts, $owner) -lt 0) { $owner } }
}

function Read-Owner {
    # Who relies on the place: Sealed stands before the digest, Older behind it, as older scripts know none. Whether that can be trusted.
    param($Key, $Entry)
    if ([string]$Key.GetValueKind('Owners') -ne 'MultiString') { return $false }
    $digest = ''
    foreach ($owner in [string[]]$Key.GetValue('Owners')) {
        if ($owner.StartsWith('sha256:', 'Ordinal') -and -not $digest) {
            $digest = $owner
            $Entry.Sealed, $Entry.Older = $Entry.Older, @()
        } else {
            $Entry.Older += $owner
        }
    }
    # Older scripts know no estates: what they leave has no id before it.
    if ((-join $Entry.Older) -match '[/:]') { return $false }
    if (-not $digest) { return $null -eq $Entry.Seal -and $Entry.Older.Length -gt 0 }
    return $Entry.Sealed.Length -gt 0 -and $digest -ceq "sha256:$(Get-Digest $Entry.Id $Entry.Sealed)"
}

function Write-Owner {
    # One write, so that a killed run leaves owners and a digest that fit. What only older scripts hold is in their form again.
    param($Key, [string] $Id, [string[]] $Sealed, [string[]] $Older)
    if ($Sealed.Length) { $Sealed += "sha256:$(Get-Digest $Id $Sealed)" } else { $Key.DeleteValue('Seal', $false) }
    $Key.SetValue('Owners', [string[]]($Sealed + $Older), 'MultiString')
}

function Read-Entry {
    # An entry as an object. Problem says why it can't be trusted; Rest, that a run was killed before it was whole: it stands for no change.
    param($Journal, [string] $Id)
    $entry = @{
        Id = $Id; Problem = ''; Rest = $false; Of = ''; Hive = ''; View = 0; Path = ''; Name = $null; Sensitive = $false; ClearOnUndo = $false
        Previous = $null; Known = @(); WrittenAltered = $false; Seal = $null; Sealed = @(); Older = @(); OwnersKnown = $false
    }
    $key = $Journal.OpenSubKey($Id, $false)
    try {
        $names = $key.GetValueNames()
        if ($names -contains 'Complete') {
            $entry.Problem = [string](Read-CompleteEntry $key $entry)
        } elseif ([Array]::IndexOf([string[]]@($Journal.GetValue('Making')), $Id) -ge 0) {
            $entry.Rest = $true
        } else {
            # Older scripts don't say what they are making.
            $entry.Rest = $names.Length -and -not ($names -match '^(Seal|Written|WrittenAbsent)$')
            if (-not $entry.Rest) { $entry.Problem = 'it is not whole, and no run was making it' }
        }
    } catch {
        $entry.Problem = "it cannot be read: $($_.Exception.GetBaseException().Message)"
    } finally {
        if ($key) { $key.Dispose() }
    }
    return $entry
}

function Read-CompleteEntry {
    # Fills the entry; gives what is wrong with it.
    param($Key, $Entry)
    $names = $Key.GetValueNames()
    $field = @{}
    foreach ($name in 'Of', 'Hive', 'View', 'Key', 'Name', 'Seal') {
        $kind = if ($name -eq 'View') { 'DWord' } else { 'String' }
        $field[$name] = if ($names -contains $name -and [string]$Key.GetValueKind($name) -eq $kind) { $Key.GetValue($name) }
    }
    if ($names -contains 'Seal') { $Entry.Seal = [string]$field.Seal }
    $Entry.OwnersKnown = $names -contains 'Owners' -and (Read-Owner $Key $Entry)
    $Entry.Sensitive = $names -contains 'Sensitive'
    $Entry.ClearOnUndo = $names -contains 'ClearOnUndo'
    $named = $names -notcontains 'Name' -or $null -ne $field.Name
    if ($names -contains 'Of') {
        if (-not $field.Name -or $field.Of -notmatch '\A[a-z]+\z') { return 'it does not say where' }
        $Entry.Of, $Entry.Name = $field.Of, $field.Name
    } elseif (-not $named -or $field.Hive -cnotin 'HKLM', 'HKU' -or $field.View -notin 32, 64 -or -not $field.Key) {
        return 'it does not say where'
    } else {
        $Entry.Hive, $Entry.View, $Entry.Path, $Entry.Name = $field.Hive, $field.View, $field.Key, $field.Name
    }
    if ((Get-PlaceId $Entry) -ne $Entry.Id) { return 'it is the entry of another place than it says' }
    if (-not $Entry.OwnersKnown) { return 'it does not say who relies on it' }
    $Entry.Previous = Read-EntryState $Key 'Previous'
    $both = $names -contains 'Previous' -and $names -contains 'PreviousAbsent'
    if (-not $Entry.Previous -or $both -or $Entry.Previous.State -eq 'unreadable') { return 'it does not say what was there before' }
    if ($Entry.Previous.State -eq 'present' -and $null -eq $Entry.Name) { return 'it says that a key was there before it was made' }
    if ($null -eq $Entry.Seal -or $Entry.Seal -ceq (Get-Seal $Entry)) { return }
    $format = $Entry.Seal.Split(':')[0]
    if ($format -match '\A[0-9]+\z' -and $format -ne '2') { return "it has the format $format, which this script does not know" }
    return 'it does not hold what was sealed'
}
