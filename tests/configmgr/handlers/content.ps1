# --- Content on distribution points ---

function Get-ContentRows($P) {
    # The packages or applications that a call means.
    if ($P.ContainsKey('InputObject')) {
        if ((Get-Class $P.InputObject) -eq 'SMS_Application') { return Get-ById 'applications' 'ModelName' $P.InputObject.ModelName }
        Assert-Class $P.InputObject 'SMS_Package'
        return Get-ById 'packages' 'PackageID' $P.InputObject.PackageID
    }
    foreach ($id in $P.PackageId) { Get-ById 'packages' 'PackageID' $id }
    foreach ($name in $P.PackageName) { Get-One @(Select-Row 'packages' 'Name' $name $P) }
    foreach ($id in $P.ApplicationId) { Get-ById 'applications' 'CI_ID' $id }
    foreach ($name in $P.ApplicationName) { Get-One @(Select-Row 'applications' 'LocalizedDisplayName' $name $P) }
}

function Test-HasContent($Row) {
    if ($Row._class -eq 'SMS_Package') { return [bool]$Row.PkgSourcePath }
    return @($Site.deploymentTypes | Where-Object { $_._application -eq $Row.ModelName -and $_._options.ContentLocation }).Count -gt 0
}

function Add-ContentGroup($Row, [string[]] $Groups, $P) {
    if (-not (Test-HasContent $Row)) { Stop-Call 'The object has no source files, there is nothing to distribute.' }
    foreach ($name in $Groups) {
        $group = Get-One @(Select-Row 'distributionPointGroups' 'Name' $name $P)
        if ($Row._groups -contains $group.Name) { Stop-Call 'No content destination was found. The content has been distributed to it already, or it has no distribution points.' }
        [void]$Row._groups.Add($group.Name)
    }
}

$Do['Start-CMContentDistribution'] = {
    param($P, $Set)
    if ($P.ContainsKey('CollectionName') -or $P.ContainsKey('DistributionPointName')) { Stop-Call 'the stand-in distributes to groups alone' 'System.NotImplementedException' }
    if (-not $P.ContainsKey('DistributionPointGroupName')) { Stop-Call 'No content destination was found.' }
    $rows = @(Get-ContentRows $P)
    if ($rows.Count -eq 0) { Stop-Call "the stand-in distributes packages and applications, not by $Set" 'System.NotImplementedException' }
    foreach ($row in $rows) { Add-ContentGroup $row $P.DistributionPointGroupName $P }
}

$Do['Update-CMDistributionPoint'] = {
    param($P, $Set)
    if ($Set -eq 'UpdateByDeploymentTypeName') {
        $type = Get-One @($Site.deploymentTypes | Where-Object { $_._applicationName -eq $P.ApplicationName -and $_.LocalizedDisplayName -eq $P.DeploymentTypeName })
        $type._contentVersion = 1 + $type._contentVersion
        return
    }
    $rows = @(Get-ContentRows $P)
    if ($rows.Count -eq 0) { Stop-Call "the stand-in updates packages and deployment types, not by $Set" 'System.NotImplementedException' }
    foreach ($row in $rows) {
        if ($row._class -ne 'SMS_Package') { Stop-Call 'The content of an application is updated by its deployment type.' 'System.ArgumentException' }
        if (-not (Test-HasContent $row)) { Stop-Call 'The package has no source files.' }
        $row.SourceVersion = 1 + $row.SourceVersion
    }
}

$Do['Get-CMDistributionPointGroup'] = {
    param($P, $Set)
    if ($P.ContainsKey('Id')) { return $Site.distributionPointGroups | Where-Object { $_.GroupID -eq $P.Id } | Show-Row }
    Select-Row 'distributionPointGroups' 'Name' $P.Name $P | Show-Row
}

$Do['Get-CMDistributionPoint'] = {
    param($P, $Set)
    $points = @($Site.distributionPoints)
    if ($P.ContainsKey('SiteSystemServerName')) { $points = @($points | Where-Object { Test-Name $_.NetworkOSPath.TrimStart('\') $P.SiteSystemServerName $P }) }
    $points | Show-Row
}

$Do['Get-CMDistributionStatus'] = {
    param($P, $Set)
    foreach ($row in @($Site.packages) + @($Site.applications)) {
        $id = $row.PackageID
        if ($P.ContainsKey('Id') -and $id -ne $P.Id) { continue }
        if ($P.ContainsKey('InputObject') -and $P.InputObject.PackageID -ne $id) { continue }
        $targeted = 0
        foreach ($name in $row._groups) { $targeted += [int](Get-One @(Select-Row 'distributionPointGroups' 'Name' $name @{ DisableWildcardHandling = $true })).MemberCount }
        if ($targeted -eq 0 -and -not (Test-HasContent $row)) { continue }
        $errors = [int]$row._contentErrors
        Show-Row ([ordered]@{
                _class = 'SMS_ObjectContentExtraInfo'; PackageID = $id; ObjectID = $id; SoftwareName = if ($row.Name) { $row.Name } else { $row.LocalizedDisplayName }; SourceVersion = $row.SourceVersion
                Targeted = $targeted; NumberSuccess = $targeted - $errors; NumberErrors = $errors; NumberInProgress = 0; NumberUnknown = 0; LastUpdateDate = Get-SiteTime $Site.counter
            })
    }
}
