<#
.SYNOPSIS
Brings this output folder of policyc to a Configuration Manager site, and only the difference.

.DESCRIPTION
Run it where the Configuration Manager console is, from the folder that policyc wrote. First with -WhatIf: it changes nothing and
shows the same table. Everything that it makes carries a mark; nothing without the mark is ever changed.

.PARAMETER Collection
Names or slugs of the collections to deploy. All of them, where none is named.

.PARAMETER Phase
Only the collections of this phase.

.PARAMETER SiteCode
The site, where site.json names none or another.

.PARAMETER SiteServer
The server to connect to, where the console knows no drive for the site.

.PARAMETER ContentSource
A folder that the site server reads, for the content of packages: \\server\share. Each has <slug>\<key> below it.

.PARAMETER Prune
Removes from the site what left git. Without it, that is only listed. What it is about is named before anything is changed, with the
devices that report, those that are silent, and when they were last seen: look with -WhatIf -Prune, then decide.

.PARAMETER PruneAtMost
How much -Prune may remove: where more left git, nothing at all is changed, and what it would be is named.

.PARAMETER Adopt
Collections that are there without a mark and become policyc's from now on.

.PARAMETER AcceptHandMadeRules
Removes the membership rules that were made by hand in policyc's collections.

.PARAMETER RollBack
A collection whose settings are undone on the devices that -Device names and that have left it.

.PARAMETER Device
Names of devices, for -RollBack.

.PARAMETER Retire
A collection on whose devices is undone what left its policy. Run it when the site has the new policy, by a run before. With -Prune,
ends what an earlier -Retire deployed.

.PARAMETER PassThru
Gives the rows of the table as objects.

.EXAMPLE
.\deploy.ps1 -WhatIf
Shows what a run would do on the site, and changes nothing.

.EXAMPLE
.\deploy.ps1 -Collection pilot
Brings one collection to the site, with everything that it gets.

.EXAMPLE
.\deploy.ps1 -RollBack pilot -Device PC-0001
Undoes the collection's settings on a device that has left it.

