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
