# Optional features of Windows.
function Read-OptionalFeature {
    # Whether it is enabled.
    param([string] $Place)
    return Read-Dism 'OptionalFeature' $Place
}

function Test-OptionalFeature {
    # Whether the setting holds in this state.
    param([hashtable] $Setting, [hashtable] $State)
    return Test-Dism $Setting $State
}

function Get-OptionalFeatureNext {
    # The state that it asks for.
    param([hashtable] $Setting, [hashtable] $State)
    return Get-DismNext $Setting $State
}

function Write-OptionalFeature {
    # All of them.
    param([object[]] $Changes)
    Write-Dism 'OptionalFeature' $Changes
}

function Get-OptionalFeatureUndone {
    # What was there first.
    param([hashtable] $Entry, [hashtable] $Current)
    return Get-DismUndone $Entry $Current
}

function Format-OptionalFeatureState {
    # What is there, for people.
    param([hashtable] $State)
    return Format-DismState $State
}

function Format-OptionalFeaturePlace {
    # For people.
    param([string] $Place)
    return "the optional feature $Place"
}

function Format-OptionalFeatureMust {
    # What a setting asks for, as the end of a sentence.
    param([hashtable] $Setting)
    return Format-DismMust $Setting
}
