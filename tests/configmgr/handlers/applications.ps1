# --- Applications, their deployment types and deployments ---

function Get-ApplicationOf($P) {
    if ($P.ContainsKey('InputObject')) {
        Assert-Class $P.InputObject 'SMS_Application'
        return Get-ById 'applications' 'ModelName' $P.InputObject.ModelName
    }
    foreach ($key in 'Id', 'ApplicationId') { if ($P.ContainsKey($key)) { return Get-ById 'applications' 'CI_ID' $P[$key] } }
    if ($P.ContainsKey('ModelName')) { return Get-ById 'applications' 'ModelName' $P.ModelName }
    $name = if ($P.ContainsKey('ApplicationName')) { $P.ApplicationName } else { $P.Name }
    return Get-One @(Select-Row 'applications' 'LocalizedDisplayName' $name $P)
}

function Step-Application($Row) {
    # Whatever changes an application makes a revision of it, with a CI_ID of its own.
    $old = $Row.CI_ID
    $Row.CI_ID = New-NumericId
    $Row.SDMPackageVersion = 1 + $Row.SDMPackageVersion
    $Row.CIVersion = $Row.SDMPackageVersion
    $Row.CI_UniqueID = "$($Row.ModelName)/$($Row.SDMPackageVersion)"
    foreach ($deployment in $Site.applicationDeployments) { if ($deployment.AssignedCIs -contains $old) { $deployment.AssignedCIs = [Collections.ArrayList]@($Row.CI_ID) } }
}

function Set-Application($Row, $P) {
    Set-Properties $Row $P @{ Description = 'LocalizedDescription'; Publisher = 'Manufacturer'; SoftwareVersion = 'SoftwareVersion' }
    $known = 'Id', 'Name', 'InputObject', 'ModelName', 'NewName', 'Description', 'Publisher', 'SoftwareVersion'
    foreach ($key in $P.Keys) { if (($known + $NotAProperty) -notcontains $key) { $Row._options[$key] = ConvertTo-Stored $P[$key] } }
}

