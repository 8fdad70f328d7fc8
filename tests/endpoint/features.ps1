# Windows' module Dism to be spoilt. It knows the parts that a test has made below `$Image`, a key each, in `features` and `capabilities`:
#   State     the name of its state, as the enumeration has it (Enabled, Disabled, EnablePending, Installed, NotPresent, ...)
#   Waits     a change waits for a restart
#   Refuses   the cmdlet fails with this HRESULT, changing nothing
#   Lies      the cmdlet tells nothing, and changes nothing
#   Parent    the feature that has to be enabled before
#   Along     features that Windows brings to the same state along with it
#   Asked     what the class Win32_OptionalFeature says of it, where that is another number than its state's
#   Calls     what the cmdlets were told about it, a line each
# And of the image itself: Fails, an HRESULT with which nothing can be listed, and WmiFails, the same for WMI. Parameters are those that Microsoft documents for the module.
param([string] $Image = 'SOFTWARE\policyc-test\image')
$global:StandInImage = $Image

function global:Open-Image {
    param([string] $Path = '')
    [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').OpenSubKey("$StandInImage\$Path".TrimEnd('\'), $true)
}

function global:Stop-Image {
    param([int] $Code)
    throw [Runtime.InteropServices.COMException]::new('Der Vorgang ist fehlgeschlagen.', $Code)
}

function global:Get-Image {
    param([string] $Of, [string] $Column)
    $image = Open-Image
    if ($image.GetValue('Fails')) { Stop-Image $image.GetValue('Fails') }
    $image.SetValue('Listed', 1 + $image.GetValue('Listed', 0), 'DWord')
    $key = Open-Image $Of
    if ($null -eq $key) { return }
    foreach ($name in $key.GetSubKeyNames()) { [pscustomobject]@{ $Column = $name; State = $key.OpenSubKey($name).GetValue('State') } }
}

function global:Step-Image {
    param([string] $Of, [string] $Name, [string] $Call, [string[]] $States)
    $key = Open-Image "$Of\$Name"
    if ($null -eq $key) { Stop-Image 0x800f080c }
    $key.SetValue('Calls', [string[]](@($key.GetValue('Calls')).Where({ $_ }) + $Call), 'MultiString')
    if ($key.GetValue('Refuses')) { Stop-Image $key.GetValue('Refuses') }
    if ($key.GetValue('Lies')) { return }
    $parent = $key.GetValue('Parent')
    if ($parent -and $States[0] -eq 'Enabled' -and (Open-Image "$Of\$parent").GetValue('State') -notlike 'Enable*') { Stop-Image 0xc004000d }
    $key.SetValue('State', $States[[int]$key.GetValue('Waits', 0)], 'String')
    foreach ($other in @($key.GetValue('Along')).Where({ $_ })) { (Open-Image "$Of\$other").SetValue('State', $States[[int]$key.GetValue('Waits', 0)], 'String') }
    [pscustomobject]@{ RestartNeeded = [bool]$key.GetValue('Waits') }
}

function global:Get-CimInstance {
    # The class Win32_OptionalFeature, asked for one name. InstallState: 1 enabled, 2 disabled, 3 absent, 4 unknown; it tells no pending state.
    [CmdletBinding()]
    param([string] $ClassName, [string] $Filter)
    if ($ClassName -ne 'Win32_OptionalFeature' -or $Filter -notmatch "^Name = '([^']+)'$") { throw 'it would list everything' }
    $image = Open-Image
    if ($image.GetValue('WmiFails')) { Stop-Image $image.GetValue('WmiFails') }
    $image.SetValue('WmiAsked', 1 + $image.GetValue('WmiAsked', 0), 'DWord')
    $key = Open-Image "features\$($Matches[1])"
    if ($null -eq $key) { return }
    $numbers = @{ Enabled = 1; DisablePending = 1; Disabled = 2; EnablePending = 2; DisabledWithPayloadRemoved = 3 }
    [pscustomobject]@{ Name = $Matches[1]; Caption = 'Ein Feature'; InstallState = [uint32]$key.GetValue('Asked', $numbers[$key.GetValue('State')]) }
}

function global:Get-WindowsOptionalFeature {
    [CmdletBinding()]
    param([switch] $Online)
    if (-not $Online) { throw 'offline' }
    Get-Image 'features' 'FeatureName'
}

function global:Enable-WindowsOptionalFeature {
    [CmdletBinding()]
    param([switch] $Online, [string] $FeatureName, [switch] $NoRestart, [switch] $All, [switch] $LimitAccess, [string[]] $Source)
    if (-not $NoRestart) { throw 'it would ask for a restart' }
    Step-Image 'features' $FeatureName 'enable' 'Enabled', 'EnablePending'
}

function global:Disable-WindowsOptionalFeature {
    [CmdletBinding()]
    param([switch] $Online, [string] $FeatureName, [switch] $NoRestart, [switch] $Remove)
    if (-not $NoRestart) { throw 'it would ask for a restart' }
    if ($Remove) { Step-Image 'features' $FeatureName 'remove' 'DisabledWithPayloadRemoved', 'DisablePending' } else { Step-Image 'features' $FeatureName 'disable' 'Disabled', 'DisablePending' }
}

function global:Get-WindowsCapability {
    [CmdletBinding()]
    param([switch] $Online, [switch] $LimitAccess)
    if (-not $LimitAccess) { throw 'it would ask Windows Update' }
    Get-Image 'capabilities' 'Name'
}

function global:Add-WindowsCapability {
    [CmdletBinding()]
    param([switch] $Online, [string] $Name, [switch] $LimitAccess)
    Step-Image 'capabilities' $Name 'add' 'Installed', 'InstallPending'
}

function global:Remove-WindowsCapability {
    [CmdletBinding()]
    param([switch] $Online, [string] $Name)
    Step-Image 'capabilities' $Name 'remove' 'NotPresent', 'UninstallPending'
}
