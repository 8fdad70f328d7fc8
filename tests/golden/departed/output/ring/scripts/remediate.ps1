# Made by policyc from ring.yaml: change it there, not here.
[CmdletBinding(SupportsShouldProcess)]
param()

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
$Settings = @(
    @{
        Id = 'lan-manager-level'; Title = 'Only NTLMv2 is sent, LM and NTLM are refused'
        Hive = 'HKLM'; View = 64; Key = 'SYSTEM\CurrentControlSet\Control\Lsa'; Name = 'LmCompatibilityLevel'
        Kind = 'DWord'; Condition = 'at_least'; Operand = 5; Default = 3
        Must = 'be at least 5 [dword]; absent counts as 3'
        Write = 'Set'; Data = 5
    }
)


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

function Test-Data {
    # Whether data of the right kind satisfies the condition. Numbers come unsigned, as Decimal.
    param([Collections.IDictionary] $Setting, $Data)
    switch ($Setting.Condition) {
        'at_least' { return $Data -ge $Setting.Operand }
        default { throw "policyc: unknown condition '$_'" }
    }
}

function Get-Verdict {
    # Whether the setting holds in this state, or why that can't be said.
    param([Collections.IDictionary] $Setting, [Collections.IDictionary] $State)
    $condition = $Setting.Condition
    $failure = ''
    $holds = $false
    if ($State.State -eq 'unreadable') {
        if ($State.There -and $condition -eq 'present') { $holds = $true } else { $failure = $State.Failure }
    } elseif ($condition -eq 'present') {
        $holds = $State.State -eq 'present'
    } elseif ($condition -eq 'absent') {
        $holds = $State.State -eq 'absent'
    } elseif ($State.State -eq 'present') {
        if ($State.Kind -eq $Setting.Kind) {
            try {
                $data = $State.Data
                if ($State.Kind -eq 'DWord' -or $State.Kind -eq 'QWord') { $data = ConvertTo-Number -Kind $State.Kind -Data $data }
                $holds = Test-Data -Setting $Setting -Data $data
            } catch {
                $failure = $_.Exception.GetBaseException().Message
            }
        }
    } elseif ($Setting.ContainsKey('Default')) {
        $holds = -not $Setting['Pin'] -and (Test-Data -Setting $Setting -Data $Setting.Default)
    } else {
        $holds = $condition -eq 'not_equals' -or $condition -eq 'none_of'
    }
    return @{ Holds = $holds; Failure = $failure }
}

function Get-Finding {
    # Each setting in each place that it has on this device, with what is there and whether that holds.
    Close-Key
    foreach ($setting in $Settings) {
        $places = @(@{ Hive = $setting.Hive; Path = $setting.Key })
        foreach ($place in $places) {
            # A guard for each: what one place holds keeps no other from being judged.
            $state = @{ State = 'unreadable'; There = $false; Failure = 'it could not be judged' }
            try {
                $state = Read-Place -Hive $place.Hive -View $setting.View -Path $place.Path -Name $setting['Name']
                $verdict = Get-Verdict -Setting $setting -State $state
            } catch {
                $verdict = @{ Holds = $false; Failure = $_.Exception.GetBaseException().Message }
            }
            [PSCustomObject]@{
                Setting = $setting
                Hive    = $place.Hive
                Path    = $place.Path
                State   = $state
                Holds   = $verdict.Holds
                Failure = $verdict.Failure
            }
        }
    }
}

