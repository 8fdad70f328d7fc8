# Runs a plan against this machine's registry, step by step, and prints a line for each step that answers.
#
# A plan is a file of lines, fields set apart by tabs: a step's number, what to do, and operands, each in base64 of UTF-8.
#   key PATH [volatile]             the key and what is missing above it
#   value PATH NAME TYPE DATA       a value as it is: any type number, any bytes (DATA is the bytes' base64)
#   unset PATH NAME                 a value goes
#   wipe PATH                       the key and all below it go
#   dump PATH                       answers every key and value below and at PATH
#   read FILE                       answers a file's text, nothing where it isn't there
#   load FILE                       runs a script in the plan's own scope: what it defines, the scripts behind it see
#   run FILE [-NAME | -NAME=TEXT]   runs a script in a scope of its own; answers what it gave
# PATH is HIVE\KEY, HIVE one of HKLM, HKLM32 (the 32-bit view), HKU, HKCU.
# The registry's own functions are called, not .NET's classes: those refuse kinds that a device may well have.
param([Parameter(Mandatory)][string] $Plan)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Get-Native {
    $native = [AppDomain]::CurrentDomain.GetData('policyc-registry')
    if ($null -ne $native) { return $native }
    $name = New-Object System.Reflection.AssemblyName('PolicycRegistry')
    $assembly = [System.Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($name, 'Run')
    $type = $assembly.DefineDynamicModule('PolicycRegistry').DefineType('Native', 'Public,Class')
    $pointer = [IntPtr]; $number = [int]; $text = [string]; $bytes = [byte[]]; $chars = [char[]]
    $outPointer = $pointer.MakeByRefType(); $outNumber = $number.MakeByRefType()
    $functions = [ordered]@{
        RegCreateKeyExW  = @($pointer, $text, $number, $pointer, $number, $number, $pointer, $outPointer, $outNumber)
        RegOpenKeyExW    = @($pointer, $text, $number, $number, $outPointer)
        RegSetValueExW   = @($pointer, $text, $number, $number, $bytes, $number)
        RegDeleteValueW  = @($pointer, $text)
        RegDeleteKeyExW  = @($pointer, $text, $number, $number)
        RegEnumKeyExW    = @($pointer, $number, $chars, $outNumber, $pointer, $pointer, $pointer, $pointer)
        RegEnumValueW    = @($pointer, $number, $chars, $outNumber, $pointer, $outNumber, $bytes, $outNumber)
        RegCloseKey      = @(, $pointer)
    }
    foreach ($entry in $functions.GetEnumerator()) {
        $method = $type.DefinePInvokeMethod($entry.Key, 'advapi32.dll', 'Public,Static,PinvokeImpl', 'Standard',
            $number, [Type[]] $entry.Value, 'Winapi', 'Unicode')
        $method.SetImplementationFlags('PreserveSig')
    }
    $native = $type.CreateType()
    [AppDomain]::CurrentDomain.SetData('policyc-registry', $native)
    $native
}

$native = Get-Native
$none = [IntPtr]::Zero
$nameBuffer = New-Object char[] 32768
$dataBuffer = New-Object byte[] 4194304
$roots = @{ HKLM = 0x80000002; HKLM32 = 0x80000002; HKU = 0x80000003; HKCU = 0x80000001 }
$utf8 = New-Object System.Text.UTF8Encoding($false)

function Split-Place([string] $path) {
    $hive, $key = $path.Split([char[]] '\', 2)
    $view = if ($hive -eq 'HKLM32') { 0x200 } else { 0x100 }
    @{ Root = [IntPtr] [int] $roots[$hive]; Key = "$key"; View = $view }
}

function Assert-Done([int] $code, [string] $what) {
    if ($code -ne 0) { throw "$what gave $code" }
}

function Open-Key([string] $path, [switch] $create, [switch] $volatile) {
    $place = Split-Place $path
    $handle = [IntPtr]::Zero
    $disposition = 0
    # All access but changing the view's meaning: 0xF003F.
    if ($create) {
        $code = $native::RegCreateKeyExW($place.Root, $place.Key, 0, $none, [int] [bool] $volatile, 0xF003F -bor $place.View, $none,
            [ref] $handle, [ref] $disposition)
        Assert-Done $code "creating $path"
    } else {
        $code = $native::RegOpenKeyExW($place.Root, $place.Key, 0, 0x20019 -bor $place.View, [ref] $handle)
        if ($code -eq 2) { return $none }
        Assert-Done $code "opening $path"
    }
    $handle
}

function Get-SubKeyList([IntPtr] $handle) {
    for ($index = 0; ; $index++) {
        $length = $nameBuffer.Length
        $code = $native::RegEnumKeyExW($handle, $index, $nameBuffer, [ref] $length, $none, $none, $none, $none)
        if ($code -eq 259) { return }
        Assert-Done $code 'listing keys'
        [string]::new($nameBuffer, 0, $length)
    }
}

function Add-Dump([string] $path, [System.Text.StringBuilder] $text) {
    $handle = Open-Key $path
    if ($handle -eq $none) { return }
    [void] $text.Append('K ').Append([Convert]::ToBase64String($utf8.GetBytes($path))).Append("`n")
    for ($index = 0; ; $index++) {
        $length = $nameBuffer.Length
        $size = $dataBuffer.Length
        $type = 0
        $code = $native::RegEnumValueW($handle, $index, $nameBuffer, [ref] $length, $none, [ref] $type, $dataBuffer, [ref] $size)
        if ($code -eq 259) { break }
        Assert-Done $code "listing values of $path"
        $name = [string]::new($nameBuffer, 0, $length)
        [void] $text.Append('V ').Append([Convert]::ToBase64String($utf8.GetBytes($name))).Append(' ').Append($type).Append(' ').
            Append([Convert]::ToBase64String($dataBuffer, 0, $size)).Append("`n")
    }
    $below = @(Get-SubKeyList $handle)
    [void] $native::RegCloseKey($handle)
    foreach ($name in $below) { Add-Dump "$path\$name" $text }
}

function Remove-Tree([string] $path) {
    $handle = Open-Key $path
    if ($handle -eq $none) { return }
    $below = @(Get-SubKeyList $handle)
    [void] $native::RegCloseKey($handle)
    foreach ($name in $below) { Remove-Tree "$path\$name" }
    $place = Split-Place $path
    Assert-Done ($native::RegDeleteKeyExW($place.Root, $place.Key, $place.View, 0)) "deleting $path"
}

function Invoke-UnderTest([string] $file, [string[]] $given) {
    $parameters = @{}
    foreach ($option in $given) {
        $name, $value = $option.Substring(1).Split([char[]] '=', 2)
        $parameters[$name] = if ($null -eq $value) { $true } else { $value }
    }
    $answer = New-Object System.Text.StringBuilder
    $add = { param($stream, $text) [void] $answer.Append($stream).Append(':').Append([Convert]::ToBase64String($utf8.GetBytes("$text"))).Append(' ') }
    $global:LASTEXITCODE = 0
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    try {
        & $file @parameters *>&1 | & {
            process {
                if ($_ -is [System.Management.Automation.ErrorRecord]) { & $add 'error' $_ }
                elseif ($_ -is [System.Management.Automation.WarningRecord]) { & $add 'warning' $_ }
                elseif ($_ -is [System.Management.Automation.VerboseRecord]) { & $add 'verbose' $_ }
                elseif ($_ -is [System.Management.Automation.DebugRecord]) { & $add 'debug' $_ }
                elseif ($_ -is [System.Management.Automation.InformationRecord]) { & $add 'host' $_ }
                else { & $add 'out' $_ }
            }
        }
        & $add 'exit' $global:LASTEXITCODE
    } catch {
        & $add 'failure' $_.Exception.Message
        & $add 'at' "$($_.InvocationInfo.PositionMessage) $($_.ScriptStackTrace)"
    }
    & $add 'ms' $clock.Elapsed.TotalMilliseconds.ToString([Globalization.CultureInfo]::InvariantCulture)
    $answer.ToString()
}

foreach ($line in [System.IO.File]::ReadAllLines($Plan)) {
    $step, $verb, $operands = $line.Split([char] 9)
    $operands = @(foreach ($operand in $operands) { $utf8.GetString([Convert]::FromBase64String($operand)) })
    switch ($verb) {
        'key' {
            $handle = Open-Key $operands[0] -create -volatile:($operands.Count -gt 1)
            [void] $native::RegCloseKey($handle)
        }
        'value' {
            $handle = Open-Key $operands[0] -create
            $data = [Convert]::FromBase64String($operands[3])
            Assert-Done ($native::RegSetValueExW($handle, $operands[1], 0, [int] $operands[2], $data, $data.Length)) "writing $($operands[1])"
            [void] $native::RegCloseKey($handle)
        }
        'unset' {
            $handle = Open-Key $operands[0] -create
            $code = $native::RegDeleteValueW($handle, $operands[1])
            # 2: it isn't there, which is what was asked for.
            if ($code -ne 2) { Assert-Done $code "deleting $($operands[1])" }
            [void] $native::RegCloseKey($handle)
        }
        'wipe' { Remove-Tree $operands[0] }
        'dump' {
            $text = New-Object System.Text.StringBuilder
            Add-Dump $operands[0] $text
            "@$step " + [Convert]::ToBase64String($utf8.GetBytes($text.ToString()))
        }
        'read' {
            $text = if ([System.IO.File]::Exists($operands[0])) { [System.IO.File]::ReadAllText($operands[0]) } else { '' }
            "@$step " + [Convert]::ToBase64String($utf8.GetBytes($text))
        }
        'load' { . $operands[0] }
        'run' {
            $given = @(for ($index = 1; $index -lt $operands.Count; $index++) { $operands[$index] })
            "@$step " + (Invoke-UnderTest $operands[0] $given)
        }
        default { throw "unknown step: $line" }
    }
}
