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
