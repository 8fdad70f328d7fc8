# --- The site itself, its folders, scopes and client settings ---

$Do['Get-CMSite'] = {
    param($P, $Set)
    $own = $Site.site
    if (($P.ContainsKey('SiteCode') -and $P.SiteCode -ne $own.code) -or ($P.ContainsKey('Name') -and -not (Test-Name $own.name $P.Name $P))) { return }
    Show-Row ([ordered]@{ _class = 'SMS_Site'; SiteCode = $own.code; SiteName = $own.name; ServerName = $own.server; Version = $own.version; BuildNumber = Get-SiteBuild; Type = 2; Status = 1 })
}

$Do['Get-CMSiteDefinition'] = {
    param($P, $Set)
    $own = $Site.site
    if ($P.ContainsKey('SiteCode') -and $P.SiteCode -ne $own.code) { return }
    Show-Row ([ordered]@{ _class = 'SMS_SCI_SiteDefinition'; SiteCode = $own.code; SiteName = $own.name; SiteServerName = $own.server; ParentSiteCode = ''; SiteType = 2 })
}

$Do['Get-CMClientSetting'] = {
    param($P, $Set)
    $found = @($Site.clientSettings | Where-Object {
            (-not $P.ContainsKey('Name') -or (Test-Name $_.Name $P.Name $P)) -and (-not $P.ContainsKey('Id') -or "$($_.SettingsID)" -eq $P.Id) -and
            (-not $P.ContainsKey('SettingType') -or @('Default', 'Device', 'User')[$_.Type] -eq $P.SettingType)
        })
    if (-not $P.ContainsKey('Setting')) { return $found | Show-Row }
    # One dictionary for each policy that sets this agent: names as the agent's configuration has them, values as text.
    foreach ($row in $found) {
        $settings = $row._settings[$P.Setting]
        if ($null -eq $settings) { continue }
        $dictionary = New-Object 'System.Collections.Generic.Dictionary[string,string]'
        foreach ($key in $settings.Keys) { $dictionary[$key] = $settings[$key] }
        $dictionary
    }
}

# --- Folders: PS1:\DeviceCollection\policyc\Pilot ---

$FolderTypes = @{ DeviceCollection = 5000; Package = 2; Application = 6000; ConfigurationItem = 2011; ConfigurationBaseline = 2012 }

