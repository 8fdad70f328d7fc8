<#
.SYNOPSIS
    Tells ConfigMgr whose changes are on this device, by the journal. Changes nothing.
.DESCRIPTION
    Writes one line. It begins with Compliant where nothing is left of collections that departed; behind "others:" stand the project's
    other collections, of which the site knows whether the device is still a member.
.NOTES
    For the project, made by policyc from project.yaml: change it there, not here.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Estate = '8ee4ffd4-acdb-58d3-be46-275fec287ebb'
$Departed = ([string[]]@())
# Whether owners without an id are this project's too: journals had none before there were ids.
$Bare = $true

#region policyc engine, SHA-256 d9cf98e9de46c55938825db96e7dccb25ddea10a0a2072ad7a4f1578794ef06d
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

function Test-Loaded {
    # Whether the hive that a path below HKEY_USERS begins with is there: nobody can make one by making its key.
    param([string] $Path)
    return (Open-Root 'HKU' 64).GetSubKeyNames() -contains $Path.Split('\')[0]
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

function Get-UserOf {
    # The user whose hive a place is in; '' where that is no user's who signs in.
    param($Place)
    $sid = $Place.Path.Split('\')[0]
    if ($Place.Hive -eq 'HKU' -and $sid -match '\AS-1-(5-21|12-1)-[0-9]+-[0-9]+-[0-9]+-[0-9]+\z') { return $sid }
    return ''
}

function Test-Gone {
    # Neither signed in nor in the list of profiles, where Windows keeps a broken one under another name.
    param([string] $Sid)
    if (Test-Loaded $Sid) { return $false }
    $list = (Open-Root 'HKLM' 64).OpenSubKey('SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList', $false)
    if (-not $list) { return $false }
    $names = $list.GetSubKeyNames()
    $list.Dispose()
    return $names -notcontains $Sid -and $names -notcontains "$Sid.bak"
}

$LongestLine = 1000

function Get-OwnName {
    # A collection of this project by its name in the journal; '' for another project's.
    param([string] $Owner)
    $parts = $Owner.Split('/')
    if ($parts.Length -eq 2 -and $parts[0] -ceq $Estate) { return $parts[1] }
    if ($parts.Length -eq 1 -and $Bare) { return $Owner }
    return ''
}

function Read-Left {
    # Names of the owners of what is in the journal, and an entry of which nobody can say whose it is.
    $found = @{ Left = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal); Others = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal); Broken = '' }
    $journal = (Open-Root 'HKLM' 64).OpenSubKey($JournalPath, $false)
    if (-not $journal) { return $found }
    try {
        foreach ($id in $journal.GetSubKeyNames()) {
            $entry = Read-Entry $journal $id
            # What a killed run began stands for no change; what was a user's left with their profile.
            if ($entry.Rest) { continue }
            if (-not $entry.OwnersKnown) { $found.Broken = $id; continue }
            $sid = Get-UserOf $entry
            if ($sid -and (Test-Gone $sid)) { continue }
            foreach ($owner in @($entry.Sealed) + @($entry.Older)) {
                $name = Get-OwnName $owner
                if ($name -cnotmatch '\A[a-z0-9-]{1,80}\z') { continue }
                $null = if ($Departed -ccontains $name) { $found.Left.Add($name) } else { $found.Others.Add($name) }
            }
        }
    } finally {
        $journal.Dispose()
    }
    return $found
}

function Join-Name {
    # As many as a line has room for, and how many more there are.
    param([string] $Line, [string[]] $Names)
    $shown = 0
    foreach ($name in $Names) {
        if ($Line.Length + $name.Length + 20 -gt $LongestLine) { break }
        $Line += $(if ($shown) { ", $name" } else { $name })
        $shown++
    }
    if ($shown -lt $Names.Length) { $Line += "$(if ($shown) { ', ' })$($Names.Length - $shown) more" }
    return $Line
}
#endregion

$refusal = Get-Refusal
if ($refusal) { throw $refusal }
$found = Read-Left
if ($found.Broken -and $found.Left.Count -eq 0) {
    throw "policyc: the entry $($found.Broken) of the journal does not say whose it is, so nobody can say whether anything is left behind. rollback.ps1 -ShowEntry $($found.Broken) shows it."
}
$line = 'Compliant'
if ($found.Left.Count) { $line = Join-Name -Line 'NonCompliant: ' -Names @($found.Left) }
if ($found.Others.Count) { $line = Join-Name -Line "$line; others: " -Names @($found.Others) }
Write-Output -InputObject $line
