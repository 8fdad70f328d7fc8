$DataTypes = @{
    String = [string]; ExpandString = [string]; MultiString = [string[]]; DWord = [int]; QWord = [long]; Binary = [byte[]]; None = [byte[]]
}

function Open-Root {
    # A hive through .NET, its view named.
    param([string] $Hive, [int] $View)
    return [Microsoft.Win32.RegistryKey]::OpenBaseKey($(if ($Hive -eq 'HKU') { 'Users' } else { 'LocalMachine' }), "Registry$View")
}

function Test-Loaded {
    # Whether the hive that a path below HKEY_USERS begins with is there: nobody can make one by making its key.
    param([string] $Path)
    return (Open-Root 'HKU' 64).GetSubKeyNames() -contains $Path.Split('\')[0]
}

function Open-Place {
    # The key of a place, to be closed again, with the names of its values. Key is $null where there is none.
    param($Place)
    $key = (Open-Root $Place.Hive $Place.View).OpenSubKey($Place.Path, $false)
    if (-not $key) {
        if ($Place.Hive -eq 'HKU' -and -not (Test-Loaded $Place.Path)) { throw 'the hive is not loaded' }
        return @{ Key = $null }
    }
    return @{ Key = $key; Names = [Collections.Generic.HashSet[string]]::new($key.GetValueNames(), [StringComparer]::OrdinalIgnoreCase) }
}

function Read-Value {
    # A value of an opened key, or where Name is $null, the key. State: present (with Kind and Data, as .NET gives them), absent or
    # unreadable (with Failure). Names, where they are given, tell whether it is there: of kinds that it can't read, .NET gives nothing.
    param($Opened, $Name)
    if (-not $Opened.Key) { return @{ State = 'absent' } }
    if ($null -eq $Name) { return @{ State = 'present'; Kind = 'Key' } }
    if ($Opened.Contains('Names') -and -not $Opened.Names.Contains($Name)) { return @{ State = 'absent' } }
    try {
        $kind = [string]$Opened.Key.GetValueKind($Name)
        $data = $Opened.Key.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
        if ($DataTypes.ContainsKey($kind) -and $data -is $DataTypes[$kind]) { return @{ State = 'present'; Kind = $kind; Data = $data } }
        $failure = 'the value is of a kind or size that .NET cannot read'
    } catch {
        $failure = $_.Exception.GetBaseException().Message
    }
    return @{ State = 'unreadable'; There = $true; Failure = $failure }
}

function Read-Place {
    # What is there now, as Read-Value gives it. A place is a value: Hive, View, Path, Name; or a key, where its Name is $null; or, of the
    # kind in Of, its Name.
    param($Place)
    if ($Place['Of']) { return & "Read-$($Place.Of)" -Place $Place.Name }
    $opened = @{ Key = $null }
    try {
        $opened = Open-Place $Place
        return Read-Value $opened $Place.Name
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    } finally {
        # An open key would keep a user's hive from being unloaded.
        if ($opened.Key) { $opened.Key.Dispose() }
    }
}

function Write-Value {
    # .NET flushes a hive only through a key in which it has set something: what is deleted is set to what it is before.
    param($Key, [string] $Name, $Current, $Next)
    $set = if ($Next.State -eq 'present') { $Next } else { $Current }
    if ($set.State -eq 'present') { $Key.SetValue($Name, $set.Data, $set.Kind) }
    if ($Next.State -eq 'absent') { $Key.DeleteValue($Name, $false) }
}

function Add-HiveToFlush {
    # One key a hive is enough: Windows brings the whole hive to the disk.
    param($Hives, $Place, $Key)
    $at = "$($Place.Hive) $($Place.Path.Split('\')[0])"
    if ($Hives.Contains($at)) { $Key.Dispose() } else { $Hives[$at] = $Key }
}

function Sync-Hive {
    # Brings the hives to the disk, and closes their keys.
    param($Hives)
    foreach ($changed in $Hives.Values) {
        $changed.Flush()
        $changed.Dispose()
    }
}
