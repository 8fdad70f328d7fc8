# Who has a right: SIDs, sorted. A SID is never translated to a name, as its account may be gone; a name that doesn't resolve stays as it is.
$KnownSids = @{ Names = @{}; Machine = ''; Domain = $null }

function Read-SidOf {
    # A SID that Windows notes for itself, where only SYSTEM reads: empty where there is none, as of a domain in a workgroup.
    param([string] $Name)
    $held = Read-Place @{ Hive = 'HKLM'; View = 64; Path = "SECURITY\Policy\$Name"; Name = '' }
    if ($held.State -eq 'absent' -and -not (Test-Key (Open-Root 'HKLM' 64) "SECURITY\Policy\$Name")) { throw "the key SECURITY\Policy\$Name is not there" }
    if ($held.State -eq 'unreadable') { throw $held.Failure }
    if ($held.State -eq 'absent' -or $held.Data -isnot [byte[]] -or $held.Data.Length -lt 8) { return '' }
    return [Security.Principal.SecurityIdentifier]::new($held.Data, 0).Value
}

function Get-MachineSid {
    # What the SIDs of this device's own accounts begin with. What its administrator is called, the security policy says.
    if ($KnownSids.Machine) { return $KnownSids.Machine }
    $name = ([string](Read-SecurityPolicy)['System Access']['NewAdministratorName']).Trim('"')
    try {
        $KnownSids.Machine = [Security.Principal.NTAccount]::new([Environment]::MachineName, $name).Translate([Security.Principal.SecurityIdentifier]).AccountDomainSid.Value
    } catch {
        try { $KnownSids.Machine = Read-SidOf 'PolAcDmS' } catch { throw "the SID of this device could not be read: $($_.Exception.GetBaseException().Message)" }
        if (-not $KnownSids.Machine) { throw 'the SID of this device could not be read' }
    }
    return $KnownSids.Machine
}

function Get-DomainSid {
    # What the SIDs of the domain's accounts begin with; empty where this device is in a workgroup.
    if ($null -eq $KnownSids.Domain) {
        try { $KnownSids.Domain = Read-SidOf 'PolPrDmS' } catch {
            throw "which domain this device is a member of, only SYSTEM can read: $($_.Exception.GetBaseException().Message)"
        }
    }
    return $KnownSids.Domain
}

function Resolve-Member {
    # SIDs of a row as this device has them. An account of the domain is nobody where there is no domain.
    param([string[]] $Members)
    $sids = @(
        foreach ($member in $Members) {
            if ($member.Contains('{machine}')) {
                $member.Replace('S-1-5-21-{machine}', (Get-MachineSid))
            } elseif (-not $member.Contains('{domain}')) {
                $member
            } elseif (Get-DomainSid) {
                $member.Replace('S-1-5-21-{domain}', (Get-DomainSid))
            }
        }
    )
    return , [string[]]$sids
}

function Find-NamedSid {
    # Of the two accounts whose names the security policy tells itself; empty for others.
    param([string] $Name)
    $access = (Read-SecurityPolicy)['System Access']
    foreach ($known in @{ NewAdministratorName = 500; NewGuestName = 501 }.GetEnumerator()) {
        if (-not [string]::Equals(([string]$access[$known.Key]).Trim('"'), $Name, 'OrdinalIgnoreCase')) { continue }
        try { return "$(Get-MachineSid)-$($known.Value)" } catch { return '' }
    }
    return ''
}

function ConvertTo-Sid {
    # Of a name that secedit wrote: it does so for local accounts, in the language of Windows.
    param([string] $Name)
    if ($KnownSids.Names.ContainsKey($Name)) { return $KnownSids.Names[$Name] }
    $sid = ''
    foreach ($domain in [Environment]::MachineName, '') {
        try {
            $account = if ($domain) { [Security.Principal.NTAccount]::new($domain, $Name) } else { [Security.Principal.NTAccount]::new($Name) }
            $sid = $account.Translate([Security.Principal.SecurityIdentifier]).Value
            break
        } catch {
            Write-Verbose -Message "$domain\$Name is not resolved: $($_.Exception.Message)"
        }
    }
    if (-not $sid) { $sid = Find-NamedSid $Name }
    if (-not $sid) {
        Write-PolicyLog -Message "secedit names $Name, who cannot be resolved: the name is kept as it is" -Type 2
        $sid = $Name
    }
    $KnownSids.Names[$Name] = $sid
    return $sid
}

