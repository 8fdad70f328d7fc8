# --- Deployments as a whole, and what came of them ---
# Counts and rows of status come from the state: `statuses` and `statusDetails`, by the deployment's id or name.

$BaselineStatus = @{ 1 = 'Compliant'; 3 = 'NonCompliant'; 4 = 'Unknown'; 5 = 'Error' }

function Get-DeploymentKeys($Row) {
    return @($Row.AdvertisementID, $Row.AssignmentUniqueID, $Row.AssignmentID, $Row.AdvertisementName, $Row.AssignmentName | Where-Object { $_ } | ForEach-Object { "$_" })
}

function Get-StatusRows([string] $Table, $Row) {
    foreach ($key in (Get-DeploymentKeys $Row)) { if ($Site[$Table].Contains($key)) { return @($Site[$Table][$key]) } }
    return @()
}

function Measure-Status($Row, [int[]] $Types) {
    $sum = 0
    foreach ($status in (Get-StatusRows 'statuses' $Row)) { if ($Types -contains $status.StatusType) { $sum += $status.Assets } }
    return $sum
}

function Get-Summary($Row) {
    $package = $Row._class -eq 'SMS_Advertisement'
    $collectionId = if ($package) { $Row.CollectionID } else { $Row.TargetCollectionID }
    $collection = Get-ById 'collections' 'CollectionID' $collectionId
    $features = @{ SMS_Advertisement = 2; SMS_BaselineAssignment = 6; SMS_ApplicationAssignment = 1; SMS_ConfigurationPolicyAssignment = 6 }
    $summary = [ordered]@{
        _class = 'SMS_DeploymentSummary'; DeploymentID = if ($package) { $Row.AdvertisementID } else { $Row.AssignmentUniqueID }
        AssignmentID = if ($package) { 0 } else { $Row.AssignmentID }; CI_ID = if ($package) { 0 } else { @($Row.AssignedCIs)[0] }
        PackageID = if ($package) { $Row.PackageID } else { '' }; ProgramName = if ($package) { $Row.ProgramName } else { '' }
        SoftwareName = Get-SoftwareName $Row; CollectionID = $collectionId; CollectionName = $collection.Name; FeatureType = $features[$Row._class]
        DeploymentIntent = if ($Row.OfferType -eq 2) { 2 } else { 1 }
        NumberTargeted = $collection.MemberCount; SummarizationTime = Get-SiteTime $Site.counter
        NumberSuccess = Measure-Status $Row 1; NumberInProgress = Measure-Status $Row 2; NumberOther = Measure-Status $Row 3; NumberErrors = Measure-Status $Row 5
    }
    $summary.NumberUnknown = [Math]::Max(0, $summary.NumberTargeted - $summary.NumberSuccess - $summary.NumberInProgress - $summary.NumberOther - $summary.NumberErrors)
    return $summary
}

function Get-SoftwareName($Row) {
    if ($Row._class -eq 'SMS_Advertisement') { return '{0} ({1})' -f (Get-ById 'packages' 'PackageID' $Row.PackageID).Name, $Row.ProgramName }
    return (@(@($Site.baselines) + @($Site.applications) + @($Site.policies) | Where-Object { $Row.AssignedCIs -contains $_.CI_ID })[0]).LocalizedDisplayName
}

function Get-EachDeployment { foreach ($table in 'packageDeployments', 'baselineDeployments', 'applicationDeployments', 'policyDeployments') { @($Site[$table]) } }

$Do['Get-CMDeployment'] = {
    param($P, $Set)
    $features = @{ Application = 1; Package = 2; SoftwareUpdate = 5; ConfigurationItem = 6; TaskSequence = 7 }
    Get-EachDeployment | ForEach-Object { Get-Summary $_ } | Where-Object {
        (-not $P.ContainsKey('DeploymentId') -or $_.DeploymentID -eq $P.DeploymentId -or $_.DeploymentID.Trim('{}') -eq $P.DeploymentId) -and
        (-not $P.ContainsKey('CollectionName') -or (Test-Name $_.CollectionName $P.CollectionName $P)) -and
        (-not $P.ContainsKey('ProgramName') -or (Test-Name $_.ProgramName $P.ProgramName $P)) -and
        (-not $P.ContainsKey('SoftwareName') -or (Test-Name $_.SoftwareName $P.SoftwareName $P)) -and
        (-not $P.ContainsKey('FeatureType') -or $_.FeatureType -eq $features[$P.FeatureType])
    } | Show-Row
}

