# Microsoft Defender's cmdlets, to be spoilt. What is set lies below Defender's own key, as Windows keeps it; a policy goes before it.
# Below `$Spoilt` a test says: Refuses, every cmdlet fails as it does where the service is off; Tamper, changes do nothing and tamper protection
# says that it is on; Lies, changes do nothing; Hidden, rules may not be seen; Old, this release knows no PUAProtection.
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
    param([string[]] $AttackSurfaceReductionRules_Ids, [byte[]] $AttackSurfaceReductionRules_Actions, [switch] $Force)
    Assert-Service
    if ((Test-Spoilt 'Lies') -or (Test-Spoilt 'Tamper')) { return }
    for ($index = 0; $index -lt $AttackSurfaceReductionRules_Ids.Length; $index++) {
        $key = Open-DefenderStandIn "$StandInOwn\$StandInRules"
        $key.SetValue($AttackSurfaceReductionRules_Ids[$index], [string]$AttackSurfaceReductionRules_Actions[$index], 'String')
    }
}

function global:Remove-MpPreference {
    [CmdletBinding()]
    param(
        [switch] $PUAProtection, [switch] $EnableNetworkProtection, [switch] $EnableControlledFolderAccess, [switch] $MAPSReporting,
        [switch] $SubmitSamplesConsent, [switch] $CloudBlockLevel, [string[]] $AttackSurfaceReductionRules_Ids, [switch] $Force
    )
    Assert-Service
    if ((Test-Spoilt 'Lies') -or (Test-Spoilt 'Tamper')) { return }
    foreach ($id in @($AttackSurfaceReductionRules_Ids).Where({ $_ })) {
        (Open-DefenderStandIn "$StandInOwn\$StandInRules").DeleteValue($id, $false)
    }
    foreach ($name in $PSBoundParameters.Keys) {
        if (-not $StandInPlaces.Contains($name)) { continue }
        $sub, $value, $null = $StandInPlaces[$name]
        (Open-DefenderStandIn "$StandInOwn\$sub".TrimEnd('\')).DeleteValue($value, $false)
    }
}
