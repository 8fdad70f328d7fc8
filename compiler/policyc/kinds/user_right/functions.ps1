function Find-OwnSid {
    # Of a device's own account by its name, where Windows doesn't resolve it: what two of them are called, the security policy says.
    param([string] $Name)
    $access = Read-SecurityPolicy 'System Access'
    foreach ($known in @{ NewAdministratorName = 500; NewGuestName = 501 }.GetEnumerator()) {
        if ([string]::Equals(([string]$access[$known.Key]).Trim('"'), $Name, 'OrdinalIgnoreCase')) { return "$(Read-SidOf 'PolAcDmS')-$($known.Value)" }
    }
}

function Read-SidOf {
    # A SID that Windows notes for itself, the device's (PolAcDmS) or its domain's (PolPrDmS), where only SYSTEM reads: empty where there
    # is none, as in a workgroup.
    param([string] $Name)
    $key = (Open-Root 'HKLM' 64).OpenSubKey("SECURITY\Policy\$Name", $false)
    if (-not $key) { throw "SECURITY\Policy\$Name is not there" }
    $bytes = $key.GetValue('')
    if ($bytes -is [byte[]] -and $bytes.Length) { return [Security.Principal.SecurityIdentifier]::new($bytes, 0).Value }
}

function Resolve-Member {
    # SIDs of a row as this device has them. An account of the domain is nobody where there is no domain.
    param([string[]] $Members)
    $sids = [Collections.Generic.List[string]]::new()
    foreach ($member in $Members) {
        $whose = @{ '{domain}' = 'PolPrDmS'; '{machine}' = 'PolAcDmS' }[[regex]::Match($member, '\{.+\}').Value]
        if ($whose) {
            try { $own = Read-SidOf $whose } catch { throw "the SID of this device or its domain, which only SYSTEM can read, cannot be read: $($_.Exception.GetBaseException().Message)" }
            if (-not $own) { continue }
            $member = $own + $member.Substring($member.LastIndexOf('-'))
        }
        $sids.Add($member)
    }
    return $sids.ToArray()
}

function ConvertTo-Sid {
    # Of a name that secedit wrote: it does so for local accounts, in the language of Windows. A name that doesn't resolve stays.
    param([string] $Name)
    foreach ($whole in "$([Environment]::MachineName)\$Name", $Name) {
        try { return [Security.Principal.NTAccount]::new($whole).Translate([Security.Principal.SecurityIdentifier]).Value } catch { Write-Verbose -Message $_.Exception.Message }
    }
    $sid = try { Find-OwnSid $Name } catch { Write-Verbose -Message $_.Exception.Message }
    if ($sid) { return $sid }
    Write-PolicyLog -Message "secedit names $Name, who cannot be resolved: the name is kept" -Type 2
    return $Name
}

function Get-MemberState {
    # A list as a state: each once, sorted.
    param([string[]] $Members)
    $sorted = [string[]]@([Collections.Generic.HashSet[string]]::new($Members, [StringComparer]::OrdinalIgnoreCase))
    [Array]::Sort($sorted, [StringComparer]::Ordinal)
    return @{ State = 'present'; Kind = 'MultiString'; Data = $sorted }
}

function Read-UserRight {
    # Who has a right: SIDs. One is never translated to a name, as its account may be gone. A right that nobody has isn't listed.
    param([string] $Place)
    try {
        $members = @(
            foreach ($part in ([string](Read-SecurityPolicy 'Privilege Rights')[$Place]).Split(',')) {
                $part = $part.Trim()
                if ($part -match '\A\*') { $part.Substring(1).ToUpperInvariant() } elseif ($part) { ConvertTo-Sid $part }
            }
        )
        return Get-MemberState $members
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    }
}

function Get-UserRightNext {
    # Member by member: who else has the right keeps it, unless those alone may have it who are named.
    param($Setting, $State)
    $held = [Collections.Generic.HashSet[string]]::new([string[]]$State.Data, [StringComparer]::OrdinalIgnoreCase)
    $asked = @{}
    foreach ($word in 'Contains', 'NoneOf', 'SetEquals', 'AlsoAllowed') {
        # A list of one would come out of `if` as text.
        $asked[$word] = [string[]]@(if ($Setting['Own']) { & 'Resolve-Member' -Members $Setting[$word] } elseif ($Setting[$word]) { $Setting[$word] })
    }
    if ($Setting.Contains('SetEquals')) { $held.IntersectWith([string[]]($asked.SetEquals + $asked.AlsoAllowed)) }
    $held.ExceptWith([string[]]$asked.NoneOf)
    $held.UnionWith([string[]]($asked.Contains + $asked.SetEquals))
    return Get-MemberState @($held)
}

function Test-UserRight {
    # It holds where there is nothing to change.
    param($Setting, $State)
    $holds = Test-SameState (Get-UserRightNext -Setting $Setting -State $State) $State
    # Where the domain's policy decides, a remediation would be undone by it, or undo it.
    if (-not $holds -and (Test-DomainController)) { $Setting['ReportOnly'] = $true }
    return $holds
}

function Write-UserRight {
    # A line replaces all who have the right, so it is looked at once more: what came in between is never overwritten.
    param([object[]] $Changes)
    Clear-SecurityPolicy
    $lines = @(
        foreach ($change in $Changes) {
            if (Test-SameState (Read-UserRight -Place $change.Name) $change.Previous) {
                "$($change.Name) = " + ([string]::Join(',', $change.Next.Data) -creplace '(?<=\A|,)(?=S-1-[0-9-]+(,|\z))', '*')
            } else {
                $change.Failure = 'somebody else changed it in this moment'
            }
        }
    )
    if ($lines.Length) { Write-SecurityPolicy -Section 'Privilege Rights' -Lines $lines -Area 'USER_RIGHTS' }
}

function Get-UserRightUndone {
    # Those who have it now, without those whom policyc gave it, and with those from whom it took it. Of two states that a killed run
    # has left, the one that was meant last counts.
    param($Entry, $Current)
    $first, $last = [string[]]$Entry.Previous.Data, [string[]]$Entry.Known[-1].Data
    $kept = $Current.Data.Where({ [Array]::IndexOf($last, $_) -lt 0 -or [Array]::IndexOf($first, $_) -ge 0 })
    return Get-MemberState (@($kept) + $first.Where({ [Array]::IndexOf($last, $_) -lt 0 }))
}

function Format-UserRightState {
    param($State)
    if (-not $State.Data.Length) { return 'given to nobody' }
    return "given to $([string]::Join(', ', $State.Data))"
}

function Format-UserRightPlace {
    param([string] $Place)
    return "the user right $Place$(Get-DomainNote)"
}

function Format-UserRightMust {
    param($Setting)
    return $Setting['Must']
}