.NOTES
Exit code 0: the site is as the folder says, or an offboarding waits for its time. 1: something was refused or failed; the table and the last
lines say what to settle. Run again, it goes on.
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
param(
    [string[]] $Collection = @(),
    [int] $Phase = 0,
    [string] $SiteCode = '',
    [string] $SiteServer = '',
    [string] $ContentSource = '',
    [switch] $Prune,
    [ValidateRange(0, 100000)] [int] $PruneAtMost = 25,
    [string[]] $Adopt = @(),
    [switch] $AcceptHandMadeRules,
    [string] $RollBack = '',
    [string[]] $Device = @(),
    [string] $Retire = '',
    [switch] $PassThru
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$Caller = $PSCmdlet

function Split-Name {
    # powershell.exe -File hands a list over as one text with commas; a name that has a comma itself is one where policyc knows it.
    param([string[]] $Names, [string[]] $Known)
    foreach ($name in $Names) {
        if (@($Known | Where-Object -FilterScript { [string]::Equals($_, $name, 'OrdinalIgnoreCase') }).Length -gt 0) { $name; continue }
        foreach ($part in $name.Split(',')) { if ($part.Trim()) { $part.Trim() } }
    }
}

$Asked = @{
    Collection = $Collection; Phase = $Phase; ContentSource = $ContentSource; Prune = [bool]$Prune; Adopt = $Adopt
    AcceptHandMadeRules = [bool]$AcceptHandMadeRules
}
$OutputFolder = $PSScriptRoot
$Site = @{ Members = @{}; Groups = @(); Lists = @{} }
$Run = @{
    Rows = [Collections.Generic.List[object]]::new(); Checks = [Collections.Generic.List[object]]::new()
    Refused = 0; Current = ''; HandMade = @{}; Overlapping = @{}; Changed = @{}; Fresh = @{}; Anew = @{}; Ended = @{}; Made = @{}; Folders = @{}; Left = @{}; Moving = @{}; BaselineStays = ''; Deployed = $null; Targets = $null; Wanted = $null; ByName = $null
}

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

# What was done, would be done, and was not done.
$Infinitive = @{
    created = 'create'; updated = 'update'; removed = 'remove'; adopted = 'adopt'; released = 'release'
    copied = 'copy'; distributed = 'distribute'; imported = 'import'; moved = 'move'; deployed = 'deploy'; ended = 'end'
    replaced = 'replace'
}

function Add-Row {
    param([string] $Kind, [string] $Object, [string] $Action, [string] $Detail)
    Write-Verbose -Message "$Action $Kind '$Object' $Detail"
    $Run.Rows.Add([pscustomobject]@{ Object = $Object; Kind = $Kind; Action = $Action; Detail = $Detail })
}

function Add-Refusal {
    # Something that this run won't do until an administrator has settled it. The run goes on with what doesn't depend on it.
    param([string] $Kind, [string] $Object, [string] $Detail)
    $Run.Refused++
    Add-Row -Kind $Kind -Object $Object -Action 'stopped' -Detail $Detail
}

function Invoke-Step {
    # One change: asked for, done, noted. Gives what it made; nothing with -WhatIf. The names here are long because the step's
    # own block sees them.
    param([string] $StepKind, [string] $StepObject, [string] $StepAction, [string] $StepDetail, [scriptblock] $StepBody)
    $infinitive = $Infinitive[$StepAction]
    if (-not $Caller.ShouldProcess("$StepKind '$StepObject'", "$infinitive $StepDetail".Trim())) {
        if (-not $WhatIfPreference) { throw "You said no: '$StepKind $StepObject' was left as it is." }
        Add-Row -Kind $StepKind -Object $StepObject -Action "would $infinitive" -Detail $StepDetail
        return
    }
    $Run.Current = "$infinitive $StepKind '$StepObject'"
    # It was asked once: the cmdlets needn't ask again.
    $ConfirmPreference = 'None'
    & $StepBody
    $Run.Current = ''
    Add-Row -Kind $StepKind -Object $StepObject -Action $StepAction -Detail $StepDetail
}

function Format-Row {
    # Rows as text in columns, whatever the width of the window: a cut message is no message.
    param([object[]] $Rows, [string[]] $Columns)
    $widths = foreach ($column in $Columns) {
        $width = $column.Length
        foreach ($row in $Rows) { $width = [Math]::Max($width, ([string]$row.$column).Length) }
        [Math]::Min($width, 120)
    }
    $widths = @($widths)
    $lines = @(, $Columns) + @(, @($Columns | ForEach-Object { '-' * $_.Length })) + @(foreach ($row in $Rows) { , @($Columns | ForEach-Object { [string]$row.$_ }) })
    foreach ($line in $lines) {
        $cells = for ($i = 0; $i -lt $Columns.Length; $i++) { $line[$i].PadRight($widths[$i]) }
        ($cells -join '  ').TrimEnd()
    }
}

function Format-Name {
    # Some names of many, for a sentence.
    param([string[]] $Names)
    $shown = @($Names | Sort-Object | Select-Object -First 20)
    $rest = $Names.Length - $shown.Length
    if ($rest -gt 0) { return "$($shown -join ', ') and $rest more" }
    return $shown -join ', '
}

# What is on the site: each class is read once, and every comparison is made here. No name is ever handed to a search.
$NameIn = @{
    Collection = 'Name'; Package = 'Name'; Application = 'LocalizedDisplayName'; Policy = 'LocalizedDisplayName'
    'Configuration item' = 'LocalizedDisplayName'; Baseline = 'LocalizedDisplayName'; Program = 'ProgramName'
}
$MarkIn = @{
    Collection = 'Comment'; Package = 'Description'; Application = 'LocalizedDescription'; Policy = 'LocalizedDescription'
    'Configuration item' = 'LocalizedDescription'; Baseline = 'LocalizedDescription'; Program = 'Comment'
}
$KeyIn = @{
    Collection = 'CollectionID'; Package = 'PackageID'; Application = 'ModelName'; Policy = 'ModelName'
    'Configuration item' = 'ModelName'; Baseline = 'ModelName'
}

function Get-SiteObject {
    # What the site has of a kind: everything, or what has a name.
    param([string] $Kind, [string] $Name)
    $named = @{}
    if ($Name) { $named.Name = $Name }
    switch ($Kind) {
        'Collection' { Get-CMCollection @named }
        'Package' { $quick = Get-QuickSwitch -Command 'Get-CMPackage'; Get-CMPackage @named @quick -DisableWildcardHandling }
        'Configuration item' { $quick = Get-QuickSwitch -Command 'Get-CMConfigurationItem'; Get-CMConfigurationItem @named @quick -DisableWildcardHandling }
        'Baseline' { $quick = Get-QuickSwitch -Command 'Get-CMBaseline'; Get-CMBaseline @named @quick -DisableWildcardHandling }
        'Application' { $quick = Get-QuickSwitch -Command 'Get-CMApplication'; Get-CMApplication @named @quick -DisableWildcardHandling }
        'Policy' {
            # The console knows these policies from 1606 on. There are few, and their cmdlet has no way to say that a name is no pattern.
            if (Get-Command -Name 'Get-CMAdvancedThreatProtectionPolicy' -ErrorAction Ignore) {
                $quick = Get-QuickSwitch -Command 'Get-CMAdvancedThreatProtectionPolicy'
                Get-CMAdvancedThreatProtectionPolicy @quick
            }
        }
    }
}

function Read-SiteKind {
    # Reads all of a kind, and makes it found by mark, name and key.
    param([string] $Kind)
    Write-Verbose -Message "Reading from the site: $Kind"
    $Site[$Kind] = @{
        Ours = @{}
        Names = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
        Doubles = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
        Keys = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    }
    foreach ($object in @(Get-SiteObject -Kind $Kind)) { if ($null -ne $object) { Register-Object -Kind $Kind -Object $object } }
}

function Read-AllKinds {
    # An administrator who may not see a kind can still deploy what doesn't need it; what left git of that kind stays unknown.
    $needed = @{ Application = 'applications'; Policy = 'policies' }
    foreach ($kind in 'Collection', 'Package', 'Configuration item', 'Baseline', 'Application', 'Policy') {
        try { Read-SiteKind -Kind $kind } catch {
            if (-not $needed.ContainsKey($kind)) { throw }
            foreach ($entry in $Entries) { if (@(Get-List -From $entry -Name $needed[$kind]).Length -gt 0) { throw } }
            Add-Row -Kind $kind -Object 'all of them' -Action 'left out' -Detail "can't be read: $($_.Exception.Message)"
        }
    }
}

function Read-SiteObject {
    # Reads again what has this name, after a change that gave no object.
    param([string] $Kind, [string] $Name)
    foreach ($object in @(Get-SiteObject -Kind $Kind -Name $Name)) { if ($null -ne $object) { Register-Object -Kind $Kind -Object $object } }
}

function Register-Object {
    # Takes over what the site says now of one object.
    param([string] $Kind, $Object)
    # An earlier revision shares name and key with the latest, and would take its place.
    if ((Get-Field -From $Object -Name 'IsLatest') -eq $false) { return }
    $all = $Site[$Kind]
    $key = Get-TextField -From $Object -Name $KeyIn[$Kind]
    Unregister-Object -Kind $Kind -Key $key
    $all.Keys[$key] = $Object
    $name = Get-TextField -From $Object -Name $NameIn[$Kind]
    $devices = (Get-Field -From $Object -Name 'CollectionType') -eq 2
    if ($devices -and $all.Names.ContainsKey($name) -and $all.Names[$name].CollectionType -eq 2) { $all.Doubles[$name] = $true }
    if ($devices -or -not $all.Names.ContainsKey($name)) { $all.Names[$name] = $Object }
    $text = Get-TextField -From $Object -Name $MarkIn[$Kind]
    if ($text.IndexOf('[policyc:', [StringComparison]::Ordinal) -lt 0) { return }
    $mark = Get-OwnMark -Text $text
    if ($null -eq $mark) { return }
    if (-not $all.Ours.ContainsKey($mark.Id)) { $all.Ours[$mark.Id] = [Collections.Generic.List[object]]::new() }
    $all.Ours[$mark.Id].Add($Object)
}

function Unregister-Object {
    # Forgets an object: it was removed, or is another now.
    param([string] $Kind, [string] $Key)
    $all = $Site[$Kind]
    $old = $all.Keys[$Key]
    if ($null -eq $old) { return }
    $all.Keys.Remove($Key)
    $name = Get-TextField -From $old -Name $NameIn[$Kind]
    if ([object]::ReferenceEquals($all.Names[$name], $old)) { $all.Names.Remove($name) }
    foreach ($id in @($all.Ours.Keys)) {
        $null = $all.Ours[$id].Remove($old)
        if ($all.Ours[$id].Count -eq 0) { $all.Ours.Remove($id) }
    }
}

function Find-Own {
    # The one object that carries the mark with this id; $null where there is none. A copy made in the console carries it too:
    # which of the two is meant is not for this script to guess.
    param([string] $Kind, [string] $Id)
    $found = $Site[$Kind].Ours[$Id]
    if ($null -eq $found) { return $null }
    if ($found.Count -gt 1) {
        $names = Format-Name -Names @($found | ForEach-Object -Process { Get-TextField -From $_ -Name $NameIn[$Kind] })
        throw [Management.Automation.ItemNotFoundException]::new("$($found.Count) objects carry the same mark: $names. Take the mark '[policyc:...]' out of the copy's comment or description, then run again.")
    }
    return $found[0]
}

function Find-Object {
    # An object of ours by its mark, or nothing; $false after a refusal: its name is taken by something that isn't ours.
    param([string] $Kind, [string] $Id, [string] $Name)
    try { $own = Find-Own -Kind $Kind -Id $Id } catch [Management.Automation.ItemNotFoundException] {
        Add-Refusal -Kind $Kind -Object $Name -Detail $_.Exception.Message
        return $false
    }
    $named = $Site[$Kind].Names[$Name]
    if ($null -ne $named -and ($null -eq $own -or $named.($KeyIn[$Kind]) -ne $own.($KeyIn[$Kind])) -and -not (Test-Moving -Kind $Kind -Object $named)) {
        $mark = Get-OwnMark -Text (Get-TextField -From $named -Name $MarkIn[$Kind])
        $whose = if ($null -eq $mark) { 'has no mark of this project' } else { 'has the mark of another object of this project' }
        Add-Refusal -Kind $Kind -Object $Name -Detail "The name is taken: what is there ($($named.($KeyIn[$Kind]))) $whose. Rename it or the policy's, then run again; nothing was touched."
        return $false
    }
    return $own
}

function Get-OwnHash {
    param([string] $Kind, $Object)
    return (Get-OwnMark -Text (Get-TextField -From $Object -Name $MarkIn[$Kind])).Hash
}

function Get-SiteList {
    # Programs and deployments: all of the site's in one call, or those of one package or baseline after a change.
    param([string] $Kind, [string] $Key)
    $of = @{}
    switch ($Kind) {
        'Program' { if ($Key) { $of.PackageId = $Key }; Get-CMProgram @of -DisableWildcardHandling }
        'Program deployment' { if ($Key) { $of.PackageId = $Key }; Get-CMPackageDeployment @of -DisableWildcardHandling }
        'Baseline deployment' {
            $quick = Get-QuickSwitch -Command 'Get-CMBaselineDeployment'
            if ($Key) { $of.SmsObjectId = [int]$Key }
            Get-CMBaselineDeployment @of @quick -DisableWildcardHandling
        }
    }
}

function Get-Listed {
    # What belongs to a package (PackageID) or a baseline (CI_ID).
    param([string] $Kind, [string] $Key)
    if ($Site.Lists.ContainsKey($Kind) -and $null -eq $Site.Lists[$Kind]) { return Get-SiteList -Kind $Kind -Key $Key | Where-Object -FilterScript { $null -ne $_ } }
    if (-not $Site.Lists.ContainsKey($Kind)) {
        $Site.Lists[$Kind] = @{}
        foreach ($one in @(Get-SiteList -Kind $Kind)) {
            if ($null -eq $one) { continue }
            # Where a list leaves out what a deployment is of, each baseline is asked for its own.
            if ($Kind -eq 'Baseline deployment' -and @(Get-List -From $one -Name 'AssignedCIs').Length -eq 0) { $Site.Lists[$Kind] = $null; break }
            $keys = if ($Kind -eq 'Baseline deployment') { @(Get-List -From $one -Name 'AssignedCIs') } else { @($one.PackageID) }
            foreach ($of in $keys) {
                if (-not $Site.Lists[$Kind].ContainsKey([string]$of)) { $Site.Lists[$Kind][[string]$of] = @() }
                $Site.Lists[$Kind][[string]$of] += $one
            }
        }
    }
    if ($null -eq $Site.Lists[$Kind]) { return Get-Listed -Kind $Kind -Key $Key }
    if ($Site.Lists[$Kind].ContainsKey($Key)) { $Site.Lists[$Kind][$Key] }
}

function Read-Listed {
    # After a change.
    param([string] $Kind, [string] $Key)
    if ($null -ne $Site.Lists[$Kind]) { $Site.Lists[$Kind][$Key] = @(Get-SiteList -Kind $Kind -Key $Key | Where-Object -FilterScript { $null -ne $_ }) }
}

function Get-Device {
    # Devices of a collection: ResourceID and name. Read once, until its membership is updated.
    param([string] $CollectionId)
    if (-not $Site.Members.ContainsKey($CollectionId)) {
        $members = @{}
        foreach ($member in @(Get-CMCollectionMember -CollectionId $CollectionId)) {
            if ($null -ne $member) { $members[[string]$member.ResourceID] = $member.Name }
        }
        $Site.Members[$CollectionId] = $members
    }
    return $Site.Members[$CollectionId]
}

function Get-CommonDevice {
    # Names of the devices that are in both collections.
    param([string] $Left, [string] $Right)
    $others = Get-Device -CollectionId $Right
    $members = Get-Device -CollectionId $Left
    foreach ($id in $members.Keys) { if ($others.ContainsKey($id)) { $members[$id] } }
}

function ConvertTo-Splat {
    # Parameters as JSON spells them, for a cmdlet.
    param($From)
    $splat = @{}
    if ($null -ne $From) { foreach ($property in $From.PSObject.Properties) { $splat[$property.Name] = $property.Value } }
    return $splat
}

# Schedules, and whether the site has the one that the policy says.
function Get-ScheduleParameter {
    # Parameters of New-CMSchedule. Without a start the site's own day of creation counts.
    param($Schedule, $Duration)
    $parameters = @{}
    $every = Get-Field -From $Schedule -Name 'every'
    if ($null -ne $every) {
        $parameters.RecurInterval = [string]$every.interval
        $parameters.RecurCount = [int]$every.count
    } else {
        $parameters.Nonrecurring = $true
    }
    $start = ConvertTo-Moment -Value (Get-Field -From $Schedule -Name 'start')
    if ($null -ne $start) { $parameters.Start = $start }
    if ($null -ne $Duration) {
        $parameters.DurationInterval = [string]$Duration.interval
        $parameters.DurationCount = [int]$Duration.count
    }
    if (Get-Field -From $Schedule -Name 'utc') { $parameters.IsUtc = $true }
    return $parameters
}

function Get-WantedSchedule {
    # An object in memory: making one changes nothing on the site.
    param($Schedule, $Duration)
    $parameters = Get-ScheduleParameter -Schedule $Schedule -Duration $Duration
    return New-CMSchedule @parameters -WhatIf:$false -Confirm:$false
}

function Test-SameSchedule {
    # Whether a schedule on the site, as its text of 16 hex digits, is the wanted one. The first 26 bits are the start, the last 32
    # the rest; where there is no start in the policy it isn't compared. What can't be read counts as the same: a schedule that
    # is written anew at each run would be worse.
    param([string] $Text, $Schedule, $Duration)
    if ($Text -notmatch '\A[0-9A-Fa-f]{16}\z') { return $true }
    $parameters = Get-ScheduleParameter -Schedule $Schedule -Duration $Duration
    $wanted = [string](New-CMSchedule @parameters -ScheduleString -WhatIf:$false -Confirm:$false)
    if ($wanted -notmatch '\A[0-9A-Fa-f]{16}\z') { return $true }
    if ($wanted.Substring(8) -ne $Text.Substring(8)) { return $false }
    if (-not $parameters.ContainsKey('Start')) { return $true }
    $mask = 0xFFFFFFC0L
    return ([Convert]::ToInt64($wanted.Substring(0, 8), 16) -band $mask) -eq ([Convert]::ToInt64($Text.Substring(0, 8), 16) -band $mask)
}

# Collections. What policyc must remember stands on the site, in the comment before the mark:
#   [policyc-rules:...]  four characters for each membership rule that policyc made, so that a rule that left the policy can be
#                        told from one that was made by hand;
#   [policyc-since:...]  the moment (UTC) from which the waiting time of offboarding counts;
#   [policyc-adopted:1]  the collection was there before policyc, which therefore never removes it.
# A bracket of its own leaves the mark as every other object has it, and an administrator can read it in the console.
$CommentLimit = 500
$BracketPattern = [regex]'\s*\[policyc[a-z-]*:[^\]]*\]'

function Get-Bracket {
    param([string] $Comment, [string] $Name)
    $found = [regex]::Match($Comment, "\[policyc-${Name}:([^\]]*)\]")
    if ($found.Success) { return $found.Groups[1].Value }
    return ''
}

function Format-Comment {
    # The comment with this memory and mark. Its own words stay.
    param([string] $Comment, [string] $Hash, [string] $Rules, [string] $Since, [string] $Id)
    $brackets = ''
    foreach ($name in 'adopted', 'rollback') {
        $value = Get-Bracket -Comment $Comment -Name $name
        if ($value) { $brackets += " [policyc-${name}:$value]" }
    }
    if ($Since) { $brackets += " [policyc-since:$Since]" }
    $mark = ' ' + (Format-Mark -Id $Id -Hash $Hash)
    # Too many rules to remember: one that leaves the policy then counts as made by hand, which is the safe side.
    if ($Rules -and ($brackets.Length + $mark.Length + $Rules.Length + 18) -le $CommentLimit) { $brackets += " [policyc-rules:$Rules]" }
    $words = $BracketPattern.Replace($Comment, '').Trim()
    $room = $CommentLimit - $brackets.Length - $mark.Length
    if ($words.Length -gt $room) { $words = $words.Substring(0, $room) }
    return ($words + $brackets + $mark).Trim()
}

function Set-SiteCollection {
    # Takes over what the site says now of one collection.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Changes a list in memory.')]
    param([string] $CollectionId)
    $now = Get-CMCollection -Id $CollectionId | Select-Object -First 1
    Register-Object -Kind 'Collection' -Object $now
    return $now
}

function Resolve-Target {
    # The collection on the site that an entry means: ours by its mark, else by id or name. Nothing is changed.
    param($Entry)
    $wanted = $Entry.collection
    $own = Find-Own -Kind 'Collection' -Id $wanted.id
    if ($null -ne $own) { return $own }
    if ($wanted.collection_id) { return $Site.Collection.Keys[$wanted.collection_id] }
    return Find-NamedCollection -Name $wanted.name
}

function Find-NamedCollection {
    # The one device collection of a name. Which of two is meant is not for this script to guess.
    param([string] $Name)
    if ($Site.Collection.Doubles.ContainsKey($Name)) {
        throw [Management.Automation.ItemNotFoundException]::new("Several device collections are named '$Name'. Rename all but one in the console, or give the policy's collection its id:, then run again.")
    }
    $named = $Site.Collection.Names[$Name]
    if ($null -ne $named -and $named.CollectionType -eq 2 -and -not (Test-Moving -Kind 'Collection' -Object $named)) { return $named }
    return $null
}

function Find-DeviceCollection {
    # By the name that the site has, or that a policy gives: a renamed collection of ours is still found.
    param([string] $Name)
    if ($null -eq $Run.ByName) {
        $Run.ByName = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
        foreach ($entry in $Entries) { $Run.ByName[$entry.collection.name] = $entry }
    }
    if ($Run.ByName.ContainsKey($Name)) {
        $own = Resolve-Target -Entry $Run.ByName[$Name]
        if ($null -ne $own) { return $own }
    }
    return Find-NamedCollection -Name $Name
}

function Get-TargetProblem {
    # Why an entry's collection can't be used; nothing where it can.
    param($Entry)
    $wanted = $Entry.collection
    try { $found = Resolve-Target -Entry $Entry } catch [Management.Automation.ItemNotFoundException] { return $_.Exception.Message }
    if ($null -ne $found) {
        if ($found.CollectionType -ne 2) { return "$($found.CollectionID) is a collection of users." }
        $mark = Get-Mark -Text (Get-TextField -From $found -Name 'Comment')
        if ($null -ne $mark -and $mark.Project -ne $Estate.project.mark) {
            if ($null -eq $wanted.members -and -not (Test-Adopted -Name $wanted.name)) { return }
            return "$($found.CollectionID) has the mark of another project of policyc, which looks after it."
        }
        if ($null -eq $wanted.members) { return }
        if ($null -eq $mark -and -not (Test-Adopted -Name $wanted.name)) {
            return "A collection of this name is there ($($found.CollectionID)) and isn't policyc's. With -Adopt '$($wanted.name)' its membership becomes the policy's; without members: in the policy it is a target and stays as it is; or rename one of the two."
        }
        if ($null -ne $mark -and $mark.Id -ne $wanted.id) { return "$($found.CollectionID) has the mark of another policy of this project." }
        $named = $Site.Collection.Names[$wanted.name]
        if ($null -ne $named -and $named.CollectionID -ne $found.CollectionID -and -not (Test-Moving -Kind 'Collection' -Object $named)) {
            return "policyc's collection is '$($found.Name)' on the site, and its name in the policy is taken by $($named.CollectionID), which keeps it in this run."
        }
        return
    }
    if ($wanted.collection_id) { return "$($wanted.collection_id) is not on the site. Correct the policy's id, or leave it out to have the collection made." }
    if ($null -eq $wanted.members) { return "The collection is not on the site, and the policy doesn't say its members: make it in the console, or write members:." }
    $named = $Site.Collection.Names[$wanted.name]
    if ($null -ne $named -and -not (Test-Moving -Kind 'Collection' -Object $named)) { return 'A collection of users has this name.' }
}

function Test-Adopted {
    param([string] $Name)
    foreach ($one in $Asked.Adopt) { if (Test-SameText -Left $one -Right $Name) { return $true } }
    return $false
}

function Sync-Collection {
    # The collection itself: there, ours, with its name and limiting collection. Gives what is on the site, if anything.
    param($Entry)
    $wanted = $Entry.collection
    $found = Resolve-Target -Entry $Entry
    if ($null -eq $found) { return New-OwnCollection -Entry $Entry }
    $comment = Get-TextField -From $found -Name 'Comment'
    if ($null -eq (Get-OwnMark -Text $comment)) {
        if (-not (Test-Adopted -Name $wanted.name)) {
            Add-Row -Kind 'Collection' -Object $wanted.name -Action 'unchanged' -Detail "$($found.CollectionID), a target: not policyc's, left alone"
            return $found
        }
        $null = Invoke-Step -StepKind 'Collection' -StepObject $wanted.name -StepAction 'adopted' -StepDetail $found.CollectionID -StepBody {
            $text = Format-Comment -Comment "$comment [policyc-adopted:1]".Trim() -Hash $Unfinished -Id $wanted.id
            Set-CMCollection -CollectionId $found.CollectionID -Comment $text -DisableWildcardHandling
        }
        if ($WhatIfPreference) { return $found }
        $found = Set-SiteCollection -CollectionId $found.CollectionID
    }
    if ($null -eq $wanted.members) { return $found }
    return Repair-Collection -Entry $Entry -Found $found
}

function New-OwnCollection {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Invoke-Step asks.')]
    param($Entry)
    $wanted = $Entry.collection
    $made = Invoke-Step -StepKind 'Collection' -StepObject $wanted.name -StepAction 'created' -StepDetail "limited to $($wanted.limited_to)" -StepBody {
        $limit = Find-DeviceCollection -Name $wanted.limited_to
        $text = Format-Comment -Comment "Made by policyc from $($Entry.policy)." -Hash $Unfinished -Id $wanted.id
        $schedule = New-CMSchedule -RecurInterval 'Days' -RecurCount 1
        New-CMDeviceCollection -Name $wanted.name -LimitingCollectionId $limit.CollectionID -Comment $text -RefreshType 'Periodic' -RefreshSchedule $schedule
    }
    if ($null -eq $made) { return $null }
    return Set-SiteCollection -CollectionId $made.CollectionID
}

function Repair-Collection {
    # Name and limiting collection as the policy has them.
    param($Entry, $Found)
    $wanted = $Entry.collection
    $changes = @{}
    $detail = @()
    if (-not [string]::Equals($Found.Name, $wanted.name, [StringComparison]::Ordinal)) {
        $changes.NewName = $wanted.name
        $detail += "renamed from '$($Found.Name)'"
    }
    $limit = if ($wanted.limited_to) { Find-DeviceCollection -Name $wanted.limited_to } else { $null }
    if ($null -ne $limit -and $Found.LimitToCollectionID -ne $limit.CollectionID) {
        $changes.LimitingCollectionId = $limit.CollectionID
        $detail += "limited to '$($wanted.limited_to)' instead of '$($Found.LimitToCollectionName)'"
    }
    if ($changes.Count -eq 0) {
        Add-Row -Kind 'Collection' -Object $wanted.name -Action 'unchanged' -Detail $Found.CollectionID
        return $Found
    }
    if ($changes.ContainsKey('LimitingCollectionId') -and -not (Request-Growth -Entry $Entry -Gains $true -Loses $true)) { return $Found }
    $null = Invoke-Step -StepKind 'Collection' -StepObject $wanted.name -StepAction 'updated' -StepDetail ($detail -join ', ') -StepBody {
        Set-CMCollection -CollectionId $Found.CollectionID @changes -DisableWildcardHandling
    }
    if ($WhatIfPreference) { return $Found }
    return Set-SiteCollection -CollectionId $Found.CollectionID
}

function Clear-Since {
    # Takes the moment out of a collection's comment, before anything is done that makes it untrue: a run that is stopped after
    # this only waits anew. Gives the collection as it is then.
    param($Entry, $Found)
    $comment = Get-TextField -From $Found -Name 'Comment'
    if (-not (Get-Bracket -Comment $comment -Name 'since') -or $null -eq (Get-OwnMark -Text $comment)) { return $Found }
    $text = Format-Comment -Comment $comment -Hash (Get-OwnMark -Text $comment).Hash -Rules (Get-Bracket -Comment $comment -Name 'rules') -Id $Entry.collection.id
    $collectionId = $Found.CollectionID
    $null = Invoke-Step -StepKind 'Mark' -StepObject $Entry.collection.name -StepAction 'updated' -StepDetail 'the waiting time of offboarding begins anew' -StepBody {
        Set-CMCollection -CollectionId $collectionId -Comment $text -DisableWildcardHandling
    }
    if ($WhatIfPreference) {
        $Run.Anew[$collectionId] = $true
        return $Found
    }
    return Set-SiteCollection -CollectionId $collectionId
}

function Get-Since {
    # The moment that stands in a collection's comment; with -WhatIf as the run would have it.
    param($Found)
    if ($null -eq $Found -or $Run.Anew.ContainsKey($Found.CollectionID)) { return '' }
    return Get-Bracket -Comment (Get-TextField -From $Found -Name 'Comment') -Name 'since'
}

function Complete-Collection {
    # The mark gets its hash, and the comment what the next run must know, once everything before it is done.
    param($Entry, $Found, [string] $Rules, [string] $Since)
    if ($null -eq $Found) { return }
    $comment = Get-TextField -From $Found -Name 'Comment'
    if ($null -eq (Get-OwnMark -Text $comment)) { return }
    $text = Format-Comment -Comment $comment -Hash $Entry.collection.hash -Rules $Rules -Since $Since -Id $Entry.collection.id
    if ([string]::Equals($text, $comment, [StringComparison]::Ordinal)) { return }
    $null = Invoke-Step -StepKind 'Mark' -StepObject $Entry.collection.name -StepAction 'updated' -StepDetail 'comment of the collection' -StepBody {
        Set-CMCollection -CollectionId $Found.CollectionID -Comment $text -DisableWildcardHandling
    }
    if (-not $WhatIfPreference) { $null = Set-SiteCollection -CollectionId $Found.CollectionID }
}

# A device that joins an offboarding collection later. What is deployed there already would reach it at once, though onboarding may
# still be in its client's policy. So it is a sequence as well: before a membership may grow, the offboarding deployments to it are
# ended and the waiting time begins anew; then the rules change, and a run after that time makes the deployments again.
#
# For a device that ran the program before, the new deployment is another advertisement of the same program. Its client looks at the
# program's history under any advertisement, and with NeverRerunDeployedProgram doesn't run it again: this is why offboarding keeps
# that behaviour. With any other, every device of the collection would be offboarded once more each time one joins.
function Test-Named {
    param([string] $Name, [string[]] $Names)
    foreach ($one in $Names) { if (Test-SameText -Left $one -Right $Name) { return $true } }
    return $false
}

function Get-GrowingEntry {
    # Entries whose collection may gain devices where that of an entry gains some (or loses some): itself, and those that are limited
    # to it, include it or exclude it, however far away.
    param($Entry, [bool] $Gains, [Collections.IDictionary] $Seen)
    $key = "$($Entry.slug)|$Gains"
    if ($Seen.ContainsKey($key)) { return }
    $Seen[$key] = $true
    if ($Gains) { $Entry }
    $name = $Entry.collection.name
    foreach ($other in $Entries) {
        $members = $other.collection.members
        if ($null -eq $members) { continue }
        if (Test-Named -Name $name -Names (@($other.collection.limited_to) + @(Get-List -From $members -Name 'include'))) { Get-GrowingEntry -Entry $other -Gains $Gains -Seen $Seen }
        if (Test-Named -Name $name -Names @(Get-List -From $members -Name 'exclude')) { Get-GrowingEntry -Entry $other -Gains (-not $Gains) -Seen $Seen }
    }
}

function Get-OffboardingDeployment {
    # What may offboard the devices of a collection: deployments of what the policy offboards with, and of what no longer stands in git.
    param($Entry, [string] $CollectionId)
    $ids = @{}
    foreach ($kind in 'packages', 'applications', 'policies') {
        foreach ($one in @(Get-List -From $Entry -Name $kind)) { if ($one.action -eq 'offboard') { $ids[$one.id] = $true } }
    }
    $wanted = Get-WantedDeployment
    foreach ($one in @(Get-OwnDeployment)) {
        if ($one.CollectionId -ne $CollectionId -or $one.Kind -eq 'Baseline' -or $Run.Ended.ContainsKey($one.Key)) { continue }
        if ($ids.ContainsKey($one.Owner) -or ($one.Ours -and -not $wanted.ContainsKey($one.Key))) { $one }
    }
}

function Suspend-Offboarding {
    # Ends what offboards the devices of a collection, and has the waiting time begin anew. Gives whether it may grow now.
    param($Entry)
    $target = Resolve-Target -Entry $Entry
    if ($null -eq $target) { return $true }
    $free = $true
    $running = @(Get-OffboardingDeployment -Entry $Entry -CollectionId $target.CollectionID)
    foreach ($one in $running) {
        if ($one.Ours) { continue }
        Add-Refusal -Kind 'Deployment' -Object $one.Name -Detail 'Made by hand: it would offboard devices as soon as they join. Remove it in the console, then run again; the membership was left as it is.'
        $free = $false
    }
    if (-not $free) { return $false }
    foreach ($one in $running) {
        $null = Invoke-Step -StepKind 'Deployment' -StepObject $one.Name -StepAction 'ended' -StepDetail "devices may join: made again by a run after $(Get-WaitingHours) hours" -StepBody {
            Clear-Deployment -Deployment $one
            $Site.Lists.Remove('Program deployment')
        }
        $Run.Ended[$one.Key] = $true
    }
    $null = Clear-Since -Entry $Entry -Found (Get-Known -Found $target)
    return $true
}

function Request-Growth {
    # To be called before the membership of an entry's collection changes. Gives whether it may.
    param($Entry, [bool] $Gains, [bool] $Loses)
    if ((Get-WaitingHours) -le 0) { return $true }
    $seen = @{}
    $growing = @(if ($Gains) { Get-GrowingEntry -Entry $Entry -Gains $true -Seen $seen }) + @(if ($Loses) { Get-GrowingEntry -Entry $Entry -Gains $false -Seen $seen })
    $free = $true
    foreach ($one in $growing) {
        if ((Get-StateName -Entry $one) -eq 'offboarded' -and -not (Suspend-Offboarding -Entry $one)) { $free = $false }
    }
    return $free
}

function Test-Ended {
    # Whether this run ended a deployment, or would.
    param([string] $Kind, [string] $Id, [string] $Program, [string] $CollectionId)
    return $Run.Ended.ContainsKey("$Kind|$Id|$Program|$CollectionId".ToUpperInvariant())
}

# Membership rules: only the difference. A rule that policyc neither wants nor made is somebody's, and is left to be settled.
$QueryRule = 'policyc'

function Get-RuleToken {
    # Four characters that stand for a rule in the collection's comment.
    param([string] $Kind, [string] $Name)
    $hasher = [Security.Cryptography.SHA256]::Create()
    try { $hash = $hasher.ComputeHash([Text.Encoding]::UTF8.GetBytes("${Kind}:$($Name.ToUpperInvariant())")) } finally { $hasher.Dispose() }
    return [Convert]::ToBase64String($hash, 0, 3)
}

function Get-SiteRule {
    # The rules that a collection has.
    param([string] $CollectionId)
    foreach ($rule in @(Get-CMDeviceCollectionQueryMembershipRule -CollectionId $CollectionId)) {
        if ($null -ne $rule) { @{ Kind = 'query'; Key = "query $($rule.RuleName)"; Name = $rule.RuleName; Value = $rule.QueryExpression; Token = Get-RuleToken -Kind 'query' -Name $rule.RuleName } }
    }
    foreach ($rule in @(Get-CMDeviceCollectionDirectMembershipRule -CollectionId $CollectionId)) {
        if ($null -ne $rule) { @{ Kind = 'direct'; Key = "direct $($rule.ResourceID)"; Name = $rule.RuleName; Value = $rule.ResourceID; Token = Get-RuleToken -Kind 'direct' -Name $rule.RuleName } }
    }
    foreach ($rule in @(Get-CMDeviceCollectionIncludeMembershipRule -CollectionId $CollectionId)) {
        if ($null -ne $rule) { @{ Kind = 'include'; Key = "include $($rule.IncludeCollectionID)"; Name = $rule.RuleName; Value = $rule.IncludeCollectionID; Token = Get-RuleToken -Kind 'include' -Name $rule.IncludeCollectionID } }
    }
    foreach ($rule in @(Get-CMDeviceCollectionExcludeMembershipRule -CollectionId $CollectionId)) {
        if ($null -ne $rule) { @{ Kind = 'exclude'; Key = "exclude $($rule.ExcludeCollectionID)"; Name = $rule.RuleName; Value = $rule.ExcludeCollectionID; Token = Get-RuleToken -Kind 'exclude' -Name $rule.ExcludeCollectionID } }
    }
}

function Get-DeviceByName {
    # Devices of this name that are in use: a name can have an obsolete record beside the living one.
    param([string] $Name)
    $quick = Get-QuickSwitch -Command 'Get-CMDevice'
    foreach ($device in @(Get-CMDevice -Name $Name -DisableWildcardHandling @quick)) {
        if ($null -ne $device -and (Test-SameText -Left $device.Name -Right $Name) -and -not (Get-Field -From $device -Name 'IsObsolete')) { $device }
    }
}

function Get-WantedRule {
    # The rules that the policy means, excludes first: whom a collection must not have is settled before whom it has.
    param($Wanted)
    $members = $Wanted.members
    foreach ($name in @(Get-List -From $members -Name 'exclude')) {
        $other = Find-DeviceCollection -Name $name
        if ($null -ne $other) { @{ Kind = 'exclude'; Key = "exclude $($other.CollectionID)"; Name = $name; Value = $other.CollectionID; Token = Get-RuleToken -Kind 'exclude' -Name $other.CollectionID } }
        else { @{ Kind = 'exclude'; Key = "exclude $name"; Name = $name; Value = ''; Token = '' } }
    }
    foreach ($name in @(Get-List -From $members -Name 'include')) {
        $other = Find-DeviceCollection -Name $name
        if ($null -ne $other) { @{ Kind = 'include'; Key = "include $($other.CollectionID)"; Name = $name; Value = $other.CollectionID; Token = Get-RuleToken -Kind 'include' -Name $other.CollectionID } }
        else { @{ Kind = 'include'; Key = "include $name"; Name = $name; Value = ''; Token = '' } }
    }
    foreach ($name in @(Get-List -From $members -Name 'devices')) {
        $devices = @(Get-DeviceByName -Name $name)
        if ($devices.Length -eq 0) { Add-Row -Kind 'Membership rule' -Object $Wanted.name -Action 'left out' -Detail "device '$name' is not on the site" }
        foreach ($device in $devices) { @{ Kind = 'direct'; Key = "direct $($device.ResourceID)"; Name = $device.Name; Value = $device.ResourceID; Token = Get-RuleToken -Kind 'direct' -Name $device.Name } }
    }
    if ($members.query) { @{ Kind = 'query'; Key = "query $QueryRule"; Name = $QueryRule; Value = $members.query; Token = Get-RuleToken -Kind 'query' -Name $QueryRule } }
}

function Sync-Rule {
    # Brings the rules of a collection of ours to the policy's, and its mark to its hash.
    param($Entry, $Found)
    $wanted = $Entry.collection
    # What another collection's rules did to its comment since.
    if ($null -ne $Found) { $Found = Get-Known -Found $Found }
    if ($null -eq $wanted.members) {
        Complete-Collection -Entry $Entry -Found $Found -Since (Get-WantedSince -Entry $Entry -Found $Found)
        return
    }
    $there = @()
    $remembered = ''
    if ($null -ne $Found) {
        $there = @(Get-SiteRule -CollectionId $Found.CollectionID)
        $comment = Get-TextField -From $Found -Name 'Comment'
        $remembered = Get-Bracket -Comment $comment -Name 'rules'
    }
    $rules = @(Get-WantedRule -Wanted $wanted)
    $kept = @{}
    foreach ($rule in $rules) { $kept[$rule.Key] = $rule }
    $extra = @(foreach ($rule in $there) {
            $same = $kept[$rule.Key]
            if ($null -eq $same -or ($rule.Kind -eq 'query' -and -not [string]::Equals($rule.Value.Trim(), $same.Value.Trim(), [StringComparison]::Ordinal))) { $rule }
        })
    $known = Split-Token -Text $remembered
    $foreign = @($extra | Where-Object -FilterScript { $known -cnotcontains $_.Token })
    $present = @{}
    foreach ($rule in $there) { $present[$rule.Key] = $rule }
    $coming = @($rules | Where-Object -FilterScript { -not $present.ContainsKey($_.Key) })
    $going = @($extra | Where-Object -FilterScript { $Asked.AcceptHandMadeRules -or $foreign -notcontains $_ })
    # A changed query goes and comes: whom it finds now nobody can say here. An exclude rule works the other way round.
    $changed = @($going | Where-Object -FilterScript { $kept.ContainsKey($_.Key) }).Length -gt 0
    $gains = $changed -or @($coming | Where-Object -FilterScript { $_.Kind -ne 'exclude' }).Length -gt 0 -or @($going | Where-Object -FilterScript { $_.Kind -eq 'exclude' }).Length -gt 0
    $loses = $changed -or @($coming | Where-Object -FilterScript { $_.Kind -eq 'exclude' }).Length -gt 0 -or @($going | Where-Object -FilterScript { $_.Kind -ne 'exclude' }).Length -gt 0
    if (($gains -or $loses) -and -not (Request-Growth -Entry $Entry -Gains $gains -Loses $loses)) { return }
    if ($null -ne $Found) {
        $Found = Get-Known -Found $Found
        if ($gains -or $loses) { $Run.Changed[$Found.CollectionID] = $true }
    }
    foreach ($rule in $extra) {
        $hand = $foreign -contains $rule
        if ($hand -and -not $Asked.AcceptHandMadeRules) {
            $Run.HandMade[$Entry.slug] = $true
            Add-Refusal -Kind 'Membership rule' -Object $wanted.name -Detail "made by hand: $($rule.Kind) '$($rule.Name)'. Nothing is on- or offboarded here until it is gone: remove it in the console, write it into the policy, or run again with -AcceptHandMadeRules, which removes it."
            continue
        }
        $whose = if ($hand) { 'made by hand: ' } else { '' }
        $null = Invoke-Step -StepKind 'Membership rule' -StepObject $wanted.name -StepAction 'removed' -StepDetail "$whose$($rule.Kind) '$($rule.Name)'" -StepBody { Clear-Rule -CollectionId $Found.CollectionID -Rule $rule }
        $present.Remove($rule.Key)
    }
    foreach ($rule in $rules) {
        if ($present.ContainsKey($rule.Key)) { continue }
        $null = Invoke-Step -StepKind 'Membership rule' -StepObject $wanted.name -StepAction 'created' -StepDetail "$($rule.Kind) '$($rule.Name)'" -StepBody { Join-Rule -CollectionId $Found.CollectionID -Rule $rule }
    }
    Complete-Collection -Entry $Entry -Found $Found -Rules (Join-Token -Rules $rules) -Since (Get-WantedSince -Entry $Entry -Found $Found)
}

function Get-WantedSince {
    # Only offboarding waits. A moment that was left from an earlier state would let the next offboarding begin without waiting.
    param($Entry, $Found)
    if ((Get-StateName -Entry $Entry) -ne 'offboarded') { return '' }
    return Get-Since -Found $Found
}

function Join-Token {
    # Sorted by their codes: by the language of this machine, another administrator's run would write the comment anew.
    param([object[]] $Rules)
    $tokens = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal)
    foreach ($rule in $Rules) { $null = $tokens.Add($rule.Token) }
    return -join @($tokens)
}

