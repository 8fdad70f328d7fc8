# --- Advanced Threat Protection policies: configuration policies with a package of the tenant in them ---

function Get-PolicyOf($P, [string] $Prefix = '', [string] $Object = 'InputObject') {
    if ($P.ContainsKey($Object)) {
        Assert-Class $P[$Object] 'SMS_ConfigurationPolicy'
        return Get-ById 'policies' 'ModelName' $P[$Object].ModelName
    }
    if ($P.ContainsKey("${Prefix}Id")) { return Get-ById 'policies' 'CI_ID' $P["${Prefix}Id"] }
    return Get-One @(Select-Row 'policies' 'LocalizedDisplayName' $P["${Prefix}Name"] $P)
}

function Set-Policy($Row, $P) {
    if ($P.ContainsKey('FilePath')) {
        if (-not [IO.Path]::IsPathRooted($P.FilePath) -or -not [IO.File]::Exists($P.FilePath)) { Stop-Call "The file '$($P.FilePath)' does not exist." 'System.IO.FileNotFoundException' }
        $bytes = [IO.File]::ReadAllBytes($P.FilePath)
        if ($bytes.Length -eq 0) { Stop-Call "The file '$($P.FilePath)' is empty." 'System.IO.InvalidDataException' }
        $Row._options['sha256'] = [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($bytes)).Replace('-', '').ToLower()
    }
    Set-Properties $Row $P @{ NewName = 'LocalizedDisplayName'; Description = 'LocalizedDescription' }
    foreach ($key in 'PolicyType', 'SampleSharingType', 'TelemetryReportingFrequencyType') { if ($P.ContainsKey($key)) { $Row._options[$key] = $P[$key] } }
}

