# A key that holds the values of a list and no others, taken apart: a row for each value, so that each is judged, written, kept in the
# journal and rolled back as any other value is. policyc.kinds.registry.parts does the same.
$MostOthers = 1000

function Get-ValueRow {
    # The rows of a key that was opened: the values of the list, then the others that are there, each of which must be absent. Where the
    # list is empty and nothing is there, the default value must be.
    param([hashtable] $Setting, [hashtable] $Opened)
    $others = [Collections.Generic.SortedDictionary[string, string]]::new([StringComparer]::OrdinalIgnoreCase)
    if ($null -ne $Opened.Key) { foreach ($name in $Opened.Names) { $others[$name] = $name } }
    foreach ($value in $Setting.List) { $null = $others.Remove($value.Name) }
    if ($others.Count -gt $MostOthers) { throw "it holds $($others.Count) values that the policy does not name, and no more than $MostOthers are removed at once" }
    if ($Setting.List.Length -eq 0 -and $others.Count -eq 0) { $others[''] = '' }
    foreach ($value in $Setting.List) {
        $row = $Setting.Clone()
        $row.Remove('Only')
        foreach ($word in $value.Keys) { $row[$word] = $value[$word] }
        $row
    }
    foreach ($name in $others.Values) {
        $row = $Setting.Clone()
        $row.Remove('Only')
        $row.Name, $row.Absent = $name, $true
        $row
    }
}

function Get-ListFinding {
    # What Get-Finding gives, of such a setting at each key that it has on this device. Unknown says why it can't be judged, if it can't.
    param([hashtable] $Setting, [string] $Unknown, [double] $Share)
    $hive, $key = $Setting.Key.Split([char[]]'\', 2)
    foreach ($path in @(if ($hive -eq 'HKCU') { & 'Get-UserPath' -Key $key } else { $key })) {
        $place = @{ Hive = $hive.Replace('HKCU', 'HKU'); View = $(if ($Setting['View']) { 32 } else { 64 }); Path = $path; Name = $null }
        $opened = @{ Key = $null }
        try {
            if ($Unknown) { throw $Unknown }
            Assert-Time $Share
            $opened = Open-Place $place
            foreach ($row in @(Get-ValueRow -Setting $Setting -Opened $opened)) {
                $finding = @{ Setting = $row; Place = $place.Clone(); State = $null; Holds = $false; Failure = '' }
                $finding.Place.Name = $row.Name
                try {
                    $finding.State = Read-Value $opened $row.Name
                    $finding.Holds = Test-Verdict $row $finding.State
                } catch {
                    $finding.Failure = $_.Exception.GetBaseException().Message
                }
                $finding
            }
        } catch {
            $row = $Setting.Clone()
            $row.Present = $true
            @{ Setting = $row; Place = $place; State = $null; Holds = $false; Failure = $_.Exception.GetBaseException().Message }
        } finally {
            if ($null -ne $opened.Key) { $opened.Key.Dispose() }
        }
    }
}
