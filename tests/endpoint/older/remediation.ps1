# Made by policyc from test.yaml: change it there, not here.
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

$Collection = 'test'
$LogName = 'policyc-test.log'
$Settings = @(
    @{
        Id = 'one'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\policyc-test\one'; Name = 'v'
        Kind = 'DWord'; Condition = 'equals'; Operand = 1
        Must = 'be 1 [dword]'
        Write = 'Set'; Data = 1
    }
    @{
        Id = 'two'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\policyc-test\two'; Name = 'v'
        Kind = 'String'; Condition = 'equals'; Operand = 'right'
        Must = 'be "right" [string]'
        Write = 'Set'; Data = 'right'
    }
    @{
        Id = 'list'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\policyc-test\list'; Name = 'v'
        Kind = 'MultiString'; Condition = 'contains'; Operand = ([string[]]@('a', 'b'))
        Must = 'contain "a", "b" [multi_string]'
        Write = 'Append'; Data = ([string[]]@('a', 'b'))
    }
    @{
        Id = 'gone'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\policyc-test\gone'; Name = 'v'
        Kind = 'DWord'; Condition = 'absent'
        Must = 'be absent'
        Write = 'Delete'
    }
)


# The log, in the form that CMTrace reads. Only folders that users can't write to: SYSTEM would follow their junction.
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

