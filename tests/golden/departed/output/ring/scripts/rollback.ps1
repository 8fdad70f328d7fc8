# Made by policyc from ring.yaml: change it there, not here.
[CmdletBinding(SupportsShouldProcess)]
param(
    # Also restores what somebody else has changed since.
    [switch] $Force,
    # Also drops what is kept for users whose profile has left the device.
    [switch] $ForgetGone,
    # Shows an entry of the journal by its id, and changes nothing.
    [string] $ShowEntry,
    # Drops an entry that is broken, and with it what was there before.
    [string] $DropEntry
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Error -ErrorAction Continue -Message "policyc: PowerShell runs in $($ExecutionContext.SessionState.LanguageMode) mode here, and this script needs FullLanguage. An application control policy must trust the script: sign it, or allow its folder."
    exit 2
}
if ([Environment]::OSVersion.Platform -ne 'Win32NT') {
    Write-Error -ErrorAction Continue -Message 'policyc: this script configures Windows; nothing was done.'
    exit 2
}

function Test-Elevation {
    $principal = [Security.Principal.WindowsPrincipal]::new([Security.Principal.WindowsIdentity]::GetCurrent())
    return $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}
if (-not (Test-Elevation)) {
    Write-Error -ErrorAction Continue -Message 'policyc: this script must run as SYSTEM or as an administrator with elevation; nothing was done.'
    exit 2
}

$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/early-ring'
$Adopts = ([string[]]@('8ee4ffd4-acdb-58d3-be46-275fec287ebb/ring', 'early-ring', 'ring'))
$LogName = 'policyc-early-ring-8ee4ffd4.log'


# The log, in the form that CMTrace reads, in a folder where SYSTEM and administrators alone write: elsewhere SYSTEM would follow
# the links of others, and read what others have put there.
$Folder = @{ Path = $null; Problem = '' }

function ConvertTo-LogText {
    param([string] $Text)
    if ([regex]::IsMatch($Text, '[^ -~]')) {
        $characters = foreach ($character in $Text.ToCharArray()) {
            if ($character -ge [char]32 -and $character -le [char]126) { $character } else { '\u{0:x4}' -f [int]$character }
        }
        $Text = -join $characters
    }
    return $Text.Replace(']LOG]!', ']LOG] !')
}

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
    # %windir%\Logs\policyc, made where it is missing and closed to all but SYSTEM and administrators. Throws where it can't be trusted.
    if ($Folder.Problem) { throw $Folder.Problem }
    if ($Folder.Path) { return $Folder.Path }
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
        $sections = [Security.AccessControl.AccessControlSections]'Owner, Access'
        $found = if ($beside) { $beside::GetAccessControl($info, $sections) } else { $info.GetAccessControl($sections) }
        $user = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
        $problem = Get-FolderProblem -Attributes $info.Attributes -Owner $found.GetOwner([Security.Principal.SecurityIdentifier]).Value -User $user
        if ($problem) { throw $problem }
        # One that an older release made lets users read, and so hold, what is in it.
        if (-not $found.AreAccessRulesProtected) {
            if ($beside) { $beside::SetAccessControl($info, $security) } else { $info.SetAccessControl($security) }
        }
    } catch {
        $Folder.Problem = "the folder $path can't be used: $($_.Exception.GetBaseException().Message)"
        throw $Folder.Problem
    }
    $Folder.Path = $path
    return $path
}

function Write-PolicyLog {
    param([string] $Message, [int] $Type = 1)
    try {
        $file = [IO.FileInfo]::new([IO.Path]::Combine((Get-LogFolder), $LogName))
        if ($file.Exists -and $file.Length -gt 1000000) {
            $old = [IO.Path]::ChangeExtension($file.FullName, '.lo_')
            [IO.File]::Delete($old)
            [IO.File]::Move($file.FullName, $old)
        }
        $now = [DateTime]::Now
        $bias = -[int][TimeZoneInfo]::Local.GetUtcOffset($now).TotalMinutes
        $line = '<![LOG[{0}]LOG]!><time="{1}{2:+000;-000;+000}" date="{3}" component="policyc" context="" type="{4}" thread="{5}" file="">' -f @(
            (ConvertTo-LogText -Text $Message)
            $now.ToString('HH:mm:ss.fff', [Globalization.CultureInfo]::InvariantCulture)
            $bias
            $now.ToString('MM-dd-yyyy', [Globalization.CultureInfo]::InvariantCulture)
            $Type
            [Threading.Thread]::CurrentThread.ManagedThreadId
        )
        [IO.File]::AppendAllText($file.FullName, $line + [Environment]::NewLine)
    } catch {
        # A full or locked log must not keep a device from its policy.
        Write-Verbose -Message "The log could not be written: $($_.Exception.Message)"
    }
}

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

