# Microsoft Defender's own preferences, by its cmdlets. What they show is what holds; a policy goes before them.
$DefenderStates = @{}

# Where each lies, below Defender's own key and below that of the policies, and its words in the order of its numbers.
$DefenderPreferences = @{
    PUAProtection = 'PUAProtection|disabled,enabled,audit'
    EnableNetworkProtection = 'Windows Defender Exploit Guard\Network Protection\EnableNetworkProtection|disabled,enabled,audit'
    EnableControlledFolderAccess = 'Windows Defender Exploit Guard\Controlled Folder Access\EnableControlledFolderAccess|disabled,enabled,audit,block_disk_modification_only,audit_disk_modification_only'
    MAPSReporting = 'Spynet\SpynetReporting|disabled,basic,advanced'
    SubmitSamplesConsent = 'Spynet\SubmitSamplesConsent|always_prompt,send_safe,never_send,send_all'
    CloudBlockLevel = 'MpEngine\MpCloudBlockLevel|default,moderate,high,,high_plus,,zero_tolerance'
}

function Get-DefenderPart {
    # Where a place lies, its words, and which property of all preferences tells it.
    param([string] $Place)
    if ($DefenderPreferences.Contains($Place)) {
        $path, $words = $DefenderPreferences[$Place].Split('|')
        return @{ Path = $path; Words = $words.Split(','); Property = $Place; Rule = $false }
    }
    $words = 'off,block,audit,,,,warn'.Split(',')
    return @{ Path = "Windows Defender Exploit Guard\ASR\Rules\$Place"; Words = $words; Property = 'AttackSurfaceReductionRules_Ids'; Rule = $true }
}

