<#
.SYNOPSIS
    Says whether this golden image may be sealed: whether it holds nothing by which its clones would be taken for one device. Changes nothing.
.DESCRIPTION
    Run it in the image as SYSTEM (psexec.exe -s), as the last thing before the image is sealed: not even an administrator may look into the
    sensor's own folder. A line for each thing that it looks at; at last the counts.
    Ends with 0 where the image is clean, 2 where it isn't, 4 where nothing fails and something could not be judged, 65 without elevation.
.NOTES
    For the collection everywhere, made by policyc from everywhere.yaml: change it there, not here.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Settings = @(
    @{ Id = 'image-1'; Title = 'OnboardingInfo in SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection is not there'; Key = 'HKLM\SOFTWARE\Policies\Microsoft\Windows Advanced Threat Protection'; Name = 'OnboardingInfo'; Absent = $true; Sensitive = $true }
    @{ Id = 'image-2'; Title = 'senseGuid in SOFTWARE\Microsoft\Windows Advanced Threat Protection is not there'; Key = 'HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection'; Name = 'senseGuid'; Absent = $true; Sensitive = $true }
    @{ Id = 'image-3'; Title = '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A in SOFTWARE\Microsoft\Windows Advanced Threat Protection is not there'; Key = 'HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection'; Name = '7DC0B629-D7F6-4DB3-9BF7-64D5AAF50F1A'; Absent = $true; Sensitive = $true }
    @{ Id = 'image-4'; Title = 'SOFTWARE\Microsoft\Windows Advanced Threat Protection\48A68F11-7A16-4180-B32C-7F974C7BD783 is not there'; Key = 'HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\48A68F11-7A16-4180-B32C-7F974C7BD783'; Absent = $true; Sensitive = $true }
    @{ Id = 'image-state'; Title = 'The image is not onboarded'; Key = 'HKLM\SOFTWARE\Microsoft\Windows Advanced Threat Protection\Status'; Name = 'OnboardingState'; Kind = 'DWord'; Equals = 0; Default = 0 }
    @{ Id = 'image-service'; Title = 'The service Sense does not run'; Of = 'Service'; Place = 'Sense'; State = 'stopped'; Missing = $true }
)
$Folder = 'Microsoft\Windows Defender Advanced Threat Protection\Cyber'

#region policyc engine, SHA-256 9a283b2cfd9d4ea7216a864c84ec077dc649ff6e28cdc49a06d71d2179911582
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

function Get-FolderFinding {
    # A line where a folder below %ProgramData% holds a file, or can't be looked into; nothing where it holds none. Counts as the rows do.
    param([string] $Folder, $Counts)
    $path = [IO.Path]::Combine([Environment]::GetFolderPath('CommonApplicationData'), $Folder)
    try {
        foreach ($file in [IO.Directory]::EnumerateFiles($path, '*', 'AllDirectories')) {
            $Counts.NonCompliant++
            return "NonCompliant  there are files in $path, $file among them"
        }
    } catch [IO.DirectoryNotFoundException] {
        Write-Verbose -Message "$path is not there."
    } catch {
        $Counts.Error++
        return "Error         ${path}: $($_.Exception.GetBaseException().Message)"
    }
    $Counts.Compliant++
    "Compliant     there are no files in $path"
}

$ServiceStarts = 'boot', 'system', 'automatic', 'manual', 'disabled'

function Find-Service {
    # What the service manager has by this name. Its states are numbers here, as words are translated: 1 is stopped, 4 runs.
    param([string] $Name)
    $service = Get-Service -Name $Name -ErrorAction Ignore
    if (-not $service) { throw "the service manager has no service $Name" }
    return $service
}

function Get-ServiceAbove {
    # Those that depend on a service and run, in the order in which they are to be stopped.
    param($Service)
    foreach ($one in $Service.DependentServices) { if ([int]$one.Status -ne 1) { $one.ServiceName } }
}

function Read-ServiceNumber {
    # A number of a service's key.
    param($Key, [string] $Name)
    if ([string]$Key.GetValueKind($Name) -ne 'DWord') { throw "its value $Name is no number" }
    return $Key.GetValue($Name)
}

