# Microsoft Defender's cmdlets, to be spoilt. What is set lies below Defender's own key, as Windows keeps it; a policy goes before it.
# Below `$Spoilt` a test says: Refuses, every cmdlet fails as it does where the service is off; Tamper, changes do nothing and tamper protection
# says that it is on; Lies, changes do nothing; Hidden, rules and lists may not be seen; Old, this release knows no PUAProtection; Spells, what
# is added to a list gets a backslash behind it; Half, members are added and none is taken out; Adds, with what is added comes one of somebody else's.
# Get-, Set-, Add- and Remove-MpPreference behave as Microsoft documents them: lists of rules and actions side by side, numbers for words.
param([string] $Spoilt = 'SOFTWARE\policyc-test\defender')
$global:StandInSpoilt = $Spoilt
$global:StandInOwn = 'SOFTWARE\Microsoft\Windows Defender'
$global:StandInPolicies = 'SOFTWARE\Policies\Microsoft\Windows Defender'
$global:StandInPlaces = @{
    PUAProtection = '', 'PUAProtection', 0
    EnableNetworkProtection = 'Windows Defender Exploit Guard\Network Protection', 'EnableNetworkProtection', 0
    EnableControlledFolderAccess = 'Windows Defender Exploit Guard\Controlled Folder Access', 'EnableControlledFolderAccess', 0
    MAPSReporting = 'Spynet', 'SpynetReporting', 2
    SubmitSamplesConsent = 'Spynet', 'SubmitSamplesConsent', 1
    CloudBlockLevel = 'MpEngine', 'MpCloudBlockLevel', 0
}
$global:StandInLists = @{
    ExclusionPath = 'Exclusions\Paths'
    ExclusionExtension = 'Exclusions\Extensions'
    ExclusionProcess = 'Exclusions\Processes'
    ExclusionIpAddress = 'Exclusions\IpAddresses'
    AttackSurfaceReductionOnlyExclusions = 'Windows Defender Exploit Guard\ASR\ASROnlyExclusions'
}
$global:StandInRules = 'Windows Defender Exploit Guard\ASR\Rules'

