function Test-Fact {
    # Whether what a setting depends on is there; throws where that can't be told. A key that refuses to be read is there.
    param($Fact)
    if ($Fact.Contains('Feature')) { return & 'Test-Feature' -Fact $Fact }
    if ($Fact.Contains('File')) {
        if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) { throw 'a 32-bit process sees other files than Windows has' }
        $path = [Environment]::ExpandEnvironmentVariables($Fact.File)
        return [IO.File]::Exists($path) -or [IO.Directory]::Exists($path)
    }
    $key = if ($Fact.Contains('Service')) { "SYSTEM\CurrentControlSet\Services\$($Fact.Service)" } else { $Fact.Key.Substring(5) }
    $place = @{ Hive = 'HKLM'; View = $(if ($Fact['View']) { 32 } else { 64 }); Path = $key; Name = $Fact['Name'] }
    $state = Read-Place $place
    if ($state.State -eq 'unreadable' -and -not $state.There -and $null -ne $place.Name) { throw "what it depends on cannot be read: $($state.Failure)" }
    return $state.State -ne 'absent'
}

$FeatureStates = @{}

function Test-Feature {
    # Whether an optional feature is as it has to be. A class of WMI tells it by numbers, without DISM: 1 is enabled, 2 disabled, 3 without
    # its files, 4 unknown. Each is asked for once, as that takes long; a Windows that knows no such feature has it in no state.
    param($Fact)
    $name = $Fact.Feature
    if (-not $FeatureStates.Contains($name)) {
        $found = try {
            foreach ($one in Get-CimInstance -ClassName Win32_OptionalFeature -Filter "Name = '$name'" -ErrorAction Stop) { [int]$one.InstallState }
        } catch { $_.Exception.GetBaseException().Message }
        $FeatureStates.set_Item($name, $found)
    }
    $state = $FeatureStates[$name]
    if ($state -is [string] -or $state -eq 4) {
        throw "what it depends on cannot be read: $(if ($state -is [string]) { $state } else { "Windows does not tell whether the optional feature $name is enabled" })"
    }
    return $null -ne $state -and ($state -eq 1) -eq ($Fact.Is -eq 'enabled')
}

function Format-Fact {
    # What a setting depends on, for people.
    param($Fact)
    if ($Fact.Contains('Service')) { return "the service $($Fact.Service)" }
    if ($Fact.Contains('File')) { return "the file $($Fact.File)" }
    if ($Fact.Contains('Feature')) { return "the $($Fact.Is) optional feature $($Fact.Feature)" }
    $what = if ($Fact.Contains('Name')) { 'value' } else { 'key' }
    return "the $what $(Format-Place @{ Hive = 'HKLM'; View = $(if ($Fact['View']) { 32 } else { 64 }); Path = $Fact.Key.Substring(5); Name = $Fact['Name'] })"
}

function Format-Apart {
    # Why a setting isn't about this device; nothing where it is, or where that can't be told: then its finding says so.
    param($Setting)
    try { $there = Test-Fact $Setting.OnlyIf } catch { return }
    if (-not $there) { "NotApplicable $($Setting.Id): $(Format-Fact $Setting.OnlyIf) is not there" }
}

function Write-Apart {
    # The same for the log.
    param($Setting)
    foreach ($note in Format-Apart $Setting) { Write-PolicyLog -Message $note }
}
