# Mitigations of processes. Windows keeps them in bytes, four bits each, in this order: 0 is not set, 1 on, 2 off. Those of all programs are in a key
# of the kernel's, those of one below Image File Execution Options. A field is written, and all other bits stay.
$ProcessMitigations = @(
    'DEP', 'SEHOP', 'ForceRelocateImages', 'TerminateOnError', 'BottomUp', 'HighEntropy', 'StrictHandle', 'DisableWin32kSystemCalls',
    'DisableExtensionPoints', 'BlockDynamicCode', 'CFG', 'MicrosoftSignedOnly', 'DisableNonSystemFonts', 'BlockRemoteImageLoads',
    'BlockLowLabelImageLoads', 'PreferSystem32', '', 'EnforceModuleDependencySigning', 'StrictCFG', '', 'EnableRopStackPivot',
    'EnableRopCallerCheck', 'EnableRopSimExec', 'EnableExportAddressFilter', 'EnableExportAddressFilterPlus', 'DisallowChildProcessCreation',
    'EnableImportAddressFilter', '', '', '', '', 'UserShadowStack'
)

function Get-MitigationSpot {
    # The key that holds a place, and the number of its field.
    param([string] $Place)
    $name, $program = $Place -split ' ', 2
    $field = [Array]::IndexOf($ProcessMitigations, $name)
    if ($field -lt 0) { throw "there is no mitigation $name" }
    $key = 'SYSTEM\CurrentControlSet\Control\Session Manager\kernel'
    if ($program) { $key = "SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\$program" }
    return @{ Key = $key; Field = $field; Byte = $field -shr 1; Shift = 4 * ($field -band 1) }
}

function Get-MitigationByte {
    # The bytes of a key; none where it has no such value.
    param($Key)
    if ($Key.GetValueNames() -notcontains 'MitigationOptions') { return $null }
    if ([string]$Key.GetValueKind('MitigationOptions') -ne 'Binary') { throw 'its value MitigationOptions is no binary value' }
    return , [byte[]]$Key.GetValue('MitigationOptions')
}

function Get-MitigationField {
    # The field of a state: what isn't there isn't set.
    param([hashtable] $State)
    if ($State.State -ne 'present') { return 0 }
    return $State.Data -band 15
}

function Read-ProcessMitigation {
    # The field as a number; 16 where its key is there without the value, so that a rollback leaves no more than there was.
    param([string] $Place)
    $key = $null
    try {
        $spot = Get-MitigationSpot $Place
        $key = (Open-Root 'HKLM' 64).OpenSubKey($spot.Key, $false)
        if ($null -eq $key) { return @{ State = 'absent' } }
        $bytes = Get-MitigationByte $key
        $field = 0
        if ($null -eq $bytes) {
            $field = 16
        } elseif ($spot.Byte -lt $bytes.Length) {
            $field = ([int]$bytes[$spot.Byte] -shr $spot.Shift) -band 15
        }
        return @{ State = 'present'; Kind = 'DWord'; Data = [int]$field }
    } catch {
        return @{ State = 'unreadable'; There = $false; Failure = $_.Exception.GetBaseException().Message }
    } finally {
        if ($null -ne $key) { $key.Dispose() }
    }
}

function Test-ProcessMitigation {
    # Whether the setting holds in this state.
    param([hashtable] $Setting, [hashtable] $State)
    $field = Get-MitigationField $State
    if ($null -ne $Setting['NotEquals']) { return $field -ne $Setting.NotEquals }
    return $field -eq $Setting.Equals -or $field -eq $Setting['Also']
}

function Get-ProcessMitigationNext {
    # The least that satisfies: what must not be off is no more than not set.
    param([hashtable] $Setting, [hashtable] $State)
    return @{ State = 'present'; Kind = 'DWord'; Data = [int]$Setting['Equals'] }
}

