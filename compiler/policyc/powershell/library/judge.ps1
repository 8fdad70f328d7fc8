function Get-Element {
    # What Windows' own functions read of a list: an empty element ends it, and .NET gives what lies behind that too.
    param([string[]] $List)
    $end = [Array]::IndexOf($List, '')
    if ($end -lt 0) { return , $List }
    $read = [string[]]::new($end)
    [Array]::Copy($List, $read, $end)
    return , $read
}

function Test-Verdict {
    # Whether the setting holds in this state; throws where that can't be said. A setting each comes by here: a function that isn't
    # called is time.
    param($Setting, $State)
    if ($Setting['Of']) {
        if ($State.State -eq 'unreadable') { throw $State.Failure }
        return & "Test-$($Setting.Of)" -Setting $Setting -State $State
    }
    $condition = foreach ($word in $Setting.Keys) { if ($Conditions.ContainsKey($word)) { $word; break } }
    if ($State.State -eq 'unreadable') {
        if ($State.There -and $condition -eq 'Present') { return $true }
        throw $State.Failure
    }
    if ($condition -eq 'Present' -or $condition -eq 'Absent') { return $State.State -eq $condition }
    if ($State.State -eq 'present') {
        if ($State.Kind -ne $Setting.Kind) { return $false }
        # In the form that the table has: numbers unsigned, bytes in hex, a list up to its end.
        $data = $State.Data
        switch ($State.Kind) {
            { $_ -eq 'DWord' -or $_ -eq 'QWord' } { if ($data -lt 0) { $data = ConvertTo-Number $_ $data } }
            'Binary' { $data = [BitConverter]::ToString($data).Replace('-', '') }
            'MultiString' { if ([Array]::IndexOf($data, '') -ge 0) { $data = & 'Get-Element' -List $data } }
        }
    } elseif ($Setting.Contains('Default')) {
        if ($Setting['Pin']) { return $false }
        $data = $Setting.Default
    } else {
        return $condition -eq 'NotEquals' -or $condition -eq 'NoneOf'
    }
    return & "Test-$condition" -Data $data -Operand $Setting[$condition] -Exact $Setting['Exact']
}

function Get-Finding {
    # Each setting at each place that it has on this device: what is there, and whether that holds. Share is of the time that there is.
    param([double] $Share = 1)
    # Settings share keys: each is opened once, and none outlives this look. An open one would keep a user's hive from being unloaded.
    # Paths are told apart by their letters: in Windows PowerShell, @{} compares them by language.
    $open = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    try {
        foreach ($setting in $Settings) {
            if ($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)) { continue }
            $unknown = ''
            if ($setting.Contains('OnlyIf')) {
                try { if (-not (& 'Test-Fact' -Fact $setting.OnlyIf)) { continue } } catch { $unknown = $_.Exception.GetBaseException().Message }
            }
            if ($setting['Only']) {
                & 'Get-ListFinding' -Setting $setting -Unknown $unknown -Share $Share
                continue
            }
            $hive, $key = ([string]$setting['Key']).Split([char[]]'\', 2)
            foreach ($path in @(if ($hive -eq 'HKCU') { & 'Get-UserPath' -Key $key } else { $key })) {
                $place = if ($setting['Of']) {
                    & 'Get-OtherPlace' -Row $setting
                } else {
                    @{ Hive = $hive.Replace('HKCU', 'HKU'); View = $(if ($setting['View']) { 32 } else { 64 }); Path = $path; Name = $setting['Name'] }
                }
                $finding = @{ Setting = $setting; Place = $place; State = $null; Holds = $false; Failure = '' }
                # A guard for each: what one place holds keeps no other from being judged.
                try {
                    if ($unknown) { throw $unknown }
                    if ($Clock.Elapsed.TotalSeconds -gt $Share * $TimeLimit) { Assert-Time $Share }
                    $finding.State = if ($setting['Of']) {
                        Read-Place $place
                    } else {
                        $at = "$($place.Hive) $($place.View) $path"
                        if (-not $open.Contains($at)) { $open[$at] = Open-Place $place }
                        Read-Value $open[$at] $place.Name
                    }
                    $finding.Holds = Test-Verdict $setting $finding.State
                } catch {
                    $finding.Failure = $_.Exception.GetBaseException().Message
                }
                $finding
            }
        }
    } finally {
        foreach ($opened in $open.Values) { if ($opened.Key) { $opened.Key.Dispose() } }
    }
}

function Test-ForUser {
    # Whether the table has settings of users.
    return [bool]$Settings.Where({ ([string]$_['Key']).StartsWith('HKCU\', 'Ordinal') })
}

function Get-UserSid {
    # Real users whose hive is loaded: local, domain and Entra accounts.
    foreach ($name in (Open-Root 'HKU' 64).GetSubKeyNames()) {
        if ($name -match '\AS-1-(5-21|12-1)-[0-9]+-[0-9]+-[0-9]+-[0-9]+\z') { $name }
    }
}

function Get-UserPath {
    # A key of HKCU, for each of them below HKEY_USERS.
    param([string] $Key)
    foreach ($sid in @(Get-UserSid)) { "$sid\$Key" }
}

function Get-NobodyNote {
    # What is said where the settings of users have no user.
    if (@(Get-UserSid).Length -eq 0) { 'No user''s hive is loaded: the settings of users count as compliant.' }
}

function Test-Applies {
    # Whether a setting is about this Windows. Builds are compared as numbers: as text, 9600 is greater than 14393.
    param($Limits)
    $windows = @{ Hive = 'HKLM'; View = 64; Path = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion' }
    $build = 0
    $text = Read-Place ($windows + @{ Name = 'CurrentBuildNumber' })
    if ($text.State -ne 'present' -or -not [int]::TryParse([string]$text.Data, [ref]$build)) { throw 'policyc: the build of Windows could not be read' }
    if ($Limits.Contains('From') -and $build -lt $Limits.From) { return $false }
    if ($Limits.Contains('Before') -and $build -ge $Limits.Before) { return $false }
    if (-not $Limits.Contains('Role')) { return $true }
    $type = Read-Place ($windows + @{ Name = 'InstallationType' })
    if ($type.State -ne 'present') { throw 'policyc: the kind of Windows could not be read' }
    return $Limits.Role -eq $(if ([string]$type.Data -eq 'Client') { 'workstation' } else { 'server' })
}
