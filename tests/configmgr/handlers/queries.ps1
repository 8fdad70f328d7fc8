# --- Queries of the SMS Provider: select ... from one class, conditions joined by `and` ---

class SmsQueryException : System.Exception {
    [string] $ErrorCode
    SmsQueryException([string] $message, [string] $code) : base($message) { $this.ErrorCode = $code }
}

function Get-ContentInfo {
    # SMS_DPGroupContentInfo: which content a group of distribution points has.
    foreach ($row in @($Site.packages) + @($Site.applications)) {
        foreach ($name in $row._groups) {
            $group = Get-One @(Select-Row 'distributionPointGroups' 'Name' $name @{ DisableWildcardHandling = $true })
            [ordered]@{ GroupID = $group.GroupID; PackageID = $row.PackageID; ObjectID = if ($row.ModelName) { $row.ModelName } else { $row.PackageID } }
        }
    }
}

function Split-Query([string] $Query) {
    # Class and conditions: property, operator, value.
    $literal = "'(?:[^'\\]|\\.)*'|-?\d+"
    $condition = "\w+\s*(?:=|<>)\s*(?:$literal)"
    if ($Query -notmatch "^\s*select\s+(?<columns>\*|\w+(?:\s*,\s*\w+)*)\s+from\s+(?<class>\w+)(?:\s+where\s+(?<where>$condition(?:\s+and\s+$condition)*))?\s*$") {
        throw [SmsQueryException]::new("The query is not valid, or more than the stand-in reads: $Query", 'InvalidQuery')
    }
    $columns = @(if ($Matches.columns -ne '*') { $Matches.columns -split '\s*,\s*' })
    $parts = @{ Class = $Matches.class; Columns = $columns; Conditions = @() }
    foreach ($found in [regex]::Matches("$($Matches.where)", "(\w+)\s*(=|<>)\s*($literal)")) {
        $value = $found.Groups[3].Value
        if ($value.StartsWith("'")) { $value = $value.Substring(1, $value.Length - 2) -replace '\\(.)', '$1' }
        $parts.Conditions += , @($found.Groups[1].Value, $found.Groups[2].Value, $value)
    }
    return $parts
}

$Do['Invoke-CMWmiQuery'] = {
    param($P, $Set)
    if ($Set -ne 'ByWql') { Stop-Call 'the stand-in takes queries as text alone' 'System.NotImplementedException' }
    $query = Split-Query $P.Query
    if ($query.Class -eq 'SMS_DPGroupContentInfo') { $rows = @(Get-ContentInfo) }
    elseif ($Site.wmi.Contains($query.Class)) { $rows = @($Site.wmi[$query.Class]) }
    else { throw [SmsQueryException]::new("Invalid class: $($query.Class)", 'InvalidClass') }
    foreach ($row in $rows) {
        $wanted = $true
        foreach ($one in $query.Conditions) { $wanted = $wanted -and ((("$($row[$one[0]])" -eq $one[2])) -eq ($one[1] -eq '=')) }
        if (-not $wanted) { continue }
        $given = [ordered]@{ _class = $query.Class }
        foreach ($key in $row.Keys) { if ($query.Columns.Count -eq 0 -or $query.Columns -contains $key) { $given[$key] = $row[$key] } }
        Show-Row $given
    }
}
