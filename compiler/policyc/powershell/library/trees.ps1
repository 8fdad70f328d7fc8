# A key that must be absent with everything below it, taken apart: a row for each value, so that each is removed, kept in the journal and
# rolled back as any other value is, and one for the keys, whose place is all of them. policyc.kinds.registry.trees does the same.
$MostTreeValues = 500

$MostTreeKeys = 100

# Why a tree may not go, by its place: nothing of it is touched then.
$TreeRefusals = @{}

function Get-TreePlace {
    # The key of a tree, from what the journal calls its keys: the view, then the key.
    param([string] $Name)
    $view, $key = $Name.Split([char[]]' ', 2)
    $hive, $path = $key.Split([char[]]'\', 2)
    return @{ Hive = $hive; View = [int]$view; Path = $path; Name = $null }
}

function Get-TreeKey {
    # The keys of a tree, each behind the one that it lies in; none where it isn't there.
    param($Place, [int] $Most)
    $root = Open-Root $Place.Hive $Place.View
    $waiting = [Collections.Generic.Stack[string]]::new([string[]]@($Place.Path))
    $count = 0
    while ($waiting.Count) {
        $at = $waiting.Pop()
        $key = $root.OpenSubKey($at, $false)
        if (-not $key) {
            if ($count) { throw "the key $at can't be opened" }
            return
        }
        try { $names = $key.GetSubKeyNames() } finally { $key.Dispose() }
        $count++
        if ($count -gt $Most) { throw "more than $Most keys are in it, and no more are removed at once" }
        $at
        foreach ($name in $names) { $waiting.Push("$at\$name") }
    }
}

function Test-OwnRight {
    # Whether a key has rights that one made anew in its place wouldn't have: not all are inherited, nor what the key above has.
    param($Root, [string] $Path, $Key)
    $rights = $Key.GetAccessControl('Access')
    if ($rights.AreAccessRulesProtected) { return $true }
    if (-not $rights.GetAccessRules($true, $false, [Security.Principal.SecurityIdentifier]).Count) { return $false }
    $above = $Root.OpenSubKey($Path.Substring(0, $Path.LastIndexOf('\')), 'Default', 'ReadPermissions')
    try { return $rights.GetSecurityDescriptorSddlForm('Access') -cne $above.GetAccessControl('Access').GetSecurityDescriptorSddlForm('Access') } finally { $above.Dispose() }
}

function Read-TreeValue {
    # Path and Name of each value of a tree that can go as a whole. Throws what keeps it from that: what can't be read, removed or kept.
    param($Place)
    $root = Open-Root $Place.Hive $Place.View
    $most = if ($Place.Hive -eq 'HKU') { $MostOfAUser } else { $MostOfTheMachine }
    $size = 0
    $count = 0
    foreach ($path in @(Get-TreeKey $Place $MostTreeKeys)) {
        $shown = Format-Place @{ Hive = $Place.Hive; View = $Place.View; Path = $path; Name = $null }
        $key = try {
            $root.OpenSubKey($path, 'ReadWriteSubTree', 'QueryValues, EnumerateSubKeys, SetValue, Delete, ReadPermissions')
        } catch {
            throw "$shown can't be removed: $($_.Exception.GetBaseException().Message)"
        }
        try {
            if (Test-OwnRight -Root $root -Path $path -Key $key) { throw "$shown has rights of its own, which a rollback could not give back" }
            foreach ($name in $key.GetValueNames()) {
                $count++
                if ($count -gt $MostTreeValues) { throw "more than $MostTreeValues values are in it, and no more are removed at once" }
                $state = Read-Value @{ Key = $key } $name
                if ($state.State -ne 'present') { throw "a value in $shown is in the way: $($state.Failure)" }
                if ($state.Data -is [byte[]]) { $size += $state.Data.Length } elseif ($state.Kind -match 'String') { $size += 2 * [string]::Join('0', @($state.Data)).Length }
                if ($size -gt $most) { throw "more than $most bytes are in it, and the journal keeps no more: the change could not be undone" }
                @{ Path = $path; Name = $name }
            }
        } finally {
            $key.Dispose()
        }
    }
}

function Get-TreeEntry {
    # What the journal holds of a tree: values, and keys under what the journal calls them (Of). HKCU is any user.
    param($Place)
    $journal = (Open-Root 'HKLM' 64).OpenSubKey($JournalPath, $false)
    if (-not $journal) { return }
    try {
        foreach ($id in $journal.GetSubKeyNames()) {
            $key = $journal.OpenSubKey($id, $false)
            $of, $hive, $view, $path, $name = foreach ($field in 'Of', 'Hive', 'View', 'Key', 'Name') { [string]$key.GetValue($field) }
            $named = $key.GetValueNames() -contains 'Name'
            $key.Dispose()
            if (-not $named) { continue }
            $at = @{ Of = $of; Hive = $hive; View = $view; Path = $path; Name = $name }
            if ($of -eq 'RegistryTree' -and $name -match '\A(32|64) HK(LM|U)\\.') {
                foreach ($field in (Get-TreePlace $name).GetEnumerator()) { if ($field.Key -ne 'Name') { $at[$field.Key] = $field.Value } }
            } elseif ($of) {
                continue
            }
            if ($Place.Hive -eq 'HKCU' -and $at.Hive -eq 'HKU' -and $at.Path -match '\AS-1-(5-21|12-1)-') {
                $at.Hive = 'HKCU'
                $at.Path = $at.Path.Substring($at.Path.IndexOf('\') + 1)
            }
            $inside = "$($at.Hive) $($at.View) $($at.Path)\".StartsWith("$($Place.Hive) $($Place.View) $($Place.Path)\", 'OrdinalIgnoreCase')
            if ($inside) { $at }
        }
    } finally {
        $journal.Dispose()
    }
}

function Get-TreeRow {
    # The rows of a tree at one of its places. What the journal holds of it stands there too: whoever wants it absent relies on all of that.
    param([hashtable] $Row, $Place)
    $tree = "$($Place.View) $($Place.Hive)\$($Place.Path)"
    $seen = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    try {
        foreach ($value in @(Read-TreeValue $Place) + @(Get-TreeEntry $Place).Where({ -not $_.Of })) {
            if (-not $seen.Add("$($value.Path)\`0$($value.Name)")) { continue }
            $one = $Row.Clone()
            $one.Key, $one.Name = "$($Place.Hive)\$($value.Path)", $value.Name
            $one
        }
    } catch {
        $TreeRefusals.set_Item($tree, $_.Exception.GetBaseException().Message)
    }
    $one = $Row.Clone()
    $one.Remove('Key')
    $one.Of, $one.Place = 'RegistryTree', $tree
    $one
}

function Expand-Tree {
    # The table, with each tree taken apart at each place that it has on this device.
    param([object[]] $Rows)
    $apart = @(
        foreach ($row in $Rows) {
            if (-not $row['Recurse']) {
                $row
                continue
            }
            $hive, $key = $row.Key.Split([char[]]'\', 2)
            foreach ($path in @(if ($hive -eq 'HKCU') { & 'Get-UserPath' -Key $key } else { $key })) {
                Get-TreeRow -Row $row -Place @{ Hive = $hive.Replace('HKCU', 'HKU'); View = $(if ($row['View']) { 32 } else { 64 }); Path = $path }
            }
        }
    )
    # A table stays one, be it empty as nobody is signed in.
    return , $apart
}

function Expand-Kept {
    # The places that are kept, and what the journal holds of trees that are to stay away: asked for when it is locked, so not before.
    param([object[]] $Rows)
    $apart = [Func[object, Collections.Generic.IEnumerable[object]]] {
        param($Row)
        $found = @(
            $Row
            if ($Row['Recurse']) {
                $hive, $path = $Row.Key.Split([char[]]'\', 2)
                foreach ($entry in @(Get-TreeEntry @{ Hive = $hive; View = $(if ($Row['View']) { 32 } else { 64 }); Path = $path })) {
                    if ($entry.Of) { @{ Of = $entry.Of; Place = $entry.Name } } else { @{ Key = "$hive\$($entry.Path)"; Name = $entry.Name; View = $Row['View'] } }
                }
            }
        )
        return , [object[]]$found
    }
    return , [Linq.Enumerable]::SelectMany($Rows, $apart)
}

function Read-RegistryTree {
    # The keys of a tree, from its own name on.
    param([string] $Place)
    if ($TreeRefusals.ContainsKey($Place)) { return @{ State = 'unreadable'; There = $true; Failure = $TreeRefusals[$Place] } }
    $at = Get-TreePlace $Place
    if ($at.Hive -eq 'HKU' -and -not (Test-Loaded $at.Path)) {
        # What was a user's left with their profile.
        if (& 'Test-Gone' -Sid $at.Path.Split('\')[0]) { return @{ State = 'absent' } }
        return @{ State = 'unreadable'; There = $false; Failure = 'the hive is not loaded' }
    }
    $above = $at.Path.LastIndexOf('\') + 1
    # More than a remediation removes: others may have made some since.
    $keys = [string[]]@(foreach ($path in @(Get-TreeKey $at 10000)) { $path.Substring($above) })
    if (-not $keys.Length) { return @{ State = 'absent' } }
    [Array]::Sort($keys, [StringComparer]::Ordinal)
    return @{ State = 'present'; Kind = 'MultiString'; Data = $keys }
}

function Test-RegistryTree {
    # Whether it is gone.
    param($Setting, $State)
    return $Setting.Absent -and $State.State -eq 'absent'
}

function Get-RegistryTreeNext {
    # Nothing of it.
    param($Setting, $State)
    if ($Setting.Absent -and $State.State -eq 'present') { return @{ State = 'absent' } }
}

function Restore-TreeKey {
    # Makes those of the keys that are missing.
    param($Root, [string[]] $Paths)
    foreach ($path in $Paths) {
        $made = $Root.CreateSubKey($path, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadSubTree)
        $made.Dispose()
    }
}

function Write-RegistryTree {
    # Removes keys from the leaves up, once no value is in any; or makes those that are missing.
    param([object[]] $Changes)
    foreach ($change in $Changes) {
        try {
            $at = Get-TreePlace $change.Name
            $root = Open-Root $at.Hive $at.View
            $above = $at.Path.Substring(0, $at.Path.LastIndexOf('\') + 1)
            if ($change.Next.State -eq 'present') {
                & 'Restore-TreeKey' -Root $root -Paths @(foreach ($name in $change.Next.Data) { "$above$name" })
                continue
            }
            $keys = [string[]]@(Get-TreeKey $at $MostTreeKeys)
            [Array]::Reverse($keys)
            foreach ($path in $keys) {
                $key = $root.OpenSubKey($path, $false)
                $used = $key.ValueCount
                $key.Dispose()
                if ($used -or [Array]::IndexOf($change.Previous.Data, $path.Substring($above.Length)) -lt 0) { throw "something is in it that was not removed: $path" }
            }
            foreach ($path in $keys) { $root.DeleteSubKey($path, $false) }
        } catch {
            $change.Failure = $_.Exception.GetBaseException().Message
        }
    }
}

function Select-TreeKey {
    # Those of the keys that a rollback brings back: not what the journal says that policyc has made, and nothing for a user who has left.
    param([string] $Place, [string[]] $Names)
    $at = Get-TreePlace $Place
    if ($at.Hive -eq 'HKU' -and -not (Test-Loaded $at.Path)) { return }
    $above = $at.Path.Substring(0, $at.Path.LastIndexOf('\') + 1)
    $root = Open-Root 'HKLM' 64
    foreach ($name in $Names) {
        $id = Get-PlaceId @{ Hive = $at.Hive; View = $at.View; Path = "$above$name"; Name = $null }
        $made = $root.OpenSubKey("$JournalPath\$id", $false)
        if ($made) { $made.Dispose() } else { $name }
    }
}

function Get-RegistryTreeUndone {
    # The keys that are there now, and those that were there before.
    param($Entry, $Current)
    $keys = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    if ($Current.State -eq 'present') { $keys.UnionWith([string[]]$Current.Data) }
    $before = if ($Entry.Previous.State -eq 'present') { $Entry.Previous.Data }
    # A rollback says of which place it is; before a change, all that was there counts.
    if ($Entry['Name']) { $before = & 'Select-TreeKey' -Place $Entry.Name -Names $before }
    if ($before) { $keys.UnionWith([string[]]@($before)) }
    if (-not $keys.Count) { return @{ State = 'absent' } }
    $data = [string[]]@($keys)
    [Array]::Sort($data, [StringComparer]::Ordinal)
    return @{ State = 'present'; Kind = 'MultiString'; Data = $data }
}

function Format-RegistryTreeState {
    # How much of it is there.
    param($State)
    if ($State.State -eq 'absent') { return 'absent' }
    return "present, $($State.Data.Length) key$(if ($State.Data.Length -ne 1) { 's' })"
}

function Format-RegistryTreePlace {
    # Its uppermost key.
    param([string] $Place)
    return "$(Format-Place (Get-TreePlace $Place)) with all below it"
}

function Format-RegistryTreeMust {
    # The end of a sentence.
    param($Setting)
    return Format-Must @{ Absent = $Setting.Absent }
}