function Read-Service {
    # When it starts and whether it runs: 'delayed;stopped'. Of a driver, only when it starts. Behind the state of one that runs stand those
    # that depend on it and run: 'automatic;running;PrintNotify,Fax'. One that is starting, stopping or paused isn't stopped.
    param([string] $Place)
    $key = $null
    try {
        $key = (Open-Root 'HKLM' 64).OpenSubKey("SYSTEM\CurrentControlSet\Services\$Place", $false)
        # Keys without the two are of other uses: the service manager passes them by.
        $names = if ($key) { $key.GetValueNames() }
        if ($names -notcontains 'Start' -or $names -notcontains 'Type') { return @{ State = 'absent' } }
        if ($names -contains 'DeleteFlag') { throw 'it is being removed' }
        $start = Read-ServiceNumber $key 'Start'
        if ($start -notin 0..4) { throw "its start type is $start" }
        $part = @{ Startup = $ServiceStarts[$start]; State = ''; Above = '' }
        if ($start -eq 2 -and $names -contains 'DelayedAutostart' -and (Read-ServiceNumber $key 'DelayedAutostart')) { $part.Startup = 'delayed' }
        if (-not ((Read-ServiceNumber $key 'Type') -band 15)) {
            $service = Find-Service $Place
            $part.State = if ([int]$service.Status -eq 1) { 'stopped' } else { 'running' }
            $part.Above = [string]::Join(',', @(Get-ServiceAbove $service))
        }
        return (Join-ServicePart $part) + @{ Triggers = $start -eq 3 -and $key.GetSubKeyNames() -contains 'TriggerInfo' }
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    } finally {
        if ($key) { $key.Dispose() }
    }
}

function Get-ServicePart {
    # A state in its parts.
    param($State)
    if ($State.State -ne 'present') { throw 'It is not installed, and no policy installs a service' }
    $parts = ($State.Data + ';;').Split(';')
    return @{ Startup = $parts[0]; State = $parts[1]; Above = $parts[2] }
}

function Join-ServicePart {
    # The state of these parts.
    param($Part)
    $above = if ($Part.State -eq 'running') { $Part.Above }
    return @{ State = 'present'; Kind = 'String'; Data = "$($Part.Startup);$($Part.State);$above".TrimEnd(';') }
}

function Test-Service {
    # Whether the setting holds in this state; throws where that can't be said.
    param($Setting, $State)
    if ($State.State -eq 'absent') { return [bool]$Setting['Missing'] }
    $part = Get-ServicePart $State
    if ($Setting['State'] -and -not $part.State) { throw 'it is a driver, and of those only the start type is judged' }
    foreach ($word in 'Startup', 'State') { if ($Setting[$word] -and $Setting[$word] -ne $part[$word]) { return $false } }
    return $true
}

function Format-ServiceState {
    # What is there, for people.
    param($State)
    if ($State.State -ne 'present') { return 'not installed' }
    $part = Get-ServicePart $State
    $text = $part.Startup
    if ($State['Triggers']) { $text += ' (started by triggers)' }
    if ($part.State) { $text += ", $($part.State)" }
    if ($part.Above) { $text += " (with $($part.Above.Replace(',', ', ')), which depend on it)" }
    return $text
}

function Format-ServicePlace {
    # A service, for people.
    param([string] $Place)
    return "service $Place"
}

function Format-ServiceMust {
    # What a setting asks for, as the end of a sentence.
    param($Setting)
    $words = @(foreach ($word in 'Startup', 'State') { if ($Setting[$word]) { $Setting[$word] } })
    return "be $([string]::Join(' and ', $words))$(if ($Setting['Missing']) { '; not installed counts as that' })"
}
#endregion

$refusal = Get-Refusal
if ($refusal) {
    Write-Error -ErrorAction Continue -Message $refusal
    if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage' -or [Environment]::OSVersion.Platform -ne 'Win32NT') { exit 4 }
    exit 65
}
$Clock = [Diagnostics.Stopwatch]::StartNew()
$TimeLimit = [int]::MaxValue
try {
    $counts = @{ Compliant = 0; NonCompliant = 0; Error = 0 }
    foreach ($finding in @(Get-Finding)) {
        $result = if ($finding.Failure) { 'Error' } elseif ($finding.Holds) { 'Compliant' } else { 'NonCompliant' }
        $counts[$result]++
        '{0,-13} {1}' -f $result, $finding.Setting.Title
        if (-not $finding.Holds) { "              $(Format-Finding $finding)" }
    }
    Get-FolderFinding -Folder $Folder -Counts $counts
    $clean = if ($counts.NonCompliant + $counts.Error) { 'Do not seal it' } else { 'Clean' }
    "${clean}: $($counts.Compliant) as they must be, $($counts.NonCompliant) not, $($counts.Error) could not be judged"
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 4
}
if ($counts.NonCompliant) { exit 2 }
if ($counts.Error) { exit 4 }
exit 0
