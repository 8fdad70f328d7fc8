$SecurityPolicy = @{ Sections = $null; Failure = '' }

function Test-DomainController {
    # Whether the account policies and rights of this device are the domain's. LanmanNT is a word that Windows never translates.
    $type = Read-Place @{ Hive = 'HKLM'; View = 64; Path = 'SYSTEM\CurrentControlSet\Control\ProductOptions'; Name = 'ProductType' }
    if ($type.State -ne 'present') { throw 'whether this is a domain controller could not be read' }
    return [string]::Equals([string]$type.Data, 'LanmanNT', 'OrdinalIgnoreCase')
}

function Get-DomainNote {
    # What is said of a place whose settings are only reported here.
    try { if (Test-DomainController) { return ' (only reported, as this is a domain controller)' } } catch { return '' }
}

function Open-SeceditFolder {
    # A new folder that only SYSTEM and administrators can open, as secedit opens its files as SYSTEM. What runs that were killed
    # have left goes after a day: another run may be at work now.
    $logs = Get-LogFolder
    foreach ($old in [IO.Directory]::GetDirectories($logs, 'secedit-*')) {
        if ([IO.Directory]::GetCreationTimeUtc($old) -lt [DateTime]::UtcNow.AddDays(-1)) { Clear-SeceditFolder $old }
    }
    $path = [IO.Path]::Combine($logs, 'secedit-' + [Guid]::NewGuid().ToString('N'))
    return [IO.Directory]::CreateDirectory($path).FullName
}

function Clear-SeceditFolder {
    # A file that a virus scanner holds must not keep a device from its policy.
    param([string] $Folder)
    try { [IO.Directory]::Delete($Folder, $true) } catch { Write-Verbose -Message "$Folder could not be removed: $($_.Exception.Message)" }
}

$SeceditSeconds = 120

function Invoke-Secedit {
    # Runs it, and gives its exit code. What it prints is Windows' own language, and nobody reads it.
    param([string] $Arguments)
    $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine([Environment]::GetFolderPath('System'), 'secedit.exe'), $Arguments)
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $process = [Diagnostics.Process]::Start($start)
    try {
        if (-not $process.WaitForExit(1000 * $SeceditSeconds)) {
            $process.Kill()
            throw "secedit did not end in $SeceditSeconds seconds"
        }
        return $process.ExitCode
    } finally {
        $process.Dispose()
    }
}

function ConvertFrom-SecurityTemplate {
    # A template's sections, and in each the lines by key, both without regard to case. What a later line says holds.
    param([string] $Text)
    $sections = [Collections.Hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    $section = $null
    foreach ($line in $Text.Split("`n")) {
        $line = $line.Trim()
        if (-not $line -or $line[0] -eq ';') { continue }
        if ($line[0] -eq '[' -and $line[$line.Length - 1] -eq ']') {
            $name = $line.Substring(1, $line.Length - 2)
            if (-not $sections.ContainsKey($name)) { $sections[$name] = [Collections.Hashtable]::new([StringComparer]::OrdinalIgnoreCase) }
            $section = $sections[$name]
            continue
        }
        $at = $line.IndexOf('=')
        if ($null -ne $section -and $at -gt 0) { $section[$line.Substring(0, $at).Trim()] = $line.Substring($at + 1).Trim() }
    }
    return $sections
}

function Export-SecurityPolicy {
    # One run of secedit. The file must not be there before: of one that is, its encoding would be kept.
    $folder = Open-SeceditFolder
    try {
        $file = [IO.Path]::Combine($folder, 'policy.inf')
        for ($attempt = 1; $true; $attempt++) {
            $code = Invoke-Secedit ('/export /cfg "{0}" /areas SECURITYPOLICY USER_RIGHTS /quiet' -f $file)
            if ($code -eq 0 -and [IO.File]::Exists($file)) { break }
            # Windows runs one at a time: Group Policy's own run, or another script's, is over soon.
            if ($attempt -ge 3) { throw "secedit could not read the security policy; it ended with $code" }
            [IO.File]::Delete($file)
            [Threading.Thread]::Sleep(1000)
        }
        $sections = ConvertFrom-SecurityTemplate ([IO.File]::ReadAllText($file))
        # A right that nobody has isn't listed: half a file would be read as nobody having any right.
        foreach ($section in 'System Access', 'Privilege Rights', 'Version') {
            if (-not $sections.ContainsKey($section)) { throw "the security policy that secedit wrote has no section [$section]" }
        }
        return $sections
    } finally {
        Clear-SeceditFolder $folder
    }
}

function Read-SecurityPolicy {
    # The sections of the local security policy, read once; also that they can't be read is found once.
    if ($SecurityPolicy.Failure) { throw $SecurityPolicy.Failure }
    if ($null -eq $SecurityPolicy.Sections) {
        try {
            $SecurityPolicy.Sections = Export-SecurityPolicy
        } catch {
            $SecurityPolicy.Failure = $_.Exception.GetBaseException().Message
            throw $SecurityPolicy.Failure
        }
    }
    return $SecurityPolicy.Sections
}

function Clear-SecurityPolicy {
    # What was read before doesn't count any more.
    $SecurityPolicy.Sections = $null
    $SecurityPolicy.Failure = ''
}

function Write-SecurityPolicy {
    # One run of secedit with the lines that change and no other, in a new database: Windows leaves all that they don't name.
    param([string] $Section, [string[]] $Lines, [string] $Area)
    if (Test-DomainController) { throw 'this is a domain controller, where the domain''s Group Policy decides: it is only reported' }
    $folder = Open-SeceditFolder
    try {
        $head = '[Unicode]', 'Unicode=yes', '[Version]', 'signature="$CHICAGO$"', 'Revision=1', "[$Section]"
        $file = [IO.Path]::Combine($folder, 'policy.inf')
        [IO.File]::WriteAllText($file, [string]::Join("`r`n", ($head + $Lines)) + "`r`n", [Text.UnicodeEncoding]::new($false, $true))
        $place = $file, [IO.Path]::Combine($folder, 'policy.sdb'), [IO.Path]::Combine($folder, 'policy.log'), $Area
        $code = Invoke-Secedit ('/configure /cfg "{0}" /db "{1}" /log "{2}" /areas {3} /quiet' -f $place)
        # 3 is success with warnings. Whether 0 is one, the next reading tells.
        if ($code -ne 0 -and $code -ne 3) { throw "secedit could not change it, and ended with $code" }
    } finally {
        Clear-SecurityPolicy
        Clear-SeceditFolder $folder
    }
}
