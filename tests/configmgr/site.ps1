# The site that the functions above change: its state, its drive, its log, and how a call goes.
# Plain text in state and log; dates as 'yyyy-MM-dd HH:mm:ss', which no JSON reader turns into something else.

Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
$Do = @{}
$DeniedCalls = @{}
$DateFormat = 'yyyy-MM-dd HH:mm:ss'
$Invariant = [Globalization.CultureInfo]::InvariantCulture
$CommonParameters = 'WhatIf', 'Confirm', 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ProgressAction', 'ErrorVariable', 'WarningVariable',
'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable'
$NotThere = 'No object corresponds to the specified parameters.'
$Taken = 'An object with the specified name already exists.'
$Denied = 'You do not have security rights to perform this operation.'
$WrongDrive = 'This command cannot be run from the current drive. To run this command you must first connect to a Configuration Manager drive.'

# --- State ---

function ConvertTo-Row($Value) {
    if ($Value -is [Management.Automation.PSCustomObject]) {
        $row = [ordered]@{}
        foreach ($property in $Value.PSObject.Properties) { $row[$property.Name] = ConvertTo-Row $property.Value }
        return $row
    }
    if ($Value -is [object[]]) {
        $rows = New-Object System.Collections.ArrayList
        foreach ($item in $Value) { [void]$rows.Add((ConvertTo-Row $item)) }
        return , $rows
    }
    # Readers of JSON differ in the type that they give a whole number.
    if ($Value -is [double] -or $Value -is [long]) { return [int]$Value }
    return $Value
}

function Read-Site {
    $script:StateText = [IO.File]::ReadAllText($env:POLICYC_SITE_STATE)
    Undo-Site
}

function Undo-Site { $script:Site = ConvertTo-Row (ConvertFrom-Json $StateText) }

function Save-Site {
    $script:StateText = ConvertTo-Json -InputObject $Site -Depth 30
    [IO.File]::WriteAllText($env:POLICYC_SITE_STATE, $StateText)
}

function Step-Counter {
    $script:Site.counter = 1 + $Site.counter
    return $Site.counter
}

function New-SiteId { return '{0}{1:X5}' -f $Site.site.code, (Step-Counter) }
function New-ObjectGuid { return '00000000-0000-4000-8000-{0:x12}' -f (Step-Counter) }
function New-NumericId { return 16777216 + (Step-Counter) }
function Get-SiteTime($Step) {
    # The site's clock goes on by a minute with whatever gets a number: the same calls, the same times.
    if ($null -eq $Step) { $Step = Step-Counter }
    return ([datetime]'2026-01-01').AddMinutes($Step).ToString($DateFormat, $Invariant)
}

function ConvertTo-DateText($Date) { if ($null -eq $Date) { return $null }; return ([datetime]$Date).ToString($DateFormat, $Invariant) }

function Stop-Call([string] $Message, [string] $Type = 'System.InvalidOperationException') {
    throw (New-Object $Type $Message)
}

# --- Rows in, objects out. A key that begins with an underscore is the site's own. ---

function Add-Row([string] $Table, [string] $Class, $Properties) {
    $row = [ordered]@{ _class = $Class }
    foreach ($key in $Properties.Keys) { $row[$key] = $Properties[$key] }
    [void]$Site[$Table].Add($row)
    return $row
}

function Show-Row {
    # Copies: what a script does to an object changes nothing on the site.
    param([Parameter(ValueFromPipeline = $true)] $Row)
    process { if ($null -ne $Row) { ConvertTo-Given $Row } }
}

function ConvertTo-Given($Value) {
    if ($Value -is [Collections.IDictionary]) {
        $given = [ordered]@{}
        $hidden = @(if ($Site.hidden -and $Value['_class']) { $Site.hidden[$Value['_class']] })
        foreach ($key in $Value.Keys) { if (-not $key.StartsWith('_') -and $hidden -notcontains $key) { $given[$key] = ConvertTo-Given $Value[$key] } }
        $object = [pscustomobject]$given
        if ($Value['_class']) {
            $object.PSObject.TypeNames.Insert(0, 'IResultObject')
            $object.PSObject.TypeNames.Insert(0, "IResultObject#$($Value['_class'])")
        }
        return $object
    }
    if ($Value -is [Collections.ArrayList]) { return , @($Value | ForEach-Object { ConvertTo-Given $_ }) }
    if ($Value -is [string] -and $Value -match '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$') { return [datetime]::ParseExact($Value, $DateFormat, $Invariant) }
    return $Value
}

function Get-Class($Object) {
    foreach ($name in $Object.PSObject.TypeNames) { if ($name.StartsWith('IResultObject#')) { return $name.Substring(14) } }
}

function Assert-Class($Object, [string[]] $Classes) {
    if ($Classes -notcontains (Get-Class $Object)) {
        Stop-Call "The type of InputObject is not supported: $(Get-Class $Object) where $($Classes -join ' or ') is expected." 'System.ArgumentException'
    }
}

