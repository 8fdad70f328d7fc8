# Made by policyc from project.yaml: change it there, not here.
# Whose changes are on this device, by the journal: reads only. The line begins with Compliant where nothing is left of collections that
# departed; behind "others:" stand the project's other collections, of which the site knows whether the device is still a member.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    throw "policyc: PowerShell runs in $($ExecutionContext.SessionState.LanguageMode) mode here, and this script needs FullLanguage. An application control policy must trust the script: sign it, or allow its folder."
}
if ([Environment]::OSVersion.Platform -ne 'Win32NT') {
    throw 'policyc: this script configures Windows; nothing was done.'
}

function Test-Elevation {
    $principal = [Security.Principal.WindowsPrincipal]::new([Security.Principal.WindowsIdentity]::GetCurrent())
    return $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}
if (-not (Test-Elevation)) {
    throw 'policyc: this script must run as SYSTEM or as an administrator with elevation; nothing was done.'
}

$Estate = '8ee4ffd4-acdb-58d3-be46-275fec287ebb'
$Departed = ([string[]]@())
# Whether owners without an id are this project's too: journals had none before there were ids.
$Bare = $true
$LongestLine = 1000

# The registry through .NET, its view named; each key is opened once.
$Roots = [Collections.Generic.Dictionary[string, object]]::new()
$Keys = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::OrdinalIgnoreCase)
$DataTypes = @{
    String = [string]; ExpandString = [string]; MultiString = [string[]]; DWord = [int]; QWord = [long]; Binary = [byte[]]; None = [byte[]]
}

function Open-Root {
    param([string] $Hive, [int] $View)
    $at = "$Hive $View"
    if (-not $Roots.ContainsKey($at)) {
        $registryHive = if ($Hive -eq 'HKU') { 'Users' } else { 'LocalMachine' }
        $Roots[$at] = [Microsoft.Win32.RegistryKey]::OpenBaseKey($registryHive, "Registry$View")
    }
    return $Roots[$at]
}