function Split-Token {
    param([string] $Text)
    for ($i = 0; $i + 4 -le $Text.Length; $i += 4) { $Text.Substring($i, 4) }
}

function Join-Rule {
    param([string] $CollectionId, [Collections.IDictionary] $Rule)
    switch ($Rule.Kind) {
        'query' { Add-CMDeviceCollectionQueryMembershipRule -CollectionId $CollectionId -RuleName $Rule.Name -QueryExpression $Rule.Value -DisableWildcardHandling }
        'direct' { Add-CMDeviceCollectionDirectMembershipRule -CollectionId $CollectionId -ResourceId $Rule.Value -DisableWildcardHandling }
        'include' { Add-CMDeviceCollectionIncludeMembershipRule -CollectionId $CollectionId -IncludeCollectionId $Rule.Value }
        'exclude' { Add-CMDeviceCollectionExcludeMembershipRule -CollectionId $CollectionId -ExcludeCollectionId $Rule.Value }
    }
}

function Clear-Rule {
    param([string] $CollectionId, [Collections.IDictionary] $Rule)
    switch ($Rule.Kind) {
        'query' {
            # This cmdlet has no way to say that a rule's name is not a pattern, and '*' would be every rule.
            if ([Management.Automation.WildcardPattern]::ContainsWildcardCharacters($Rule.Name)) {
                throw "The query rule '$($Rule.Name)' has a name that could be read as a pattern: remove it in the console."
            }
            Remove-CMDeviceCollectionQueryMembershipRule -CollectionId $CollectionId -RuleName $Rule.Name -Force
        }
        'direct' { Remove-CMDeviceCollectionDirectMembershipRule -CollectionId $CollectionId -ResourceId $Rule.Value -Force }
        'include' { Remove-CMDeviceCollectionIncludeMembershipRule -CollectionId $CollectionId -IncludeCollectionId $Rule.Value -Force }
        'exclude' { Remove-CMDeviceCollectionExcludeMembershipRule -CollectionId $CollectionId -ExcludeCollectionId $Rule.Value -Force }
    }
}

# Where objects lie and who may see them: the console's folder, security scopes; and when devices may be changed.
function Sync-Folder {
    param($Entry, $Found)
    $folder = $Entry.collection.folder
    if (-not $folder -or $null -eq $Entry.collection.members) { return }
    $name = $Entry.collection.name
    if ($null -eq (Get-Command -Name 'Get-CMFolder' -ErrorAction Ignore)) {
        Add-Row -Kind 'Folder' -Object $name -Action 'left out' -Detail "this console has no cmdlets for folders: move the collection to $folder by hand"
        return
    }
    $parts = @($folder -split '[\\/]' | Where-Object -FilterScript { $_ })
    $path = 'DeviceCollection'
    foreach ($part in $parts) {
        $parent = $path
        $path = "$path\$part"
        if ($Run.Folders.ContainsKey($path)) { continue }
        $Run.Folders[$path] = $true
        $there = @(Get-CMFolder -FolderPath $path -DisableWildcardHandling -ErrorAction Ignore | Where-Object -FilterScript { $null -ne $_ })
        if ($there.Length -gt 0) { continue }
        $null = Invoke-Step -StepKind 'Folder' -StepObject $path -StepAction 'created' -StepBody { New-CMFolder -ParentFolderPath $parent -Name $part -DisableWildcardHandling }
    }
    if ($null -ne $Found) {
        # SMS_Collection says its folder from 1806 or so on; where it doesn't, only a new collection is moved.
        $now = Get-Field -From $Found -Name 'ObjectPath'
        if ($null -eq $now -and -not $Run.Made[$Entry.slug]) { return }
        if (Test-SameText -Left ([string]$now).Trim('/', '\').Replace('\', '/') -Right ($parts -join '/')) { return }
    }
    $null = Invoke-Step -StepKind 'Folder' -StepObject $name -StepAction 'moved' -StepDetail "to $path" -StepBody {
        Move-CMObject -FolderPath "${SiteDrive}:\$path" -ObjectId $Found.CollectionID -DisableWildcardHandling
    }
}

function Sync-Scope {
    # Security scopes that an object lacks. ConfigMgr scopes packages, applications and configuration items; collections have none.
    # One that it has beyond the policy's is left: who may see an object is decided by people too. An object that doesn't say its
    # scopes (SecuredScopeNames) gets them when it is made.
    param([string] $Name, [string[]] $Scopes, $Object, [switch] $New)
    if ($Scopes.Length -eq 0) { return }
    if (-not $New -and $null -eq (Get-Field -From $Object -Name 'SecuredScopeNames')) { return }
    $there = @(Get-List -From $Object -Name 'SecuredScopeNames')
    foreach ($scope in $Scopes) {
        if (@($there | Where-Object -FilterScript { Test-SameText -Left $_ -Right $scope }).Length -gt 0) { continue }
        $null = Invoke-Step -StepKind 'Security scope' -StepObject $Name -StepAction 'created' -StepDetail $scope -StepBody {
            Add-CMObjectSecurityScope -InputObject $Object -Name $scope -DisableWildcardHandling
        }
    }
}

function Sync-MaintenanceWindow {
    param($Entry, $Found)
    $windows = @(Get-List -From $Entry.collection -Name 'maintenance_windows')
    if ($windows.Length -eq 0) { return }
    if ($null -ne $Found -and $null -eq (Get-OwnMark -Text (Get-TextField -From (Get-Known -Found $Found) -Name 'Comment'))) {
        # A window holds for everyone's deployments to the collection.
        Add-Refusal -Kind 'Maintenance window' -Object $Entry.collection.name -Detail "this collection isn't policyc's, so it gets no maintenance windows: run with -Adopt '$($Entry.collection.name)', or take the windows out of the policy."
        return
    }
    foreach ($window in $windows) {
        $there = $null
        if ($null -ne $Found) {
            foreach ($one in @(Get-CMMaintenanceWindow -CollectionId $Found.CollectionID)) {
                if ($null -ne $one -and (Test-SameText -Left $one.Name -Right $window.name)) { $there = $one }
            }
        }
        if ($null -eq $there) {
            $null = Invoke-Step -StepKind 'Maintenance window' -StepObject $window.name -StepAction 'created' -StepDetail "on $($Entry.collection.name)" -StepBody {
                $schedule = Get-WantedSchedule -Schedule $window -Duration $window.duration
                New-CMMaintenanceWindow -CollectionId $Found.CollectionID -Name $window.name -Schedule $schedule -IsUtc ([bool]$window.utc) -ApplyTo 'Any' -IsEnabled $true -DisableWildcardHandling
            }
        } elseif (Test-SameSchedule -Text (Get-TextField -From $there -Name 'ServiceWindowSchedules') -Schedule $window -Duration $window.duration) {
            Add-Row -Kind 'Maintenance window' -Object $window.name -Action 'unchanged' -Detail "on $($Entry.collection.name)"
        } else {
            Add-Refusal -Kind 'Maintenance window' -Object $window.name -Detail "on $($Entry.collection.name): the site's schedule is another. Windows carry no mark, so this one is not changed: remove it in the console, then run again."
        }
    }
}

# Configuration items and baselines: cabinets, imported where the site has another content, never over a newer revision.
function Find-Digest {
    # An item or baseline by its identity, which the cabinet fixes: ModelName (CI_UniqueID is the same with a revision behind it).
    param([string] $Kind, [string] $UniqueId)
    return $Site[$Kind].Keys[$UniqueId]
}

function Get-Revision {
    # The revision of the digest, which an import compares: SDMPackageVersion. CIVersion counts what the site did to it.
    param($Object)
    $revision = Get-Field -From $Object -Name 'SDMPackageVersion'
    if ($null -eq $revision) { $revision = Get-Field -From $Object -Name 'CIVersion' }
    if ($null -eq $revision) { return 0 }
    return [int]$revision
}

function Sync-Digest {
    # One item or baseline. Gives what is on the site; $false where it couldn't be brought there.
    param([string] $Kind, $Wanted, $Entry)
    $there = Find-Digest -Kind $Kind -UniqueId $Wanted.unique_id
    if ($null -eq $there) {
        $named = $Site[$Kind].Names[$Wanted.name]
        if ($null -ne $named -and -not (Test-Moving -Kind $Kind -Object $named)) {
            Add-Refusal -Kind $Kind -Object $Wanted.name -Detail "The name is taken by another one ($($named.ModelName)). Rename it or the policy's, then run again; nothing was touched."
            return $false
        }
        return Import-Digest -Kind $Kind -Wanted $Wanted -Entry $Entry -Action 'created'
    }
    $mark = Get-OwnMark -Text (Get-TextField -From $there -Name 'LocalizedDescription')
    $revision = Get-Revision -Object $there
    if ($null -ne $mark -and $mark.Id -eq $Wanted.id -and $mark.Hash -eq $Wanted.hash) {
        if ($revision -eq [int]$Wanted.revision -and [string]::Equals($there.LocalizedDisplayName, $Wanted.name, [StringComparison]::Ordinal)) {
            Add-Row -Kind $Kind -Object $Wanted.name -Action 'unchanged' -Detail "revision $revision"
            Sync-Scope -Name $Wanted.name -Scopes @(Get-List -From $Entry.collection -Name 'security_scopes') -Object $there
        } else {
            # A change by hand made a revision of the site's own. An import can't go back, so only a higher one of ours puts it right.
            Add-Refusal -Kind $Kind -Object $Wanted.name -Detail "Changed by hand: the site has revision $revision, named '$($there.LocalizedDisplayName)'; policyc's is $($Wanted.revision). $(Get-RevisionAdvice -Revision $revision -Wanted $Wanted)"
        }
        return $there
    }
    if ($revision -ge [int]$Wanted.revision) {
        Add-Refusal -Kind $Kind -Object $Wanted.name -Detail "The site has revision $revision with another content, policyc's is revision $($Wanted.revision): it would refuse the import. $(Get-RevisionAdvice -Revision $revision -Wanted $Wanted)"
        return $false
    }
    # Nothing here knows which settings the item had before, so this is said whatever changed.
    $advice = if ($Kind -eq 'Configuration item' -and $null -ne (Find-RetirePackage -Entry $Entry)) { "; if a setting left it, devices keep what was written: $(Get-RetireCommand -Entry $Entry) undoes it" } else { '' }
    return Import-Digest -Kind $Kind -Wanted $Wanted -Entry $Entry -Action 'updated' -Advice $advice
}

function Get-RevisionAdvice {
    param([int] $Revision, $Wanted)
    return "Someone deployed a newer output (pull it from git), or changed it in the console: then set the revision of $($Wanted.unique_id) in output/revisions.json to $Revision, compile with a change, commit, and run again."
}

function Import-Digest {
    param([string] $Kind, $Wanted, $Entry, [string] $Action, [string] $Advice)
    $path = "$($Entry.slug)/$($Wanted.cabinet)"
    $made = Invoke-Step -StepKind $Kind -StepObject $Wanted.name -StepAction $Action -StepDetail "revision $($Wanted.revision)$Advice" -StepBody {
        # Read again now: what is imported is what the manifest knows.
        $null = Read-OutputFile -Path $path
        $null = Use-LocalFile -LocalPath (Get-OutputPath -Path $path) -LocalBody {
            param($File)
            # The console would ask whether an unsigned cabinet may be imported.
            if ($Kind -eq 'Baseline') { Import-CMBaseline -FileName $File -Force -DisableWildcardHandling } else { Import-CMConfigurationItem -FileName $File -Force -DisableWildcardHandling }
        }
        Read-SiteObject -Kind $Kind -Name $Wanted.name
        # Its deployments name the new revision's CI_ID.
        if ($Kind -eq 'Baseline') { $Site.Lists.Remove('Baseline deployment') }
        $there = Find-Digest -Kind $Kind -UniqueId $Wanted.unique_id
        if ($null -eq $there) { throw "The site took '$path' without an error, but has no $($Wanted.unique_id) after it. See SMSProv.log on the site server." }
        $there
    }
    if ($null -eq $made) { return $null }
    Sync-Scope -Name $Wanted.name -Scopes @(Get-List -From $Entry.collection -Name 'security_scopes') -Object $made -New
    return $made
}

function Sync-Compliance {
    # Items first: a baseline is only imported where all that it refers to is there.
    param($Entry, $Found)
    $baseline = $Entry.baseline
    if ($null -eq $baseline) { return }
    $complete = $true
    foreach ($item in @(Get-List -From $baseline -Name 'items')) {
        $there = Sync-Digest -Kind 'Configuration item' -Wanted $item -Entry $Entry
        if ($there -is [bool]) { $complete = $false }
    }
    if (-not $complete) {
        Add-Row -Kind 'Baseline' -Object $baseline.name -Action 'left out' -Detail 'waits for its configuration items'
        return
    }
    $there = Sync-Digest -Kind 'Baseline' -Wanted $baseline -Entry $Entry
    if ($there -is [bool]) { return }
    Sync-BaselineDeployment -Entry $Entry -Found $Found -Baseline $there
}

function Get-BaselineDeployment {
    # Deployments of a baseline to a collection.
    param([string] $BaselineId, [string] $CollectionId)
    foreach ($one in @(Get-Listed -Kind 'Baseline deployment' -Key $BaselineId)) { if ($one.TargetCollectionID -eq $CollectionId) { $one } }
}

function Sync-BaselineDeployment {
    param($Entry, $Found, $Baseline)
    $wanted = $Entry.baseline.deployment
    if ($null -eq $wanted) { return }
    $name = "$($Entry.baseline.name) to $($Entry.collection.name)"
    $parameters = ConvertTo-Splat -From $wanted.parameters
    $there = $null
    if ($null -ne $Baseline -and $null -ne $Found) {
        $there = Get-BaselineDeployment -BaselineId $Baseline.CI_ID -CollectionId $Found.CollectionID | Select-Object -First 1
    }
    if ($null -eq $there) {
        $null = Invoke-Step -StepKind 'Baseline deployment' -StepObject $name -StepAction 'created' -StepBody {
            $schedule = Get-WantedSchedule -Schedule $wanted.schedule
            $null = New-CMBaselineDeployment -Id $Baseline.CI_ID -CollectionId $Found.CollectionID -Schedule $schedule @parameters -DisableWildcardHandling
            Read-Listed -Kind 'Baseline deployment' -Key $Baseline.CI_ID
        }
        return
    }
    $detail = @()
    # 1 only reports, 2 remediates.
    $action = if ($parameters['EnableEnforcement']) { 2 } else { 1 }
    $now = Get-Field -From $there -Name 'AssignmentAction'
    if ($null -ne $now -and [int]$now -ne $action) { $detail += if ($action -eq 2) { 'remediation on' } else { 'remediation off' } }
    $now = Get-Field -From $there -Name 'OverrideServiceWindows'
    if ($null -ne $now -and [bool]$now -ne [bool]$parameters['OverrideServiceWindow']) { $detail += "outside maintenance windows: $([bool]$parameters['OverrideServiceWindow'])" }
    if (-not (Test-SameSchedule -Text (Get-TextField -From $there -Name 'EvaluationSchedule') -Schedule $wanted.schedule)) { $detail += 'schedule' }
    if ($detail.Length -eq 0) {
        Add-Row -Kind 'Baseline deployment' -Object $name -Action 'unchanged'
        return
    }
    $null = Invoke-Step -StepKind 'Baseline deployment' -StepObject $name -StepAction 'updated' -StepDetail ($detail -join ', ') -StepBody {
        $schedule = Get-WantedSchedule -Schedule $wanted.schedule
        Set-CMBaselineDeployment -BaselineId ([string]$Baseline.CI_ID) -CollectionId $Found.CollectionID -Schedule $schedule @parameters -DisableWildcardHandling
    }
}

# Content: the files of a package in the folder that the site server reads, and on the distribution points.
function Get-ContentFolder {
    # Where a package's content lies; nothing where nobody says it.
    param($Entry, $Wanted)
    if ($Asked.ContentSource) { return [IO.Path]::Combine($Asked.ContentSource, $Entry.slug, $Wanted.key) }
    if ($Wanted.content.source) { return $Wanted.content.source }
    if ($Estate.content_source) { return [IO.Path]::Combine($Estate.content_source, $Entry.slug, $Wanted.key) }
    return ''
}

function Test-FileHash {
    param([string] $Path, [string] $Sha256)
    if (-not [IO.File]::Exists($Path)) { return $false }
    return -not $Sha256 -or (Get-Sha256 -Bytes ([IO.File]::ReadAllBytes($Path))) -eq $Sha256
}

function Get-StagedSource {
    # The vendor's script where the policy says that it lies, if this machine can read it and it is the right one.
    param($Staged)
    if (-not $Staged.from) { return '' }
    $path = [IO.Path]::Combine($Staged.from, $Staged.file)
    if (Test-FileHash -Path $path -Sha256 $Staged.sha256) { return $path }
    return ''
}

function Test-SameFile {
    param([string] $Left, [string] $Right)
    return [IO.File]::Exists($Right) -and (Get-Sha256 -Bytes ([IO.File]::ReadAllBytes($Left))) -eq (Get-Sha256 -Bytes ([IO.File]::ReadAllBytes($Right)))
}

function Get-ContentDifference {
    # Files to be copied: from and to.
    param($Entry, $Wanted, [string] $Target)
    foreach ($file in @(Get-List -From $Wanted.content -Name 'files')) {
        $path = "$($Entry.slug)/$($Wanted.content.folder)/$($file.name)"
        $null = Read-OutputFile -Path $path
        $from = Get-OutputPath -Path $path
        $to = [IO.Path]::Combine($Target, $file.name.Replace('/', [string][IO.Path]::DirectorySeparatorChar))
        if (-not (Test-SameFile -Left $from -Right $to)) { @{ From = $from; To = $to; Name = $file.name } }
    }
    $staged = $Wanted.content.staged
    if ($null -eq $staged) { return }
    $from = Get-StagedSource -Staged $staged
    $to = [IO.Path]::Combine($Target, $staged.file)
    if ($from -and -not (Test-SameFile -Left $from -Right $to)) { @{ From = $from; To = $to; Name = $staged.file } }
}

function Copy-Content {
    param([object[]] $Files)
    foreach ($file in $Files) {
        $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file.To))
        # Whole or not at all: a distribution point must not read half a script.
        $half = "$($file.To).policyc"
        [IO.File]::Copy($file.From, $half, $true)
        if ([IO.File]::Exists($file.To)) { [IO.File]::Delete($file.To) }
        [IO.File]::Move($half, $file.To)
    }
}

