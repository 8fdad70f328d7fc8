# Scripts of the administrators' own. Their texts are files of their own beside this script, and of what was changed stand in the
# journal too. Each is checked, written where only administrators write, and run as a process of its own. What discovery prints is the state.
$ScriptStates = @{}

$ScriptOutput = 4096

function Get-ScriptRow {
    # The row of a place; nothing in a rollback, whose table has places alone.
    param([string] $Place)
    foreach ($row in @($ExecutionContext.SessionState.PSVariable.GetValue('Settings'))) {
        if ($null -ne $row -and $row['Of'] -eq 'Script' -and $row.Place -eq $Place) { return $row }
    }
}

function Open-ScriptEntry {
    # The entry of a place in the journal.
    param([string] $Place)
    $id = Get-PlaceId @{ Of = 'Script'; Hive = ''; View = 0; Path = ''; Name = $Place }
    return (Open-Root 'HKLM' 64).OpenSubKey("$JournalPath\$id", $false)
}

function Get-ScriptSeal {
    # The digest over what an entry keeps for the way back.
    param($Entry)
    $parts = foreach ($name in 'Discovery', 'Rollback', 'Seconds') { [string]$Entry.GetValue($name) }
    return Get-Hash (Join-Part $parts)
}

function Read-ScriptFile {
    # The text of a file beside this script, with its signature. It is read once: what is checked is what runs.
    param([string] $Id, [string] $What, [string] $Hash)
    $file = [IO.Path]::Combine($PSScriptRoot, "own-$Id-$($What.ToLowerInvariant()).ps1")
    $text = [Text.Encoding]::GetEncoding(28591).GetString([IO.File]::ReadAllBytes($file))
    # Whatever stands behind the script is a comment.
    $own = [regex]::Replace($text, '(\r?\n|\A)# SIG # Begin signature block\r?\n(# [A-Za-z0-9+/=]+\r?\n)+# SIG # End signature block(\r?\n)?\z', '')
    $hasher = [Security.Cryptography.SHA256]::Create()
    $found = [BitConverter]::ToString($hasher.ComputeHash([Text.Encoding]::GetEncoding(28591).GetBytes($own))).Replace('-', '')
    $hasher.Dispose()
    if ($found -ne $Hash) { throw "the file $file is not the one that was compiled: its SHA-256 is $found. It was not run" }
    return $text
}

function Get-ScriptText {
    # One of a place's texts and its time limit: from beside this script where its table has the setting, else from the journal.
    param([string] $Place, [string] $What)
    $row = Get-ScriptRow $Place
    if ($null -ne $row) { return @{ Text = Read-ScriptFile $row.Id $What $row[$What]; Seconds = $row.Seconds } }
    $entry = Open-ScriptEntry $Place
    if ($null -eq $entry) { throw 'the journal has no entry of it' }
    try {
        if ($entry.GetValue('Texts') -cne (Get-ScriptSeal $entry)) { throw 'what its entry keeps of its scripts was altered' }
        if (-not $entry.GetValue($What)) { throw "It has no $($What.ToLowerInvariant()) script: what its remediation did stays" }
        return @{ Text = $entry.GetValue($What); Seconds = $entry.GetValue('Seconds') }
    } finally {
        $entry.Dispose()
    }
}

function Stop-Script {
    # Ends a process and all that it has started. .NET does that by itself, .NET Framework by a program of Windows.
    param($Process)
    try {
        if ($null -ne $Process.GetType().GetMethod('Kill', [type[]]@([bool]))) { return $Process.Kill($true) }
        $null = Invoke-Tool 'taskkill.exe' '/T', '/F', '/PID', $Process.Id 10
    } catch {
        Write-Verbose -Message $_.Exception.Message
    }
    if (-not $Process.WaitForExit(2000)) { $Process.Kill() }
}

