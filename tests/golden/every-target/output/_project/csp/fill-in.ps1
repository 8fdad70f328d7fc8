<#
.SYNOPSIS
    Puts the content of the tenant's onboarding or offboarding file in the place of the reference to it.
.DESCRIPTION
    The profiles that policyc writes name the file and never hold its content: that is the tenant's secret, and git keeps
    what it was once given. This script makes a copy of such a profile with the content in it. It shows no part of it,
    writes to no folder of a git repository, and reads what it wrote once more to see that it is right.

    It ends with 0 when the copy is written (or with -WhatIf could be), otherwise with 1.
.PARAMETER Template
    sensor\profile.json or sensor\policy.json of a collection.
.PARAMETER DataFile
    The .onboarding or .offboarding file of the tenant, from the portal.
.PARAMETER Destination
    The file to write. Delete it when it is uploaded.
.PARAMETER Force
    Replace a file that is there.
.EXAMPLE
    .\fill-in.ps1 -Template ..\..\pilot\csp\sensor\profile.json -DataFile C:\Secret\WindowsDefenderATP.onboarding -Destination C:\Secret\profile.json
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true)]
    [string] $Template,
    [Parameter(Mandatory = $true)]
    [string] $DataFile,
    [Parameter(Mandatory = $true)]
    [string] $Destination,
    [switch] $Force
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# As the settings catalog defines it.
$LongestContent = 175032

function Resolve-FilePath {
    param([string] $Path)
    return $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

function Read-WholeText {
    param([string] $Path)
    # Bytes that are no UTF-8 are refused: nothing is put in the place of what can't be read.
    $encoding = [System.Text.UTF8Encoding]::new($false, $true)
    try {
        return $encoding.GetString([System.IO.File]::ReadAllBytes($Path)).TrimStart([char] 0xFEFF)
    }
    catch [System.ArgumentException] {
        throw "'$Path' isn't text in UTF-8. Unpack an archive first."
    }
}

function Test-InRepository {
    param([string] $Path)
    $folder = [System.IO.Path]::GetDirectoryName($Path)
    while ($folder) {
        $marker = [System.IO.Path]::Combine($folder, '.git')
        if ([System.IO.Directory]::Exists($marker) -or [System.IO.File]::Exists($marker)) {
            return $true
        }
        $folder = [System.IO.Path]::GetDirectoryName($folder)
    }
    return $false
}

function Find-Reference {
    param([string] $Text, [string] $Name)
    # Quotes within a text of JSON are escaped, so no text that a policy holds looks like this.
    $found = [regex]::Matches($Text, '"value": ("\{\{([^"]+)\.(onboarding|offboarding)\}\}")')
    if ($found.Count -ne 1) {
        throw "'$Name' has $($found.Count) references to an onboarding or offboarding file, and one is needed."
    }
    return $found[0]
}

function Read-TenantData {
    param([string] $Path, [string] $Kind)
    $name = [System.IO.Path]::GetFileName($Path)
    if (-not $name.EndsWith(".$Kind", [System.StringComparison]::OrdinalIgnoreCase)) {
        throw "'$name' isn't the file that is needed: the profile asks for one that ends in .$Kind."
    }
    if ($name -match '_valid_until_(\d{4}-\d{2}-\d{2})\.') {
        # Text of this form compares as its days do.
        $today = [System.DateTime]::UtcNow.ToString('yyyy-MM-dd', [System.Globalization.CultureInfo]::InvariantCulture)
        if ([string]::CompareOrdinal($Matches[1], $today) -lt 0) {
            throw "'$name' has expired, and devices refuse it. Download a new one."
        }
    }
    $content = (Read-WholeText -Path $Path).Trim()
    if ($content.Length -eq 0 -or $content.Length -gt $LongestContent) {
        throw "'$name' holds $($content.Length) characters, and 1 to $LongestContent are taken."
    }
    $isObject = $false
    try {
        $isObject = (ConvertFrom-Json -InputObject $content) -is [System.Management.Automation.PSCustomObject]
    }
    catch {
        # Its message would show the content.
        $isObject = $false
    }
    if (-not $isObject) {
        throw "'$name' doesn't hold what the portal's file holds, an object of JSON."
    }
    return $content
}

function Find-Value {
    param([object] $Tree, [string] $Value)
    if ($Tree -is [string]) {
        return [int] [string]::Equals($Tree, $Value, [System.StringComparison]::Ordinal)
    }
    $count = 0
    if ($Tree -is [array]) {
        foreach ($part in $Tree) {
            $count += Find-Value -Tree $part -Value $Value
        }
    }
    elseif ($Tree -is [System.Management.Automation.PSCustomObject]) {
        foreach ($property in $Tree.PSObject.Properties) {
            $count += Find-Value -Tree $property.Value -Value $Value
        }
    }
    return $count
}

function Write-FilledIn {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([string] $From, [string] $Data, [string] $To, [switch] $Replace)
    foreach ($path in @($From, $Data)) {
        if (-not [System.IO.File]::Exists($path)) {
            throw "There is no file '$path'."
        }
    }
    if (Test-InRepository -Path $To) {
        throw "'$To' lies in a git repository, and the tenant's secret must not. Choose a folder outside it."
    }
    if ([System.IO.File]::Exists($To) -and -not $Replace) {
        throw "'$To' is there already. -Force replaces it."
    }
    $text = Read-WholeText -Path $From
    $reference = Find-Reference -Text $text -Name $From
    $content = Read-TenantData -Path $Data -Kind $reference.Groups[3].Value
    $literal = $reference.Groups[1]
    $end = $literal.Index + $literal.Length
    $filled = $text.Substring(0, $literal.Index) + (ConvertTo-Json -InputObject $content) + $text.Substring($end)
    if ((Find-Value -Tree (ConvertFrom-Json -InputObject $filled) -Value $content) -ne 1) {
        throw 'What would be written does not hold the content as one value. Nothing was written.'
    }
    if ($PSCmdlet.ShouldProcess($To, "Write the profile with the content of '$Data'")) {
        [System.IO.File]::WriteAllText($To, $filled, [System.Text.UTF8Encoding]::new($false))
        if (-not [string]::Equals((Read-WholeText -Path $To), $filled, [System.StringComparison]::Ordinal)) {
            throw "'$To' isn't what was written. Delete it."
        }
        $name = [System.IO.Path]::GetFileName($Data)
        Write-Output "Written: $To, with $($content.Length) characters of $name. It holds the tenant's secret: upload it, then delete it."
    }
}

try {
    $files = @{
        From = Resolve-FilePath -Path $Template
        Data = Resolve-FilePath -Path $DataFile
        To = Resolve-FilePath -Path $Destination
    }
    Write-FilledIn @files -Replace:$Force -WhatIf:$WhatIfPreference
}
catch {
    $Host.UI.WriteErrorLine("fill-in.ps1: $($_.Exception.Message)")
    exit 1
}
exit 0