$Do['New-CMAdvancedThreatProtectionPolicy'] = {
    param($P, $Set)
    if (@($Site.policies | Where-Object { $_.LocalizedDisplayName -eq $P.Name }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    $model = 'ScopeId_{0}/SettingsAndPolicy_{1}' -f $Site.site.scope, (New-ObjectGuid)
    $row = Add-Row 'policies' 'SMS_ConfigurationPolicy' ([ordered]@{
            CI_ID = New-NumericId; CI_UniqueID = "$model/1"; ModelName = $model; LocalizedDisplayName = $P.Name; LocalizedDescription = ''; CIVersion = 1; SDMPackageVersion = 1; IsLatest = $true
            IsAssigned = $false; Priority = 1 + @($Site.policies).Count; CategoryInstance_UniqueIDs = [Collections.ArrayList]@('SettingsAndPolicy:SMS_AdvancedThreatProtectionSettings')
            SecuredScopeNames = [Collections.ArrayList]@('Default'); _options = [ordered]@{}
        })
    Set-Policy $row $P
    Show-Row $row
}

$Do['Get-CMAdvancedThreatProtectionPolicy'] = {
    param($P, $Set)
    if ($P.ContainsKey('Id')) { return $Site.policies | Where-Object { $_.CI_ID -eq $P.Id } | Show-Row }
    Select-Row 'policies' 'LocalizedDisplayName' $P.Name $P | Show-Row
}

$Do['Get-CMConfigurationPolicy'] = {
    param($P, $Set)
    if ($P.AsXml -or $P.ContainsKey('InputObject')) { Stop-Call 'the stand-in gives no policies as XML or by another object' 'System.NotImplementedException' }
    if ($P.ContainsKey('Id')) { return $Site.policies | Where-Object { $_.CI_ID -eq $P.Id } | Show-Row }
    Select-Row 'policies' 'LocalizedDisplayName' $P.Name $P | Show-Row
}

$Do['Set-CMAdvancedThreatProtectionPolicy'] = {
    param($P, $Set)
    $row = Get-PolicyOf $P
    foreach ($key in 'Digest', 'DigestPath', 'DigestXml') { if ($P.ContainsKey($key)) { Stop-Call 'the stand-in sets no policy by its digest' 'System.NotImplementedException' } }
    if ($P.ContainsKey('NewName') -and $P.NewName -ne $row.LocalizedDisplayName -and @($Site.policies | Where-Object { $_.LocalizedDisplayName -eq $P.NewName }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    if ($P.ContainsKey('Order')) {
        $place = $row.Priority + $(if ($P.Order -eq 'Increase') { -1 } else { 1 })
        $other = @($Site.policies | Where-Object { $_.Priority -eq $place })[0]
        if ($other) {
            $other.Priority = $row.Priority
            $row.Priority = $place
        }
    }
    else {
        Set-Policy $row $P
        $old = $row.CI_ID
        $row.CI_ID = New-NumericId
        $row.SDMPackageVersion = 1 + $row.SDMPackageVersion
        $row.CIVersion = $row.SDMPackageVersion
        $row.CI_UniqueID = "$($row.ModelName)/$($row.SDMPackageVersion)"
        foreach ($deployment in $Site.policyDeployments) { if ($deployment.AssignedCIs -contains $old) { $deployment.AssignedCIs = [Collections.ArrayList]@($row.CI_ID) } }
    }
    if ($P.PassThru) { Show-Row $row }
}

$Do['Remove-CMConfigurationPolicy'] = {
    param($P, $Set)
    $rows = if ($P.ContainsKey('Name')) { foreach ($name in $P.Name) { Get-One @(Select-Row 'policies' 'LocalizedDisplayName' $name $P) } } else { Get-PolicyOf $P }
    foreach ($row in @($rows)) {
        if (@($Site.policyDeployments | Where-Object { $_.AssignedCIs -contains $row.CI_ID }).Count) { Stop-Call "'$($row.LocalizedDisplayName)' cannot be deleted: it is deployed." }
        $Site.policies.Remove($row)
    }
}

# --- Deployments ---

$Do['New-CMConfigurationPolicyDeployment'] = {
    param($P, $Set)
    if ($Set -notlike 'DeployCommonPolicy*') { Stop-Call "the stand-in deploys common profiles alone, not by $Set" 'System.NotImplementedException' }
    $policy = Get-PolicyOf $P 'CommonProfile' 'CommonProfile'
    $collection = Get-TargetCollection $P
    if (@($Site.policyDeployments | Where-Object { $_.AssignedCIs -contains $policy.CI_ID -and $_.TargetCollectionID -eq $collection.CollectionID }).Count) {
        Stop-Call 'The policy is deployed to the collection already.' 'System.ArgumentException'
    }
    $row = Add-Row 'policyDeployments' 'SMS_ConfigurationPolicyAssignment' ([ordered]@{
            AssignmentID = New-NumericId; AssignmentUniqueID = '{' + (New-ObjectGuid).ToUpper() + '}'; AssignmentName = "$($policy.LocalizedDisplayName)_$($collection.Name)"; AssignmentDescription = ''
            AssignedCIs = [Collections.ArrayList]@($policy.CI_ID); AssignmentAction = 2; TargetCollectionID = $collection.CollectionID; CollectionName = $collection.Name; Enabled = $true
            StartTime = ConvertTo-DateText (Get-Date); EvaluationSchedule = if ($P.ContainsKey('Schedule')) { ConvertTo-ScheduleText $P.Schedule } else { '' }
        })
    $policy.IsAssigned = $true
    Show-Row $row
}

$Do['Get-CMConfigurationPolicyDeployment'] = { param($P, $Set) Get-Assignments 'policyDeployments' 'policies' $P }

$Do['Remove-CMConfigurationPolicyDeployment'] = {
    param($P, $Set)
    Remove-Assignment 'policyDeployments' 'policies' $P
    foreach ($policy in $Site.policies) { $policy.IsAssigned = @($Site.policyDeployments | Where-Object { $_.AssignedCIs -contains $policy.CI_ID }).Count -gt 0 }
}
