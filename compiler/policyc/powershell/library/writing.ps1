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
