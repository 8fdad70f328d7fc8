# What PowerShell's own parser finds in the scripts listed in a file: a line of JSON for each function, and one for the lines outside of any.
param([Parameter(Mandatory)][string] $List)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Get-Name($ast) {
    $commands = @($ast.FindAll({ param($one) $one -is [System.Management.Automation.Language.CommandAst] }, $true))
    $variables = @($ast.FindAll({ param($one) $one -is [System.Management.Automation.Language.VariableExpressionAst] }, $true))
    $parameters = @($ast.FindAll({ param($one) $one -is [System.Management.Automation.Language.ParameterAst] }, $true))
    $assigned = @($ast.FindAll({ param($one) $one -is [System.Management.Automation.Language.AssignmentStatementAst] }, $true))
    $loops = @($ast.FindAll({ param($one) $one -is [System.Management.Automation.Language.ForEachStatementAst] }, $true))
    @{
        commands  = @(foreach ($one in $commands) { if ($one.InvocationOperator -eq 'Unknown') { [string] $one.GetCommandName() } })
        asked     = @(foreach ($one in $commands) { if ($one.InvocationOperator -eq 'Ampersand') { $one.CommandElements[0].Extent.Text } })
        variables = @(foreach ($one in $variables) { $one.VariablePath.UserPath })
        own       = @(
            foreach ($one in $parameters) { $one.Name.VariablePath.UserPath }
            foreach ($one in $loops) { $one.Variable.VariablePath.UserPath }
            foreach ($one in $assigned) { if ($one.Left -is [System.Management.Automation.Language.MemberExpressionAst]) { continue }; foreach ($left in $one.Left.FindAll({ param($x) $x -is [System.Management.Automation.Language.VariableExpressionAst] }, $true)) { $left.VariablePath.UserPath } }
        )
    }
}

foreach ($path in [System.IO.File]::ReadAllLines($List)) {
    $tokens = $null
    $mistakes = $null
    $ast = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref] $tokens, [ref] $mistakes)
    foreach ($mistake in $mistakes) { throw "${path}:$($mistake.Extent.StartLineNumber): $($mistake.Message)" }
    foreach ($statement in $ast.EndBlock.Statements) {
        $found = Get-Name $statement
        $found.file = $path
        $found.function = if ($statement -is [System.Management.Automation.Language.FunctionDefinitionAst]) { $statement.Name } else { '' }
        $found | ConvertTo-Json -Compress -Depth 3
    }
}