$LockSeconds = 20
$Busy = "policyc: another run has been busy on this device for $LockSeconds seconds; nothing was changed"

function Lock-Journal {
    # One run at a time on a device, whichever estate it is of: two would take each other's values for previous ones. A file that is
    # held open and lies where only administrators open files: no user can hold it, and Windows lets go of it when a run is killed.
    # $null where another run has it for 20 seconds.
    $path = [IO.Path]::Combine((Get-LogFolder), 'policyc.lock')
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        try {
            return [IO.FileStream]::new($path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::ReadWrite, [IO.FileShare]::None)
        } catch {
            # 32, a sharing violation: somebody has it open.
            if (($_.Exception.GetBaseException().HResult -band 0xFFFF) -ne 32) { throw }
            if ($clock.Elapsed.TotalSeconds -ge $LockSeconds) { return $null }
        }
        [Threading.Thread]::Sleep(200)
    }
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
    return Read-Written -Key $Key -Names $Names -Entry $Entry
}

function Read-Written {
    # What was written, or is about to be. A run that was killed may have left two forms of one, but then it says what it was about.
    param([Microsoft.Win32.RegistryKey] $Key, [Collections.Generic.HashSet[string]] $Names, [Collections.IDictionary] $Entry)
    $Entry.Known = @(
        foreach ($what in 'Written', 'Pending') {
            if ($Names.Contains($what)) { Read-EntryValue -Entry $Key -What $what -IsKey ($null -eq $Entry.Name) }
            if ($Names.Contains("${what}Absent")) { @{ State = 'absent' } }
        }
    )
    if ($Entry.Known.Length -eq 0) { return 'it does not say what was written' }
    foreach ($known in $Entry.Known) {
        if ($known.State -eq 'unreadable') { return 'what was written does not fit its kind' }
        if ($Entry.ClearOnUndo -and $known.State -eq 'present' -and $known.Kind -ne 'String' -and $known.Kind -ne 'ExpandString') { return 'what was written cannot be cleared' }
    }
    $settled = -not ($Names.Contains('Pending') -or $Names.Contains('PendingAbsent'))
    if ($settled -and $Entry.Known.Length -gt 1) { return 'it says that something was written, and that nothing was' }
    if ($settled -and $null -ne $Entry.Seal) {
        $Entry.WrittenAltered = [string]$Key.GetValue('WrittenSeal') -cne (Get-WrittenSeal -Id $Entry.Id -State $Entry.Known[0])
    }
    return ''
}

function Open-KeyFor {
    # A setting's key, with the one right that the act needs, as others may be refused; $null where there is none.
    # SetValue sets and deletes values, CreateSubKey makes a key below this one.
    param([Microsoft.Win32.RegistryKey] $Root, [string] $Path, [Security.AccessControl.RegistryRights] $Right)
    return $Root.OpenSubKey($Path, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree, $Right)
}

function Write-Value {
    # .NET flushes a hive only through a key in which it has set something: what is deleted is set to what it is before.
    param([Microsoft.Win32.RegistryKey] $Key, [string] $Name, [Collections.IDictionary] $Current, [Collections.IDictionary] $Next)
    if ($Next.State -eq 'present') {
        $Key.SetValue($Name, $Next.Data, $Next.Kind)
        return
    }
    if ($Current.State -eq 'present') { $Key.SetValue($Name, $Current.Data, $Current.Kind) }
    $Key.DeleteValue($Name, $false)
}

function Add-HiveToFlush {
    # One key a hive is enough: Windows brings the whole hive to the disk.
    param([Collections.Generic.Dictionary[string, object]] $Hives, [string] $Hive, [string] $Path, $Key)
    if ($null -eq $Key) { return }
    $at = "$Hive $($Path.Split('\')[0].ToUpperInvariant())"
    if ($Hives.ContainsKey($at)) { $Key.Dispose() } else { $Hives[$at] = $Key }
}

