function Read-SecurityOption {
    param([string] $Place)
    return Read-Access $Place
}

function Test-SecurityOption {
    param($Setting, $State)
    return Test-Access -Setting $Setting -State $State
}

function Get-SecurityOptionNext {
    param($Setting, $State)
    Write-Verbose -Message "It is $(Format-AccessState $State)"
    return & 'Get-SetState' -Setting $Setting
}

function Write-SecurityOption {
    param([object[]] $Changes)
    Write-Access $Changes
}

function Format-SecurityOptionState {
    param($State)
    return Format-AccessState $State
}

function Format-SecurityOptionPlace {
    param([string] $Place)
    return "the security option $Place$(Get-DomainNote)"
}

function Format-SecurityOptionMust {
    param($Setting)
    return $Setting['Must']
}
