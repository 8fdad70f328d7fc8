$LongestLine = 1000

function Get-OwnName {
    # A collection of this project by its name in the journal; '' for another project's.
    param([string] $Owner)
    $parts = $Owner.Split('/')
    if ($parts.Length -eq 2 -and $parts[0] -ceq $Estate) { return $parts[1] }
    if ($parts.Length -eq 1 -and $Bare) { return $Owner }
    return ''
}

function Read-Left {
    # Names of the owners of what is in the journal, and an entry of which nobody can say whose it is.
    $found = @{ Left = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal); Others = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal); Broken = '' }
    $journal = (Open-Root 'HKLM' 64).OpenSubKey($JournalPath, $false)
    if (-not $journal) { return $found }
    try {
        foreach ($id in $journal.GetSubKeyNames()) {
            $entry = Read-Entry $journal $id
            # What a killed run began stands for no change; what was a user's left with their profile.
            if ($entry.Rest) { continue }
            if (-not $entry.OwnersKnown) { $found.Broken = $id; continue }
            $sid = Get-UserOf $entry
            if ($sid -and (Test-Gone $sid)) { continue }
            foreach ($owner in @($entry.Sealed) + @($entry.Older)) {
                $name = Get-OwnName $owner
                if ($name -cnotmatch '\A[a-z0-9-]{1,80}\z') { continue }
                $null = if ($Departed -ccontains $name) { $found.Left.Add($name) } else { $found.Others.Add($name) }
            }
        }
    } finally {
        $journal.Dispose()
    }
    return $found
}

function Join-Name {
    # As many as a line has room for, and how many more there are.
    param([string] $Line, [string[]] $Names)
    $shown = 0
    foreach ($name in $Names) {
        if ($Line.Length + $name.Length + 20 -gt $LongestLine) { break }
        $Line += $(if ($shown) { ", $name" } else { $name })
        $shown++
    }
    if ($shown -lt $Names.Length) { $Line += "$(if ($shown) { ', ' })$($Names.Length - $shown) more" }
    return $Line
}