function Test-DefenderValue {
    # Whether there is a value of this path below a key.
    param([string] $Below, [string] $Path)
    $at = $Path.LastIndexOf('\')
    $key = (Open-Root 'HKLM' 64).OpenSubKey("$Below\$(if ($at -gt 0) { $Path.Substring(0, $at) })".TrimEnd('\'), $false)
    if ($null -eq $key) { return $false }
    try {
        return $key.GetValueNames() -contains $Path.Substring($at + 1)
    } finally {
        $key.Dispose()
    }
}

function Get-DefenderProperty {
    # One of all preferences, which are asked for once.
    param([string] $Name)
    if (-not $DefenderStates.Contains('All')) {
        if ($null -eq (Get-Command -Name 'Get-MpPreference' -ErrorAction Ignore)) { throw 'this Windows has no cmdlets of Microsoft Defender' }
        $DefenderStates.All = Get-MpPreference -ErrorAction Stop
    }
    $property = if ($null -ne $DefenderStates.All) { $DefenderStates.All.PSObject.Properties[$Name] }
    if ($null -eq $property) { throw "this release of Microsoft Defender has no $Name" }
    return , @($property.Value)
}

function Read-DefenderWord {
    # A word; ';default' behind that of a preference that nobody has set, so that a rollback leaves it so.
    param([string] $Place)
    $part = Get-DefenderPart $Place
    $values = Get-DefenderProperty $part.Property
    if (-not $part.Rule) {
        $number = if ($values.Length) { $values[0] }
    } else {
        $actions = Get-DefenderProperty 'AttackSurfaceReductionRules_Actions'
        $at = -1
        for ($index = 0; $index -lt $values.Length; $index++) {
            # Who may not see them is told so in the place of a rule.
            if ("$($values[$index])" -like 'N/A*') { throw "$($values[$index])" }
            if ("$($values[$index])" -eq $Place) { $at = $index }
        }
        if ($at -lt 0) { return @{ State = 'present'; Kind = 'String'; Data = 'not_configured' } }
        if ($at -ge $actions.Length) { throw 'rules and actions are of different number' }
        $number = $actions[$at]
    }
    $number = if ($null -eq $number) { -1 } else { [int]$number }
    $word = if ($number -ge 0 -and $number -lt $part.Words.Length) { $part.Words[$number] }
    if (-not $word) { $word = "unknown ($number)" }
    if (-not $part.Rule -and -not (Test-DefenderValue 'SOFTWARE\Microsoft\Windows Defender' $part.Path)) { $word += ';default' }
    return @{ State = 'present'; Kind = 'String'; Data = $word }
}

function Read-Defender {
    # A word, or the members of a list.
    param([string] $Place)
    try {
        if ($Place -like '*Exclusion*') { return & 'Read-DefenderList' -Place $Place }
        return & 'Read-DefenderWord' -Place $Place
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    }
}

function Get-DefenderWord {
    # What is there, whoever has set it.
    param($State)
    if ($State.State -ne 'present') { return 'not_configured' }
    return $State.Data.Split(';')[0]
}

function Test-Defender {
    # Whether the setting holds in this state.
    param($Setting, $State)
    if (-not $Setting['Equals']) { return Test-SameState (& 'Select-DefenderNext' -Setting $Setting -State $State) $State }
    return (Get-DefenderWord $State) -eq $Setting.Equals
}

function Get-DefenderWordNext {
    # What is asked for. Where a policy says something else, no preference counts.
    param($Setting, $State)
    $path = (Get-DefenderPart $Setting.Place).Path
    $policies = 'SOFTWARE\Policies\Microsoft\Windows Defender'
    # Intune keeps all rules in one text.
    $key = (Open-Root 'HKLM' 64).OpenSubKey("$policies\Policy Manager", $false)
    $rules = if ($null -ne $key) { [string]$key.GetValue('ASRRules') }
    if ($rules -like "*$($Setting.Place)*") { $path = 'Policy Manager\ASRRules' }
    if (Test-DefenderValue $policies $path) { throw "A policy says so, and goes before a preference: HKLM\$policies\$path" }
    Write-Verbose -Message "It is $(Format-DefenderState $State)"
    return @{ State = 'present'; Kind = 'String'; Data = $Setting.Equals }
}

function Get-DefenderNext {
    # A word, or the members of a list.
    param($Setting, $State)
    if (-not $Setting['Equals']) { return & 'Get-DefenderListNext' -Setting $Setting -State $State }
    return & 'Get-DefenderWordNext' -Setting $Setting -State $State
}

function Invoke-DefenderCmdlet {
    # One of Defender's cmdlets; a parameter that this release doesn't know is told by its name.
    param([string] $Verb, [hashtable] $Given)
    $cmdlet = Get-Command -Name "$Verb-MpPreference" -ErrorAction Stop
    foreach ($name in $Given.Keys) { if (-not $cmdlet.Parameters.ContainsKey($name)) { throw "this release of Microsoft Defender can't set $name" } }
    $null = & $cmdlet @Given -Force -ErrorAction Stop
}

function Set-DefenderWord {
    # A rule is added, changed or taken out by itself: Set-MpPreference would replace all of them.
    param([string] $Place, [string] $Word, [bool] $ByDefault)
    $part = Get-DefenderPart $Place
    if ($part.Rule -and $Word -eq 'not_configured') {
        Invoke-DefenderCmdlet 'Remove' @{ AttackSurfaceReductionRules_Ids = $Place }
    } elseif ($part.Rule) {
        Invoke-DefenderCmdlet 'Add' @{ AttackSurfaceReductionRules_Ids = $Place; AttackSurfaceReductionRules_Actions = [Array]::IndexOf($part.Words, $Word) }
    } elseif ($ByDefault) {
        Invoke-DefenderCmdlet 'Remove' @{ $Place = $true }
    } else {
        Invoke-DefenderCmdlet 'Set' @{ $Place = [Array]::IndexOf($part.Words, $Word) }
    }
    $DefenderStates.Clear()
}

function Test-DefenderTamper {
    # Whether tamper protection is on; where that can't be asked, nobody knows.
    try { return [bool](Get-MpComputerStatus -ErrorAction Stop).IsTamperProtected } catch { return $false }
}

function Write-DefenderWord {
    # What Defender shows afterwards decides, not what its cmdlets say.
    param($Change)
    $word = Get-DefenderWord $Change.Next
    $byDefault = $Change.Next.State -eq 'present' -and $Change.Next.Data.EndsWith(';default')
    Set-DefenderWord $Change.Name $word $byDefault
    $now = Read-Defender $Change.Name
    if ($byDefault -and (Get-DefenderWord $now) -ne $word) {
        # By default it is something else by now.
        Set-DefenderWord $Change.Name $word $false
        $now = Read-Defender $Change.Name
    }
    if ($now.State -eq 'present' -and (Get-DefenderWord $now) -eq $word) {
        $Change.Next = $now
    } elseif (Test-DefenderTamper) {
        $Change.Failure = 'Tamper protection is on, and let nothing happen'
    }
}

function Write-Defender {
    # Words and lists.
    param([object[]] $Changes)
    foreach ($change in $Changes) {
        try {
            if ($change.Name -like '*Exclusion*') { & 'Write-DefenderList' -Change $change } else { & 'Write-DefenderWord' -Change $change }
        } catch {
            $change.Failure = $_.Exception.GetBaseException().Message
        }
    }
    $DefenderStates.Clear()
}

# Where policies have a list: those of Group Policy are values of a key, named after the members; Intune's are one text.
$DefenderLists = @{
    ExclusionPath = 'Exclusions\Paths', 'ExcludedPaths'
    ExclusionExtension = 'Exclusions\Extensions', 'ExcludedExtensions'
    ExclusionProcess = 'Exclusions\Processes', 'ExcludedProcesses'
    ExclusionIpAddress = 'Exclusions\IpAddresses', 'ExcludedIpAddresses'
    AttackSurfaceReductionOnlyExclusions = 'Windows Defender Exploit Guard\ASR\ASROnlyExclusions', 'ASROnlyExclusions'
}

function Get-DefenderList {
    # Members as a state: each spelling once, sorted.
    param([string[]] $Members)
    $sorted = [string[]]@([Collections.Generic.HashSet[string]]::new($Members))
    [Array]::Sort($sorted, [StringComparer]::Ordinal)
    return @{ State = 'present'; Kind = 'MultiString'; Data = $sorted }
}

function Read-DefenderList {
    # A list as it is spelt. Who may not see it is told so in the place of a member.
    param([string] $Place)
    $members = [string[]]@(foreach ($one in (Get-DefenderProperty $Place)) { if ("$one") { "$one" } })
    foreach ($one in $members) { if ($one -like 'N/A*') { throw $one } }
    return Get-DefenderList $members
}

function Select-DefenderMember {
    # Those of a list that are (or aren't) among others. A folder is one with or without its last backslash, an extension with or without
    # its dot, whatever the case of its letters.
    param([string[]] $Members, [string[]] $Others, [bool] $Among)
    $keys = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($one in $Others) { $null = $keys.Add($one.TrimEnd('\').TrimStart('.')) }
    foreach ($one in $Members) { if ($keys.Contains($one.TrimEnd('\').TrimStart('.')) -eq $Among) { $one } }
}

function Select-DefenderNext {
    # Member by member: what else is in the list stays, unless those alone may be in it that are named.
    param($Setting, $State)
    $asked = @{}
    # A list of one would come out of `if` as text.
    foreach ($word in 'Contains', 'NoneOf', 'SetEquals', 'AlsoAllowed') { $asked[$word] = [string[]]@(if ($Setting[$word]) { $Setting[$word] }) }
    $held = $State.Data
    if ($Setting.Contains('SetEquals')) { $held = @(Select-DefenderMember $held ($asked.SetEquals + $asked.AlsoAllowed) $true) }
    $held = @(Select-DefenderMember $held $asked.NoneOf $false)
    return Get-DefenderList ($held + @(Select-DefenderMember ($asked.Contains + $asked.SetEquals) $held $false))
}

function Get-DefenderListNext {
    # What a policy has put into a list, no preference takes out, and where policies alone count, none is put in.
    param($Setting, $State)
    $next = Select-DefenderNext -Setting $Setting -State $State
    $policies = 'SOFTWARE\Policies\Microsoft\Windows Defender'
    $path, $text = $DefenderLists[$Setting.Place]
    $root = Open-Root 'HKLM' 64
    $key = $root.OpenSubKey("$policies\$path", $false)
    $held = @(if ($key) { $key.GetValueNames() })
    $intune = $root.OpenSubKey("$policies\Policy Manager", $false)
    if ($intune) { $held += ([string]$intune.GetValue($text)).Split('|') }
    $removed = @(Select-DefenderMember $State.Data $next.Data $false)
    $kept = @(Select-DefenderMember $removed $held $true)
    if ($kept.Length) { throw "A policy says so, and goes before a preference: $([string]::Join(', ', $kept)), below HKLM\$policies" }
    $own = $root.OpenSubKey($policies, $false)
    if ($own -and $own.GetValue('DisableLocalAdminMerge') -eq 1 -and @(Select-DefenderMember $next.Data $State.Data $false).Length) {
        throw "A policy lets no list of the device count: HKLM\$policies\DisableLocalAdminMerge"
    }
    return $next
}

function Write-DefenderList {
    # Members are added and taken out by themselves: Set-MpPreference would replace the list. What came in between is never overwritten.
    param($Change)
    $DefenderStates.Clear()
    if (-not (Test-SameState (Read-Defender $Change.Name) $Change.Previous)) { throw 'somebody else changed it in this moment' }
    $list, $was, $next = $Change.Name, $Change.Previous.Data, $Change.Next.Data
    foreach ($step in @{ Verb = 'Remove'; Members = @(Select-DefenderMember $was $next $false) }, @{ Verb = 'Add'; Members = @(Select-DefenderMember $next $was $false) }) {
        if ($step.Members.Length) { Invoke-DefenderCmdlet $step.Verb @{ $list = [string[]]$step.Members } }
    }
    $DefenderStates.Clear()
    $now = Read-Defender $Change.Name
    if ($now.State -ne 'present') { return }
    if (@(Select-DefenderMember $now.Data $next $false).Length + @(Select-DefenderMember $next $now.Data $false).Length -eq 0) {
        # Defender may spell a member otherwise.
        $Change.Next = $now
    } elseif (Test-DefenderTamper) {
        $Change.Failure = 'Tamper protection is on, and let nothing happen'
    }
}

function Select-DefenderUndone {
    # What is there now, without those that policyc added, and with those that it took out.
    param($Entry, $Current)
    $first, $last = $Entry.Previous.Data, $Entry.Known[-1].Data
    $kept = @(Select-DefenderMember $Current.Data @(Select-DefenderMember $last $first $false) $false)
    return Get-DefenderList ($kept + @(Select-DefenderMember @(Select-DefenderMember $first $last $false) $kept $false))
}

function Get-DefenderUndone {
    # By the word alone: who has set it is no part of it.
    param($Entry, $Current)
    if ($Entry.Previous['Kind'] -eq 'MultiString') { return & 'Select-DefenderUndone' -Entry $Entry -Current $Current }
    $word = Get-DefenderWord $Current
    if ($word -eq (Get-DefenderWord $Entry.Previous)) { return $Current }
    if (@(foreach ($known in $Entry.Known) { Get-DefenderWord $known }) -contains $word) { return $Entry.Previous }
    return $null
}

function Format-DefenderState {
    # What is there, for people.
    param($State)
    if ($State.State -ne 'present') { return 'not configured' }
    if ($State.Kind -eq 'MultiString') { return $(if ($State.Data.Length) { [string]::Join(', ', $State.Data) } else { 'empty' }) }
    return $State.Data.Replace(';default', ' by default').Replace('_', ' ')
}

function Format-DefenderPlace {
    # A rule, a preference or a list, for people.
    param([string] $Place)
    if ($Place -like '*Exclusion*') { return "Defender's list $Place" }
    return "Defender's $(if ($Place.Contains('-')) { 'rule' } else { 'preference' }) $Place"
}

function Format-DefenderMust {
    # What a setting asks for, as the end of a sentence.
    param($Setting)
    if (-not $Setting['Equals']) { return $Setting['Must'] }
    return "be $($Setting.Equals.Replace('_', ' '))"
}
