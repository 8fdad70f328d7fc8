<#
.SYNOPSIS
    Says which settings of a policy hold on this device. Changes nothing.
.DESCRIPTION
    A line for each setting and each place that it has, and below it what is there and what must be; at last the counts.
    Ends with 0 where all hold, 1 where one doesn't, 2 where one could not be judged.
.NOTES
    For the collection kiosks, made by policyc from both.yaml: change it there, not here.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Settings = @(
    @{ Id = 'smb-signing'; Title = 'The server signs'; Key = 'HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters'; Name = 'RequireSecuritySignature'; Kind = 'DWord'; Equals = 1 }
    @{ Id = 'agent'; Title = 'The agent answers'; Of = 'Script'; Place = 'agent'; Expect = 'On'; Seconds = 30; Discovery = '79bcd1ddfd2d41a040645b9b275baf4c8633962fcddcaeaa52892889c5d7b178'; ReportOnly = $true }
)

#region policyc engine, SHA-256 f40fe505682e73b9cec927cceab32344cc580db52f9e38c3425d2673dcab52f9
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

function New-WorkFolder {
    # A new folder for what a tool writes and reads: below one that only SYSTEM and administrators open. Whoever asks removes it.
    $path = [IO.Path]::Combine((Get-LogFolder), [IO.Path]::GetRandomFileName())
    return [IO.Directory]::CreateDirectory($path).FullName
}

