<#
.SYNOPSIS
    Brings the settings below about on this device, for Intune: the remediation script of a Remediation.
.DESCRIPTION
    Changes what fails and nothing else, and keeps in the journal what was there before, for a rollback. Each change is in the log.
    Writes one line. Ends with 0 where all settings hold afterwards, 1 where one is left, 2 where it could not do its work, 1618 where
    another run was busy: the next run of the schedule tries again.
.NOTES
    For the collection everywhere, made by policyc from everywhere.yaml: change it there, not here.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Settings = @(
    @{ Id = 'defender-atp-sample-collection'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'; Name = 'AllowSampleCollection'; Kind = 'DWord'; Equals = 0; Default = 1; Pin = $true }
    @{ Id = 'defender-atp-device-tag'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection\DeviceTagging'; Name = 'Group'; Kind = 'String'; Equals = 'Everywhere'; Exact = $true; ClearOnUndo = $true }
    @{ Id = 'no-multicast-names'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient'; Name = 'EnableMulticast'; Kind = 'DWord'; Equals = 0 }
    @{ Id = 'log-size'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security'; Name = 'MaxSize'; Kind = 'DWord'; AtLeast = 204800 }
    @{ Id = 'path'; Of = 'EnvironmentVariable'; Place = 'Path'; Contains = ([string[]]@('%ProgramFiles%\Example\bin')); Type = 'ExpandString'; Must = 'have the entries "%ProgramFiles%\Example\bin" as expand_string' }
)
$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/everywhere'
$Adopts = ([string[]]@('everywhere'))
$LogName = 'policyc-everywhere-8ee4ffd4.log'

#region policyc engine, SHA-256 014888fe58144ee0745587121eb7eda69a5e70db0305ec66cf818d45bcaf6bec
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

$Conditions = @{
    Present = 'be there'; Absent = 'be absent'; Equals = 'be {0}'; NotEquals = 'not be {0}'; AtLeast = 'be at least {0}'
    AtMost = 'be at most {0}'; Between = 'be from {0}'; OneOf = 'be one of {0}'; NoneOf = 'be none of {0}'
    Matches = 'match {0} as a whole'; Contains = 'contain {0}'; SetEquals = 'hold exactly {0} in any order'
}

function Get-Condition {
    # Which of a row's words is its condition.
    param($Setting)
    foreach ($word in $Setting.Keys) { if ($Conditions.ContainsKey($word)) { return $word } }
}

function Format-Must {
    # What a setting asks for, as the end of a sentence. policyc.evaluation.wording says the same.
    param($Setting)
    if ($Setting['Of']) {
        if ($Setting['Sensitive']) { return 'hold what the policy says (sensitive)' }
        return ConvertTo-VisibleText (& "Format-$($Setting.Of)Must" -Setting $Setting)
    }
    $condition = Get-Condition $Setting
    $any = if ($Setting.Contains('Name') -and -not $Setting.Contains('Kind')) { ' (any value)' }
    if ($condition -eq 'Present') { return $Conditions.Present + $any }
    if ($condition -eq 'Absent') { return $Conditions.Absent }
    $kind = '[' + ($Setting.Kind -creplace '(?<=[a-z])(?=[A-Z])', '_').ToLowerInvariant() + ']'
    if ($Setting['Sensitive']) { return "hold what the policy says (sensitive) $kind" }
    $operands = @(
        switch ($condition) {
            'Matches' { $Setting['Pattern'] }
            { $_ -eq 'Equals' -or $_ -eq 'NotEquals' } { , $Setting[$_] }
            default { $Setting[$_] }
        }
    )
    $parts = @(foreach ($operand in $operands) { Format-Data $Setting.Kind $operand })
    $text = $Conditions[$condition] -f [string]::Join($(if ($condition -eq 'Between') { ' to ' } else { ', ' }), $parts)
    if ($Setting['Exact']) { $text += ', in exactly this case' }
    if (-not $Setting.Contains('Default')) { return "$text $kind" }
    $pinned = if ($Setting['Pin']) { ', written out although' } else { ';' }
    return "$text $kind$pinned absent counts as $(Format-Data $Setting.Kind $Setting.Default)"
}

function Format-Finding {
    # For the log and the console: where, what is there, what must be.
    param($Finding)
    $where = Format-Place $Finding.Place
    if ($Finding.Failure) { return "$where can't be judged: $($Finding.Failure)" }
    try { $is = Format-State $Finding.State $Finding.Setting['Sensitive'] $Finding.Place['Of'] } catch { $is = 'what cannot be shown' }
    return "$where is $is, must $(Format-Must $Finding.Setting)"
}

function Test-Verdict {
    # Whether the setting holds in this state; throws where that can't be said. A setting each comes by here: a function that isn't
    # called is time.
    param($Setting, $State)
    if ($Setting['Of']) {
        if ($State.State -eq 'unreadable') { throw $State.Failure }
        return & "Test-$($Setting.Of)" -Setting $Setting -State $State
    }
    $condition = foreach ($word in $Setting.Keys) { if ($Conditions.ContainsKey($word)) { $word; break } }
    if ($State.State -eq 'unreadable') {
        if ($State.There -and $condition -eq 'Present') { return $true }
        throw $State.Failure
    }
    if ($condition -eq 'Present' -or $condition -eq 'Absent') { return $State.State -eq $condition }
    if ($State.State -eq 'present') {
        if ($State.Kind -ne $Setting.Kind) { return $false }
        # In the form that the table has: numbers unsigned, bytes in hex, a list up to its end.
        $data = $State.Data
        switch ($State.Kind) {
            { $_ -eq 'DWord' -or $_ -eq 'QWord' } { if ($data -lt 0) { $data = ConvertTo-Number $_ $data } }
            'Binary' { $data = [BitConverter]::ToString($data).Replace('-', '') }
            'MultiString' { if ([Array]::IndexOf($data, '') -ge 0) { $data = & 'Get-Element' -List $data } }
        }
    } elseif ($Setting.Contains('Default')) {
        if ($Setting['Pin']) { return $false }
        $data = $Setting.Default
    } else {
        return $condition -eq 'NotEquals' -or $condition -eq 'NoneOf'
    }
    return & "Test-$condition" -Data $data -Operand $Setting[$condition] -Exact $Setting['Exact']
}

function Get-Finding {
    # Each setting at each place that it has on this device: what is there, and whether that holds. Share is of the time that there is.
    param([double] $Share = 1)
    # Settings share keys: each is opened once, and none outlives this look. An open one would keep a user's hive from being unloaded.
    # Paths are told apart by their letters: in Windows PowerShell, @{} compares them by language.
    $open = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    try {
        foreach ($setting in $Settings) {
            if ($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)) { continue }
            $unknown = ''
            if ($setting.Contains('OnlyIf')) {
                try { if (-not (& 'Test-Fact' -Fact $setting.OnlyIf)) { continue } } catch { $unknown = $_.Exception.GetBaseException().Message }
            }
            if ($setting['Only']) {
                & 'Get-ListFinding' -Setting $setting -Unknown $unknown -Share $Share
                continue
            }
            $hive, $key = ([string]$setting['Key']).Split([char[]]'\', 2)
            foreach ($path in @(if ($hive -eq 'HKCU') { & 'Get-UserPath' -Key $key } else { $key })) {
                $place = if ($setting['Of']) {
                    & 'Get-OtherPlace' -Row $setting
                } else {
                    @{ Hive = $hive.Replace('HKCU', 'HKU'); View = $(if ($setting['View']) { 32 } else { 64 }); Path = $path; Name = $setting['Name'] }
                }
                $finding = @{ Setting = $setting; Place = $place; State = $null; Holds = $false; Failure = '' }
                # A guard for each: what one place holds keeps no other from being judged.
                try {
                    if ($unknown) { throw $unknown }
                    if ($Clock.Elapsed.TotalSeconds -gt $Share * $TimeLimit) { Assert-Time $Share }
                    $finding.State = if ($setting['Of']) {
                        Read-Place $place
                    } else {
                        $at = "$($place.Hive) $($place.View) $path"
                        if (-not $open.Contains($at)) { $open[$at] = Open-Place $place }
                        Read-Value $open[$at] $place.Name
                    }
                    $finding.Holds = Test-Verdict $setting $finding.State
                } catch {
                    $finding.Failure = $_.Exception.GetBaseException().Message
                }
                $finding
            }
        }
    } finally {
        foreach ($opened in $open.Values) { if ($opened.Key) { $opened.Key.Dispose() } }
    }
}

function Test-ForUser {
    # Whether the table has settings of users.
    return [bool]$Settings.Where({ ([string]$_['Key']).StartsWith('HKCU\', 'Ordinal') })
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

# A condition is a function of Data and Operand, both in the form that the table has; where it compares text, also of Exact.
function Test-Equals {
    # Text ordinally, never by language: -eq would take different strings for one. Lists element by element, of which none holds a NUL.
    param($Data, $Operand, $Exact)
    if ($Data -is [string[]]) {
        if ($Data.Length -ne $Operand.Length) { return $false }
        $Data, $Operand = [string]::Join("`0", $Data), [string]::Join("`0", $Operand)
    }
    if ($Data -isnot [string]) { return $Data -eq $Operand }
    return [string]::Equals($Data, $Operand, $(if ($Exact) { 'Ordinal' } else { 'OrdinalIgnoreCase' }))
}

function Test-AtLeast {
    param($Data, $Operand)
    return $Data -ge $Operand
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

function Open-Journal {
    # SYSTEM and administrators only: previous values may be secrets, and rollback trusts what it reads here.
    $root = Open-Root 'HKLM' 64
    $security = [Security.AccessControl.RegistrySecurity]::new()
    $security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)')
    return $root.CreateSubKey($JournalPath, 'ReadWriteSubTree', 'None', $security)
}

function Write-EntryState {
    # A state is never lost on the way: the new one is there before the other form of it goes.
    param($Entry, [string] $What, $State)
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

function Write-Written {
    # What was written, with its digest.
    param($Entry, [string] $Id, $State)
    Write-EntryState -Entry $Entry -What 'Written' -State $State
    $Entry.SetValue('WrittenSeal', (Get-Digest $Id (Get-StatePart $State)), 'String')
}

function Write-Entry {
    # Before a change: where, what was there, what will be. Complete comes last; an entry without it stands for no change.
    param($Journal, $Change)
    $id = $Change.Id
    if ($Change.Known) {
        $entry = $Journal.OpenSubKey($id, $true)
        $pending = Read-EntryState $entry 'Pending'
        # A run was killed behind this change: what it wrote isn't forgotten for what is about to be written.
        if ($pending -and (Test-SameState $pending $Change.Previous)) { Write-Written -Entry $entry -Id $id -State $pending }
        if ($Change['Of'] -and (Test-Function 'Write-Base')) { & 'Write-Base' -Entry $entry -Change $Change }
        Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
        Join-Owner $entry $Change.Known
        return $entry
    }
    # What a killed run has begun.
    $Journal.DeleteSubKeyTree($id, $false)
    $entry = $Journal.CreateSubKey($id)
    if ($Change['Of']) {
        $entry.SetValue('Of', $Change.Of, 'String')
    } else {
        $entry.SetValue('Hive', $Change.Hive, 'String')
        $entry.SetValue('View', $Change.View, 'DWord')
        $entry.SetValue('Key', $Change.Path, 'String')
    }
    if ($null -ne $Change.Name) { $entry.SetValue('Name', $Change.Name, 'String') }
    Write-EntryState -Entry $entry -What 'Previous' -State $Change.Previous
    foreach ($flag in 'ClearOnUndo', 'Sensitive') { if ($Change[$flag]) { $entry.SetValue($flag, 1, 'DWord') } }
    Write-EntryState -Entry $entry -What 'Pending' -State $Change.Next
    Write-Owner -Key $entry -Id $id -Sealed @($Collection) -Older @()
    # What is sealed is what a rollback will read.
    if (-not (Test-SameState (Read-EntryState $entry 'Previous') $Change.Previous)) { throw 'what was there before cannot be kept' }
    $entry.SetValue('Seal', (Get-Seal $Change), 'String')
    $entry.SetValue('Complete', 1, 'DWord')
    return $entry
}

function Complete-Entry {
    # After a change: what was meant has been written. Where nothing came of it, an entry that stands for no other change goes.
    param($Journal, $Change)
    $entry = $Change.Entry
    if (-not $Change.Failure -or $Change['Altered']) { Write-Written -Entry $entry -Id $Change.Id -State $Change.Next }
    $stands = $null -ne (Read-EntryState $entry 'Written')
    if ($stands) {
        $entry.DeleteValue('Pending', $false)
        $entry.DeleteValue('PendingAbsent', $false)
    }
    $entry.Dispose()
    if (-not $stands) { $Journal.DeleteSubKeyTree($Change.Id, $false) }
}

function Join-Owner {
    # This collection by its name of today. An entry of older scripts is sealed.
    param($Key, $Entry)
    $sealed = @(Select-OtherOwner $Entry.Sealed) + $Collection
    $older = @(Select-OtherOwner $Entry.Older)
    $same = $Entry.Sealed -ccontains $Collection -and $sealed.Length -eq $Entry.Sealed.Length -and $older.Length -eq $Entry.Older.Length
    if (-not $same) { Write-Owner -Key $Key -Id $Entry.Id -Sealed $sealed -Older $older }
    if ($null -ne $Entry.Seal) { return }
    $written = Read-EntryState $Key 'Written'
    if ($written) { $Key.SetValue('WrittenSeal', (Get-Digest $Entry.Id (Get-StatePart $written)), 'String') }
    $Key.SetValue('Seal', (Get-Seal $Entry), 'String')
}

function Join-ExistingEntry {
    # This collection relies on the place too, and on the keys made for it: it goes back only when the last one lets go.
    param($Journal, $Place)
    $id = Get-PlaceId $Place
    $key = $Journal.OpenSubKey($id, $true)
    if (-not $key) { return }
    try {
        # The common case: joined and sealed by an earlier run.
        $owners = @($key.GetValue('Owners'))
        $joined = $owners -ccontains $Collection -and $null -ne $key.GetValue('Seal') -and $null -ne $key.GetValue('Complete')
        if (-not $joined -or $Adopts.Where({ $owners -ccontains $_ })) {
            $entry = Read-Entry $Journal $id
            if ($entry.Rest) { return }
            if ($entry.Problem) { return Write-PolicyLog -Message (Format-Problem $entry) -Type 3 }
            Join-Owner $key $entry
        }
    } finally {
        $key.Dispose()
    }
    $above = if ($null -ne $Place.Name) { $Place.Path } else { $Place.Path.Substring(0, [Math]::Max(0, $Place.Path.LastIndexOf('\'))) }
    if ($above) { Join-ExistingEntry $Journal @{ Hive = $Place.Hive; View = $Place.View; Path = $above; Name = $null } }
}

function Format-Problem {
    # Of a broken entry, what is wrong with it.
    param($Entry)
    return "entry $($Entry.Id) of the journal is broken, $($Entry.Problem); rollback.ps1 -ShowEntry $($Entry.Id) shows it"
}

$MostOfAUser = 65536

$MostOfTheMachine = 1048576

function Find-Entry {
    # The entry that a change will be noted in, if there is one; whatever forbids the change is an error.
    param($Journal, $Change)
    $key = if ($Journal) { $Journal.OpenSubKey($Change.Id, $false) }
    if ($key) {
        $key.Dispose()
        $entry = Read-Entry $Journal $Change.Id
        if ($entry.Problem) { throw Format-Problem $entry }
        if (-not $entry.Rest) { return $entry }
    }
    # Users decide what is in their hives: the journal is in the machine's.
    $most = if ($Change.Hive -eq 'HKU') { $MostOfAUser } else { $MostOfTheMachine }
    # In bytes, as the registry counts them for text and bytes. Numbers are small, however they are counted.
    $data = $Change.Previous['Data']
    $size = if ($data -is [byte[]]) { $data.Length } else { 2 * [string]::Join('0', @($data)).Length }
    if ($size -gt $most) { throw "it holds $size bytes, and the journal keeps no more than $most of one value: the change could not be undone" }
    return $null
}

function Save-Plan {
    # The barrier: everything is in the journal, and the journal on the disk, before the first change.
    param($Plan, $Journal)
    foreach ($id in [string[]]@($Journal.GetValue('Making'))) {
        # An earlier run was killed; an entry that it hadn't finished would be taken for a broken one.
        if ($id -and $Journal.GetSubKeyNames() -contains $id -and (Read-Entry $Journal $id).Rest) { $Journal.DeleteSubKeyTree($id, $false) }
    }
    $Journal.SetValue('Making', [string[]]@(foreach ($change in $Plan.Values) { if (-not $change.Known) { $change.Id } }), 'MultiString')
    foreach ($change in $Plan.Values) {
        try {
            if ($change.Above) { $change.Failure = $Plan[$change.Above].Failure }
            Assert-Time 0.85
            if (-not $change.Failure) { $change.Entry = Write-Entry $Journal $change }
        } catch {
            $change.Failure = $_.Exception.GetBaseException().Message
            if (-not $change.Known) { $Journal.DeleteSubKeyTree($change.Id, $false) }
        }
    }
    $Journal.Flush()
}

function Get-SetState {
    # What the row says in Set, else what it asks for, as the registry takes it.
    param($Setting)
    $data = if ($Setting.Contains('Set')) { , $Setting['Set'] } else { , $Setting[(Get-Condition $Setting)] }
    switch ($Setting.Kind) {
        'DWord' { $data = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$data), 0) }
        'QWord' { $data = [BitConverter]::ToInt64([BitConverter]::GetBytes([uint64]$data), 0) }
        'Binary' { $data = & 'ConvertFrom-Hex' -Text $data }
    }
    return @{ State = 'present'; Kind = $Setting.Kind; Data = $data }
}

function Get-NextState {
    # The least that satisfies the setting, where its row doesn't say what to write.
    param($Setting, $State)
    if ($Setting['Of']) { return & "Get-$($Setting.Of)Next" -Setting $Setting -State $State }
    if (-not $Setting.Contains('Set')) {
        switch (Get-Condition $Setting) {
            'Absent' { return @{ State = 'absent' } }
            'Present' { return @{ State = 'present'; Kind = 'Key' } }
            'Contains' { return & 'Get-AppendedState' -Setting $Setting -State $State }
        }
    }
    return & 'Get-SetState' -Setting $Setting
}

function Test-Key {
    # Whether a key is there, which one that refuses to be read is too.
    param($Root, [string] $Path)
    try { $key = $Root.OpenSubKey($Path, $false) } catch [Security.SecurityException] { return $true }
    if ($key) { $key.Dispose() }
    return [bool]$key
}

function Get-Change {
    # A step of the plan. Known is the entry that is there; Above, the step that makes the key; Said, what is said of it, a setting each.
    param($Place, $Previous, $Next, [string] $Above)
    return $Place + @{
        Id = Get-PlaceId $Place; Previous = $Previous; Next = $Next; Above = $Above; Sensitive = $false; ClearOnUndo = $false
        Failure = ''; Known = $null; Entry = $null; Said = [Collections.Generic.List[object]]::new()
    }
}

function Get-KeyChange {
    # A step for each key that is missing at a place, the uppermost first.
    param($Plan, $Journal, $Place)
    $root = Open-Root $Place.Hive $Place.View
    $above = ''
    $parts = $Place.Path.Split('\')
    for ($length = 1; $length -le $parts.Length; $length++) {
        $key = @{ Hive = $Place.Hive; View = $Place.View; Path = [string]::Join('\', $parts, 0, $length); Name = $null }
        $id = Get-PlaceId $key
        if (-not $above -and -not $Plan.Contains($id) -and (Test-Key $root $key.Path)) {
            if ($Journal) { Join-ExistingEntry $Journal $key }
            continue
        }
        if (-not $Plan.Contains($id)) { Get-Change -Place $key -Previous @{ State = 'absent' } -Next @{ State = 'present'; Kind = 'Key' } -Above $above }
        $above = $id
    }
}

function Add-Change {
    # Plans what a finding needs: the keys that are missing, then the value. Whatever can be known to stop it stops it here.
    param($Plan, $Journal, $Finding, $Next, [string] $Text)
    $setting = $Finding.Setting
    $place = $Finding.Place
    $said = @{ Setting = $setting.Id; Text = $Text }
    $id = Get-PlaceId $place
    if ($Plan.Contains($id)) {
        # Another setting writes here: together they make one change.
        $Plan[$id].Next = $Next
        return $Plan[$id].Said.Add($said)
    }
    $steps = @(if (-not $place['Of'] -and ($null -eq $place.Name -or $Next.State -ne 'absent')) { Get-KeyChange -Plan $Plan -Journal $Journal -Place $place })
    if ($null -ne $place.Name) {
        # A key that this run makes is among the steps, or was planned by an earlier setting.
        $key = Get-PlaceId @{ Hive = $place.Hive; View = $place.View; Path = $place.Path; Name = $null }
        $above = if ($steps.Length -or $Plan.Contains($key)) { $key }
        $change = Get-Change -Place $place -Previous $Finding.State -Next $Next -Above $above
        foreach ($flag in 'Sensitive', 'ClearOnUndo') { $change[$flag] = [bool]$setting[$flag] }
        $steps += $change
    }
    if (Test-ChangedSince $place $Finding.State) {
        Write-PolicyLog -Message "$($setting.Id): changed by someone else since policyc wrote it: $(Format-Finding $Finding)" -Type 2
    }
    foreach ($step in $steps) { $step.Known = Find-Entry $Journal $step }
    $steps[-1].Said.Add($said)
    foreach ($step in $steps) { $Plan.Add($step.Id, $step) }
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

function Add-Finding {
    # Plans the change of a setting that doesn't hold; where it holds, it is noted that the collection relies on its place.
    [CmdletBinding(SupportsShouldProcess)]
    param($Plan, $Journal, $Finding)
    $setting = $Finding.Setting
    $place = $Finding.Place
    # Whether a setting is about this device may not be known; then nothing counts for it.
    $planned = if (-not $Finding.Holds -and ($Finding.State -or -not $setting.Contains('OnlyIf'))) { $Plan[(Get-PlaceId $place)] }
    if ($planned) {
        # What another setting is about to write at this place counts for this one too.
        $Finding.State = $planned.Next
        $Finding.Holds = Test-Verdict $setting $Finding.State
    } elseif ($Finding.Failure) {
        return
    }
    if ($Finding.Holds) {
        if ($Journal) { Join-ExistingEntry $Journal $place }
        return
    }
    $change = Format-Place $place
    try {
        Assert-Time 0.7
        $next = Get-NextState $setting $Finding.State
        $change += " from $(Format-State $Finding.State $setting['Sensitive'] $place['Of']) to $(Format-State $next $setting['Sensitive'] $place['Of'])"
        if ($PSCmdlet.ShouldProcess($change, "Change $($setting.Id)")) { Add-Change -Plan $Plan -Journal $Journal -Finding $Finding -Next $next -Text $change }
    } catch {
        Write-Change -Id $setting.Id -Text $change -Failure $_.Exception.GetBaseException().Message
    }
}

function Invoke-Change {
    # Gives the key of a value that was changed, to flush its hive by. Opens it with the rights that the act needs: others may be refused.
    param($Change)
    $root = Open-Root $Change.Hive $Change.View
    if ($null -eq $Change.Name) {
        $at = $Change.Path.LastIndexOf('\')
        $parent = if ($at -lt 0) { $root } else { $root.OpenSubKey($Change.Path.Substring(0, $at), 'ReadWriteSubTree', 'CreateSubKey') }
        $last = $Change.Path.Substring($at + 1)
        $made = $parent.CreateSubKey($last, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree)
        return $made.Dispose()
    }
    $key = $root.OpenSubKey($Change.Path, 'ReadWriteSubTree', 'QueryValues, SetValue')
    if (-not $key) { throw 'its key has gone' }
    Write-Value -Key $key -Name $Change.Name -Current $Change.Previous -Next $Change.Next
    return $key
}

function Invoke-Plan {
    # The journal first, then the changes, then their hives to the disk, then the marks that the changes were made.
    param($Plan, $Journal)
    Save-Plan $Plan $Journal
    $hives = @{}
    $others = [Collections.Generic.List[object]]::new()
    foreach ($change in $Plan.Values) {
        if ($change['Of']) {
            $others.Add($change)
            continue
        }
        try {
            if ($change.Above -and -not $change.Failure) { $change.Failure = $Plan[$change.Above].Failure }
            Assert-Time 1
            $key = if (-not $change.Failure) { Invoke-Change $change }
            if ($key) { Add-HiveToFlush -Hives $hives -Place $change -Key $key }
        } catch {
            $change.Failure = $_.Exception.GetBaseException().Message
        }
        foreach ($said in $change.Said) { Write-Change -Id $said.Setting -Text $said.Text -Failure $change.Failure }
    }
    Sync-Hive $hives
    if ($others.Count) { & 'Write-Other' -Changes $others }
    foreach ($change in $Plan.Values) { if ($change.Entry) { Complete-Entry $Journal $change } }
    $Journal.DeleteValue('Making', $false)
}

function Invoke-Remediation {
    # Changes what fails, and nothing else; gives a line for each change. Half of the time is for looking: what users hold keeps
    # nothing of the machine's from being changed.
    $lock = $null
    try {
        $journal = $null
        if (-not $WhatIfPreference) {
            $lock = Lock-Journal
            $root = Open-Root 'HKLM' 64
            $journal = $root.OpenSubKey($JournalPath, $true)
        }
        $plan = [ordered]@{}
        foreach ($finding in @(Get-Finding 0.5)) {
            if (-not $finding.Setting['ReportOnly']) { Add-Finding -Plan $plan -Journal $journal -Finding $finding }
        }
        if ($plan.Count) {
            if (-not $journal) { $journal = Open-Journal }
            Invoke-Plan $plan $journal
        }
        if ($journal -and (Test-ForUser)) { & 'Write-Seen' -Journal $journal }
    } finally {
        if ($lock) { $lock.Dispose() }
    }
}

function Test-Function {
    # Whether this script has a function. What it is called comes from the journal.
    param([string] $Name)
    return $null -ne $ExecutionContext.SessionState.InvokeCommand.GetCommand($Name, 'Function')
}

function Format-Answer {
    # The one line that Intune keeps of a script, at most 2,048 characters: a word, and of the names as many as there is room for.
    param([string] $Word, [string[]] $Names)
    $line = $Word
    for ($i = 0; $i -lt $Names.Length; $i++) {
        $next = "$line$(if ($i) { ',' } else { ':' }) $($Names[$i])"
        $more = " and $($Names.Length - $i) more"
        # Room for the count is kept until there is nothing left to count.
        if ($next.Length + $(if ($i -lt $Names.Length - 1) { $more.Length } else { 0 }) -gt 2048) { return "$line$more" }
        $line = $next
    }
    return $line
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

function Test-EnvironmentVariable {
    # Whether the setting holds in this state.
    param($Setting, $State)
    $there = $State.State -eq 'present'
    if ($Setting['Absent']) { return -not $there }
    if (-not $there) { return $Setting.Contains('NoneOf') }
    if ($Setting['Type'] -and $Setting.Type -cne $State.Data[0]) { return $false }
    $text = Get-VariableText $State
    if ($Setting.Contains('Equals')) { return [string]::Equals($text, $Setting.Equals, $(if ($Setting['Exact']) { 'Ordinal' } else { 'OrdinalIgnoreCase' })) }
    $entries = @(Get-EntryKey @(Get-ListedEntry $text))
    foreach ($entry in @(Get-EntryKey $Setting['Contains'])) { if ($entries -cnotcontains $entry) { return $false } }
    foreach ($entry in @(Get-EntryKey $Setting['NoneOf'])) { if ($entries -ccontains $entry) { return $false } }
    return $true
}

function Get-EnvironmentVariableNext {
    # Entry by entry, in the order that is there; its type stays, unless another one is asked for.
    param($Setting, $State)
    if ($Setting['Absent']) { return @{ State = 'absent' } }
    $there = $State.State -eq 'present'
    $now = Get-VariableText $State
    $text = if ($Setting.Contains('Equals')) {
        $Setting.Equals
    } elseif (-not $there -and $Setting['Present']) {
        $Setting.Set
    } else {
        Join-Entry -Text $now -Without $Setting['NoneOf'] -With $Setting['Contains']
    }
    if ($text.Length -gt 8191 -and $text.Length -gt $now.Length) { throw "it would be $($text.Length) characters long, and programs that cmd.exe starts get none of more than 8191" }
    return Get-VariableState $(if ($Setting['Type']) { $Setting.Type } elseif ($there) { $State.Data[0] } else { 'String' }) $text
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

function Format-EnvironmentVariableMust {
    param($Setting)
    return $Setting['Must']
}
#endregion

try {
    $refusal = Get-Refusal
    if ($refusal) {
        "NotJudged: $refusal"
        exit 2
    }
    $Clock = [Diagnostics.Stopwatch]::StartNew()
    # Microsoft names no limit for a Remediation; half an hour is what Intune gives to platform scripts.
    $TimeLimit = 1500
    $ConfirmPreference = 'None'
    $null = Invoke-Remediation
    $left = [Collections.Generic.List[string]]::new()
    foreach ($finding in @(Get-Finding 1.1)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        Write-PolicyLog -Message "${id}: still not compliant, $(Format-Finding $finding)" -Type 3
        if (-not $left.Contains($id)) { $left.Add($id) }
    }
    if ($left.Count) {
        Format-Answer -Word 'NonCompliant' -Names @($left)
        exit 1
    }
    'Compliant'
    exit 0
} catch [TimeoutException] {
    Format-Reason -Text $_.Exception.Message
    exit 1618
} catch {
    Format-Reason -Text $_.Exception.GetBaseException().Message
    exit 2
}