function Show-Status($Rows, $P, $Types) {
    foreach ($row in $Rows) {
        foreach ($status in (Get-StatusRows 'statuses' $row)) {
            if ($Types -and $P.StatusType -and $P.StatusType -ne 'Any' -and $status.StatusType -ne $Types[$P.StatusType]) { continue }
            $given = [ordered]@{ _class = if ($row._class -eq 'SMS_Advertisement') { 'SMS_ClassicDeploymentStatus' } else { "SMS_DCMDeployment$($BaselineStatus[$status.StatusType])Status" } }
            $summary = Get-Summary $row
            foreach ($key in 'DeploymentID', 'CollectionID', 'CollectionName', 'PackageID', 'ProgramName', 'AssignmentID') { $given[$key] = $summary[$key] }
            $given.PackageName = if ($row.PackageID) { (Get-ById 'packages' 'PackageID' $row.PackageID).Name } else { '' }
            foreach ($key in $status.Keys) { $given[$key] = $status[$key] }
            Show-Row $given
        }
    }
}

$Do['Get-CMPackageDeploymentStatus'] = {
    param($P, $Set)
    if ($P.ContainsKey('InputObject') -and (Get-Class $P.InputObject) -eq 'SMS_DeploymentSummary') { $P = @{ DeploymentId = $P.InputObject.DeploymentID; StatusType = $P.StatusType } }
    Show-Status @(Select-PackageDeployment $P) $P @{ Success = 1; InProgress = 2; RequirementsNotMet = 3; Unknown = 4; Error = 5 }
}

$Do['Get-CMBaselineDeploymentStatus'] = {
    param($P, $Set)
    $id = if ((Get-Class $P.InputObject) -eq 'SMS_DeploymentSummary') { $P.InputObject.DeploymentID } else { $P.InputObject.AssignmentUniqueID }
    $filter = if ($id) { @{ DeploymentId = $id } } else { @{ InputObject = $P.InputObject } }
    Show-Status @(Select-Assignment 'baselineDeployments' 'baselines' $filter) $P @{ Compliant = 1; NonCompliant = 3; Unknown = 4; Error = 5 }
}

$Do['Get-CMDeploymentStatusDetails'] = {
    param($P, $Set)
    Assert-Class $P.InputObject (@('SMS_ClassicDeploymentStatus') + @($BaselineStatus.Values | ForEach-Object { "SMS_DCMDeployment${_}Status" }))
    $row = @(Get-EachDeployment | Where-Object { (Get-DeploymentKeys $_) -contains $P.InputObject.DeploymentID })[0]
    $class = if ($row._class -eq 'SMS_Advertisement') { 'SMS_ClassicDeploymentAssetDetails' } else { (Get-Class $P.InputObject) -replace 'Status$', 'AssetDetails' }
    foreach ($detail in (Get-StatusRows 'statusDetails' $row)) {
        if ($detail.StatusType -ne $P.InputObject.StatusType) { continue }
        if ($P.InputObject.MessageID -and $detail.MessageID -and $P.InputObject.MessageID -ne $detail.MessageID) { continue }
        $given = [ordered]@{ _class = $class }
        foreach ($key in $detail.Keys) { $given[$key] = $detail[$key] }
        Show-Row $given
    }
}

$Do['Invoke-CMBaselineSummarization'] = { param($P, $Set) }
$Do['Invoke-CMDeploymentSummarization'] = {
    param($P, $Set)
    if ($P.ContainsKey('CollectionId') -or $P.ContainsKey('CollectionName')) { [void](Get-CollectionOf $P) }
    elseif ($P.ContainsKey('DeploymentId')) { [void](Get-One @(Get-EachDeployment | Where-Object { (Get-DeploymentKeys $_) -contains $P.DeploymentId })) }
}