function Format-Finding {
    # For the log and the console: where, what is there, what must be.
    param($Finding)
    $place = Format-Place -Hive $Finding.Hive -View $Finding.Setting.View -Path $Finding.Path -Name $Finding.Setting['Name']
    if ($Finding.Failure) { return "$place can't be judged: $($Finding.Failure)" }
    try { $is = Format-State -State $Finding.State -Sensitive $Finding.Setting['Sensitive'] } catch { $is = 'what cannot be shown' }
    return "$place is $is, must $($Finding.Setting.Must)"
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

function Open-Journal {
    # SYSTEM and administrators only: previous values may be secrets, and rollback trusts what it reads here.
    $root = Open-Root -Hive 'HKLM' -View 64
    $journal = $root.OpenSubKey($JournalPath, $true)
    if ($null -ne $journal) { return $journal }
    $security = [Security.AccessControl.RegistrySecurity]::new()
    $security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)')
    return $root.CreateSubKey($JournalPath, 'ReadWriteSubTree', 'None', $security)
}

function Write-EntryState {
    # A state is never lost on the way: the new one is there before the other form of it goes.
    param([Microsoft.Win32.RegistryKey] $Entry, [string] $What, [Collections.IDictionary] $State)
    if ($State.State -eq 'absent') {
        $Entry.SetValue("${What}Absent", 1, 'DWord')
        $Entry.DeleteValue($What, $false)
    } elseif ($State.Kind -eq 'Key') {
        $Entry.SetValue($What, 1, 'DWord')
    } else {
        $Entry.SetValue($What, $State.Data, $State.Kind)
        $Entry.DeleteValue("${What}Absent", $false)
    }
}

function Write-Entry {
    # Before a change: where, what was there, what will be. Complete comes last; an entry without it stands for no change.
    param([Microsoft.Win32.RegistryKey] $Journal, [Collections.IDictionary] $Change)
    $id = $Change.Id
    if ($null -ne $Change.Known) {
        $entry = $Journal.OpenSubKey($id, $true)
        $pending = Read-EntryState -Entry $entry -What 'Pending'
        if ($null -ne $pending -and (Test-SameState -Left $pending -Right $Change.Previous)) {
            # A run was killed behind this change: what it wrote isn't forgotten for what is about to be written.
            Write-EntryState -Entry $entry -What 'Written' -State $pending
            $entry.SetValue('WrittenSeal', (Get-WrittenSeal -Id $id -State $pending), 'String')
        }
        Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
        Join-Owner -Key $entry -Entry $Change.Known
        return $entry
    }
    # What a killed run has begun.
    $Journal.DeleteSubKeyTree($id, $false)
    $entry = $Journal.CreateSubKey($id)
    $entry.SetValue('Hive', $Change.Hive, 'String')
    $entry.SetValue('View', $Change.View, 'DWord')
    $entry.SetValue('Key', $Change.Path, 'String')
    if ($null -ne $Change.Name) { $entry.SetValue('Name', $Change.Name, 'String') }
    Write-EntryState -Entry $entry -What 'Previous' -State $Change.Previous
    if ($Change.ClearOnUndo) { $entry.SetValue('ClearOnUndo', 1, 'DWord') }
    if ($Change.Sensitive) { $entry.SetValue('Sensitive', 1, 'DWord') }
    Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
    Write-Owner -Key $entry -Id $id -Sealed @($Collection) -Older @()
    # What is sealed is what a rollback will read.
    if (-not (Test-SameState -Left (Read-EntryState -Entry $entry -What 'Previous') -Right $Change.Previous)) { throw 'what was there before cannot be kept' }
    $entry.SetValue('Seal', (Get-Seal -Entry $Change), 'String')
    $entry.SetValue('Complete', 1, 'DWord')
    return $entry
}

function Clear-FailedEntry {
    # Nothing came of the change: an entry that stands for no other one goes.
    param([Microsoft.Win32.RegistryKey] $Journal, [Microsoft.Win32.RegistryKey] $Entry)
    $names = $Entry.GetValueNames()
    if ($names -contains 'Written' -or $names -contains 'WrittenAbsent') {
        $Entry.DeleteValue('Pending', $false)
        $Entry.DeleteValue('PendingAbsent', $false)
        $Entry.Dispose()
    } else {
        $id = [IO.Path]::GetFileName($Entry.Name)
        $Entry.Dispose()
        $Journal.DeleteSubKeyTree($id, $false)
    }
}

