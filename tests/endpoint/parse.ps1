# What PowerShell's own parser has against the scripts listed in a file, a line each.
param([Parameter(Mandatory)][string] $List)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
foreach ($path in [System.IO.File]::ReadAllLines($List)) {
    $tokens = $null
    $mistakes = $null
    [void] [System.Management.Automation.Language.Parser]::ParseFile($path, [ref] $tokens, [ref] $mistakes)
    foreach ($mistake in $mistakes) { "${path}:$($mistake.Extent.StartLineNumber): $($mistake.Message)" }
}
