# Made by policyc from test.yaml: change it there, not here.
[CmdletBinding(SupportsShouldProcess)]
param(
    # Also restores what somebody else has changed since.
    [switch] $Force
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

# Kept: the places that the policy writes. What the collection has changed elsewhere has left the policy, and goes back.
$Collection = 'test'
$LogName = 'policyc-test.log'
$Kept = @(
    @{ Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\policyc-test\two'; Name = 'v' }
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

function Read-Entry {
    # An entry as an object, or a sentence in Problem that says why it can't be trusted.
    param([Microsoft.Win32.RegistryKey] $Journal, [string] $Id)
    $entry = $Journal.OpenSubKey($Id, $false)
    $read = @{ Id = $Id; Problem = ''; Complete = $null -ne $entry.GetValue('Complete'); Owners = @($entry.GetValue('Owners')) }
    $names = $entry.GetValueNames()
    $read.Hive = $entry.GetValue('Hive')
    $read.View = $entry.GetValue('View')
    $read.Path = $entry.GetValue('Key')
    $read.Name = if ($names -contains 'Name') { $entry.GetValue('Name') } else { $null }
    $read.Sensitive = $names -contains 'Sensitive'
    $read.ClearOnUndo = $names -contains 'ClearOnUndo'
    foreach ($what in 'Previous', 'Written', 'Pending') { $read[$what] = Read-EntryState -Entry $entry -What $what }
    $entry.Dispose()
    if (-not $read.Complete) { return $read }
    if ($read.Hive -notin 'HKLM', 'HKU' -or $read.View -notin 32, 64 -or $read.Path -isnot [string] -or -not $read.Path) {
        $read.Problem = 'it does not say where'
    } elseif ($names -contains 'Name' -and $read.Name -isnot [string]) {
        $read.Problem = 'it does not say which value'
    } elseif ($null -eq $read.Previous) {
        $read.Problem = 'it does not say what was there before'
    } elseif ($read.Previous.State -eq 'present' -and $null -eq $read.Name) {
        $read.Problem = 'it says that a key was there before it was made'
    } elseif ($read.Previous.State -eq 'present' -and (-not $DataTypes.ContainsKey($read.Previous.Kind) -or $read.Previous.Data -isnot $DataTypes[$read.Previous.Kind])) {
        $read.Problem = 'the previous data does not fit its kind'
    } elseif ($null -eq $read.Written -and $null -eq $read.Pending) {
        $read.Problem = 'it does not say what was written'
    }
    return $read
}

function Restore-Place {
    # Back to what was there before; a word on what came of it.
    param([Collections.IDictionary] $Entry)
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
    if ($Entry.Target.State -eq 'absent') {
        $key = $root.OpenSubKey($Entry.Path, $true)
        if ($null -ne $key) { $key.DeleteValue($Entry.Name, $false) }
    } else {
        $key = $root.CreateSubKey($Entry.Path)
        $key.SetValue($Entry.Name, $Entry.Target.Data, $Entry.Target.Kind)
    }
    if ($null -ne $key) { $key.Dispose() }
    return 'restored'
}

function Get-Target {
    # What is restored. A product may ask for cleared data where there was no value.
    param([Collections.IDictionary] $Entry)
    $written = if ($null -ne $Entry.Written) { $Entry.Written } else { $Entry.Pending }
    if ($Entry.ClearOnUndo -and $Entry.Previous.State -eq 'absent' -and $written.State -eq 'present') {
        return @{ State = 'present'; Kind = $written.Kind; Data = '' }
    }
    return $Entry.Previous
}

function Get-Step {
    # What a rollback does with an entry of this collection.
    param([Collections.IDictionary] $Entry, [bool] $EvenIfChanged)
    if (-not $Entry.Complete) { return 'forget' }
    if ($Entry.Owners.Length -gt 1) { return 'release' }
    if ($Entry.Hive -eq 'HKU' -and [Array]::IndexOf((Open-Root -Hive 'HKU' -View 64).GetSubKeyNames(), $Entry.Path.Split('\')[0]) -lt 0) { return 'not loaded' }
    if ($null -eq $Entry.Name) { return 'restore' }
    $Entry.Current = Read-Place -Hive $Entry.Hive -View $Entry.View -Path $Entry.Path -Name $Entry.Name
    $Entry.Target = Get-Target -Entry $Entry
    if ($Entry.Current.State -eq 'unreadable') { return 'unreadable' }
    foreach ($known in $Entry.Target, $Entry.Previous) {
        if (Test-SameState -Left $Entry.Current -Right $known) { return 'forget' }
    }
    foreach ($known in $Entry.Written, $Entry.Pending) {
        if ($null -ne $known -and (Test-SameState -Left $Entry.Current -Right $known)) { return 'restore' }
    }
    if ($EvenIfChanged) { return 'restore' }
    return 'changed'
}

function Clear-Owner {
    param([Microsoft.Win32.RegistryKey] $Journal, [Collections.IDictionary] $Entry)
    $key = $Journal.OpenSubKey($Entry.Id, $true)
    $owners = [Collections.Generic.List[string]]::new([string[]]$Entry.Owners)
    $null = $owners.Remove($Collection)
    $key.SetValue('Owners', $owners.ToArray(), 'MultiString')
    $key.Dispose()
}

function Select-Retired {
    # The entries whose place the policy doesn't write any more. A key that was made stays while a kept entry lies in it.
    param([object[]] $Entries)
    $places = [Collections.Generic.HashSet[string]]::new()
    foreach ($place in $Kept) { $null = $places.Add((Get-PlaceId -Hive $place.Hive -View $place.View -Path $place.Key -Name $place['Name'])) }
    $needed = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    $others = [Collections.Generic.List[object]]::new()
    foreach ($entry in $Entries) {
        if (-not $entry.Complete) {
            $entry
            continue
        }
        $at = @{ Hive = $entry.Hive; View = $entry.View; Path = $entry.Path; Name = $entry.Name }
        if ($at.Hive -eq 'HKU') {
            # The policy names the place below HKCU, for all users alike.
            $at.Hive = 'HKCU'
            $at.Path = $at.Path.Substring($at.Path.IndexOf('\') + 1)
        }
        if (-not $places.Contains((Get-PlaceId @at))) {
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

$stays = @{
    'changed'    = 'was changed by someone else since policyc wrote it; -Force restores it all the same'
    'unreadable' = 'cannot be read, and is never changed'
    'not loaded' = 'belongs to a user who is not signed in; run again when the hive is loaded'
    'in use'     = 'still holds something of this collection'
}
$left = [Collections.Generic.List[object]]::new()
$done = 0
try {
    $root = Open-Root -Hive 'HKLM' -View 64
    $mutex = Lock-Journal
    try {
        $journal = $root.OpenSubKey($JournalPath, $true)
        $entries = @(
            if ($null -ne $journal) {
                foreach ($id in $journal.GetSubKeyNames()) {
                    $entry = Read-Entry -Journal $journal -Id $id
                    # One that isn't complete stands for no change, whoever began it, and may not have come to name its owner.
                    if (-not $entry.Complete -or [Array]::IndexOf($entry.Owners, $Collection) -ge 0) { $entry }
                }
            }
        )
        # All of them are checked before the first write.
        $broken = @($entries | Where-Object { $_.Problem })
        if ($broken.Length) {
            foreach ($entry in $broken) {
                $text = "policyc: entry $($entry.Id) of the journal is broken, $($entry.Problem); nothing was restored"
                Write-PolicyLog -Message $text -Type 3
                Write-Error -ErrorAction Continue -Message $text
            }
            exit 2
        }
        $all = $entries.Length
        $entries = @(Select-Retired -Entries $entries)
        # Values first, then the keys that were made for them, the deepest first.
        $order = [Collections.Generic.List[object]]::new()
        foreach ($entry in $entries) { if (-not $entry.Complete -or $null -ne $entry.Name) { $order.Add($entry) } }
        for ($depth = 512; $depth -gt 0; $depth--) {
            foreach ($entry in $entries) {
                if ($entry.Complete -and $null -eq $entry.Name -and $entry.Path.Split('\').Length -eq $depth) { $order.Add($entry) }
            }
        }
        foreach ($entry in $order) {
            $step = Get-Step -Entry $entry -EvenIfChanged $Force
            $place = if ($entry.Complete) { Format-Place -Hive $entry.Hive -View $entry.View -Path $entry.Path -Name $entry.Name } else { $entry.Id }
            if ($stays.ContainsKey($step)) {
                $left.Add($entry)
                Write-PolicyLog -Message "retire: left $place, it $($stays[$step])" -Type 2
                Write-Output -InputObject "Left      $place, it $($stays[$step])"
                continue
            }
            $action = switch ($step) {
                'forget' { 'Forget: it is as it was before' }
                'release' { 'Let go: another collection relies on it' }
                default {
                    if ($null -eq $entry.Name) {
                        'Remove the key if nothing else is in it'
                    } else {
                        "Restore from $(Format-State -State $entry.Current -Sensitive $entry.Sensitive) to $(Format-State -State $entry.Target -Sensitive $entry.Sensitive)"
                    }
                }
            }
            if (-not $PSCmdlet.ShouldProcess($place, $action)) { continue }
            try {
                if ($step -eq 'release') {
                    Clear-Owner -Journal $journal -Entry $entry
                } else {
                    $result = if ($step -eq 'restore') { Restore-Place -Entry $entry } else { 'as before' }
                    $below = $entry.Path + '\'
                    $waiting = @($left | Where-Object { $_.Hive -eq $entry.Hive -and $_.View -eq $entry.View -and ($_.Path + '\').StartsWith($below, 'OrdinalIgnoreCase') })
                    if ($result -eq 'in use' -and $waiting.Length) {
                        $left.Add($entry)
                        continue
                    }
                    $journal.DeleteSubKeyTree($entry.Id, $false)
                    if ($result -eq 'in use') { $action = 'Left the key: something else is in it' }
                }
                $done++
                Write-PolicyLog -Message "retire: $place. $action"
                Write-Output -InputObject "Done      $place. $action"
            } catch {
                $left.Add($entry)
                $text = "$place could not be restored. $($_.Exception.GetBaseException().Message)"
                Write-PolicyLog -Message "retire: $text" -Type 3
                Write-Output -InputObject "Failed    $text"
            }
        }
        if ($null -ne $journal -and -not $WhatIfPreference) {
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
        if ($null -ne $mutex) {
            try { $mutex.ReleaseMutex() } catch { Write-Verbose -Message 'The lock was not held.' }
            $mutex.Dispose()
        }
    }
} catch {
    Write-Error -ErrorAction Continue -Message "policyc: $($_.Exception.GetBaseException().Message)"
    exit 2
}
Write-Output -InputObject "Places in the journal: $all; still in the policy: $($all - $entries.Length); done: $done; left: $($left.Count)"
if ($left.Count) { exit 1 }
exit 0
