# A service manager to be spoilt. It knows the services that a test has made below `$Manager`, a key each:
#   Status    1 stopped, 3 stopping, 4 running (it is what Get-Service tells)
#   Refuses   what sc.exe ends with, changing nothing
#   Lies      sc.exe ends with 0, and changes nothing
#   Hangs     told to stop, it is stopping for ever
#   Calls     what sc.exe was told about it, a line each
# Start types are in the registry, as Windows has them, and so is what depends on what. What sc.exe and the service manager do is as
# Microsoft documents it: `sc config`, ChangeServiceConfig2 (delayed automatic start), ControlService, StartService and their errors.
# Aliases go before functions, so that the scripts under test come as they are.
param([string] $Manager = 'HKLM:\SOFTWARE\policyc-test\services')
$global:StandInManager = $Manager.Substring(6)
$global:StandInServices = 'SYSTEM\CurrentControlSet\Services'

function global:Open-StandIn {
    param([string] $Path)
    [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64').OpenSubKey($Path, $true)
}

function global:Get-Service {
    [CmdletBinding()]
    param([string] $Name)
    $key = Open-StandIn "$StandInManager\$Name"
    if ($null -eq $key) { return }
    $above = foreach ($other in (Open-StandIn $StandInManager).GetSubKeyNames()) {
        $settings = Open-StandIn "$StandInServices\$other"
        if ($null -ne $settings -and @($settings.GetValue('DependOnService')) -contains $Name) {
            # What depends on it comes after what depends on that.
            $one = Get-Service -Name $other
            foreach ($further in $one.DependentServices) { $further }
            $one
        }
    }
    [pscustomobject]@{ ServiceName = $Name; Status = [int]$key.GetValue('Status'); DependentServices = @($above) }
}

function global:Invoke-StandIn {
    param([string] $Name, [string[]] $Arguments, [int] $Seconds)
    # Other programs are the endpoint's own: the script's function that runs them, past the alias.
    if ($Name -ne 'sc.exe') { return & $ExecutionContext.InvokeCommand.GetCommand('Invoke-Tool', 'Function') @PSBoundParameters }
    $code = Step-StandIn -Verb $Arguments[0] -Of $Arguments[1] -Word $Arguments[-1]
    @{ ExitCode = $code; Text = 'Der Dienst wurde etwas gefragt.' }
}

function global:Step-StandIn {
    param([string] $Verb, [string] $Of, [string] $Word)
    $key = Open-StandIn "$StandInManager\$Of"
    $settings = Open-StandIn "$StandInServices\$Of"
    if ($null -eq $key -or $null -eq $settings) { return 1060 }
    $key.SetValue('Calls', [string[]](@($key.GetValue('Calls')).Where({ $_ }) + "$Verb $Word"), 'MultiString')
    if ($key.GetValue('Refuses')) { return $key.GetValue('Refuses') }
    if ($key.GetValue('Lies')) { return 0 }
    $status = $key.GetValue('Status')
    switch ($Verb) {
        'config' {
            $start = @{ boot = 0; system = 1; auto = 2; 'delayed-auto' = 2; demand = 3; disabled = 4 }[$Word]
            if ($null -eq $start) { return 1639 }
            $settings.SetValue('Start', $start, 'DWord')
            if ($Word -eq 'delayed-auto') { $settings.SetValue('DelayedAutostart', 1, 'DWord') }
            if ($Word -eq 'auto') { $settings.DeleteValue('DelayedAutostart', $false) }
        }
        'stop' {
            if ($status -eq 1) { return 1062 }
            if (@((Get-Service -Name $Of).DependentServices).Where({ $_.Status -ne 1 }).Count) { return 1051 }
            $key.SetValue('Status', $(if ($key.GetValue('Hangs')) { 3 } else { 1 }), 'DWord')
        }
        'start' {
            if ($status -ne 1) { return 1056 }
            if ($settings.GetValue('Start') -eq 4) { return 1058 }
            $key.SetValue('Status', 4, 'DWord')
        }
        default { return 1639 }
    }
    return 0
}

$null = $ExecutionContext.SessionState.InvokeProvider.Item.New('alias:\', 'Invoke-Tool', 'Alias', 'Invoke-StandIn')
