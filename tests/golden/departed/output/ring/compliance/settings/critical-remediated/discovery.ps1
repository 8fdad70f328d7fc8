# Made by policyc from ring.yaml: change it there, not here.
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

$LogName = 'policyc-early-ring-8ee4ffd4.log'
$Settings = @(
    @{
        Id = 'lan-manager-level'
        Hive = 'HKLM'; View = 64; Key = 'SYSTEM\CurrentControlSet\Control\Lsa'; Name = 'LmCompatibilityLevel'
        Kind = 'DWord'; Condition = 'at_least'; Operand = 5; Default = 3
        Must = 'be at least 5 [dword]; absent counts as 3'
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

# The client ends a script after 60 seconds: what isn't reached by then is said, not lost.
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 40

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
                if ($Clock.Elapsed.TotalSeconds -gt $TimeLimit) { throw "it was not reached in the $TimeLimit seconds that this script takes" }
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

# ConfigMgr takes each line of output for an instance: exactly one, and exit code 0. The reasons are in the log.
$failing = [Collections.Generic.List[string]]::new()
foreach ($finding in @(Get-Finding)) {
    if ($finding.Holds) { continue }
    $since = ''
    if (-not $finding.Failure -and (Test-ChangedSince -Hive $finding.Hive -View $finding.Setting.View -Path $finding.Path -Name $finding.Setting['Name'] -State $finding.State)) {
        $since = ' (changed by someone else since policyc wrote it)'
    }
    Write-PolicyLog -Message "$($finding.Setting.Id): not compliant, $(Format-Finding -Finding $finding)$since" -Type $(if ($finding.Failure) { 3 } else { 2 })
    if (-not $failing.Contains($finding.Setting.Id)) { $failing.Add($finding.Setting.Id) }
}
if ($failing.Count) { Write-Output -InputObject ('NonCompliant: ' + [string]::Join(', ', $failing)) } else { Write-Output -InputObject 'Compliant' }
