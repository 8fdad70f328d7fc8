<#
.SYNOPSIS
    Judges the settings of a policy on this machine, brings them about, or takes them back: for a machine that nothing manages.
.DESCRIPTION
    Run it in PowerShell that was started with "Run as administrator". It needs no other file, and starts itself anew as a 64-bit process
    where it was started as a 32-bit one. What it finds and changes is also in a log below %windir%\Logs\policyc, which the last line names.

    Ends with 0 where all settings hold (Audit), all that it may change holds (Apply), all went back or is kept for another collection
    (Restore); 2 where a setting does not hold (Audit); 3 where something is left (Apply, Restore); 4 where none fails and one could not be
    judged (Audit), or it could not do its work, as another run was busy; 65 without elevation; 233 where it wasn't said what to do.
.PARAMETER Mode
    Audit says which settings hold, and changes nothing: what happens where nothing is said. Apply changes what fails and nothing else, and
    keeps in the device's journal what was there before. Restore brings that back, and leaves what somebody else has changed since.
.PARAMETER VendorScript
    With Apply, where the policy has a package of the vendor's: the path of the script that you downloaded for single devices, or of the one
    that the policy names. It is run before anything is changed, in this window: answer what it asks. The vendor means the script for
    single devices for ten at most. It is never part of this file.
.PARAMETER OnlyRetired
    With Restore: only the places that the policy, as it was when this script was made, doesn't write any more.
.PARAMETER Force
    With Restore: also restores what somebody else has changed since. Those places are named before anything is changed.
.PARAMETER ForceAtMost
    With Restore: how many such places -Force may restore. Where there are more, nothing is changed.
.PARAMETER ForgetGone
    With Restore: also drops what is kept for users whose profile has left the device.
.PARAMETER ShowEntry
    With Restore: shows an entry of the journal by its id, and changes nothing.
.PARAMETER DropEntry
    With Restore: drops an entry that is broken, and with it what was there before.
.EXAMPLE
    .\policy.ps1
    Says which settings hold.
.EXAMPLE
    .\policy.ps1 -Mode Apply -WhatIf
    Says what it would change, and changes nothing.
.EXAMPLE
    .\policy.ps1 -Mode Apply -VendorScript .\WindowsDefenderATPLocalOnboardingScript.cmd
    Onboards the machine, and brings the settings about.
.EXAMPLE
    .\policy.ps1 -Mode Restore
    Takes back what this collection has changed on the machine, whichever system brought it there.
