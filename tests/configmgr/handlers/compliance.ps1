# --- Configuration items and baselines: import, change, removal ---

$DigestNamespace = 'http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/07/10/DesiredConfiguration'
$RulesNamespace = 'http://schemas.microsoft.com/SystemsCenterConfigurationManager/2009/06/14/Rules'
$ItemTypes = @{ Baseline = 2; OperatingSystem = 3; BusinessPolicy = 4; Application = 5 }

function Read-Digest([byte[]] $Bytes) {
    $xml = [Xml.XmlDocument]::new()
    $xml.PreserveWhitespace = $true
    $xml.Load([IO.MemoryStream]::new($Bytes))
    $names = [Xml.XmlNamespaceManager]::new($xml.NameTable)
    $names.AddNamespace('d', $DigestNamespace)
    $names.AddNamespace('r', $RulesNamespace)
    if ($xml.DocumentElement.LocalName -ne 'DesiredConfigurationDigest' -or $xml.DocumentElement.NamespaceURI -ne $DigestNamespace) { Stop-Call 'The configuration data is not a digest.' 'System.IO.InvalidDataException' }
    $item = $xml.DocumentElement.SelectSingleNode('*')
    if ($null -eq $item -or -not $ItemTypes.ContainsKey($item.LocalName)) { Stop-Call 'The digest holds no configuration item.' 'System.IO.InvalidDataException' }
    $name = $item.SelectSingleNode('r:Annotation/r:DisplayName/@Text', $names)
    if ($null -eq $name) { Stop-Call 'The digest has no display name.' 'System.IO.InvalidDataException' }
    $description = $item.SelectSingleNode('r:Annotation/r:Description/@Text', $names)
    $references = foreach ($reference in $item.SelectNodes('*/*[@AuthoringScopeId and @LogicalName]')) {
        if ($reference.LocalName -like '*Reference') { '{0}/{1}' -f $reference.GetAttribute('AuthoringScopeId'), $reference.GetAttribute('LogicalName') }
    }
    return @{
        Kind = $item.LocalName; Model = '{0}/{1}' -f $item.GetAttribute('AuthoringScopeId'), $item.GetAttribute('LogicalName')
        Version = [int]$item.GetAttribute('Version'); Name = $name.Value; Description = if ($description) { $description.Value } else { '' }
        References = @($references); Hash = [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($Bytes)).Replace('-', '').ToLower()
    }
}

function Get-CabinetDigests([string] $Path, [bool] $Force) {
    if (-not [IO.Path]::IsPathRooted($Path) -or -not [IO.File]::Exists($Path)) { Stop-Call "The file '$Path' does not exist." 'System.IO.FileNotFoundException' }
    if ([IO.Path]::GetExtension($Path) -ne '.cab') { Stop-Call "'$Path' is not a .cab file." 'System.ArgumentException' }
    $cabinet = Read-Cabinet $Path
    if (-not $cabinet.Signed -and -not $Force) { Stop-Call 'The publisher of the configuration data could not be verified. Use Force to import it.' 'System.Security.SecurityException' }
    $xmls = @($cabinet.Files.Keys | Where-Object { $_ -like '*.xml' })
    if ($xmls.Count -eq 0) { Stop-Call 'The cabinet holds no configuration data.' 'System.IO.InvalidDataException' }
    foreach ($name in $xmls) { Read-Digest $cabinet.Files[$name] }
}

function Find-Item([string] $Model) { return @(@($Site.items) + @($Site.baselines) | Where-Object { $_.ModelName -eq $Model })[0] }

function Import-Digest($Digest, [object[]] $Together) {
    $there = Find-Item $Digest.Model
    $deleted = $Site.deletedItems[$Digest.Model]
    if ($null -ne $deleted -and $deleted -gt $Digest.Version) { Stop-Call "Import failed: revision $deleted of '$($Digest.Name)' was deleted recently, revision $($Digest.Version) is older." }
    if ($there -and $there.SDMPackageVersion -gt $Digest.Version) { Stop-Call "Import failed: the site has revision $($there.SDMPackageVersion) of '$($Digest.Name)', revision $($Digest.Version) is older." }
    if ($there -and $there.SDMPackageVersion -eq $Digest.Version) {
        if ($there._hash -ne $Digest.Hash) { Stop-Call "Import failed: the site has revision $($Digest.Version) of '$($Digest.Name)' with other content." }
        return $there
    }
    foreach ($model in $Digest.References) {
        if ($null -eq (Find-Item $model) -and @($Together | ForEach-Object { $_.Model }) -notcontains $model) { Stop-Call "Import failed: '$($Digest.Name)' refers to '$model', which is not on the site." }
    }
    return Write-Item $Digest $there
}