function Invoke-Tool {
    # Runs a program of Windows' own with these arguments, none of which holds a quote. ExitCode, and Text: what it said, for people only.
    param([string] $Name, [string[]] $Arguments, [int] $Seconds = 30)
    $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine([Environment]::GetFolderPath('System'), $Name))
    $start.Arguments = [string]::Join(' ', @(foreach ($argument in $Arguments) { "`"$argument`"" }))
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $said = @($process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync())
        if (-not $process.WaitForExit(1000 * $Seconds)) {
            $process.Kill()
            throw "$Name had not ended after $Seconds seconds"
        }
        $text = @(foreach ($one in $said) { if ($one.Wait(2000)) { $one.Result.Trim() } })
        $code = $process.ExitCode
    } finally {
        $process.Dispose()
    }
    $shown = ConvertTo-VisibleText ([string]::Join(' ', $text) -replace '\s+', ' ').Trim()
    return @{ ExitCode = $code; Text = $shown.Substring(0, [Math]::Min(200, $shown.Length)) }
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

# Scripts of the administrators' own. Their texts are files of their own beside this script, and of what was changed stand in the
# journal too. Each is checked, written where only administrators write, and run as a process of its own. What discovery prints is the state.
$ScriptStates = @{}

$ScriptOutput = 4096

function Get-ScriptRow {
    # The row of a place; nothing in a rollback, whose table has places alone.
    param([string] $Place)
    foreach ($row in @($ExecutionContext.SessionState.PSVariable.GetValue('Settings'))) {
        if ($null -ne $row -and $row['Of'] -eq 'Script' -and $row.Place -eq $Place) { return $row }
    }
}

function Open-ScriptEntry {
    # The entry of a place in the journal.
    param([string] $Place)
    $id = Get-PlaceId @{ Of = 'Script'; Hive = ''; View = 0; Path = ''; Name = $Place }
    return (Open-Root 'HKLM' 64).OpenSubKey("$JournalPath\$id", $false)
}

function Get-ScriptSeal {
    # The digest over what an entry keeps for the way back.
    param($Entry)
    $parts = foreach ($name in 'Discovery', 'Rollback', 'Seconds') { [string]$Entry.GetValue($name) }
    return Get-Hash (Join-Part $parts)
}

function Read-ScriptFile {
    # The text of a file beside this script, with its signature. It is read once: what is checked is what runs.
    param([string] $Id, [string] $What, [string] $Hash)
    $file = [IO.Path]::Combine($PSScriptRoot, "own-$Id-$($What.ToLowerInvariant()).ps1")
    $text = [Text.Encoding]::GetEncoding(28591).GetString([IO.File]::ReadAllBytes($file))
    # Whatever stands behind the script is a comment.
    $own = [regex]::Replace($text, '(\r?\n|\A)# SIG # Begin signature block\r?\n(# [A-Za-z0-9+/=]+\r?\n)+# SIG # End signature block(\r?\n)?\z', '')
    $hasher = [Security.Cryptography.SHA256]::Create()
    $found = [BitConverter]::ToString($hasher.ComputeHash([Text.Encoding]::GetEncoding(28591).GetBytes($own))).Replace('-', '')
    $hasher.Dispose()
    if ($found -ne $Hash) { throw "the file $file is not the one that was compiled: its SHA-256 is $found. It was not run" }
    return $text
}

function Get-ScriptText {
    # One of a place's texts and its time limit: from beside this script where its table has the setting, else from the journal.
    param([string] $Place, [string] $What)
    $row = Get-ScriptRow $Place
    if ($null -ne $row) { return @{ Text = Read-ScriptFile $row.Id $What $row[$What]; Seconds = $row.Seconds } }
    $entry = Open-ScriptEntry $Place
    if ($null -eq $entry) { throw 'the journal has no entry of it' }
    try {
        if ($entry.GetValue('Texts') -cne (Get-ScriptSeal $entry)) { throw 'what its entry keeps of its scripts was altered' }
        if (-not $entry.GetValue($What)) { throw "It has no $($What.ToLowerInvariant()) script: what its remediation did stays" }
        return @{ Text = $entry.GetValue($What); Seconds = $entry.GetValue('Seconds') }
    } finally {
        $entry.Dispose()
    }
}

function Stop-Script {
    # Ends a process and all that it has started. .NET does that by itself, .NET Framework by a program of Windows.
    param($Process)
    try {
        if ($null -ne $Process.GetType().GetMethod('Kill', [type[]]@([bool]))) { return $Process.Kill($true) }
        $null = Invoke-Tool 'taskkill.exe' '/T', '/F', '/PID', $Process.Id 10
    } catch {
        Write-Verbose -Message $_.Exception.Message
    }
    if (-not $Process.WaitForExit(2000)) { $Process.Kill() }
}

function Start-Script {
    # Windows PowerShell of this Windows' own width, for a file: no profile, no window, no question.
    param([string] $File)
    $system = if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) { 'sysnative' } else { 'System32' }
    $windows = [Environment]::GetFolderPath('Windows')
    $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine($windows, $system, 'WindowsPowerShell\v1.0\powershell.exe'))
    $start.Arguments = "-NoProfile -NonInteractive -File `"$File`""
    # Its own modules, not those of the PowerShell that runs this.
    $start.EnvironmentVariables.Remove('PSModulePath')
    $start.WorkingDirectory = [IO.Path]::Combine($windows, $system)
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    return $process
}

function Invoke-ScriptFile {
    # Runs a file and gives Code, Out and Error; no more than so much of each is read. Throws where it had to be ended.
    param([string] $File, [int] $Seconds)
    $process = Start-Script $File
    try {
        $out, $errors = [char[]]::new($ScriptOutput), [char[]]::new($ScriptOutput)
        $reads = @($process.StandardOutput.ReadBlockAsync($out, 0, $ScriptOutput), $process.StandardError.ReadBlockAsync($errors, 0, $ScriptOutput))
        $waited = [Diagnostics.Stopwatch]::StartNew()
        $ended = ''
        while (-not $ended -and -not $process.WaitForExit(100)) {
            if ($waited.Elapsed.TotalSeconds -ge $Seconds) { $ended = "had not ended after $Seconds seconds, and was ended" }
            foreach ($read in $reads) { if ($read.IsCompleted -and $read.Result -eq $ScriptOutput) { $ended = "said more than $ScriptOutput characters, and was ended" } }
        }
        if ($ended) { Stop-Script $process }
        # What it has started may hold its output.
        foreach ($read in $reads) { $null = $read.Wait(2000) }
        $said = foreach ($part in $out, $errors) { [string]::new($part).TrimEnd([char]0) }
        if ($ended) { throw "it $ended. $(Format-ScriptSaid ($said -join ' '))".Trim() }
        return @{ Code = $process.ExitCode; Out = $said[0]; Error = $said[1] }
    } finally {
        $process.Dispose()
    }
}

function Format-ScriptSaid {
    # What a script said, for people: on a line, and not too much of it.
    param([string] $Text)
    $shown = ConvertTo-VisibleText (($Text -replace '\s+', ' ').Trim())
    if ($shown) { "It said: $($shown.Substring(0, [Math]::Min(300, $shown.Length)))" }
}

function Invoke-Script {
    # Runs one of a place's scripts and gives what it printed. Throws where it failed: that is the script's own failure, and told so.
    param([string] $Place, [string] $What)
    $script = Get-ScriptText $Place $What
    $folder = New-WorkFolder
    $word = $What.ToLowerInvariant()
    try {
        $file = [IO.Path]::Combine($folder, "$word.ps1")
        [IO.File]::WriteAllBytes($file, [Text.Encoding]::GetEncoding(28591).GetBytes($script.Text))
        $run = Invoke-ScriptFile $file $script.Seconds
    } catch {
        throw "The $word script failed: $($_.Exception.GetBaseException().Message)"
    } finally {
        try { [IO.Directory]::Delete($folder, $true) } catch { Write-PolicyLog -Message "$folder could not be removed" -Type 2 }
    }
    # Windows PowerShell translates what it says of errors, not their ids, and breaks lines anywhere.
    $bare = $run.Error -replace '\s', ''
    $why = if ($bare -match 'ConstrainedLanguage') {
        ' PowerShell ran it in constrained language mode: an application control policy must trust it as it trusts this script.'
    } elseif ($bare -match 'about_Execution_Policies|FullyQualifiedErrorId:UnauthorizedAccess(?!Exception)') {
        ' The execution policy of this device refuses it: the script must be signed, as policyc sign does, or unsigned ones be allowed.'
    }
    if ($run.Code -ne 0) { throw "The $word script failed: it ended with $($run.Code).$why $(Format-ScriptSaid $run.Error)".Trim() }
    if ($run.Error) { Write-PolicyLog -Message "own script ${Place}: the $word script complained.$why $(Format-ScriptSaid $run.Error)" -Type 2 }
    return $run.Out
}

function Get-ScriptPrinted {
    # What discovery printed, as a state: one line, or nothing.
    param([string] $Text)
    $lines = @(($Text -replace '\r?\n\z', '') -split '\r?\n')
    if ($lines.Length -gt 1) { throw "The discovery script printed $($lines.Length) lines, and one is asked for. $(Format-ScriptSaid $Text)" }
    if (-not $lines[0]) { return @{ State = 'absent' } }
    if ($lines[0] -notmatch '\A[ -~]{1,256}\z') { throw "The discovery script printed no line of 256 characters of printable ASCII. $(Format-ScriptSaid $Text)" }
    return @{ State = 'present'; Kind = 'String'; Data = $lines[0] }
}

function Read-Script {
    # What discovery prints: one run serves the whole script, until something is changed.
    param([string] $Place)
    if (-not $ScriptStates.ContainsKey($Place)) {
        $ScriptStates[$Place] = try {
            Get-ScriptPrinted (Invoke-Script $Place 'Discovery')
        } catch {
            @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
        }
    }
    return $ScriptStates[$Place]
}

function Test-Script {
    # Whether discovery printed what is expected, to the letter.
    param([hashtable] $Setting, [hashtable] $State)
    return $State.State -eq 'present' -and ([string]$State.Data).Equals($Setting.Expect)
}

function Format-ScriptState {
    # What is there, for people.
    param([hashtable] $State)
    if ($State.State -ne 'present') { return 'printing nothing' }
    return "printing '$($State.Data)'"
}

function Format-ScriptPlace {
    # What a setting is about, for people.
    param([string] $Place)
    return "own script $Place"
}

function Format-ScriptMust {
    # What a setting asks for, as the end of a sentence.
    param([hashtable] $Setting)
    return "print '$($Setting.Expect)'"
}
#endregion

$refusal = Get-Refusal
if ($refusal) {
    Write-Error -ErrorAction Continue -Message $refusal
    exit 2
}
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = [int]::MaxValue
try {
    $counts = @{ Compliant = 0; NonCompliant = 0; Error = 0; Reported = 0 }
    if (Test-ForUser) { & 'Get-NobodyNote' }
    foreach ($setting in $Settings) {
        if ($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)) { "NotApplicable $($setting.Id): $($setting.Title)" }
        elseif ($setting.Contains('OnlyIf')) { & 'Format-Apart' -Setting $setting }
    }
    foreach ($finding in @(Get-Finding)) {
        $setting = $finding.Setting
        $result = if ($finding.Failure) { 'Error' } elseif ($finding.Holds) { 'Compliant' } else { 'NonCompliant' }
        $counts[$result]++
        $reported = -not $finding.Holds -and $setting['ReportOnly']
        if ($reported) { $counts.Reported++ }
        '{0,-13} {1}: {2}{3}' -f $result, $setting.Id, $setting.Title, $(if ($reported) { ' (reported only)' })
        if (-not $finding.Holds) { "              $(Format-Finding $finding)" }
        if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { '              changed by someone else since policyc wrote it' }
    }
    $only = if ($counts.Reported) { "; $($counts.Reported) of them reported only" }
    "$($counts.Compliant) compliant, $($counts.NonCompliant) not compliant, $($counts.Error) could not be judged$only"
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 2
}
if ($counts.Error) { exit 2 }
if ($counts.NonCompliant) { exit 1 }
exit 0
