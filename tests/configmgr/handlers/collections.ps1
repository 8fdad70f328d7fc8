# --- Collections, their rules and members, devices, maintenance windows ---

$RefreshTypes = @{ None = 1; Manual = 1; Periodic = 2; Continuous = 4; Both = 6 }
$RuleParts = @{ Direct = 'Resource'; Query = 'Rule'; Include = 'IncludeCollection'; Exclude = 'ExcludeCollection' }

function Get-CollectionOf($P, [string] $Prefix = 'Collection', [string] $Object = 'InputObject') {
    # The collection that a call means by object, id or name, null where it names none.
    if ($P.ContainsKey($Object)) {
        Assert-Class $P[$Object] 'SMS_Collection'
        return Get-ById 'collections' 'CollectionID' $P[$Object].CollectionID
    }
    if ($P.ContainsKey("${Prefix}Id")) { return Get-ById 'collections' 'CollectionID' $P["${Prefix}Id"] }
    if ($P.ContainsKey("${Prefix}Name")) { return Get-One @(Select-Row 'collections' 'Name' $P["${Prefix}Name"] $P) }
}

function Get-TargetCollection($P) {
    # A deployment's: none of the three parameters is mandatory, one must be there.
    $collection = Get-CollectionOf $P 'Collection' 'Collection'
    if ($null -eq $collection) { Stop-Call 'Specify one of Collection, CollectionId and CollectionName.' 'System.ArgumentException' }
    return $collection
}