function Write-Item($Digest, $There) {
    # Each revision is an object of its own with its own CI_ID; the latest is what the cmdlets give.
    $baseline = $Digest.Kind -eq 'Baseline'
    $class = if ($baseline) { 'SMS_ConfigurationBaselineInfo' } else { 'SMS_ConfigurationItemLatest' }
    $row = [ordered]@{
        _class = $class; CI_ID = New-NumericId; CI_UniqueID = "$($Digest.Model)/$($Digest.Version)"; ModelName = $Digest.Model
        LocalizedDisplayName = $Digest.Name; LocalizedDescription = $Digest.Description; CIVersion = $Digest.Version; SDMPackageVersion = $Digest.Version
        IsLatest = $true; IsEnabled = $true; IsExpired = $false; CIType_ID = $ItemTypes[$Digest.Kind]; IsAssigned = $false; ObjectPath = '/'
        _references = [Collections.ArrayList]@($Digest.References); _hash = $Digest.Hash; SecuredScopeNames = [Collections.ArrayList]@('Default'); _options = [ordered]@{}
    }
    $table = if ($baseline) { 'baselines' } else { 'items' }
    if ($There) {
        $row.SecuredScopeNames = $There.SecuredScopeNames
        $row.ObjectPath = $There.ObjectPath
        $row._options = $There._options
        Sync-Assignment $There.CI_ID $row.CI_ID
        $row.IsAssigned = $There.IsAssigned
        $Site[$table].Remove($There)
    }
    [void]$Site[$table].Add($row)
    return $row
}

function Sync-Assignment($Old, $New) {
    foreach ($row in $Site.baselineDeployments) { if ($row.AssignedCIs -contains $Old) { $row.AssignedCIs = [Collections.ArrayList]@($New) } }
}

function Import-Cabinets($P, [bool] $Baselines) {
    foreach ($path in $P.FileName) {
        $digests = @(Get-CabinetDigests $path ([bool]$P.Force))
        $main = @($digests | Where-Object { ($_.Kind -eq 'Baseline') -eq $Baselines })
        if ($main.Count -eq 0) { Stop-Call "'$path' holds no $(if ($Baselines) { 'configuration baseline' } else { 'configuration item' })." 'System.IO.InvalidDataException' }
        if ($P.DuplicateWhileImporting) { foreach ($digest in $digests) { $digest.Model = 'ScopeId_{0}/{1}_{2}' -f $Site.site.scope, $digest.Kind, (New-ObjectGuid) } }
        foreach ($digest in @($digests | Where-Object { $_.Kind -ne 'Baseline' }) + @($digests | Where-Object { $_.Kind -eq 'Baseline' })) {
            $row = Import-Digest $digest $digests
            if (@($main | ForEach-Object { $_.Model }) -contains $row.ModelName) { Show-Row $row }
        }
    }
}

$Do['Import-CMConfigurationItem'] = { param($P, $Set) Import-Cabinets $P $false }
$Do['Import-CMBaseline'] = { param($P, $Set) Import-Cabinets $P $true }

# --- What both kinds share ---

function Get-ItemOf([string] $Table, $P) {
    if ($P.ContainsKey('InputObject')) {
        $class = if ($Table -eq 'items') { 'SMS_ConfigurationItemLatest' } else { 'SMS_ConfigurationBaselineInfo' }
        Assert-Class $P.InputObject $class
        return Get-ById $Table 'CI_ID' $P.InputObject.CI_ID
    }
    if ($P.ContainsKey('Id')) { return Get-ById $Table 'CI_ID' $P.Id }
    return Get-One @(Select-Row $Table 'LocalizedDisplayName' $P.Name $P)
}