function Test-Loaded {
    # Whether the hive that a path below HKEY_USERS begins with is there: nobody can make one by making its key.
    param([string] $Path)
    $names = (Open-Root -Hive 'HKU' -View 64).GetSubKeyNames()
    return [Collections.Generic.HashSet[string]]::new($names, [StringComparer]::OrdinalIgnoreCase).Contains($Path.Split('\')[0])
}

function Read-Key {
    # The opened key with the names of its values, or why it can't be read. Key is $null where there is none.
    param([string] $Hive, [int] $View, [string] $Path)
    $at = "$Hive $View $Path"
    if (-not $Keys.ContainsKey($at)) {
        $read = @{ Key = $null; Names = $null; Failure = '' }
        try {
            $read.Key = (Open-Root -Hive $Hive -View $View).OpenSubKey($Path, $false)
            if ($null -ne $read.Key) {
                $read.Names = [Collections.Generic.HashSet[string]]::new($read.Key.GetValueNames(), [StringComparer]::OrdinalIgnoreCase)
            } elseif ($Hive -eq 'HKU' -and -not (Test-Loaded -Path $Path)) {
                $read.Failure = 'the hive is not loaded'
            }
        } catch {
            $read.Failure = $_.Exception.GetBaseException().Message
        }
        $Keys[$at] = $read
    }
    return $Keys[$at]
}

function Close-Key {
    # An open key would keep a user's hive from being unloaded, and would go on telling what was there before.
    foreach ($read in $Keys.Values) { if ($null -ne $read.Key) { $read.Key.Dispose() } }
    $Keys.Clear()
}

function Read-Place {
    # State: absent, present (with Kind and Data, as .NET gives them) or unreadable (with Failure).
    param([string] $Hive, [int] $View, [string] $Path, $Name)
    $read = $null
    if (-not $Keys.TryGetValue("$Hive $View $Path", [ref] $read)) { $read = Read-Key -Hive $Hive -View $View -Path $Path }
    if ($read.Failure) { return @{ State = 'unreadable'; There = $false; Failure = $read.Failure } }
    if ($null -eq $read.Key) { return @{ State = 'absent' } }
    if ($null -eq $Name) { return @{ State = 'present'; Kind = 'Key'; Data = $null } }
    if (-not $read.Names.Contains($Name)) { return @{ State = 'absent' } }
    try {
        $kind = [string]$read.Key.GetValueKind($Name)
        $data = $read.Key.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
    } catch {
        return @{ State = 'unreadable'; There = $true; Failure = $_.Exception.GetBaseException().Message }
    }
    if (-not $DataTypes.ContainsKey($kind) -or $data -isnot $DataTypes[$kind]) {
        return @{ State = 'unreadable'; There = $true; Failure = 'the value is of a kind or size that .NET cannot read' }
    }
    return @{ State = 'present'; Kind = $kind; Data = $data }
}

function ConvertTo-Number {
    # DWORD and QWORD are unsigned in their width; .NET gives them signed.
    param([string] $Kind, $Data)
    if ($Data -ge 0) { return [decimal]$Data }
    if ($Kind -eq 'DWord') { return [decimal]([long]$Data -band 4294967295) }
    return [decimal][BitConverter]::ToUInt64([BitConverter]::GetBytes([long]$Data), 0)
}

function Format-State {
    # For people: what is there.
    param([Collections.IDictionary] $State, $Sensitive)
    if ($State.State -eq 'absent') { return 'absent' }
    if ($State.State -eq 'unreadable') { return "unreadable ($($State.Failure))" }
    if ($State.Kind -eq 'Key') { return 'present' }
    if ($Sensitive) { return "(masked) [$($State.Kind)]" }
    # Cut before it is put together: whoever wrote the data may have written many megabytes.
    $text = switch ($State.Kind) {
        'MultiString' {
            $parts = @(for ($i = 0; $i -lt $State.Data.Length -and $i -lt 100; $i++) { Limit-Text -Text $State.Data[$i] })
            '{' + [string]::Join('; ', $parts) + '}'
        }
        { $_ -eq 'Binary' -or $_ -eq 'None' } { [BitConverter]::ToString($State.Data, 0, [Math]::Min($State.Data.Length, 101)).Replace('-', '') }
        { $_ -eq 'DWord' -or $_ -eq 'QWord' } { [string](ConvertTo-Number -Kind $State.Kind -Data $State.Data) }
        default { '"' + (Limit-Text -Text $State.Data) + '"' }
    }
    if ($text.Length -gt 200) { $text = $text.Substring(0, 200) + '...' }
    return "$(ConvertTo-VisibleText -Text $text) [$($State.Kind)]"
}

function Limit-Text {
    param([string] $Text)
    if ($Text.Length -gt 201) { return $Text.Substring(0, 201) }
    return $Text
}

function ConvertTo-VisibleText {
    # Line ends, control characters (a console obeys some), and what is invisible or turns the direction of writing, as \u and four digits.
    param([string] $Text)
    return [regex]::Replace($Text, '[\p{C}\p{Zl}\p{Zp}]', { param($Match) '\u{0:x4}' -f [int]$Match.Value[0] })
}

function Format-Place {
    param([string] $Hive, [int] $View, [string] $Path, $Name)
    $text = "$Hive\$Path"
    if ($null -ne $Name) { $text += ' : ' + $(if ($Name) { $Name } else { '(Default)' }) }
    if ($View -eq 32) { $text += ' (32-bit view)' }
    return ConvertTo-VisibleText -Text $text
}

# The journal: an entry for each place that was changed, with what was there before anything was.
$JournalPath = 'SOFTWARE\policyc\journal'

function Get-PlaceId {
    # One id for one place, however it is spelled. A key is a place of its own.
    param([string] $Hive, [int] $View, [string] $Path, $Name)
    $parts = @($Hive, [string]$View, $Path, $(if ($null -eq $Name) { 'key' } else { 'value' + [char]0 + $Name }))
    $bytes = [Text.Encoding]::Unicode.GetBytes([string]::Join([char]0, $parts).ToUpperInvariant())
    $hasher = [Security.Cryptography.SHA256]::Create()
    try { return [BitConverter]::ToString($hasher.ComputeHash($bytes)).Replace('-', '').Substring(0, 40) } finally { $hasher.Dispose() }
}

function Test-SameState {
    # The same kind and the same data to the letter, or both absent.
    param([Collections.IDictionary] $Left, [Collections.IDictionary] $Right)
    if ($Left.State -ne 'present' -or $Right.State -ne 'present') { return $Left.State -eq $Right.State -and $Left.State -ne 'unreadable' }
    if ($Left.Kind -ne $Right.Kind) { return $false }
    switch ($Left.Kind) {
        'Key' { return $true }
        'MultiString' {
            if ($Left.Data.Length -ne $Right.Data.Length) { return $false }
            for ($i = 0; $i -lt $Left.Data.Length; $i++) {
                if (-not [string]::Equals($Left.Data[$i], $Right.Data[$i], 'Ordinal')) { return $false }
            }
            return $true
        }
        { $_ -eq 'Binary' -or $_ -eq 'None' } { return [BitConverter]::ToString($Left.Data) -eq [BitConverter]::ToString($Right.Data) }
        { $_ -eq 'DWord' -or $_ -eq 'QWord' } { return $Left.Data -eq $Right.Data }
        default { return [string]::Equals($Left.Data, $Right.Data, 'Ordinal') }
    }
}

function Read-EntryState {
    # What an entry says was there (Previous) or was written (Written, Pending); $null where it doesn't say.
    param([Microsoft.Win32.RegistryKey] $Entry, [string] $What)
    $names = $Entry.GetValueNames()
    if ($names -contains "${What}Absent") { return @{ State = 'absent' } }
    if ($names -notcontains $What) { return $null }
    return Read-EntryValue -Entry $Entry -What $What -IsKey ($names -notcontains 'Name')
}

function Read-EntryValue {
    param([Microsoft.Win32.RegistryKey] $Entry, [string] $What, [bool] $IsKey)
    if ($IsKey) { return @{ State = 'present'; Kind = 'Key'; Data = $null } }
    try {
        $kind = [string]$Entry.GetValueKind($What)
        $data = $Entry.GetValue($What, $null, 'DoNotExpandEnvironmentNames')
    } catch {
        return @{ State = 'unreadable' }
    }
    if (-not $DataTypes.ContainsKey($kind) -or $data -isnot $DataTypes[$kind]) { return @{ State = 'unreadable' } }
    return @{ State = 'present'; Kind = $kind; Data = $data }
}

function Test-ChangedSince {
    # Whether policyc wrote here and somebody else has changed it since: Group Policy, tamper protection, a person.
    param([string] $Hive, [int] $View, [string] $Path, $Name, [Collections.IDictionary] $State)
    $id = Get-PlaceId -Hive $Hive -View $View -Path $Path -Name $Name
    $entry = (Open-Root -Hive 'HKLM' -View 64).OpenSubKey("$JournalPath\$id", $false)
    if ($null -eq $entry) { return $false }
    try { return $null -ne $entry.GetValue('Complete') -and -not (Test-Ours -Entry $entry -State $State) } finally { $entry.Dispose() }
}

function Test-Ours {
    # Whether what is there is what policyc wrote, or had before it wrote.
    param([Microsoft.Win32.RegistryKey] $Entry, [Collections.IDictionary] $State)
    foreach ($what in 'Written', 'Pending', 'Previous') {
        $known = Read-EntryState -Entry $Entry -What $what
        if ($null -ne $known -and (Test-SameState -Left $known -Right $State)) {
            # The previous value counts only while nothing was written yet: a run was killed in between.
            return $what -ne 'Previous' -or $Entry.GetValueNames() -contains 'Pending' -or $Entry.GetValueNames() -contains 'PendingAbsent'
        }
    }
    return $false
}

# An entry, and whether it can be trusted. Its seal (a format number, then a digest) is over what never changes in it: where, what was
# there before, how it is undone. Its owners have a digest of their own among them, as they change, and as older scripts join behind it.
function Get-Digest {
    # Of each part with its length, so that no two lists give one text.
    param([string[]] $Parts)
    $text = -join @(foreach ($part in $Parts) { "$($part.Length):$part" })
    $bytes = [byte[]]::new(2 * $text.Length)
    [Buffer]::BlockCopy($text.ToCharArray(), 0, $bytes, 0, $bytes.Length)
    $hasher = [Security.Cryptography.SHA256]::Create()
    try { return [BitConverter]::ToString($hasher.ComputeHash($bytes)).Replace('-', '') } finally { $hasher.Dispose() }
}

function Get-StatePart {
    # A state as parts of a digest.
    param([Collections.IDictionary] $State)
    if ($State.State -ne 'present') { return $State.State }
    $State.Kind
    switch ($State.Kind) {
        'Key' { break }
        'MultiString' { $State.Data }
        { $_ -eq 'Binary' -or $_ -eq 'None' } { [BitConverter]::ToString($State.Data) }
        { $_ -eq 'DWord' -or $_ -eq 'QWord' } { $State.Data.ToString([Globalization.CultureInfo]::InvariantCulture) }
        default { $State.Data }
    }
}

function Get-Seal {
    param([Collections.IDictionary] $Entry)
    $parts = @($Entry.Id.ToUpperInvariant(), $Entry.Hive, [string]$Entry.View, $Entry.Path)
    if ($null -ne $Entry.Name) { $parts += 'Name', $Entry.Name }
    $parts += [string]$Entry.Sensitive, [string]$Entry.ClearOnUndo
    return '2:' + (Get-Digest -Parts ($parts + @(Get-StatePart -State $Entry.Previous)))
}

function Get-WrittenSeal {
    param([string] $Id, [Collections.IDictionary] $State)
    return Get-Digest -Parts (@($Id.ToUpperInvariant()) + @(Get-StatePart -State $State))
}

function Get-OwnerDigest {
    param([string] $Id, [string[]] $Owners)
    return 'sha256:' + (Get-Digest -Parts (@($Id.ToUpperInvariant()) + $Owners))
}

function Test-OwnOwner {
    # Ours is what this collection is called, and what it was called before.
    param([string] $Owner)
    return $Owner -ceq $Collection -or [Array]::IndexOf($Adopts, $Owner) -ge 0
}

function Select-OtherOwner {
    param([string[]] $Owners)
    foreach ($owner in $Owners) { if (-not (Test-OwnOwner -Owner $owner)) { $owner } }
}

function Read-Owner {
    # Who relies on the place: Sealed stands before the digest, Older behind it, as older scripts know none. Whether that can be trusted.
    param([Microsoft.Win32.RegistryKey] $Key, [Collections.IDictionary] $Entry)
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
    if ([string]::Join('', [string[]]$Entry.Older) -match '[/:]') { return $false }
    if (-not $digest) { return $null -eq $Entry.Seal -and $Entry.Older.Length -gt 0 }
    return $Entry.Sealed.Length -gt 0 -and $digest -ceq (Get-OwnerDigest -Id $Entry.Id -Owners $Entry.Sealed)
}

function Write-Owner {
    # One write, so that a killed run leaves owners and a digest that fit. What only older scripts hold is in their form again.
    param([Microsoft.Win32.RegistryKey] $Key, [string] $Id, [string[]] $Sealed, [string[]] $Older)
    $owners = $Older
    if ($Sealed.Length) {
        $owners = $Sealed + (Get-OwnerDigest -Id $Id -Owners $Sealed) + $Older
    } else {
        $Key.DeleteValue('Seal', $false)
    }
    $Key.SetValue('Owners', [string[]]$owners, 'MultiString')
}

function Read-Entry {
    # An entry as an object. Problem says why it can't be trusted; Rest, that a run was killed before it was whole: it stands for no change.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Id)
    $entry = @{
        Id = $Id; Problem = ''; Rest = $false; Hive = ''; View = 0; Path = ''; Name = $null; Sensitive = $false; ClearOnUndo = $false
        Previous = $null; Known = @(); WrittenAltered = $false; Seal = $null; Sealed = @(); Older = @(); OwnersKnown = $false
    }
    $key = $Journal.OpenSubKey($Id, $false)
    try {
        $names = [Collections.Generic.HashSet[string]]::new($key.GetValueNames(), [StringComparer]::OrdinalIgnoreCase)
        if ($names.Contains('Complete')) {
            $entry.Problem = Read-CompleteEntry -Key $key -Names $names -Entry $entry
        } elseif ([Array]::IndexOf([string[]]@($Journal.GetValue('Making')), $Id) -ge 0) {
            $entry.Rest = $true
        } elseif ($names.Count -and -not ($names.Contains('Seal') -or $names.Contains('Written') -or $names.Contains('WrittenAbsent'))) {
            # Older scripts don't say what they are making.
            $entry.Rest = $true
        } else {
            $entry.Problem = 'it is not whole, and no run was making it'
        }
    } catch {
        $entry.Problem = "it cannot be read: $($_.Exception.GetBaseException().Message)"
    } finally {
        if ($null -ne $key) { $key.Dispose() }
    }
    return $entry
}

function Read-CompleteEntry {
    # Fills the entry; gives what is wrong with it.
    param([Microsoft.Win32.RegistryKey] $Key, [Collections.Generic.HashSet[string]] $Names, [Collections.IDictionary] $Entry)
    $field = @{}
    foreach ($one in @{ Hive = 'String'; View = 'DWord'; Key = 'String'; Name = 'String'; Seal = 'String' }.GetEnumerator()) {
        $field[$one.Key] = if ($Names.Contains($one.Key) -and [string]$Key.GetValueKind($one.Key) -eq $one.Value) { $Key.GetValue($one.Key) }
    }
    $Entry.Seal = if ($Names.Contains('Seal')) { [string]$field.Seal }
    $Entry.OwnersKnown = $Names.Contains('Owners') -and (Read-Owner -Key $Key -Entry $Entry)
    $Entry.Sensitive = $Names.Contains('Sensitive')
    $Entry.ClearOnUndo = $Names.Contains('ClearOnUndo')
    if ($field.Hive -cnotin 'HKLM', 'HKU' -or $field.View -isnot [int] -or $field.View -notin 32, 64 -or -not $field.Key) { return 'it does not say where' }
    if ($Names.Contains('Name') -and $null -eq $field.Name) { return 'it does not say which value' }
    $Entry.Hive = $field.Hive
    $Entry.View = $field.View
    $Entry.Path = $field.Key
    $Entry.Name = $field.Name
    if ((Get-PlaceId -Hive $Entry.Hive -View $Entry.View -Path $Entry.Path -Name $Entry.Name) -ne $Entry.Id) { return 'it is the entry of another place than it says' }
    if (-not $Entry.OwnersKnown) { return 'it does not say who relies on it' }
    $Entry.Previous = Read-EntryState -Entry $Key -What 'Previous'
    if ($null -eq $Entry.Previous) { return 'it does not say what was there before' }
    if ($Names.Contains('Previous') -and $Names.Contains('PreviousAbsent')) { return 'it says that something was there before, and that nothing was' }
    if ($Entry.Previous.State -eq 'present' -and $null -eq $Entry.Name) { return 'it says that a key was there before it was made' }
    if ($Entry.Previous.State -eq 'unreadable') { return 'what was there before does not fit its kind' }
    if ($null -ne $Entry.Seal) {
        if ($Entry.Seal -match '\A[0-9]+:' -and -not $Entry.Seal.StartsWith('2:', 'Ordinal')) { return "it has the format $($Entry.Seal.Split(':')[0]), which this script does not know" }
        if ($Entry.Seal -cne (Get-Seal -Entry $Entry)) { return 'it does not hold what was sealed' }
    }
    return ''
}

# Users whose profile has left the device. Profiles that roam leave the list at sign-out and come back, so their entries are kept until
# they haven't been seen for long: the journal's key holds a day for each user, renewed once a week.
$DaysUnseen = 180

function Get-UserOf {
    # The user whose hive a place is in; '' where that is no user's who signs in.
    param([string] $Hive, [string] $Path)
    $sid = $Path.Split('\')[0]
    if ($Hive -eq 'HKU' -and $sid -match '\AS-1-(5-21|12-1)-[0-9]+-[0-9]+-[0-9]+-[0-9]+\z') { return $sid }
    return ''
}

function Test-Gone {
    # Neither signed in nor in the list of profiles, where Windows keeps a broken one under another name.
    param([string] $Sid)
    if (Test-Loaded -Path $Sid) { return $false }
    $list = (Open-Root -Hive 'HKLM' -View 64).OpenSubKey('SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList', $false)
    if ($null -eq $list) { return $false }
    try {
        foreach ($name in $list.GetSubKeyNames()) {
            if ($name -eq $Sid -or $name -eq "$Sid.bak") { return $false }
        }
    } finally {
        $list.Dispose()
    }
    return $true
}

function Get-DaysUnseen {
    # How many days ago a user was seen; -1 where that isn't known.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Sid)
    $seen = [DateTime]::MinValue
    if (-not [DateTime]::TryParseExact([string]$Journal.GetValue("Seen $Sid"), 'yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture, 'None', [ref]$seen)) { return -1 }
    # A day to come is a clock's that was wrong.
    return [Math]::Max(-1, [int]([DateTime]::UtcNow.Date - $seen).TotalDays)
}

function Write-SeenDay {
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Sid)
    $Journal.SetValue("Seen $Sid", [DateTime]::UtcNow.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture), 'String')
}

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
    $journal = (Open-Root -Hive 'HKLM' -View 64).OpenSubKey($JournalPath, $false)
    if ($null -eq $journal) { return $found }
    try {
        foreach ($id in $journal.GetSubKeyNames()) {
            $entry = Read-Entry -Journal $journal -Id $id
            # What a killed run began stands for no change; what was a user's left with their profile.
            if ($entry.Rest) { continue }
            if (-not $entry.OwnersKnown) { $found.Broken = $id; continue }
            $sid = Get-UserOf -Hive $entry.Hive -Path $entry.Path
            if ($sid -and (Test-Gone -Sid $sid)) { continue }
            foreach ($owner in @($entry.Sealed) + @($entry.Older)) {
                $name = Get-OwnName -Owner $owner
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

$found = Read-Left
if ($found.Broken -and $found.Left.Count -eq 0) {
    throw "policyc: the entry $($found.Broken) of the journal does not say whose it is, so nobody can say whether anything is left behind. rollback.ps1 -ShowEntry $($found.Broken) shows it."
}
$line = 'Compliant'
if ($found.Left.Count) { $line = Join-Name -Line 'NonCompliant: ' -Names @($found.Left) }
if ($found.Others.Count) { $line = Join-Name -Line "$line; others: " -Names @($found.Others) }
Write-Output -InputObject $line