function Get-MemberState {
    # A list as a state: each once, sorted.
    param([string[]] $Members)
    $set = [Collections.Generic.HashSet[string]]::new($Members, [StringComparer]::OrdinalIgnoreCase)
    $sorted = [string[]]::new($set.Count)
    $set.CopyTo($sorted)
    [Array]::Sort($sorted, [StringComparer]::Ordinal)
    return @{ State = 'present'; Kind = 'MultiString'; Data = $sorted }
}

function Read-UserRight {
    # A right that nobody has isn't listed.
    param([string] $Place)
    try {
        $list = [string](Read-SecurityPolicy)['Privilege Rights'][$Place]
        $members = @(
            foreach ($part in $list.Split(',')) {
                $text = $part.Trim()
                if ($text.StartsWith('*', 'Ordinal')) { $text.Substring(1).ToUpperInvariant() } elseif ($text) { ConvertTo-Sid $text }
            }
        )
        return Get-MemberState $members
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    }
}

function Get-MemberSet {
    # A list as a set.
    param([string[]] $Members)
    return , [Collections.Generic.HashSet[string]]::new($Members, [StringComparer]::OrdinalIgnoreCase)
}

function Test-UserRight {
    # Whether those have it who must, and nobody who must not.
    param([hashtable] $Setting, [hashtable] $State)
    $held = Get-MemberSet $State.Data
    $holds = if ($Setting.Contains('Contains')) {
        $held.IsSupersetOf((Resolve-Member $Setting['Contains']))
    } elseif ($Setting.Contains('NoneOf')) {
        -not $held.Overlaps((Resolve-Member $Setting['NoneOf']))
    } else {
        $wanted = Resolve-Member $Setting['SetEquals']
        $held.IsSupersetOf($wanted) -and $held.IsSubsetOf([string[]]($wanted + (Resolve-Member $Setting['AlsoAllowed'])))
    }
    # Where the domain's policy decides, a remediation would be undone by it, or undo it.
    if (-not $holds -and (Test-DomainController)) { $Setting['ReportOnly'] = $true }
    return $holds
}

function Get-UserRightNext {
    # Member by member: who else has the right keeps it, unless those alone may have it who are named.
    param([hashtable] $Setting, [hashtable] $State)
    $held = Get-MemberSet $State.Data
    if ($Setting.Contains('NoneOf')) {
        $held.ExceptWith((Resolve-Member $Setting['NoneOf']))
    } elseif ($Setting.Contains('Contains')) {
        $held.UnionWith((Resolve-Member $Setting['Contains']))
    } else {
        $held.IntersectWith((Resolve-Member $Setting['AlsoAllowed']))
        $held.UnionWith((Resolve-Member $Setting['SetEquals']))
    }
    return Get-MemberState @($held)
}

function Write-UserRight {
    # A line replaces all who have the right, so it is looked at once more: what came in between is never overwritten.
    param([object[]] $Changes)
    Clear-SecurityPolicy
    $lines = @(
        foreach ($change in $Changes) {
            $now = Read-UserRight -Place $change.Name
            if (-not (Test-SameState $now $change.Previous)) {
                $change.Failure = 'somebody else changed it in this moment, and it was left'
                continue
            }
            $members = @(foreach ($member in $change.Next.Data) { if ($member -match '\AS-1-[0-9-]+\z') { "*$member" } else { $member } })
            "$($change.Name) = $([string]::Join(',', $members))"
        }
    )
    if ($lines.Length) { Write-SecurityPolicy -Section 'Privilege Rights' -Lines $lines -Area 'USER_RIGHTS' }
}

function Get-UserRightUndone {
    # Those who have it now, without those whom policyc gave it, and with those from whom it took it. Of two states that a killed run
    # has left, the one that was meant last counts.
    param([hashtable] $Entry, [hashtable] $Current)
    $written = $Entry.Known[-1]
    if ($Entry.Previous.Kind -ne 'MultiString' -or $written['Kind'] -ne 'MultiString' -or $Current['Kind'] -ne 'MultiString') { return $null }
    $added = Get-MemberSet $written.Data
    $added.ExceptWith($Entry.Previous.Data)
    $removed = Get-MemberSet $Entry.Previous.Data
    $removed.ExceptWith($written.Data)
    $members = Get-MemberSet $Current.Data
    $members.ExceptWith($added)
    $members.UnionWith($removed)
    return Get-MemberState @($members)
}

function Format-UserRightState {
    param([hashtable] $State)
    if ($State.State -eq 'absent' -or -not $State.Data.Length) { return 'given to nobody' }
    return "given to $([string]::Join(', ', $State.Data))"
}

function Format-UserRightPlace {
    param([string] $Place)
    return "the user right $Place$(Get-DomainNote)"
}

function Format-UserRightMust {
    param([hashtable] $Setting)
    return $Setting['Must']
}
