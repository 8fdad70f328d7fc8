# Made by policyc from every-kind.yaml: change it there, not here.
Set-StrictMode -Version 3.0

$Collection = '8ee4ffd4-acdb-58d3-be46-275fec287ebb/every-kind'
$Adopts = ([string[]]@('every-kind'))
$LogName = 'policyc-every-kind-8ee4ffd4.log'
$Settings = @(
    @{
        Id = 'dword-at-most'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\dword'; Name = 'at_most'
        Kind = 'DWord'; Condition = 'at_most'; Operand = 4294967295
        Must = 'be at most 4294967295 [dword]'
        Write = 'Set'; Data = 4294967295
    }
    @{
        Id = 'qword-at-least'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\qword'; Name = 'at_least'
        Kind = 'QWord'; Condition = 'at_least'; Operand = 132854688000000000
        Must = 'be at least 132854688000000000 [qword]'
        Write = 'Set'; Data = 132854688000000000
    }
    @{
        Id = 'string-matches'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\string'; Name = 'matches'
        Kind = 'String'; Condition = 'matches'; Operand = '\A(?:[A-Z]+\.EXAMPLE\.COM(?::[0-9]+)?)\z'
        Must = 'match "[a-z]+\.example\.com(:\d+)?" as a whole [string]'
        Write = 'Set'; Data = 'proxy.example.com:8080'
    }
    @{
        Id = 'multi-string-none-of'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\multi_string'; Name = 'none_of'
        Kind = 'MultiString'; Condition = 'none_of'; Operand = @(([string[]]@()), ([string[]]@('x')))
        Must = 'be none of {}, {"x"} [multi_string]'
        Write = 'Set'; Data = ([string[]]@('y'))
    }
    @{
        Id = 'dword-between'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\dword'; Name = 'between'
        Kind = 'DWord'; Condition = 'between'; Operand = @(1, 900)
        Must = 'be from 1 to 900 [dword]'
        Write = 'Set'; Data = 900
    }
    @{
        Id = 'string-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\string'; Name = 'equals'
        Kind = 'String'; Condition = 'equals'; Operand = 'explorer.exe'; Default = 'explorer.exe'; Pin = $true
        Must = 'be "explorer.exe" [string], written out although absent counts as "explorer.exe"'
        Write = 'Set'; Data = 'explorer.exe'
    }
    @{
        Id = 'expand-string-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\expand_string'; Name = 'equals'
        Kind = 'ExpandString'; Condition = 'equals'; Operand = '%SystemRoot%\System32\notepad.exe'; Exact = $true
        Must = 'be "%SystemRoot%\System32\notepad.exe", in exactly this case [expand_string]'
        Write = 'Set'; Data = '%SystemRoot%\System32\notepad.exe'
    }
    @{
        Id = 'binary-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\binary'; Name = 'equals'
        Kind = 'Binary'; Condition = 'equals'; Operand = ([Convert]::FromBase64String('ABAg'))
        Must = 'be 001020 [binary]'
        Write = 'Set'
    }
    @{
        Id = 'dword-not-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\dword'; Name = 'not_equals'
        Kind = 'DWord'; Condition = 'not_equals'; Operand = 5; Default = 5
        Must = 'not be 5 [dword]; absent counts as 5'
        Write = 'Set'; Data = 6
    }
    @{
        Id = 'dword-none-of'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\dword'; Name = 'none_of'
        Kind = 'DWord'; Condition = 'none_of'; Operand = @(, 0)
        Must = 'be none of 0 [dword]'
        Write = 'Set'; Data = 1
    }
    @{
        Id = 'string-one-of'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\string'; Name = 'one_of'
        Kind = 'String'; Condition = 'one_of'; Operand = @('1', '2')
        Must = 'be one of "1", "2" [string]'
        Write = 'Set'; Data = '1'
    }
    @{
        Id = 'multi-string-contains'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\multi_string'; Name = 'contains'
        Kind = 'MultiString'; Condition = 'contains'; Operand = ([string[]]@('one', 'two'))
        Must = 'contain "one", "two" [multi_string]'
        Write = 'Append'; Data = ([string[]]@('one', 'two'))
    }
    @{
        Id = 'dword-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\dword'; Name = 'equals'
        Kind = 'DWord'; Condition = 'equals'; Operand = 0
        Must = 'be 0 [dword]'
        Write = 'Set'; Data = 0
    }
    @{
        Id = 'dword-one-of'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\dword'; Name = 'one_of'
        Kind = 'DWord'; Condition = 'one_of'; Operand = @(1, 2)
        Must = 'be one of 1, 2 [dword]'
        Write = 'Set'; Data = 2
    }
    @{
        Id = 'string-not-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\string'; Name = 'not_equals'
        Kind = 'String'; Condition = 'not_equals'; Operand = ''
        Must = 'not be "" [string]'
        Write = 'Set'; Data = 'x'
    }
    @{
        Id = 'multi-string-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\multi_string'; Name = 'equals'
        Kind = 'MultiString'; Condition = 'equals'; Operand = ([string[]]@())
        Must = 'be {} [multi_string]'
        Write = 'Set'; Data = ([string[]]@())
    }
    @{
        Id = 'binary-one-of'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\binary'; Name = 'one_of'
        Kind = 'Binary'; Condition = 'one_of'; Operand = @(([Convert]::FromBase64String('')), ([Convert]::FromBase64String('/w==')))
        Must = 'be one of empty, FF [binary]'
        Write = 'Set'; Data = ([Convert]::FromBase64String('/w=='))
    }
    @{
        Id = 'dword-at-least'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\dword'; Name = 'at_least'
        Kind = 'DWord'; Condition = 'at_least'; Operand = 5; Default = 3
        Must = 'be at least 5 [dword]; absent counts as 3'
        Write = 'Set'; Data = 5
    }
    @{
        Id = 'qword-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\qword'; Name = 'equals'
        Kind = 'QWord'; Condition = 'equals'; Operand = 18446744073709551615
        Must = 'be 18446744073709551615 [qword]'
        Write = 'Set'; Data = 18446744073709551615
    }
    @{
        Id = 'string-none-of'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\string'; Name = 'none_of'
        Kind = 'String'; Condition = 'none_of'; Operand = @('a', 'b')
        Must = 'be none of "a", "b" [string]'
        Write = 'Set'; Data = 'c'
    }
    @{
        Id = 'multi-string-set-equals'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\multi_string'; Name = 'set_equals'
        Kind = 'MultiString'; Condition = 'set_equals'; Operand = ([string[]]@('a', 'b'))
        Must = 'hold exactly "a", "b" in any order [multi_string]'
        Write = 'Set'; Data = ([string[]]@('b', 'a'))
    }
    @{
        Id = 'value-absent'
        Hive = 'HKLM'; View = 64; Key = 'SYSTEM\CurrentControlSet\Control\Example'; Name = 'Old'
        Condition = 'absent'
        Must = 'be absent'
        Write = 'Delete'
    }
    @{
        Id = 'default-value'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example'; Name = ''
        Kind = 'String'; Condition = 'equals'; Operand = 'here'
        Must = 'be "here" [string]'
        Write = 'Set'; Data = 'here'
    }
    @{
        Id = 'key-present'
        Hive = 'HKLM'; View = 64; Key = 'SOFTWARE\Example\Made'
        Condition = 'present'
        Must = 'be there'
        Write = 'CreateKey'
    }
    @{
        Id = 'in-32-bit-view'
        Hive = 'HKLM'; View = 32; Key = 'SOFTWARE\Example'; Name = 'Wide'
        Kind = 'DWord'; Condition = 'equals'; Operand = 1
        Must = 'be 1 [dword]'
        Write = 'Set'; Data = 1
    }
    @{
        Id = 'of-each-user'
        Hive = 'HKCU'; View = 64; Key = 'Software\Policies\Example'; Name = 'Secret'
        Kind = 'String'; Condition = 'equals'; Operand = 'quiet'
        Must = 'hold what the policy says (sensitive) [string]'
        Sensitive = $true
        Write = 'Set'; Data = 'quiet'
    }
)

# The code of that version stood here.