function Find-Items([string] $Table, $P) {
    if ($P.ContainsKey('Id')) { return $Site[$Table] | Where-Object { $_.CI_ID -eq $P.Id } }
    return Select-Row $Table 'LocalizedDisplayName' $P.Name $P
}

function Set-ItemRow([string] $Table, $P) {
    $row = Get-ItemOf $Table $P
    if (-not $row.ModelName.StartsWith("ScopeId_$($Site.site.scope)/")) {
        Stop-Call "'$($row.LocalizedDisplayName)' was imported from another authoring scope and is read-only. Create a copy to change it."
    }
    $digest = @{
        Kind = @($ItemTypes.Keys | Where-Object { $ItemTypes[$_] -eq $row.CIType_ID })[0]; Model = $row.ModelName; Version = 1 + $row.SDMPackageVersion
        Name = if ($P.ContainsKey('NewName')) { $P.NewName } else { $row.LocalizedDisplayName }
        Description = if ($P.ContainsKey('Description')) { $P.Description } else { $row.LocalizedDescription }
        References = $row._references; Hash = "changed on the site $(Step-Counter)"
    }
    $known = 'Id', 'Name', 'InputObject', 'NewName', 'Description', 'PassThru', 'AllowComanagedClients', 'DisableWildcardHandling', 'ForceWildcardHandling'
    foreach ($key in $P.Keys) { if ($known -notcontains $key) { Stop-Call "the stand-in does not change an item by $key" 'System.NotImplementedException' } }
    $new = Write-Item $digest $row
    if ($P.ContainsKey('AllowComanagedClients')) { $new._options['AllowComanagedClients'] = [bool]$P.AllowComanagedClients }
    if ($P.PassThru) { Show-Row $new }
}

function Remove-ItemRow([string] $Table, $P) {
    $row = Get-ItemOf $Table $P
    foreach ($baseline in $Site.baselines) {
        if ($baseline._references -contains $row.ModelName) { Stop-Call "'$($row.LocalizedDisplayName)' cannot be deleted: baseline '$($baseline.LocalizedDisplayName)' refers to it." }
    }
    if (@($Site.baselineDeployments | Where-Object { $_.AssignedCIs -contains $row.CI_ID }).Count) { Stop-Call "'$($row.LocalizedDisplayName)' cannot be deleted: it is deployed." }
    $Site.deletedItems[$row.ModelName] = $row.SDMPackageVersion
    $Site[$Table].Remove($row)
}

$Do['Get-CMConfigurationItem'] = { param($P, $Set) Find-Items 'items' $P | Show-Row }
$Do['Set-CMConfigurationItem'] = { param($P, $Set) Set-ItemRow 'items' $P }
$Do['Remove-CMConfigurationItem'] = { param($P, $Set) Remove-ItemRow 'items' $P }
$Do['Get-CMBaseline'] = {
    param($P, $Set)
    if ($Set -like 'SearchByParentBaseline*') { Stop-Call 'the stand-in has no nested baselines' 'System.NotImplementedException' }
    Find-Items 'baselines' $P | Show-Row
}
$Do['Set-CMBaseline'] = { param($P, $Set) Set-ItemRow 'baselines' $P }
$Do['Remove-CMBaseline'] = { param($P, $Set) Remove-ItemRow 'baselines' $P }

# --- Deployments of baselines ---

$Do['New-CMBaselineDeployment'] = {
    param($P, $Set)
    $baseline = Get-ItemOf 'baselines' $P
    $collection = Get-TargetCollection $P
    if (@($Site.baselineDeployments | Where-Object { $_.AssignedCIs -contains $baseline.CI_ID -and $_.TargetCollectionID -eq $collection.CollectionID }).Count) {
        Stop-Call 'The baseline is deployed to the collection already.' 'System.ArgumentException'
    }
    $schedule = if ($P.ContainsKey('Schedule')) { ConvertTo-ScheduleText $P.Schedule } else { @($Site.clientSettings)[0]._settings.ComplianceSettings.EvaluationSchedule }
    $row = Add-Row 'baselineDeployments' 'SMS_BaselineAssignment' ([ordered]@{
            AssignmentID = New-NumericId; AssignmentUniqueID = '{' + (New-ObjectGuid).ToUpper() + '}'; AssignmentName = "$($baseline.LocalizedDisplayName)_$($collection.Name)"
            AssignmentDescription = ''; AssignedCIs = [Collections.ArrayList]@($baseline.CI_ID); AssignmentAction = if ($P.EnableEnforcement) { 2 } else { 1 }
            TargetCollectionID = $collection.CollectionID; CollectionName = $collection.Name; OverrideServiceWindows = [bool]$P.OverrideServiceWindow
            Enabled = $true; StartTime = ConvertTo-DateText (Get-Date); UseGMTTimes = $false; EvaluationSchedule = $schedule; _options = [ordered]@{}
        })
    $baseline.IsAssigned = $true
    Show-Row $row
}

