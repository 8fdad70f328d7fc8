<#
.SYNOPSIS
Shows how far the site and its devices have come with what policyc compiled. Reads only.

.DESCRIPTION
Two parts, as Microsoft's document on monitoring endpoint configuration has them: the deployment state of each package, program,
application and built-in policy, with the meaning of exit codes and the state of their content; and the compliance of each
baseline, with the ids of the settings that fail and the onboarding state of devices. A third lists the devices that keep what a
collection changed which departed, or which they left, with the command that undoes it.

Devices are listed where they need a look (Error, Failed, Requirements Not Met, Non-Compliant, or retried after an exit code);
all others are counted. What is not on the site is said to be so. What may not be read is said to be so, the rest is shown, and
the exit code is 1. Times are those of the site, which keeps most of them in UTC.

.PARAMETER Collection
Names of collections or of their folders here. All by default.

.PARAMETER As
Object (policyc.Status, for the pipeline), Table, Csv or Html. By default Object, or what the end of -Path says.

.PARAMETER Path
The file to write: needed for nothing, taken for Csv and Html. Without it their text goes down the pipeline.

.PARAMETER Limit
The most devices listed for each program, application or baseline; the others are counted by state and exit code. 0 lists all.
By default 200 for Table and Html, and all for Object and Csv.

.PARAMETER Summarize
Asks the site to count these collections' deployments anew (Invoke-CMDeploymentSummarization), as soon as it can. By itself
it does so every few hours. This is the one call that is not a reading one.

.PARAMETER SiteCode
The site. By default what project.yaml says, or the one that the console is connected to.

.PARAMETER SiteServer
A server with the SMS Provider, where the console has not been connected to the site before.

.EXAMPLE
.\monitor.ps1 -As Table

.EXAMPLE
.\monitor.ps1 -Collection defender-atp-pilot | Where-Object State -eq 'Failed' | Group-Object Code, Meaning