function global:Open-DefenderStandIn {
    param([string] $Path)
    [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').CreateSubKey($Path)
}

function global:Test-Spoilt {
    param([string] $How)
    [bool](Open-DefenderStandIn $StandInSpoilt).GetValue($How)
}

function global:Assert-Service {
    $key = Open-DefenderStandIn $StandInSpoilt
    $key.SetValue('Calls', 1 + [int]$key.GetValue('Calls'), 'DWord')
    if (Test-Spoilt 'Refuses') { throw 'Vorgang fehlgeschlagen: 0x800106ba' }
}

function global:Get-MpPreference {
    [CmdletBinding()]
    param()
    Assert-Service
    $all = @{}
    foreach ($name in $StandInPlaces.Keys) {
        if ($name -eq 'PUAProtection' -and (Test-Spoilt 'Old')) { continue }
        $sub, $value, $number = $StandInPlaces[$name]
        foreach ($below in $StandInOwn, $StandInPolicies) {
            $there = (Open-DefenderStandIn "$below\$sub".TrimEnd('\')).GetValue($value)
            if ($null -ne $there) { $number = $there }
        }
        $all[$name] = [byte]$number
    }
    $rules = [ordered]@{}
    foreach ($below in $StandInOwn, $StandInPolicies) {
        $key = Open-DefenderStandIn "$below\$StandInRules"
        foreach ($id in $key.GetValueNames()) { $rules[$id.ToUpperInvariant()] = [byte]$key.GetValue($id) }
    }
    $all.AttackSurfaceReductionRules_Ids = if ($rules.Count) { [string[]]@($rules.Keys) }
    $all.AttackSurfaceReductionRules_Actions = if ($rules.Count) { [byte[]]@($rules.Values) }
    foreach ($name in $StandInLists.Keys) {
        $members = @(foreach ($below in $StandInPolicies, $StandInOwn) { (Open-DefenderStandIn "$below\$($StandInLists[$name])").GetValueNames() })
        $all[$name] = if (Test-Spoilt 'Hidden') { 'N/A: Must be an administrator to view exclusions' } elseif ($members.Length) { [string[]]$members }
    }
    if (Test-Spoilt 'Hidden') { $all.AttackSurfaceReductionRules_Ids = [string[]]@('N/A: Must be an administrator to view') }
    [pscustomobject]$all
}

function global:Get-MpComputerStatus {
    [CmdletBinding()]
    param()
    [pscustomobject]@{ IsTamperProtected = Test-Spoilt 'Tamper' }
}

function global:Set-MpPreference {
    [CmdletBinding()]
    param(
        [byte] $PUAProtection, [byte] $EnableNetworkProtection, [byte] $EnableControlledFolderAccess, [byte] $MAPSReporting,
        [byte] $SubmitSamplesConsent, [byte] $CloudBlockLevel, [switch] $Force
    )
    Assert-Service
    if ((Test-Spoilt 'Lies') -or (Test-Spoilt 'Tamper')) { return }
    foreach ($name in $PSBoundParameters.Keys) {
        if (-not $StandInPlaces.Contains($name)) { continue }
        $sub, $value, $null = $StandInPlaces[$name]
        (Open-DefenderStandIn "$StandInOwn\$sub".TrimEnd('\')).SetValue($value, [int]$PSBoundParameters[$name], 'DWord')
    }
}

function global:Add-MpPreference {
    [CmdletBinding()]
    param(
        [string[]] $AttackSurfaceReductionRules_Ids, [byte[]] $AttackSurfaceReductionRules_Actions,
        [string[]] $ExclusionPath, [string[]] $ExclusionExtension, [string[]] $ExclusionProcess, [string[]] $ExclusionIpAddress,
        [string[]] $AttackSurfaceReductionOnlyExclusions, [switch] $Force
    )
    Assert-Service
    if ((Test-Spoilt 'Lies') -or (Test-Spoilt 'Tamper')) { return }
    foreach ($name in $PSBoundParameters.Keys) {
        if (-not $StandInLists.Contains($name)) { continue }
        $key = Open-DefenderStandIn "$StandInOwn\$($StandInLists[$name])"
        foreach ($one in $PSBoundParameters[$name]) { $key.SetValue("$one$(if (Test-Spoilt 'Spells') { '\' })", 0, 'DWord') }
        if (Test-Spoilt 'Adds') { $key.SetValue('C:\Somebody', 0, 'DWord') }
    }
    for ($index = 0; $index -lt @($AttackSurfaceReductionRules_Ids).Where({ $_ }).Count; $index++) {
        $key = Open-DefenderStandIn "$StandInOwn\$StandInRules"
        $key.SetValue($AttackSurfaceReductionRules_Ids[$index], [string]$AttackSurfaceReductionRules_Actions[$index], 'String')
    }
}

function global:Remove-MpPreference {
    [CmdletBinding()]
    param(
        [switch] $PUAProtection, [switch] $EnableNetworkProtection, [switch] $EnableControlledFolderAccess, [switch] $MAPSReporting,
        [switch] $SubmitSamplesConsent, [switch] $CloudBlockLevel, [string[]] $AttackSurfaceReductionRules_Ids,
        [string[]] $ExclusionPath, [string[]] $ExclusionExtension, [string[]] $ExclusionProcess, [string[]] $ExclusionIpAddress,
        [string[]] $AttackSurfaceReductionOnlyExclusions, [switch] $Force
    )
    Assert-Service
    if ((Test-Spoilt 'Lies') -or (Test-Spoilt 'Tamper') -or (Test-Spoilt 'Half')) { return }
    foreach ($name in $PSBoundParameters.Keys) {
        if (-not $StandInLists.Contains($name)) { continue }
        # By the spelling that it has, but for capitals; what isn't there is no error.
        foreach ($one in $PSBoundParameters[$name]) { (Open-DefenderStandIn "$StandInOwn\$($StandInLists[$name])").DeleteValue($one, $false) }
    }
    foreach ($id in @($AttackSurfaceReductionRules_Ids).Where({ $_ })) {
        (Open-DefenderStandIn "$StandInOwn\$StandInRules").DeleteValue($id, $false)
    }
    foreach ($name in $PSBoundParameters.Keys) {
        if (-not $StandInPlaces.Contains($name)) { continue }
        $sub, $value, $null = $StandInPlaces[$name]
        (Open-DefenderStandIn "$StandInOwn\$sub".TrimEnd('\')).DeleteValue($value, $false)
    }
}