function Sync-Hive {
    param([Collections.Generic.Dictionary[string, object]] $Hives)
    foreach ($changed in $Hives.Values) {
        $changed.Flush()
        $changed.Dispose()
    }
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

function Restore-Place {
    # Back to what was there before: a word on what came of it. The key of a value goes to those that are flushed.
    param([Collections.IDictionary] $Entry, [Collections.Generic.Dictionary[string, object]] $Hives)
    $root = Open-Root -Hive $Entry.Hive -View $Entry.View
    if ($null -eq $Entry.Name) {
        $key = $root.OpenSubKey($Entry.Path, $false)
        if ($null -eq $key) { return 'gone' }
        $used = $key.ValueCount + $key.SubKeyCount
        $key.Dispose()
        if ($used) { return 'in use' }
        $root.DeleteSubKey($Entry.Path, $false)
        return 'removed'
    }
    $key = Open-KeyFor -Right 'QueryValues, SetValue' -Root $root -Path $Entry.Path
    if ($null -eq $key) {
        if ($Entry.Target.State -eq 'absent') { return 'restored' }
        $made = $root.CreateSubKey($Entry.Path, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree)
        $made.Dispose()
        $key = Open-KeyFor -Right 'QueryValues, SetValue' -Root $root -Path $Entry.Path
    }
    Write-Value -Key $key -Name $Entry.Name -Current $Entry.Current -Next $Entry.Target
    Add-HiveToFlush -Hives $Hives -Hive $Entry.Hive -Path $Entry.Path -Key $key
    return 'restored'
}

function Get-Target {
    # What is restored. A product may ask for cleared data where there was no value.
    param([Collections.IDictionary] $Entry)
    if ($Entry.ClearOnUndo -and $Entry.Previous.State -eq 'absent') {
        foreach ($written in $Entry.Known) {
            if ($written.State -eq 'present') { return @{ State = 'present'; Kind = $written.Kind; Data = '' } }
        }
    }
    return $Entry.Previous
}

function Get-Step {
    # What a rollback does with an entry of this collection.
    param([Collections.IDictionary] $Entry, [Microsoft.Win32.RegistryKey] $Journal, [bool] $EvenIfChanged, [bool] $EvenOfGone)
    if ($Entry.Rest) { return 'forget' }
    if ($Entry.Others.Length) { return 'keep' }
    $user = Get-UserOf -Hive $Entry.Hive -Path $Entry.Path
    if ($Entry.Hive -eq 'HKU' -and -not (Test-Loaded -Path $Entry.Path)) {
        if (-not $user -or -not (Test-Gone -Sid $user)) { return 'not loaded' }
        if ($EvenOfGone) { return 'drop' }
        $days = Get-DaysUnseen -Journal $Journal -Sid $user
        if ($days -gt $DaysUnseen) { return 'drop' }
        # From today on, where nobody has noted a day.
        if ($days -lt 0 -and -not $WhatIfPreference) { Write-SeenDay -Journal $Journal -Sid $user }
        return 'gone'
    }
    if ($null -eq $Entry.Name) { return 'restore' }
    $Entry.Current = Read-Place -Hive $Entry.Hive -View $Entry.View -Path $Entry.Path -Name $Entry.Name
    $Entry.Target = Get-Target -Entry $Entry
    if ($Entry.Current.State -eq 'unreadable') { return 'unreadable' }
    foreach ($known in $Entry.Target, $Entry.Previous) {
        if (Test-SameState -Left $Entry.Current -Right $known) { return 'forget' }
    }
    foreach ($known in $Entry.Known) {
        if (Test-SameState -Left $Entry.Current -Right $known) { return 'restore' }
    }
    if ($EvenIfChanged) { return 'restore' }
    if ($Entry.WrittenAltered) { return 'altered' }
    return 'changed'
}

function Clear-Owner {
    # This collection relies on the place no more.
    param([Microsoft.Win32.RegistryKey] $Journal, [Collections.IDictionary] $Entry)
    $key = $Journal.OpenSubKey($Entry.Id, $true)
    Write-Owner -Key $key -Id $Entry.Id -Sealed @(Select-OtherOwner -Owners $Entry.Sealed) -Older @(Select-OtherOwner -Owners $Entry.Older)
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
    param([Collections.IDictionary] $Entry, [string] $Step)
    switch ($Step) {
        'forget' { return 'Forget: it is as it was before' }
        'drop' { return 'Drop: its user has left the device' }
        'keep' { return "Let go, and keep it for $([string]::Join(', ', @(foreach ($owner in $Entry.Others) { Format-Owner -Owner $owner })))" }
    }
    if ($null -eq $Entry.Name) { return 'Remove the key if nothing else is in it' }
    return "Restore from $(Format-State -State $Entry.Current -Sensitive $Entry.Sensitive) to $(Format-State -State $Entry.Target -Sensitive $Entry.Sensitive)"
}

function Write-Result {
    # A line for the console, and one for the log.
    param([string] $Word, [string] $Text, [int] $Type)
    Write-PolicyLog -Message "rollback: $($Word.ToLowerInvariant()): $Text" -Type $Type
    Write-Output -InputObject ('{0,-9} {1}' -f $Word, $Text)
}

function Show-Entry {
    # Everything that an entry holds, and whether it is sound.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Id)
    $entry = Read-Entry -Journal $Journal -Id $Id
    Write-Output -InputObject "Entry $Id"
    $key = $Journal.OpenSubKey($Id, $false)
    foreach ($name in $key.GetValueNames()) {
        $state = Read-EntryValue -Entry $key -What $name -IsKey $false
        if ($state.State -eq 'unreadable') { $state.Failure = [string]$key.GetValueKind($name) }
        $masked = $entry.Sensitive -and $name -in 'Previous', 'Written', 'Pending'
        Write-Output -InputObject ('  {0,-14} {1}' -f $name, (Format-State -State $state -Sensitive $masked))
    }
    $key.Dispose()
    $word = if ($entry.Problem) { "Broken: $($entry.Problem)" } elseif ($entry.Rest) { 'A killed run left it; it stands for no change' } else { 'Sound' }
    Write-Output -InputObject $word
}

function Find-BrokenEntry {
    # Shows or drops one entry, as asked; only what is broken is ever dropped.
    param([Microsoft.Win32.RegistryKey] $Journal)
    $id = "$ShowEntry$DropEntry"
    if ($ShowEntry -and $DropEntry) { throw 'ask for -ShowEntry or for -DropEntry' }
    if ($null -eq $Journal -or $Journal.GetSubKeyNames() -notcontains $id) { throw "the journal has no entry $id" }
    if ($ShowEntry) {
        Show-Entry -Journal $Journal -Id $id
        return
    }
    $problem = (Read-Entry -Journal $Journal -Id $id).Problem
    if (-not $problem) { throw "entry $id is sound: a rollback restores its place and forgets it" }
    if ($PSCmdlet.ShouldProcess($id, "Drop the entry: $problem")) {
        $Journal.DeleteSubKeyTree($id, $false)
        Write-Result -Word 'Dropped' -Text "entry $id, $problem" -Type 2
    }
}

$stays = @{
    'changed'    = 'was changed by someone else since policyc wrote it; -Force restores it all the same'
    'altered'    = 'holds neither what was there before nor what its entry says was written, and that was altered; -Force restores it all the same'
    'unreadable' = 'cannot be read, and is never changed'
    'not loaded' = 'belongs to a user who is not signed in; run again when the hive is loaded'
}
$left = [Collections.Generic.List[object]]::new()
$broken = [Collections.Generic.List[object]]::new()
$count = @{ Done = 0; Kept = 0; Gone = 0 }
try {
    $root = Open-Root -Hive 'HKLM' -View 64
    $lock = if ($WhatIfPreference) { $null } else { Lock-Journal }
    if ($null -eq $lock -and -not $WhatIfPreference) {
        Write-PolicyLog -Message $Busy -Type 2
        Write-Error -ErrorAction Continue -Message $Busy
        exit 1618
    }
    try {
        $journal = $root.OpenSubKey($JournalPath, $true)
        if ($ShowEntry -or $DropEntry) {
            Find-BrokenEntry -Journal $journal
            exit 0
        }
        $entries = @(
            if ($null -ne $journal) {
                foreach ($id in $journal.GetSubKeyNames()) {
                    $entry = Read-Entry -Journal $journal -Id $id
                    $entry.Others = @(Select-OtherOwner -Owners ($entry.Sealed + $entry.Older))
                    $ours = $entry.Others.Length -ne $entry.Sealed.Length + $entry.Older.Length
                    # A broken one that can't be trusted to say whose it is, every collection tells of.
                    if ($entry.Problem -and ($ours -or -not $entry.OwnersKnown)) { $broken.Add($entry) }
                    # One that a killed run has begun stands for no change, whoever began it, and may not have come to name its owner.
                    if (-not $entry.Problem -and ($ours -or $entry.Rest)) { $entry }
                }
            }
        )
        foreach ($entry in $broken) {
            $text = "policyc: entry $($entry.Id) of the journal is broken, $($entry.Problem); nothing was done with it. rollback.ps1 -ShowEntry and -DropEntry take its id"
            Write-PolicyLog -Message $text -Type 3
            Write-Error -ErrorAction Continue -Message $text
        }
        # Values first, then the keys that were made for them, the deepest first.
        $order = [Collections.Generic.List[object]]::new()
        foreach ($entry in $entries) { if ($entry.Rest -or $null -ne $entry.Name) { $order.Add($entry) } }
        for ($depth = 512; $depth -gt 0; $depth--) {
            foreach ($entry in $entries) {
                if (-not $entry.Rest -and $null -eq $entry.Name -and $entry.Path.Split('\').Length -eq $depth) { $order.Add($entry) }
            }
        }
        # All places go back, then their hives to the disk, then the entries.
        $hives = [Collections.Generic.Dictionary[string, object]]::new()
        $settled = [Collections.Generic.List[object]]::new()
        foreach ($entry in $order) {
            $place = if ($entry.Rest) { $entry.Id } else { Format-Place -Hive $entry.Hive -View $entry.View -Path $entry.Path -Name $entry.Name }
            try {
                $step = Get-Step -Entry $entry -Journal $journal -EvenIfChanged $Force -EvenOfGone $ForgetGone
                if ($stays.ContainsKey($step)) {
                    $left.Add($entry)
                    Write-Result -Word 'Left' -Text "$place, it $($stays[$step])" -Type 2
                    continue
                }
                if ($step -eq 'gone') {
                    $count.Gone++
                    continue
                }
                $entry.Step = $step
                $entry.Action = Get-Action -Entry $entry -Step $step
                if (-not $PSCmdlet.ShouldProcess($place, $entry.Action)) { continue }
                if ($step -eq 'restore') {
                    $result = Restore-Place -Entry $entry -Hives $hives
                    if ($result -eq 'in use') {
                        $below = $entry.Path + '\'
                        $waiting = @($left | Where-Object { $_.Hive -eq $entry.Hive -and $_.View -eq $entry.View -and ($_.Path + '\').StartsWith($below, 'OrdinalIgnoreCase') })
                        # A broken entry may be of a place in it.
                        if ($waiting.Length -or $broken.Count) {
                            $left.Add($entry)
                            continue
                        }
                        $entry.Action = 'Left the key: something else is in it'
                    }
                }
                $entry.Place = $place
                $settled.Add($entry)
            } catch {
                $left.Add($entry)
                Write-Result -Word 'Failed' -Text "$place could not be restored. $($_.Exception.GetBaseException().Message)" -Type 3
            }
        }
        Sync-Hive -Hives $hives
        foreach ($entry in $settled) {
            try {
                if ($entry.Step -eq 'keep') {
                    Clear-Owner -Journal $journal -Entry $entry
                    $count.Kept++
                    Write-Result -Word 'Kept' -Text "$($entry.Place). $($entry.Action)" -Type 2
                } else {
                    $journal.DeleteSubKeyTree($entry.Id, $false)
                    $count.Done++
                    Write-Result -Word 'Done' -Text "$($entry.Place). $($entry.Action)" -Type 1
                }
            } catch {
                $left.Add($entry)
                Write-Result -Word 'Failed' -Text "the entry of $($entry.Place) could not be changed. $($_.Exception.GetBaseException().Message)" -Type 3
            }
        }
        if ($null -ne $journal -and -not $WhatIfPreference) {
            $journal.DeleteValue('Making', $false)
            $empty = $journal.SubKeyCount -eq 0
            $journal.Dispose()
            if ($empty) {
                $root.DeleteSubKey($JournalPath, $false)
                $parent = $root.OpenSubKey('SOFTWARE\policyc', $false)
                $empty = $parent.SubKeyCount + $parent.ValueCount -eq 0
                $parent.Dispose()
                if ($empty) { $root.DeleteSubKey('SOFTWARE\policyc', $false) }
            }
        }
    } finally {
        if ($null -ne $lock) { $lock.Dispose() }
    }
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 2
}
if ($count.Gone) { Write-Result -Word 'Gone' -Text "$($count.Gone) places of users whose profile has left the device: kept for their return; -ForgetGone drops them" -Type 1 }
$counts = "done: $($count.Done)"
if ($count.Kept) { $counts += "; kept for another: $($count.Kept)" }
if ($count.Gone) { $counts += "; of users who left: $($count.Gone)" }
if ($broken.Count) { $counts += "; broken: $($broken.Count)" }
$counts += "; left: $($left.Count)"
Write-Output -InputObject "Places in the journal: $($entries.Length); $counts"
if ($broken.Count) { exit 6 }
if ($left.Count) { exit 1 }
if ($count.Kept) { exit 3 }
exit 0
