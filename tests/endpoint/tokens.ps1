# A script's tokens but for comments and the ends of lines, as PowerShell's own parser reads them: kind and text, a line each.
param([Parameter(Mandatory)][string] $Path)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$tokens = $null
$mistakes = $null
$null = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $tokens, [ref] $mistakes)
foreach ($mistake in $mistakes) { throw "${Path}:$($mistake.Extent.StartLineNumber): $($mistake.Message)" }
foreach ($token in $tokens) {
    if ($token.Kind -ne 'Comment' -and $token.Kind -ne 'NewLine') { "$($token.Kind) $($token.Text)" }
}
