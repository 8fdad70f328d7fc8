function Format-Answer {
    # The one line that Intune keeps of a script, at most 2,048 characters: a word, and of the names as many as there is room for.
    param([string] $Word, [string[]] $Names)
    $line = $Word
    for ($i = 0; $i -lt $Names.Length; $i++) {
        $next = "$line$(if ($i) { ',' } else { ':' }) $($Names[$i])"
        $more = " and $($Names.Length - $i) more"
        # Room for the count is kept until there is nothing left to count.
        if ($next.Length + $(if ($i -lt $Names.Length - 1) { $more.Length } else { 0 }) -gt 2048) { return "$line$more" }
        $line = $next
    }
    return $line
}

function Format-Reason {
    # Why nothing could be said, as that line: in ASCII, whatever Windows says.
    param([string] $Text)
    $line = ConvertTo-VisibleText -Text "NotJudged: $Text" -Hidden '[^ -~]'
    return $line.Substring(0, [Math]::Min($line.Length, 2048))
}

function Measure-OwnEntry {
    # How many places the journal holds for this collection, and how many broken entries may be of it.
    $counts = @{ Own = 0; Broken = 0 }
    $journal = (Open-Root 'HKLM' 64).OpenSubKey($JournalPath, $false)
    if (-not $journal) { return $counts }
    try {
        foreach ($id in $journal.GetSubKeyNames()) {
            $entry = Read-Entry $journal $id
            $owners = @($entry.Sealed) + @($entry.Older)
            $ours = @(Select-OtherOwner $owners).Length -ne $owners.Length
            if ($entry.Rest) { continue }
            if (-not $entry.Problem) { $counts.Own += [int]$ours } elseif ($ours -or -not $entry.OwnersKnown) { $counts.Broken++ }
        }
    } finally {
        $journal.Dispose()
    }
    return $counts
}