function Join-Owner {
    # This collection by its name of today. An entry of older scripts is sealed.
    param([Microsoft.Win32.RegistryKey] $Key, [Collections.IDictionary] $Entry)
    $sealed = @(Select-OtherOwner -Owners $Entry.Sealed) + $Collection
    $older = @(Select-OtherOwner -Owners $Entry.Older)
    if ([Array]::IndexOf($Entry.Sealed, $Collection) -lt 0 -or $sealed.Length -ne $Entry.Sealed.Length -or $older.Length -ne $Entry.Older.Length) {
        Write-Owner -Key $Key -Id $Entry.Id -Sealed $sealed -Older $older
    }
    if ($null -ne $Entry.Seal) { return }
    $written = Read-EntryState -Entry $Key -What 'Written'
    if ($null -ne $written) { $Key.SetValue('WrittenSeal', (Get-WrittenSeal -Id $Entry.Id -State $written), 'String') }
    $Key.SetValue('Seal', (Get-Seal -Entry $Entry), 'String')
}

function Complete-Entry {
    # After a change: what was meant has been written.
    param([Microsoft.Win32.RegistryKey] $Entry, [string] $Id, [Collections.IDictionary] $Next)
    Write-EntryState -Entry $Entry -What 'Written' -State $Next
    $Entry.SetValue('WrittenSeal', (Get-WrittenSeal -Id $Id -State $Next), 'String')
    $Entry.DeleteValue('Pending', $false)
    $Entry.DeleteValue('PendingAbsent', $false)
    $Entry.Dispose()
}