function Split-FolderPath([string] $Path) {
    # The kind of object and the names below it.
    $bare = $Path -replace '/', '\'
    if ($bare -match '^(\w+):\\?(.*)$') {
        if ($Matches[1] -ne $Site.site.code) { Stop-Call "The folder path '$Path' is not on the drive of the site." 'System.ArgumentException' }
        $bare = $Matches[2]
    }
    $parts = @($bare.Trim('\').Split('\') | Where-Object { $_ })
    if ($parts.Count -eq 0 -or -not $FolderTypes.ContainsKey($parts[0])) { Stop-Call "The folder path '$Path' is not valid." 'System.ArgumentException' }
    return , $parts
}

function Find-Folder([string] $Path) {
    $wanted = (Split-FolderPath $Path) -join '\'
    return @($Site.folders | Where-Object { $_._path -eq $wanted })[0]
}

function Test-Folder([string] $Path) {
    $parts = Split-FolderPath $Path
    return $parts.Count -eq 1 -or $null -ne (Find-Folder $Path)
}

$Do['New-CMFolder'] = {
    param($P, $Set)
    if (-not $P.Name) { Stop-Call 'A folder needs a name.' 'System.ArgumentException' }
    if ($P.ContainsKey('InputObject')) {
        Assert-Class $P.InputObject 'SMS_ObjectContainerNode'
        $parent = (Get-ById 'folders' 'ContainerNodeID' $P.InputObject.ContainerNodeID)._path
    }
    elseif ($P.ContainsKey('ParentFolderPath')) { $parent = (Split-FolderPath $P.ParentFolderPath) -join '\' }
    else { Stop-Call 'the stand-in makes folders below a path or a folder' 'System.NotImplementedException' }
    if (-not (Test-Folder $parent)) { Stop-Call "The folder '$parent' does not exist." 'System.Management.Automation.ItemNotFoundException' }
    $path = "$parent\$($P.Name)"
    if (Find-Folder $path) { Stop-Call $Taken 'System.ArgumentException' }
    $type = $FolderTypes[$parent.Split('\')[0]]
    $above = Find-Folder $parent
    Add-Row 'folders' 'SMS_ObjectContainerNode' ([ordered]@{
            Name = $P.Name; ContainerNodeID = New-NumericId; ParentContainerNodeID = if ($above) { $above.ContainerNodeID } else { 0 }
            ObjectType = $type; FolderGuid = (New-ObjectGuid).ToUpper(); _path = $path
        }) | Show-Row
    Sync-DriveFolder $path
}

function Sync-DriveFolder([string] $Path) {
    # Test-Path on the drive sees it.
    [void][IO.Directory]::CreateDirectory([IO.Path]::Combine($env:POLICYC_SITE_DRIVE, $Path.Replace('\', [IO.Path]::DirectorySeparatorChar)))
}

$Do['Get-CMFolder'] = {
    param($P, $Set)
    if ($P.ContainsKey('FolderPath')) {
        $found = Find-Folder $P.FolderPath
        return $found | Show-Row
    }
    $above = if ($P.ContainsKey('ParentFolderPath')) { (Split-FolderPath $P.ParentFolderPath) -join '\' }
    $Site.folders | Where-Object {
        (-not $P.ContainsKey('Name') -or (Test-Name $_.Name $P.Name $P)) -and (-not $P.ContainsKey('Id') -or $_.ContainerNodeID -eq $P.Id) -and
        (-not $P.ContainsKey('Guid') -or $_.FolderGuid -eq "$($P.Guid)") -and ($null -eq $above -or $_._path -eq "$above\$($_.Name)")
    } | Show-Row
}

function Get-Stored($Object) {
    # The site's own row of an object that it gave.
    switch (Get-Class $Object) {
        'SMS_Collection' { return Get-ById 'collections' 'CollectionID' $Object.CollectionID }
        'SMS_Package' { return Get-ById 'packages' 'PackageID' $Object.PackageID }
        'SMS_Application' { return Get-ById 'applications' 'ModelName' $Object.ModelName }
        'SMS_ConfigurationBaselineInfo' { return Get-ById 'baselines' 'ModelName' $Object.ModelName }
        'SMS_ConfigurationItemLatest' { return Get-ById 'items' 'ModelName' $Object.ModelName }
        'SMS_ConfigurationPolicy' { return Get-ById 'policies' 'ModelName' $Object.ModelName }
        default { Stop-Call "The type of InputObject is not supported: $_" 'System.ArgumentException' }
    }
}

$Do['Move-CMObject'] = {
    param($P, $Set)
    if (-not (Test-Folder $P.FolderPath)) { Stop-Call "The folder '$($P.FolderPath)' does not exist." 'System.Management.Automation.ItemNotFoundException' }
    $parts = Split-FolderPath $P.FolderPath
    $kinds = @{ SMS_Collection = 'DeviceCollection'; SMS_Package = 'Package'; SMS_Application = 'Application'; SMS_ConfigurationItemLatest = 'ConfigurationItem'; SMS_ConfigurationBaselineInfo = 'ConfigurationBaseline' }
    $rows = if ($P.ContainsKey('ObjectId')) { foreach ($id in $P.ObjectId) { Get-One @(@($Site.collections) + @($Site.packages) | Where-Object { $_.CollectionID -eq $id -or $_.PackageID -eq $id }) } } else { foreach ($one in $P.InputObject) { Get-Stored $one } }
    foreach ($row in @($rows)) {
        if ($kinds[$row._class] -ne $parts[0]) { Stop-Call "A folder of $($parts[0]) holds no $($row._class)." 'System.ArgumentException' }
        $row.ObjectPath = '/' + (@($parts | Select-Object -Skip 1) -join '/')
    }
}

# --- Security scopes ---

$Do['Get-CMSecurityScope'] = {
    param($P, $Set)
    if ($P.ContainsKey('Id')) { return $Site.scopes | Where-Object { $_.CategoryID -eq $P.Id } | Show-Row }
    Select-Row 'scopes' 'CategoryName' $P.Name $P | Show-Row
}

$Do['Add-CMObjectSecurityScope'] = {
    param($P, $Set)
    $scopes = if ($P.ContainsKey('Scope')) { foreach ($one in $P.Scope) { Get-ById 'scopes' 'CategoryID' $one.CategoryID } }
    elseif ($P.ContainsKey('Id')) { Get-ById 'scopes' 'CategoryID' $P.Id }
    else { Get-One @(Select-Row 'scopes' 'CategoryName' $P.Name $P) }
    foreach ($object in $P.InputObject) {
        $row = Get-Stored $object
        if ($row._class -eq 'SMS_Collection') { Stop-Call 'Collections are not assigned to security scopes.' 'System.ArgumentException' }
        foreach ($scope in $scopes) { if ($row.SecuredScopeNames -notcontains $scope.CategoryName) { [void]$row.SecuredScopeNames.Add($scope.CategoryName) } }
    }
}
