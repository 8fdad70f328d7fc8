<#
.SYNOPSIS
    Tells ConfigMgr whether the settings below hold on this device. Changes nothing.
.DESCRIPTION
    Writes one line: Compliant, or NonCompliant and the ids that fail. The reasons are in the log. Throws where it can't judge at all.
.NOTES
    For the collection everywhere, made by policyc from everywhere.yaml: change it there, not here.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Settings = @(
    @{ Id = 'no-multicast-names'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient'; Name = 'EnableMulticast'; Kind = 'DWord'; Equals = 0 }
    @{ Id = 'log-size'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security'; Name = 'MaxSize'; Kind = 'DWord'; AtLeast = 204800 }
    @{ Id = 'path'; Of = 'EnvironmentVariable'; Place = 'Path'; Contains = ([string[]]@('%ProgramFiles%\Example\bin')); Type = 'ExpandString'; Must = 'have the entries "%ProgramFiles%\Example\bin" as expand_string' }
)
$LogName = 'policyc-everywhere-8ee4ffd4.log'

#region policyc engine, SHA-256 67c32687dbf896713bbf1cea51114c260db5d8858aa654d98d90cf6154db6b28
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

$refusal = Get-Refusal
if ($refusal) { throw $refusal }
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = 40
$failing = [Collections.Generic.List[string]]::new()
if (Test-ForUser) { foreach ($note in & 'Get-NobodyNote') { Write-PolicyLog -Message $note } }
foreach ($setting in $Settings) { if ($setting.Contains('OnlyIf')) { & 'Write-Apart' -Setting $setting } }
foreach ($finding in @(Get-Finding)) {
    if ($finding.Holds) { continue }
    $id = $finding.Setting.Id
    $since = if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { ' (changed by someone else since policyc wrote it)' }
    Write-PolicyLog -Message "${id}: not compliant, $(Format-Finding $finding)$since" -Type $(if ($finding.Failure) { 3 } else { 2 })
    if (-not $failing.Contains($id)) { $failing.Add($id) }
}
# ConfigMgr takes each line of output for an instance: exactly one, and exit code 0.
if ($failing.Count) { "NonCompliant: $([string]::Join(', ', $failing))" } else { 'Compliant' }
