# A condition is a function of Data and Operand, both in the form that the table has; where it compares text, also of Exact.
function Test-Equals {
    # Text ordinally, never by language: -eq would take different strings for one. Lists element by element, of which none holds a NUL.
    param($Data, $Operand, $Exact)
    if ($Data -is [string[]]) {
        if ($Data.Length -ne $Operand.Length) { return $false }
        $Data, $Operand = [string]::Join("`0", $Data), [string]::Join("`0", $Operand)
    }
    if ($Data -isnot [string]) { return $Data -eq $Operand }
    return [string]::Equals($Data, $Operand, $(if ($Exact) { 'Ordinal' } else { 'OrdinalIgnoreCase' }))
}

function Test-NotEquals {
    param($Data, $Operand, $Exact)
    return -not (Test-Equals -Data $Data -Operand $Operand -Exact $Exact)
}

function Test-AtLeast {
    param($Data, $Operand)
    return $Data -ge $Operand
}

function Test-AtMost {
    param($Data, $Operand)
    return $Data -le $Operand
}

function Test-Between {
    param($Data, $Operand)
    return $Data -ge $Operand[0] -and $Data -le $Operand[1]
}

function Test-OneOf {
    param($Data, $Operand, $Exact)
    foreach ($one in $Operand) {
        if (Test-Equals -Data $Data -Operand $one -Exact $Exact) { return $true }
    }
    return $false
}

function Test-NoneOf {
    param($Data, $Operand, $Exact)
    return -not (Test-OneOf -Data $Data -Operand $Operand -Exact $Exact)
}

$LongestMatched = 16384

function Test-Matches {
    # Whoever wrote the data must not decide how long this takes: text without a match in time has none.
    param($Data, $Operand, $Exact)
    if ($Data.Length -gt $LongestMatched) { return $false }
    # The pattern is upper-cased where case doesn't count.
    $text = if ($Exact) { $Data } else { $Data.ToUpperInvariant() }
    try {
        return [regex]::IsMatch($text, $Operand, 'CultureInvariant', [TimeSpan]::FromMilliseconds(500))
    } catch [Text.RegularExpressions.RegexMatchTimeoutException] {
        return $false
    }
}

function Test-HoldsAll {
    # Whether a list has these elements, in whatever order.
    param([string[]] $List, [string[]] $Elements, $Exact)
    $comparer = if ($Exact) { [StringComparer]::Ordinal } else { [StringComparer]::OrdinalIgnoreCase }
    return [Collections.Generic.HashSet[string]]::new($List, $comparer).IsSupersetOf($Elements)
}

function Test-Contains {
    param($Data, $Operand, $Exact)
    return Test-HoldsAll -List $Data -Elements $Operand -Exact $Exact
}

function Test-SetEquals {
    param($Data, $Operand, $Exact)
    return (Test-HoldsAll -List $Data -Elements $Operand -Exact $Exact) -and (Test-HoldsAll -List $Operand -Elements $Data -Exact $Exact)
}
