# --- Packages, programs, content, package deployments ---

function Get-PackageOf($P, [string] $Prefix = 'Package', [string] $Object = 'Package') {
    if ($P.ContainsKey($Object) -and (Get-Class $P[$Object]) -eq 'SMS_Package') { return Get-ById 'packages' 'PackageID' $P[$Object].PackageID }
    if ($P.ContainsKey("${Prefix}Id")) { return Get-ById 'packages' 'PackageID' $P["${Prefix}Id"] }
    if ($P.ContainsKey("${Prefix}Name")) { return Get-One @(Select-Row 'packages' 'Name' $P["${Prefix}Name"] $P) }
}

function Get-ProgramOf($P, [string] $Name = 'ProgramName') {
    foreach ($key in 'InputObject', 'Program') {
        if ($P.ContainsKey($key) -and (Get-Class $P[$key]) -eq 'SMS_Program') {
            $id = $P[$key].PackageID
            $program = $P[$key].ProgramName
            return Get-One @($Site.programs | Where-Object { $_.PackageID -eq $id -and $_.ProgramName -eq $program })
        }
    }
    $package = Get-PackageOf $P
    if ($null -eq $package) { $package = Get-PackageOf $P 'Package' 'InputObject' }
    if ($null -eq $package) { Stop-Call 'No package is named.' 'System.ArgumentException' }
    return Get-One @($Site.programs | Where-Object { $_.PackageID -eq $package.PackageID -and $_.ProgramName -eq $P[$Name] })
}

function Remove-Where([string] $Table, [scriptblock] $Filter) {
    foreach ($row in @($Site[$Table] | Where-Object $Filter)) { $Site[$Table].Remove($row) }
}

function Set-Properties($Row, $P, $Names) {
    # Names: parameter to property, where a call has the parameter.
    foreach ($key in $Names.Keys) { if ($P.ContainsKey($key)) { $Row[$Names[$key]] = ConvertTo-Stored $P[$key] } }
}

function ConvertTo-Stored($Value) {
    if ($Value -is [datetime]) { return ConvertTo-DateText $Value }
    if ($Value -is [switch]) { return [bool]$Value }
    if ($Value -is [array]) { return , [Collections.ArrayList]@($Value | ForEach-Object { ConvertTo-Stored $_ }) }
    if ("$(Get-Class $Value)" -like 'SMS_ST_*') { return ConvertTo-ScheduleText $Value }
    return $Value
}