function Write-PolicyLog {
    param([string] $Message, [int] $Type = 1)
    try {
        $windows = [Environment]::GetFolderPath('Windows')
        $folder = [IO.Path]::Combine($windows, 'CCM\Logs')
        if (-not [IO.Directory]::Exists($folder)) {
            $folder = [IO.Path]::Combine($windows, 'Logs\policyc')
            $null = [IO.Directory]::CreateDirectory($folder)
        }
        $file = [IO.FileInfo]::new([IO.Path]::Combine($folder, $LogName))
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
    $text = switch ($State.Kind) {
        'MultiString' { '{' + [string]::Join('; ', $State.Data) + '}' }
        { $_ -eq 'Binary' -or $_ -eq 'None' } { [BitConverter]::ToString($State.Data).Replace('-', '') }
        { $_ -eq 'DWord' -or $_ -eq 'QWord' } { [string](ConvertTo-Number -Kind $State.Kind -Data $State.Data) }
        default { '"' + $State.Data + '"' }
    }
    if ($text.Length -gt 200) { $text = $text.Substring(0, 200) + '...' }
    return "$text [$($State.Kind)]"
}

function Format-Place {
    param([string] $Hive, [int] $View, [string] $Path, $Name)
    $text = "$Hive\$Path"
    if ($null -ne $Name) { $text += ' : ' + $(if ($Name) { $Name } else { '(Default)' }) }
    if ($View -eq 32) { $text += ' (32-bit view)' }
    return $text
}

function Test-HoldsAll {
    param([string[]] $List, [string[]] $Elements, $Exact)
    $comparer = if ($Exact) { [StringComparer]::Ordinal } else { [StringComparer]::OrdinalIgnoreCase }
    return [Collections.Generic.HashSet[string]]::new($List, $comparer).IsSupersetOf($Elements)
}

function Test-Same {
    param([Collections.IDictionary] $Setting, $Left, $Right)
    # Text ordinally, never by language: -eq would take different strings for one.
    $comparison = if ($Setting['Exact']) { [StringComparison]::Ordinal } else { [StringComparison]::OrdinalIgnoreCase }
    switch ($Setting.Kind) {
        'DWord' { return $Left -eq $Right }
        'QWord' { return $Left -eq $Right }
        default { return [string]::Equals($Left, $Right, $comparison) }
    }
}

function Test-Data {
    # Whether data of the right kind satisfies the condition. Numbers come unsigned, as Decimal.
    param([Collections.IDictionary] $Setting, $Data)
    switch ($Setting.Condition) {
        'equals' { return Test-Same -Setting $Setting -Left $Data -Right $Setting.Operand }
        'contains' { return Test-HoldsAll -List $Data -Elements $Setting.Operand -Exact $Setting['Exact'] }
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
        $places = @(@{ Hive = 'HKLM'; Path = $setting.Key })
        foreach ($place in $places) {
            $state = Read-Place -Hive $place.Hive -View $setting.View -Path $place.Path -Name $setting['Name']
            $verdict = Get-Verdict -Setting $setting -State $state
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
    $is = Format-State -State $Finding.State -Sensitive $Finding.Setting['Sensitive']
    if ($Finding.Failure) { return "$place can't be judged: $($Finding.Failure)" }
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
    if ($names -notcontains 'Name') { return @{ State = 'present'; Kind = 'Key'; Data = $null } }
    return @{
        State = 'present'
        Kind  = [string]$Entry.GetValueKind($What)
        Data  = $Entry.GetValue($What, $null, 'DoNotExpandEnvironmentNames')
    }
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

function Lock-Journal {
    # Two runs at once would take each other's values for previous ones. Best effort: nobody may stop a remediation by holding the lock.
    try {
        $mutex = [Threading.Mutex]::new($false, 'Global\policyc-journal')
        try {
            if (-not $mutex.WaitOne(20000)) { Write-PolicyLog -Message 'Another run of policyc has been busy for 20 seconds; going on.' -Type 2 }
        } catch [Threading.AbandonedMutexException] {
            Write-PolicyLog -Message 'An earlier run of policyc was killed; going on from its journal.' -Type 2
        }
        return $mutex
    } catch {
        Write-PolicyLog -Message "The lock could not be had; going on. $($_.Exception.GetBaseException().Message)" -Type 2
        return $null
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

function Write-Entry {
    # Before a change: where, what was there, what will be. Complete comes last; an entry without it stands for no change.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Hive, [int] $View, [string] $Path, $Name, [Collections.IDictionary] $Previous, [Collections.IDictionary] $Next, $Setting)
    $id = Get-PlaceId -Hive $Hive -View $View -Path $Path -Name $Name
    $entry = $Journal.OpenSubKey($id, $true)
    if ($null -ne $entry -and $null -eq $entry.GetValue('Complete')) {
        $entry.Dispose()
        $Journal.DeleteSubKeyTree($id, $false)
        $entry = $null
    }
    if ($null -eq $entry) {
        $entry = $Journal.CreateSubKey($id)
        $entry.SetValue('Hive', $Hive, 'String')
        $entry.SetValue('View', $View, 'DWord')
        $entry.SetValue('Key', $Path, 'String')
        if ($null -ne $Name) { $entry.SetValue('Name', $Name, 'String') }
        $entry.SetValue('Owners', [string[]]@(), 'MultiString')
        Write-EntryState -Entry $entry -What 'Previous' -State $Previous
        if ($Setting['ClearOnUndo']) { $entry.SetValue('ClearOnUndo', 1, 'DWord') }
        if ($Setting['Sensitive']) { $entry.SetValue('Sensitive', 1, 'DWord') }
    }
    Write-EntryState -Entry $entry -What 'Pending' -State $Next
    Join-Owner -Entry $entry
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
    param([Microsoft.Win32.RegistryKey] $Entry)
    $owners = [string[]]$Entry.GetValue('Owners')
    if ([Array]::IndexOf($owners, $Collection) -lt 0) { $Entry.SetValue('Owners', [string[]]($owners + $Collection), 'MultiString') }
}

function Complete-Entry {
    # After a change: what was meant has been written.
    param([Microsoft.Win32.RegistryKey] $Entry, [Collections.IDictionary] $Next)
    Write-EntryState -Entry $Entry -What 'Written' -State $Next
    $Entry.DeleteValue('Pending', $false)
    $Entry.DeleteValue('PendingAbsent', $false)
    $Entry.Dispose()
}

function Join-ExistingEntry {
    # This collection relies on the place too, and on the keys made for it: it goes back only when the last one lets go.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Hive, [int] $View, [string] $Path, $Name)
    $entry = $Journal.OpenSubKey((Get-PlaceId -Hive $Hive -View $View -Path $Path -Name $Name), $true)
    if ($null -eq $entry) { return }
    $complete = $null -ne $entry.GetValue('Complete')
    if ($complete) { Join-Owner -Entry $entry }
    $entry.Dispose()
    $above = if ($null -ne $Name) { $Path } else { $Path.Substring(0, [Math]::Max(0, $Path.LastIndexOf('\'))) }
    if ($complete -and $above) { Join-ExistingEntry -Journal $Journal -Hive $Hive -View $View -Path $above -Name $null }
}

function Open-KeyForWriting {
    # The key, made where it's missing, with an entry for each key that had to be made.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Hive, [int] $View, [string] $Path)
    $key = Open-Root -Hive $Hive -View $View
    $parts = $Path.Split('\')
    $at = ''
    for ($i = 0; $i -lt $parts.Length; $i++) {
        $at = if ($i) { $at + '\' + $parts[$i] } else { $parts[$i] }
        $last = $i -eq $parts.Length - 1
        $existing = $key.OpenSubKey($parts[$i], $last)
        if ($null -ne $existing) {
            Join-ExistingEntry -Journal $Journal -Hive $Hive -View $View -Path $at -Name $null
        } else {
            $next = @{ State = 'present'; Kind = 'Key'; Data = $null }
            $entry = Write-Entry -Journal $Journal -Hive $Hive -View $View -Path $at -Name $null -Previous @{ State = 'absent' } -Next $next -Setting @{}
            $parent = (Open-Root -Hive $Hive -View $View)
            if ($i) { $parent = $parent.OpenSubKey([string]::Join('\', $parts, 0, $i), $true) }
            try { $existing = $parent.CreateSubKey($parts[$i]) } catch { Clear-FailedEntry -Journal $Journal -Entry $entry; throw }
            Complete-Entry -Entry $entry -Next $next
        }
        $key = $existing
    }
    return $key
}

function Read-Finding {
    # Judges anew, by what is there now.
    param($Finding)
    Close-Key
    $Finding.State = Read-Place -Hive $Finding.Hive -View $Finding.Setting.View -Path $Finding.Path -Name $Finding.Setting['Name']
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
        'Append' {
            $list = [Collections.Generic.List[string]]::new()
            if ($Finding.State.State -eq 'present' -and $Finding.State.Kind -eq 'MultiString') { $list.AddRange([string[]]$Finding.State.Data) }
            if ($Finding.State.State -eq 'absent' -and $setting.ContainsKey('Default')) { $list.AddRange([string[]]$setting.Default) }
            foreach ($element in $setting.Data) {
                if (-not (Test-HoldsAll -List $list -Elements @($element) -Exact $setting['Exact'])) { $list.Add($element) }
            }
            return @{ State = 'present'; Kind = 'MultiString'; Data = $list.ToArray() }
        }
        default {
            $data = $setting.Data
            if ($setting.Kind -eq 'DWord') { $data = [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32]$data), 0) }
            if ($setting.Kind -eq 'QWord') { $data = [BitConverter]::ToInt64([BitConverter]::GetBytes([uint64]$data), 0) }
            return @{ State = 'present'; Kind = $setting.Kind; Data = $data }
        }
    }
}

function Write-Place {
    param([Microsoft.Win32.RegistryKey] $Journal, $Finding, [Collections.IDictionary] $Next)
    $at = @{ Hive = $Finding.Hive; View = $Finding.Setting.View; Path = $Finding.Path }
    $name = $Finding.Setting['Name']
    if ($null -eq $name) {
        $null = Open-KeyForWriting -Journal $Journal @at
        return
    }
    if ($Next.State -eq 'absent') {
        $key = (Open-Root -Hive $Finding.Hive -View $Finding.Setting.View).OpenSubKey($Finding.Path, $true)
    } else {
        $key = Open-KeyForWriting -Journal $Journal @at
    }
    $entry = Write-Entry -Journal $Journal @at -Name $name -Previous $Finding.State -Next $Next -Setting $Finding.Setting
    try {
        if ($Next.State -eq 'absent') { $key.DeleteValue($name, $false) } else { $key.SetValue($name, $Next.Data, $Next.Kind) }
    } catch {
        Clear-FailedEntry -Journal $Journal -Entry $entry
        throw
    }
    $key.Dispose()
    Complete-Entry -Entry $entry -Next $Next
}

# ConfigMgr reports a remediation as failed only if it throws.
$root = Open-Root -Hive 'HKLM' -View 64
$mutex = Lock-Journal
try {
    $journal = $root.OpenSubKey($JournalPath, $true)
    $written = $false
    foreach ($finding in @(Get-Finding)) {
        $setting = $finding.Setting
        $at = @{ Hive = $finding.Hive; View = $setting.View; Path = $finding.Path; Name = $setting['Name'] }
        # What another setting has just written at this place counts for this one too.
        if ($written -and -not $finding.Holds) { Read-Finding -Finding $finding }
        if ($finding.Failure) { continue }
        if ($finding.Holds) {
            if ($null -ne $journal) { Join-ExistingEntry -Journal $journal @at }
            continue
        }
        $next = Get-NextState -Finding $finding
        $old = Format-State -State $finding.State -Sensitive $setting['Sensitive']
        $change = "$(Format-Place @at) from $old to $(Format-State -State $next -Sensitive $setting['Sensitive'])"
        try {
            if ($null -eq $journal) { $journal = Open-Journal }
            if (Test-ChangedSince @at -State $finding.State) {
                Write-PolicyLog -Message "$($setting.Id): changed by someone else since policyc wrote it: $(Format-Finding -Finding $finding)" -Type 2
            }
            $written = $true
            Write-Place -Journal $journal -Finding $finding -Next $next
            Write-PolicyLog -Message "$($setting.Id): changed $change"
        } catch {
            Write-PolicyLog -Message "$($setting.Id): could not change $change. $($_.Exception.GetBaseException().Message)" -Type 3
        }
    }
} finally {
    if ($null -ne $mutex) {
        try { $mutex.ReleaseMutex() } catch { Write-Verbose -Message 'The lock was not held.' }
        $mutex.Dispose()
    }
}
$left = @(foreach ($finding in @(Get-Finding)) { if (-not $finding.Holds) { $finding } })
if ($left.Length) {
    $ids = foreach ($finding in $left) {
        Write-PolicyLog -Message "$($finding.Setting.Id): still not compliant, $(Format-Finding -Finding $finding)" -Type 3
        $finding.Setting.Id
    }
    throw "policyc: still not compliant after remediation: $([string]::Join(', ', @($ids)))"
}