$Do['New-CMApplication'] = {
    param($P, $Set)
    if (@($Site.applications | Where-Object { $_.LocalizedDisplayName -eq $P.Name }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    $model = 'ScopeId_{0}/Application_{1}' -f $Site.site.scope, (New-ObjectGuid)
    $row = Add-Row 'applications' 'SMS_Application' ([ordered]@{
            CI_ID = New-NumericId; CI_UniqueID = "$model/1"; ModelName = $model; LocalizedDisplayName = $P.Name; LocalizedDescription = ''; Manufacturer = ''; SoftwareVersion = ''
            CIVersion = 1; SDMPackageVersion = 1; IsLatest = $true; IsEnabled = $true; IsExpired = $false; IsDeployed = $false; NumberOfDeploymentTypes = 0; NumberOfDeployments = 0
            HasContent = $false; PackageID = New-SiteId; ObjectPath = '/'; SecuredScopeNames = [Collections.ArrayList]@('Default'); _groups = [Collections.ArrayList]@(); _options = [ordered]@{}
        })
    Set-Application $row $P
    Show-Row $row
}

$Do['Get-CMApplication'] = {
    param($P, $Set)
    if ($P.ContainsKey('InputObject')) { Stop-Call 'the stand-in finds no applications by deployment type' 'System.NotImplementedException' }
    $Site.applications | Where-Object {
        (-not $P.ContainsKey('Id') -or $_.CI_ID -eq $P.Id) -and (-not $P.ContainsKey('ModelName') -or $_.ModelName -eq $P.ModelName) -and
        (-not $P.ContainsKey('Name') -or (Test-Name $_.LocalizedDisplayName $P.Name $P))
    } | Show-Row
}

$Do['Set-CMApplication'] = {
    param($P, $Set)
    $row = Get-ApplicationOf $P
    if ($P.ContainsKey('NewName') -and $P.NewName -ne $row.LocalizedDisplayName) {
        if (@($Site.applications | Where-Object { $_.LocalizedDisplayName -eq $P.NewName }).Count) { Stop-Call $Taken 'System.ArgumentException' }
        $row.LocalizedDisplayName = $P.NewName
        $Site.deploymentTypes | Where-Object { $_.AppModelName -eq $row.ModelName } | ForEach-Object { $_._applicationName = $P.NewName }
    }
    Set-Application $row $P
    Step-Application $row
    if ($P.PassThru) { Show-Row $row }
}

$Do['Remove-CMApplication'] = {
    param($P, $Set)
    $row = Get-ApplicationOf $P
    if (@($Site.applicationDeployments | Where-Object { $_.AssignedCIs -contains $row.CI_ID }).Count) { Stop-Call "'$($row.LocalizedDisplayName)' cannot be deleted: it is deployed." }
    Remove-Where 'deploymentTypes' { $_.AppModelName -eq $row.ModelName }
    $Site.applications.Remove($row)
}

# --- Deployment types ---

function Set-DeploymentType($Row, $P) {
    if ($P.ContainsKey('ScriptText') -and $P.ContainsKey('ScriptFile')) { Stop-Call 'Specify either ScriptText or ScriptFile.' 'System.ArgumentException' }
    if ($P.ContainsKey('MaximumRuntimeMins') -and ($P.MaximumRuntimeMins -lt 15 -or $P.MaximumRuntimeMins -gt 720)) { Stop-Call 'MaximumRuntimeMins: 15 to 720.' 'System.ArgumentOutOfRangeException' }
    $known = 'ApplicationName', 'ApplicationId', 'InputObject', 'DeploymentTypeName', 'NewName', 'Force', 'ScriptFile'
    foreach ($key in $P.Keys) { if (($known + $NotAProperty) -notcontains $key) { $Row._options[$key] = ConvertTo-Stored $P[$key] } }
    if ($P.ContainsKey('ScriptFile')) { $Row._options['ScriptText'] = [IO.File]::ReadAllText($P.ScriptFile) }
}

$Do['Add-CMScriptDeploymentType'] = {
    param($P, $Set)
    if ($Set -notlike '*Script') { Stop-Call 'the stand-in has script detection alone' 'System.NotImplementedException' }
    $application = Get-ApplicationOf $P
    if (-not $P.ContainsKey('ScriptText') -and -not $P.ContainsKey('ScriptFile')) { Stop-Call 'A detection script is needed: ScriptText or ScriptFile.' 'System.ArgumentException' }
    if (@($Site.deploymentTypes | Where-Object { $_.AppModelName -eq $application.ModelName -and $_.LocalizedDisplayName -eq $P.DeploymentTypeName }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    $model = 'ScopeId_{0}/DeploymentType_{1}' -f $Site.site.scope, (New-ObjectGuid)
    $row = Add-Row 'deploymentTypes' 'SMS_DeploymentType' ([ordered]@{
            CI_ID = New-NumericId; CI_UniqueID = "$model/1"; ModelName = $model; LocalizedDisplayName = $P.DeploymentTypeName; AppModelName = $application.ModelName; Technology = 'Script'
            PriorityInLatestApp = 1; _application = $application.ModelName; _applicationName = $application.LocalizedDisplayName; _contentVersion = 1; _options = [ordered]@{}
        })
    Set-DeploymentType $row $P
    $application.NumberOfDeploymentTypes = 1 + $application.NumberOfDeploymentTypes
    $application.HasContent = [bool]$P.ContentLocation
    Step-Application $application
    Show-Row $row
}

function Find-DeploymentTypes($P) {
    $application = if ($P.ContainsKey('InputObject') -or $P.ContainsKey('ApplicationName') -or $P.ContainsKey('ApplicationId')) { Get-ApplicationOf $P }
    $Site.deploymentTypes | Where-Object {
        ($null -eq $application -or $_.AppModelName -eq $application.ModelName) -and (-not $P.ContainsKey('DeploymentTypeId') -or $_.CI_ID -eq $P.DeploymentTypeId) -and
        (-not $P.ContainsKey('DeploymentTypeName') -or (Test-Name $_.LocalizedDisplayName $P.DeploymentTypeName $P))
    }
}

$Do['Get-CMDeploymentType'] = { param($P, $Set) Find-DeploymentTypes $P | Show-Row }

$Do['Set-CMScriptDeploymentType'] = {
    param($P, $Set)
    if ($Set -eq 'ByDTValue') {
        Assert-Class $P.InputObject 'SMS_DeploymentType'
        $row = Get-ById 'deploymentTypes' 'ModelName' $P.InputObject.ModelName
    }
    else { $row = Get-One @(Find-DeploymentTypes $P) }
    if ($P.ContainsKey('NewName')) { $row.LocalizedDisplayName = $P.NewName }
    $moved = $P.ContainsKey('ContentLocation') -and $P.ContentLocation -ne $row._options.ContentLocation
    Set-DeploymentType $row $P
    if ($moved) { $row._contentVersion = 1 + $row._contentVersion }
    $row.CI_ID = New-NumericId
    $row.CI_UniqueID = $row.ModelName + '/' + (1 + [int]$row.CI_UniqueID.Split('/')[2])
    $application = Get-ById 'applications' 'ModelName' $row.AppModelName
    $application.HasContent = [bool]$row._options.ContentLocation
    Step-Application $application
    if ($P.PassThru) { Show-Row $row }
}

# --- Deployments ---

$Do['New-CMApplicationDeployment'] = {
    param($P, $Set)
    $application = Get-ApplicationOf $P
    $collection = Get-TargetCollection $P
    if ($application.NumberOfDeploymentTypes -eq 0) { Stop-Call 'The application has no deployment type.' }
    if (@($Site.applicationDeployments | Where-Object { $_.AssignedCIs -contains $application.CI_ID -and $_.TargetCollectionID -eq $collection.CollectionID }).Count) {
        Stop-Call 'The application is deployed to the collection already.' 'System.ArgumentException'
    }
    if ($P.DistributeContent) { Add-ContentGroup $application @($P.DistributionPointGroupName) }
    $row = Add-Row 'applicationDeployments' 'SMS_ApplicationAssignment' ([ordered]@{
            AssignmentID = New-NumericId; AssignmentUniqueID = '{' + (New-ObjectGuid).ToUpper() + '}'; AssignmentName = "$($application.LocalizedDisplayName)_$($collection.Name)_Install"
            AssignmentDescription = [string]$P.Comment; ApplicationName = $application.LocalizedDisplayName; AssignedCIs = [Collections.ArrayList]@($application.CI_ID); AssignmentAction = 2
            TargetCollectionID = $collection.CollectionID; CollectionName = $collection.Name; DesiredConfigType = if ($P.DeployAction -eq 'Uninstall') { 2 } else { 1 }
            OfferTypeID = if ($P.DeployPurpose -eq 'Required') { 0 } else { 2 }; OverrideServiceWindows = [bool]$P.OverrideServiceWindow; RebootOutsideOfServiceWindows = [bool]$P.RebootOutsideServiceWindow
            Enabled = $true; UseGMTTimes = $P.TimeBaseOn -eq 'Utc'; StartTime = ConvertTo-DateText $(if ($P.ContainsKey('AvailableDateTime')) { $P.AvailableDateTime } else { Get-Date })
            EnforcementDeadline = ConvertTo-DateText $P.DeadlineDateTime; _options = [ordered]@{}
        })
    Set-Options $row $P
    $application.IsDeployed = $true
    $application.NumberOfDeployments = 1 + $application.NumberOfDeployments
    Show-Row $row
}

$Do['Get-CMApplicationDeployment'] = { param($P, $Set) Get-Assignments 'applicationDeployments' 'applications' $P }

$Do['Set-CMApplicationDeployment'] = {
    param($P, $Set)
    $filter = @{}
    foreach ($key in 'InputObject', 'Collection', 'CollectionId', 'CollectionName') { if ($P.ContainsKey($key)) { $filter[$key] = $P[$key] } }
    if ($P.ContainsKey('ApplicationName')) { $filter.Name = $P.ApplicationName }
    if ($P.ContainsKey('ApplicationId')) { $filter.SmsObjectId = [int]$P.ApplicationId }
    $row = Get-One @(Select-Assignment 'applicationDeployments' 'applications' $filter)
    Set-Properties $row $P @{ Comment = 'AssignmentDescription'; OverrideServiceWindow = 'OverrideServiceWindows'; RebootOutsideServiceWindow = 'RebootOutsideOfServiceWindows'; AvailableDateTime = 'StartTime'; DeadlineDateTime = 'EnforcementDeadline' }
    if ($P.ContainsKey('TimeBaseOn')) { $row.UseGMTTimes = $P.TimeBaseOn -eq 'Utc' }
    Set-Options $row $P
    if ($P.PassThru) { Show-Row $row }
}

$Do['Remove-CMApplicationDeployment'] = {
    param($P, $Set)
    Remove-Assignment 'applicationDeployments' 'applications' $P
    foreach ($application in $Site.applications) {
        $application.NumberOfDeployments = @($Site.applicationDeployments | Where-Object { $_.AssignedCIs -contains $application.CI_ID }).Count
        $application.IsDeployed = $application.NumberOfDeployments -gt 0
    }
}
