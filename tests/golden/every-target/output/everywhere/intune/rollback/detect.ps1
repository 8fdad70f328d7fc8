<#
.SYNOPSIS
    Tells Intune whether this device holds anything that the collection has changed: the detection script of its rollback.
.DESCRIPTION
    Looks into the device's journal, and changes nothing. Writes one line. Ends with 1 where there is a place to bring back, which starts
    the rollback; with 0 where there is none; with 2 where a broken entry may be of this collection, or the journal could not be read.
.NOTES
    For the collection everywhere, made by policyc from everywhere.yaml: change it there, not here.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/everywhere'
$Adopts = ([string[]]@('everywhere'))

#region policyc engine, SHA-256 78388376b97065e1c4038bdab3698926ac0ad84925340bc90ff59ea20466c22c
function Test-Elevation {
    # Whether this runs as SYSTEM or as an elevated administrator.
    $user = [Security.Principal.WindowsPrincipal]::new([Security.Principal.WindowsIdentity]::GetCurrent())
    return $user.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Get-Refusal {
    # Why nothing can be done here; nothing where it can. The mode comes first: in a constrained one most calls fail.
    $mode = $ExecutionContext.SessionState.LanguageMode
    if ($mode -ne 'FullLanguage') {
        return "policyc: PowerShell runs in $mode mode here, and this script needs FullLanguage. An application control policy must trust the script: sign it, or allow its folder."
    }
    if ([Environment]::OSVersion.Platform -ne 'Win32NT') { return 'policyc: this script configures Windows; nothing was done.' }
    if (-not (Test-Elevation)) { return 'policyc: this script must run as SYSTEM or as an administrator with elevation; nothing was done.' }
}

$DataTypes = @{
    String = [string]; ExpandString = [string]; MultiString = [string[]]; DWord = [int]; QWord = [long]; Binary = [byte[]]; None = [byte[]]
}

function Open-Root {
    # A hive through .NET, its view named.
    param([string] $Hive, [int] $View)
    return [Microsoft.Win32.RegistryKey]::OpenBaseKey($(if ($Hive -eq 'HKU') { 'Users' } else { 'LocalMachine' }), "Registry$View")
}

function Read-Value {
    # A value of an opened key, or where Name is $null, the key. State: present (with Kind and Data, as .NET gives them), absent or
    # unreadable (with Failure). Names, where they are given, tell whether it is there: of kinds that it can't read, .NET gives nothing.
    param($Opened, $Name)
    if (-not $Opened.Key) { return @{ State = 'absent' } }
    if ($null -eq $Name) { return @{ State = 'present'; Kind = 'Key' } }
    if ($Opened.Contains('Names') -and -not $Opened.Names.Contains($Name)) { return @{ State = 'absent' } }
    try {
        $kind = [string]$Opened.Key.GetValueKind($Name)
        $data = $Opened.Key.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
        if ($DataTypes.ContainsKey($kind) -and $data -is $DataTypes[$kind]) { return @{ State = 'present'; Kind = $kind; Data = $data } }
        $failure = 'the value is of a kind or size that .NET cannot read'
    } catch {
        $failure = $_.Exception.GetBaseException().Message
    }
    return @{ State = 'unreadable'; There = $true; Failure = $failure }
}

function ConvertTo-VisibleText {
    # Line ends, control characters (a console obeys some), and what is invisible or turns the direction of writing, as \u and four digits.
    param([string] $Text, [string] $Hidden = '[\p{C}\p{Zl}\p{Zp}]')
    return [regex]::Replace($Text, $Hidden, { param($Match) '\u{0:x4}' -f [int]$Match.Value[0] })
}

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

function Read-EntryState {
    # What an entry says was there (Previous) or was written (Written, Pending); nothing where it doesn't say.
    param($Entry, [string] $What)
    $names = $Entry.GetValueNames()
    if ($names -contains "${What}Absent") { return @{ State = 'absent' } }
    if ($names -notcontains $What) { return $null }
    if ($names -notcontains 'Name') { return @{ State = 'present'; Kind = 'Key' } }
    return Read-Value @{ Key = $Entry } $What
}

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

function Format-Reason {
    # Why nothing could be said, as that line: in ASCII, whatever Windows says.
    param([string] $Text)
    $line = ConvertTo-VisibleText -Text "NotJudged: $Text" -Hidden '[^ -~]'
    return $line.Substring(0, [Math]::Min($line.Length, 2048))
}

function Measure-OwnEntry {
    # How many places the journal holds for this collection, and how many broken entries may be of it.
    $counts = @{ Own = 0; Broken = 0 }
    $journal = (Open-Root 'HKLM' 64).OpenSubKey($JournalPath, $false)
    if (-not $journal) { return $counts }
    try {
        foreach ($id in $journal.GetSubKeyNames()) {
            $entry = Read-Entry $journal $id
            $owners = @($entry.Sealed) + @($entry.Older)
            $ours = @(Select-OtherOwner $owners).Length -ne $owners.Length
            if ($entry.Rest) { continue }
            if (-not $entry.Problem) { $counts.Own += [int]$ours } elseif ($ours -or -not $entry.OwnersKnown) { $counts.Broken++ }
        }
    } finally {
        $journal.Dispose()
    }
    return $counts
}
#endregion

try {
    $refusal = Get-Refusal
    if ($refusal) {
        "NotJudged: $refusal"
        exit 2
    }
    $counts = Measure-OwnEntry
    $broken = if ($counts.Broken) { "; broken entries: $($counts.Broken)" }
    if ($counts.Own) {
        "Changed: $($counts.Own) places in the journal$broken"
        exit 1
    }
    if ($broken) {
        Format-Reason -Text "the journal has broken entries: $($counts.Broken)"
        exit 2
    }
    'Nothing of this collection is in the journal'
    exit 0
} catch {
    Format-Reason -Text $_.Exception.GetBaseException().Message
    exit 2
}