function Join-ExistingEntry {
    # This collection relies on the place too, and on the keys made for it: it goes back only when the last one lets go.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Hive, [int] $View, [string] $Path, $Name)
    $id = Get-PlaceId -Hive $Hive -View $View -Path $Path -Name $Name
    $key = $Journal.OpenSubKey($id, $true)
    if ($null -eq $key) { return }
    try {
        # The common case: joined and sealed by an earlier run.
        $owners = @($key.GetValue('Owners'))
        $joined = $owners -ccontains $Collection -and $null -ne $key.GetValue('Seal') -and $null -ne $key.GetValue('Complete')
        foreach ($owner in $Adopts) { if ($owners -ccontains $owner) { $joined = $false } }
        if (-not $joined) {
            $entry = Read-Entry -Journal $Journal -Id $id
            if ($entry.Rest) { return }
            if ($entry.Problem) {
                Write-PolicyLog -Message "Entry $id of the journal is broken, $($entry.Problem); rollback.ps1 -ShowEntry $id shows it" -Type 3
                return
            }
            Join-Owner -Key $key -Entry $entry
        }
    } finally {
        $key.Dispose()
    }
    $above = if ($null -ne $Name) { $Path } else { $Path.Substring(0, [Math]::Max(0, $Path.LastIndexOf('\'))) }
    if ($above) { Join-ExistingEntry -Journal $Journal -Hive $Hive -View $View -Path $above -Name $null }
}

function Test-Key {
    # Whether a key is there, which one that refuses to be read is too.
    param([Microsoft.Win32.RegistryKey] $Root, [string] $Path)
    try { $key = $Root.OpenSubKey($Path, $false) } catch [Security.SecurityException] { return $true }
    if ($null -eq $key) { return $false }
    $key.Dispose()
    return $true
}

function Get-StateSize {
    # In bytes, as the registry counts.
    param([Collections.IDictionary] $State)
    if ($State.State -ne 'present') { return 0 }
    switch ($State.Kind) {
        { $_ -eq 'String' -or $_ -eq 'ExpandString' } { return 2 * $State.Data.Length }
        { $_ -eq 'Binary' -or $_ -eq 'None' } { return $State.Data.Length }
        'MultiString' { return 2 * [string]::Join('0', $State.Data).Length }
    }
    return 0
}

function Find-Entry {
    # The entry that a change will be noted in, if there is one; whatever forbids the change is an error.
    param([Microsoft.Win32.RegistryKey] $Journal, [Collections.IDictionary] $Change)
    if ($null -ne $Journal) {
        $key = $Journal.OpenSubKey($Change.Id, $false)
        if ($null -ne $key) {
            $key.Dispose()
            $entry = Read-Entry -Journal $Journal -Id $Change.Id
            if ($entry.Problem) { throw "entry $($Change.Id) of the journal is broken, $($entry.Problem); rollback.ps1 -ShowEntry $($Change.Id) shows it" }
            if (-not $entry.Rest) { return $entry }
        }
    }
    # Users decide what is in their hives: the journal is in the machine's.
    $most = if ($Change.Hive -eq 'HKU') { 65536 } else { 1048576 }
    $size = Get-StateSize -State $Change.Previous
    if ($size -gt $most) { throw "it holds $size bytes, and the journal keeps no more than $most of one value: the change could not be undone" }
    return $null
}

function Get-Change {
    # A step of the plan. Known is the entry that is there; Above, the step that makes the key; Said, what is said of it, a setting each.
    param([string] $Hive, [int] $View, [string] $Id, [string] $Path, $Name, [Collections.IDictionary] $Previous, [Collections.IDictionary] $Next, [string] $Above)
    return @{
        Id = $Id; Hive = $Hive; View = $View; Path = $Path; Name = $Name; Previous = $Previous; Next = $Next; Above = $Above
        Sensitive = $false; ClearOnUndo = $false; Failure = ''; Known = $null; Entry = $null
        Said = [Collections.Generic.List[object]]::new()
    }
}

function Add-Change {
    # Plans what a finding needs: the keys that are missing, then the value. Whatever can be known to stop it stops it here.
    param([Collections.Specialized.OrderedDictionary] $Plan, [Microsoft.Win32.RegistryKey] $Journal, $Finding, [Collections.IDictionary] $Next, [string] $Text)
    $setting = $Finding.Setting
    $at = @{ Hive = $Finding.Hive; View = $setting.View }
    $name = $setting['Name']
    $steps = [Collections.Generic.List[object]]::new()
    $above = ''
    if ($null -eq $name -or $Next.State -ne 'absent') {
        $root = Open-Root @at
        $path = ''
        foreach ($part in $Finding.Path.Split('\')) {
            $path = if ($path) { $path + '\' + $part } else { $part }
            $id = Get-PlaceId @at -Path $path -Name $null
            if ($Plan.Contains($id)) {
                $above = $id
            } elseif (-not $above -and (Test-Key -Root $root -Path $path)) {
                if ($null -ne $Journal) { Join-ExistingEntry -Journal $Journal @at -Path $path -Name $null }
            } else {
                $steps.Add((Get-Change @at -Id $id -Path $path -Name $null -Previous @{ State = 'absent' } -Next @{ State = 'present'; Kind = 'Key'; Data = $null } -Above $above))
                $above = $id
            }
        }
    }
    if ($null -ne $name) {
        $id = Get-PlaceId @at -Path $Finding.Path -Name $name
        if ($Plan.Contains($id)) {
            # Another setting writes here: together they make one change.
            $Plan[$id].Next = $Next
            $Plan[$id].Said.Add(@{ Setting = $setting.Id; Text = $Text })
            return
        }
        $steps.Add((Get-Change @at -Id $id -Path $Finding.Path -Name $name -Previous $Finding.State -Next $Next -Above $above))
    }
    if (Test-ChangedSince @at -Path $Finding.Path -Name $name -State $Finding.State) {
        Write-PolicyLog -Message "$($setting.Id): changed by someone else since policyc wrote it: $(Format-Finding -Finding $Finding)" -Type 2
    }
    foreach ($step in $steps) {
        if ($null -ne $step.Name) {
            $step.Sensitive = [bool]$setting['Sensitive']
            $step.ClearOnUndo = [bool]$setting['ClearOnUndo']
        }
        $step.Known = Find-Entry -Journal $Journal -Change $step
    }
    $steps[$steps.Count - 1].Said.Add(@{ Setting = $setting.Id; Text = $Text })
    foreach ($step in $steps) { $Plan.Add($step.Id, $step) }
}

function Save-Plan {
    # The barrier: everything is in the journal, and the journal on the disk, before the first change.
    param([Collections.Specialized.OrderedDictionary] $Plan, [Microsoft.Win32.RegistryKey] $Journal)
    foreach ($id in [string[]]@($Journal.GetValue('Making'))) {
        # An earlier run was killed; an entry that it hadn't finished would be taken for a broken one.
        if ($id -and [Array]::IndexOf($Journal.GetSubKeyNames(), $id) -ge 0 -and (Read-Entry -Journal $Journal -Id $id).Rest) { $Journal.DeleteSubKeyTree($id, $false) }
    }
    $Journal.SetValue('Making', [string[]]@(foreach ($change in $Plan.Values) { if ($null -eq $change.Known) { $change.Id } }), 'MultiString')
    foreach ($change in $Plan.Values) {
        try {
            if ($change.Above) { $change.Failure = $Plan[$change.Above].Failure }
            if (-not $change.Failure) { $change.Entry = Write-Entry -Journal $Journal -Change $change }
        } catch {
            $change.Failure = $_.Exception.GetBaseException().Message
            if ($null -eq $change.Known) { $Journal.DeleteSubKeyTree($change.Id, $false) }
        }
    }
    $Journal.Flush()
}

function Invoke-Change {
    # Gives the key of a value that was changed, to flush its hive by.
    param([Collections.IDictionary] $Change)
    $root = Open-Root -Hive $Change.Hive -View $Change.View
    $name = $Change.Name
    if ($null -eq $name) {
        $at = $Change.Path.LastIndexOf('\')
        $parent = if ($at -lt 0) { $root } else { Open-KeyFor -Right 'CreateSubKey' -Root $root -Path $Change.Path.Substring(0, $at) }
        $last = $Change.Path.Substring($at + 1)
        $made = $parent.CreateSubKey($last, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree)
        $made.Dispose()
        return $null
    }
    $key = Open-KeyFor -Right 'QueryValues, SetValue' -Root $root -Path $Change.Path
    if ($null -eq $key) { throw 'its key has gone' }
    Write-Value -Key $key -Name $name -Current $Change.Previous -Next $Change.Next
    return $key
}

function Complete-Finding {
    # Judges anew where an earlier setting of this run is about to write.
    param([Collections.Specialized.OrderedDictionary] $Plan, $Finding)
    $id = Get-PlaceId -Hive $Finding.Hive -View $Finding.Setting.View -Path $Finding.Path -Name $Finding.Setting['Name']
    if (-not $Plan.Contains($id)) { return }
    $Finding.State = $Plan[$id].Next
    $verdict = Get-Verdict -Setting $Finding.Setting -State $Finding.State
    $Finding.Holds = $verdict.Holds
    $Finding.Failure = $verdict.Failure
}

function Get-NextState {
    # The least that satisfies the setting.
    param($Finding)
    $setting = $Finding.Setting
    switch ($setting.Write) {
        'Delete' { return @{ State = 'absent' } }
        'CreateKey' { return @{ State = 'present'; Kind = 'Key'; Data = $null } }
        default {
            # Binary data stands once where what is asked for is what is written.
            $data = $setting['Data']
            if (-not $setting.ContainsKey('Data')) { $data = $setting.Operand }
            if ($setting.Kind -eq 'DWord') { $data = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$data), 0) }
            if ($setting.Kind -eq 'QWord') { $data = [BitConverter]::ToInt64([BitConverter]::GetBytes([uint64]$data), 0) }
            return @{ State = 'present'; Kind = $setting.Kind; Data = $data }
        }
    }
}

try {
    $root = Open-Root -Hive 'HKLM' -View 64
    $lock = if ($WhatIfPreference) { $null } else { Lock-Journal }
    if ($null -eq $lock -and -not $WhatIfPreference) {
        Write-PolicyLog -Message $Busy -Type 2
        Write-Error -ErrorAction Continue -Message $Busy
        exit 1618
    }
    try {
        $journal = if ($WhatIfPreference) { $null } else { $root.OpenSubKey($JournalPath, $true) }
        $plan = [Collections.Specialized.OrderedDictionary]::new()
        foreach ($finding in @(Get-Finding)) {
            $setting = $finding.Setting
            $at = @{ Hive = $finding.Hive; View = $setting.View; Path = $finding.Path; Name = $setting['Name'] }
            # What another setting is about to write at this place counts for this one too.
            if ($plan.Count -and -not $finding.Holds) { Complete-Finding -Plan $plan -Finding $finding }
            if ($finding.Failure) { continue }
            if ($finding.Holds) {
                if ($null -ne $journal) { Join-ExistingEntry -Journal $journal @at }
                continue
            }
            $change = Format-Place @at
            try {
                $next = Get-NextState -Finding $finding
                $old = Format-State -State $finding.State -Sensitive $setting['Sensitive']
                $change = "$change from $old to $(Format-State -State $next -Sensitive $setting['Sensitive'])"
                if (-not $PSCmdlet.ShouldProcess($change, "Change $($setting.Id)")) { continue }
                Add-Change -Plan $plan -Journal $journal -Finding $finding -Next $next -Text $change
            } catch {
                Write-PolicyLog -Message "$($setting.Id): could not change $change. $($_.Exception.GetBaseException().Message)" -Type 3
                Write-Output -InputObject "Failed        $($setting.Id): could not change $change. $($_.Exception.GetBaseException().Message)"
            }
        }
        if ($plan.Count) {
            if ($null -eq $journal) { $journal = Open-Journal }
            Save-Plan -Plan $plan -Journal $journal
            $hives = [Collections.Generic.Dictionary[string, object]]::new()
            foreach ($change in $plan.Values) {
                try {
                    if ($change.Above -and -not $change.Failure) { $change.Failure = $plan[$change.Above].Failure }
                    if (-not $change.Failure) { Add-HiveToFlush -Hives $hives -Hive $change.Hive -Path $change.Path -Key (Invoke-Change -Change $change) }
                } catch {
                    $change.Failure = $_.Exception.GetBaseException().Message
                }
                foreach ($said in $change.Said) {
                    if ($change.Failure) {
                        Write-PolicyLog -Message "$($said.Setting): could not change $($said.Text). $($change.Failure)" -Type 3
                    } else {
                        Write-PolicyLog -Message "$($said.Setting): changed $($said.Text)"
                    }
                    if ($change.Failure) {
                        Write-Output -InputObject "Failed        $($said.Setting): could not change $($said.Text). $($change.Failure)"
                    } else {
                        Write-Output -InputObject "Changed       $($said.Setting): $($said.Text)"
                    }
                }
            }
            Sync-Hive -Hives $hives
            foreach ($change in $plan.Values) {
                if ($null -eq $change.Entry) { continue }
                if ($change.Failure) {
                    Clear-FailedEntry -Journal $journal -Entry $change.Entry
                } else {
                    Complete-Entry -Entry $change.Entry -Id $change.Id -Next $change.Next
                }
            }
            $journal.DeleteValue('Making', $false)
        }
    } finally {
        if ($null -ne $lock) { $lock.Dispose() }
    }
    $left = @(foreach ($finding in @(Get-Finding)) { if (-not $finding.Holds) { $finding } })
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 2
}
if ($left.Length) {
    foreach ($finding in $left) { Write-Output -InputObject "NonCompliant  $($finding.Setting.Id): $(Format-Finding -Finding $finding)" }
    exit 1
}
Write-Output -InputObject 'Compliant'
exit 0