function New-Collection($P) {
    $limiting = Get-CollectionOf $P 'LimitingCollection'
    if (@($Site.collections | Where-Object { $_.Name -eq $P.Name }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    $type = if ($P.ContainsKey('RefreshType')) { $P.RefreshType } else { 'Periodic' }
    $row = Add-Row 'collections' 'SMS_Collection' ([ordered]@{
            CollectionID = New-SiteId; Name = $P.Name; Comment = [string]$P.Comment
            LimitToCollectionID = $limiting.CollectionID; LimitToCollectionName = $limiting.Name
            RefreshType = $RefreshTypes[$type]; MemberCount = 0; CollectionType = 2; IsBuiltIn = $false; CurrentStatus = 1; LastRefreshTime = Get-SiteTime; ObjectPath = '/'
            _rules = [Collections.ArrayList]@(); _members = [Collections.ArrayList]@(); _windows = [Collections.ArrayList]@()
            _pending = 0; _schedule = $null
        })
    if ($P.ContainsKey('RefreshSchedule')) { $row._schedule = ConvertTo-ScheduleText $P.RefreshSchedule }
    Update-Instantly
    Show-Row $row
}

$Do['New-CMDeviceCollection'] = { param($P, $Set) New-Collection $P }
$Do['New-CMCollection'] = {
    param($P, $Set)
    if ($P.CollectionType -ne 'Device') { Stop-Call 'the stand-in has no user collections' 'System.NotImplementedException' }
    New-Collection $P
}

function Get-Collections($P, [string] $Set) {
    if ($Set -like 'ByDPGroup*') { Stop-Call 'the stand-in has no collections of distribution point groups' 'System.NotImplementedException' }
    Step-Lag
    if ($P.CollectionType -eq 'User') { return }
    if ($Set -eq 'ById') { return $Site.collections | Where-Object { $_.CollectionID -eq $P.Id } | Show-Row }
    Select-Row 'collections' 'Name' $P.Name $P | Show-Row
}

$Do['Get-CMCollection'] = { param($P, $Set) Get-Collections $P $Set }
$Do['Get-CMDeviceCollection'] = { param($P, $Set) Get-Collections $P $Set }

$Do['Set-CMCollection'] = {
    param($P, $Set)
    $prefix = if ($Set -eq 'SetByName') { '' } else { 'Collection' }
    $row = Get-CollectionOf $P $prefix
    if ($row.IsBuiltIn) { Stop-Call 'A built-in collection cannot be modified.' }
    if ($P.ContainsKey('NewName') -and $P.NewName -ne $row.Name) {
        if (@($Site.collections | Where-Object { $_.Name -eq $P.NewName }).Count) { Stop-Call $Taken 'System.ArgumentException' }
        $row.Name = $P.NewName
        $Site.collections | Where-Object { $_.LimitToCollectionID -eq $row.CollectionID } | ForEach-Object { $_.LimitToCollectionName = $row.Name }
    }
    if ($P.ContainsKey('Comment')) { $row.Comment = $P.Comment }
    if ($P.ContainsKey('RefreshType')) { $row.RefreshType = $RefreshTypes[$P.RefreshType] }
    if ($P.ContainsKey('RefreshSchedule')) { $row._schedule = ConvertTo-ScheduleText $P.RefreshSchedule }
    $limiting = Get-CollectionOf $P 'LimitingCollection' 'LimitingCollection'
    if ($limiting) {
        if ($limiting.CollectionID -eq $row.CollectionID) { Stop-Call 'A collection cannot be limited to itself.' }
        $row.LimitToCollectionID = $limiting.CollectionID
        $row.LimitToCollectionName = $limiting.Name
    }
    Update-Instantly
    if ($P.PassThru) { Show-Row $row }
}

$Do['Remove-CMCollection'] = {
    param($P, $Set)
    $row = Get-CollectionOf $P ''
    if ($row.IsBuiltIn) { Stop-Call 'A built-in collection cannot be deleted.' }
    foreach ($other in $Site.collections) {
        $uses = $other.LimitToCollectionID -eq $row.CollectionID
        foreach ($rule in $other._rules) { $uses = $uses -or $rule.IncludeCollectionID -eq $row.CollectionID -or $rule.ExcludeCollectionID -eq $row.CollectionID }
        if ($uses) { Stop-Call "Collection '$($row.Name)' cannot be deleted: collection '$($other.Name)' depends on it." }
    }
    foreach ($table in 'baselineDeployments', 'applicationDeployments', 'policyDeployments') { Remove-Where $table { $_.TargetCollectionID -eq $row.CollectionID } }
    Remove-Where 'packageDeployments' { $_.CollectionID -eq $row.CollectionID }
    Remove-Where 'collections' { $_.CollectionID -eq $row.CollectionID }
}

# --- Rules ---

function Get-Rules($P, [string] $Kind) {
    $row = Get-CollectionOf $P
    $rules = @($row._rules | Where-Object { $_._class -eq "SMS_CollectionRule$(if ($Kind -like '*clude') { "${Kind}Collection" } else { $Kind })" })
    switch ($Kind) {
        'Query' { if ($P.ContainsKey('RuleName')) { $rules = @($rules | Where-Object { Test-Name $_.RuleName $P.RuleName $P }) } }
        'Direct' {
            $ids = @(if ($P.ContainsKey('ResourceId')) { $P.ResourceId } elseif ($P.ContainsKey('Resource')) { $P.Resource | ForEach-Object { $_.ResourceID } })
            if ($ids.Count) { $rules = @($rules | Where-Object { $ids -contains $_.ResourceID }) }
            if ($P.ContainsKey('ResourceName')) { $rules = @($rules | Where-Object { $rule = $_; @($P.ResourceName | Where-Object { Test-Name $rule.RuleName $_ $P }).Count }) }
        }
        default {
            $part = "${Kind}Collection"
            if ($P.ContainsKey("${part}Name")) {
                $wanted = @($Site.collections | Where-Object { Test-Name $_.Name $P["${part}Name"] $P } | ForEach-Object { $_.CollectionID })
                $rules = @($rules | Where-Object { $wanted -contains $_["${part}ID"] })
            }
            elseif ($P.ContainsKey("${part}Id") -or $P.ContainsKey($part)) {
                $other = Get-CollectionOf $P $part $part
                $rules = @($rules | Where-Object { $_["${part}ID"] -eq $other.CollectionID })
            }
        }
    }
    return $rules
}

function Add-Rule($P, [object[]] $Rules) {
    $row = Get-CollectionOf $P
    if ($row.IsBuiltIn) { Stop-Call 'A built-in collection cannot be modified.' }
    foreach ($rule in $Rules) {
        $there = @($row._rules | Where-Object { $_._class -eq $rule._class -and $_.RuleName -eq $rule.RuleName })
        if ($there.Count) { Stop-Call "The collection has the rule '$($rule.RuleName)' already." 'System.ArgumentException' }
        [void]$row._rules.Add($rule)
    }
    Update-Instantly
    if ($P.PassThru) { Show-Row $row }
}

function Remove-Rule($P, [string] $Kind) {
    $row = Get-CollectionOf $P
    $rules = @(Get-Rules $P $Kind)
    if ($rules.Count -eq 0) { Stop-Call $NotThere 'System.Management.Automation.ItemNotFoundException' }
    foreach ($rule in $rules) { $row._rules.Remove($rule) }
    Update-Instantly
}

foreach ($kind in 'Direct', 'Query', 'Include', 'Exclude') {
    $Do["Get-CMDeviceCollection${kind}MembershipRule"] = [scriptblock]::Create("param(`$P, `$Set) Get-Rules `$P $kind | Show-Row")
    $Do["Remove-CMDeviceCollection${kind}MembershipRule"] = [scriptblock]::Create("param(`$P, `$Set) Remove-Rule `$P $kind")
}

$Do['Add-CMDeviceCollectionDirectMembershipRule'] = {
    param($P, $Set)
    $ids = if ($P.ContainsKey('Resource')) { $P.Resource | ForEach-Object { $_.ResourceID } } else { $P.ResourceId }
    $rules = foreach ($id in $ids) {
        $device = Get-ById 'devices' 'ResourceID' $id
        [ordered]@{ _class = 'SMS_CollectionRuleDirect'; RuleName = $device.Name; ResourceClassName = 'SMS_R_System'; ResourceID = $device.ResourceID }
    }
    Add-Rule $P @($rules)
}

$Do['Add-CMDeviceCollectionQueryMembershipRule'] = {
    param($P, $Set)
    if ($P.QueryExpression -notmatch '^\s*select\s.+\sfrom\s+SMS_R_System') { Stop-Call 'The query expression is not valid.' 'System.ArgumentException' }
    $query = [ordered]@{ _class = 'SMS_CollectionRuleQuery'; RuleName = $P.RuleName; QueryExpression = $P.QueryExpression; QueryID = Step-Counter }
    Add-Rule $P @($query)
}

function Add-OtherRule($P, [string] $Kind) {
    $row = Get-CollectionOf $P
    $other = Get-CollectionOf $P "${Kind}Collection" "${Kind}Collection"
    if ($other.CollectionID -eq $row.CollectionID) { Stop-Call 'A collection cannot refer to itself.' }
    $rule = [ordered]@{ _class = "SMS_CollectionRule${Kind}Collection"; RuleName = $other.Name }
    $rule["${Kind}CollectionID"] = $other.CollectionID
    Add-Rule $P @($rule)
}

$Do['Add-CMDeviceCollectionIncludeMembershipRule'] = { param($P, $Set) Add-OtherRule $P 'Include' }
$Do['Add-CMDeviceCollectionExcludeMembershipRule'] = { param($P, $Set) Add-OtherRule $P 'Exclude' }

# --- Members: what the last evaluation found, not what the rules say ---

function Get-QueryMembers([string] $Query) {
    $names = @()
    foreach ($key in $Site.queryResults.Keys) { if (($key -replace '\s+', ' ').Trim() -eq ($Query -replace '\s+', ' ').Trim()) { $names = $Site.queryResults[$key] } }
    return @($Site.devices | Where-Object { $names -contains $_.Name } | ForEach-Object { $_.ResourceID })
}

function Get-Evaluation($Row) {
    if ($Row.CollectionID -eq 'SMS00001') { return @($Site.devices | ForEach-Object { $_.ResourceID }) }
    if ($Row.CollectionID -eq 'SMSDM003') { return @($Site.devices | Where-Object { $_.IsClient } | ForEach-Object { $_.ResourceID }) }
    $in = @()
    $out = @()
    foreach ($rule in $Row._rules) {
        if ($rule.ResourceID) { $in += $rule.ResourceID }
        elseif ($rule.QueryExpression) { $in += @(Get-QueryMembers $rule.QueryExpression) }
        elseif ($rule.IncludeCollectionID) { $in += @((Get-ById 'collections' 'CollectionID' $rule.IncludeCollectionID)._members) }
        elseif ($rule.ExcludeCollectionID) { $out += @((Get-ById 'collections' 'CollectionID' $rule.ExcludeCollectionID)._members) }
    }
    $most = @((Get-ById 'collections' 'CollectionID' $Row.LimitToCollectionID)._members)
    return @($in | Where-Object { $most -contains $_ -and $out -notcontains $_ } | Sort-Object -Unique)
}

function Update-Members($Row, [string[]] $Seen = @()) {
    # With a collection, those that build on it are evaluated.
    if ($Seen -contains $Row.CollectionID) { return }
    $Row._members = [Collections.ArrayList]@(Get-Evaluation $Row)
    $Row.MemberCount = $Row._members.Count
    $Row.CurrentStatus = 1
    $Row.LastRefreshTime = Get-SiteTime
    foreach ($other in @($Site.collections)) {
        $builds = $other.LimitToCollectionID -eq $Row.CollectionID
        foreach ($rule in $other._rules) { $builds = $builds -or $rule.IncludeCollectionID -eq $Row.CollectionID -or $rule.ExcludeCollectionID -eq $Row.CollectionID }
        if ($builds) { Update-Members $other ($Seen + $Row.CollectionID) }
    }
}

function Update-Instantly {
    if ($Site.instant) { Update-Members (Get-ById 'collections' 'CollectionID' 'SMS00001') }
}

function Step-Lag {
    # `updateLag` of the state: so many times is somebody shown the old members after an update was asked for.
    $waiting = @($Site.collections | Where-Object { $_._pending -gt 0 })
    foreach ($row in $waiting) {
        $row._pending = $row._pending - 1
        if ($row._pending -eq 0) { Update-Members $row }
    }
    if ($waiting.Count) { Save-Site }
}

$Do['Invoke-CMCollectionUpdate'] = {
    param($P, $Set)
    $row = if ($P.ContainsKey('Name')) { Get-CollectionOf $P '' } else { Get-CollectionOf $P }
    if ([int]$Site.updateLag -gt 0) {
        $row._pending = 1 + $Site.updateLag
        $row.CurrentStatus = 5
    }
    else { Update-Members $row }
}

$Do['Get-CMCollectionMember'] = {
    param($P, $Set)
    Step-Lag
    $row = Get-CollectionOf $P
    $devices = $Site.devices | Where-Object { $row._members -contains $_.ResourceID }
    $devices | Where-Object { (-not $P.ContainsKey('Name') -or (Test-Name $_.Name $P.Name $P)) -and (-not $P.ContainsKey('ResourceId') -or $_.ResourceID -eq $P.ResourceId) } | Show-Row
}

$Do['Get-CMDevice'] = {
    param($P, $Set)
    if ($Set -like '*InfectedClients') { Stop-Call 'the stand-in has no infected clients' 'System.NotImplementedException' }
    $row = Get-CollectionOf $P 'Collection' 'Collection'
    $devices = Select-Row 'devices' 'Name' $P.Name $P
    if ($P.ContainsKey('ResourceId')) { $devices = $Site.devices | Where-Object { $_.ResourceID -eq $P.ResourceId } }
    $devices | Where-Object { $null -eq $row -or $row._members -contains $_.ResourceID } | Show-Row
}

$Do['Get-CMResource'] = {
    param($P, $Set)
    $Site.devices | Where-Object { -not $P.ContainsKey('ResourceId') -or $_.ResourceID -eq $P.ResourceId } | Show-Row
}

# --- Maintenance windows ---

$Do['New-CMMaintenanceWindow'] = {
    param($P, $Set)
    $row = Get-CollectionOf $P
    if (@($row._windows | Where-Object { $_.Name -eq $P.Name }).Count) { Stop-Call $Taken 'System.ArgumentException' }
    if ($P.Schedule.DayDuration * 1440 + $P.Schedule.HourDuration * 60 + $P.Schedule.MinuteDuration -le 0) { Stop-Call 'The schedule of a maintenance window needs a duration.' 'System.ArgumentException' }
    $types = @{ Any = 1; SoftwareUpdatesOnly = 4; TaskSequencesOnly = 5 }
    $window = [ordered]@{
        _class = 'SMS_ServiceWindow'; Name = $P.Name; Description = ''; ServiceWindowID = '{' + (New-ObjectGuid) + '}'
        ServiceWindowSchedules = ConvertTo-ScheduleText $P.Schedule
        ServiceWindowType = if ($P.ContainsKey('ApplyTo')) { $types[$P.ApplyTo] } else { 1 }
        Duration = $P.Schedule.DayDuration * 1440 + $P.Schedule.HourDuration * 60 + $P.Schedule.MinuteDuration
        IsEnabled = -not $P.ContainsKey('IsEnabled') -or $P.IsEnabled; IsGMT = [bool]$P.Schedule.IsGMT; StartTime = ConvertTo-DateText $P.Schedule.StartTime
    }
    [void]$row._windows.Add($window)
    Show-Row $window
}

$Do['Get-CMMaintenanceWindow'] = {
    param($P, $Set)
    $row = Get-CollectionOf $P
    $row._windows | Where-Object { -not $P.ContainsKey('MaintenanceWindowName') -or (Test-Name $_.Name $P.MaintenanceWindowName $P) } | Show-Row
}