function Select-Assignment([string] $Table, [string] $Items, $P) {
    # Deployments by themselves, by what they deploy, by collection.
    $collection = Get-CollectionOf $P 'Collection' 'Collection'
    $item = $null
    $id = $P.DeploymentId
    if ($P.ContainsKey('InputObject')) {
        if ((Get-Class $P.InputObject) -like '*Assignment') { $id = $P.InputObject.AssignmentUniqueID } else { $item = Get-ById $Items 'CI_ID' $P.InputObject.CI_ID }
    }
    $Site[$Table] | Where-Object {
        $assigned = $_.AssignedCIs
        $names = @($Site[$Items] | Where-Object { $assigned -contains $_.CI_ID } | ForEach-Object { $_.LocalizedDisplayName })
        ($null -eq $collection -or $_.TargetCollectionID -eq $collection.CollectionID) -and ($null -eq $item -or $assigned -contains $item.CI_ID) -and
        ($null -eq $id -or $_.AssignmentUniqueID -eq $id -or $_.AssignmentUniqueID.Trim('{}') -eq $id) -and
        (-not $P.ContainsKey('SmsObjectId') -or $assigned -contains $P.SmsObjectId) -and
        (-not $P.ContainsKey('Name') -or @($names | Where-Object { Test-Name $_ $P.Name $P }).Count)
    }
}

function Get-Assignments([string] $Table, [string] $Items, $P) {
    $found = @(Select-Assignment $Table $Items $P)
    if ($P.Summary) { return $found | ForEach-Object { Get-Summary $_ } | Show-Row }
    $found | Show-Row
}

function Remove-Assignment([string] $Table, [string] $Items, $P) {
    $rows = @(Select-Assignment $Table $Items $P)
    if ($rows.Count -eq 0) { Stop-Call $NotThere 'System.Management.Automation.ItemNotFoundException' }
    foreach ($row in $rows) { $Site[$Table].Remove($row) }
}

$Do['Get-CMBaselineDeployment'] = { param($P, $Set) Get-Assignments 'baselineDeployments' 'baselines' $P }
$Do['Remove-CMBaselineDeployment'] = {
    param($P, $Set)
    Remove-Assignment 'baselineDeployments' 'baselines' $P
    foreach ($baseline in $Site.baselines) { $baseline.IsAssigned = @($Site.baselineDeployments | Where-Object { $_.AssignedCIs -contains $baseline.CI_ID }).Count -gt 0 }
}

$Do['Set-CMBaselineDeployment'] = {
    param($P, $Set)
    $filter = @{}
    foreach ($key in 'InputObject', 'Collection', 'CollectionId', 'CollectionName') { if ($P.ContainsKey($key)) { $filter[$key] = $P[$key] } }
    if ($P.ContainsKey('BaselineName')) { $filter.Name = $P.BaselineName }
    if ($P.ContainsKey('BaselineId')) { $filter.SmsObjectId = [int]$P.BaselineId }
    $row = Get-One @(Select-Assignment 'baselineDeployments' 'baselines' $filter)
    if ($P.ContainsKey('EnableEnforcement')) { $row.AssignmentAction = if ($P.EnableEnforcement) { 2 } else { 1 } }
    Set-Properties $row $P @{ OverrideServiceWindow = 'OverrideServiceWindows'; Schedule = 'EvaluationSchedule' }
    if ($P.PassThru) { Show-Row $row }
}
