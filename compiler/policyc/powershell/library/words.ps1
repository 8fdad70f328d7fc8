function ConvertTo-VisibleText {
    # Line ends, control characters (a console obeys some), and what is invisible or turns the direction of writing, as \u and four digits.
    param([string] $Text, [string] $Hidden = '[\p{C}\p{Zl}\p{Zp}]')
    return [regex]::Replace($Text, $Hidden, { param($Match) '\u{0:x4}' -f [int]$Match.Value[0] })
}

function ConvertTo-Number {
    # DWORD and QWORD are unsigned in their width; .NET gives them signed.
    param([string] $Kind, $Data)
    if ($Data -ge 0) { return [decimal]$Data }
    return [decimal]$Data + $(if ($Kind -eq 'DWord') { 4294967296 } else { 18446744073709551616 })
}

function Format-Text {
    # Cut before it is put together: whoever wrote the data may have written many megabytes.
    param([string] $Text)
    return '"' + $Text.Substring(0, [Math]::Min($Text.Length, 121)) + '"'
}

function Format-Data {
    # Data for people, of a value or of the table, where bytes stand in hex.
    param([string] $Kind, $Data)
    $text = if ($Data -is [byte[]]) {
        [BitConverter]::ToString($Data, 0, [Math]::Min($Data.Length, 61)).Replace('-', '')
    } elseif ($Data -is [string[]]) {
        '{' + [string]::Join('; ', @(for ($i = 0; $i -lt $Data.Length -and $i -lt 99; $i++) { Format-Text $Data[$i] })) + '}'
    } elseif ($Kind -eq 'Binary') {
        $Data
    } elseif ($Data -is [string]) {
        Format-Text $Data
    } else {
        [string](ConvertTo-Number $Kind $Data)
    }
    if (-not $text) { return 'empty' }
    if ($text.Length -gt 120) { $text = $text.Substring(0, 120) + '...' }
    return ConvertTo-VisibleText -Text $text
}

function Format-State {
    # What is there, for people. Of is the kind of setting that it is a state of, if not the registry's.
    param($State, $Sensitive, [string] $Of)
    if ($State.State -eq 'unreadable') { return "unreadable ($($State.Failure))" }
    if ($Of) { return $(if ($Sensitive) { '(masked)' } else { ConvertTo-VisibleText (& "Format-${Of}State" -State $State) }) }
    if ($State.State -eq 'absent' -or $State.Kind -eq 'Key') { return $State.State }
    $text = if ($Sensitive) { '(masked)' } else { Format-Data $State.Kind $State.Data }
    return "$text [$($State.Kind)]"
}

function Format-Place {
    # A key or value, for people.
    param($Place)
    if ($Place['Of']) { return ConvertTo-VisibleText (& "Format-$($Place.Of)Place" -Place $Place.Name) }
    $name = if ($Place.Name) { " : $($Place.Name)" } elseif ($null -ne $Place.Name) { ' : (Default)' }
    return ConvertTo-VisibleText "$($Place.Hive)\$($Place.Path)$name$(if ($Place.View -eq 32) { ' (32-bit view)' })"
}

$Conditions = @{
    Present = 'be there'; Absent = 'be absent'; Equals = 'be {0}'; NotEquals = 'not be {0}'; AtLeast = 'be at least {0}'
    AtMost = 'be at most {0}'; Between = 'be from {0}'; OneOf = 'be one of {0}'; NoneOf = 'be none of {0}'
    Matches = 'match {0} as a whole'; Contains = 'contain {0}'; SetEquals = 'hold exactly {0} in any order'
}

function Get-Condition {
    # Which of a row's words is its condition.
    param($Setting)
    foreach ($word in $Setting.Keys) { if ($Conditions.ContainsKey($word)) { return $word } }
}

function Format-Must {
    # What a setting asks for, as the end of a sentence. policyc.evaluation.wording says the same.
    param($Setting)
    if ($Setting['Of']) {
        if ($Setting['Sensitive']) { return 'hold what the policy says (sensitive)' }
        return ConvertTo-VisibleText (& "Format-$($Setting.Of)Must" -Setting $Setting)
    }
    $condition = Get-Condition $Setting
    $any = if ($Setting.Contains('Name') -and -not $Setting.Contains('Kind')) { ' (any value)' }
    if ($condition -eq 'Present') { return $Conditions.Present + $any }
    if ($condition -eq 'Absent') { return $Conditions.Absent }
    $kind = '[' + ($Setting.Kind -creplace '(?<=[a-z])(?=[A-Z])', '_').ToLowerInvariant() + ']'
    if ($Setting['Sensitive']) { return "hold what the policy says (sensitive) $kind" }
    $operands = @(
        switch ($condition) {
            'Matches' { $Setting['Pattern'] }
            { $_ -eq 'Equals' -or $_ -eq 'NotEquals' } { , $Setting[$_] }
            default { $Setting[$_] }
        }
    )
    $parts = @(foreach ($operand in $operands) { Format-Data $Setting.Kind $operand })
    $text = $Conditions[$condition] -f [string]::Join($(if ($condition -eq 'Between') { ' to ' } else { ', ' }), $parts)
    if ($Setting['Exact']) { $text += ', in exactly this case' }
    if (-not $Setting.Contains('Default')) { return "$text $kind" }
    $pinned = if ($Setting['Pin']) { ', written out although' } else { ';' }
    return "$text $kind$pinned absent counts as $(Format-Data $Setting.Kind $Setting.Default)"
}

function Format-Finding {
    # For the log and the console: where, what is there, what must be.
    param($Finding)
    $where = Format-Place $Finding.Place
    if ($Finding.Failure) { return "$where can't be judged: $($Finding.Failure)" }
    try { $is = Format-State $Finding.State $Finding.Setting['Sensitive'] $Finding.Place['Of'] } catch { $is = 'what cannot be shown' }
    return "$where is $is, must $(Format-Must $Finding.Setting)"
}
