function Read-AccountPolicy {
    param([string] $Place)
    return Read-Access $Place
}

function Test-AccountPolicy {
    param($Setting, $State)
    return Test-Access -Setting $Setting -State $State
}

function Get-AccountPolicyNext {
    param($Setting, $State)
    Write-Verbose -Message "It is $(Format-AccessState $State)"
    return & 'Get-SetState' -Setting $Setting
}

function Write-AccountPolicy {
    param([object[]] $Changes)
    Write-Access $Changes
}

function Format-AccountPolicyState {
    param($State)
    return Format-AccessState $State
}

function Format-AccountPolicyPlace {
    param([string] $Place)
    return "the account policy $Place$(Get-DomainNote)"
}

function Format-AccountPolicyMust {
    param($Setting)
    return $Setting['Must']
}