function Get-ContentGroup {
    # GroupID of every distribution point group that has the content: SMS_DPGroupContentInfo, as no cmdlet lists them. Where that
    # can't be read, all of the groups that are wanted count if the content was sent anywhere at all.
    param([string] $Property, [string] $Value, [string] $PackageId)
    $literal = $Value.Replace('\', '\\').Replace("'", "\'")
    try {
        $query = "SELECT GroupID, $Property FROM SMS_DPGroupContentInfo WHERE $Property = '$literal'"
        foreach ($one in @(Invoke-CMWmiQuery -Query $query -Option 'Fast' -WhatIf:$false -Confirm:$false)) { if ($null -ne $one) { $one.GroupID } }
    } catch {
        Write-Verbose -Message "SMS_DPGroupContentInfo can't be read: $($_.Exception.Message)"
        if (-not $PackageId) { return }
        $targeted = 0
        foreach ($status in @(Get-CMDistributionStatus -Id $PackageId)) { if ($null -ne $status) { $targeted += [int]$status.Targeted } }
        if ($targeted -gt 0) { foreach ($group in $Site.Groups) { $group.GroupID } }
    }
}

function Get-MissingGroup {
    # The wanted groups that the content was not sent to. A name that the site doesn't know stays, for the site to refuse.
    param([string[]] $Groups, [string[]] $There)
    foreach ($name in $Groups) {
        $group = $Site.Groups | Where-Object -FilterScript { Test-SameText -Left $_.Name -Right $name } | Select-Object -First 1
        if ($null -eq $group -or $There -notcontains $group.GroupID) { $name }
    }
}

# Packages with their programs and deployments. A package gets the hash of its mark last: until then every step is looked at again.
function Sync-Package {
    param($Entry, $Found, $Wanted)
    $parameters = ConvertTo-Splat -From $Wanted.parameters
    $there = Find-Object -Kind 'Package' -Id $Wanted.id -Name $Wanted.parameters.Name
    if ($there -is [bool]) { return }
    $folder = Get-ContentFolder -Entry $Entry -Wanted $Wanted
    $differences = @(Get-ContentDifference -Entry $Entry -Wanted $Wanted -Target $folder)
    $text = $Wanted.parameters.Description
    $renew = $differences.Length -gt 0 -or ($null -ne $there -and (Get-OwnHash -Kind 'Package' -Object $there) -eq $Unfinished)
    if ($null -eq $there) {
        $there = Invoke-Step -StepKind 'Package' -StepObject $Wanted.parameters.Name -StepAction 'created' -StepDetail $folder -StepBody {
            $parameters.Description = Get-UnfinishedText -Text $text
            New-CMPackage @parameters -Path $folder -DisableWildcardHandling
        }
        if ($null -ne $there) { Register-Object -Kind 'Package' -Object $there }
        $finished = $false
    } else {
        $finished = Repair-Package -Wanted $Wanted -Found $there -Folder $folder -Differences $differences
    }
    $packageId = if ($null -ne $there) { $there.PackageID } else { '' }
    if ($differences.Length -gt 0) {
        $names = Format-Name -Names @($differences | ForEach-Object -Process { $_.Name })
        $null = Invoke-Step -StepKind 'Content' -StepObject $Wanted.parameters.Name -StepAction 'copied' -StepDetail "$names to $folder" -StepBody { Copy-Content -Files $differences }
    }
    Send-Package -Name $Wanted.parameters.Name -PackageId $packageId -Groups @(Get-List -From $Wanted -Name 'distribution_point_groups') -Renew $renew
    $programs = @(Get-List -From $Wanted -Name 'programs')
    $complete = $true
    $known = @()
    if ($packageId) { $known = @(Get-SiteProgram -PackageId $packageId) }
    foreach ($program in $programs) { if (-not (Sync-Program -PackageId $packageId -Known $known -Wanted $program -PackageName $Wanted.parameters.Name)) { $complete = $false } }
    Sync-Scope -Name $Wanted.parameters.Name -Scopes @(Get-List -From $Entry.collection -Name 'security_scopes') -Object $there -New:(-not $finished)
    if (-not $finished -and $complete) {
        $null = Invoke-Step -StepKind 'Mark' -StepObject $Wanted.parameters.Name -StepAction 'updated' -StepDetail 'description of the package' -StepBody {
            Set-CMPackage -Id $packageId -Description $text -DisableWildcardHandling
            Read-SiteObject -Kind 'Package' -Name $Wanted.parameters.Name
        }
    } elseif ($finished) {
        Add-Row -Kind 'Package' -Object $Wanted.parameters.Name -Action 'unchanged' -Detail $packageId
    }
    if (-not $complete) { return }
    if (@($programs | Where-Object -FilterScript { Test-SameText -Left $_.name -Right $RetireProgram }).Length -gt 0) { Sync-RetireDeployment -Entry $Entry -Found $Found -Package $there }
    Sync-PackageDeployments -Entry $Entry -Found $Found -Wanted $Wanted -Package $there
}

function Repair-Package {
    # Name, path and other properties. Gives whether all of the package was made by an earlier run.
    param($Wanted, $Found, [string] $Folder, [object[]] $Differences)
    $hash = Get-OwnHash -Kind 'Package' -Object $Found
    $detail = @()
    if (-not [string]::Equals($Found.Name, $Wanted.parameters.Name, [StringComparison]::Ordinal)) { $detail += "renamed from '$($Found.Name)'" }
    # A console may have put a backslash behind it.
    if (-not (Test-SameText -Left ([string]$Found.PkgSourcePath).TrimEnd('\', '/') -Right $Folder.TrimEnd('\', '/'))) { $detail += "content from $Folder" }
    if ($hash -ne $Wanted.hash) { $detail += if ($hash -eq $Unfinished) { 'finishing what an earlier run began' } else { 'changed in the policy' } }
    if ($detail.Length -eq 0 -and $Differences.Length -eq 0) { return $true }
    if ($detail.Length -eq 0) { $detail += 'content differs' }
    $null = Invoke-Step -StepKind 'Package' -StepObject $Wanted.parameters.Name -StepAction 'updated' -StepDetail ($detail -join ', ') -StepBody {
        $changes = ConvertTo-Splat -From $Wanted.parameters
        $changes.NewName = $changes.Name
        $changes.Remove('Name')
        $changes.Description = Get-UnfinishedText -Text $changes.Description
        Set-CMPackage -Id $Found.PackageID @changes -Path $Folder -DisableWildcardHandling
    }
    return $false
}

function Send-Package {
    # To the groups that lack it, and anew to those that have it where its content changed.
    param([string] $Name, [string] $PackageId, [string[]] $Groups, [bool] $Renew)
    $there = @()
    if ($PackageId) { $there = @(Get-ContentGroup -Property 'PackageID' -Value $PackageId -PackageId $PackageId) }
    $missing = @(Get-MissingGroup -Groups $Groups -There $there)
    foreach ($group in $missing) {
        $null = Invoke-Step -StepKind 'Distribution' -StepObject $Name -StepAction 'distributed' -StepDetail "to $group" -StepBody {
            Start-CMContentDistribution -PackageId $PackageId -DistributionPointGroupName $group -DisableWildcardHandling
        }
    }
    if ($Renew -and $there.Length -gt 0) {
        $null = Invoke-Step -StepKind 'Distribution' -StepObject $Name -StepAction 'updated' -StepDetail 'content on all its distribution points' -StepBody {
            Update-CMDistributionPoint -PackageId $PackageId -DisableWildcardHandling
        }
    } elseif ($missing.Length -eq 0) {
        Add-Row -Kind 'Distribution' -Object $Name -Action 'unchanged' -Detail ($Groups -join ', ')
    }
}

function Get-SiteProgram {
    param([string] $PackageId)
    Get-Listed -Kind 'Program' -Key $PackageId
}

function Sync-Program {
    # Gives whether the program is as it shall be.
    param([string] $PackageId, [object[]] $Known, $Wanted, [string] $PackageName)
    $name = "$PackageName - $($Wanted.name)"
    $of = @{ PackageId = $PackageId }
    $there = $Known | Where-Object -FilterScript { Test-SameText -Left $_.ProgramName -Right $Wanted.name } | Select-Object -First 1
    $settings = ConvertTo-Splat -From $Wanted.program
    $after = ConvertTo-Splat -From $Wanted.after
    $after.StandardProgram = $true
    if ($null -eq $there) {
        $null = Invoke-Step -StepKind 'Program' -StepObject $name -StepAction 'created' -StepDetail $Wanted.program.CommandLine -StepBody {
            $null = New-CMProgram @of @settings -DisableWildcardHandling
            Set-CMProgram @of -ProgramName $Wanted.name @after -DisableWildcardHandling
            Read-Listed -Kind 'Program' -Key $of.PackageId
        }
        return $true
    }
    $comment = Get-TextField -From $there -Name 'Comment'
    $mark = Get-OwnMark -Text $comment
    # Without any comment it is one that a run of ours began and couldn't end: its package is ours.
    if ($null -eq $mark -and $comment) {
        Add-Refusal -Kind 'Program' -Object $name -Detail "A program of this name is in the package and isn't policyc's. Remove it in the console, then run again; it was not touched."
        return $false
    }
    if ($null -ne $mark -and $mark.Hash -eq $Wanted.hash -and [string]::Equals($there.CommandLine, $Wanted.program.CommandLine, [StringComparison]::Ordinal)) {
        Add-Row -Kind 'Program' -Object $name -Action 'unchanged'
        return $true
    }
    $null = Invoke-Step -StepKind 'Program' -StepObject $name -StepAction 'updated' -StepDetail $Wanted.program.CommandLine -StepBody {
        $settings.Remove('StandardProgramName')
        foreach ($key in $after.Keys) { $settings[$key] = $after[$key] }
        Set-CMProgram @of -ProgramName $Wanted.name @settings -DisableWildcardHandling
    }
    return $true
}

function Get-PackageDeployment {
    # Deployments of a program to a collection; of all programs and to all collections where none is named.
    param([string] $PackageId, [string] $ProgramName, [string] $CollectionId)
    foreach ($one in @(Get-Listed -Kind 'Program deployment' -Key $PackageId)) {
        if ($ProgramName -and -not (Test-SameText -Left $one.ProgramName -Right $ProgramName)) { continue }
        if ($CollectionId -and $one.CollectionID -ne $CollectionId) { continue }
        $one
    }
}

function Sync-PackageDeployments {
    param($Entry, $Found, $Wanted, $Package)
    $deployed = @(Get-List -From $Wanted -Name 'programs' | Where-Object -FilterScript { $_.deploy })
    $missing = @(foreach ($program in $deployed) {
            $there = $null
            if ($null -ne $Package -and $null -ne $Found) { $there = Get-PackageDeployment -PackageId $Package.PackageID -ProgramName $program.name -CollectionId $Found.CollectionID | Select-Object -First 1 }
            if ($null -ne $there -and (Test-Ended -Kind 'Package' -Id $Wanted.id -Program $program.name -CollectionId $Found.CollectionID)) { $there = $null }
            if ($null -eq $there) { @{ Program = $program; There = $null; Reason = '' } } else { Repair-PackageDeployment -Entry $Entry -Found $Found -Program $program -Package $Package -There $there }
        })
    if ($missing.Length -eq 0) {
        if ($deployed.Length -gt 0) { Confirm-Apart -Entry $Entry -Found $Found -Action $Wanted.action }
        return
    }
    if (-not (Open-Gate -Entry $Entry -Found $Found -Action $Wanted.action -Name $Wanted.parameters.Name)) { return }
    $collectionId = Get-TextField -From $Found -Name 'CollectionID'
    foreach ($one in $missing) {
        $program = $one.Program
        $name = "$($Wanted.parameters.Name) - $($program.name) to $($Entry.collection.name)"
        $action = if ($null -eq $one.There) { 'created' } else { 'replaced' }
        $null = Invoke-Step -StepKind 'Deployment' -StepObject $name -StepAction $action -StepDetail $one.Reason -StepBody {
            $parameters = ConvertTo-Splat -From $program.deployment.parameters
            $parameters.StandardProgram = $true
            if ($null -ne $program.deployment.schedule) { $parameters.Schedule = Get-WantedSchedule -Schedule $program.deployment.schedule }
            # Whatever may fail before is done; where the next line fails, the next run finds none and makes it.
            if ($null -ne $one.There) { Remove-CMPackageDeployment -DeploymentId $one.There.AdvertisementID -Force -DisableWildcardHandling }
            $null = New-CMPackageDeployment -PackageId $Package.PackageID -ProgramName $program.name -CollectionId $collectionId @parameters -DisableWildcardHandling
            Read-Listed -Kind 'Program deployment' -Key $Package.PackageID
        }
    }
}

# Names that differ between New-CMPackageDeployment and Set-CMPackageDeployment; $null: can't be changed afterwards.
$DeploymentNames = @{
    AvailableDateTime = 'DeploymentAvailableDateTime'; DeadlineDateTime = 'DeploymentExpireDateTime'
    DeployPurpose = $null; StandardProgram = $null; DistributeContent = $null; DistributeCollectionName = $null
    DistributionPointGroupName = $null; DistributionPointName = $null
}

function Test-Later {
    # Whether a moment of a deployment on the site is still to come, and so holds something back; one that can't be read may be.
    param($Value, [bool] $Utc)
    if ($null -eq $Value -or [string]$Value -eq '') { return $false }
    try { $moment = ConvertTo-Moment -Value $Value } catch [FormatException] { return $true }
    return $moment -gt $(if ($Utc) { [DateTime]::UtcNow } else { [DateTime]::Now })
}

# OfferType of SMS_Advertisement, OfferTypeID of SMS_ApplicationAssignment.
$OfferTypes = @{ Required = '0'; Available = '2' }

function Get-PurposeProblem {
    # No cmdlet changes the purpose of a deployment.
    param([string] $There, [string] $Wanted)
    if ($There -eq $OfferTypes[$Wanted]) { return '' }
    return "its purpose becomes $($Wanted.ToLowerInvariant())"
}

function Get-PackageReplacement {
    # Why a changed deployment must be made anew: what goes away in the policy stays on the site, as no parameter of
    # Set-CMPackageDeployment takes it away. Nothing where that cmdlet is enough; what the site doesn't tell counts as a reason.
    # AssignedSchedule and the Enabled properties are lazy: a list may leave them out, but AdvertFlags and TimeFlags say the same.
    param($There, $Deployment)
    $wanted = $Deployment.parameters
    $purpose = Get-PurposeProblem -There (Get-TextField -From $There -Name 'OfferType') -Wanted $wanted.DeployPurpose
    if ($purpose) { return $purpose }
    foreach ($name in 'AdvertFlags', 'TimeFlags') { if ($null -eq (Get-Field -From $There -Name $name)) { return "the site doesn't tell its $name" } }
    $times = [long]$There.TimeFlags
    $present = Get-Field -From $There -Name 'PresentTime'
    $start = ($times -band 0x1) -ne 0 -and ($null -eq $present -or (Test-Later -Value $present -Utc (($times -band 0x20) -ne 0)))
    if ($start -and $null -eq (Get-Field -From $wanted -Name 'AvailableDateTime')) { return 'its start is no longer in the policy' }
    if (($times -band 0x2) -ne 0 -and $null -eq (Get-Field -From $wanted -Name 'DeadlineDateTime')) { return 'its expiry is no longer in the policy' }
    $scheduled = ($times -band 0x10) -ne 0 -or @(Get-List -From $There -Name 'AssignedSchedule').Length -gt 0
    if ($scheduled -and $null -eq $Deployment.schedule) { return 'its schedule is no longer in the policy' }
    # IMMEDIATE: an assignment as soon as possible, which would stay beside the schedule.
    if (([long]$There.AdvertFlags -band 0x20) -ne 0 -and $null -eq (Get-Field -From $wanted -Name 'ScheduleEvent')) { return 'it no longer starts as soon as possible' }
    return ''
}

function Repair-PackageDeployment {
    # Brings it to what the policy says; gives it back, with the reason, where only another can be that.
    param($Entry, $Found, $Program, $Package, $There)
    $name = "$($Package.Name) - $($Program.name) to $($Entry.collection.name)"
    $comment = Get-TextField -From $There -Name 'Comment'
    $mark = Get-OwnMark -Text $comment
    if ($null -eq $mark) {
        Add-Refusal -Kind 'Deployment' -Object $name -Detail "This program is already deployed there by hand ($($There.AdvertisementID)). Remove that deployment in the console, then run again; it was not touched."
        return
    }
    if ($mark.Hash -eq $Program.deployment.hash) {
        Add-Row -Kind 'Deployment' -Object $name -Action 'unchanged'
        return
    }
    $reason = Get-PackageReplacement -There $There -Deployment $Program.deployment
    if ($reason) { return @{ Program = $Program; There = $There; Reason = $reason } }
    $collectionId = $Found.CollectionID
    $null = Invoke-Step -StepKind 'Deployment' -StepObject $name -StepAction 'updated' -StepBody {
        $wanted = ConvertTo-Splat -From $Program.deployment.parameters
        $parameters = @{}
        foreach ($key in $wanted.Keys) {
            if (-not $DeploymentNames.ContainsKey($key)) { $parameters[$key] = $wanted[$key] }
            elseif ($null -ne $DeploymentNames[$key]) { $parameters[$DeploymentNames[$key]] = $wanted[$key] }
        }
        if ($parameters.ContainsKey('DeploymentExpireDateTime')) { $parameters.EnableExpireSchedule = $true }
        if ($null -ne $Program.deployment.schedule) { $parameters.Schedule = Get-WantedSchedule -Schedule $Program.deployment.schedule }
        $null = Set-CMPackageDeployment -PackageId $Package.PackageID -StandardProgramName $Program.name -CollectionId $collectionId @parameters -DisableWildcardHandling
    }
}

# Applications: the same content as a package, and a detection script that has the client try again until the sensor reports.
function Sync-Application {
    param($Entry, $Found, $Wanted)
    $parameters = ConvertTo-Splat -From $Wanted.parameters
    $name = $Wanted.parameters.Name
    $there = Find-Object -Kind 'Application' -Id $Wanted.id -Name $name
    if ($there -is [bool]) { return }
    $content = Get-ContentFolder -Entry $Entry -Wanted $Wanted
    $differences = @(Get-ContentDifference -Entry $Entry -Wanted $Wanted -Target $content)
    $null = Read-OutputFile -Path "$($Entry.slug)/$($Wanted.detection_script)"
    $hash = ''
    if ($null -eq $there) {
        $there = Invoke-Step -StepKind 'Application' -StepObject $name -StepAction 'created' -StepBody {
            $parameters.Description = Get-UnfinishedText -Text $Wanted.parameters.Description
            New-CMApplication @parameters -DisableWildcardHandling
        }
        if ($null -ne $there) { $there = Read-Application -Wanted $Wanted }
    } else {
        $hash = Get-OwnHash -Kind 'Application' -Object $there
        $there = Repair-Application -Wanted $Wanted -Found $there -Differences $differences
    }
    $finished = $hash -eq $Wanted.hash -and $differences.Length -eq 0 -and $null -ne $there -and (Get-OwnHash -Kind 'Application' -Object $there) -eq $Wanted.hash
    if ($differences.Length -gt 0) {
        $names = Format-Name -Names @($differences | ForEach-Object -Process { $_.Name })
        $null = Invoke-Step -StepKind 'Content' -StepObject $name -StepAction 'copied' -StepDetail "$names to $content" -StepBody { Copy-Content -Files $differences }
    }
    if (-not $finished) { Sync-DeploymentType -Entry $Entry -Wanted $Wanted -Application $there -Content $content }
    Send-Application -Wanted $Wanted -Application $there -Renew ($differences.Length -gt 0 -or $hash -eq $Unfinished)
    Sync-Scope -Name $name -Scopes @(Get-List -From $Entry.collection -Name 'security_scopes') -Object $there -New:(-not $finished)
    if ($finished) {
        Add-Row -Kind 'Application' -Object $name -Action 'unchanged'
    } else {
        $null = Invoke-Step -StepKind 'Mark' -StepObject $name -StepAction 'updated' -StepDetail 'description of the application' -StepBody {
            Set-CMApplication -Id (Read-Application -Wanted $Wanted).CI_ID -Description $Wanted.parameters.Description -DisableWildcardHandling
            $null = Read-Application -Wanted $Wanted
        }
    }
    Sync-ApplicationDeployment -Entry $Entry -Found $Found -Wanted $Wanted -Application $there
}

function Send-Application {
    param($Wanted, $Application, [bool] $Renew)
    $name = $Wanted.parameters.Name
    $type = $Wanted.deployment_type.DeploymentTypeName
    $groups = @(Get-List -From $Wanted -Name 'distribution_point_groups')
    $there = @()
    if ($null -ne $Application) { $there = @(Get-ContentGroup -Property 'ObjectID' -Value $Application.ModelName -PackageId (Get-TextField -From $Application -Name 'PackageID')) }
    $missing = @(Get-MissingGroup -Groups $groups -There $there)
    foreach ($group in $missing) {
        $null = Invoke-Step -StepKind 'Distribution' -StepObject $name -StepAction 'distributed' -StepDetail "to $group" -StepBody {
            Start-CMContentDistribution -ApplicationId (Read-Application -Wanted $Wanted).CI_ID -DistributionPointGroupName $group -DisableWildcardHandling
        }
    }
    if ($Renew -and $there.Length -gt 0) {
        $null = Invoke-Step -StepKind 'Distribution' -StepObject $name -StepAction 'updated' -StepDetail 'content on all its distribution points' -StepBody {
            Update-CMDistributionPoint -ApplicationName $name -DeploymentTypeName $type -DisableWildcardHandling
        }
    } elseif ($missing.Length -eq 0) {
        Add-Row -Kind 'Distribution' -Object $name -Action 'unchanged' -Detail ($groups -join ', ')
    }
}

function Read-Application {
    # Each change gives an application a new CI_ID: it is read again before the next.
    param($Wanted)
    Read-SiteObject -Kind 'Application' -Name $Wanted.parameters.Name
    return Find-Own -Kind 'Application' -Id $Wanted.id
}

function Repair-Application {
    param($Wanted, $Found, [object[]] $Differences)
    $hash = Get-OwnHash -Kind 'Application' -Object $Found
    $renamed = -not [string]::Equals($Found.LocalizedDisplayName, $Wanted.parameters.Name, [StringComparison]::Ordinal)
    if (-not $renamed -and $hash -eq $Wanted.hash -and $Differences.Length -eq 0) { return $Found }
    $detail = if ($renamed) { "renamed from '$($Found.LocalizedDisplayName)'" } elseif ($hash -eq $Unfinished) { 'finishing what an earlier run began' } else { 'changed in the policy' }
    $null = Invoke-Step -StepKind 'Application' -StepObject $Wanted.parameters.Name -StepAction 'updated' -StepDetail $detail -StepBody {
        $changes = ConvertTo-Splat -From $Wanted.parameters
        $changes.NewName = $changes.Name
        $changes.Remove('Name')
        # The catalogue's name has another parameter once an application is there.
        if ($changes.ContainsKey('LocalizedName')) {
            $changes.LocalizedApplicationName = $changes.LocalizedName
            $changes.Remove('LocalizedName')
        }
        $changes.Description = Get-UnfinishedText -Text $changes.Description
        Set-CMApplication -Id $Found.CI_ID @changes -DisableWildcardHandling
    }
    if ($WhatIfPreference) { return $Found }
    return Read-Application -Wanted $Wanted
}

function Sync-DeploymentType {
    param($Entry, $Wanted, $Application, [string] $Content)
    $detection = Get-OutputPath -Path "$($Entry.slug)/$($Wanted.detection_script)"
    $type = ConvertTo-Splat -From $Wanted.deployment_type
    $name = $type.DeploymentTypeName
    $there = $null
    if ($null -ne $Application) {
        $there = Get-CMDeploymentType -InputObject $Application | Where-Object -FilterScript { $null -ne $_ -and (Test-SameText -Left $_.LocalizedDisplayName -Right $name) } | Select-Object -First 1
    }
    $type.ContentLocation = $Content
    if (-not $type.ContainsKey('ScriptLanguage')) { $type.ScriptLanguage = 'PowerShell' }
    $action = if ($null -eq $there) { 'created' } else { 'updated' }
    $null = Invoke-Step -StepKind 'Deployment type' -StepObject "$($Wanted.parameters.Name) - $name" -StepAction $action -StepBody {
        $id = (Read-Application -Wanted $Wanted).CI_ID
        # As a file: text that went through a parameter may lose its signature.
        $null = Use-LocalFile -LocalPath $detection -LocalBody {
            param($File)
            if ($null -eq $there) { Add-CMScriptDeploymentType -ApplicationId $id -ScriptFile $File @type -DisableWildcardHandling } else { Set-CMScriptDeploymentType -ApplicationId $id -ScriptFile $File @type -DisableWildcardHandling }
        }
    }
}

function Get-ApplicationDeployment {
    # Deployments of an application; to one collection where it is named.
    param($Application, [string] $CollectionId)
    foreach ($one in @(Get-CMApplicationDeployment -InputObject $Application)) {
        if ($null -eq $one) { continue }
        if (-not $CollectionId -or $one.TargetCollectionID -eq $CollectionId) { $one }
    }
}

function Get-ApplicationReplacement {
    # Why a changed deployment must be made anew, as with a package's; nothing where Set-CMApplicationDeployment is enough.
    param($There, $Wanted)
    $purpose = Get-PurposeProblem -There (Get-TextField -From $There -Name 'OfferTypeID') -Wanted $Wanted.DeployPurpose
    if ($purpose) { return $purpose }
    # 1: installs, 2: uninstalls.
    $install = if ($Wanted.DeployAction -eq 'Install') { '1' } else { '2' }
    if ((Get-TextField -From $There -Name 'DesiredConfigType') -ne $install) { return "it becomes one that does '$($Wanted.DeployAction)'" }
    foreach ($name in 'StartTime', 'UseGMTTimes') { if ($null -eq (Get-Field -From $There -Name $name)) { return "the site doesn't tell its $name" } }
    $moments = @{ AvailableDateTime = 'StartTime'; DeadlineDateTime = 'EnforcementDeadline' }
    foreach ($parameter in 'AvailableDateTime', 'DeadlineDateTime') {
        if ($null -ne (Get-Field -From $Wanted -Name $parameter)) { continue }
        # An available one has no deadline on the site.
        $moment = Get-Field -From $There -Name $moments[$parameter]
        if (Test-Later -Value $moment -Utc ([bool]$There.UseGMTTimes)) { return 'its start is no longer in the policy' }
    }
    return ''
}

function Repair-ApplicationDeployment {
    # Its comment (AssignmentDescription) has the mark. One without a mark was made by hand. Gives why it must be made anew.
    param([string] $Name, $There, $Wanted, [int] $ApplicationId)
    $mark = Get-OwnMark -Text (Get-TextField -From $There -Name 'AssignmentDescription')
    if ($null -eq $mark) {
        Add-Refusal -Kind 'Deployment' -Object $Name -Detail "This application is already deployed there by hand ($($There.AssignmentUniqueID)). Remove that deployment in the console, then run again; it was not touched."
        return
    }
    if ($mark.Hash -eq $Wanted.deployment.hash) {
        Add-Row -Kind 'Deployment' -Object $Name -Action 'unchanged'
        return
    }
    $reason = Get-ApplicationReplacement -There $There -Wanted $Wanted.deployment.parameters
    if ($reason) { return $reason }
    $id = [string]$ApplicationId
    $collectionId = $There.TargetCollectionID
    $null = Invoke-Step -StepKind 'Deployment' -StepObject $Name -StepAction 'updated' -StepBody {
        $parameters = ConvertTo-Splat -From $Wanted.deployment.parameters
        # What Set-CMApplicationDeployment can't change.
        foreach ($key in 'DeployAction', 'DeployPurpose', 'DistributeContent', 'DistributionPointGroupName') { $parameters.Remove($key) }
        $null = Set-CMApplicationDeployment -ApplicationId $id -CollectionId $collectionId @parameters -DisableWildcardHandling
    }
}

function Sync-ApplicationDeployment {
    param($Entry, $Found, $Wanted, $Application)
    if ($null -eq $Wanted.deployment) { return }
    $name = "$($Wanted.parameters.Name) to $($Entry.collection.name)"
    $there = $null
    if ($null -ne $Application) { $Application = Find-Own -Kind 'Application' -Id $Wanted.id }
    if ($null -ne $Application -and $null -ne $Found) { $there = Get-ApplicationDeployment -Application $Application -CollectionId $Found.CollectionID | Select-Object -First 1 }
    if ($null -ne $there -and (Test-Ended -Kind 'Application' -Id $Wanted.id -CollectionId $Found.CollectionID)) { $there = $null }
    $reason = ''
    if ($null -ne $there) { $reason = [string](Repair-ApplicationDeployment -Name $name -There $there -Wanted $Wanted -ApplicationId $Application.CI_ID) }
    if ($null -ne $there -and -not $reason) {
        Confirm-Apart -Entry $Entry -Found $Found -Action $Wanted.action
        return
    }
    if (-not (Open-Gate -Entry $Entry -Found $Found -Action $Wanted.action -Name $Wanted.parameters.Name)) { return }
    $action = if ($null -eq $there) { 'created' } else { 'replaced' }
    $null = Invoke-Step -StepKind 'Deployment' -StepObject $name -StepAction $action -StepDetail $reason -StepBody {
        $parameters = ConvertTo-Splat -From $Wanted.deployment.parameters
        if ($null -ne $there) { Remove-CMApplicationDeployment -DeploymentId $there.AssignmentUniqueID -Force -DisableWildcardHandling }
        $null = New-CMApplicationDeployment -Id $Application.CI_ID -CollectionId $Found.CollectionID @parameters -DisableWildcardHandling
    }
}

# The policy that ConfigMgr has built in from 1606 on, made from the portal's configuration file.
function Get-PolicyFile {
    # The configuration file: where the policy says, or in the content source.
    param($Entry, $Wanted)
    $places = @()
    if ($Wanted.file.from) { $places += [IO.Path]::Combine($Wanted.file.from, $Wanted.file.name) }
    foreach ($source in $Asked.ContentSource, $Estate.content_source) {
        if ($source) { $places += [IO.Path]::Combine($source, $Entry.slug, $Wanted.key, $Wanted.file.name) }
    }
    foreach ($place in $places) { if ([IO.File]::Exists($place)) { return $place } }
    return ''
}

function Sync-Policy {
    param($Entry, $Found, $Wanted)
    $name = $Wanted.parameters.Name
    $there = Find-Object -Kind 'Policy' -Id $Wanted.id -Name $name
    if ($there -is [bool]) { return }
    $parameters = ConvertTo-Splat -From $Wanted.parameters
    if ($null -eq $there) {
        $there = Invoke-Step -StepKind 'Policy' -StepObject $name -StepAction 'created' -StepDetail $Wanted.action -StepBody {
            $null = Use-LocalFile -LocalPath (Get-PolicyFile -Entry $Entry -Wanted $Wanted) -LocalBody {
                param($File)
                New-CMAdvancedThreatProtectionPolicy @parameters -FilePath $File -DisableWildcardHandling
            }
            Read-SiteKind -Kind 'Policy'
            Find-Own -Kind 'Policy' -Id $Wanted.id
        }
    } elseif ((Get-OwnHash -Kind 'Policy' -Object $there) -ne $Wanted.hash -or -not [string]::Equals($there.LocalizedDisplayName, $name, [StringComparison]::Ordinal)) {
        $id = $there.CI_ID
        $changed = Invoke-Step -StepKind 'Policy' -StepObject $name -StepAction 'updated' -StepDetail $Wanted.action -StepBody {
            $parameters.NewName = $name
            $parameters.Remove('Name')
            $parameters.Remove('PolicyType')
            $null = Use-LocalFile -LocalPath (Get-PolicyFile -Entry $Entry -Wanted $Wanted) -LocalBody {
                param($File)
                if ($File) { $parameters.FilePath = $File }
                Set-CMAdvancedThreatProtectionPolicy -Id $id @parameters -DisableWildcardHandling
            }
            Read-SiteKind -Kind 'Policy'
            Find-Own -Kind 'Policy' -Id $Wanted.id
        }
        if ($null -ne $changed) { $there = $changed }
    } else {
        Add-Row -Kind 'Policy' -Object $name -Action 'unchanged'
    }
    Sync-PolicyDeployment -Entry $Entry -Found $Found -Wanted $Wanted -Policy $there
}

function Get-PolicyDeployment {
    param($Policy, [string] $CollectionId)
    $quick = Get-QuickSwitch -Command 'Get-CMConfigurationPolicyDeployment'
    foreach ($one in @(Get-CMConfigurationPolicyDeployment -SmsObjectId $Policy.CI_ID @quick)) {
        if ($null -eq $one) { continue }
        if (-not $CollectionId -or $one.TargetCollectionID -eq $CollectionId) { $one }
    }
}

function Sync-PolicyDeployment {
    param($Entry, $Found, $Wanted, $Policy)
    $name = "$($Wanted.parameters.Name) to $($Entry.collection.name)"
    $there = $null
    if ($null -ne $Policy -and $null -ne $Found) { $there = Get-PolicyDeployment -Policy $Policy -CollectionId $Found.CollectionID | Select-Object -First 1 }
    if ($null -ne $there -and (Test-Ended -Kind 'Policy' -Id $Wanted.id -CollectionId $Found.CollectionID)) { $there = $null }
    if ($null -ne $there) {
        Add-Row -Kind 'Deployment' -Object $name -Action 'unchanged'
        Confirm-Apart -Entry $Entry -Found $Found -Action $Wanted.action
        return
    }
    if (-not (Open-Gate -Entry $Entry -Found $Found -Action $Wanted.action -Name $Wanted.parameters.Name)) { return }
    $null = Invoke-Step -StepKind 'Deployment' -StepObject $name -StepAction 'created' -StepBody {
        $null = New-CMConfigurationPolicyDeployment -CommonProfileId ([string]$Policy.CI_ID) -CollectionId $Found.CollectionID -DisableWildcardHandling
    }
}

# On- and offboarding. A device that both reach is neither, so nothing of the kind is deployed before the site itself says who is
# where. Offboarding is a sequence: the policies' rules exclude, memberships are updated and read, onboarding that still reaches
# the devices is ended, the stated time passes (clients poll for policy), and only then offboarding is deployed.
$Opposite = @{ onboarded = 'offboarded'; offboarded = 'onboarded' }

function Get-StateOf {
    # The state that an action brings about; nothing for one that isn't about on- or offboarding.
    param([string] $Action)
    if ($Action -eq 'onboard') { return 'onboarded' }
    if ($Action -eq 'offboard') { return 'offboarded' }
    return ''
}

function Get-OppositeEntry {
    # Entries of the whole project whose collection has the other state of a product, with their collections on the site.
    param($Entry)
    $states = $Entry.collection.states
    if ($null -eq $states) { return }
    foreach ($other in $Entries) {
        if ($other.slug -eq $Entry.slug -or $null -eq $other.collection.states) { continue }
        foreach ($state in $states.PSObject.Properties) {
            $theirs = Get-TextField -From $other.collection.states -Name $state.Name
            if ($theirs -and $theirs -eq $Opposite[[string]$state.Value]) {
                $target = Resolve-Target -Entry $other
                if ($null -ne $target) { @{ Entry = $other; Found = $target; Product = $state.Name } }
            }
        }
    }
}

function Update-Membership {
    # Has the site evaluate a collection, and waits until it has. Once a run.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Invoke-Step asks.')]
    param([string] $Name, [string] $CollectionId)
    if ($Run.Fresh.ContainsKey($CollectionId)) { return }
    $null = Invoke-Step -StepKind 'Membership' -StepObject $Name -StepAction 'updated' -StepDetail $CollectionId -StepBody {
        $before = Get-TextField -From (Get-CMCollection -Id $CollectionId) -Name 'LastRefreshTime'
        Invoke-CMCollectionUpdate -CollectionId $CollectionId -DisableWildcardHandling
        Wait-Membership -Name $Name -CollectionId $CollectionId -Before $before
    }
    $Site.Members.Remove($CollectionId)
    $Run.Fresh[$CollectionId] = $true
}

function Wait-Membership {
    # Until LastRefreshTime is another one and CurrentStatus is 1 (ready). A site that shows neither can't be waited for.
    param([string] $Name, [string] $CollectionId, [string] $Before)
    $pause = 250
    $until = [DateTime]::UtcNow.AddMinutes(10)
    while ([DateTime]::UtcNow -lt $until) {
        $now = Get-CMCollection -Id $CollectionId
        $status = Get-TextField -From $now -Name 'CurrentStatus'
        $refreshed = Get-TextField -From $now -Name 'LastRefreshTime'
        if (($status -eq '' -or $status -eq '1') -and ($refreshed -eq '' -or $refreshed -ne $Before)) { return }
        Start-Sleep -Milliseconds $pause
        $pause = [Math]::Min(2 * $pause, 5000)
    }
    throw "The site didn't evaluate '$Name' ($CollectionId) within 10 minutes (see colleval.log on the site server). Run again later: what is done stays done."
}

function Get-Overlap {
    # What is wrong between an entry's collection and those of the opposite state; nothing where they are apart.
    param($Entry, $Found)
    foreach ($other in @(Get-OppositeEntry -Entry $Entry)) {
        if ($other.Found.CollectionID -eq $Found.CollectionID) { "is the same collection as that of $($other.Entry.policy)"; continue }
        $both = @(Get-CommonDevice -Left $Found.CollectionID -Right $other.Found.CollectionID)
        if ($both.Length -gt 0) { "$($both.Length) devices are in '$($Entry.collection.name)' ($($Entry.collection.states.($other.Product))) and in '$($other.Found.Name)' ($($other.Entry.collection.states.($other.Product))): $(Format-Name -Names $both)" }
    }
}

function Confirm-Apart {
    # Deployments that are already there: an overlap that has come since is reported, and nothing is changed.
    param($Entry, $Found, [string] $Action)
    if (-not (Get-StateOf -Action $Action) -or $null -eq $Found) { return }
    foreach ($problem in @(Get-Overlap -Entry $Entry -Found $Found)) {
        Add-Refusal -Kind 'Membership' -Object $Entry.collection.name -Detail "$problem. Both deployments are on the site: exclude one collection from the other."
    }
}

function Open-Gate {
    # Whether a deployment may be made now. True at once for one that isn't about on- or offboarding.
    param($Entry, $Found, [string] $Action, [string] $Name)
    $state = Get-StateOf -Action $Action
    if (-not $state) { return $true }
    $what = "$Name to $($Entry.collection.name)"
    if ($Run.HandMade[$Entry.slug]) {
        Add-Refusal -Kind 'Deployment' -Object $what -Detail 'waits until the rules that were made by hand are settled'
        return $false
    }
    if ($Run.Overlapping[$Entry.slug]) {
        Add-Refusal -Kind 'Deployment' -Object $what -Detail 'waits until devices are only in collections that are apart, see above'
        return $false
    }
    if ($null -eq $Found) { return $true }
    if ($state -eq 'offboarded' -and (Test-Waiting -Found $Found)) {
        $problems = @(Get-Overlap -Entry $Entry -Found $Found)
        foreach ($problem in $problems) { Add-Refusal -Kind 'Deployment' -Object $what -Detail "$problem. Exclude one collection from the other, then run again." }
        if ($problems.Length -gt 0) { $null = Clear-Since -Entry $Entry -Found (Get-Known -Found $Found) }
        if ($problems.Length -eq 0) { $null = Test-Waited -Entry $Entry -Found $Found -What $what }
        return $false
    }
    $others = @(Get-OppositeEntry -Entry $Entry)
    # First the collections that others exclude.
    $group = @(@{ Entry = $Entry; Found = $Found }) + $others
    foreach ($one in @($group | Sort-Object -Property { if ((Get-StateName -Entry $_.Entry) -eq 'offboarded') { 0 } else { 1 } })) {
        Update-Membership -Name $one.Found.Name -CollectionId $one.Found.CollectionID
    }
    $problems = @(Get-Overlap -Entry $Entry -Found $Found)
    foreach ($problem in $problems) { Add-Refusal -Kind 'Deployment' -Object $what -Detail "$problem. Exclude one collection from the other, then run again." }
    if ($problems.Length -gt 0) {
        $null = Clear-Since -Entry $Entry -Found (Get-Known -Found $Found)
        return $false
    }
    if (-not (Complete-OtherState -Entry $Entry -Found $Found -What $what)) { return $false }
    if ($state -ne 'offboarded') { return $true }
    return Test-Waited -Entry $Entry -Found $Found -What $what
}

function Get-StateName {
    # 'offboarded' where any product is; nothing for a collection without a state.
    param($Entry)
    if ($null -eq $Entry.collection.states) { return '' }
    $name = ''
    foreach ($state in $Entry.collection.states.PSObject.Properties) {
        if ($state.Value -eq 'offboarded') { return 'offboarded' }
        $name = [string]$state.Value
    }
    return $name
}

function Complete-OtherState {
    # Ends what policyc deployed to this collection for the other state. What reaches its devices through another collection, and
    # no longer stands in git, must be removed first: nobody can say any more what it does.
    param($Entry, $Found, [string] $What)
    $clear = $true
    $collectionId = $Found.CollectionID
    foreach ($one in @(Get-LeftDeployment)) {
        if ($one.CollectionId -eq $collectionId) {
            $null = Invoke-Step -StepKind 'Deployment' -StepObject $one.Name -StepAction 'ended' -StepDetail 'before the other state is deployed' -StepBody { Clear-Deployment -Deployment $one }
            $Run.Ended[$one.Key] = $true
            # It reached the devices until now: the waiting time counts from here.
            $null = Clear-Since -Entry $Entry -Found (Get-Known -Found $Found)
            continue
        }
        if (-not $Site.Collection.Keys.ContainsKey($one.CollectionId)) { continue }
        $both = @(Get-CommonDevice -Left $collectionId -Right $one.CollectionId)
        if ($both.Length -eq 0) { continue }
        Add-Refusal -Kind 'Deployment' -Object $What -Detail "'$($one.Name)' left git and still reaches $(Format-Name -Names $both). Run with -Prune first."
        $clear = $false
    }
    return $clear
}

function Get-WaitingHours {
    if ($null -eq $Estate.offboarding_wait_hours) { return [double]0 }
    return [double]$Estate.offboarding_wait_hours
}

function Get-Known {
    # A collection as this run knows it now, which may be newer than the caller's.
    param($Found)
    $now = $Site.Collection.Keys[$Found.CollectionID]
    if ($null -ne $now) { return $now }
    return $Found
}

function ConvertFrom-Since {
    # The moment in a collection's comment; nothing where there is none, or none that can be read.
    param([string] $Since)
    $moment = [DateTime]::MinValue
    $style = [Globalization.DateTimeStyles]::AssumeUniversal -bor [Globalization.DateTimeStyles]::AdjustToUniversal
    if ([DateTime]::TryParseExact($Since, "yyyy-MM-dd'T'HH:mm'Z'", [Globalization.CultureInfo]::InvariantCulture, $style, [ref]$moment)) { return $moment }
    return $null
}

function Test-Waiting {
    # Whether an earlier run wrote the moment down, and the time from it isn't over: then nothing needs to be updated to know it.
    param($Found)
    $from = ConvertFrom-Since -Since (Get-Since -Found (Get-Known -Found $Found))
    return $null -ne $from -and [DateTime]::UtcNow -lt $from.AddHours((Get-WaitingHours))
}

function Test-Waited {
    # Whether the stated time has passed since the collection was found apart. The first time, that moment is written down.
    param($Entry, $Found, [string] $What)
    $hours = Get-WaitingHours
    if ($hours -le 0) { return $true }
    $now = Get-Known -Found $Found
    $comment = Get-TextField -From $now -Name 'Comment'
    if ($null -eq (Get-OwnMark -Text $comment)) {
        Add-Refusal -Kind 'Deployment' -Object $What -Detail "The moment from which the $hours hours count is kept in the comment of the collection, which isn't policyc's: run with -Adopt '$($Entry.collection.name)', which leaves its membership alone."
        return $false
    }
    $since = Get-Since -Found $now
    if ($null -eq (ConvertFrom-Since -Since $since)) {
        $since = [DateTime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm'Z'", [Globalization.CultureInfo]::InvariantCulture)
        Complete-Collection -Entry $Entry -Found $now -Rules (Get-Bracket -Comment $comment -Name 'rules') -Since $since
    }
    $until = (ConvertFrom-Since -Since $since).AddHours($hours)
    if ([DateTime]::UtcNow -ge $until) { return $true }
    Add-Row -Kind 'Deployment' -Object $What -Action 'waiting' -Detail "onboarding no longer reaches these devices; offboarding is deployed by a run after $($until.ToString("yyyy-MM-dd HH:mm", [Globalization.CultureInfo]::InvariantCulture)) UTC"
    return $false
}

# What left a collection's policy is undone on its devices by the settings package's program 'Roll back what left', which no run
# deploys by itself: devices that the new content or the new baseline hasn't reached would be asked too early. -Retire deploys it.
#
# The deployment's mark holds the places that the collection writes, as rollback.ps1 knows them. While they stay, a second -Retire
# changes nothing; when they change, a run marks the deployment as one for earlier settings, and the next -Retire puts another in its
# place, which runs again on every device (AlwaysRerunProgram). An earlier one stays until then: it still reaches devices that were off.
$RetireProgram = 'Roll back what left'
$RetireScript = 'rollback.ps1'

function Find-RetirePackage {
    # The package with that program, and the program, in the output; nothing where the policy has none.
    param($Entry)
    foreach ($package in @(Get-List -From $Entry -Name 'packages')) {
        foreach ($program in @(Get-List -From $package -Name 'programs')) {
            if (Test-SameText -Left $program.name -Right $RetireProgram) { return @{ Package = $package; Program = $program } }
        }
    }
}

function Get-RetireHash {
    # Stands for the deployment as the policy has it, and the places that are kept.
    param([Collections.IDictionary] $Wanted)
    $script = @(Get-List -From $Wanted.Package.content -Name 'files' | Where-Object -FilterScript { $_.name -eq $RetireScript })
    if ($script.Length -ne 1) { throw "'$($Wanted.Package.parameters.Name)' has no $RetireScript. Take the whole output folder from one run of policyc." }
    return (Get-Sha256 -Bytes ([Text.Encoding]::UTF8.GetBytes("$($Wanted.Program.deployment.hash) $($script[0].sha256)"))).Substring(0, 12)
}

function Get-RetireCommand {
    param($Entry)
    return ".\deploy.ps1 -Retire '$($Entry.slug)'"
}

function Get-RetireDeployment {
    # What an earlier -Retire deployed to a collection, if anything.
    param([Collections.IDictionary] $Wanted, $Package, $Target)
    if ($null -eq $Package -or $null -eq $Target) { return $null }
    return Get-PackageDeployment -PackageId $Package.PackageID -ProgramName $Wanted.Program.name -CollectionId $Target.CollectionID | Select-Object -First 1
}

function Sync-RetireDeployment {
    # In an ordinary run: the deployment of an earlier -Retire stays, and is marked where it is no longer about what is in git.
    param($Entry, $Found, $Package)
    $wanted = Find-RetirePackage -Entry $Entry
    if ($null -eq $wanted) { return }
    $there = Get-RetireDeployment -Wanted $wanted -Package $Package -Target $Found
    if ($null -eq $there) { return }
    $mark = Get-OwnMark -Text (Get-TextField -From $there -Name 'Comment')
    if ($null -eq $mark) { return }
    $object = "$($Package.Name) - $($wanted.Program.name) to $($Entry.collection.name)"
    $command = Get-RetireCommand -Entry $Entry
    if ($mark.Hash -eq (Get-RetireHash -Wanted $wanted)) {
        Add-Row -Kind 'Deployment' -Object $object -Action 'unchanged' -Detail "made by -Retire; when its devices are done: $command -Prune"
    } elseif ($mark.Hash -eq $Unfinished) {
        Add-Row -Kind 'Deployment' -Object $object -Action 'unchanged' -Detail "made by -Retire for earlier settings; for those that left since: $command"
    } else {
        $text = Get-UnfinishedText -Text $there.Comment
        $collectionId = $Found.CollectionID
        $null = Invoke-Step -StepKind 'Deployment' -StepObject $object -StepAction 'updated' -StepDetail "made by -Retire for earlier settings; for those that left since: $command" -StepBody {
            Set-CMPackageDeployment -PackageId $Package.PackageID -StandardProgramName $wanted.Program.name -CollectionId $collectionId -Comment $text -DisableWildcardHandling
        }
    }
}

function Get-Outdated {
    # What on the site isn't what this folder holds, of all that a device must have before what left is undone.
    param($Entry, [Collections.IDictionary] $Wanted, $Package)
    if ($null -ne $Entry.baseline) {
        $digests = @(Get-List -From $Entry.baseline -Name 'items' | ForEach-Object -Process { @{ Kind = 'Configuration item'; Digest = $_ } }) + @(@{ Kind = 'Baseline'; Digest = $Entry.baseline })
        foreach ($one in $digests) {
            $there = Find-Digest -Kind $one.Kind -UniqueId $one.Digest.unique_id
            $mark = Get-OwnMark -Text (Get-TextField -From $there -Name 'LocalizedDescription')
            if ($null -eq $mark -or $mark.Hash -ne $one.Digest.hash) { "$($one.Kind) '$($one.Digest.name)'" }
        }
    }
    $shown = "package '$($Wanted.Package.parameters.Name)'"
    if ($null -eq $Package -or (Get-OwnHash -Kind 'Package' -Object $Package) -ne $Wanted.Package.hash) { return $shown }
    $program = Get-SiteProgram -PackageId $Package.PackageID | Where-Object -FilterScript { Test-SameText -Left $_.ProgramName -Right $Wanted.Program.name } | Select-Object -First 1
    $mark = Get-OwnMark -Text (Get-TextField -From $program -Name 'Comment')
    if ($null -eq $mark -or $mark.Hash -ne $Wanted.Program.hash) { "program '$($Wanted.Program.name)'" }
    if (@(Get-ContentDifference -Entry $Entry -Wanted $Wanted.Package -Target $Package.PkgSourcePath).Length -gt 0) { "content of the $shown" }
    $groups = @(Get-ContentGroup -Property 'PackageID' -Value $Package.PackageID -PackageId $Package.PackageID)
    if (@(Get-MissingGroup -Groups @(Get-List -From $Wanted.Package -Name 'distribution_point_groups') -There $groups).Length -gt 0) { "distribution of the $shown" }
}

function Invoke-Retire {
    param([string] $Name, [bool] $Prune)
    $entry = $Entries | Where-Object -FilterScript { (Test-SameText -Left $_.slug -Right $Name) -or (Test-SameText -Left $_.collection.name -Right $Name) } | Select-Object -First 1
    if ($null -eq $entry) { throw "No collection '$Name' is in this folder. There are: $(Format-Name -Names @($Entries | ForEach-Object -Process { $_.slug })). What a collection wrote that itself left git is undone with -RollBack." }
    $wanted = Find-RetirePackage -Entry $entry
    if ($null -eq $wanted) { throw "'$Name' has no program '$RetireProgram': a collection in audit mode keeps nothing. Its settings are undone with -RollBack." }
    $problem = Get-TargetProblem -Entry $entry
    if ($problem) { throw "'$Name': $problem" }
    $target = Resolve-Target -Entry $entry
    $package = Find-Own -Kind 'Package' -Id $wanted.Package.id
    $there = Get-RetireDeployment -Wanted $wanted -Package $package -Target $target
    $object = "$($wanted.Package.parameters.Name) - $($wanted.Program.name) to $($entry.collection.name)"
    $mark = Get-OwnMark -Text (Get-TextField -From $there -Name 'Comment')
    if ($null -ne $there -and $null -eq $mark) {
        Add-Refusal -Kind 'Deployment' -Object $object -Detail "Deployed there by hand ($($there.AdvertisementID)). Remove that deployment in the console, then run again; it was not touched."
        return
    }
    if ($Prune) { Clear-RetireDeployment -Object $object -Action 'removed' -There $there; return }
    $outdated = @(Get-Outdated -Entry $entry -Wanted $wanted -Package $package)
    if ($null -eq $target -or $outdated.Length -gt 0) {
        throw "The site hasn't got what this folder holds$(if ($outdated.Length -gt 0) { ": $(Format-Name -Names $outdated)" }). First run .\deploy.ps1 -Collection '$($entry.slug)': an earlier baseline would write again what is undone here."
    }
    $hash = Get-RetireHash -Wanted $wanted
    if ($null -ne $mark -and $mark.Hash -eq $hash) {
        Add-Row -Kind 'Deployment' -Object $object -Action 'unchanged' -Detail "it runs once on each device. When they are done: $(Get-RetireCommand -Entry $entry) -Prune"
        return
    }
    if ($null -ne $there) { Clear-RetireDeployment -Object $object -Action 'ended' -There $there }
    $null = Invoke-Step -StepKind 'Deployment' -StepObject $object -StepAction 'created' -StepDetail 'runs once on each device of the collection' -StepBody {
        $parameters = ConvertTo-Splat -From $wanted.Program.deployment.parameters
        $parameters.StandardProgram = $true
        $parameters.Comment = Get-TextWithHash -Text $parameters.Comment -Hash $hash
        if ($null -ne $wanted.Program.deployment.schedule) { $parameters.Schedule = Get-WantedSchedule -Schedule $wanted.Program.deployment.schedule }
        $null = New-CMPackageDeployment -PackageId $package.PackageID -ProgramName $wanted.Program.name -CollectionId $target.CollectionID @parameters -DisableWildcardHandling
    }
}

function Clear-RetireDeployment {
    param([string] $Object, [string] $Action, $There)
    if ($null -eq $There) { Add-Row -Kind 'Deployment' -Object $Object -Action 'unchanged' -Detail 'is not there'; return }
    $null = Invoke-Step -StepKind 'Deployment' -StepObject $Object -StepAction $Action -StepDetail 'made by an earlier -Retire' -StepBody {
        Remove-CMPackageDeployment -DeploymentId $There.AdvertisementID -Force -DisableWildcardHandling
    }
}

# Collections that the project says have no device in common. Policies rely on it when they are checked; only the site knows.
function Get-StatementMember {
    # The collections of a statement: name, entry if it is one of the project's, and what the site has.
    param($Statement)
    foreach ($name in @(Get-List -From $Statement -Name 'collections')) {
        $entry = $Entries | Where-Object -FilterScript { Test-SameText -Left $_.collection.name -Right $name } | Select-Object -First 1
        $state = ''
        if ($null -ne $entry) { $state = Get-StateName -Entry $entry }
        @{ Name = $name; Entry = $entry; State = $state; Found = Find-DeviceCollection -Name $name }
    }
}

function Test-Disjoint {
    # Holds the statements that name one of the chosen collections to the site. What is on- or offboarded waits where one is wrong.
    param([object[]] $Chosen)
    $names = @($Chosen | ForEach-Object -Process { $_.collection.name })
    foreach ($statement in @(Get-List -From $Estate -Name 'disjoint')) {
        $all = @(Get-StatementMember -Statement $statement)
        if (@($all | Where-Object -FilterScript { Test-Named -Name $_.Name -Names $names }).Length -eq 0) { continue }
        Update-Statement -Members $all
        for ($i = 0; $i -lt $all.Length; $i++) {
            if ($null -eq $all[$i].Found) { Add-Row -Kind 'Membership' -Object $all[$i].Name -Action 'left out' -Detail "is not on the site, so nobody can say whether it is apart from others ($($statement.reason))" }
            for ($j = $i + 1; $j -lt $all.Length; $j++) { Test-Pair -Left $all[$i] -Right $all[$j] -Reason $statement.reason }
        }
    }
}

function Update-Statement {
    # What this run changed is evaluated before it is read; those that exclude others come last.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Invoke-Step asks.')]
    param([object[]] $Members)
    $changed = @($Members | Where-Object -FilterScript { $null -ne $_.Found -and $Run.Changed.ContainsKey($_.Found.CollectionID) })
    foreach ($one in @($changed | Sort-Object -Property { @(Get-List -From (Get-Field -From $_.Entry.collection -Name 'members') -Name 'exclude').Length })) {
        Update-Membership -Name $one.Name -CollectionId $one.Found.CollectionID
    }
}

function Test-Pair {
    param([Collections.IDictionary] $Left, [Collections.IDictionary] $Right, [string] $Reason)
    if ($null -eq $Left.Found -or $null -eq $Right.Found) { return }
    $problem = "is the same collection as '$($Right.Name)'"
    if ($Left.Found.CollectionID -ne $Right.Found.CollectionID) {
        $both = @(Get-CommonDevice -Left $Left.Found.CollectionID -Right $Right.Found.CollectionID)
        if ($both.Length -eq 0) { return }
        $problem = "$($both.Length) devices are in '$($Right.Name)' too: $(Format-Name -Names $both)"
    }
    $detail = "$problem. The project says that they are apart ($Reason): correct the collections, or the statement under disjoint: in project.yaml."
    if (-not $Left.State -and -not $Right.State) {
        Add-Row -Kind 'Membership' -Object $Left.Name -Action 'warning' -Detail $detail
        return
    }
    Add-Refusal -Kind 'Membership' -Object $Left.Name -Detail "$detail Nothing is on- or offboarded there until then."
    foreach ($one in $Left, $Right) { if ($one.State) { $Run.Overlapping[$one.Entry.slug] = $true } }
}

# What left git: objects and deployments of this project on the site that no deployment.json here names any more.
function Get-WantedId {
    # Ids of all objects that the output names, by kind.
    $ids = @{ Collection = @{}; Package = @{}; Application = @{}; Policy = @{}; Baseline = @{}; 'Configuration item' = @{} }
    foreach ($entry in $Entries) {
        $ids.Collection[$entry.collection.id] = $true
        foreach ($one in @(Get-List -From $entry -Name 'packages')) { $ids.Package[$one.id] = $one }
        foreach ($one in @(Get-List -From $entry -Name 'applications')) { $ids.Application[$one.id] = $one }
        foreach ($one in @(Get-List -From $entry -Name 'policies')) { $ids.Policy[$one.id] = $one }
        if ($null -ne $entry.baseline) {
            $ids.Baseline[$entry.baseline.id] = $true
            foreach ($one in @(Get-List -From $entry.baseline -Name 'items')) { $ids.'Configuration item'[$one.id] = $true }
        }
    }
    return $ids
}

function Get-OwnObject {
    # Objects of ours of a kind, with their ids. What is there twice is left out: one of the two is somebody's copy.
    param([string] $Kind)
    $ours = $Site[$Kind].Ours
    foreach ($id in @($ours.Keys | Sort-Object)) { if ($ours[$id].Count -eq 1) { @{ Id = $id; Object = $ours[$id][0]; Name = Get-TextField -From $ours[$id][0] -Name $NameIn[$Kind] } } }
}

function Test-RollbackCollection {
    param([string] $CollectionId)
    return [bool](Get-Bracket -Comment (Get-TextField -From $Site.Collection.Keys[$CollectionId] -Name 'Comment') -Name 'rollback')
}

function Get-CollectionName {
    param([string] $CollectionId)
    $there = $Site.Collection.Keys[$CollectionId]
    if ($null -eq $there) { return $CollectionId }
    return $there.Name
}

function Get-WantedDeployment {
    # Keys of the deployments that the output means: kind, object, program, collection on the site. That of -Retire is one, once made.
    $keys = @{}
    foreach ($entry in $Entries) {
        $target = $null
        try { $target = Resolve-Target -Entry $entry } catch [Management.Automation.ItemNotFoundException] { Write-Verbose -Message $_.Exception.Message }
        if ($null -eq $target) { continue }
        $collectionId = $target.CollectionID
        foreach ($package in @(Get-List -From $entry -Name 'packages')) {
            foreach ($program in @(Get-List -From $package -Name 'programs')) { if ($program.deploy -or (Test-SameText -Left $program.name -Right $RetireProgram)) { $keys["Package|$($package.id)|$($program.name)|$collectionId".ToUpperInvariant()] = $true } }
        }
        foreach ($one in @(Get-List -From $entry -Name 'applications')) { if ($null -ne $one.deployment) { $keys["Application|$($one.id)||$collectionId".ToUpperInvariant()] = $true } }
        foreach ($one in @(Get-List -From $entry -Name 'policies')) { $keys["Policy|$($one.id)||$collectionId".ToUpperInvariant()] = $true }
        if ($null -ne $entry.baseline -and $null -ne $entry.baseline.deployment) { $keys["Baseline|$($entry.baseline.id)||$collectionId".ToUpperInvariant()] = $true }
    }
    return $keys
}

function Format-Deployment {
    # A deployment on the site in one form. Ours: made by policyc, as far as the site can say.
    param([string] $Kind, $Own, [string] $Program, [string] $CollectionId, [string] $DeploymentId, [bool] $Ours)
    $what = if ($Program) { "$($Own.Name) - $Program" } else { $Own.Name }
    return @{
        Kind = $Kind; Key = "$Kind|$($Own.Id)|$Program|$CollectionId".ToUpperInvariant(); Owner = $Own.Id; DeploymentId = $DeploymentId
        CollectionId = $CollectionId; Name = "$what to $(Get-CollectionName -CollectionId $CollectionId)"; Ours = $Ours
        Rollback = Test-RollbackCollection -CollectionId $CollectionId
    }
}

function Test-OwnTarget {
    # Whether a collection is one that policyc deploys to. What has no comment on the site can only be told by where it points.
    param([string] $CollectionId)
    if ($null -ne (Get-OwnMark -Text (Get-TextField -From $Site.Collection.Keys[$CollectionId] -Name 'Comment'))) { return $true }
    if ($null -eq $Run.Targets) {
        $Run.Targets = @{}
        foreach ($entry in $Entries) {
            $target = Resolve-Target -Entry $entry
            if ($null -ne $target) { $Run.Targets[$target.CollectionID] = $true }
        }
    }
    return $Run.Targets.ContainsKey($CollectionId)
}

function Get-OwnDeployment {
    # All deployments of objects of ours, whoever made them.
    foreach ($own in @(Get-OwnObject -Kind 'Package')) {
        foreach ($one in @(Get-PackageDeployment -PackageId $own.Object.PackageID)) {
            $ours = $null -ne (Get-OwnMark -Text (Get-TextField -From $one -Name 'Comment'))
            Format-Deployment -Kind 'Package' -Own $own -Program $one.ProgramName -CollectionId $one.CollectionID -DeploymentId $one.AdvertisementID -Ours $ours
        }
    }
    foreach ($own in @(Get-OwnObject -Kind 'Application')) {
        foreach ($one in @(Get-ApplicationDeployment -Application $own.Object)) {
            Format-Deployment -Kind 'Application' -Own $own -CollectionId $one.TargetCollectionID -DeploymentId $one.AssignmentUniqueID -Ours ($null -ne (Get-OwnMark -Text (Get-TextField -From $one -Name 'AssignmentDescription')))
        }
    }
    foreach ($own in @(Get-OwnObject -Kind 'Policy')) {
        foreach ($one in @(Get-PolicyDeployment -Policy $own.Object)) {
            Format-Deployment -Kind 'Policy' -Own $own -CollectionId $one.TargetCollectionID -DeploymentId $one.AssignmentUniqueID -Ours (Test-OwnTarget -CollectionId $one.TargetCollectionID)
        }
    }
    foreach ($own in @(Get-OwnObject -Kind 'Baseline')) {
        foreach ($one in @(Get-Listed -Kind 'Baseline deployment' -Key $own.Object.CI_ID)) {
            # The project's report goes to a collection that is nobody's of policyc's.
            $ours = $own.Id -eq $Estate.report -or (Test-OwnTarget -CollectionId $one.TargetCollectionID)
            Format-Deployment -Kind 'Baseline' -Own $own -CollectionId $one.TargetCollectionID -DeploymentId $one.AssignmentUniqueID -Ours $ours
        }
    }
}

function Get-LeftDeployment {
    # Deployments that policyc made and that the output no longer means; those that a rollback needs are none of them.
    if ($null -eq $Run.Deployed) { $Run.Deployed = @(Get-OwnDeployment) }
    if ($null -eq $Run.Wanted) { $Run.Wanted = Get-WantedDeployment }
    foreach ($one in $Run.Deployed) {
        if ($one.Ours -and -not $one.Rollback -and -not $Run.Wanted.ContainsKey($one.Key) -and -not $Run.Ended.ContainsKey($one.Key)) { $one }
    }
}

function Clear-Deployment {
    param([Collections.IDictionary] $Deployment)
    switch ($Deployment.Kind) {
        'Package' { Remove-CMPackageDeployment -DeploymentId $Deployment.DeploymentId -Force -DisableWildcardHandling }
        'Application' { Remove-CMApplicationDeployment -DeploymentId $Deployment.DeploymentId -Force -DisableWildcardHandling }
        'Policy' { Remove-CMConfigurationPolicyDeployment -DeploymentId $Deployment.DeploymentId -Force -DisableWildcardHandling }
        'Baseline' { Remove-CMBaselineDeployment -DeploymentId $Deployment.DeploymentId -Force -DisableWildcardHandling }
    }
}

function Clear-Object {
    param([string] $Kind, $Object)
    switch ($Kind) {
        'Baseline' { Remove-CMBaseline -Id $Object.CI_ID -Force -DisableWildcardHandling }
        'Configuration item' { Remove-CMConfigurationItem -Id $Object.CI_ID -Force -DisableWildcardHandling }
        'Package' { Remove-CMPackage -Id $Object.PackageID -Force -DisableWildcardHandling }
        'Application' { Remove-CMApplication -Id $Object.CI_ID -Force -DisableWildcardHandling }
        'Policy' { Remove-CMConfigurationPolicy -Id $Object.CI_ID -Force -DisableWildcardHandling }
        'Collection' { Remove-CMCollection -Id $Object.CollectionID -Force -DisableWildcardHandling }
    }
}

function Get-Blocker {
    # What on the site keeps an object from being removed, beyond what is removed with it; nothing where it may go.
    param([string] $Kind, [string] $Id, $Object)
    if ($Kind -ne 'Collection') {
        foreach ($one in $Run.Deployed) {
            if ($one.Owner -ne $Id -or $Run.Ended.ContainsKey($one.Key)) { continue }
            if ($one.Rollback) { "the rollback '$($one.Name)' uses it" } elseif (-not $one.Ours) { "'$($one.Name)' was made by hand" }
        }
        return
    }
    foreach ($other in @($Site.Collection.Keys.Values)) {
        if ($other.LimitToCollectionID -eq $Object.CollectionID) { "'$($other.Name)' is limited to it" }
        if ($other.IsBuiltIn -or $other.CollectionType -ne 2 -or $other.CollectionID -eq $Object.CollectionID) { continue }
        foreach ($rule in @(Get-CMDeviceCollectionIncludeMembershipRule -CollectionId $other.CollectionID)) {
            if ($null -ne $rule -and $rule.IncludeCollectionID -eq $Object.CollectionID) { "'$($other.Name)' includes it" }
        }
        foreach ($rule in @(Get-CMDeviceCollectionExcludeMembershipRule -CollectionId $other.CollectionID)) {
            if ($null -ne $rule -and $rule.ExcludeCollectionID -eq $Object.CollectionID) { "'$($other.Name)' excludes it" }
        }
    }
    foreach ($deployment in @(Get-CMDeployment -CollectionName $Object.Name -DisableWildcardHandling)) {
        if ($null -ne $deployment -and $deployment.CollectionID -eq $Object.CollectionID) { "'$(Get-TextField -From $deployment -Name 'SoftwareName')' is deployed to it" }
    }
}

function Remove-Left {
    # Lists what left git, and with -Prune removes it: deployments, baselines, items, programs, packages and the like, collections.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Invoke-Step asks.')]
    param([bool] $Prune)
    $Run.Deployed = $null
    $Run.Targets = $null
    $Run.Wanted = $null
    foreach ($one in @(Get-LeftDeployment)) {
        if (-not $Prune) {
            Add-Row -Kind "$($one.Kind) deployment" -Object $one.Name -Action 'left git'
            continue
        }
        $null = Invoke-Step -StepKind "$($one.Kind) deployment" -StepObject $one.Name -StepAction 'removed' -StepBody { Clear-Deployment -Deployment $one }
        $Run.Ended[$one.Key] = $true
    }
    $wanted = Get-WantedId
    foreach ($kind in 'Baseline', 'Configuration item') { Remove-LeftKind -Kind $kind -Wanted $wanted[$kind] -Prune $Prune }
    Remove-LeftProgram -Packages $wanted.Package -Prune $Prune
    foreach ($kind in 'Package', 'Application', 'Policy') { Remove-LeftKind -Kind $kind -Wanted $wanted[$kind] -Prune $Prune }
    Remove-LeftKind -Kind 'Collection' -Wanted $wanted.Collection -Prune $Prune
}

function Get-LeftName {
    # What -Prune would remove, as far as it can be known before the run: kind and name, and the ids of what devices are in.
    foreach ($one in @(Get-LeftDeployment)) { @{ Text = "$($one.Kind) deployment '$($one.Name)'"; DeploymentId = $one.DeploymentId; CollectionId = '' } }
    $wanted = Get-WantedId
    foreach ($kind in 'Baseline', 'Configuration item', 'Package', 'Application', 'Policy', 'Collection') {
        foreach ($own in @(Get-OwnObject -Kind $kind)) {
            if ($wanted[$kind].ContainsKey($own.Id)) { continue }
            if ($kind -eq 'Collection') {
                $comment = Get-TextField -From $own.Object -Name 'Comment'
                if ((Get-Bracket -Comment $comment -Name 'rollback') -and -not (Test-Chosen -Name $own.Name)) { continue }
            }
            @{ Text = "$kind '$($own.Name)'"; DeploymentId = ''; CollectionId = $(if ($kind -eq 'Collection') { $own.Object.CollectionID } else { '' }) }
        }
    }
}

function Test-Prune {
    # Names what -Prune is about and by whose mark, before anything is changed; gives whether it may be so much.
    param([bool] $Prune, [int] $AtMost)
    if (-not $Prune) { return $true }
    $names = @(Get-LeftName)
    if ($names.Length -eq 0) { return $true }
    $few = $names.Length -le $AtMost
    foreach ($one in $names) { Add-Check -Check 'Left git' -State $one.Text -Wanted "mark $($Estate.project.mark) of '$($Estate.project.name)'" -Result $(if ($few) { 'Goes' } else { 'Stops' }) }
    Add-Reach -Leaving $names
    if (-not $few) { Add-Check -Check 'Left git' -State "$($names.Length) in all" -Wanted "at most $AtMost; where all of it shall go: -PruneAtMost $($names.Length)" -Result 'Stops' }
    return $few
}

function Remove-LeftKind {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Invoke-Step asks.')]
    param([string] $Kind, [Collections.IDictionary] $Wanted, [bool] $Prune)
    foreach ($own in @(Get-OwnObject -Kind $Kind)) {
        if ($Wanted.ContainsKey($own.Id)) { continue }
        $advice = ''
        if ($Kind -eq 'Configuration item') { $advice = "Devices keep what was written; while its collection is in git, .\deploy.ps1 -Retire COLLECTION undoes it" }
        if ($Kind -eq 'Collection') {
            $comment = Get-TextField -From $own.Object -Name 'Comment'
            if (Get-Bracket -Comment $comment -Name 'rollback') {
                if ($Prune -and (Test-Chosen -Name $own.Name)) { Remove-Rollback -Own $own } else { Add-Row -Kind $Kind -Object $own.Name -Action 'left git' -Detail "a rollback. When its devices are done: .\deploy.ps1 -Prune -Collection '$($own.Name.Replace("'", "''"))'" }
                continue
            }
            if (Get-Bracket -Comment $comment -Name 'adopted') {
                Clear-Adoption -Own $own -Prune $Prune
                continue
            }
            # The release of what departed stays; without one, the program that undoes it goes with the settings package.
            $until = if ($null -ne (Find-Departed -Name $own.Name)) { '' } else { ', before -Prune' }
            $advice = "Devices keep what was written; to undo it: $(Get-ReleaseCommand -Name $own.Name)$until"
        }
        if (-not $Prune) {
            Add-Row -Kind $Kind -Object $own.Name -Action 'left git' -Detail $advice
            continue
        }
        $blockers = @(Get-Blocker -Kind $Kind -Id $own.Id -Object $own.Object)
        if ($Kind -eq 'Baseline' -and $blockers.Length -gt 0) { $Run.BaselineStays = $own.Name }
        if ($Kind -eq 'Configuration item' -and $Run.BaselineStays) { $blockers += "the baseline '$($Run.BaselineStays)' stays, and may refer to it" }
        if ($blockers.Length -gt 0) {
            Add-Row -Kind $Kind -Object $own.Name -Action 'left git' -Detail "not removed: $(Format-Name -Names $blockers)"
            continue
        }
        $null = Invoke-Step -StepKind $Kind -StepObject $own.Name -StepAction 'removed' -StepDetail $advice -StepBody { Clear-Object -Kind $Kind -Object $own.Object }
        if (-not $WhatIfPreference) { Unregister-Object -Kind $Kind -Key (Get-TextField -From $own.Object -Name $KeyIn[$Kind]) }
    }
}

function Remove-LeftProgram {
    # Programs that left a package which stays.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Invoke-Step asks.')]
    param([Collections.IDictionary] $Packages, [bool] $Prune)
    foreach ($own in @(Get-OwnObject -Kind 'Package')) {
        if (-not $Packages.ContainsKey($own.Id)) { continue }
        $names = @(Get-List -From $Packages[$own.Id] -Name 'programs' | ForEach-Object -Process { $_.name })
        foreach ($program in @(Get-SiteProgram -PackageId $own.Object.PackageID)) {
            if ($null -eq (Get-OwnMark -Text (Get-TextField -From $program -Name 'Comment'))) { continue }
            if (@($names | Where-Object -FilterScript { Test-SameText -Left $_ -Right $program.ProgramName }).Length -gt 0) { continue }
            $name = "$($own.Name) - $($program.ProgramName)"
            if (-not $Prune) {
                Add-Row -Kind 'Program' -Object $name -Action 'left git'
                continue
            }
            $null = Invoke-Step -StepKind 'Program' -StepObject $name -StepAction 'removed' -StepBody {
                Remove-CMProgram -PackageId $own.Object.PackageID -ProgramName $program.ProgramName -Force -DisableWildcardHandling
            }
        }
    }
}

function Clear-Adoption {
    # A collection that was there before policyc is never removed: it only loses the mark.
    param([Collections.IDictionary] $Own, [bool] $Prune)
    if (-not $Prune) {
        Add-Row -Kind 'Collection' -Object $Own.Name -Action 'left git' -Detail 'was adopted: -Prune takes the mark off and leaves the collection'
        return
    }
    $null = Invoke-Step -StepKind 'Collection' -StepObject $Own.Name -StepAction 'released' -StepDetail 'was adopted: the mark goes, the collection stays' -StepBody {
        $comment = $BracketPattern.Replace((Get-TextField -From $Own.Object -Name 'Comment'), '').Trim()
        Set-CMCollection -CollectionId $Own.Object.CollectionID -Comment $comment -DisableWildcardHandling
    }
}

# What a removal would take leave of: devices that report, devices that are silent, and when those were last seen. A person decides by it.
$MostShown = 20

function Get-DeploymentReach {
    # From the deployment's summary: what the console shows as its completion statistics.
    param([string] $DeploymentId)
    $summary = Get-CMDeployment -DeploymentId $DeploymentId -DisableWildcardHandling | Where-Object -FilterScript { $null -ne $_ } | Select-Object -First 1
    $counts = @(foreach ($name in 'NumberSuccess', 'NumberInProgress', 'NumberErrors', 'NumberOther', 'NumberUnknown') { (Get-TextField -From $summary -Name $name) -as [long] })
    if ($null -eq $summary -or $counts -contains $null) { return "how many devices reported isn't told by this site, or not yet" }
    return "reported $($counts[0] + $counts[1] + $counts[2] + $counts[3]), silent $($counts[4])"
}

function Format-Seen {
    # When a device was last active for the site, which keeps most times in UTC.
    param($Device)
    $time = Get-Field -From $Device -Name 'LastActiveTime'
    if ($null -eq $time -or [string]$time -eq '') { return "$($Device.Name) (never seen)" }
    return "$($Device.Name) ($((ConvertTo-Moment -Value $time).ToString('yyyy-MM-dd HH:mm', [Globalization.CultureInfo]::InvariantCulture)))"
}

function Get-CollectionReach {
    # ClientActiveStatus: 1 where the site takes a client for active, by its own client status settings.
    param([string] $CollectionId)
    $quick = Get-QuickSwitch -Command 'Get-CMDevice'
    $devices = @(Get-CMDevice -CollectionId $CollectionId @quick | Where-Object -FilterScript { $null -ne $_ })
    $silent = @($devices | Where-Object -FilterScript { (Get-TextField -From $_ -Name 'ClientActiveStatus') -ne '1' })
    $said = "active $($devices.Length - $silent.Length), silent $($silent.Length)"
    if ($silent.Length -eq 0) { return $said }
    # Those that were never seen first, then the longest silent.
    $ordered = @($silent | Sort-Object -Property { $time = Get-Field -From $_ -Name 'LastActiveTime'; if ($null -eq $time -or [string]$time -eq '') { [DateTime]::MinValue } else { ConvertTo-Moment -Value $time } }, 'Name')
    $shown = @($ordered | Select-Object -First $MostShown | ForEach-Object -Process { Format-Seen -Device $_ })
    $rest = $silent.Length - $shown.Length
    return "${said}: $($shown -join ', ')$(if ($rest -gt 0) { " and $rest more" })"
}

function Add-Reach {
    # A row for each deployment and collection that would go.
    param([object[]] $Leaving)
    foreach ($one in $Leaving) {
        if (-not $one.DeploymentId -and -not $one.CollectionId) { continue }
        # Who may not read it can still decide.
        try { $said = if ($one.DeploymentId) { Get-DeploymentReach -DeploymentId $one.DeploymentId } else { Get-CollectionReach -CollectionId $one.CollectionId } } catch { $said = "can't be read: $($_.Exception.Message)" }
        Add-Check -Check 'Devices' -State "$($one.Text): $said" -Wanted 'for you to judge: devices keep what was written' -Result 'See'
    }
}

# Rolling back: the settings package's program 'Roll back', deployed to a collection of just the devices that are named.
$RollbackProgram = 'Roll back'

function Get-RollbackId {
    # The object id of a collection's rollback collection: the same on every machine and run.
    param([string] $Name)
    return (Get-Sha256 -Bytes ([Text.Encoding]::UTF8.GetBytes("policyc rollback $($Estate.project.id) $($Name.ToUpperInvariant())"))).Substring(0, 32)
}

function Find-Departed {
    # What departed under this name, as the output has it, if anything.
    param([string] $Name)
    foreach ($entry in $Entries) {
        foreach ($one in @(Get-List -From $entry -Name 'departed')) {
            if ((Test-SameText -Left $one.name -Right $Name) -or (Test-SameText -Left $one.owner -Right $Name)) { return @{ Entry = $entry; Departed = $one } }
        }
    }
}

function Get-ReleaseCommand {
    param([string] $Name)
    return ".\deploy.ps1 -RollBack '$($Name.Replace("'", "''"))' -Device NAME"
}

function Find-ReleasePackage {
    # The package of a departed collection, which an ordinary run brings to the site.
    param([Collections.IDictionary] $Departed)
    $wanted = @(Get-List -From $Departed.Entry -Name 'packages' | Where-Object -FilterScript { $_.key -eq $Departed.Departed.package })[0]
    $own = Find-Own -Kind 'Package' -Id $wanted.id
    if ($null -eq $own -or (Get-OwnHash -Kind 'Package' -Object $own) -ne $wanted.hash) { return $null }
    return @{ Id = $wanted.id; Object = $own; Name = $own.Name }
}

function Show-Release {
    # How a person undoes what departed collections changed; no run does it by itself.
    param($Entry)
    foreach ($one in @(Get-List -From $Entry -Name 'departed')) {
        Add-Row -Kind 'Release' -Object $one.name -Action 'unchanged' -Detail "offered, for the devices that monitor.ps1 lists: $(Get-ReleaseCommand -Name $one.name)"
    }
}

function Find-RollbackPackage {
    # The settings package of a collection: by its id while it is in git, as its release where it departed, then by what is deployed to
    # the collection or by the folder of its content, which ends in <slug>/<key>.
    param($Entry, $Source, [string] $Name)
    $departed = Find-Departed -Name $Name
    if ($null -eq $Entry -and $null -ne $departed) {
        $release = Find-ReleasePackage -Departed $departed
        if ($null -ne $release) { return $release }
        Write-Verbose -Message "'$Name' departed, and its release isn't on the site: the settings package is looked for."
    }
    $candidates = @(Get-OwnObject -Kind 'Package' | Where-Object -FilterScript {
            @(Get-SiteProgram -PackageId $_.Object.PackageID | Where-Object -FilterScript { Test-SameText -Left $_.ProgramName -Right $RollbackProgram }).Length -gt 0
        })
    if ($null -ne $Entry) {
        $ids = @(Get-List -From $Entry -Name 'packages' | ForEach-Object -Process { $_.id })
        $named = @($candidates | Where-Object -FilterScript { $ids -contains $_.Id })
        if ($named.Length -eq 1) { return $named[0] }
    }
    $slug = if ($null -ne $Entry) { $Entry.slug } else { $Name }
    $found = @($candidates | Where-Object -FilterScript {
            $parts = @((Get-TextField -From $_.Object -Name 'PkgSourcePath') -split '[\\/]')
            $parts.Length -ge 2 -and (Test-SameText -Left $parts[$parts.Length - 2] -Right $slug)
        })
    if ($found.Length -ne 1 -and $null -ne $Source) {
        $found = @($candidates | Where-Object -FilterScript { @(Get-PackageDeployment -PackageId $_.Object.PackageID -CollectionId $Source.CollectionID).Length -gt 0 })
    }
    if ($found.Length -eq 1) { return $found[0] }
    $known = Format-Name -Names @($candidates | ForEach-Object -Process { "$($_.Name) ($(Get-TextField -From $_.Object -Name 'PkgSourcePath'))" })
    throw "The package that rolls '$Name' back can't be told. Packages of this project with a program '$RollbackProgram': $known. Say the collection as its content's folder is called."
}

function Invoke-RollBack {
    param([string] $Name, [string[]] $Devices)
    if ($Devices.Length -eq 0) { throw '-RollBack needs -Device: the devices whose settings are undone.' }
    $entry = $Entries | Where-Object -FilterScript { (Test-SameText -Left $_.slug -Right $Name) -or (Test-SameText -Left $_.collection.name -Right $Name) } | Select-Object -First 1
    $source = if ($null -ne $entry) { Resolve-Target -Entry $entry } else { Find-DeviceCollection -Name $Name }
    if ($null -eq $entry -and $null -ne $source -and $null -eq (Get-OwnMark -Text (Get-TextField -From $source -Name 'Comment'))) {
        throw "'$Name' is on the site and isn't policyc's: nothing of it can be rolled back."
    }
    $found = @(foreach ($device in $Devices) {
            $there = @(Get-DeviceByName -Name $device)
            if ($there.Length -eq 0) { throw "The device '$device' is not on the site." }
            $there
        })
    if ($null -ne $source) {
        $members = Get-Device -CollectionId $source.CollectionID
        $still = @($found | Where-Object -FilterScript { $members.ContainsKey([string]$_.ResourceID) } | ForEach-Object -Process { $_.Name })
        if ($still.Length -gt 0) { throw "$(Format-Name -Names $still): still in '$($source.Name)', which would write everything again. Take them out of it first." }
    }
    $package = Find-RollbackPackage -Entry $entry -Source $source -Name $Name
    $shown = if ($null -ne $source) { $source.Name } elseif ($null -ne $entry) { $entry.collection.name } else { $Name }
    $target = Sync-RollbackCollection -Name $shown -Source $source -Devices $found
    Sync-RollbackDeployment -Name $shown -Package $package.Object -Target $target
}

function Sync-RollbackCollection {
    param([string] $Name, $Source, [object[]] $Devices)
    $title = "policyc rollback - $Name"
    $id = Get-RollbackId -Name $Name
    $target = Find-Object -Kind 'Collection' -Id $id -Name $title
    if ($target -is [bool]) { throw "'$title' is taken by a collection that isn't policyc's." }
    if ($null -eq $target) {
        # All Systems where the collection itself is gone.
        $limit = if ($null -ne $Source) { $Source.LimitToCollectionID } else { 'SMS00001' }
        $made = Invoke-Step -StepKind 'Collection' -StepObject $title -StepAction 'created' -StepBody {
            $comment = Format-Comment -Comment "Made by policyc to roll devices back. [policyc-rollback:1]" -Hash $Unfinished -Id $id
            New-CMDeviceCollection -Name $title -LimitingCollectionId $limit -Comment $comment -RefreshType 'Manual'
        }
        if ($null -ne $made) { $target = Set-SiteCollection -CollectionId $made.CollectionID }
    } else {
        Add-Row -Kind 'Collection' -Object $title -Action 'unchanged'
    }
    $there = @()
    if ($null -ne $target) { $there = @(Get-SiteRule -CollectionId $target.CollectionID | ForEach-Object -Process { $_.Key }) }
    foreach ($device in $Devices) {
        if ($there -contains "direct $($device.ResourceID)") { continue }
        $null = Invoke-Step -StepKind 'Membership rule' -StepObject $title -StepAction 'created' -StepDetail $device.Name -StepBody {
            Add-CMDeviceCollectionDirectMembershipRule -CollectionId $target.CollectionID -ResourceId $device.ResourceID -DisableWildcardHandling
        }
        $Run.Changed[$title] = $true
    }
    if ($Run.Changed[$title] -and $null -ne $target) { Update-Membership -Name $title -CollectionId $target.CollectionID }
    if (-not $WhatIfPreference) {
        $members = Get-Device -CollectionId $target.CollectionID
        $outside = @($Devices | Where-Object -FilterScript { -not $members.ContainsKey([string]$_.ResourceID) } | ForEach-Object -Process { $_.Name })
        if ($outside.Length -gt 0) { Add-Refusal -Kind 'Membership' -Object $title -Detail "$(Format-Name -Names $outside): not in its limiting collection '$(Get-CollectionName -CollectionId $target.LimitToCollectionID)', so nothing reaches them. Limit '$title' to one that has them, in the console." }
    }
    return $target
}

function Sync-RollbackDeployment {
    param([string] $Name, $Package, $Target)
    $object = "$($Package.Name) - $RollbackProgram to policyc rollback - $Name"
    $there = $null
    if ($null -ne $Target) { $there = Get-PackageDeployment -PackageId $Package.PackageID -ProgramName $RollbackProgram -CollectionId $Target.CollectionID | Select-Object -First 1 }
    if ($null -ne $there) {
        Add-Row -Kind 'Deployment' -Object $object -Action 'unchanged' -Detail "a device on which it ran runs it again only by a new one: .\deploy.ps1 -Prune -Collection 'policyc rollback - $($Name.Replace("'", "''"))', then -RollBack again"
        return
    }
    # A client looks at the program's earlier runs under any deployment: only with AlwaysRerunProgram does one that was rolled back
    # before run it again. Without a recurrence, each deployment still runs once, and the script is safe to run twice.
    $null = Invoke-Step -StepKind 'Deployment' -StepObject $object -StepAction 'created' -StepBody {
        $comment = Format-Mark -Id (Get-RollbackId -Name $Name) -Hash '000000000001'
        New-CMPackageDeployment -StandardProgram -PackageId $Package.PackageID -ProgramName $RollbackProgram -CollectionId $Target.CollectionID -DeployPurpose 'Required' -ScheduleEvent 'AsSoonAsPossible' -RerunBehavior 'AlwaysRerunProgram' -FastNetworkOption 'DownloadContentFromDistributionPointAndRunLocally' -SlowNetworkOption 'DownloadContentFromDistributionPointAndLocally' -Comment $comment -DisableWildcardHandling
        Read-Listed -Kind 'Program deployment' -Key $Package.PackageID
    }
}

function Remove-Rollback {
    # A rollback collection with its deployments, which only goes when it is named.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Invoke-Step asks.')]
    param([Collections.IDictionary] $Own)
    foreach ($one in @(Get-OwnDeployment | Where-Object -FilterScript { $_.CollectionId -eq $Own.Object.CollectionID })) {
        $null = Invoke-Step -StepKind 'Deployment' -StepObject $one.Name -StepAction 'removed' -StepBody { Clear-Deployment -Deployment $one }
    }
    $null = Invoke-Step -StepKind 'Collection' -StepObject $Own.Name -StepAction 'removed' -StepBody {
        Clear-Object -Kind 'Collection' -Object $Own.Object
        Unregister-Object -Kind 'Collection' -Key $Own.Object.CollectionID
    }
}

# Names that are exchanged or passed on. What has a name that another object of this run is to have, and is to have another one itself,
# gets a temporary name first. A run that is stopped after that is completed by the next: objects are found by their marks. Items and
# baselines get theirs by an import, which takes a name that is still another one's.
function Get-NamedObject {
    # What these collections have whose name is its own on the site: kind, id, name in the policy.
    param([object[]] $Chosen)
    foreach ($entry in $Chosen) {
        if ($null -ne $entry.collection.members) { @{ Kind = 'Collection'; Id = $entry.collection.id; Name = $entry.collection.name } }
        foreach ($kind in 'Package', 'Application', 'Policy') {
            $list = @{ Package = 'packages'; Application = 'applications'; Policy = 'policies' }[$kind]
            foreach ($one in @(Get-List -From $entry -Name $list)) { @{ Kind = $kind; Id = $one.id; Name = $one.parameters.Name } }
        }
        if ($null -eq $entry.baseline) { continue }
        @{ Kind = 'Baseline'; Id = $entry.baseline.id; Name = $entry.baseline.name }
        foreach ($one in @(Get-List -From $entry.baseline -Name 'items')) { @{ Kind = 'Configuration item'; Id = $one.id; Name = $one.name } }
    }
}

function Find-Moving {
    # Of those, what stands in another one's way and will have a name that is free, or becomes free so. By kind and key.
    param([object[]] $Chosen)
    $wanted = @(Get-NamedObject -Chosen $Chosen)
    $claimed = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($one in $wanted) { $claimed["$($one.Kind)|$($one.Name)"] = $true }
    $moving = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($one in $wanted) {
        $own = $Site[$one.Kind].Ours[$one.Id]
        if ($null -eq $own -or $own.Count -ne 1) { continue }
        $name = Get-TextField -From $own[0] -Name $NameIn[$one.Kind]
        if ((Test-SameText -Left $name -Right $one.Name) -or -not $claimed.ContainsKey("$($one.Kind)|$name")) { continue }
        $key = Get-TextField -From $own[0] -Name $KeyIn[$one.Kind]
        $moving["$($one.Kind)|$key"] = @{ Kind = $one.Kind; Id = $one.Id; Key = $key; Name = $name; Wanted = $one.Name }
    }
    do {
        $stuck = @(foreach ($at in $moving.get_Keys()) {
                $one = $moving[$at]
                $holder = $Site[$one.Kind].Names[$one.Wanted]
                if ($null -eq $holder) { continue }
                $key = Get-TextField -From $holder -Name $KeyIn[$one.Kind]
                if ($key -ne $one.Key -and -not $moving.ContainsKey("$($one.Kind)|$key")) { $at }
            })
        foreach ($at in $stuck) { $moving.Remove($at) }
    } while ($stuck.Length -gt 0)
    return $moving
}

function Test-Moving {
    # Whether this run gives an object another name before it uses the one that it has.
    param([string] $Kind, $Object)
    return $Run.Moving.ContainsKey("$Kind|$(Get-TextField -From $Object -Name $KeyIn[$Kind])")
}

function Test-Name {
    # Which objects move, without those collections that this run leaves out: each that falls out may keep another one's name.
    param([object[]] $Chosen)
    do {
        $going = @($Chosen | Where-Object -FilterScript { -not $Run.Left.ContainsKey($_.slug) })
        $Run.Moving = Find-Moving -Chosen $going
        $kept = @(foreach ($entry in $going) {
                $problem = Get-TargetProblem -Entry $entry
                if ($problem) { @{ Entry = $entry; Problem = $problem } }
            })
        foreach ($one in $kept) {
            $Run.Left[$one.Entry.slug] = $one.Problem
            Add-Check -Check "Collection '$($one.Entry.collection.name)'" -State $one.Problem -Wanted 'policyc''s, or free' -Result 'Left out'
        }
    } while ($kept.Length -gt 0)
}

function Clear-Name {
    # Gives what moves its temporary name, which is the same in each run. 48 characters: a package has room for 50.
    foreach ($at in @($Run.Moving.get_Keys() | Sort-Object)) {
        $one = $Run.Moving[$at]
        if ($one.Kind -eq 'Baseline' -or $one.Kind -eq 'Configuration item') { continue }
        $temporary = "policyc renames $($one.Id)"
        $null = Invoke-Step -StepKind $one.Kind -StepObject $one.Name -StepAction 'updated' -StepDetail "named '$temporary' for a moment, as another one gets its name; then '$($one.Wanted)'" -StepBody {
            $there = $Site[$one.Kind].Keys[$one.Key]
            switch ($one.Kind) {
                'Collection' { Set-CMCollection -CollectionId $one.Key -NewName $temporary -DisableWildcardHandling }
                'Package' { Set-CMPackage -Id $one.Key -NewName $temporary -DisableWildcardHandling }
                'Application' { Set-CMApplication -Id $there.CI_ID -NewName $temporary -DisableWildcardHandling }
                'Policy' { Set-CMAdvancedThreatProtectionPolicy -Id $there.CI_ID -NewName $temporary -DisableWildcardHandling }
            }
            if ($one.Kind -eq 'Collection') { $null = Set-SiteCollection -CollectionId $one.Key }
            elseif ($one.Kind -eq 'Policy') { Read-SiteKind -Kind 'Policy' }
            else { Read-SiteObject -Kind $one.Kind -Name $temporary }
        }
    }
}

# The pre-flight: what the site must be for the chosen collections, before anything is changed.
function Add-Check {
    param([string] $Check, [string] $State, [string] $Wanted, [string] $Result)
    $Run.Checks.Add([pscustomobject]@{ Check = $Check; State = $State; Wanted = $Wanted; Result = $Result })
}

function Get-SiteRelease {
    # 1606 from '5.00.8412.1000': Microsoft's build numbers of the current branch.
    param([string] $Version)
    $builds = @(
        @(8325, 1511), @(8355, 1602), @(8412, 1606), @(8458, 1610), @(8498, 1702), @(8540, 1706), @(8577, 1710), @(8634, 1802), @(8692, 1806), @(8740, 1810)
        @(8790, 1902), @(8853, 1906), @(8913, 1910), @(8968, 2002), @(9012, 2006), @(9040, 2010), @(9049, 2103), @(9058, 2107), @(9068, 2111), @(9078, 2203)
        @(9088, 2207), @(9096, 2211), @(9106, 2303), @(9122, 2309), @(9128, 2403), @(9132, 2409), @(9135, 2503)
    )
    if ($Version -notmatch '\A\d+\.\d+\.(\d+)') { return 0 }
    $release = 0
    foreach ($build in $builds) { if ([int]$Matches[1] -ge $build[0]) { $release = $build[1] } }
    return $release
}

function Test-SiteVersion {
    param([object[]] $Chosen)
    $there = Get-CMSite -SiteCode $SiteDrive | Select-Object -First 1
    $version = Get-TextField -From $there -Name 'Version'
    $release = Get-SiteRelease -Version $version
    $needed = 0
    # '2012' and '2012 R2' are older than any that is numbered by year and month.
    if ($Estate.site.server_version -match '\A\d{4}\z' -and $Estate.site.server_version -ne '2012') { $needed = [int]$Estate.site.server_version }
    $result = 'OK'
    if ($release -eq 0) { $result = 'Warning' } elseif ($release -lt $needed) { $result = 'Stops' }
    Add-Check -Check 'Site version' -State "$release ($version)" -Wanted "$(if ($needed) { "$needed or later" } else { 'any' })" -Result $result
    if (@($Chosen | Where-Object -FilterScript { @(Get-List -From $_ -Name 'policies').Length -gt 0 }).Length -eq 0) { return }
    $known = $null -ne (Get-Command -Name 'New-CMAdvancedThreatProtectionPolicy' -ErrorAction Ignore)
    $result = if (($release -ne 0 -and $release -lt 1606) -or -not $known) { 'Stops' } else { 'OK' }
    Add-Check -Check 'Built-in policies' -State "$release, the console $(if ($known) { 'knows' } else { "doesn't know" }) them" -Wanted '1606 or later' -Result $result
}

function Get-ClientSettingValue {
    # A client setting, from the default settings and from each custom set for devices that sets it: name of the set, value.
    param([string] $Group, [string] $Name)
    # Who may not read client settings is told so, by "can't be read".
    try { $sets = @(Get-CMClientSetting) } catch { $sets = @(); Write-Verbose -Message "Client settings: $($_.Exception.Message)" }
    foreach ($settingSet in @($sets | Sort-Object -Property 'Priority' -Descending)) {
        if ($null -eq $settingSet -or (Get-Field -From $settingSet -Name 'Type') -eq 2) { continue }
        # Of every set one dictionary, or nothing where the set doesn't have this group; what is not as documented reads as nothing.
        try { $groups = @(Get-CMClientSetting -Name $settingSet.Name -Setting $Group -DisableWildcardHandling) } catch { $groups = @(); Write-Verbose -Message "Client settings '$($settingSet.Name)': $($_.Exception.Message)" }
        foreach ($values in $groups) {
            $value = $null
            if ($values -is [Collections.IDictionary]) { if ($values.ContainsKey($Name)) { $value = $values[$Name] } } else { $value = Get-Field -From $values -Name $Name }
            if ($null -ne $value) { @{ Set = $settingSet.Name; Value = [string]$value } }
        }
    }
}

function Test-ClientSetting {
    param([object[]] $Chosen)
    $baselines = @($Chosen | Where-Object -FilterScript { $null -ne $_.baseline } | ForEach-Object -Process { $_.baseline })
    if ($baselines.Length -eq 0) { return }
    $found = @(Get-ClientSettingValue -Group 'ComplianceSettings' -Name 'Enabled')
    if ($found.Length -eq 0) { Add-Check -Check 'Compliance evaluation on clients' -State "can't be read" -Wanted 'on' -Result 'Warning' }
    foreach ($one in $found) {
        $on = $one.Value -eq 'True' -or $one.Value -eq '1'
        Add-Check -Check 'Compliance evaluation on clients' -State "$(if ($on) { 'on' } else { 'off' }) in '$($one.Set)'" -Wanted 'on' -Result $(if ($on) { 'OK' } else { 'Warning' })
    }
    $items = @($baselines | ForEach-Object -Process { Get-List -From $_ -Name 'items' } | Where-Object -FilterScript { $_.scripts })
    $unsigned = @($items | Where-Object -FilterScript { -not $_.signed })
    if ($Estate.signing -eq 'required' -and $unsigned.Length -gt 0) {
        Add-Check -Check 'Signed scripts' -State "$($unsigned.Length) of $($items.Length) items hold unsigned scripts" -Wanted "signed, as project.yaml requires: run 'policyc sign', then deploy.ps1 in the folder that it writes" -Result 'Stops'
    } elseif ($items.Length -gt 0) {
        Add-Check -Check 'Signed scripts' -State "$($items.Length - $unsigned.Length) of $($items.Length) items hold signed scripts only" -Wanted 'as the execution policy below asks' -Result 'OK'
    }
    if ($items.Length -gt 0) { Test-ScriptSetting -Unsigned $unsigned.Length }
    $managed = @($baselines | Where-Object -FilterScript { Get-Field -From $_.deployment -Name 'co_managed' })
    $wanted = if ($managed.Length -gt 0) { "these apply on co-managed clients too, which is set in the console (Properties > General) and shows nowhere else: $(Format-Name -Names @($managed | ForEach-Object -Process { $_.name }))" } else { 'Device Configuration with ConfigMgr; where Intune has it, clients ignore these baselines' }
    Add-Check -Check 'Co-management' -State 'no cmdlet tells who holds the workload' -Wanted $wanted -Result $(if ($managed.Length -gt 0) { 'Warning' } else { 'OK' })
}

function Test-ScriptSetting {
    param([int] $Unsigned)
    $names = @{ '0' = 'All Signed'; '1' = 'Bypass'; '2' = 'Restricted' }
    $found = @(Get-ClientSettingValue -Group 'ComputerAgent' -Name 'PowerShellExecutionPolicy')
    if ($found.Length -eq 0) { Add-Check -Check 'PowerShell execution policy' -State "can't be read" -Wanted 'Bypass, or signed scripts' -Result 'Warning' }
    foreach ($one in $found) {
        $name = if ($names.ContainsKey($one.Value)) { $names[$one.Value] } else { $one.Value }
        $result = 'OK'
        $wanted = 'any: all scripts are signed'
        if ($Unsigned -gt 0) {
            $wanted = "Bypass; or run 'policyc sign', then deploy.ps1 in the folder that it writes"
            # Restricted leaves it to the machine's own policy, which the site doesn't know.
            if ($name -ne 'Bypass') {
                $result = 'Warning'
                $wanted = "unsigned scripts won't run (0x87D00327): $wanted"
            }
        }
        Add-Check -Check 'PowerShell execution policy' -State "$name in '$($one.Set)'" -Wanted $wanted -Result $result
    }
    $found = @(Get-ClientSettingValue -Group 'ComplianceSettings' -Name 'ScriptExecutionTimeout')
    if ($found.Length -eq 0) {
        Add-Check -Check 'Script timeout' -State "no cmdlet tells it" -Wanted '60 seconds or more (client settings, Computer Agent or Compliance Settings, from 2207 on)' -Result 'OK'
    }
    foreach ($one in $found) {
        # What is no number is no reason to stop.
        $seconds = $one.Value -as [int]
        Add-Check -Check 'Script timeout' -State "$($one.Value) seconds in '$($one.Set)'" -Wanted '60 seconds or more' -Result $(if ($null -ne $seconds -and $seconds -ge 60) { 'OK' } else { 'Warning' })
    }
}

function Test-Distribution {
    param([object[]] $Chosen)
    $wanted = @{}
    foreach ($entry in $Chosen) {
        foreach ($one in @(Get-List -From $entry -Name 'packages') + @(Get-List -From $entry -Name 'applications')) {
            foreach ($name in @(Get-List -From $one -Name 'distribution_point_groups')) { $wanted[$name] = $true }
        }
    }
    foreach ($entry in $Chosen) {
        $alone = @(@(Get-List -From $entry -Name 'packages') + @(Get-List -From $entry -Name 'applications') | Where-Object -FilterScript { @(Get-List -From $_ -Name 'distribution_point_groups').Length -eq 0 })
        if ($alone.Length -gt 0) { Add-Check -Check "Distribution of '$($entry.collection.name)'" -State 'the policy names no distribution point groups' -Wanted 'distribution_point_groups: without them no device finds the content' -Result 'Warning' }
    }
    # Not .Keys: a group may be named so, and then that would be its entry.
    foreach ($name in @($wanted.get_Keys() | Sort-Object)) {
        $group = $Site.Groups | Where-Object -FilterScript { Test-SameText -Left $_.Name -Right $name } | Select-Object -First 1
        if ($null -eq $group) { Add-Check -Check "Distribution point group '$name'" -State 'not on the site' -Wanted 'there, with members' -Result 'Stops'; continue }
        $empty = [int]$group.MemberCount -eq 0
        Add-Check -Check "Distribution point group '$name'" -State "$($group.MemberCount) distribution points" -Wanted 'at least one' -Result $(if ($empty) { 'Stops' } else { 'OK' })
    }
}

function Test-Collection {
    param([object[]] $Chosen)
    foreach ($entry in $Chosen) {
        $problem = Get-TargetProblem -Entry $entry
        if ($problem) {
            $Run.Left[$entry.slug] = $problem
            Add-Check -Check "Collection '$($entry.collection.name)'" -State $problem -Wanted 'policyc''s, or free' -Result 'Left out'
            continue
        }
        if ($null -eq $entry.collection.members) { continue }
        if (-not $entry.collection.limited_to -and $null -eq (Resolve-Target -Entry $entry)) {
            Add-Check -Check "Collection '$($entry.collection.name)'" -State 'not on the site, and the policy names no limiting collection' -Wanted "limited_to: in $($entry.policy), to make it" -Result 'Stops'
        }
        $needs = @($entry.collection.limited_to | Where-Object -FilterScript { $_ }) + @(Get-List -From $entry.collection.members -Name 'include') + @(Get-List -From $entry.collection.members -Name 'exclude')
        foreach ($name in $needs) {
            if ($null -ne (Find-DeviceCollection -Name $name)) { continue }
            $coming = @($Chosen | Where-Object -FilterScript { Test-SameText -Left $_.collection.name -Right $name })
            if ($coming.Length -gt 0 -and $coming[0].slug -ne $entry.slug) { continue }
            Add-Check -Check "Collection '$name'" -State 'not on the site, nor made by this run' -Wanted "'$($entry.collection.name)' builds on it" -Result 'Stops'
        }
    }
}

function Test-Scope {
    param([object[]] $Chosen)
    $wanted = @{}
    foreach ($entry in $Chosen) { foreach ($name in @(Get-List -From $entry.collection -Name 'security_scopes')) { $wanted[$name] = $true } }
    if ($wanted.get_Count() -eq 0) { return }
    $there = @(Get-CMSecurityScope | Where-Object -FilterScript { $null -ne $_ })
    foreach ($name in @($wanted.get_Keys() | Sort-Object)) {
        $found = @($there | Where-Object -FilterScript { Test-SameText -Left $_.CategoryName -Right $name }).Length -gt 0
        Add-Check -Check "Security scope '$name'" -State $(if ($found) { 'there' } else { 'not on the site' }) -Wanted 'there' -Result $(if ($found) { 'OK' } else { 'Stops' })
    }
}

function Test-Content {
    # Files of the output are read and held to the manifest; the vendor's must be where the package takes it from.
    param([object[]] $Chosen)
    if ($Asked.ContentSource -and -not $Asked.ContentSource.StartsWith('\\')) {
        Add-Check -Check 'Content source' -State $Asked.ContentSource -Wanted '\\server\share: the site server itself reads this path' -Result 'Warning'
    }
    foreach ($entry in $Chosen) {
        foreach ($one in @(Get-List -From $entry -Name 'packages') + @(Get-List -From $entry -Name 'applications')) {
            $target = Get-ContentFolder -Entry $entry -Wanted $one
            $check = "Content of '$($one.parameters.Name)'"
            if (-not $target) {
                Add-Check -Check $check -State 'no content source' -Wanted '-ContentSource \\server\share, or content_source: in project.yaml' -Result 'Stops'
                continue
            }
            foreach ($file in @(Get-List -From $one.content -Name 'files')) { $null = Read-OutputFile -Path "$($entry.slug)/$($one.content.folder)/$($file.name)" }
            $staged = $one.content.staged
            if ($null -eq $staged) { continue }
            $there = Test-FileHash -Path ([IO.Path]::Combine($target, $staged.file)) -Sha256 $staged.sha256
            if ((Get-StagedSource -Staged $staged) -or $there) {
                Add-Check -Check $check -State "$($staged.file) is there" -Wanted "$(if ($staged.sha256) { 'sha256 ' + $staged.sha256.Substring(0, 12) } else { 'any' })" -Result 'OK'
            } else {
                $places = Format-Name -Names @(@($staged.from, $target) | Where-Object -FilterScript { $_ })
                Add-Check -Check $check -State "$($staged.file) is not there, or is another file" -Wanted "in $places$(if ($staged.sha256) { ", sha256 $($staged.sha256)" })" -Result 'Stops'
            }
        }
        foreach ($one in @(Get-List -From $entry -Name 'policies')) {
            $own = $Site.Policy.Ours[$one.id]
            $there = [bool](Get-PolicyFile -Entry $entry -Wanted $one)
            if (-not $there -and $null -ne $own) { continue }
            Add-Check -Check "File of '$($one.parameters.Name)'" -State "$($one.file.name) is $(if ($there) { '' } else { 'not ' })there" -Wanted "$(if ($one.file.from) { $one.file.from } else { 'in the content source' })" -Result $(if ($there) { 'OK' } else { 'Stops' })
        }
        foreach ($digest in @(Get-List -From $entry.baseline -Name 'items') + @($entry.baseline)) { if ($null -ne $digest) { $null = Read-OutputFile -Path "$($entry.slug)/$($digest.cabinet)" } }
        foreach ($one in @(Get-List -From $entry -Name 'applications')) { $null = Read-OutputFile -Path "$($entry.slug)/$($one.detection_script)" }
    }
}

function Test-Date {
    # A package past its date is refused by the vendor's service: its collection waits for a new one.
    param([object[]] $Chosen)
    foreach ($entry in $Chosen) {
        $dates = @(@(Get-List -From $entry -Name 'packages') + @(Get-List -From $entry -Name 'applications') | ForEach-Object -Process { Get-Field -From (Get-Field -From $_.content -Name 'staged') -Name 'last_day_utc' }) +
        @(Get-List -From $entry -Name 'policies' | ForEach-Object -Process { Get-Field -From $_.file -Name 'last_day_utc' })
        foreach ($date in $dates) {
            if ($null -eq $date) { continue }
            $day = (ConvertTo-Moment -Value $date).Date
            $past = [DateTime]::UtcNow.Date -gt $day
            if ($past) { $Run.Left[$entry.slug] = "a package of it was valid until $($day.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture)): fetch a new one from the portal" }
            Add-Check -Check "Packages of '$($entry.collection.name)'" -State "valid until $($day.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture)) UTC" -Wanted 'not past' -Result $(if ($past) { 'Left out' } else { 'OK' })
        }
    }
}

function Test-Site {
    # All checks; gives whether the run may go on.
    param([object[]] $Chosen)
    $Run.Moving = Find-Moving -Chosen $Chosen
    Test-SiteVersion -Chosen $Chosen
    Test-ClientSetting -Chosen $Chosen
    Test-Distribution -Chosen $Chosen
    Test-Scope -Chosen $Chosen
    Test-Collection -Chosen $Chosen
    Test-Content -Chosen $Chosen
    Test-Date -Chosen $Chosen
    Test-Name -Chosen $Chosen
    return @($Run.Checks | Where-Object -FilterScript { $_.Result -eq 'Stops' }).Length -eq 0
}

function Test-Chosen {
    param([string] $Name)
    foreach ($one in $Asked.Collection) { if (Test-SameText -Left $one -Right $Name) { return $true } }
    return $false
}

function Get-ChosenEntry {
    # The collections that this run deploys, in the order of phases.
    foreach ($name in $Asked.Collection) {
        $known = @($Entries | Where-Object -FilterScript { (Test-SameText -Left $_.slug -Right $name) -or (Test-SameText -Left $_.collection.name -Right $name) })
        if ($known.Length -eq 0 -and -not ($Asked.Prune -and $name.StartsWith('policyc rollback - '))) {
            throw "No collection '$name' is in this folder. There are: $(Format-Name -Names @($Entries | ForEach-Object -Process { $_.slug }))."
        }
    }
    if ($Asked.Phase -and @($Entries | Where-Object -FilterScript { $_.phase -eq $Asked.Phase }).Length -eq 0) { throw "No collection is of phase $($Asked.Phase)." }
    foreach ($entry in $Entries) {
        if ($Asked.Collection.Length -gt 0 -and -not (Test-Chosen -Name $entry.slug) -and -not (Test-Chosen -Name $entry.collection.name)) { continue }
        if ($Asked.Phase -and $entry.phase -ne $Asked.Phase) { continue }
        $entry
    }
}

function Get-OrderedEntry {
    # Those that others are limited to come first.
    param([object[]] $Chosen)
    $rest = [Collections.Generic.List[object]]::new()
    foreach ($entry in $Chosen) { $rest.Add($entry) }
    while ($rest.Count -gt 0) {
        $next = $null
        foreach ($entry in $rest) {
            $waits = @($rest | Where-Object -FilterScript { $_.slug -ne $entry.slug -and (Test-SameText -Left $_.collection.name -Right $entry.collection.limited_to) })
            if ($waits.Length -eq 0) { $next = $entry; break }
        }
        if ($null -eq $next) { $next = $rest[0] }
        $null = $rest.Remove($next)
        $next
    }
}

function Invoke-Deployment {
    # All steps, collection after collection; those that others build on exist before any rule names them.
    param([object[]] $Chosen)
    Clear-Name
    $found = @{}
    foreach ($entry in @(Get-OrderedEntry -Chosen $Chosen)) {
        $before = Resolve-Target -Entry $entry
        $found[$entry.slug] = Sync-Collection -Entry $entry
        if ($null -eq $before) { $Run.Made[$entry.slug] = $true }
    }
    foreach ($entry in $Chosen) {
        Sync-Rule -Entry $entry -Found $found[$entry.slug]
        Sync-Folder -Entry $entry -Found $found[$entry.slug]
        Sync-MaintenanceWindow -Entry $entry -Found $found[$entry.slug]
    }
    Test-Disjoint -Chosen $Chosen
    foreach ($entry in $Chosen) {
        Sync-Compliance -Entry $entry -Found $found[$entry.slug]
        foreach ($package in @(Get-List -From $entry -Name 'packages')) { Sync-Package -Entry $entry -Found $found[$entry.slug] -Wanted $package }
        foreach ($application in @(Get-List -From $entry -Name 'applications')) { Sync-Application -Entry $entry -Found $found[$entry.slug] -Wanted $application }
        foreach ($policy in @(Get-List -From $entry -Name 'policies')) { Sync-Policy -Entry $entry -Found $found[$entry.slug] -Wanted $policy }
        Show-Release -Entry $entry
    }
}

function Format-Summary {
    # The tables, as text.
    param([string] $Failure)
    if ($Run.Checks.Count -gt 0) {
        ''
        'Before anything is changed:'
        Format-Row -Rows $Run.Checks.ToArray() -Columns 'Check', 'State', 'Wanted', 'Result'
    }
    if ($Run.Rows.Count -gt 0) {
        ''
        if ($WhatIfPreference) { 'What would be done:' } else { 'What was done:' }
        Format-Row -Rows $Run.Rows.ToArray() -Columns 'Object', 'Kind', 'Action', 'Detail'
    }
    ''
    if ($Failure) {
        if ($Run.Current) { "Stopped while trying to $($Run.Current)." }
        "policyc: $Failure"
        if ($WhatIfPreference) { 'Nothing was done, as -WhatIf asks. Settle the cause and run again.' } elseif ($Run.Rows.Count -gt 0) { 'What stands above as done is done. Settle the cause and run again: the run goes on from there.' } else { 'Nothing was done. Settle the cause and run again.' }
    } elseif ($Run.Refused) {
        "$($Run.Refused) stopped: each says above what to settle. Then run again."
    } else {
        $waiting = @($Run.Rows | Where-Object -FilterScript { $_.Action -eq 'waiting' }).Length
        if ($waiting -gt 0) { "$waiting waiting: each says above for what, and when to run again." }
        'All is well.'
    }
}

$failure = ''
try {
    if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { throw "PowerShell runs in $($ExecutionContext.SessionState.LanguageMode) mode here, and this script needs FullLanguage." }
    if ($Retire -and $RollBack) { throw '-Retire and -RollBack are two runs: the one is for devices of a collection, the other for those that left it.' }
    $OutputManifest = Read-Manifest
    Test-OwnScript -Name 'deploy.ps1'
    $Estate = Read-OutputJson -Path 'site.json'
    if ($Estate.version -ne 1) { throw "'site.json' is of version $($Estate.version), and this script reads version 1. Take both from one run of policyc." }
    $Entries = @(Read-Deployment)
    $known = @($Entries | ForEach-Object -Process { $_.collection.name })
    $Asked.Collection = @(Split-Name -Names $Collection -Known ($known + @($Collection | Where-Object -FilterScript { $_.StartsWith('policyc rollback - ') })))
    $Asked.Adopt = @(Split-Name -Names $Adopt -Known $known)
    # Against the folder that the administrator stands in, before that is the site's drive; if it is that already, PowerShell would
    # take \\server\share for a path of it.
    if ($ContentSource -and -not $ContentSource.StartsWith('\\')) { $Asked.ContentSource = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ContentSource) }
    $chosen = @(Get-ChosenEntry)
    Import-ConsoleModule
    $SiteDrive = Resolve-SiteDrive -Code $(if ($SiteCode) { $SiteCode } else { [string]$Estate.site.code }) -Server $(if ($SiteServer) { $SiteServer } else { [string]$Estate.site.server })
    Push-Location -LiteralPath "${SiteDrive}:\"
    try {
        Read-AllKinds
        $Site.Groups = @(Get-CMDistributionPointGroup | Where-Object -FilterScript { $null -ne $_ })
        if ($Retire) {
            Invoke-Retire -Name $Retire -Prune $Asked.Prune
        } elseif ($RollBack) {
            Invoke-RollBack -Name $RollBack -Devices @(Split-Name -Names $Device)
        } elseif (-not (Test-Prune -Prune $Asked.Prune -AtMost $PruneAtMost)) {
            $failure = 'More left git than -Prune may remove: see above. Nothing was changed.'
        } elseif (Test-Site -Chosen $chosen) {
            foreach ($entry in $chosen) { if ($Run.Left.ContainsKey($entry.slug)) { Add-Refusal -Kind 'Collection' -Object $entry.collection.name -Detail $Run.Left[$entry.slug] } }
            Invoke-Deployment -Chosen @($chosen | Where-Object -FilterScript { -not $Run.Left.ContainsKey($_.slug) })
            Remove-Left -Prune $Asked.Prune
        } else {
            $failure = "The site isn't ready: see what 'Stops' above."
        }
    } finally {
        Pop-Location
    }
} catch {
    $failure = $_.Exception.GetBaseException().Message
    Write-Verbose -Message $_.ScriptStackTrace
}
$summary = @(Format-Summary -Failure $failure)
if ($PassThru) {
    foreach ($line in $summary) { Write-Verbose -Message $line }
    if ($failure) { Write-Warning -Message "policyc: $failure" }
    $Run.Rows
} else {
    $summary
}
if ($failure -or $Run.Refused) { exit 1 }
exit 0
