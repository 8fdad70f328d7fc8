# Optional features and capabilities, through the cmdlets of Windows' own module Dism. They give states as names of an enumeration,
# which Windows translates nowhere. A part that waits for a restart is what it will be then.
$DismLists = @{}
$DismAlong = @{}

$DismWords = @{
    OptionalFeature = @{
        Enabled = 'enabled'; EnablePending = 'enabled'; Disabled = 'disabled'; DisablePending = 'disabled'; DisabledWithPayloadRemoved = 'removed'
    }
    Capability = @{
        Installed = 'present'; InstallPending = 'present'; NotPresent = 'absent'; UninstallPending = 'absent'
        Staged = 'absent'; Removed = 'absent'; Superseded = 'absent'
    }
}

$DismErrors = @{
    '0x800f0902' = 'Windows is busy with other servicing: a later run tries again'
    '0x80070020' = 'Windows is busy with other servicing: a later run tries again'
    '0x800f081f' = 'Windows has no source for its files, in no store of its own and where it may look'
    '0x800f0954' = 'Windows has no source for its files, as WSUS has none'
    '0x800f080c' = 'this Windows knows none of this name'
    '0x80040154' = 'the module Dism does not work in this PowerShell; it does in Windows PowerShell'
}

function Get-DismFailure {
    # What went wrong, in words where they are known; what Windows says, for people.
    param($Record)
    if ($Record.Exception -is [Management.Automation.CommandNotFoundException]) { return 'this PowerShell has no module Dism' }
    $failure = $Record.Exception.GetBaseException()
    $code = '0x{0:x8}' -f $failure.HResult
    # What this script itself throws.
    if ($code -eq '0x80131501') { return $failure.Message }
    if ($DismErrors.Contains($code)) { return "$($DismErrors[$code]) ($code)" }
    return "$($failure.Message.Trim()) ($code)"
}

function Get-DismList {
    # All parts of a kind by name, each with what Windows calls its state. Asked once, as that takes seconds.
    param([string] $Of)
    if (-not $DismLists.Contains($Of)) {
        $found = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::OrdinalIgnoreCase)
        try {
            if ($Of -eq 'Capability') {
                # Without the limit Windows Update is asked.
                foreach ($one in Get-WindowsCapability -Online -LimitAccess -ErrorAction Stop) { $found[$one.Name] = [string]$one.State }
            } else {
                foreach ($one in Get-WindowsOptionalFeature -Online -ErrorAction Stop) { $found[$one.FeatureName] = [string]$one.State }
            }
            $DismLists[$Of] = if ($found.Count) { $found } else { 'DISM names none at all' }
        } catch {
            $DismLists[$Of] = Get-DismFailure $_
        }
    }
    if ($DismLists[$Of] -is [string]) { throw $DismLists[$Of] }
    return $DismLists[$Of]
}

function Find-DismName {
    # What Windows calls a part; nothing where it knows none. A capability has a version behind its name.
    param([string] $Of, [string] $Name)
    $list = Get-DismList $Of
    if ($list.ContainsKey($Name)) { return $Name }
    if ($Of -ne 'Capability') { return }
    $found = @($list.Keys.Where({ $_.StartsWith("$Name~", [StringComparison]::OrdinalIgnoreCase) }))
    if ($found.Length -gt 1) { throw "it names $($found.Length) capabilities, such as $($found[0])" }
    $found
}

function Get-DismWord {
    # The state of one in the words of a policy; throws where there is none.
    param([string] $Of, [string] $State)
    if (-not $DismWords[$Of].Contains($State)) { throw "DISM says that it is $State" }
    return $DismWords[$Of][$State]
}

function Read-Dism {
    # The state of a part, and behind a semicolon what this run changed along with it.
    param([string] $Of, [string] $Place)
    try {
        $name = Find-DismName $Of $Place
        if (-not $name) { return @{ State = 'absent' } }
        $said = (Get-DismList $Of)[$name]
        return @{ State = 'present'; Kind = 'String'; Data = (Get-DismWord $Of $said) + $DismAlong["$Of $Place"]; Pending = $said.EndsWith('Pending') }
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = Get-DismFailure $_ }
    }
}

function Test-Dism {
    # Whether a part is as its setting says: without its files it is disabled too.
    param([hashtable] $Setting, [hashtable] $State)
    if ($State.State -eq 'absent') { return [bool]$Setting['Missing'] }
    $word = $State.Data.Split(';')[0].Replace('removed', 'disabled')
    return $word -eq $Setting.State
}

function Get-DismNext {
    # What its setting says.
    param([hashtable] $Setting, [hashtable] $State)
    if ($State.State -ne 'present') { throw 'This Windows knows none of this name: it comes with another edition or release, or the name is wrong' }
    return @{ State = 'present'; Kind = 'String'; Data = $Setting.State }
}

