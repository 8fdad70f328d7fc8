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

function New-WorkFolder {
    # A new folder for what a tool writes and reads: below one that only SYSTEM and administrators open. Whoever asks removes it.
    $path = [IO.Path]::Combine((Get-LogFolder), [IO.Path]::GetRandomFileName())
    return [IO.Directory]::CreateDirectory($path).FullName
}

function Invoke-Tool {
    # Runs a program of Windows' own with these arguments, none of which holds a quote. ExitCode, and Text: what it said, for people only.
    param([string] $Name, [string[]] $Arguments, [int] $Seconds = 30)
    $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine([Environment]::GetFolderPath('System'), $Name))
    $start.Arguments = [string]::Join(' ', @(foreach ($argument in $Arguments) { "`"$argument`"" }))
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    try {
        $process.StandardInput.Close()
        $said = @($process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync())
        if (-not $process.WaitForExit(1000 * $Seconds)) {
            $process.Kill()
            throw "$Name had not ended after $Seconds seconds"
        }
        $text = @(foreach ($one in $said) { if ($one.Wait(2000)) { $one.Result.Trim() } })
        $code = $process.ExitCode
    } finally {
        $process.Dispose()
    }
    $shown = ConvertTo-VisibleText ([string]::Join(' ', $text) -replace '\s+', ' ').Trim()
    return @{ ExitCode = $code; Text = $shown.Substring(0, [Math]::Min(200, $shown.Length)) }
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
