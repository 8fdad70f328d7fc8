# --- Cabinets: stored files alone, which is how policyc packs them ---

function Read-Cabinet([string] $Path) {
    # Name and bytes of each file, and whether the cabinet has room for a signature.
    $bytes = [IO.File]::ReadAllBytes($Path)
    if ($bytes.Length -lt 36 -or [Text.Encoding]::ASCII.GetString($bytes, 0, 4) -ne 'MSCF') { Stop-Call "'$Path' is not a cabinet." 'System.IO.InvalidDataException' }
    if ([BitConverter]::ToUInt32($bytes, 8) -gt $bytes.Length) { Stop-Call "'$Path' is cut off." 'System.IO.InvalidDataException' }
    $flags = [BitConverter]::ToUInt16($bytes, 30)
    $at = 36
    $folderReserve = 0
    $dataReserve = 0
    if ($flags -band 4) {
        $folderReserve = $bytes[38]
        $dataReserve = $bytes[39]
        $at = 40 + [BitConverter]::ToUInt16($bytes, 36)
    }
    $folders = @()
    for ($i = 0; $i -lt [BitConverter]::ToUInt16($bytes, 26); $i++) {
        if ([BitConverter]::ToUInt16($bytes, $at + 6) -ne 0) { Stop-Call 'the stand-in reads cabinets without compression' 'System.NotImplementedException' }
        $folders += , (Read-CabinetFolder $bytes ([BitConverter]::ToUInt32($bytes, $at)) ([BitConverter]::ToUInt16($bytes, $at + 4)) $dataReserve)
        $at += 8 + $folderReserve
    }
    $files = [ordered]@{}
    $at = [BitConverter]::ToUInt32($bytes, 16)
    for ($i = 0; $i -lt [BitConverter]::ToUInt16($bytes, 28); $i++) {
        $size = [BitConverter]::ToUInt32($bytes, $at)
        $content = [byte[]]::new([int]$size)
        [Array]::Copy($folders[[BitConverter]::ToUInt16($bytes, $at + 8)], [BitConverter]::ToUInt32($bytes, $at + 4), $content, 0, $size)
        $end = [Array]::IndexOf($bytes, [byte]0, $at + 16)
        $files[[Text.Encoding]::UTF8.GetString($bytes, $at + 16, $end - $at - 16)] = $content
        $at = $end + 1
    }
    return @{ Files = $files; Signed = [bool]($flags -band 4) }
}

function Read-CabinetFolder([byte[]] $Bytes, [long] $At, [int] $Blocks, [int] $Reserve) {
    $content = [IO.MemoryStream]::new()
    for ($block = 0; $block -lt $Blocks; $block++) {
        $size = [BitConverter]::ToUInt16($Bytes, $At + 4)
        $content.Write($Bytes, $At + 8 + $Reserve, $size)
        $At += 8 + $Reserve + $size
    }
    return , $content.ToArray()
}