.EXAMPLE
.\monitor.ps1 -Summarize -Path .\status.html
#>
[CmdletBinding()]
param(
    [ValidateNotNullOrEmpty()] [string[]] $Collection,
    [ValidateSet('Object', 'Table', 'Csv', 'Html')] [string] $As = 'Object',
    [ValidateNotNullOrEmpty()] [string] $Path,
    [ValidateRange(0, 1000000)] [int] $Limit = 200,
    [switch] $Summarize,
    [string] $SiteCode,
    [string] $SiteServer
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# The output folder beside this script. Nothing of it is used unless it is what the manifest knows.
function Get-List {
    # The items of a member that may be absent, null, one or many.
    param($From, [string] $Name)
    if ($null -eq $From) { return }
    $property = $From.PSObject.Properties[$Name]
    if ($null -eq $property) { return }
    foreach ($item in $property.Value) { if ($null -ne $item) { $item } }
}

function Get-Field {
    # A member that may be absent: of a JSON object, or of an object of the site whose class had it later.
    param($From, [string] $Name)
    if ($null -eq $From) { return $null }
    $property = $From.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

function Get-TextField {
    param($From, [string] $Name)
    $value = Get-Field -From $From -Name $Name
    if ($null -eq $value) { return '' }
    return [string]$value
}

function Test-SameText {
    # As ConfigMgr compares names: to the letter but for case, whatever the language of this machine.
    param([string] $Left, [string] $Right)
    return [string]::Equals($Left, $Right, [StringComparison]::OrdinalIgnoreCase)
}

function Get-Sha256 {
    param([byte[]] $Bytes)
    $hasher = [Security.Cryptography.SHA256]::Create()
    try { return [BitConverter]::ToString($hasher.ComputeHash($Bytes)).Replace('-', '').ToLowerInvariant() } finally { $hasher.Dispose() }
}

function Get-OutputPath {
    param([string] $Path)
    return [IO.Path]::Combine($OutputFolder, $Path.Replace('/', [string][IO.Path]::DirectorySeparatorChar))
}

function Read-OutputFile {
    # The bytes of a file of this folder, as policyc wrote them, or an error that says which file isn't.
    param([string] $Path)
    $full = Get-OutputPath -Path $Path
    $known = Get-Field -From $OutputManifest.files -Name $Path
    $isBuilt = (Get-Field -From $known -Name 'built') -eq $true
    if (-not [IO.File]::Exists($full)) {
        if ($isBuilt) { throw "'$Path' is not in $OutputFolder yet, as git does not keep it. Run 'policyc compile' in the folder of the policies' repository: it makes it." }
        throw "'$Path' is not in $OutputFolder. Take the whole output folder of policyc."
    }
    $bytes = [IO.File]::ReadAllBytes($full)
    if ($null -eq $known) { throw "'$Path' is not a file of manifest.json: it was not written by policyc, and is not used." }
    if ((Get-Sha256 -Bytes $bytes) -ne $known.sha256) {
        if ($isBuilt) { throw "'$Path' was built for another state of the policies, or changed since. Run 'policyc compile' in the folder of the policies' repository: it makes it anew." }
        throw "'$Path' was changed after policyc wrote it. Change the policy and compile it again, or take the folder from git anew."
    }
    return , $bytes
}

function ConvertFrom-Utf8Json {
    param([byte[]] $Bytes)
    return ConvertFrom-Json -InputObject ([Text.UTF8Encoding]::new($false, $true).GetString($Bytes).TrimStart([char]0xFEFF))
}

function Read-OutputJson {
    param([string] $Path)
    return ConvertFrom-Utf8Json -Bytes (Read-OutputFile -Path $Path)
}

function Read-Manifest {
    $path = Get-OutputPath -Path 'manifest.json'
    if (-not [IO.File]::Exists($path)) { throw "manifest.json is not in ${OutputFolder}: run this script from the output folder of policyc." }
    return ConvertFrom-Utf8Json -Bytes ([IO.File]::ReadAllBytes($path))
}

function Read-Deployment {
    # What every collection's objects shall be, in the order of phases; the project's own, of phase 0, last.
    $paths = foreach ($file in $OutputManifest.files.PSObject.Properties) { if ($file.Name -match '\A[^/]+/deployment\.json\z') { $file.Name } }
    $all = foreach ($path in $paths) {
        $deployment = Read-OutputJson -Path $path
        if ($deployment.version -ne 1) { throw "'$path' is of version $($deployment.version), and this script reads version 1. Take both from one run of policyc." }
        $deployment
    }
    return $all | Sort-Object -Property { $_.phase -eq 0 }, 'phase', 'slug'
}

function Test-OwnScript {
    # Whether the running script is the one that the manifest knows.
    param([string] $Name)
    try { $null = Read-OutputFile -Path $Name } catch { Write-Warning -Message $_.Exception.Message }
}

function ConvertTo-Moment {
    # PowerShell 7 reads an ISO date in JSON as a date, Windows PowerShell as text. `$null` for nothing.
    param($Value)
    if ($null -eq $Value) { return $null }
    if ($Value -is [DateTime]) { return $Value }
    return [DateTime]::Parse([string]$Value, [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles]::RoundtripKind)
}

# The console's module and the site's drive.
function Import-ConsoleModule {
    if ($null -ne (Get-Command -Name 'Get-CMSite' -ErrorAction Ignore)) { return }
    $console = $env:SMS_ADMIN_UI_PATH
    $get = 'Install the Configuration Manager console on this machine (from the site server: tools\ConsoleSetup\ConsoleSetup.exe), start it once, and run this script in a new window.'
    if ([string]::IsNullOrEmpty($console)) { throw "The Configuration Manager console is not on this machine: SMS_ADMIN_UI_PATH is not set. $get" }
    $module = [IO.Path]::Combine([IO.Path]::GetDirectoryName($console.TrimEnd('\', '/')), 'ConfigurationManager.psd1')
    if (-not [IO.File]::Exists($module)) { throw "The console's module is not where it belongs: $module. $get" }
    Write-Verbose -Message "Loading $module"
    Import-Module -Name $module -Verbose:$false
}

function Resolve-SiteDrive {
    # The name of the site's drive, which is the site's code; the drive is made where the console hasn't.
    param([string] $Code, [string] $Server)
    $drives = @(Get-PSDrive -PSProvider 'CMSite' -ErrorAction Ignore)
    if (-not $Code) {
        if ($drives.Length -eq 1) { return $drives[0].Name }
        throw 'Which site? Say -SiteCode and -SiteServer, or write site_code and site_server below configmgr in project.yaml.'
    }
    foreach ($drive in $drives) { if (Test-SameText -Left $drive.Name -Right $Code) { return $drive.Name } }
    if (-not $Server) { throw "There is no drive for site $Code. Say -SiteServer (a server with the SMS Provider), or connect the console to the site once." }
    Write-Verbose -Message "Connecting to site $Code on $Server"
    # A drive is no change to the site: -WhatIf needs it too.
    $null = New-PSDrive -Name $Code -PSProvider 'CMSite' -Root $Server -Scope 'Script' -WhatIf:$false -Confirm:$false
    return $Code
}

function Use-LocalFile {
    # Hands a file's path to a cmdlet that runs on the site's drive. \\server\share may be taken for a path of that drive there, a
    # drive's letter never is: what lies on a share is lent a local copy. The block's parameter is the path.
    param([string] $LocalPath, [scriptblock] $LocalBody)
    if (-not $LocalPath.StartsWith('\\')) { return & $LocalBody $LocalPath }
    $localFolder = [IO.Path]::Combine([IO.Path]::GetTempPath(), [IO.Path]::GetRandomFileName())
    $null = [IO.Directory]::CreateDirectory($localFolder)
    try {
        $localCopy = [IO.Path]::Combine($localFolder, [IO.Path]::GetFileName($LocalPath))
        [IO.File]::Copy($LocalPath, $localCopy)
        return & $LocalBody $localCopy
    } finally {
        [IO.Directory]::Delete($localFolder, $true)
    }
}

function Get-QuickSwitch {
    # -Fast leaves lazy properties alone and keeps the console from warning of them; not every version knows it.
    param([string] $Command)
    if ((Get-Command -Name $Command).Parameters.ContainsKey('Fast')) { return @{ Fast = $true } }
    return @{}
}

# Marks: [policyc:project:object:hash] in a comment or description. An object is ours by the first two, whatever its name.
$MarkPattern = [regex]'\[policyc:([0-9a-f]{8}):([0-9a-f]{32}):([0-9a-f]{12})\]'
$Unfinished = '000000000000'

function Get-Mark {
    param([string] $Text)
    $found = $MarkPattern.Matches($Text)
    if ($found.Count -eq 0) { return $null }
    $groups = $found[$found.Count - 1].Groups
    return @{ Project = $groups[1].Value; Id = $groups[2].Value; Hash = $groups[3].Value }
}

function Get-OwnMark {
    # The mark of an object that is of this project.
    param([string] $Text)
    $mark = Get-Mark -Text $Text
    if ($null -ne $mark -and $mark.Project -eq $Estate.project.mark) { return $mark }
    return $null
}

function Format-Mark {
    param([string] $Id, [string] $Hash)
    return "[policyc:$($Estate.project.mark):${Id}:$Hash]"
}

function Get-TextWithHash {
    # The same text with another hash in its mark.
    param([string] $Text, [string] $Hash)
    $mark = Get-Mark -Text $Text
    if ($null -eq $mark) { throw "The compiled description '$Text' has no mark." }
    return $Text.Replace("$($mark.Id):$($mark.Hash)]", "$($mark.Id):$Hash]")
}

function Get-UnfinishedText {
    # With a hash that no object has: what is only half made is made again by the next run.
    param([string] $Text)
    return Get-TextWithHash -Text $Text -Hash $Unfinished
}

# What monitor.ps1 gives: one row a device that needs a look, or a group of devices (Device is empty then, Count says how many).
# The states, in the words of ConfigMgr's console and of Microsoft's document, and three of our own.
$States = @{
    Success = 'Success'; InProgress = 'In Progress'; Error = 'Error'; Failed = 'Failed'; RequirementsNotMet = 'Requirements Not Met'
    Unknown = 'Unknown'; Compliant = 'Compliant'; NonCompliant = 'Non-Compliant'
    NotDeployed = 'Not deployed'; NotTold = 'Not told'; NotReadable = 'Not readable'
}
# StatusType of SMS_ClassicDeploymentStatus, SMS_AppDeploymentAssetDetails and their like.
$StatusType = @{ 1 = $States.Success; 2 = $States.InProgress; 3 = $States.RequirementsNotMet; 4 = $States.Unknown; 5 = $States.Error }
$NotTold = 'not told by this site'
# What a console shows of a row when nobody says what to show: four properties make a table.
$ShownProperties = [Management.Automation.PSMemberSet]::new('PSStandardMembers', [Management.Automation.PSMemberInfo[]]@(
        [Management.Automation.PSPropertySet]::new('DefaultDisplayPropertySet', [string[]]@('Name', 'Device', 'State', 'Meaning'))
    ))

function Add-Status {
    param([string] $Kind, [string] $Name, [string] $Device, [string] $State, [string] $Code, [string] $Meaning, [string] $Remedy, $Time, $Count = 1)
    $row = [pscustomobject]@{
        PSTypeName = 'policyc.Status'
        Collection = $Run.Collection
        Kind = $Kind
        Name = $Name
        Device = $Device
        State = $State
        Code = $Code
        Meaning = $Meaning
        Remedy = $Remedy
        Time = ConvertTo-Time -Value $Time
        Count = $Count
    }
    $row.PSObject.Members.Add($ShownProperties)
    $Run.Rows.Add($row)
}

function ConvertTo-Time {
    # A moment as the site tells it, or $null.
    param($Value)
    if ($Value -is [DateTime]) { return $Value }
    $time = [DateTime]::MinValue
    if ($Value -is [string] -and [DateTime]::TryParse($Value, [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles]::RoundtripKind, [ref] $time)) { return $time }
    return $null
}

function Get-NumberField {
    # A number of an object of the site; $null where it isn't told.
    param($From, [string] $Name)
    $number = [long]0
    if ([long]::TryParse((Get-TextField -From $From -Name $Name), [ref] $number)) { return $number }
    return $null
}

function Format-Count {
    param($Count, [string] $Of = 'device')
    if ($null -eq $Count) { return "a number of ${Of}s that is $NotTold" }
    if ($Count -eq 1) { return "1 $Of" }
    return "$(([long]$Count).ToString('N0', [Globalization.CultureInfo]::InvariantCulture)) ${Of}s"
}

function Test-Refusal {
    # Whether an error is a refusal of access: by its type or number, and last by its words, which depend on the console's language.
    param([Exception] $Exception)
    for ($one = $Exception; $null -ne $one; $one = $one.InnerException) {
        if ($one -is [UnauthorizedAccessException] -or $one.HResult -eq -2147024891) { return $true }
        if ((Get-TextField -From $one -Name 'ErrorCode') -eq 'AccessDenied') { return $true }
        if ($one.Message -match 'access.{0,20}denied|not authorized|no permission|insufficient (?:rights|permission)|security (?:right|scope)') { return $true }
    }
    return $false
}

function Invoke-Part {
    # Reads one part. A failure is said in a row of its own, the others are read all the same. The names here are long because the
    # part's own block sees them.
    param([string] $PartKind, [string] $PartName, [scriptblock] $PartBody)
    try {
        $null = & $PartBody
        return $true
    } catch {
        $Run.Failed++
        $why = $_.Exception.GetBaseException().Message
        Write-Verbose -Message "$PartKind '$PartName': $why $($_.ScriptStackTrace)"
        if (Test-Refusal -Exception $_.Exception) {
            Add-Status -Kind $PartKind -Name $PartName -State $States.NotReadable -Count 0 -Meaning "The site refuses to tell: $why" -Remedy 'Ask for the role Read-only Analyst with the security scope and the collections of these objects.'
        } elseif ($_.Exception -is [Management.Automation.CommandNotFoundException]) {
            Add-Status -Kind $PartKind -Name $PartName -State $States.NotReadable -Count 0 -Meaning "This console has no $($_.Exception.CommandName)." -Remedy 'Update the Configuration Manager console on this machine.'
        } else {
            Add-Status -Kind $PartKind -Name $PartName -State $States.NotReadable -Count 0 -Meaning "This could not be read: $why" -Remedy 'Run this again with -Verbose.'
        }
        return $false
    }
}

function Add-DeviceRow {
    # Rows of the devices that need a look, as many as the limit allows, and one for each state and code of those left out. Gives how
    # many devices there were in each state. A device: Device, State, Code, Meaning, Remedy, Time.
    param([string] $Kind, [string] $Name, [object[]] $Devices)
    $counts = @{}
    $left = [ordered]@{}
    $listed = 0
    foreach ($one in @($Devices | Sort-Object -Property 'State', 'Code', 'Device')) {
        $counts[$one.State] = 1 + [long]$counts[$one.State]
        if ($Limit -eq 0 -or $listed -lt $Limit) {
            $listed++
            Add-Status -Kind $Kind -Name $Name -Device $one.Device -State $one.State -Code $one.Code -Meaning $one.Meaning -Remedy $one.Remedy -Time $one.Time
            continue
        }
        $key = "$($one.State)`n$($one.Code)"
        if (-not $left.Contains($key)) { $left[$key] = @{ First = $one; Count = [long]0 } }
        $left[$key].Count++
    }
    foreach ($group in $left.Values) {
        $one = $group.First
        Add-Status -Kind $Kind -Name $Name -State $one.State -Code $one.Code -Count $group.Count -Remedy $one.Remedy -Meaning "$(Format-Count -Count $group.Count) more, not listed (the limit is $Limit): $($one.Meaning)"
    }
    return $counts
}

# What is on the site. Each kind is read once, and every comparison is made here: no name is ever handed to a search.
$NameIn = @{
    Collection = 'Name'; Package = 'Name'; Application = 'LocalizedDisplayName'; Policy = 'LocalizedDisplayName'; Baseline = 'LocalizedDisplayName'
}
$MarkIn = @{
    Collection = 'Comment'; Package = 'Description'; Application = 'LocalizedDescription'; Policy = 'LocalizedDescription'
    Baseline = 'LocalizedDescription'
}
$Reads = @{}

function Get-SiteObject {
    # Everything of a kind that the site has.
    param([string] $Kind)
    if ($Kind -eq 'Collection') {
        Get-CMCollection
        return
    }
    $command = @{ Package = 'Get-CMPackage'; Application = 'Get-CMApplication'; Policy = 'Get-CMAdvancedThreatProtectionPolicy'; Baseline = 'Get-CMBaseline' }[$Kind]
    # The console knows the built-in policy from 1606 on.
    if ($null -eq (Get-Command -Name $command -ErrorAction Ignore)) { return }
    $quick = Get-QuickSwitch -Command $command
    switch ($Kind) {
        'Package' { Get-CMPackage @quick }
        'Application' { Get-CMApplication @quick }
        'Policy' { Get-CMAdvancedThreatProtectionPolicy @quick }
        'Baseline' { Get-CMBaseline @quick }
    }
}

function Read-SiteKind {
    # All objects of a kind and, by the ids of their marks, ours. A refusal is remembered: each part that needs the kind says it.
    param([string] $Kind)
    if (-not $Reads.ContainsKey($Kind)) {
        $read = @{ All = @(); Own = @{}; Failure = $null }
        try {
            $read.All = @(Get-SiteObject -Kind $Kind | Where-Object -FilterScript { $null -ne $_ })
            foreach ($object in $read.All) {
                $mark = Get-OwnMark -Text (Get-TextField -From $object -Name $MarkIn[$Kind])
                if ($null -eq $mark) { continue }
                if (-not $read.Own.ContainsKey($mark.Id)) { $read.Own[$mark.Id] = [Collections.Generic.List[object]]::new() }
                $read.Own[$mark.Id].Add($object)
            }
        } catch { $read.Failure = $_.Exception }
        $Reads[$Kind] = $read
    }
    if ($null -ne $Reads[$Kind].Failure) { throw $Reads[$Kind].Failure }
    return $Reads[$Kind]
}

function Find-Own {
    # The object that carries the mark with this id, whatever its name; $null where there is none.
    param([string] $Kind, [string] $Id)
    $found = (Read-SiteKind -Kind $Kind).Own[$Id]
    if ($null -eq $found) { return $null }
    if ($found.Count -gt 1) {
        $names = @($found | ForEach-Object -Process { Get-TextField -From $_ -Name $NameIn[$Kind] } | Sort-Object) -join ', '
        throw "$($found.Count) objects carry the same mark: $names. Take the mark '[policyc:...]' out of the copy's comment or description."
    }
    return $found[0]
}

function Find-Target {
    # The collection that an entry means: ours by its mark, else by id or name, as deploy.ps1 finds it.
    param($Entry)
    $wanted = $Entry.collection
    $own = Find-Own -Kind 'Collection' -Id $wanted.id
    if ($null -ne $own) { return $own }
    foreach ($one in (Read-SiteKind -Kind 'Collection').All) {
        if ($wanted.collection_id) {
            if ((Get-TextField -From $one -Name 'CollectionID') -eq $wanted.collection_id) { return $one }
        } elseif ((Get-NumberField -From $one -Name 'CollectionType') -eq 2 -and (Test-SameText -Left $one.Name -Right $wanted.name)) {
            return $one
        }
    }
    return $null
}

function Select-Deployment {
    # Of the deployments to this collection, the one with our mark; else the first, which was made by hand.
    param([object[]] $Deployments, [string] $Id)
    $first = $null
    foreach ($one in $Deployments) {
        if ($null -eq $one) { continue }
        $at = if ($null -ne (Get-Field -From $one -Name 'CollectionID')) { $one.CollectionID } else { Get-TextField -From $one -Name 'TargetCollectionID' }
        if ($at -ne $Run.Target.CollectionID) { continue }
        # SMS_Advertisement has a comment, an assignment a description.
        foreach ($text in 'Comment', 'AssignmentDescription') {
            $mark = Get-OwnMark -Text (Get-TextField -From $one -Name $text)
            if ($null -ne $mark -and $mark.Id -eq $Id) { return $one }
        }
        if ($null -eq $first) { $first = $one }
    }
    return $first
}

function Get-Summary {
    # SMS_DeploymentSummary of a deployment: what the console shows as its completion statistics.
    param([string] $DeploymentId)
    foreach ($one in @(Get-CMDeployment -DeploymentId $DeploymentId -DisableWildcardHandling)) { if ($null -ne $one) { return $one } }
    return $null
}

function Test-Missing {
    # Whether an error says that this site has no such class: its version is older, or another.
    param([Exception] $Exception)
    for ($one = $Exception; $null -ne $one; $one = $one.InnerException) {
        if (@('InvalidClass', 'NotFound', 'InvalidQuery') -contains (Get-TextField -From $one -Name 'ErrorCode')) { return $true }
    }
    return $false
}

function Read-Detail {
    # Rows of a class of the SMS Provider that no cmdlet gives. None where this site has no such class. {0} in the condition is the id.
    param([string] $Class, [string] $Columns, [string] $Where, [string] $Id)
    if ($Id -notmatch '\A[\w{}-]{1,64}\z') { throw "The site gave an id that is none: '$Id'." }
    try {
        foreach ($one in @(Invoke-CMWmiQuery -Query "select $Columns from $Class where $($Where -f $Id)" -Option 'Fast' -WhatIf:$false -Confirm:$false)) { if ($null -ne $one) { $one } }
    } catch {
        if (-not (Test-Missing -Exception $_.Exception)) { throw }
        Write-Verbose -Message "${Class}: $NotTold"
    }
}

# Part one: are packages, programs, applications and built-in policies deployed, and have they run?
function Add-Absence {
    param([string] $Kind, [string] $Name, [string] $Meaning)
    Add-Status -Kind $Kind -Name $Name -State $States.NotDeployed -Meaning $Meaning -Remedy 'Run deploy.ps1.' -Count 0
}

function Get-Total {
    # How many devices are in each state: from the deployment's summary, else added up from its groups; $null where neither tells.
    # NumberOther counts those whose requirements are not met.
    param($Summary, [object[]] $Groups)
    $total = [ordered]@{}
    $names = [ordered]@{ Error = 'NumberErrors'; RequirementsNotMet = 'NumberOther'; InProgress = 'NumberInProgress'; Unknown = 'NumberUnknown'; Success = 'NumberSuccess' }
    foreach ($name in $names.Keys) {
        $total[$name] = Get-NumberField -From $Summary -Name $names[$name]
        if ($null -ne $total[$name]) { continue }
        foreach ($group in $Groups) {
            if ($StatusType[[int](Get-NumberField -From $group -Name 'StatusType')] -ne $States[$name]) { continue }
            $total[$name] = [long]$total[$name] + [long](Get-NumberField -From $group -Name 'Assets')
        }
    }
    return $total
}

function Add-Total {
    # Rows of the devices that are counted and not listed: what the totals have beyond the listed ones.
    param([string] $Kind, [string] $Name, $Total, $Listed, [hashtable] $Words, $Time)
    $rows = $Run.Rows.Count
    $told = $false
    foreach ($key in $Total.Keys) {
        if ($null -eq $Total[$key]) { continue }
        $told = $true
        $count = $Total[$key] - [long]$Listed[$States[$key]]
        # A failed program is an error in the site's counts.
        if ($key -eq 'Error') { $count -= [long]$Listed[$States.Failed] }
        if ($count -le 0) { continue }
        $said = if ($Words.ContainsKey($States[$key])) { ": $($Words[$States[$key]] -join '; ')" } else { '' }
        $remedy = switch ($key) {
            'Unknown' { 'These devices have not reported yet. Where it stays so: are they on, and is their client healthy?' }
            'Success' { '' }
            'InProgress' { '' }
            default { 'Which devices these are stands in the console: Monitoring, Deployments, View Status.' }
        }
        Add-Status -Kind $Kind -Name $Name -State $States[$key] -Count $count -Meaning "$(Format-Count -Count $count)$said" -Remedy $remedy -Time $Time
    }
    if (-not $told) {
        Add-Status -Kind $Kind -Name $Name -State $States.NotTold -Count 0 -Meaning "The counts are $NotTold, or not yet: it counts new deployments some time later." -Remedy 'Run this with -Summarize, and again some minutes later.'
    } elseif ($Run.Rows.Count -eq $rows -and $Listed.Count -eq 0) {
        Add-Status -Kind $Kind -Name $Name -State $States.Unknown -Count 0 -Meaning 'The deployment is on the site, and no device is counted for it yet.' -Time $Time
    }
}

function Get-StatusWord {
    # The site's own words for each state, with the number of devices, such as 'Program started (12)'.
    param([object[]] $Groups)
    $words = @{}
    foreach ($group in $Groups) {
        $word = Get-TextField -From $group -Name 'MessageDescription'
        $state = $StatusType[[int](Get-NumberField -From $group -Name 'StatusType')]
        if (-not $word -or $null -eq $state) { continue }
        if (-not $words.ContainsKey($state)) { $words[$state] = @() }
        $words[$state] += "$word ($([long](Get-NumberField -From $group -Name 'Assets')))"
    }
    return $words
}

function Find-ExitCode {
    # What an exit code means, from deployment.json, or from site.json where that only names the codes; $null for none of this program's.
    param($Wanted, [string] $Code)
    $codes = Get-Field -From $Wanted -Name 'exit_codes'
    if ($codes -is [string]) { $codes = Get-Field -From (Get-Field -From $Estate -Name 'exit_codes') -Name $codes }
    foreach ($one in @($codes)) { if ($null -ne $one -and [string]$one.code -eq $Code) { return $one } }
    return $null
}

function New-DeviceStatus {
    # A device that needs a look, with its exit code explained. Without one the site's own words are all there is.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Makes an object in memory.')]
    param([string] $Device, [string] $State, $Wanted, [string] $Code, [string] $Words, $Time)
    $log = "Read $($Run.Log) on the device (in the client's log folder)."
    $meaning = $Words
    $remedy = $log
    if ($Code) {
        $known = Find-ExitCode -Wanted $Wanted -Code $Code
        if ($null -eq $known) {
            $meaning = "It ended with $Code, which is none of this program's exit codes. $Words".TrimEnd()
        } else {
            $meaning = $known.meaning
            $remedy = $known.remedy
        }
    } elseif (-not $Words) { $meaning = "Why is $NotTold." }
    if ($State -eq $States.RequirementsNotMet) { $remedy = 'The device is no target for this as it is (platform, disk space, a requirement). Take it out of the collection, or meet the requirement.' }
    return [pscustomobject]@{ Device = $Device; State = $State; Code = $Code; Meaning = $meaning; Remedy = $remedy; Time = $Time }
}

function Measure-Package {
    param($Wanted)
    $name = $Wanted.parameters.Name
    $null = Invoke-Part -PartKind 'Package' -PartName $name -PartBody {
        $package = Find-Own -Kind 'Package' -Id $Wanted.id
        if ($null -eq $package) {
            Add-Absence -Kind 'Package' -Name $name -Meaning 'This package is not on the site.'
            return
        }
        $null = Invoke-Part -PartKind 'Content' -PartName $name -PartBody { Measure-Content -Name $name -Id $package.PackageID }
        $deployments = @(Get-CMPackageDeployment -PackageId $package.PackageID)
        foreach ($program in @(Get-List -From $Wanted -Name 'programs')) {
            $null = Invoke-Part -PartKind 'Package' -PartName "${name}: $($program.name)" -PartBody { Measure-Program -Name "${name}: $($program.name)" -Wanted $program -Deployments $deployments }
        }
    }
}

function Measure-Program {
    param([string] $Name, $Wanted, [object[]] $Deployments)
    $own = @($Deployments | Where-Object -FilterScript { $null -ne $_ -and (Test-SameText -Left (Get-TextField -From $_ -Name 'ProgramName') -Right $Wanted.name) })
    $deployment = Select-Deployment -Deployments $own -Id (Get-TextField -From $Wanted.deployment -Name 'id')
    if ($null -eq $deployment) {
        # A program that the policy doesn't deploy, such as a rollback, is only there to be used.
        if ($Wanted.deploy) { Add-Absence -Kind 'Package' -Name $Name -Meaning 'This program is not deployed to the collection.' }
        return
    }
    $id = $deployment.AdvertisementID
    $groups = @(Get-CMPackageDeploymentStatus -DeploymentId $id -DisableWildcardHandling | Where-Object -FilterScript { $null -ne $_ })
    $summary = Get-Summary -DeploymentId $id
    $codes = @{}
    $null = Invoke-Part -PartKind 'Package' -PartName "$Name, exit codes" -PartBody {
        # LastExecutionResult: the exit code of message 10006, or the text of a status file.
        foreach ($one in @(Read-Detail -Class 'SMS_ClientAdvertisementStatus' -Columns 'ResourceID, LastExecutionResult, LastStateName, LastStatusTime' -Where "AdvertisementID = '{0}' and LastExecutionResult <> '' and LastExecutionResult <> '0'" -Id $id)) { $codes[(Get-TextField -From $one -Name 'ResourceID')] = $one }
    }
    $devices = [Collections.Generic.List[object]]::new()
    foreach ($group in $groups) {
        $state = $StatusType[[int](Get-NumberField -From $group -Name 'StatusType')]
        # One that is retried stays in progress for a week: only its exit code tells.
        $retried = $state -eq $States.InProgress -and $codes.Count -gt 0
        if ($state -ne $States.Error -and $state -ne $States.RequirementsNotMet -and -not $retried) { continue }
        foreach ($one in @(Get-CMDeploymentStatusDetails -InputObject $group)) {
            if ($null -eq $one) { continue }
            $last = $codes[(Get-TextField -From $one -Name 'DeviceID')]
            $code = (Get-TextField -From $last -Name 'LastExecutionResult').Trim()
            if ($retried -and (-not $code -or $code -eq '0')) { continue }
            $words = Get-TextField -From $one -Name 'StatusDescription'
            if (-not $words) { $words = Get-TextField -From $last -Name 'LastStateName' }
            $time = if ($null -ne $last) { Get-Field -From $last -Name 'LastStatusTime' } else { Get-Field -From $one -Name 'SummarizationTime' }
            $of = if ($state -eq $States.Error -and $code -and $code -ne '0') { $States.Failed } else { $state }
            $devices.Add((New-DeviceStatus -Device (Get-TextField -From $one -Name 'DeviceName') -State $of -Wanted $Wanted -Code $code -Words $words -Time $time))
        }
    }
    $counts = Add-DeviceRow -Kind 'Package' -Name $Name -Devices $devices
    Add-Total -Kind 'Package' -Name $Name -Total (Get-Total -Summary $summary -Groups $groups) -Listed $counts -Words (Get-StatusWord -Groups $groups) -Time (Get-Field -From $summary -Name 'SummarizationTime')
}

function Measure-Application {
    param($Wanted)
    $name = $Wanted.parameters.Name
    $null = Invoke-Part -PartKind 'Application' -PartName $name -PartBody {
        $application = Find-Own -Kind 'Application' -Id $Wanted.id
        if ($null -eq $application) {
            Add-Absence -Kind 'Application' -Name $name -Meaning 'This application is not on the site.'
            return
        }
        $null = Invoke-Part -PartKind 'Content' -PartName $name -PartBody { Measure-Content -Name $name -Application $application -Id (Get-TextField -From $application -Name 'PackageID') }
        $there = @(Get-CMApplicationDeployment -InputObject $application)
        $deployment = Select-Deployment -Deployments $there -Id (Get-TextField -From $Wanted.deployment -Name 'id')
        if ($null -eq $deployment) {
            Add-Absence -Kind 'Application' -Name $name -Meaning 'This application is not deployed to the collection.'
            return
        }
        $summary = Get-Summary -DeploymentId $deployment.AssignmentUniqueID
        $devices = [Collections.Generic.List[object]]::new()
        $null = Invoke-Part -PartKind 'Application' -PartName "$name, devices" -PartBody {
            foreach ($one in @(Read-Detail -Class 'SMS_AppDeploymentErrorAssetDetails' -Columns 'MachineName, ErrorCode, EnforcementState, StartTime' -Where 'AssignmentID = {0}' -Id $deployment.AssignmentID)) {
                $code = Get-TextField -From $one -Name 'ErrorCode'
                if ($code -eq '0') { $code = '' }
                $devices.Add((New-DeviceStatus -Device (Get-TextField -From $one -Name 'MachineName') -State $(if ($code) { $States.Failed } else { $States.Error }) -Wanted $Wanted -Code $code))
            }
            foreach ($one in @(Read-Detail -Class 'SMS_AppDeploymentRequirementsNotMetAssetDetails' -Columns 'MachineName, RequirementName, CurrentReqValue' -Where 'AssignmentID = {0}' -Id $deployment.AssignmentID)) {
                $devices.Add((New-DeviceStatus -Device (Get-TextField -From $one -Name 'MachineName') -State $States.RequirementsNotMet -Wanted $Wanted -Words "Not met: $(Get-TextField -From $one -Name 'RequirementName') (here $(Get-TextField -From $one -Name 'CurrentReqValue'))"))
            }
        }
        $counts = Add-DeviceRow -Kind 'Application' -Name $name -Devices $devices
        Add-Total -Kind 'Application' -Name $name -Total (Get-Total -Summary $summary -Groups @()) -Listed $counts -Words @{} -Time (Get-Field -From $summary -Name 'SummarizationTime')
    }
}

function Measure-Policy {
    # The built-in policy: the site counts its devices; which they are stands in the console below Monitoring, Security.
    param($Wanted)
    $name = $Wanted.parameters.Name
    $null = Invoke-Part -PartKind 'Policy' -PartName $name -PartBody {
        $policy = Find-Own -Kind 'Policy' -Id $Wanted.id
        if ($null -eq $policy) {
            Add-Absence -Kind 'Policy' -Name $name -Meaning 'This built-in policy is not on the site.'
            return
        }
        $quick = Get-QuickSwitch -Command 'Get-CMConfigurationPolicyDeployment'
        $there = @(Get-CMConfigurationPolicyDeployment -SmsObjectId $policy.CI_ID @quick)
        $deployment = Select-Deployment -Deployments $there -Id $Wanted.id
        if ($null -eq $deployment) {
            Add-Absence -Kind 'Policy' -Name $name -Meaning 'This built-in policy is not deployed to the collection.'
            return
        }
        $summary = Get-Summary -DeploymentId $deployment.AssignmentUniqueID
        Add-Total -Kind 'Policy' -Name $name -Total (Get-Total -Summary $summary -Groups @()) -Listed @{} -Words @{} -Time (Get-Field -From $summary -Name 'SummarizationTime')
    }
}

# State of SMS_PackageStatusDistPointsSummarizer, where it isn't installed (0).
$ContentState = @{
    1 = 'waiting to be installed'; 2 = 'installing is retried'; 3 = 'installing failed'; 4 = 'waiting to be removed'
    5 = 'removing is retried'; 6 = 'removing failed'; 7 = 'being updated'; 8 = 'being checked'
}

function Measure-Content {
    # Where the content lies: distribution points by state, and by name those that have it not.
    param([string] $Name, [string] $Id, $Application)
    $found = if ($null -ne $Application) { @(Get-CMDistributionStatus -InputObject $Application) } else { @(Get-CMDistributionStatus -Id $Id -DisableWildcardHandling) }
    $content = $found | Where-Object -FilterScript { $null -ne $_ } | Select-Object -First 1
    $time = Get-Field -From $content -Name 'LastUpdateDate'
    if ($null -eq $content -or (Get-NumberField -From $content -Name 'Targeted') -eq 0) {
        Add-Status -Kind 'Content' -Name $Name -State $States.NotDeployed -Count 0 -Meaning 'The content is on no distribution point: devices wait for it.' -Remedy 'Run deploy.ps1, with distribution point groups in the policy.' -Time $time
        return
    }
    $names = [ordered]@{ Error = 'NumberErrors'; InProgress = 'NumberInProgress'; Unknown = 'NumberUnknown'; Success = 'NumberSuccess' }
    foreach ($key in $names.Keys) {
        $count = Get-NumberField -From $content -Name $names[$key]
        if ($null -eq $count) { Add-Status -Kind 'Content' -Name $Name -State $States.NotTold -Count 0 -Meaning "How many distribution points are in the state $($States[$key]) is $NotTold." -Time $time }
        elseif ($count -gt 0) {
            $remedy = if ($key -eq 'Error') { 'See distmgr.log on the site server, and in the console Monitoring, Distribution Status, Content Status.' } else { '' }
            Add-Status -Kind 'Content' -Name $Name -State $States[$key] -Count $count -Meaning (Format-Count -Count $count -Of 'distribution point') -Remedy $remedy -Time $time
        }
    }
    if (-not $Id -or (Get-NumberField -From $content -Name 'NumberSuccess') -eq (Get-NumberField -From $content -Name 'Targeted')) { return }
    foreach ($one in @(Read-Detail -Class 'SMS_PackageStatusDistPointsSummarizer' -Columns 'ServerNALPath, State, SummaryDate' -Where "PackageID = '{0}' and State <> 0" -Id $Id)) {
        # A NAL path ends with the server's name between backslashes.
        $server = [regex]::Match((Get-TextField -From $one -Name 'ServerNALPath'), '\\\\([^\\"\]]+)\\?\z').Groups[1].Value
        $number = [int](Get-NumberField -From $one -Name 'State')
        $state = if ($number -eq 3 -or $number -eq 6) { $States.Error } else { $States.InProgress }
        Add-Status -Kind 'Content' -Name $Name -Device $server -State $state -Count 0 -Meaning "The content is $(if ($ContentState.ContainsKey($number)) { $ContentState[$number] } else { "in a state ($number) that policyc doesn't know" }) on this distribution point." -Time (Get-Field -From $one -Name 'SummaryDate')
    }
}

# Part two: are the devices compliant, which settings fail, and are they onboarded?
function Get-SettingTitle {
    param($Baseline, [string] $Id)
    foreach ($setting in @(Get-List -From $Baseline -Name 'settings')) { if ($setting.id -eq $Id) { return $setting.title } }
    return $Id
}

function Get-FailingId {
    # Ids that a discovered value names: the one line that a discovery script prints is 'NonCompliant: id, id'.
    param([string] $Value)
    $line = [regex]::Match($Value, '\ANonCompliant:\s*(.+?)\s*\z')
    if ($line.Success) { foreach ($id in $line.Groups[1].Value.Split(',')) { $id.Trim() } }
}

function Resolve-Rule {
    # What a rule that fails says where the site keeps the discovered value to itself: the id where the rule is for one setting, else
    # the ids of which at least one fails.
    param($Baseline, $Detail)
    $rule = Get-TextField -From $Detail -Name 'RuleName'
    foreach ($setting in @(Get-List -From $Baseline -Name 'settings')) { if ($setting.title -eq $rule) { return @{ Ids = @($setting.id); Sure = $true } } }
    $known = @(Get-List -From $Baseline -Name 'settings' | ForEach-Object -Process { $_.id })
    $ids = @(foreach ($id in (Get-TextField -From $Detail -Name 'RuleDescription').Split(',')) { if ($known -contains $id.Trim()) { $id.Trim() } })
    return @{ Ids = $ids; Sure = $false }
}

function Get-StatusDetail {
    # Asset details of a baseline's deployment in one state.
    param($Deployment, [string] $StatusType)
    $quick = Get-QuickSwitch -Command 'Get-CMBaselineDeploymentStatus'
    foreach ($group in @(Get-CMBaselineDeploymentStatus -InputObject $Deployment -StatusType $StatusType @quick)) {
        if ($null -eq $group) { continue }
        foreach ($one in @(Get-CMDeploymentStatusDetails -InputObject $group)) { if ($null -ne $one) { $one } }
    }
}

function Read-Failure {
    # The devices that are not compliant, each once, with what fails: ids that are sure, ids of which one fails, rules, items.
    param($Baseline, $Deployment)
    $devices = @{}
    $rows = @(Get-StatusDetail -Deployment $Deployment -StatusType 'NonCompliant')
    $values = @{}
    if ($rows.Length -gt 0) {
        # DiscoveredValue is documented of SMS_DCMDeploymentCompliantDetailsPerAsset; its sibling for what is not compliant has it too,
        # and where it hasn't, nothing is lost but the ids.
        $null = Invoke-Part -PartKind 'Baseline' -PartName "$($Baseline.name), ids that fail" -PartBody {
            foreach ($one in @(Read-Detail -Class 'SMS_DCMDeploymentNonCompliantDetailsPerAsset' -Columns 'AssetID, Rule_ID, DiscoveredValue' -Where 'AssignmentID = {0}' -Id $Deployment.AssignmentID)) {
                $values["$(Get-TextField -From $one -Name 'AssetID') $(Get-TextField -From $one -Name 'Rule_ID')"] = Get-TextField -From $one -Name 'DiscoveredValue'
            }
        }
    }
    foreach ($row in $rows) {
        $name = Get-TextField -From $row -Name 'AssetName'
        if (-not $devices.ContainsKey($name)) { $devices[$name] = @{ Ids = [ordered]@{}; Perhaps = [ordered]@{}; Rules = [ordered]@{}; Items = @{} } }
        $device = $devices[$name]
        $item = Get-TextField -From $row -Name 'CIName'
        if (-not $device.Items.ContainsKey($item)) { $device.Items[$item] = [ordered]@{} }
        $rule = Get-TextField -From $row -Name 'RuleName'
        if ($rule) { $device.Rules[$rule] = $true }
        $value = Get-TextField -From $row -Name 'DiscoveredValue'
        if (-not $value) { $value = [string]$values["$(Get-TextField -From $row -Name 'AssetID') $(Get-TextField -From $row -Name 'Rule_ID')"] }
        $ids = @(Get-FailingId -Value $value)
        $into = $device.Ids
        if ($ids.Length -eq 0) {
            $resolved = Resolve-Rule -Baseline $Baseline -Detail $row
            $ids = $resolved.Ids
            if (-not $resolved.Sure) { $into = $device.Perhaps }
        }
        foreach ($id in $ids) {
            $into[$id] = $true
            $device.Items[$item][$id] = $true
        }
    }
    return $devices
}

function Format-Failure {
    # What fails on a device, with titles.
    param($Baseline, $Device)
    $said = @(foreach ($id in $Device.Ids.Keys) { Get-SettingTitle -Baseline $Baseline -Id $id })
    if ($Device.Perhaps.Count -gt 0) {
        $titles = @(foreach ($id in $Device.Perhaps.Keys) { Get-SettingTitle -Baseline $Baseline -Id $id })
        $said += "one or more of these ($NotTold which): $($titles -join '; ')"
    }
    if ($said.Length -eq 0) { $said = @($Device.Rules.Keys) }
    if ($said.Length -eq 0) { return "Which setting fails is $NotTold." }
    return $said -join '; '
}

function Measure-Baseline {
    param($Entry)
    $wanted = $Entry.baseline
    $null = Invoke-Part -PartKind 'Baseline' -PartName $wanted.name -PartBody {
        $baseline = Find-Own -Kind 'Baseline' -Id $wanted.id
        if ($null -eq $baseline) {
            Add-Absence -Kind 'Baseline' -Name $wanted.name -Meaning 'This baseline is not on the site.'
            return
        }
        $deployment = Find-BaselineDeployment -Baseline $baseline
        if ($null -eq $deployment) {
            Add-Absence -Kind 'Baseline' -Name $wanted.name -Meaning 'This baseline is not deployed to the collection.'
            return
        }
        $summary = Get-Summary -DeploymentId $deployment.AssignmentUniqueID
        $failures = Read-Failure -Baseline $wanted -Deployment $deployment
        $log = "$($Run.Log) on the device says what was found."
        $devices = @(foreach ($name in $failures.Keys) {
                $failure = $failures[$name]
                [pscustomobject]@{
                    Device = $name; State = $States.NonCompliant; Code = @($failure.Ids.Keys) -join ', '
                    Meaning = Format-Failure -Baseline $wanted -Device $failure; Remedy = $log; Time = $null
                }
            })
        $broken = @(Read-BaselineError -Deployment $deployment)
        $counts = Add-DeviceRow -Kind 'Baseline' -Name $wanted.name -Devices ($devices + $broken)
        $total = Get-ComplianceTotal -Summary $summary -Counts $counts
        Add-ComplianceTotal -Name $wanted.name -Total $total -Counts $counts -Time (Get-Field -From $summary -Name 'SummarizationTime')
        Measure-Onboarding -Entry $Entry -Failures $failures -Total $total -Time (Get-Field -From $summary -Name 'SummarizationTime')
    }
}

function Find-BaselineDeployment {
    # The deployment of this baseline to the collection. An assignment knows the baseline by its CI_ID, and by its name.
    param($Baseline)
    $quick = Get-QuickSwitch -Command 'Get-CMBaselineDeployment'
    foreach ($one in @(Get-CMBaselineDeployment -CollectionId $Run.Target.CollectionID -DisableWildcardHandling @quick)) {
        if ($null -eq $one) { continue }
        $ids = @(Get-List -From $one -Name 'AssignedCIs')
        if ($ids -contains $Baseline.CI_ID) { return $one }
        if ($ids.Length -eq 0 -and (Test-SameText -Left (Get-TextField -From $one -Name 'AssignmentName') -Right (Get-TextField -From $Baseline -Name 'LocalizedDisplayName'))) { return $one }
    }
    return $null
}

$Remedies = @{
    '0x87D00320' = 'The script host could not run the script; seen where the client runs signed scripts only. Sign the scripts (policyc sign), or set PowerShell execution policy to Bypass in the client settings.'
    '0x87D00327' = 'The script is not signed, and the client runs signed scripts only. Sign the scripts (policyc sign), or set PowerShell execution policy to Bypass in the client settings.'
}

function Read-BaselineError {
    # Devices that could not evaluate the baseline, each once, with its first error.
    param($Deployment)
    $seen = @{}
    foreach ($one in @(Get-StatusDetail -Deployment $Deployment -StatusType 'Error')) {
        $name = Get-TextField -From $one -Name 'AssetName'
        if ($seen.ContainsKey($name)) { continue }
        $seen[$name] = $true
        $number = Get-NumberField -From $one -Name 'ErrorCode'
        $code = if ($null -eq $number) { '' } else { '0x{0:X8}' -f ($number -band 0xFFFFFFFFL) }
        $words = @('ErrorTypeDisplay', 'ObjectName', 'ErrorDescription' | ForEach-Object -Process { Get-TextField -From $one -Name $_ } | Where-Object -FilterScript { $_ })
        $remedy = "Read DcmWmiProvider.log and $($Run.Log) on the device."
        if ($Remedies.ContainsKey($code)) { $remedy = $Remedies[$code] }
        [pscustomobject]@{
            Device = $name; State = $States.Error; Code = $code
            Meaning = if ($words.Length -gt 0) { $words -join ': ' } else { "Why is $NotTold." }
            Remedy = $remedy; Time = $null
        }
    }
}

function Get-ComplianceTotal {
    # How many devices are in each state. Those that are not compliant are the ones that were read: the summary counts them among
    # the others, and may be older.
    param($Summary, $Counts)
    $errors = Get-NumberField -From $Summary -Name 'NumberErrors'
    $others = Get-NumberField -From $Summary -Name 'NumberOther'
    return [ordered]@{
        NonCompliant = [Math]::Max([long]$others, [long]$Counts[$States.NonCompliant])
        Error = [Math]::Max([long]$errors, [long]$Counts[$States.Error])
        Unknown = Get-NumberField -From $Summary -Name 'NumberUnknown'
        Compliant = Get-NumberField -From $Summary -Name 'NumberSuccess'
    }
}

function Add-ComplianceTotal {
    param([string] $Name, $Total, $Counts, $Time)
    $rows = $Run.Rows.Count
    foreach ($key in $Total.Keys) {
        $state = $States[$key]
        if ($null -eq $Total[$key]) {
            Add-Status -Kind 'Baseline' -Name $Name -State $States.NotTold -Count 0 -Meaning "How many devices are $state is $NotTold, or not yet: it counts new deployments some time later." -Remedy 'Run this with -Summarize, and again some minutes later.'
            continue
        }
        $count = $Total[$key] - [long]$Counts[$state]
        if ($count -le 0) { continue }
        $remedy = if ($key -eq 'Unknown') { 'These devices have not reported yet. A first evaluation may take a day, and waits until a workstation is idle.' } else { '' }
        Add-Status -Kind 'Baseline' -Name $Name -State $state -Count $count -Meaning (Format-Count -Count $count) -Remedy $remedy -Time $Time
    }
    if ($Run.Rows.Count -eq $rows -and $Counts.Count -eq 0) {
        Add-Status -Kind 'Baseline' -Name $Name -State $States.Unknown -Count 0 -Meaning 'The deployment is on the site, and no device is counted for it yet.' -Time $Time
    }
}

function Measure-Onboarding {
    # Whether devices are in the state that the collection wants of them: the item '<product>-state' only reads what the product says.
    # A device that evaluated the baseline and doesn't fail that item is in that state.
    param($Entry, $Failures, $Total, $Time)
    foreach ($item in @(Get-List -From $Entry.baseline -Name 'items')) {
        $key = [regex]::Match([string]$item.cabinet, '\Acompliance/(.+)-state(?:-\d+)?/configuration-item\.cab\z')
        if (-not $key.Success) { continue }
        $wanted = Get-TextField -From $Entry.collection.states -Name $key.Groups[1].Value.Replace('-', '_')
        if (-not $wanted) { $wanted = 'in the state that is wanted' }
        $failing = @($Failures.Keys | Where-Object -FilterScript { $Failures[$_].Items.ContainsKey($item.name) })
        $devices = @(foreach ($name in $failing) {
                [pscustomobject]@{
                    Device = $name; State = $States.NonCompliant; Code = @($Failures[$name].Items[$item.name].Keys) -join ', '
                    Meaning = "Not $wanted"; Remedy = 'Look for this device among the failed programs, and read what its exit code says.'; Time = $null
                }
            })
        $null = Add-DeviceRow -Kind 'Onboarding' -Name $item.name -Devices $devices
        if ($null -ne $Total.Compliant) {
            $count = $Total.Compliant + $Total.NonCompliant - $devices.Length
            if ($count -gt 0) { Add-Status -Kind 'Onboarding' -Name $item.name -State $States.Compliant -Count $count -Meaning "$(Format-Count -Count $count): $wanted" -Time $Time }
        }
        $silent = [long]$Total.Unknown + $Total.Error
        if ($silent -gt 0) { Add-Status -Kind 'Onboarding' -Name $item.name -State $States.Unknown -Count $silent -Meaning "$(Format-Count -Count $silent) with no evaluation that says: $wanted, or not" -Time $Time }
    }
}

# Part three: whose changes devices keep, of collections that departed and of those that the devices left.
function Read-OwnerLine {
    # The names in the one line that the item's script prints: 'NonCompliant: a, b; others: c', 'Compliant; others: c', 'Compliant'.
    param([string] $Value)
    $line = [regex]::Match($Value.Trim(), '\A(?:Compliant|NonCompliant: (?<left>[^;]*))(?:; others: (?<others>[^;]*))?\z')
    if (-not $line.Success) { return $null }
    $names = @{}
    foreach ($part in 'left', 'others') {
        # Where a line has no room, it ends in how many more there are.
        $names[$part] = @(foreach ($name in $line.Groups[$part].Value.Split(',')) { if ($name.Trim() -match '\A[a-z0-9-]+\z') { $name.Trim() } })
    }
    return $names
}

function Read-DeviceOwner {
    # Device, and the owners that it reported.
    param($Deployment)
    foreach ($status in 'NonCompliant', 'Compliant') {
        $values = @{}
        foreach ($one in @(Read-Detail -Class "SMS_DCMDeployment${status}DetailsPerAsset" -Columns 'AssetID, DiscoveredValue' -Where 'AssignmentID = {0}' -Id $Deployment.AssignmentID)) {
            $values[(Get-TextField -From $one -Name 'AssetID')] = Get-TextField -From $one -Name 'DiscoveredValue'
        }
        foreach ($row in @(Get-StatusDetail -Deployment $Deployment -StatusType $status)) {
            $value = Get-TextField -From $row -Name 'DiscoveredValue'
            if (-not $value) { $value = [string]$values[(Get-TextField -From $row -Name 'AssetID')] }
            @{ Device = Get-TextField -From $row -Name 'AssetName'; Status = $status; Owners = Read-OwnerLine -Value $value }
        }
    }
}

function Get-OwnerEntry {
    # The collections by the names that stand for them in journals: their own, and those that they go on with.
    $owners = @{}
    foreach ($one in $AllEntries) {
        foreach ($name in @($one.owner) + @(Get-List -From $one -Name 'adopts')) { $owners[([string]$name).Split('/')[-1]] = $one }
    }
    return $owners
}

function Get-MemberName {
    # Names of the devices of a collection of this project; $null where it isn't on the site.
    param($Entry)
    if (-not $Run.Members.ContainsKey($Entry.slug)) {
        $names = $null
        $target = Find-Target -Entry $Entry
        if ($null -ne $target) {
            $names = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
            foreach ($member in @(Get-CMCollectionMember -CollectionId $target.CollectionID)) { if ($null -ne $member) { $null = $names.Add([string]$member.Name) } }
        }
        $Run.Members[$Entry.slug] = $names
    }
    return , $Run.Members[$Entry.slug]
}

function New-LeftStatus {
    # A device that keeps what a collection changed, and the way out.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Makes an object in memory.')]
    param([string] $Device, [string] $Owner, [string] $Name, [string] $Meaning)
    return [pscustomobject]@{
        Device = $Device; State = $States.NonCompliant; Code = $Owner; Meaning = $Meaning; Time = $null; Name = $Name
        Remedy = ".\deploy.ps1 -RollBack '$($Name.Replace("'", "''"))' -Device '$Device'"
    }
}

function Find-Left {
    # What these devices keep and shouldn't: of departed collections, and of those that they are no members of.
    param($Entry, [object[]] $Reports)
    $departed = @{}
    foreach ($one in @(Get-List -From $Entry -Name 'departed')) { $departed[$one.owner] = $one.name }
    $living = Get-OwnerEntry
    foreach ($report in $Reports) {
        if ($null -eq $report.Owners) { continue }
        foreach ($owner in $report.Owners.left + $report.Owners.others) {
            if ($departed.ContainsKey($owner)) {
                New-LeftStatus -Device $report.Device -Owner $owner -Name $departed[$owner] -Meaning "'$($departed[$owner])' departed, and what it changed is still on the device."
            } elseif ($living.ContainsKey($owner)) {
                $members = Get-MemberName -Entry $living[$owner]
                if ($null -eq $members -or $members.Contains($report.Device)) { continue }
                $name = $living[$owner].collection.name
                New-LeftStatus -Device $report.Device -Owner $owner -Name $name -Meaning "The device is no member of '$name', and keeps what that changed."
            } else {
                $status = New-LeftStatus -Device $report.Device -Owner $owner -Name $owner -Meaning "No collection here is '$owner' or was, and what it changed is still on the device."
                $status.Remedy = "Write '$owner' below departed: in project.yaml, compile and deploy: that brings its rollback back."
                $status
            }
        }
    }
}

function Measure-LeftBehind {
    param($Entry)
    $wanted = $Entry.baseline
    if ($null -eq $wanted) { return }
    $null = Invoke-Part -PartKind 'Left behind' -PartName $wanted.name -PartBody {
        $baseline = Find-Own -Kind 'Baseline' -Id $wanted.id
        $deployment = if ($null -ne $baseline) { Find-BaselineDeployment -Baseline $baseline } else { $null }
        if ($null -eq $deployment) {
            Add-Absence -Kind 'Left behind' -Name $wanted.name -Meaning "This baseline is not on the site, or not deployed: what devices keep of collections that they left is not known."
            return
        }
        $summary = Get-Summary -DeploymentId $deployment.AssignmentUniqueID
        $reports = @(Read-DeviceOwner -Deployment $deployment)
        foreach ($group in @(Find-Left -Entry $Entry -Reports $reports | Group-Object -Property 'Name')) { $null = Add-DeviceRow -Kind 'Left behind' -Name $group.Name -Devices $group.Group }
        $broken = @(Read-BaselineError -Deployment $deployment)
        $counts = Add-DeviceRow -Kind 'Left behind' -Name $wanted.name -Devices $broken
        $counts[$States.NonCompliant] = @($reports | Where-Object -FilterScript { $_.Status -eq 'NonCompliant' } | ForEach-Object -Process { $_.Device } | Sort-Object -Unique).Length
        $untold = @($reports | Where-Object -FilterScript { $null -eq $_.Owners }).Length
        if ($untold -gt 0) { Add-Status -Kind 'Left behind' -Name $wanted.name -State $States.NotTold -Count $untold -Meaning "What $(Format-Count -Count $untold) said is ${NotTold}: whether they keep what a collection changed that they left can't be told." -Remedy 'The console has it: Monitoring, Deployments, View Status. On a device, rollback.ps1 of the collection shows it.' }
        Add-ComplianceTotal -Name $wanted.name -Total (Get-ComplianceTotal -Summary $summary -Counts $counts) -Counts $counts -Time (Get-Field -From $summary -Name 'SummarizationTime')
    }
}

# Rows as a table for the console, and as CSV.
$NeedsLook = @($States.Error, $States.Failed, $States.RequirementsNotMet, $States.NonCompliant, $States.NotReadable)

function Write-StatusTable {
    # A table for each collection, and below it what to do, each remedy once.
    param([object[]] $Rows)
    foreach ($group in @($Rows | Group-Object -Property 'Collection')) {
        "Collection: $($group.Name)"
        $group.Group | Format-Table -AutoSize -Wrap -Property 'Kind', 'Name', 'Device', 'Count', 'State', 'Code', 'Meaning'
        $remedies = [ordered]@{}
        foreach ($row in $group.Group) {
            if (-not $row.Remedy) { continue }
            $of = if ($row.Code) { $row.Code } else { $row.State }
            $remedies["${of}: $($row.Remedy)"] = $true
        }
        if ($remedies.Count -gt 0) {
            'What to do'
            foreach ($remedy in $remedies.Keys) { "  $remedy" }
        }
        ''
    }
}

function Format-CsvField {
    # A field in quotes, on one line. A spreadsheet takes what begins with = + - or @ (or with a character that it drops first) for a
    # formula: an apostrophe makes it text.
    param([string] $Text)
    $line = $Text -replace '[\x00-\x1f\x7f\u2028\u2029]+', ' '
    if ($line -match '\A[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]') { $line = "'$line" }
    return '"' + $line.Replace('"', '""') + '"'
}

function ConvertTo-SafeCsv {
    param([object[]] $Rows)
    $columns = @('Collection', 'Kind', 'Name', 'Device', 'State', 'Code', 'Meaning', 'Remedy', 'Time', 'Count')
    '"' + ($columns -join '","') + '"'
    foreach ($row in $Rows) {
        $fields = foreach ($column in $columns) { Format-CsvField -Text (Format-Value -Value $row.$column) }
        $fields -join ','
    }
}

function Format-Value {
    # A value as text that is the same in every language.
    param($Value)
    if ($null -eq $Value) { return '' }
    if ($Value -is [DateTime]) { return $Value.ToString('yyyy-MM-dd HH:mm:ss', [Globalization.CultureInfo]::InvariantCulture) }
    return [string]$Value
}

function Write-Report {
    # Text into the file, UTF-8 (spreadsheets need the mark to know), or down the pipeline where none is named.
    param([string[]] $Lines, [bool] $Mark)
    if (-not $Path) { return $Lines }
    [IO.File]::WriteAllText($Path, ($Lines -join "`r`n") + "`r`n", [Text.UTF8Encoding]::new($Mark))
    return [IO.FileInfo]::new($Path)
}

# Rows as one HTML page that opens from disk. It names no other file, and its policy lets nothing run but the one script below: text of
# the site is escaped, and would stay text even if it weren't.
$PageStyle = @'
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1b1f24; --soft: #59636e; --line: #d5dae0; --link: #0b57d0;
  --good: #1a7f37; --wait: #8a6100; --bad: #c01c28; --good-bar: #2da44e; --wait-bar: #c9ced6; --bad-bar: #d1242f; --bad-back: #fdecec; }
@media (prefers-color-scheme: dark) { :root { --back: #0f1318; --card: #171c23; --text: #e3e8ee; --soft: #9aa5b1; --line: #303842; --link: #8ab4f8;
  --good: #56d364; --wait: #e3b341; --bad: #ff8b85; --good-bar: #2ea043; --wait-bar: #4a535e; --bad-bar: #f85149; --bad-back: #2d171a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 "Segoe UI", system-ui, sans-serif; }
header, main { max-width: 100rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .6rem; overflow-wrap: anywhere; }
p { margin: .35rem 0 1rem; color: var(--soft); max-width: 60rem; }
a { color: var(--link); }
#tools:not([hidden]) { display: flex; flex-wrap: wrap; gap: .6rem 1rem; align-items: center; position: sticky; top: 0; padding: .6rem 0; background: var(--back); z-index: 2; }
#filter { font: inherit; padding: .35rem .6rem; width: min(24rem, 100%); border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; }
button { font: inherit; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; cursor: pointer; }
output { color: var(--soft); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .87em; vertical-align: bottom; }
td { overflow-wrap: anywhere; }
.overview td { min-width: 9rem; }
.rows { table-layout: fixed; min-width: 62rem; }
.rows .who { width: 15%; } .rows .number { width: 5rem; } .rows .is { width: 11rem; } .rows .of { width: 13%; } .rows .when { width: 7rem; }
.overview { background: var(--card); border: 1px solid var(--line); border-radius: 8px; border-collapse: separate; border-spacing: 0; }
.overview tbody th { font-weight: 600; min-width: 12rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.time { font-variant-numeric: tabular-nums; color: var(--soft); }
.code { font-family: Consolas, "Cascadia Mono", monospace; font-size: .92em; }
.bar { display: block; width: 100%; max-width: 14rem; height: 8px; border-radius: 4px; margin: .4rem 0 .3rem; }
rect.good { fill: var(--good-bar); } rect.wait { fill: var(--wait-bar); } rect.bad { fill: var(--bad-bar); }
.words { display: block; font-size: .87em; color: var(--soft); }
b.bad, span.bad, td.bad { color: var(--bad); } span.good { color: var(--good); } span.wait, td.wait { color: var(--wait); }
.none { color: var(--soft); }
details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: .6rem 0; overflow: hidden; }
details.look { border-left: 4px solid var(--bad-bar); } details.look > summary { padding-left: calc(.9rem - 3px); }
summary { cursor: pointer; padding: .6rem .9rem; display: grid; grid-template-columns: auto 7rem minmax(10rem, 1fr) minmax(12rem, 22rem); gap: .25rem .9rem; align-items: center; }
summary::before { content: "\25B8"; color: var(--soft); } details[open] > summary::before { content: "\25BE"; }
summary::-webkit-details-marker { display: none; }
.kind { color: var(--soft); font-size: .87em; } .name { font-weight: 600; overflow-wrap: anywhere; }
.tally .bar { margin-top: 0; }
.state { display: inline-block; font-weight: 600; white-space: nowrap; }
tr.bad td:first-child { box-shadow: inset 3px 0 var(--bad-bar); }
[hidden] { display: none !important; }
@media (max-width: 45rem) { header, main { padding-left: .75rem; padding-right: .75rem; } summary { grid-template-columns: auto 1fr; } .tally, .name { grid-column: 2; } }
@media print { :root { --back: #fff; --card: #fff; --text: #000; --soft: #444; --line: #bbb; --good: #000; --wait: #000; --bad: #000; }
  body { font-size: 9pt; } #tools { display: none !important; } header, main { max-width: none; padding: 0; } .scroll { overflow: visible; }
  .rows { min-width: 0; font-size: 8pt; } .rows .number { width: 4rem; } .rows .is { width: 7rem; } .rows .when { width: 6rem; }
  details { break-inside: auto; border-radius: 0; } details::details-content { content-visibility: visible; height: auto; }
  summary::before, details[open] > summary::before { content: ""; } tr, summary { break-inside: avoid; } thead { display: table-header-group; } a { color: inherit; text-decoration: none; }
  .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
section { scroll-margin-top: 4rem; }
'@
$PageScript = @'
(function () {
  "use strict";
  var get = function (id) { return document.getElementById(id); };
  var filter = get("filter"), look = get("look"), found = get("found");
  var all = Array.prototype.slice.call(document.querySelectorAll("main details"));
  var parts = all.map(function (details) {
    return {
      details: details,
      section: details.parentNode,
      head: (details.parentNode.querySelector("h2").textContent + " " + details.querySelector("summary").textContent).toLowerCase(),
      rows: Array.prototype.slice.call(details.querySelectorAll("tbody tr")).map(function (row) {
        return { row: row, look: row.classList.contains("bad") || row.classList.contains("listed"), text: row.textContent.toLowerCase() };
      })
    };
  });
  function apply() {
    var text = filter.value.trim().toLowerCase(), only = look.checked, shown = 0, within = new Set();
    parts.forEach(function (part) {
      var here = 0, whole = text !== "" && part.head.indexOf(text) >= 0;
      part.rows.forEach(function (one) {
        var fits = (!only || one.look) && (text === "" || whole || one.text.indexOf(text) >= 0);
        one.row.hidden = !fits;
        if (fits) { here += 1; }
      });
      part.details.hidden = here === 0;
      if (here > 0) {
        shown += here;
        within.add(part.section);
        if (text !== "") { part.details.open = true; }
      }
    });
    parts.forEach(function (part) { part.section.hidden = !within.has(part.section); });
    found.textContent = text === "" && !only ? "" : shown + (shown === 1 ? " row" : " rows");
  }
  function openAll(open) { all.forEach(function (details) { details.open = open; }); }
  function fromAddress() {
    var wanted = /^#filter=(.*)$/.exec(location.hash);
    if (!wanted) { return; }
    try { filter.value = decodeURIComponent(wanted[1]); } catch (error) { filter.value = wanted[1]; }
    apply();
  }
  filter.addEventListener("input", apply);
  look.addEventListener("change", apply);
  get("open").addEventListener("click", function () { openAll(true); });
  get("close").addEventListener("click", function () { openAll(false); });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && document.activeElement !== filter) { event.preventDefault(); filter.focus(); }
    if (event.key === "Escape" && document.activeElement === filter) { filter.value = ""; apply(); }
  });
  var before = [];
  window.addEventListener("beforeprint", function () { before = all.filter(function (details) { return !details.open; }); openAll(true); });
  window.addEventListener("afterprint", function () { before.forEach(function (details) { details.open = false; }); });
  window.addEventListener("hashchange", fromAddress);
  get("tools").hidden = false;
  fromAddress();
}());
'@
# How a state looks: good, wait or bad.
$Looks = @{ $States.Success = 'good'; $States.Compliant = 'good'; $States.InProgress = 'wait'; $States.Unknown = 'wait'; $States.NotTold = 'wait'; $States.NotDeployed = 'wait' }
$Parts = [ordered]@{ Programs = @('Package', 'Application', 'Policy'); Compliance = @('Baseline'); Onboarding = @('Onboarding'); Content = @('Content') }

function Format-Html {
    param([string] $Text)
    return [Net.WebUtility]::HtmlEncode(($Text -replace '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]', ' '))
}

function Get-Look {
    param([string] $State)
    if ($Looks.ContainsKey($State)) { return $Looks[$State] }
    return 'bad'
}

function Get-Tally {
    # Devices (or distribution points) that are good, wait and bad, among rows.
    param([object[]] $Rows)
    $tally = @{ good = [long]0; wait = [long]0; bad = [long]0 }
    foreach ($row in $Rows) { $tally[(Get-Look -State $row.State)] += [long]$row.Count }
    return $tally
}

function Format-Tally {
    # A bar in three parts, and the same in words.
    param([object[]] $Rows)
    if ($Rows.Length -eq 0) { return '<span class="none">none</span>' }
    $tally = Get-Tally -Rows $Rows
    $all = $tally.good + $tally.wait + $tally.bad
    $unread = @($Rows | Where-Object -FilterScript { $_.State -eq $States.NotReadable }).Length
    if ($all -eq 0 -and $unread -gt 0) { return '<span class="bad">not readable</span>' }
    $note = if ($unread -gt 0) { '<span class="bad">not all readable</span>' } else { '' }
    if ($all -eq 0) {
        $state = if (@($Rows | Where-Object -FilterScript { $_.State -eq $States.NotDeployed }).Length -gt 0) { $States.NotDeployed } else { 'nothing counted yet' }
        return "<span class=`"wait`">$(Format-Html -Text $state)</span>"
    }
    $at = 0.0
    $bar = foreach ($look in 'good', 'wait', 'bad') {
        if ($tally[$look] -eq 0) { continue }
        $width = [Math]::Round(100.0 * $tally[$look] / $all, 2)
        # One device among 50,000 must still be seen.
        if ($width -lt 1.5) { $width = 1.5 }
        [string]::Format([Globalization.CultureInfo]::InvariantCulture, '<rect class="{0}" x="{1}" width="{2}" height="8"/>', $look, $at, $width)
        $at += $width
    }
    $size = [string]::Format([Globalization.CultureInfo]::InvariantCulture, '0 0 {0} 8', $at)
    $words = @("$(Format-Number -Number $tally.good) of $(Format-Number -Number $all) good")
    if ($tally.bad -gt 0) { $words += "<b class=`"bad`">$(Format-Number -Number $tally.bad) to look at</b>" }
    if ($tally.wait -gt 0) { $words += "$(Format-Number -Number $tally.wait) waiting or unknown" }
    return "<svg class=`"bar`" viewBox=`"$size`" preserveAspectRatio=`"none`" aria-hidden=`"true`">$(-join $bar)</svg><span class=`"words`">$($words -join ', ')</span>$note"
}

function Format-Number {
    param([long] $Number)
    return $Number.ToString('N0', [Globalization.CultureInfo]::InvariantCulture)
}

function Get-PageHash {
    # What a content security policy names a script or style by. Line ends count as HTML reads them.
    param([string] $Text)
    $hasher = [Security.Cryptography.SHA256]::Create()
    try { return "'sha256-$([Convert]::ToBase64String($hasher.ComputeHash([Text.Encoding]::UTF8.GetBytes($Text))))'" } finally { $hasher.Dispose() }
}

function ConvertTo-PageRow {
    param([object[]] $Rows)
    foreach ($row in $Rows) {
        $device = if ($row.Device) { "<bdi>$(Format-Html -Text $row.Device)</bdi>" } elseif ($row.Count -gt 0) { '<span class="none">counted, not listed</span>' } else { '' }
        $look = Get-Look -State $row.State
        # A device is only listed where it needs a look, be it in progress.
        $class = if ($row.Device) { "$look listed" } else { $look }
        "<tr class=`"$class`"><td>$device</td><td class=`"number`">$(if ($row.Count -gt 0) { Format-Number -Number $row.Count })</td>" +
        "<td><span class=`"state $look`">$(Format-Html -Text $row.State)</span></td><td class=`"code`">$(Format-Html -Text $row.Code)</td>" +
        "<td>$(Format-Html -Text $row.Meaning)</td><td>$(Format-Html -Text $row.Remedy)</td><td class=`"time`">$(Format-Html -Text (Format-Value -Value $row.Time))</td></tr>"
    }
}

function ConvertTo-PageSection {
    # One collection: each of its objects as something to open, open where there is something to look at.
    param([object[]] $Rows, [string] $Name, [int] $Number)
    "<section id=`"c$Number`" aria-labelledby=`"h$Number`"><h2 id=`"h$Number`"><bdi>$(Format-Html -Text $Name)</bdi></h2>"
    $objects = [ordered]@{}
    foreach ($row in $Rows) {
        $key = "$($row.Kind)`n$($row.Name)"
        if (-not $objects.Contains($key)) { $objects[$key] = [Collections.Generic.List[object]]::new() }
        $objects[$key].Add($row)
    }
    foreach ($object in $objects.Values) {
        $bad = @($object | Where-Object -FilterScript { $NeedsLook -contains $_.State }).Length -gt 0
        $what = if ($object[0].Kind -eq 'Content') { 'Distribution point', 'Points' } else { 'Device', 'Devices' }
        "<details$(if ($bad) { ' open class="look"' })><summary><span class=`"kind`">$(Format-Html -Text $object[0].Kind)</span> <span class=`"name`"><bdi>$(Format-Html -Text $object[0].Name)</bdi></span> <span class=`"tally`">$(Format-Tally -Rows $object.ToArray())</span></summary>"
        "<div class=`"scroll`" tabindex=`"0`" role=`"region`" aria-label=`"$(Format-Html -Text "$($object[0].Kind) $($object[0].Name)")`"><table class=`"rows`"><thead><tr><th scope=`"col`" class=`"who`">$($what[0])</th><th scope=`"col`" class=`"number`">$($what[1])</th><th scope=`"col`" class=`"is`">State</th><th scope=`"col`" class=`"of`">Code or settings</th><th scope=`"col`">Meaning</th><th scope=`"col`">What to do</th><th scope=`"col`" class=`"when`">Time</th></tr></thead><tbody>"
        ConvertTo-PageRow -Rows $object.ToArray()
        '</tbody></table></div></details>'
    }
    '</section>'
}

function ConvertTo-Page {
    param([object[]] $Rows, [object[]] $Entries)
    $style = $PageStyle.Replace("`r`n", "`n")
    $script = $PageScript.Replace("`r`n", "`n")
    $title = Format-Html -Text "$($Estate.project.name): status on site $SiteDrive"
    '<!DOCTYPE html>'
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    "<meta http-equiv=`"Content-Security-Policy`" content=`"default-src 'none'; base-uri 'none'; form-action 'none'; style-src $(Get-PageHash -Text $style); script-src $(Get-PageHash -Text $script)`">"
    "<title>$title</title><style>$style</style></head><body>"
    "<header><h1>$title</h1><p>Read $(Format-Value -Value ([DateTime]::Now)). Counts are those of the site's last summarization, whose time stands beside them, as the site keeps it (mostly in UTC). $(if ($Limit -gt 0) { "At most $Limit devices are listed for each object; those left out are counted by state and code." })</p>"
    '<div id="tools" role="search" hidden><label for="filter">Filter</label><input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="Device, setting, code, words"><label><input id="look" type="checkbox"> Only what needs a look</label><button id="open" type="button">Open all</button><button id="close" type="button">Close all</button><output id="found" for="filter look" aria-live="polite"></output></div></header><main>'
    '<section aria-labelledby="overview"><h2 id="overview">Overview</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="overview"><table class="overview"><thead><tr><th scope="col">Collection</th>'
    foreach ($part in $Parts.Keys) { "<th scope=`"col`">$part</th>" }
    '</tr></thead><tbody>'
    $groups = [ordered]@{}
    foreach ($entry in $Entries) { $groups[$entry.collection.name] = [Collections.Generic.List[object]]::new() }
    foreach ($row in $Rows) { $groups[$row.Collection].Add($row) }
    $number = 0
    foreach ($name in $groups.Keys) {
        $number++
        $rows = $groups[$name]
        "<tr><th scope=`"row`"><a href=`"#c$number`"><bdi>$(Format-Html -Text $name)</bdi></a></th>"
        $absent = @($rows | Where-Object -FilterScript { $_.Kind -eq 'Collection' -and ($_.State -eq $States.NotDeployed -or $_.State -eq $States.NotReadable) })
        if ($absent.Length -gt 0 -and $rows.Count -eq $absent.Length) { "<td colspan=`"$($Parts.Count)`" class=`"$(Get-Look -State $absent[0].State)`">$(Format-Html -Text $absent[0].Meaning)</td></tr>"; continue }
        foreach ($part in $Parts.Keys) { "<td>$(Format-Tally -Rows @($rows | Where-Object -FilterScript { $Parts[$part] -contains $_.Kind }))</td>" }
        '</tr>'
    }
    '</tbody></table></div></section>'
    $number = 0
    foreach ($name in $groups.Keys) {
        $number++
        ConvertTo-PageSection -Rows $groups[$name].ToArray() -Name $name -Number $number
    }
    "</main><script>$script</script></body></html>"
}

function Select-Entry {
    # The collections that were asked for, by name or slug. powershell.exe -File hands over a list as one text with commas.
    param([object[]] $Entries, [string[]] $Names)
    if ($null -eq $Names -or $Names.Length -eq 0) { return $Entries }
    $wanted = foreach ($name in $Names) {
        $whole = @($Entries | Where-Object -FilterScript { (Test-SameText -Left $_.slug -Right $name) -or (Test-SameText -Left $_.collection.name -Right $name) })
        if ($whole.Length -gt 0) { $name } else { foreach ($part in $name.Split(',')) { $part.Trim() } }
    }
    $known = @(foreach ($entry in $Entries) { $entry.slug; $entry.collection.name })
    foreach ($name in $wanted) {
        if ($known -notcontains $name) { throw "There is no collection '$name' here. There are: $(@($Entries | ForEach-Object -Process { $_.slug }) -join ', ')." }
    }
    return $Entries | Where-Object -FilterScript { $wanted -contains $_.slug -or $wanted -contains $_.collection.name }
}

function Measure-Entry {
    # Everything that is known of one collection.
    param($Entry)
    Write-Verbose -Message "Reading collection $($Entry.collection.name)"
    $Run.Collection = $Entry.collection.name
    $Run.Log = $Entry.log
    $Run.Target = $null
    $read = Invoke-Part -PartKind 'Collection' -PartName $Entry.collection.name -PartBody { $Run.Target = Find-Target -Entry $Entry }
    if (-not $read) { return }
    if ($null -eq $Run.Target) {
        Add-Status -Kind 'Collection' -Name $Entry.collection.name -State $States.NotDeployed -Count 0 -Meaning 'This collection is not on the site.' -Remedy 'Run deploy.ps1.'
        return
    }
    if ($Summarize) { $null = Invoke-Part -PartKind 'Collection' -PartName $Entry.collection.name -PartBody { Invoke-CMDeploymentSummarization -CollectionId $Run.Target.CollectionID -Confirm:$false } }
    foreach ($wanted in @(Get-List -From $Entry -Name 'packages')) { Measure-Package -Wanted $wanted }
    foreach ($wanted in @(Get-List -From $Entry -Name 'applications')) { Measure-Application -Wanted $wanted }
    foreach ($wanted in @(Get-List -From $Entry -Name 'policies')) { Measure-Policy -Wanted $wanted }
    if ($null -ne $Entry.PSObject.Properties['departed']) { Measure-LeftBehind -Entry $Entry } elseif ($null -ne $Entry.baseline) { Measure-Baseline -Entry $Entry }
}

$OutputFolder = $PSScriptRoot
$Run = @{ Rows = [Collections.Generic.List[object]]::new(); Failed = 0; Collection = ''; Log = ''; Target = $null; Members = @{} }
try {
    if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { throw "PowerShell runs in $($ExecutionContext.SessionState.LanguageMode) mode here, and this script needs FullLanguage." }
    if ($Path) {
        # Before the location is the site's.
        $Path = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        $end = [IO.Path]::GetExtension($Path)
        if (-not $PSBoundParameters.ContainsKey('As')) { $As = if ($end -eq '.csv') { 'Csv' } elseif ($end -eq '.html' -or $end -eq '.htm') { 'Html' } else { $As } }
        if ($As -ne 'Csv' -and $As -ne 'Html') { throw "-Path takes a file for -As Csv or -As Html, not for -As $As." }
    }
    if (-not $PSBoundParameters.ContainsKey('Limit') -and $As -ne 'Html' -and $As -ne 'Table') { $Limit = 0 }
    $OutputManifest = Read-Manifest
    Test-OwnScript -Name 'monitor.ps1'
    $Estate = Read-OutputJson -Path 'site.json'
    $AllEntries = @(Read-Deployment)
    $Entries = @(Select-Entry -Entries $AllEntries -Names $Collection)
    Import-ConsoleModule
    $SiteDrive = Resolve-SiteDrive -Code $(if ($SiteCode) { $SiteCode } else { [string]$Estate.site.code }) -Server $(if ($SiteServer) { $SiteServer } else { [string]$Estate.site.server })
    Push-Location -LiteralPath "${SiteDrive}:\"
    try { foreach ($entry in $Entries) { Measure-Entry -Entry $entry } } finally { Pop-Location }
    if ($Summarize) { Write-Warning -Message 'The site was asked to count anew. It does so as soon as it can: what is shown here may still be the last count. Run this again in some minutes.' }
    switch ($As) {
        'Object' { $Run.Rows }
        'Table' { Write-StatusTable -Rows $Run.Rows }
        'Csv' { Write-Report -Lines @(ConvertTo-SafeCsv -Rows $Run.Rows) -Mark $true }
        'Html' { Write-Report -Lines @(ConvertTo-Page -Rows $Run.Rows -Entries $Entries) -Mark $false }
    }
} catch {
    # As an error of this script, and not of the line in it.
    $PSCmdlet.ThrowTerminatingError($_)
}
if ($Run.Failed -gt 0) { exit 1 }
exit 0
