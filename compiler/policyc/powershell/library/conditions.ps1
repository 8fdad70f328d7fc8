function Test-SameText {
    # Ordinally, never by language: -eq would take different strings for one.
    param([string] $Left, [string] $Right, $Exact)
    return [string]::Equals($Left, $Right, $(if ($Exact) { 'Ordinal' } else { 'OrdinalIgnoreCase' }))
}

function Test-SameList {
    # Element by element, in order.
    param([string[]] $Left, [string[]] $Right, $Exact)
    if ($Left.Length -ne $Right.Length) { return $false }
    for ($i = 0; $i -lt $Left.Length; $i++) {
        if (-not (Test-SameText -Left $Left[$i] -Right $Right[$i] -Exact $Exact)) { return $false }
    }
    return $true
}

function Test-Same {
    # The same data of the setting's kind, both as the table has it.
    param([hashtable] $Setting, $Left, $Right)
    switch ($Setting.Kind) {
        { $_ -eq 'DWord' -or $_ -eq 'QWord' } { return $Left -eq $Right }
        'MultiString' { return & 'Test-SameList' -Left $Left -Right $Right -Exact $Setting['Exact'] }
    }
    return & 'Test-SameText' -Left $Left -Right $Right -Exact $Setting['Exact']
}

function Test-Equals {
    param([hashtable] $Setting, $Data)
    return Test-Same -Setting $Setting -Left $Data -Right $Setting['Equals']
}

function Test-NotEquals {
    param([hashtable] $Setting, $Data)
    return -not (Test-Same -Setting $Setting -Left $Data -Right $Setting['NotEquals'])
}

function Test-AtLeast {
    param([hashtable] $Setting, $Data)
    return $Data -ge $Setting['AtLeast']
}

function Test-AtMost {
    param([hashtable] $Setting, $Data)
    return $Data -le $Setting['AtMost']
}

function Test-Between {
    param([hashtable] $Setting, $Data)
    return $Data -ge $Setting['Between'][0] -and $Data -le $Setting['Between'][1]
}

function Test-Among {
    # Whether one of the operands is the data.
    param([hashtable] $Setting, $Data, $Operands)
    foreach ($operand in $Operands) {
        if (Test-Same -Setting $Setting -Left $Data -Right $operand) { return $true }
    }
    return $false
}

function Test-OneOf {
    param([hashtable] $Setting, $Data)
    return Test-Among -Setting $Setting -Data $Data -Operands $Setting['OneOf']
}

function Test-NoneOf {
    param([hashtable] $Setting, $Data)
    return -not (Test-Among -Setting $Setting -Data $Data -Operands $Setting['NoneOf'])
}

$LongestMatched = 16384

function Test-Matches {
    # Whoever wrote the data must not decide how long this takes: text without a match in time has none.
    param([hashtable] $Setting, $Data)
    if ($Data.Length -gt $LongestMatched) { return $false }
    # The pattern is upper-cased where case doesn't count.
    $text = if ($Setting['Exact']) { $Data } else { $Data.ToUpperInvariant() }
    try {
        return [regex]::IsMatch($text, $Setting['Matches'], 'CultureInvariant', [TimeSpan]::FromMilliseconds(500))
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
    param([hashtable] $Setting, $Data)
    return Test-HoldsAll -List $Data -Elements $Setting['Contains'] -Exact $Setting['Exact']
}

function Test-SetEquals {
    param([hashtable] $Setting, $Data)
    $wanted = @{ Exact = $Setting['Exact'] }
    return (Test-HoldsAll -List $Data -Elements $Setting['SetEquals'] @wanted) -and (Test-HoldsAll -List $Setting['SetEquals'] -Elements $Data @wanted)
}