.NOTES
    For the collection everywhere, made by policyc from everywhere.yaml: change it there, not here.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [ValidateSet('Audit', 'Apply', 'Restore')] [string] $Mode = 'Audit',
    [string] $VendorScript,
    [switch] $OnlyRetired,
    [switch] $Force,
    [ValidateRange(0, 1000000)] [int] $ForceAtMost = 100,
    [switch] $ForgetGone,
    [string] $ShowEntry,
    [string] $DropEntry
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Settings = @(
    @{ Id = 'defender-atp-sample-collection'; Title = 'No samples are collected'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'; Name = 'AllowSampleCollection'; Kind = 'DWord'; Equals = 0; Default = 1; Pin = $true }
    @{ Id = 'defender-atp-device-tag'; Title = 'The device carries its Windows Defender ATP tag'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection\DeviceTagging'; Name = 'Group'; Kind = 'String'; Equals = 'Everywhere'; Exact = $true; ClearOnUndo = $true }
    @{ Id = 'no-multicast-names'; Title = 'Names are not asked for by multicast'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient'; Name = 'EnableMulticast'; Kind = 'DWord'; Equals = 0 }
    @{ Id = 'log-size'; Title = 'The security log holds 200 MB at least'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security'; Name = 'MaxSize'; Kind = 'DWord'; AtLeast = 204800 }
    @{ Id = 'path'; Title = 'The tools of the estate are found by every program'; Of = 'EnvironmentVariable'; Place = 'Path'; Contains = ([string[]]@('%ProgramFiles%\Example\bin')); Type = 'ExpandString'; Must = 'have the entries "%ProgramFiles%\Example\bin" as expand_string' }
)
$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/everywhere'
$Adopts = ([string[]]@('everywhere'))
$LogName = 'policyc-everywhere-8ee4ffd4.log'
$Vendor = @{}

#region policyc engine, SHA-256 b191613ae26d671d20c1d967840a705396e1f84fef5e024e4496b5b77e7f45ec
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

function Get-NativeEngine {
    # Windows PowerShell as a 64-bit process, where this is a 32-bit one on 64-bit Windows; nothing elsewhere. A 32-bit process sees
    # neither the files nor all the cmdlets that Windows has.
    if (-not [Environment]::Is64BitOperatingSystem -or [Environment]::Is64BitProcess) { return }
    return [IO.Path]::Combine([Environment]::GetFolderPath('Windows'), 'sysnative\WindowsPowerShell\v1.0\powershell.exe')
}

function Format-Parameter {
    # What this script was told, for another process that runs it.
    param($Bound)
    foreach ($one in $Bound.GetEnumerator()) {
        if ($one.Value -isnot [switch]) {
            if ("$($one.Value)") { "-$($one.Key)", "$($one.Value)" }
        } elseif ($one.Value) {
            "-$($one.Key)"
        }
    }
}

function Write-Said {
    # A line for the console, and one for the log.
    param([string] $Text, [int] $Type = 1)
    Write-PolicyLog -Message $Text -Type $Type
    $Text
}

function Write-Outcome {
    # The last lines of a run: what came of it, and where a person reads more.
    param([string] $Text, [int] $Type)
    Write-Said -Text $Text -Type $Type
    try { "Log: $([IO.Path]::Combine((Get-LogFolder), $LogName))" } catch { "There is no log: $($_.Exception.GetBaseException().Message)" }
}

function Invoke-Audit {
    # A line for each setting and each place that it has; gives the counts to Counts.
    param($Counts)
    if (Test-ForUser) { foreach ($note in & 'Get-NobodyNote') { Write-Said -Text $note } }
    foreach ($setting in $Settings) {
        if ($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)) { "NotApplicable $($setting.Id): $($setting.Title)" }
        elseif ($setting.Contains('OnlyIf')) { & 'Format-Apart' -Setting $setting }
    }
    foreach ($finding in @(Get-Finding)) {
        $setting = $finding.Setting
        $result = if ($finding.Failure) { 'Error' } elseif ($finding.Holds) { 'Compliant' } else { 'NonCompliant' }
        $Counts[$result]++
        $reported = if (-not $finding.Holds -and $setting['ReportOnly']) { ' (reported only)' }
        '{0,-13} {1}: {2}{3}' -f $result, $setting.Id, $setting.Title, $reported
        if ($finding.Holds) { continue }
        $since = if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { '; changed by someone else since policyc wrote it' }
        $said = "$(Format-Finding $finding)$since"
        "              $said"
        Write-PolicyLog -Message "$($setting.Id): not compliant$reported, $said" -Type $(if ($finding.Failure) { 3 } else { 2 })
    }
}

function Find-Left {
    # What is left after a remediation, a line each; the ids to Left, those of settings that are only reported to Reported.
    param($Left, $Reported)
    foreach ($finding in @(Get-Finding)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        $list = $Left
        if ($finding.Setting['ReportOnly']) { $list = $Reported }
        if (-not $list.Contains($id)) { $list.Add($id) }
        if (-not $finding.Setting['ReportOnly']) { Write-Said -Text "NonCompliant  ${id}: $(Format-Finding $finding)" -Type 3 }
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

$refusal = Get-Refusal
if ($refusal) {
    Write-Error -ErrorAction Continue -Message $refusal
    if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage' -or [Environment]::OSVersion.Platform -ne 'Win32NT') { exit 4 }
    'Start PowerShell with "Run as administrator", and run this script there.'
    exit 65
}
$ofRestore = @('OnlyRetired', 'Force', 'ForceAtMost', 'ForgetGone', 'ShowEntry', 'DropEntry').Where({ $PSBoundParameters.ContainsKey($_) })
$misplaced = $VendorScript -and ($Mode -ne 'Apply' -or -not $Vendor.Count)
if ($misplaced -or ($ofRestore -and $Mode -ne 'Restore') -or @($OnlyRetired, $ShowEntry, $DropEntry).Where({ $_ }).Count -gt 1) {
    Write-Error -ErrorAction Continue -Message 'policyc: usage: policy.ps1 [-Mode Audit | Apply | Restore] [-WhatIf]; with Apply, where the policy has a package, [-VendorScript PATH]; with Restore alone [-OnlyRetired] [-Force [-ForceAtMost N]] [-ForgetGone], or -ShowEntry ID, or -DropEntry ID; nothing was changed'
    exit 233
}
$engine = Get-NativeEngine
if ($engine) {
    & $engine -NoLogo -NoProfile -File $PSCommandPath @(Format-Parameter $PSBoundParameters)
    exit $LASTEXITCODE
}
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = [int]::MaxValue
# What is changed is what a rollback knows the place of.
$Kept = @($Settings.Where({ -not $_['ReportOnly'] }))
Write-PolicyLog -Message "policy.ps1 -Mode $Mode$(if ($WhatIfPreference) { ' -WhatIf' }): begins"
try {
    if ($Mode -eq 'Audit') {
        $counts = @{ Compliant = 0; NonCompliant = 0; Error = 0 }
        Invoke-Audit -Counts $counts
        $code = if ($counts.NonCompliant) { 2 } elseif ($counts.Error) { 4 } else { 0 }
        Write-Outcome -Text "$($counts.Compliant) compliant, $($counts.NonCompliant) not compliant, $($counts.Error) could not be judged" -Type $(if ($code) { 2 } else { 1 })
        exit $code
    }
    if ($Mode -eq 'Apply') {
        $left = [Collections.Generic.List[string]]::new()
        $told = @()
        $told
        Invoke-Remediation
        $reported = [Collections.Generic.List[string]]::new()
        Find-Left -Left $left -Reported $reported
        $only = if ($reported.Count) { "; $($reported.Count) reported only: $([string]::Join(', ', $reported))" }
        if ($left.Count) {
            Write-Outcome -Text "$($left.Count) not compliant: $([string]::Join(', ', $left))$only" -Type 3
            exit 3
        }
        Write-Outcome -Text "Compliant$(if ($only) { ' in what it may change' })$only" -Type 1
        exit 0
    }
    $results = @{ All = 0; Chosen = 0; Done = 0; Kept = 0; Gone = 0; Hives = @{} }
    foreach ($list in 'Left', 'Broken', 'Settled', 'Others') { $results[$list] = [Collections.Generic.List[object]]::new() }
    Invoke-Rollback -Results $results -OnlyRetired:$OnlyRetired -EvenIfChanged $Force -AtMost $ForceAtMost -EvenOfGone $ForgetGone -ShowEntry $ShowEntry -DropEntry $DropEntry
    if ($ShowEntry -or $DropEntry) { exit 0 }
    $text = "Places in the journal: $($results.All)"
    if ($OnlyRetired) { $text += "; still in the policy: $($results.All - $results.Chosen)" }
    $text += "; done: $($results.Done); kept for another: $($results.Kept); of users who left: $($results.Gone); broken: $($results.Broken.Count); left: $($results.Left.Count)"
    $code = if ($results.Left.Count -or $results.Broken.Count) { 3 } else { 0 }
    Write-Outcome -Text $text -Type $(if ($code) { 3 } else { 1 })
    exit $code
} catch [TimeoutException] {
    Write-Error -ErrorAction Continue -Message $_.Exception.Message
    exit 4
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 4
}
