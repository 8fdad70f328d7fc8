# Capabilities of Windows.
function Read-Capability {
    # Whether it is there.
    param([string] $Place)
    return Read-Dism 'Capability' $Place
}

function Test-Capability {
    # Whether the setting holds in this state.
    param([hashtable] $Setting, [hashtable] $State)
    return Test-Dism $Setting $State
}

function Get-CapabilityNext {
    # The state that it asks for.
    param([hashtable] $Setting, [hashtable] $State)
    return Get-DismNext $Setting $State
}

function Write-Capability {
    # All of them.
    param([object[]] $Changes)
    Write-Dism 'Capability' $Changes
}

function Get-CapabilityUndone {
    # What was there first.
    param([hashtable] $Entry, [hashtable] $Current)
    return Get-DismUndone $Entry $Current
}

function Format-CapabilityState {
    # What is there, for people.
    param([hashtable] $State)
    return Format-DismState $State
}

function Format-CapabilityPlace {
    # For people.
    param([string] $Place)
    return "the capability $Place"
}

function Format-CapabilityMust {
    # What a setting asks for, as the end of a sentence.
    param([hashtable] $Setting)
    return Format-DismMust $Setting
}
