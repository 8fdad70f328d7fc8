<#
.SYNOPSIS
    Brings back what was there before the collection changed this device, for Intune: the remediation script of its rollback.
.DESCRIPTION
    Works from the device's journal: every place of this collection goes back, but what somebody else has changed since. Each is in the log.
    Writes one line. Ends with 0 where all went back or is kept for another collection, 1 where something is left, 2 where it could not do
    its work, 6 where the journal has a broken entry, 1618 where another run was busy.
.NOTES
    For the collection everywhere, made by policyc from everywhere.yaml: change it there, not here.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Kept = @(
    @{ Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'; Name = 'AllowSampleCollection' }
    @{ Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection\DeviceTagging'; Name = 'Group' }
    @{ Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient'; Name = 'EnableMulticast' }
    @{ Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security'; Name = 'MaxSize' }
    @{ Of = 'EnvironmentVariable'; Place = 'Path' }
)
$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/everywhere'
$Adopts = ([string[]]@('everywhere'))
$LogName = 'policyc-everywhere-8ee4ffd4.log'

#region policyc engine, SHA-256 1387cb094113c97ca8aa33ca4b8254d21f58b4b7e90b9e6cbe5f5f9a1957ec30
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

function Assert-Time {
    # The client ends a compliance script after 60 seconds: what isn't reached by then is said, not lost.
    param([double] $Share)
    if ($Clock.Elapsed.TotalSeconds -gt $Share * $TimeLimit) { throw "it was not reached in the $TimeLimit seconds that this script takes" }
}

$LogFolder = @{ Path = ''; Problem = '' }

function Get-FolderProblem {
    # Why a folder that was there already is not ours to use, by its attributes and owner; empty where it is.
    param([IO.FileAttributes] $Attributes, [string] $Owner, [string] $User)
    if ($Attributes -band [IO.FileAttributes]::ReparsePoint) { return 'it is a link to another place' }
    # SYSTEM, Administrators, TrustedInstaller, or who runs this.
    $trusted = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', $User
    if ([Array]::IndexOf($trusted, $Owner) -lt 0) { return "it belongs to $Owner, who is neither SYSTEM nor Administrators" }
    return ''
}

function Get-LogFolder {
    # %windir%\Logs\policyc, closed to all but SYSTEM and administrators: elsewhere SYSTEM would follow the links of others,
    # and read what others have put there. Throws where it can't be trusted.
    if ($LogFolder.Problem) { throw $LogFolder.Problem }
    if ($LogFolder.Path) { return $LogFolder.Path }
    $path = [IO.Path]::Combine([Environment]::GetFolderPath('Windows'), 'Logs\policyc')
    try {
        $info = [IO.DirectoryInfo]::new($path)
        $security = [Security.AccessControl.DirectorySecurity]::new()
        $security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
        # .NET Framework has these as methods of the folder, .NET as functions of this class.
        $beside = 'System.IO.FileSystemAclExtensions' -as [type]
        if (-not $info.Exists) {
            if ($beside) { $beside::Create($info, $security) } else { $info.Create($security) }
            $info.Refresh()
        }
        $sections = 'Owner, Access'
        $found = if ($beside) { $beside::GetAccessControl($info, $sections) } else { $info.GetAccessControl($sections) }
        $owner = $found.GetOwner([Security.Principal.SecurityIdentifier]).Value
        $problem = Get-FolderProblem -Attributes $info.Attributes -Owner $owner -User ([Security.Principal.WindowsIdentity]::GetCurrent().User.Value)
        if ($problem) { throw $problem }
        # One that an older release made lets users read, and so hold, what is in it.
        if (-not $found.AreAccessRulesProtected) {
            if ($beside) { $beside::SetAccessControl($info, $security) } else { $info.SetAccessControl($security) }
        }
    } catch {
        $LogFolder.Problem = "the folder $path can't be used: $($_.Exception.GetBaseException().Message)"
        throw $LogFolder.Problem
    }
    $LogFolder.Path = $path
    return $path
}

function Write-PolicyLog {
    # A line in the form that CMTrace reads. Type 2 is a warning, 3 an error.
    param([string] $Message, [int] $Type = 1)
    try {
        $file = [IO.FileInfo]::new([IO.Path]::Combine((Get-LogFolder), $LogName))
        if ($file.Exists -and $file.Length -gt 1000000) {
            $old = [IO.Path]::ChangeExtension($file.FullName, '.lo_')
            [IO.File]::Delete($old)
            [IO.File]::Move($file.FullName, $old)
        }
        $now = [DateTime]::Now
        $form = '<![LOG[{0}]LOG]!><time="{1:HH:mm:ss.fff}{2:+000;-000;+000}" date="{1:MM-dd-yyyy}" component="policyc" context="" type="{3}" thread="{4}" file="">{5}'
        $text = (ConvertTo-VisibleText -Text $Message -Hidden '[^ -~]').Replace(']LOG]!', ']LOG] !')
        $bias = -[int][TimeZoneInfo]::Local.GetUtcOffset($now).TotalMinutes
        $parts = @($text, $now, $bias, $Type, [Threading.Thread]::CurrentThread.ManagedThreadId, [Environment]::NewLine)
        [IO.File]::AppendAllText($file.FullName, [string]::Format([Globalization.CultureInfo]::InvariantCulture, $form, $parts))
    } catch {
        # A full or locked log must not keep a device from its policy.
        Write-Verbose -Message "The log could not be written: $($_.Exception.Message)"
    }
}

$LockSeconds = 20

function Lock-Journal {
    # One run at a time on a device, whichever estate it is of: two would take each other's values for previous ones. A file that is
    # held open and lies where only administrators open files: no user can hold it, and Windows lets go of it when a run is killed.
    $path = [IO.Path]::Combine((Get-LogFolder), 'policyc.lock')
    $waited = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        try {
            return [IO.FileStream]::new($path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::ReadWrite, [IO.FileShare]::None)
        } catch {
            # 32, a sharing violation: somebody has it open.
            if (($_.Exception.GetBaseException().HResult -band 0xFFFF) -ne 32) { throw }
        }
        if ($waited.Elapsed.TotalSeconds -ge $LockSeconds) { break }
        [Threading.Thread]::Sleep(200)
    }
    $busy = "policyc: another run has been busy on this device for $LockSeconds seconds; nothing was changed"
    Write-PolicyLog -Message $busy -Type 2
    throw [TimeoutException]::new($busy)
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

function Open-Place {
    # The key of a place, to be closed again, with the names of its values. Key is $null where there is none.
    param($Place)
    $key = (Open-Root $Place.Hive $Place.View).OpenSubKey($Place.Path, $false)
    if (-not $key) {
        if ($Place.Hive -eq 'HKU' -and -not (Test-Loaded $Place.Path)) { throw 'the hive is not loaded' }
        return @{ Key = $null }
    }
    return @{ Key = $key; Names = [Collections.Generic.HashSet[string]]::new($key.GetValueNames(), [StringComparer]::OrdinalIgnoreCase) }
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

function Read-Place {
    # What is there now, as Read-Value gives it. A place is a value: Hive, View, Path, Name; or a key, where its Name is $null; or, of the
    # kind in Of, its Name.
    param($Place)
    if ($Place['Of']) { return & "Read-$($Place.Of)" -Place $Place.Name }
    $opened = @{ Key = $null }
    try {
        $opened = Open-Place $Place
        return Read-Value $opened $Place.Name
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    } finally {
        # An open key would keep a user's hive from being unloaded.
        if ($opened.Key) { $opened.Key.Dispose() }
    }
}

function Write-Value {
    # .NET flushes a hive only through a key in which it has set something: what is deleted is set to what it is before.
    param($Key, [string] $Name, $Current, $Next)
    $set = if ($Next.State -eq 'present') { $Next } else { $Current }
    if ($set.State -eq 'present') { $Key.SetValue($Name, $set.Data, $set.Kind) }
    if ($Next.State -eq 'absent') { $Key.DeleteValue($Name, $false) }
}

function Add-HiveToFlush {
    # One key a hive is enough: Windows brings the whole hive to the disk.
    param($Hives, $Place, $Key)
    $at = "$($Place.Hive) $($Place.Path.Split('\')[0])"
    if ($Hives.Contains($at)) { $Key.Dispose() } else { $Hives[$at] = $Key }
}

function Sync-Hive {
    # Brings the hives to the disk, and closes their keys.
    param($Hives)
    foreach ($changed in $Hives.Values) {
        $changed.Flush()
        $changed.Dispose()
    }
}

function ConvertTo-VisibleText {
    # Line ends, control characters (a console obeys some), and what is invisible or turns the direction of writing, as \u and four digits.
    param([string] $Text, [string] $Hidden = '[\p{C}\p{Zl}\p{Zp}]')
    return [regex]::Replace($Text, $Hidden, { param($Match) '\u{0:x4}' -f [int]$Match.Value[0] })
}

function ConvertTo-Number {
    # DWORD and QWORD are unsigned in their width; .NET gives them signed.
    param([string] $Kind, $Data)
    if ($Data -ge 0) { return [decimal]$Data }
    return [decimal]$Data + $(if ($Kind -eq 'DWord') { 4294967296 } else { 18446744073709551616 })
}

function Format-Text {
    # Cut before it is put together: whoever wrote the data may have written many megabytes.
    param([string] $Text)
    return '"' + $Text.Substring(0, [Math]::Min($Text.Length, 121)) + '"'
}

function Format-Data {
    # Data for people, of a value or of the table, where bytes stand in hex.
    param([string] $Kind, $Data)
    $text = if ($Data -is [byte[]]) {
        [BitConverter]::ToString($Data, 0, [Math]::Min($Data.Length, 61)).Replace('-', '')
    } elseif ($Data -is [string[]]) {
        '{' + [string]::Join('; ', @(for ($i = 0; $i -lt $Data.Length -and $i -lt 99; $i++) { Format-Text $Data[$i] })) + '}'
    } elseif ($Kind -eq 'Binary') {
        $Data
    } elseif ($Data -is [string]) {
        Format-Text $Data
    } else {
        [string](ConvertTo-Number $Kind $Data)
    }
    if (-not $text) { return 'empty' }
    if ($text.Length -gt 120) { $text = $text.Substring(0, 120) + '...' }
    return ConvertTo-VisibleText -Text $text
}

function Format-State {
    # What is there, for people. Of is the kind of setting that it is a state of, if not the registry's.
    param($State, $Sensitive, [string] $Of)
    if ($State.State -eq 'unreadable') { return "unreadable ($($State.Failure))" }
    if ($Of) { return $(if ($Sensitive) { '(masked)' } else { ConvertTo-VisibleText (& "Format-${Of}State" -State $State) }) }
    if ($State.State -eq 'absent' -or $State.Kind -eq 'Key') { return $State.State }
    $text = if ($Sensitive) { '(masked)' } else { Format-Data $State.Kind $State.Data }
    return "$text [$($State.Kind)]"
}

function Format-Place {
    # A key or value, for people.
    param($Place)
    if ($Place['Of']) { return ConvertTo-VisibleText (& "Format-$($Place.Of)Place" -Place $Place.Name) }
    $name = if ($Place.Name) { " : $($Place.Name)" } elseif ($null -ne $Place.Name) { ' : (Default)' }
    return ConvertTo-VisibleText "$($Place.Hive)\$($Place.Path)$name$(if ($Place.View -eq 32) { ' (32-bit view)' })"
}

# What the engine does with settings of other kinds than the registry's. A kind has its own functions, named after it (docs/architecture.md).
function Get-OtherPlace {
    # The place of a row: Of and Name say all of it.
    param($Row)
    return @{ Of = $Row.Of; Hive = ''; View = 0; Path = ''; Name = $Row.Place }
}

function Test-Altered {
    # Whether a change left something else than what was there before. What a tool says proves nothing, so its Failure comes from here.
    param($Change)
    $now = try { Read-Place $Change } catch { @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message } }
    if (Test-SameState $now $Change.Next) {
        $Change.Failure = ''
        return $true
    }
    if (-not $Change.Failure) { $Change.Failure = "It is $(Format-State $now $Change.Sensitive $Change.Of) all the same" }
    if (Test-SameState $now $Change.Previous) { return $false }
    # What came of it is what a rollback will find; where that can't be read, it is likely what was meant.
    if ($now.State -ne 'unreadable') { $Change.Next = $now }
    return $true
}

function Invoke-OtherChange {
    # Changes of any kinds, those of a kind by one call, and what has come of each: Failure, and whether it is Altered.
    param([object[]] $Changes)
    $kinds = [Collections.Specialized.OrderedDictionary]::new()
    foreach ($change in $Changes) {
        if ($change.Failure) { continue }
        if (-not $kinds.Contains($change.Of)) { $kinds[$change.Of] = [Collections.Generic.List[object]]::new() }
        $kinds[$change.Of].Add($change)
    }
    foreach ($of in $kinds.Keys) {
        $together = $kinds[$of].ToArray()
        try {
            $null = & "Write-$of" -Changes $together
        } catch {
            foreach ($change in $together) { $change.Failure = $_.Exception.GetBaseException().Message }
        }
        foreach ($change in $together) { $change.Altered = Test-Altered $change }
    }
}

function Write-Other {
    # The changes of a plan that are of other kinds, behind those of the registry.
    param([object[]] $Changes)
    try {
        Assert-Time 1
    } catch {
        foreach ($change in $Changes) { if (-not $change.Failure) { $change.Failure = $_.Exception.GetBaseException().Message } }
    }
    Invoke-OtherChange $Changes
    foreach ($change in $Changes) {
        foreach ($said in $change.Said) { Write-Change -Id $said.Setting -Text $said.Text -Failure $change.Failure }
    }
}

function Restore-Other {
    # What a rollback brings back of other kinds, behind the registry's.
    param($Results)
    $changes = @(
        foreach ($entry in $Results.Others) {
            @{
                Of = $entry.Of; Hive = ''; View = 0; Path = ''; Name = $entry.Name; Sensitive = $entry.Sensitive; Failure = ''
                Previous = $entry.Current; Next = $entry.Target; Restored = $entry
            }
        }
    )
    Invoke-OtherChange $changes
    foreach ($change in $changes) {
        if (-not $change.Failure) {
            $Results.Settled.Add($change.Restored)
            continue
        }
        $Results.Left.Add($change.Restored)
        Write-Result -Word 'Failed' -Text "$($change.Restored.Shown) could not be restored. $($change.Failure)" -Type 3
    }
}

function Read-Base {
    # What was there before, of a list that others change too: with what they had done until policyc last wrote. Throws where it was altered.
    param($Key, $Entry)
    if ($Key.GetValueNames() -notcontains 'Base') { return $Entry.Previous }
    $list = [string[]]$Key.GetValue('Base')
    $members = [string[]]::new($list.Length - 1)
    [Array]::Copy($list, 1, $members, 0, $members.Length)
    $base = @{ State = 'present'; Kind = 'MultiString'; Data = $members }
    if ($list[0] -cne (Get-Digest $Entry.Id (Get-StatePart $base))) { throw 'what others had done since it was first changed was altered in its entry' }
    return $base
}

function Select-Undone {
    # Of a list, each member that was added or removed goes back, whatever became of the others.
    param($Entry, $Journal)
    $Entry.Previous = Read-Base -Key $Journal.OpenSubKey($Entry.Id, $false) -Entry $Entry
    $undone = & "Get-$($Entry.Of)Undone" -Entry $Entry -Current $Entry.Current
    if ($undone) { $Entry.Target, $Entry.Known = $undone, @($Entry.Current) }
}

function Write-Base {
    # Before a list is changed again: what a rollback would leave by now is what was there before from here on, so that what others
    # did since isn't taken for ours. In one value, so that a run that is killed leaves the former one or this.
    param($Entry, $Change)
    if (-not (Test-Function "Get-$($Change.Of)Undone")) { return }
    $known = @(foreach ($what in 'Written', 'Pending') { Read-EntryState $Entry $what })
    $whole = @{ Id = $Change.Id; Previous = $Change.Known.Previous; Known = @($known.Where({ $null -ne $_ })) }
    $whole.Previous = Read-Base -Key $Entry -Entry $whole
    $base = & "Get-$($Change.Of)Undone" -Entry $whole -Current $Change.Previous
    if ($base -and $base.Kind -eq 'MultiString') { $Entry.SetValue('Base', [string[]](@(Get-Digest $Change.Id (Get-StatePart $base)) + $base.Data), 'MultiString') }
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

# Users whose profile has left the device. Profiles that roam leave the list at sign-out and come back, so their entries are kept until
# they haven't been seen for long: the journal's key holds a day for each user, renewed once a week.
$DaysUnseen = 180

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

function Get-DaysUnseen {
    # How many days ago a user was seen; -1 where that isn't known.
    param($Journal, [string] $Sid)
    $seen = [DateTime]::MinValue
    if (-not [DateTime]::TryParseExact([string]$Journal.GetValue("Seen $Sid"), 'yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture, 'None', [ref]$seen)) { return -1 }
    # A day to come is a clock's that was wrong.
    return [Math]::Max(-1, [int]([DateTime]::UtcNow.Date - $seen).TotalDays)
}

function Write-SeenDay {
    # The user was seen today.
    param($Journal, [string] $Sid)
    $Journal.SetValue("Seen $Sid", [DateTime]::UtcNow.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture), 'String')
}

function Write-Change {
    # What came of a change: a line for the log, and one for a console.
    param([string] $Id, [string] $Text, [string] $Failure)
    if ($Failure) {
        $said = "${Id}: could not change $Text. $Failure"
        Write-PolicyLog -Message $said -Type 3
        return "Failed        $said"
    }
    Write-PolicyLog -Message "${Id}: changed $Text"
    return "Changed       ${Id}: $Text"
}

function Read-WholeEntry {
    # An entry with what was written, or is about to be. A run that was killed may have left two forms of one, but then it says what it was about.
    param($Journal, [string] $Id)
    $entry = Read-Entry $Journal $Id
    if ($entry.Problem -or $entry.Rest) { return $entry }
    $key = $Journal.OpenSubKey($Id, $false)
    $names = $key.GetValueNames()
    $entry.Known = @(
        foreach ($what in 'Written', 'Pending') {
            if ($names -contains $what) { if ($null -eq $entry.Name) { @{ State = 'present'; Kind = 'Key' } } else { Read-Value @{ Key = $key } $what } }
            if ($names -contains "${what}Absent") { @{ State = 'absent' } }
        }
    )
    $seal = [string]$key.GetValue('WrittenSeal')
    $key.Dispose()
    foreach ($known in $entry.Known) {
        if ($known.State -eq 'unreadable') { $entry.Problem = 'what was written does not fit its kind' }
        elseif ($entry.ClearOnUndo -and $known.State -eq 'present' -and $known.Kind -ne 'String' -and $known.Kind -ne 'ExpandString') { $entry.Problem = 'what was written cannot be cleared' }
    }
    if ($entry.Known.Length -eq 0) { $entry.Problem = 'it does not say what was written' }
    if ($entry.Problem -or $names -contains 'Pending' -or $names -contains 'PendingAbsent') { return $entry }
    if ($entry.Known.Length -gt 1) { $entry.Problem = 'it says that something was written, and that nothing was' }
    elseif ($null -ne $entry.Seal) { $entry.WrittenAltered = $seal -cne (Get-Digest $Id (Get-StatePart $entry.Known[0])) }
    return $entry
}

function Restore-Place {
    # Back to what was there before: a word on what came of it. The key of a value goes to those that are flushed.
    param($Entry, $Hives)
    $root = Open-Root $Entry.Hive $Entry.View
    if ($null -eq $Entry.Name) {
        $key = $root.OpenSubKey($Entry.Path, $false)
        if (-not $key) { return 'gone' }
        $used = $key.ValueCount + $key.SubKeyCount
        $key.Dispose()
        if ($used) { return 'in use' }
        $root.DeleteSubKey($Entry.Path, $false)
        return 'removed'
    }
    # With the rights that the act needs, as others may be refused; likewise where a remediation writes.
    $key = $root.OpenSubKey($Entry.Path, 'ReadWriteSubTree', 'QueryValues, SetValue')
    if (-not $key) {
        if ($Entry.Target.State -eq 'absent') { return 'restored' }
        $made = $root.CreateSubKey($Entry.Path, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree)
        $made.Dispose()
        $key = $root.OpenSubKey($Entry.Path, 'ReadWriteSubTree', 'QueryValues, SetValue')
    }
    Write-Value -Key $key -Name $Entry.Name -Current $Entry.Current -Next $Entry.Target
    Add-HiveToFlush -Hives $Hives -Place $Entry -Key $key
    return 'restored'
}

function Get-Target {
    # What is restored. A product may ask for cleared data where there was no value.
    param($Entry)
    if ($Entry.ClearOnUndo -and $Entry.Previous.State -eq 'absent') {
        foreach ($written in $Entry.Known) {
            if ($written.State -eq 'present') { return @{ State = 'present'; Kind = $written.Kind; Data = '' } }
        }
    }
    return $Entry.Previous
}

function Test-Function {
    # Whether this script has a function. What it is called comes from the journal.
    param([string] $Name)
    return $null -ne $ExecutionContext.SessionState.InvokeCommand.GetCommand($Name, 'Function')
}

function Get-Step {
    # What a rollback does with an entry of this collection.
    param($Entry, $Journal, [bool] $EvenIfChanged, [bool] $EvenOfGone)
    if ($Entry.Rest) { return 'forget' }
    if ($Entry.Others.Length) { return 'keep' }
    if ($Entry.Of -and -not (Test-Function "Format-$($Entry.Of)Place")) { return 'unknown' }
    $user = Get-UserOf $Entry
    if ($Entry.Hive -eq 'HKU' -and -not (Test-Loaded $Entry.Path)) {
        if (-not $user -or -not (Test-Gone $user)) { return 'not loaded' }
        $days = Get-DaysUnseen $Journal $user
        if ($EvenOfGone -or $days -gt $DaysUnseen) { return 'drop' }
        # From today on, where nobody has noted a day.
        if ($days -lt 0 -and -not $WhatIfPreference) { Write-SeenDay $Journal $user }
        return 'gone'
    }
    if ($null -eq $Entry.Name) { return 'restore' }
    $Entry.Current = Read-Place $Entry
    $Entry.Target = Get-Target $Entry
    if ($Entry.Current.State -eq 'unreadable') { return 'unreadable' }
    if (Test-Function "Get-$($Entry.Of)Undone") { & 'Select-Undone' -Entry $Entry -Journal $Journal }
    foreach ($known in $Entry.Target, $Entry.Previous) { if (Test-SameState $Entry.Current $known) { return 'forget' } }
    foreach ($known in $Entry.Known) { if (Test-SameState $Entry.Current $known) { return 'restore' } }
    if ($EvenIfChanged) { return 'restore' }
    if ($Entry.WrittenAltered) { return 'altered' }
    return 'changed'
}

function Clear-Owner {
    # This collection relies on the place no more.
    param($Journal, $Entry)
    $key = $Journal.OpenSubKey($Entry.Id, $true)
    Write-Owner -Key $key -Id $Entry.Id -Sealed @(Select-OtherOwner $Entry.Sealed) -Older @(Select-OtherOwner $Entry.Older)
    $key.Dispose()
}

function Format-Owner {
    # A collection, and the first digits of its estate's id. Older scripts left the collection alone.
    param([string] $Owner)
    $at = $Owner.IndexOf('/')
    if ($at -lt 0) { return "$Owner (no estate named)" }
    return "$($Owner.Substring($at + 1)) ($($Owner.Substring(0, [Math]::Min(8, $at))))"
}

function Get-Action {
    # A step in words.
    param($Entry, [string] $Step)
    switch ($Step) {
        'forget' { return 'Forget: it is as it was before' }
        'drop' { return 'Drop: its user has left the device' }
        'keep' { return "Let go, and keep it for $([string]::Join(', ', @(foreach ($owner in $Entry.Others) { Format-Owner $owner })))" }
    }
    if ($null -eq $Entry.Name) { return 'Remove the key if nothing else is in it' }
    return "Restore from $(Format-State $Entry.Current $Entry.Sensitive $Entry.Of) to $(Format-State $Entry.Target $Entry.Sensitive $Entry.Of)"
}

function Write-Result {
    # A line for the console, and one for the log.
    param([string] $Word, [string] $Text, [int] $Type)
    Write-PolicyLog -Message "rollback: $($Word.ToLowerInvariant()): $Text" -Type $Type
    '{0,-9} {1}' -f $Word, $Text
}

function Show-Entry {
    # Everything that an entry holds, and whether it is sound.
    param($Journal, [string] $Id)
    $entry = Read-WholeEntry $Journal $Id
    "Entry $Id"
    $key = $Journal.OpenSubKey($Id, $false)
    foreach ($name in $key.GetValueNames()) {
        $state = Read-Value @{ Key = $key } $name
        if ($state.State -eq 'unreadable') { $state.Failure = [string]$key.GetValueKind($name) }
        $masked = $entry.Sensitive -and $name -in 'Previous', 'Written', 'Pending'
        '  {0,-14} {1}' -f $name, (Format-State $state $masked)
    }
    $key.Dispose()
    if ($entry.Problem) { "Broken: $($entry.Problem)" } elseif ($entry.Rest) { 'A killed run left it; it stands for no change' } else { 'Sound' }
}

function Find-BrokenEntry {
    # Shows or drops one entry, as asked; only what is broken is ever dropped.
    [CmdletBinding(SupportsShouldProcess)]
    param($Journal, [string] $Id, [switch] $Drop)
    if (-not $Journal -or $Journal.GetSubKeyNames() -notcontains $Id) { throw "the journal has no entry $Id" }
    if (-not $Drop) { return Show-Entry -Journal $Journal -Id $Id }
    $problem = (Read-WholeEntry $Journal $Id).Problem
    if (-not $problem) { throw "entry $Id is sound: a rollback restores its place and forgets it" }
    if ($PSCmdlet.ShouldProcess($Id, "Drop the entry: $problem")) {
        $Journal.DeleteSubKeyTree($Id, $false)
        Write-Result -Word 'Dropped' -Text "entry $Id, $problem" -Type 2
    }
}

function Select-Retired {
    # The entries whose place the policy doesn't write any more. A key that was made stays while a kept entry lies in it.
    param([object[]] $Entries)
    $places = [Collections.Generic.HashSet[string]]::new()
    foreach ($row in $Kept) {
        $place = if ($row['Of']) {
            & 'Get-OtherPlace' -Row $row
        } else {
            $hive, $path = $row.Key.Split([char[]]'\', 2)
            @{ Hive = $hive; View = $(if ($row['View']) { 32 } else { 64 }); Path = $path; Name = $row['Name'] }
        }
        $null = $places.Add("$(if ($row['Only']) { 'list ' })$(Get-PlaceId $place)")
    }
    $needed = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    $others = [Collections.Generic.List[object]]::new()
    foreach ($entry in $Entries) {
        if ($entry.Rest) {
            $entry
            continue
        }
        $at = @{ Of = $entry.Of; Hive = $entry.Hive; View = $entry.View; Path = $entry.Path; Name = $entry.Name }
        if ($at.Hive -eq 'HKU' -and $at.Path -match '\AS-1-(5-21|12-1)-') {
            # The policy names the place below HKCU, for all users alike. Accounts of Windows itself it names by their own hive.
            $at.Hive = 'HKCU'
            $at.Path = $at.Path.Substring($at.Path.IndexOf('\') + 1)
        }
        $named = $places.Contains((Get-PlaceId $at))
        if (-not $named -and $null -ne $at.Name) {
            # Of some keys the policy says all values.
            $at.Name = $null
            $named = $places.Contains("list $(Get-PlaceId $at)")
        }
        if (-not $named) {
            $others.Add($entry)
            continue
        }
        for ($above = $entry.Path; $above; $above = $above.Substring(0, [Math]::Max(0, $above.LastIndexOf('\')))) {
            if (-not $needed.Add("$($entry.Hive) $($entry.View) $above")) { break }
        }
    }
    foreach ($entry in $others) {
        if ($null -ne $entry.Name -or -not $needed.Contains("$($entry.Hive) $($entry.View) $($entry.Path)")) { $entry }
    }
}

function Read-Journal {
    # The entries of this collection, each with its other owners. Those that are broken go to Broken, and are told.
    param($Journal, $Broken)
    if (-not $Journal) { return }
    foreach ($id in $Journal.GetSubKeyNames()) {
        $entry = Read-WholeEntry $Journal $id
        $entry.Others = @(Select-OtherOwner ($entry.Sealed + $entry.Older))
        $ours = $entry.Others.Length -ne $entry.Sealed.Length + $entry.Older.Length
        # One that a killed run has begun stands for no change, whoever began it, and may not have come to name its owner.
        if (-not $entry.Problem -and ($ours -or $entry.Rest)) { $entry }
        # A broken one that can't be trusted to say whose it is, every collection tells of.
        if (-not $entry.Problem -or -not ($ours -or -not $entry.OwnersKnown)) { continue }
        $Broken.Add($entry)
        $text = "policyc: entry $id of the journal is broken, $($entry.Problem); nothing was done with it. rollback.ps1 -ShowEntry and -DropEntry take its id"
        Write-PolicyLog -Message $text -Type 3
        Write-Error -ErrorAction Continue -Message $text
    }
}

function Get-Order {
    # Values first, then the keys that were made for them, the deepest first.
    param([object[]] $Entries)
    foreach ($entry in $Entries) { if ($entry.Rest -or $null -ne $entry.Name) { $entry } }
    for ($depth = 512; $depth -gt 0; $depth--) {
        foreach ($entry in $Entries) { if (-not $entry.Rest -and $null -eq $entry.Name -and $entry.Path.Split('\').Length -eq $depth) { $entry } }
    }
}

function Test-Waiting {
    # Whether a key that isn't empty waits for what is left in it. A broken entry may be of a place in it.
    param($Entry, $Results)
    if ($Results.Broken.Count) { return $true }
    foreach ($one in $Results.Left) {
        if ($one.Hive -eq $Entry.Hive -and $one.View -eq $Entry.View -and "$($one.Path)\".StartsWith("$($Entry.Path)\", 'OrdinalIgnoreCase')) { return $true }
    }
    return $false
}

$Stays = @{
    'changed'    = 'was changed by someone else since policyc wrote it; -Force restores it all the same'
    'altered'    = 'holds neither what was there before nor what its entry says was written, and that was altered; -Force restores it all the same'
    'unreadable' = 'cannot be read, and is never changed'
    'unknown'    = 'is of a kind of setting that this script does not know; a rollback.ps1 that today''s policyc has compiled for the collection knows it'
    'not loaded' = 'belongs to a user who is not signed in; run again when the hive is loaded'
}

function Test-Forced {
    # Names what only -Force restores, and by whose name it stands in the journal, before anything is changed. Throws where that is too much.
    param([object[]] $Entries, $Journal, [int] $AtMost)
    $forced = 0
    foreach ($entry in $Entries) {
        if ($entry.Rest -or $null -eq $entry.Name) { continue }
        # A place that can't be looked at is told of when its turn comes.
        try { $step = Get-Step -Entry $entry -Journal $Journal -EvenIfChanged $false -EvenOfGone $false } catch { continue }
        if ($step -ne 'changed' -and $step -ne 'altered') { continue }
        $forced++
        Write-Result -Word 'Forced' -Text "$(Format-Place $entry), of $Collection. It was changed by someone else since policyc wrote it" -Type 2
    }
    if ($forced -gt $AtMost) { throw "$forced places were changed by someone else, and -Force may restore $AtMost. Nothing was changed. Where all of them shall go back: -ForceAtMost $forced" }
}

function Undo-Entry {
    # Brings the place of an entry back; those whose entry can then go are given to Settled.
    [CmdletBinding(SupportsShouldProcess)]
    param($Entry, $Journal, $Results, [bool] $EvenIfChanged, [bool] $EvenOfGone)
    $Entry.Shown = if ($Entry.Rest) { $Entry.Id } elseif ($Entry.Of) { "$($Entry.Of) $($Entry.Name)" } else { Format-Place $Entry }
    try {
        $Entry.Step = Get-Step -Entry $Entry -Journal $Journal -EvenIfChanged $EvenIfChanged -EvenOfGone $EvenOfGone
        if ($Entry.Of -and $Entry.Step -ne 'unknown' -and -not $Entry.Rest) { $Entry.Shown = Format-Place $Entry }
        if ($Stays.ContainsKey($Entry.Step)) {
            $Results.Left.Add($Entry)
            return Write-Result -Word 'Left' -Text "$($Entry.Shown), it $($Stays[$Entry.Step])" -Type 2
        }
        if ($Entry.Step -eq 'gone') {
            $Results.Gone++
            return
        }
        $Entry.Action = Get-Action $Entry $Entry.Step
        if (-not $PSCmdlet.ShouldProcess($Entry.Shown, $Entry.Action)) { return }
        if ($Entry.Step -eq 'restore' -and $Entry.Of) { return $Results.Others.Add($Entry) }
        if ($Entry.Step -eq 'restore' -and (Restore-Place -Entry $Entry -Hives $Results.Hives) -eq 'in use') {
            if (Test-Waiting -Entry $Entry -Results $Results) {
                $Results.Left.Add($Entry)
                return
            }
            $Entry.Action = 'Left the key: something else is in it'
        }
        $Results.Settled.Add($Entry)
    } catch {
        $Results.Left.Add($Entry)
        Write-Result -Word 'Failed' -Text "$($Entry.Shown) could not be restored. $($_.Exception.GetBaseException().Message)" -Type 3
    }
}

function Complete-Undo {
    # The entry of a place that went back goes too; of one that stays for another collection, this owner does.
    param($Entry, $Journal, $Results)
    try {
        $text = "$($Entry.Shown). $($Entry.Action)"
        if ($Entry.Step -eq 'keep') {
            Clear-Owner -Journal $Journal -Entry $Entry
            $Results.Kept++
            Write-Result -Word 'Kept' -Text $text -Type 2
        } else {
            $Journal.DeleteSubKeyTree($Entry.Id, $false)
            $Results.Done++
            Write-Result -Word 'Done' -Text $text -Type 1
        }
    } catch {
        $Results.Left.Add($Entry)
        Write-Result -Word 'Failed' -Text "the entry of $($Entry.Shown) could not be changed. $($_.Exception.GetBaseException().Message)" -Type 3
    }
}

$JournalHome = 'SOFTWARE\policyc'

function Close-Journal {
    # The journal's key goes with its last entry, and the one above it if nothing else is there.
    param($Root, $Journal)
    $Journal.DeleteValue('Making', $false)
    $empty = $Journal.SubKeyCount -eq 0
    $Journal.Dispose()
    if (-not $empty) { return }
    $Root.DeleteSubKey($JournalPath, $false)
    $parent = $Root.OpenSubKey($JournalHome, $false)
    $empty = $parent.SubKeyCount + $parent.ValueCount -eq 0
    $parent.Dispose()
    if ($empty) { $Root.DeleteSubKey($JournalHome, $false) }
}

function Invoke-Rollback {
    # All places go back, then their hives to the disk, then the entries. All entries are read before the first write.
    param($Results, [switch] $OnlyRetired, [bool] $EvenIfChanged, [int] $AtMost, [bool] $EvenOfGone, [string] $ShowEntry, [string] $DropEntry)
    $lock = $null
    try {
        if (-not $WhatIfPreference) { $lock = Lock-Journal }
        $root = Open-Root 'HKLM' 64
        $journal = $root.OpenSubKey($JournalPath, $true)
        if ($ShowEntry -or $DropEntry) { return Find-BrokenEntry -Journal $journal -Id "$ShowEntry$DropEntry" -Drop:([bool]$DropEntry) }
        $entries = @(Read-Journal -Journal $journal -Broken $Results.Broken)
        $Results.All = $entries.Length
        if ($OnlyRetired) { $entries = @(Select-Retired $entries) }
        $Results.Chosen = $entries.Length
        if ($EvenIfChanged) { Test-Forced -Entries $entries -Journal $journal -AtMost $AtMost }
        foreach ($entry in @(Get-Order $entries)) { Undo-Entry -Entry $entry -Journal $journal -Results $Results -EvenIfChanged $EvenIfChanged -EvenOfGone $EvenOfGone }
        Sync-Hive $Results.Hives
        if ($Results.Others.Count) { & 'Restore-Other' -Results $Results }
        foreach ($entry in $Results.Settled) { Complete-Undo -Entry $entry -Journal $journal -Results $Results }
        if ($journal -and -not $WhatIfPreference) { Close-Journal -Root $root -Journal $journal }
    } finally {
        if ($lock) { $lock.Dispose() }
    }
}

function Format-Reason {
    # Why nothing could be said, as that line: in ASCII, whatever Windows says.
    param([string] $Text)
    $line = ConvertTo-VisibleText -Text "NotJudged: $Text" -Hidden '[^ -~]'
    return $line.Substring(0, [Math]::Min($line.Length, 2048))
}

# Environment variables of the machine, as the registry keeps them: .NET's own way to set one loses its type.
$EnvironmentKey = 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'

function Get-VariableState {
    # Type and text as a state: the text in parts, each up to a semicolon and with it, so that none is empty.
    param([string] $Type, [string] $Text)
    return @{ State = 'present'; Kind = 'MultiString'; Data = [string[]]@($Type; foreach ($part in [regex]::Matches($Text, '[^;]*;|[^;]+')) { $part.Value }) }
}

function Get-VariableText {
    # The text of a state, to the letter; empty where there is none.
    param($State)
    if ($State.State -ne 'present') { return '' }
    return [string]::Join('', $State.Data, 1, $State.Data.Length - 1)
}

function Get-EntryKey {
    # What tells entries apart: Windows minds neither capitals nor quotes, nor a backslash at the end. An empty one is none.
    param([string[]] $Entries)
    return @(foreach ($entry in $Entries) { $entry.Trim(' ').Trim('"').TrimEnd('\').ToUpperInvariant() }).Where({ $_ })
}

function Get-ListedEntry {
    # The entries of a text as they stand, the empty ones too.
    param([string] $Text)
    if ($Text) { return $Text.Split(';') }
}

function Join-Entry {
    # The text without some entries, and behind it those that it lacks. All else stays as it is.
    param([string] $Text, [string[]] $Without, [string[]] $With)
    $gone = @(Get-EntryKey $Without)
    $Text = [string]::Join(';', @(foreach ($entry in Get-ListedEntry $Text) { if (-not @(Get-EntryKey $entry).Where({ $gone -ccontains $_ })) { $entry } }))
    $there = @(Get-EntryKey @(Get-ListedEntry $Text))
    $missing = @(foreach ($entry in $With) { if (@(Get-EntryKey $entry).Where({ $there -cnotcontains $_ })) { $entry } })
    if ($Text -and $missing.Length -and -not $Text.EndsWith(';')) { $Text += ';' }
    return $Text + [string]::Join(';', $missing)
}

function Read-EnvironmentVariable {
    # What is kept, with references to other variables as they stand.
    param([string] $Place)
    $state = Read-Place @{ Hive = 'HKLM'; View = 64; Path = $EnvironmentKey; Name = $Place }
    if ($state.State -ne 'present') { return $state }
    if ($state.Kind -notin 'String', 'ExpandString') { return @{ State = 'unreadable'; There = $true; Failure = "it is of kind $($state.Kind), which is no variable" } }
    return Get-VariableState $state.Kind $state.Data
}

function Write-EnvironmentVariable {
    # What came in between is never overwritten: installers write here, too.
    param([object[]] $Changes)
    $key = (Open-Root 'HKLM' 64).CreateSubKey($EnvironmentKey)
    try {
        foreach ($change in $Changes) {
            try {
                if (-not (Test-SameState (Read-EnvironmentVariable $change.Name) $change.Previous)) { throw 'somebody else changed it in this moment' }
                if ($change.Next.State -eq 'absent') {
                    $key.DeleteValue($change.Name, $false)
                } else {
                    $key.SetValue($change.Name, (Get-VariableText $change.Next), $change.Next.Data[0])
                }
            } catch {
                $change.Failure = $_.Exception.GetBaseException().Message
            }
        }
        $key.Flush()
    } finally {
        $key.Dispose()
    }
}

function Get-EnvironmentVariableUndone {
    # Of a list that others have changed since: what is there, without the entries that policyc added and with those that it took out.
    # One text in the place of another is no list.
    param($Entry, $Current)
    $back = if ($Entry.Previous.State -eq 'present') { $Entry.Previous } else { @{ State = 'absent'; Kind = '' } }
    if ($Current.State -ne 'present' -or -not $Entry.Known.Count) { return $null }
    foreach ($known in $Entry.Known) { if (Test-SameState $known $Current) { return $back } }
    $written = $Entry.Known[-1]
    if ($written.State -ne 'present' -or (Test-SameState $Entry.Previous $Current)) { return $null }
    $first, $mine = @(Get-ListedEntry (Get-VariableText $Entry.Previous)), @(Get-ListedEntry (Get-VariableText $written))
    $firstKeys, $myKeys = @(Get-EntryKey $first), @(Get-EntryKey $mine)
    if ($first.Length -and $mine.Length -and -not $myKeys.Where({ $firstKeys -ccontains $_ })) { return $null }
    $added = $mine.Where({ @(Get-EntryKey $_).Where({ $firstKeys -cnotcontains $_ }) })
    $taken = $first.Where({ @(Get-EntryKey $_).Where({ $myKeys -cnotcontains $_ }) })
    $text = Join-Entry -Text (Get-VariableText $Current) -Without $added -With $taken
    if (-not $text -and $back.State -eq 'absent') { return $back }
    return Get-VariableState $Current.Data[0] $text
}

function Format-EnvironmentVariableState {
    param($State)
    if ($State.State -ne 'present') { return 'not set' }
    $text = Get-VariableText $State
    if ($text.Length -gt 1000) { $text = $text.Substring(0, 1000) + '...' }
    return "`"$text`" ($(if ($State.Data[0] -ceq 'String') { 'string' } else { 'expand_string' }))"
}

function Format-EnvironmentVariablePlace {
    param([string] $Place)
    return "environment variable $Place"
}
#endregion

try {
    $refusal = Get-Refusal
    if ($refusal) {
        "NotJudged: $refusal"
        exit 2
    }
    $ConfirmPreference = 'None'
    $results = @{ All = 0; Chosen = 0; Done = 0; Kept = 0; Gone = 0; Hives = @{} }
    foreach ($list in 'Left', 'Broken', 'Settled', 'Others') { $results[$list] = [Collections.Generic.List[object]]::new() }
    # What it says of each place is in the log; Intune would take it for errors.
    $null = Invoke-Rollback -Results $results 2> $null
    "Places in the journal: $($results.All); done: $($results.Done); kept for another: $($results.Kept); of users who left: $($results.Gone); broken: $($results.Broken.Count); left: $($results.Left.Count)"
    if ($results.Broken.Count) { exit 6 }
    if ($results.Left.Count) { exit 1 }
    exit 0
} catch [TimeoutException] {
    Format-Reason -Text $_.Exception.Message
    exit 1618
} catch {
    Format-Reason -Text $_.Exception.GetBaseException().Message
    exit 2
}