# --- Finding ---

function Test-Name([string] $Name, $Pattern, $P) {
    if ($P.DisableWildcardHandling) { return $Name -eq $Pattern }
    return $Name -eq $Pattern -or $Name -like $Pattern
}

function Select-Row([string] $Table, [string] $Property, $Pattern, $P) {
    foreach ($row in @($Site[$Table])) { if ($null -eq $Pattern -or (Test-Name $row[$Property] $Pattern $P)) { $row } }
}

function Get-One([object[]] $Rows) {
    if ($null -eq $Rows -or $Rows.Count -eq 0) { Stop-Call $NotThere 'System.Management.Automation.ItemNotFoundException' }
    if ($Rows.Count -gt 1) { Stop-Call 'More than one object corresponds to the specified parameters.' 'System.ArgumentException' }
    return $Rows[0]
}

function Get-ById([string] $Table, [string] $Key, $Value) {
    return Get-One @($Site[$Table] | Where-Object { $_[$Key] -eq $Value })
}

# --- A call ---

function Invoke-SiteCmdlet($Cmdlet, $Bound) {
    $ErrorActionPreference = 'Stop'
    $name = $Cmdlet.MyInvocation.MyCommand.Name
    $whatIf = Test-WhatIf $Cmdlet $Bound
    $parameters = @{}
    foreach ($key in $Bound.Keys) { if ($CommonParameters -notcontains $key) { $parameters[$key] = $Bound[$key] } }
    $entry = [ordered]@{ cmdlet = $name; set = $Cmdlet.ParameterSetName; parameters = (ConvertTo-LogValue $parameters); whatIf = $whatIf; changed = $false; error = $null }
    $given = @()
    try {
        Assert-Drive $Cmdlet
        if (-not $Do.ContainsKey($name)) { Stop-Call "the stand-in has no $name" 'System.NotImplementedException' }
        Assert-OfThisVersion $parameters
        Assert-Unprompted $name $Bound $whatIf
        if (-not $whatIf) { Assert-Allowed $name }
        $members = Get-AllMembers
        $given = @(& $Do[$name] $parameters $Cmdlet.ParameterSetName)
        if ($whatIf) {
            Undo-Site
            $given = @()
            $Host.UI.WriteLine("What if: Performing the operation `"$name`" on the stand-in site.")
        }
        elseif ($name -notlike 'Get-*' -and $name -ne 'New-CMSchedule') {
            Save-Site
            # Evaluating, summarizing and asking are no changes, unless members come or go.
            $entry.changed = $name -notlike 'Invoke-*' -or $members -ne (Get-AllMembers)
        }
    }
    catch {
        Undo-Site
        $entry.error = $_.Exception.Message
        Write-CallLog $entry
        $Cmdlet.ThrowTerminatingError($_)
    }
    Write-CallLog $entry
    $given
}

function Get-AllMembers { return @($Site.collections | ForEach-Object { $_._members -join ' ' }) -join '; ' }

function Test-WhatIf($Cmdlet, $Bound) {
    if ($Bound.ContainsKey('WhatIf')) { return [bool]$Bound['WhatIf'] }
    if (-not $Cmdlet.MyInvocation.MyCommand.Parameters.ContainsKey('WhatIf')) { return $false }
    # The real cmdlets are compiled, and so read the preference of whoever calls them.
    return [bool]$Cmdlet.SessionState.PSVariable.GetValue('WhatIfPreference')
}

function Assert-Drive($Cmdlet) {
    if ($Cmdlet.SessionState.Path.CurrentLocation.Drive.Name -ne $Site.site.code) { Stop-Call $WrongDrive }
}

function Assert-Unprompted([string] $Name, $Bound, [bool] $WhatIf) {
    # Removing asks, and nobody is there to answer.
    $asks = $Name -like 'Remove-*' -and -not $WhatIf -and -not $Bound['Force']
    $asks = $asks -or ($Bound.ContainsKey('Confirm') -and [bool]$Bound['Confirm'] -and -not $WhatIf)
    if ($asks) { Stop-Call "$Name asks for confirmation: PowerShell is in NonInteractive mode. Read and Prompt functionality is not available." }
}

function Get-SiteBuild { return [int]($script:Site.site.version.Split('.')[2]) }

function Assert-OfThisVersion($P) {
    # Version 2010 (build 9040) renamed a value.
    if (-not $P.ContainsKey('DriveMode')) { return }
    $foreign = if ((Get-SiteBuild) -lt 9040) { 'RunWithUnc' } else { 'RenameWithUnc' }
    if ($P.DriveMode -eq $foreign) { Stop-Call "Cannot validate argument on parameter 'DriveMode': this version of the console has no $foreign." 'System.ArgumentException' }
}

function Assert-Allowed([string] $Name) {
    foreach ($rule in @($Site.deny)) {
        if ($null -eq $rule -or $Name -notlike $rule.cmdlet) { continue }
        $DeniedCalls[$rule.cmdlet] = 1 + $DeniedCalls[$rule.cmdlet]
        if ($DeniedCalls[$rule.cmdlet] -gt [int]$rule.after) { Stop-Call $Denied 'System.UnauthorizedAccessException' }
    }
}

function ConvertTo-LogValue($Value) {
    if ($Value -is [Collections.IDictionary]) {
        $row = [ordered]@{}
        foreach ($key in ($Value.Keys | Sort-Object)) { $row[$key] = ConvertTo-LogValue $Value[$key] }
        return $row
    }
    if ($Value -is [array]) { return , @($Value | ForEach-Object { ConvertTo-LogValue $_ }) }
    if ($Value -is [datetime]) { return ConvertTo-DateText $Value }
    if ($Value -is [switch]) { return [bool]$Value }
    $class = if ($null -ne $Value) { Get-Class $Value }
    if (-not $class) { if ($Value -is [string] -or $Value -is [bool] -or $Value -is [int]) { return $Value } else { return "$Value" } }
    if ($class -like 'SMS_ST_*') { return ConvertTo-ScheduleText $Value }
    foreach ($key in 'ProgramName', 'AdvertisementID', 'CollectionID', 'PackageID', 'AssignmentID', 'CI_ID', 'ResourceID', 'Name') {
        if ($Value.PSObject.Properties[$key]) { return "${class}:$($Value.$key)" }
    }
    return $class
}

function Write-CallLog($Entry) {
    $line = (ConvertTo-Json -InputObject $Entry -Depth 20 -Compress) + "`n"
    [IO.File]::AppendAllText($env:POLICYC_SITE_LOG, $line)
}

# --- The drive. The engine has no provider CMSite: a folder stands for it, and two functions say that it is one. ---

function Connect-Site {
    Read-Site
    if ($Site.drive) { Add-SiteDrive }
}

function Add-SiteDrive {
    [void][IO.Directory]::CreateDirectory($env:POLICYC_SITE_DRIVE)
    $provider = $ExecutionContext.SessionState.Provider.GetOne('FileSystem')
    $drive = New-Object System.Management.Automation.PSDriveInfo $Site.site.code, $provider, $env:POLICYC_SITE_DRIVE, $Site.site.server, $null
    [void]$ExecutionContext.SessionState.Drive.New($drive, 'Global')
}

function Get-SiteDrive {
    $there = @($ExecutionContext.SessionState.Drive.GetAll() | Where-Object { $_.Name -eq $Site.site.code })
    if ($there.Count -eq 0) { return }
    return [pscustomobject]@{ Name = $Site.site.code; Root = $Site.site.server; Description = $Site.site.server; SiteCode = $Site.site.code; Provider = [pscustomobject]@{ Name = 'CMSite' } }
}

function New-PSDrive {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param (
        [Parameter(Mandatory = $true, Position = 0)][string]$Name,
        [Parameter(Mandatory = $true, Position = 1)][string]$PSProvider,
        [Parameter(Mandatory = $true, Position = 2)][string]$Root,
        [string]$Description,
        [string]$Scope = 'Local'
    )
    if ($PSProvider -ne 'CMSite') { return Microsoft.PowerShell.Management\New-PSDrive -Name $Name -PSProvider $PSProvider -Root $Root -Scope $Scope }
    if (-not $PSCmdlet.ShouldProcess($Name, 'New drive')) { return }
    if ($Name -ne $Site.site.code -or $Root -ne $Site.site.server) { Stop-Call "No site $Name can be reached at $Root." 'System.ArgumentException' }
    if ($null -ne (Get-SiteDrive)) { Stop-Call "A drive with the name '$Name' already exists." 'System.Management.Automation.SessionStateException' }
    Add-SiteDrive
    Get-SiteDrive
}

function Get-PSDrive {
    [CmdletBinding()]
    param ([Parameter(Position = 0)][string[]]$Name = '*', [string[]]$PSProvider)
    $drive = Get-SiteDrive
    $wanted = $null -ne $drive -and @($Name | Where-Object { $drive.Name -like $_ }).Count -gt 0
    if ($wanted -and ($null -eq $PSProvider -or $PSProvider -contains 'CMSite')) { $drive }
    elseif (-not $wanted -and $PSProvider -contains 'CMSite' -and $Name -notmatch '[*?]') {
        $preference = if ($PSBoundParameters.ContainsKey('ErrorAction')) { $PSBoundParameters['ErrorAction'] } else { $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference') }
        Write-Error "Cannot find drive. A drive with the name '$Name' does not exist." -ErrorAction $preference
    }
    if ($PSProvider -contains 'CMSite') { return }
    foreach ($other in $ExecutionContext.SessionState.Drive.GetAll()) {
        if ($other.Name -eq $Site.site.code -or @($Name | Where-Object { $other.Name -like $_ }).Count -eq 0) { continue }
        if ($null -eq $PSProvider -or $PSProvider -contains $other.Provider.Name) { $other }
    }
}