function Invoke-DismChange {
    # Brings one part to a state, without a restart.
    param([string] $Of, [string] $Name, [string] $Word)
    $part = @{ Online = $true; ErrorAction = 'Stop'; WarningAction = 'SilentlyContinue' }
    $name = Find-DismName $Of $Name
    switch ($Word) {
        'enabled' { $null = Enable-WindowsOptionalFeature @part -FeatureName $name -NoRestart }
        'disabled' { $null = Disable-WindowsOptionalFeature @part -FeatureName $name -NoRestart }
        'removed' { $null = Disable-WindowsOptionalFeature @part -FeatureName $name -NoRestart -Remove }
        'present' { $null = Add-WindowsCapability @part -Name $name }
        'absent' { $null = Remove-WindowsCapability @part -Name $name }
    }
}

function Invoke-DismList {
    # Brings parts to their states; those that fail come again as long as another one succeeds: its parent may have been enabled by then.
    param([string] $Of, [object[]] $Steps)
    $left = $Steps
    do {
        $number = $left.Length
        $left = @(
            foreach ($step in $left) {
                try {
                    Invoke-DismChange $Of $step.Name $step.Word
                    $step.Failure = ''
                } catch {
                    $step.Failure = Get-DismFailure $_
                    $step
                }
            }
        )
    } while ($left.Length -and $left.Length -lt $number)
}

function Write-Dism {
    # What is to be changed, then what went along with it the last time (a rollback); and what Windows changed along with it now is kept.
    param([string] $Of, [object[]] $Changes)
    $before = Get-DismList $Of
    $steps = @(foreach ($change in $Changes) { @{ Name = $change.Name; Word = $change.Next.Data.Split(';')[0]; Failure = ''; Change = $change } })
    Invoke-DismList $Of $steps
    foreach ($step in $steps) { $step.Change.Failure = $step.Failure }
    $null = $DismLists.Remove($Of)
    $along = @(
        foreach ($step in $steps) {
            if ($step.Failure) { continue }
            $back = $step.Change.Next.Data.Substring($step.Word.Length).Trim(';')
            foreach ($name in $back.Split([char[]]',', [StringSplitOptions]::RemoveEmptyEntries)) {
                $now = (Read-Dism $Of $name)['Data']
                if ($now -and $now -ne $step.Word) { @{ Name = $name; Word = $step.Word; Failure = '' } }
            }
        }
    )
    if ($along.Length) {
        Invoke-DismList $Of $along
        foreach ($step in $along) { if ($step.Failure) { Write-PolicyLog "$(& "Format-${Of}Place" -Place $step.Name) did not come back: $($step.Failure)" 2 } }
        $null = $DismLists.Remove($Of)
    }
    Save-DismAlong $Of $steps $before
}

function Save-DismAlong {
    # What changed along with these, which is said and stands behind their states.
    param([string] $Of, [object[]] $Steps, $Before)
    $now = Get-DismList $Of
    $own = @(foreach ($step in $Steps) { Find-DismName $Of $step.Name })
    $done = @($Steps.Where({ -not $_.Failure }))
    foreach ($step in $done) {
        # A rollback has nothing that a later one would undo.
        $others = @(
            if (-not $step.Change.Contains('Restored')) {
                foreach ($name in $now.Keys) {
                    $was = if ($Before.ContainsKey($name)) { $DismWords[$Of][$Before[$name]] }
                    $is = $DismWords[$Of][$now[$name]]
                    if ($own -notcontains $name -and $was -and $is -ne $was -and $is -eq $step.Word) { $name }
                }
            }
        )
        if ($others.Length) {
            # Of several changes of one run, the first has them all: each goes back once.
            [Array]::Sort($others, [StringComparer]::Ordinal)
            $own += $others
            $names = [string]::Join(',', $others)
            $DismAlong["$Of $($step.Name)"] = ";$names"
            Write-PolicyLog "along with $(& "Format-${Of}Place" -Place $step.Name), Windows brought to $($step.Word): $($names.Replace(',', ', '))" 2
        }
        # Where the cmdlet has done nothing, what was to come of it stays, and isn't found.
        $read = Read-Dism $Of $step.Name
        if ($read.State -eq 'present' -and (Test-Dism @{ State = $step.Word.Replace('removed', 'disabled') } $read)) { $step.Change.Next = $read }
    }
}

function Get-DismUndone {
    # What was there first, with what went along; where nobody has changed it since.
    param([hashtable] $Entry, [hashtable] $Current)
    if ($Current.State -ne 'present' -or $Entry.Previous.State -ne 'present') { return $null }
    $is = $Current.Data
    foreach ($known in $Entry.Known) {
        if ($known.State -ne 'present') { continue }
        $word, $along = $known.Data.Split([char[]]';', 2)
        if ($word -ne $is) { continue }
        return @{ State = 'present'; Kind = 'String'; Data = "$($Entry.Previous.Data);$along".Trim(';') }
    }
    return $null
}

function Format-DismState {
    # What is there, for people.
    param([hashtable] $State)
    if ($State.State -ne 'present') { return 'not known to this Windows' }
    $word, $along = $State.Data.Split([char[]]';', 2)
    $text = if ($State['Pending']) { "$word once Windows has restarted" } else { $word }
    if ($along) { return "$text (with $($along.Replace(',', ', ')))" }
    return $text
}

function Format-DismMust {
    # What a setting asks for, as the end of a sentence.
    param([hashtable] $Setting)
    return "be $($Setting.State)$(if ($Setting['Missing']) { '; one that this Windows does not know counts as that' })"
}
