# Evaluates expressions, one a line of the plan in base64 of UTF-8, and prints a line for each, fields set apart by
# blanks: the value with its type, the kinds of its syntax nodes, the types and the variables that they name.
param([Parameter(Mandatory)][string] $Plan)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$invariant = [System.Globalization.CultureInfo]::InvariantCulture

# As code units: an encoding would replace a surrogate without its other half.
function ConvertTo-Unit([string] $text) {
    $bytes = New-Object byte[] ($text.Length * 2)
    [System.Buffer]::BlockCopy($text.ToCharArray(), 0, $bytes, 0, $bytes.Length)
    [Convert]::ToBase64String($bytes)
}

function ConvertTo-Exact($value) {
    if ($null -eq $value) { return 'null:' }
    $kind = $value.GetType().FullName
    $text = switch ($kind) {
        'System.String' { ConvertTo-Unit $value }
        'System.Byte[]' { [Convert]::ToBase64String($value) }
        'System.String[]' { @(foreach ($item in $value) { ConvertTo-Unit $item }) -join ',' }
        default { [Convert]::ToString($value, $invariant) }
    }
    $count = if ($value -is [array]) { $value.Count } else { 1 }
    "${kind}:${count}:$text"
}

foreach ($line in [System.IO.File]::ReadAllLines($Plan)) {
    $expression = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line))
    $tokens = $null
    $mistakes = $null
    $tree = [System.Management.Automation.Language.Parser]::ParseInput($expression, [ref] $tokens, [ref] $mistakes)
    if ($mistakes.Count -gt 0) {
        "syntax:$($mistakes[0].ErrorId) - - -"
        continue
    }
    $nodes = New-Object 'System.Collections.Generic.SortedSet[string]'
    $types = New-Object 'System.Collections.Generic.SortedSet[string]'
    $variables = New-Object 'System.Collections.Generic.SortedSet[string]'
    # A set's own Add says yes to every node: a script block asked for each of a hundred thousand would take seconds.
    $all = New-Object 'System.Collections.Generic.HashSet[System.Management.Automation.Language.Ast]'
    $yes = [Delegate]::CreateDelegate([Func[System.Management.Automation.Language.Ast, bool]], $all, $all.GetType().GetMethod('Add'))
    [void] $tree.FindAll($yes, $true)
    foreach ($node in $all) {
        $kind = $node.GetType().Name
        if ($kind -eq 'BinaryExpressionAst') { $kind += ".$($node.Operator)" }
        elseif ($kind -eq 'UnaryExpressionAst') { $kind += ".$($node.TokenKind)" }
        elseif ($kind -eq 'TypeConstraintAst') { [void] $types.Add($node.TypeName.FullName) }
        elseif ($kind -eq 'VariableExpressionAst') { [void] $variables.Add($node.VariablePath.UserPath) }
        [void] $nodes.Add($kind)
    }
    # Dot-sourced and assigned, so that no pipeline unrolls the value.
    . ([scriptblock]::Create('$literal = ' + $expression))
    (ConvertTo-Exact $literal), ($nodes -join ','), "types=$($types -join ',')", "variables=$($variables -join ',')" -join ' '
}