function Start-Script {
    # Windows PowerShell of this Windows' own width, for a file: no profile, no window, no question.
    param([string] $File)
    $system = if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) { 'sysnative' } else { 'System32' }
    $windows = [Environment]::GetFolderPath('Windows')
    $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine($windows, $system, 'WindowsPowerShell\v1.0\powershell.exe'))
    $start.Arguments = "-NoProfile -NonInteractive -File `"$File`""
    # Its own modules, not those of the PowerShell that runs this.
    $start.EnvironmentVariables.Remove('PSModulePath')
    $start.WorkingDirectory = [IO.Path]::Combine($windows, $system)
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    return $process
}

function Invoke-ScriptFile {
    # Runs a file and gives Code, Out and Error; no more than so much of each is read. Throws where it had to be ended.
    param([string] $File, [int] $Seconds)
    $process = Start-Script $File
    try {
        $out, $errors = [char[]]::new($ScriptOutput), [char[]]::new($ScriptOutput)
        $reads = @($process.StandardOutput.ReadBlockAsync($out, 0, $ScriptOutput), $process.StandardError.ReadBlockAsync($errors, 0, $ScriptOutput))
        $waited = [Diagnostics.Stopwatch]::StartNew()
        $ended = ''
        while (-not $ended -and -not $process.WaitForExit(100)) {
            if ($waited.Elapsed.TotalSeconds -ge $Seconds) { $ended = "had not ended after $Seconds seconds, and was ended" }
            foreach ($read in $reads) { if ($read.IsCompleted -and $read.Result -eq $ScriptOutput) { $ended = "said more than $ScriptOutput characters, and was ended" } }
        }
        if ($ended) { Stop-Script $process }
        # What it has started may hold its output.
        foreach ($read in $reads) { $null = $read.Wait(2000) }
        $said = foreach ($part in $out, $errors) { [string]::new($part).TrimEnd([char]0) }
        if ($ended) { throw "it $ended. $(Format-ScriptSaid ($said -join ' '))".Trim() }
        return @{ Code = $process.ExitCode; Out = $said[0]; Error = $said[1] }
    } finally {
        $process.Dispose()
    }
}

function Format-ScriptSaid {
    # What a script said, for people: on a line, and not too much of it.
    param([string] $Text)
    $shown = ConvertTo-VisibleText (($Text -replace '\s+', ' ').Trim())
    if ($shown) { "It said: $($shown.Substring(0, [Math]::Min(300, $shown.Length)))" }
}

function Invoke-Script {
    # Runs one of a place's scripts and gives what it printed. Throws where it failed: that is the script's own failure, and told so.
    param([string] $Place, [string] $What)
    $script = Get-ScriptText $Place $What
    $folder = New-WorkFolder
    $word = $What.ToLowerInvariant()
    try {
        $file = [IO.Path]::Combine($folder, "$word.ps1")
        [IO.File]::WriteAllBytes($file, [Text.Encoding]::GetEncoding(28591).GetBytes($script.Text))
        $run = Invoke-ScriptFile $file $script.Seconds
    } catch {
        throw "The $word script failed: $($_.Exception.GetBaseException().Message)"
    } finally {
        try { [IO.Directory]::Delete($folder, $true) } catch { Write-PolicyLog -Message "$folder could not be removed" -Type 2 }
    }
    # Windows PowerShell translates what it says of errors, not their ids, and breaks lines anywhere.
    $bare = $run.Error -replace '\s', ''
    $why = if ($bare -match 'ConstrainedLanguage') {
        ' PowerShell ran it in constrained language mode: an application control policy must trust it as it trusts this script.'
    } elseif ($bare -match 'about_Execution_Policies|FullyQualifiedErrorId:UnauthorizedAccess(?!Exception)') {
        ' The execution policy of this device refuses it: the script must be signed, as policyc sign does, or unsigned ones be allowed.'
    }
    if ($run.Code -ne 0) { throw "The $word script failed: it ended with $($run.Code).$why $(Format-ScriptSaid $run.Error)".Trim() }
    if ($run.Error) { Write-PolicyLog -Message "own script ${Place}: the $word script complained.$why $(Format-ScriptSaid $run.Error)" -Type 2 }
    return $run.Out
}

function Get-ScriptPrinted {
    # What discovery printed, as a state: one line, or nothing.
    param([string] $Text)
    $lines = @(($Text -replace '\r?\n\z', '') -split '\r?\n')
    if ($lines.Length -gt 1) { throw "The discovery script printed $($lines.Length) lines, and one is asked for. $(Format-ScriptSaid $Text)" }
    if (-not $lines[0]) { return @{ State = 'absent' } }
    if ($lines[0] -notmatch '\A[ -~]{1,256}\z') { throw "The discovery script printed no line of 256 characters of printable ASCII. $(Format-ScriptSaid $Text)" }
    return @{ State = 'present'; Kind = 'String'; Data = $lines[0] }
}

function Read-Script {
    # What discovery prints: one run serves the whole script, until something is changed.
    param([string] $Place)
    if (-not $ScriptStates.ContainsKey($Place)) {
        $ScriptStates[$Place] = try {
            Get-ScriptPrinted (Invoke-Script $Place 'Discovery')
        } catch {
            @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
        }
    }
    return $ScriptStates[$Place]
}

function Test-Script {
    # Whether discovery printed what is expected, to the letter.
    param([hashtable] $Setting, [hashtable] $State)
    return $State.State -eq 'present' -and ([string]$State.Data).Equals($Setting.Expect)
}

function Get-ScriptNext {
    # What the remediation is there to bring about.
    param([hashtable] $Setting, [hashtable] $State)
    return @{ State = 'present'; Kind = 'String'; Data = $Setting.Expect }
}

function Save-ScriptText {
    # Before a change, for the way back: the setting may leave the policy, and its files the device.
    param($Entry, [hashtable] $Row)
    foreach ($what in 'Discovery', 'Rollback') {
        $text = if ($Row[$what]) { Read-ScriptFile $Row.Id $what $Row[$what] } else { '' }
        $Entry.SetValue($what, $text, 'String')
    }
    $Entry.SetValue('Seconds', $Row.Seconds, 'DWord')
    $Entry.SetValue('Texts', (Get-ScriptSeal $Entry), 'String')
    $Entry.Flush()
}

function Write-Script {
    # Runs the remediation where the table has the setting, else the rollback: only a rollback has no row.
    param([object[]] $Changes)
    foreach ($change in $Changes) {
        try {
            $row = Get-ScriptRow $change.Name
            if ($null -ne $row) { Save-ScriptText $change.Entry $row }
            $null = Invoke-Script $change.Name $(if ($null -ne $row) { 'Remediation' } else { 'Rollback' })
        } catch {
            $change.Failure = $_.Exception.GetBaseException().Message
        }
    }
    # One script may have changed what another one sees.
    $ScriptStates.Clear()
}

function Format-ScriptState {
    # What is there, for people.
    param([hashtable] $State)
    if ($State.State -ne 'present') { return 'printing nothing' }
    return "printing '$($State.Data)'"
}

function Format-ScriptPlace {
    # What a setting is about, for people.
    param([string] $Place)
    return "own script $Place"
}

function Format-ScriptMust {
    # What a setting asks for, as the end of a sentence.
    param([hashtable] $Setting)
    return "print '$($Setting.Expect)'"
}