$Do['New-CMPackage'] = {
    param($P, $Set)
    if ($Set -ne 'New') { Stop-Call 'the stand-in has no package definition files' 'System.NotImplementedException' }
    if (@($Site.packages | Where-Object { $_.Name -eq $P.Name }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    Add-Row 'packages' 'SMS_Package' ([ordered]@{
            PackageID = New-SiteId; Name = $P.Name; Description = [string]$P.Description; Manufacturer = [string]$P.Manufacturer
            Language = [string]$P.Language; Version = [string]$P.Version; PkgSourcePath = [string]$P.Path; PkgSourceFlag = if ($P.Path) { 2 } else { 1 }
            SourceVersion = 1; PackageType = 0; ObjectPath = '/'; SecuredScopeNames = [Collections.ArrayList]@('Default'); _groups = [Collections.ArrayList]@(); _options = [ordered]@{}
        }) | Show-Row
}

$Do['Get-CMPackage'] = {
    param($P, $Set)
    if ($P.ContainsKey('PackageType') -and $P.PackageType -ne 'RegularPackage') { return }
    if ($P.ContainsKey('Id')) { return $Site.packages | Where-Object { $_.PackageID -eq $P.Id } | Show-Row }
    Select-Row 'packages' 'Name' $P.Name $P | Show-Row
}

$Do['Set-CMPackage'] = {
    param($P, $Set)
    $row = Get-PackageOf $P '' 'InputObject'
    if ($P.ContainsKey('NewName') -and $P.NewName -ne $row.Name -and @($Site.packages | Where-Object { $_.Name -eq $P.NewName }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    Set-Properties $row $P @{ NewName = 'Name'; Description = 'Description'; Manufacturer = 'Manufacturer'; Language = 'Language'; Version = 'Version'; Path = 'PkgSourcePath' }
    if ($P.ContainsKey('Path')) { $row.PkgSourceFlag = 2 }
    $shown = 'Name', 'Id', 'InputObject', 'NewName', 'Description', 'Manufacturer', 'Language', 'Version', 'Path', 'PassThru', 'DisableWildcardHandling', 'ForceWildcardHandling'
    foreach ($key in $P.Keys) { if ($shown -notcontains $key) { $row._options[$key] = ConvertTo-Stored $P[$key] } }
    if ($P.PassThru) { Show-Row $row }
}

$Do['Remove-CMPackage'] = {
    param($P, $Set)
    $row = Get-PackageOf $P '' 'InputObject'
    foreach ($table in 'programs', 'packageDeployments', 'packages') { Remove-Where $table { $_.PackageID -eq $row.PackageID } }
}

# --- Programs ---

$NotAProperty = 'PackageName', 'PackageId', 'Package', 'Program', 'InputObject', 'ProgramName', 'StandardProgramName', 'DeviceProgramName', 'StandardProgram', 'DeviceProgram', 'Collection',
'CollectionId', 'CollectionName', 'PassThru', 'DisableWildcardHandling', 'ForceWildcardHandling'

function Set-Options($Row, $P) {
    # What has no property of its own on the site's object (it is a bit of its flags there) is kept for the tests.
    foreach ($key in $P.Keys) { if ($NotAProperty -notcontains $key) { $Row._options[$key] = ConvertTo-Stored $P[$key] } }
}

$Do['New-CMProgram'] = {
    param($P, $Set)
    if ($Set -like 'NewDevice*') { Stop-Call 'the stand-in has no device programs' 'System.NotImplementedException' }
    $package = Get-PackageOf $P
    if (@($Site.programs | Where-Object { $_.PackageID -eq $package.PackageID -and $_.ProgramName -eq $P.StandardProgramName }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    if ($P.UserInteraction -and $P.ProgramRunType -eq 'OnlyWhenNoUserIsLoggedOn') { Stop-Call 'UserInteraction cannot be combined with OnlyWhenNoUserIsLoggedOn.' 'System.ArgumentException' }
    $row = Add-Row 'programs' 'SMS_Program' ([ordered]@{
            PackageID = $package.PackageID; PackageName = $package.Name; ProgramName = $P.StandardProgramName; CommandLine = $P.CommandLine; Comment = ''
            Description = ''; WorkingDirectory = [string]$P.WorkingDirectory; Duration = if ($P.ContainsKey('Duration')) { $P.Duration } else { 120 }
            ProgramFlags = 0; _options = [ordered]@{}
        })
    Set-Options $row $P
    Show-Row $row
}

$Do['Get-CMProgram'] = {
    param($P, $Set)
    $package = Get-PackageOf $P
    $Site.programs | Where-Object {
        ($null -eq $package -or $_.PackageID -eq $package.PackageID) -and (-not $P.ContainsKey('ProgramName') -or (Test-Name $_.ProgramName $P.ProgramName $P))
    } | Show-Row
}

$Do['Set-CMProgram'] = {
    param($P, $Set)
    if ($Set -like 'SetDevice*') { Stop-Call 'the stand-in has no device programs' 'System.NotImplementedException' }
    $row = Get-ProgramOf $P
    Set-Properties $row $P @{ CommandLine = 'CommandLine'; Comment = 'Comment'; WorkingDirectory = 'WorkingDirectory'; Duration = 'Duration' }
    Set-Options $row $P
    if ($P.PassThru) { Show-Row $row }
}

$Do['Remove-CMProgram'] = {
    param($P, $Set)
    $row = Get-ProgramOf $P
    Remove-Where 'packageDeployments' { $_.PackageID -eq $row.PackageID -and $_.ProgramName -eq $row.ProgramName }
    $Site.programs.Remove($row)
}

# --- Deployments of programs ---

$Do['New-CMPackageDeployment'] = {
    param($P, $Set)
    if ($Set -like 'DeployDevice*') { Stop-Call 'the stand-in has no device programs' 'System.NotImplementedException' }
    $program = Get-ProgramOf $P
    $package = Get-ById 'packages' 'PackageID' $program.PackageID
    $collection = Get-TargetCollection $P
    if (@($Site.packageDeployments | Where-Object { $_.PackageID -eq $package.PackageID -and $_.ProgramName -eq $program.ProgramName -and $_.CollectionID -eq $collection.CollectionID }).Count) {
        Stop-Call 'The program is deployed to the collection already.' 'System.ArgumentException'
    }
    if ($P.DeployPurpose -eq 'Available' -and ($P.Schedule -or $P.ScheduleEvent)) { Stop-Call 'An available deployment has no assignment schedule.' 'System.ArgumentException' }
    $row = Add-Row 'packageDeployments' 'SMS_Advertisement' ([ordered]@{
            AdvertisementID = '{0}2{1:X4}' -f $Site.site.code, (Step-Counter)
            AdvertisementName = "$($package.Name)_$($package.PackageID)_$($collection.Name)"; PackageID = $package.PackageID; ProgramName = $program.ProgramName
            CollectionID = $collection.CollectionID; Comment = [string]$P.Comment; PresentTime = ConvertTo-DateText $P.AvailableDateTime
            ExpirationTime = ConvertTo-DateText $P.DeadlineDateTime; ExpirationTimeEnabled = $P.ContainsKey('DeadlineDateTime'); OfferType = if ($P.DeployPurpose -eq 'Required') { 0 } else { 2 }
            AssignedScheduleEnabled = $P.ContainsKey('Schedule'); AssignedSchedule = [Collections.ArrayList]@(); AdvertFlags = 0; TimeFlags = 0; _options = [ordered]@{}
        })
    Set-AssignedSchedule $row $P
    if ($P.DistributeContent) { Add-ContentGroup $package @($P.DistributionPointGroupName) }
    Set-Options $row $P
    Set-AdvertisementFlag $row
    Show-Row $row
}

function Set-AdvertisementFlag($Row) {
    # AdvertFlags: IMMEDIATE. TimeFlags: what the properties about time say.
    $of = $Row._options
    $Row.AdvertFlags = if (@($of['ScheduleEvent']) -contains 'AsSoonAsPossible') { 0x20 } else { 0 }
    $Row.TimeFlags = $(if ($Row.PresentTime) { 0x1 } else { 0 }) + $(if ($Row.ExpirationTimeEnabled) { 0x2 } else { 0 }) + $(if ($Row.AssignedScheduleEnabled) { 0x10 } else { 0 }) +
    $(if ($of['UseUtcForAvailableSchedule']) { 0x20 } else { 0 }) + $(if ($of['UseUtcForExpireSchedule']) { 0x40 } else { 0 })
}

function Set-AssignedSchedule($Row, $P) {
    if (-not $P.ContainsKey('Schedule')) { return }
    $Row.AssignedSchedule = [Collections.ArrayList]@(foreach ($schedule in $P.Schedule) {
            $copy = [ordered]@{ _class = Get-Class $schedule }
            foreach ($property in $schedule.PSObject.Properties) { $copy[$property.Name] = ConvertTo-Stored $property.Value }
            $copy
        })
    $Row.AssignedScheduleEnabled = $true
}

function Select-PackageDeployment($P) {
    $collection = Get-CollectionOf $P 'Collection' 'Collection'
    $package = $null
    if ($P.ContainsKey('InputObject')) {
        if ((Get-Class $P.InputObject) -eq 'SMS_Advertisement') { $P = $P + @{ DeploymentId = $P.InputObject.AdvertisementID } }
        else { $package = Get-PackageOf $P 'Package' 'InputObject' }
    }
    $Site.packageDeployments | Where-Object {
        $name = @($Site.packages | Where-Object PackageID -EQ $_.PackageID)[0].Name
        ($null -eq $collection -or $_.CollectionID -eq $collection.CollectionID) -and
        ($null -eq $package -or $_.PackageID -eq $package.PackageID) -and
        (-not $P.ContainsKey('PackageId') -or $_.PackageID -eq $P.PackageId) -and
        (-not $P.ContainsKey('DeploymentId') -or $_.AdvertisementID -eq $P.DeploymentId) -and
        (-not $P.ContainsKey('ProgramName') -or (Test-Name $_.ProgramName $P.ProgramName $P)) -and
        (-not $P.ContainsKey('Name') -or (Test-Name $name $P.Name $P))
    }
}

$Do['Get-CMPackageDeployment'] = {
    param($P, $Set)
    $found = @(Select-PackageDeployment $P)
    if ($P.Summary) { return $found | ForEach-Object { Get-Summary $_ } | Show-Row }
    $found | Show-Row
}

$Do['Set-CMPackageDeployment'] = {
    param($P, $Set)
    if ($Set -like 'SetDevice*') { Stop-Call 'the stand-in has no device programs' 'System.NotImplementedException' }
    if ($P.ContainsKey('InputObject')) { Assert-Class $P.InputObject 'SMS_Package', 'SMS_Advertisement' }
    $filter = @{}
    foreach ($key in 'InputObject', 'PackageId', 'Collection', 'CollectionId', 'CollectionName') { if ($P.ContainsKey($key)) { $filter[$key] = $P[$key] } }
    if ($P.ContainsKey('PackageName')) { $filter.Name = $P.PackageName }
    $filter.ProgramName = $P.StandardProgramName
    $row = Get-One @(Select-PackageDeployment $filter)
    Set-Properties $row $P @{ Comment = 'Comment'; DeploymentAvailableDateTime = 'PresentTime'; DeploymentExpireDateTime = 'ExpirationTime'; EnableExpireSchedule = 'ExpirationTimeEnabled' }
    Set-AssignedSchedule $row $P
    Set-Options $row $P
    Set-AdvertisementFlag $row
    if ($P.PassThru) { Show-Row $row }
}

$Do['Remove-CMPackageDeployment'] = {
    param($P, $Set)
    $rows = @(Select-PackageDeployment $P)
    if ($rows.Count -eq 0) { Stop-Call $NotThere 'System.Management.Automation.ItemNotFoundException' }
    foreach ($row in $rows) { $Site.packageDeployments.Remove($row) }
}
