function ConvertFrom-Hex {
    # Bytes, as the table has them.
    param([string] $Text)
    $bytes = [byte[]]::new($Text.Length / 2)
    for ($i = 0; $i -lt $bytes.Length; $i++) { $bytes[$i] = [Convert]::ToByte($Text.Substring(2 * $i, 2), 16) }
    return , $bytes
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

function Get-AppendedState {
    # The list that is there, with what it lacks behind it. What lies behind an empty element nobody reads, so it isn't kept.
    param($Setting, $State)
    $list = [Collections.Generic.List[string]]::new()
    if ($State.State -eq 'present' -and $State.Kind -eq 'MultiString') { $list.AddRange((Get-Element $State.Data)) }
    if ($State.State -eq 'absent' -and $Setting.Contains('Default')) { $list.AddRange([string[]]$Setting.Default) }
    foreach ($element in $Setting['Contains']) {
        if (-not (Test-HoldsAll -List $list -Elements @($element) -Exact $Setting['Exact'])) { $list.Add($element) }
    }
    return @{ State = 'present'; Kind = 'MultiString'; Data = $list.ToArray() }
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
