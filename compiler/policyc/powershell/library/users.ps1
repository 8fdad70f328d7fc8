# Users whose profile has left the device. Profiles that roam leave the list at sign-out and come back, so their entries are kept until
# they haven't been seen for long: the journal's key holds a day for each user, renewed once a week.
$DaysUnseen = 180

function Get-UserOf {
    # The user whose hive a place is in; '' where that is no user's who signs in.
    param($Place)
    $sid = $Place.Path.Split('\')[0]
    if ($Place.Hive -eq 'HKU' -and $sid -match '\AS-1-(5-21|12-1)-[0-9]+-[0-9]+-[0-9]+-[0-9]+\z') { return $sid }
    return ''
}

function Test-Gone {
    # Neither signed in nor in the list of profiles, where Windows keeps a broken one under another name.
    param([string] $Sid)
    if (Test-Loaded $Sid) { return $false }
    $list = (Open-Root 'HKLM' 64).OpenSubKey('SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList', $false)
    if (-not $list) { return $false }
    $names = $list.GetSubKeyNames()
    $list.Dispose()
    return $names -notcontains $Sid -and $names -notcontains "$Sid.bak"
}

function Get-DaysUnseen {
    # How many days ago a user was seen; -1 where that isn't known.
    param($Journal, [string] $Sid)
    $seen = [DateTime]::MinValue
    if (-not [DateTime]::TryParseExact([string]$Journal.GetValue("Seen $Sid"), 'yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture, 'None', [ref]$seen)) { return -1 }
    # A day to come is a clock's that was wrong.
    return [Math]::Max(-1, [int]([DateTime]::UtcNow.Date - $seen).TotalDays)
}

function Write-SeenDay {
    # The user was seen today.
    param($Journal, [string] $Sid)
    $Journal.SetValue("Seen $Sid", [DateTime]::UtcNow.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture), 'String')
}

function Write-Seen {
    # Who is signed in was seen; what is kept for users who are gone for too long is dropped.
    param($Journal)
    foreach ($sid in @(Get-UserSid)) {
        $days = Get-DaysUnseen $Journal $sid
        if ($days -lt 0 -or $days -gt 6) { Write-SeenDay $Journal $sid }
    }
    foreach ($name in $Journal.GetValueNames()) {
        $sid = $name.Substring([Math]::Min(5, $name.Length))
        if (-not $name.StartsWith('Seen ', 'Ordinal') -or (Get-DaysUnseen $Journal $sid) -le $DaysUnseen -or -not (Test-Gone $sid)) { continue }
        $dropped = 0
        foreach ($id in $Journal.GetSubKeyNames()) {
            $entry = Read-Entry $Journal $id
            if ($entry.Problem -or (Get-UserOf $entry) -ne $sid) { continue }
            $Journal.DeleteSubKeyTree($id, $false)
            $dropped++
        }
        $Journal.DeleteValue($name, $false)
        Write-PolicyLog -Message "The user $sid has not been seen for more than $DaysUnseen days: $dropped places were dropped from the journal" -Type 2
    }
}