function Set-MitigationField {
    # One field. Windows before build 19041 reads 16 bytes and refuses more, and none of the fields lies behind them.
    param([hashtable] $Spot, [int] $Field)
    $root = Open-Root 'HKLM' 64
    $key = $root.OpenSubKey($Spot.Key, $true)
    if ($null -eq $key) {
        if ($Field -eq 0) { return }
        $key = $root.CreateSubKey($Spot.Key)
    }
    try {
        $bytes = Get-MitigationByte $key
        if ($null -eq $bytes) {
            if ($Field -eq 0) { return }
            $bytes = [byte[]]@()
        }
        if ($bytes.Length -lt 16) { [Array]::Resize([ref]$bytes, 16) }
        $bytes[$Spot.Byte] = [byte](($bytes[$Spot.Byte] -band (240 -shr $Spot.Shift)) -bor ($Field -shl $Spot.Shift))
        $key.SetValue('MitigationOptions', $bytes, 'Binary')
    } finally {
        $key.Dispose()
    }
}

function Clear-Mitigation {
    # A value that wasn't there goes again when nothing is set in it, and so does the key of a program.
    param([string] $Path, [bool] $WithKey)
    $root = Open-Root 'HKLM' 64
    $key = $root.OpenSubKey($Path, $true)
    if ($null -eq $key) { return }
    try {
        $bytes = Get-MitigationByte $key
        if ($null -ne $bytes) {
            if ($bytes.Where({ $_ }).Count) { return }
            $key.DeleteValue('MitigationOptions')
        }
        if (-not $WithKey -or $key.ValueCount -or $key.SubKeyCount) { return }
    } finally {
        $key.Dispose()
    }
    $root.DeleteSubKey($Path, $false)
}

function Write-ProcessMitigation {
    # The fields first. Whether a value is there when nothing is set in it is no part of what was asked: it stays where another field needs it.
    param([object[]] $Changes)
    foreach ($act in 'set', 'clear', 'look') {
        foreach ($change in $Changes) {
            if ($change.Failure) { continue }
            try {
                $spot = Get-MitigationSpot $change.Name
                $next = $change.Next
                $field = Get-MitigationField $next
                $absent = $next.State -eq 'absent'
                if ($act -eq 'set') { Set-MitigationField $spot $field }
                if ($act -eq 'clear' -and ($absent -or $next.Data -eq 16)) { Clear-Mitigation $spot.Key $absent }
                if ($act -eq 'look') {
                    $now = Read-ProcessMitigation $change.Name
                    if ($now.State -ne 'unreadable' -and (Get-MitigationField $now) -eq $field) { $change.Next = $now }
                }
            } catch {
                $change.Failure = $_.Exception.GetBaseException().Message
            }
        }
    }
}

function Get-ProcessMitigationUndone {
    # By the field alone: the bytes around it are others' too.
    param([hashtable] $Entry, [hashtable] $Current)
    $field = Get-MitigationField $Current
    if ($field -eq (Get-MitigationField $Entry.Previous)) {
        # A run that was killed may have made the key.
        if ($Current.State -eq 'present' -and $Current.Data -eq 16) { return $Entry.Previous }
        return $Current
    }
    if (@(foreach ($known in $Entry.Known) { Get-MitigationField $known }) -contains $field) { return $Entry.Previous }
    return $null
}

function Format-ProcessMitigationState {
    # What is there, for people.
    param([hashtable] $State)
    $field = Get-MitigationField $State
    if ($field -gt 3) { return "unknown ($field)" }
    return ('not set', 'on', 'off', 'on, in a way of its own (3)')[$field]
}

function Format-ProcessMitigationPlace {
    # A mitigation, for people.
    param([string] $Place)
    $name, $program = $Place -split ' ', 2
    return "mitigation $name of $(if ($program) { $program } else { 'all programs' })"
}

function Format-ProcessMitigationMust {
    # What a setting asks for, as the end of a sentence.
    param([hashtable] $Setting)
    $word = if ($null -ne $Setting['NotEquals']) { 'not be ' } else { 'be ' }
    return $word + ('not set', 'on', 'off')[[int]$Setting['Equals'] + [int]$Setting['NotEquals']]
}
