$SecurityPolicy = @{ Sections = $null; Failure = '' }

function Test-DomainController {
    # Whether account policies and rights are the domain's here. LanmanNT is a word that Windows never translates.
    $type = Read-Place @{ Hive = 'HKLM'; View = 64; Path = 'SYSTEM\CurrentControlSet\Control\ProductOptions'; Name = 'ProductType' }
    if ($type.State -ne 'present') { throw 'whether this is a domain controller cannot be read' }
    return [string]$type.Data -eq 'LanmanNT'
}

function Get-DomainNote {
    # What is said of a place whose settings are only reported here.
    try { if (Test-DomainController) { ' (only reported, as this is a domain controller)' } } catch { '' }
}

function Invoke-Secedit {
    # Runs it on new files in a folder that only SYSTEM and administrators open, as it opens them as SYSTEM: of a file that is there it
    # would keep the encoding. Gives the template that it wrote. What it prints is in Windows' own language, and nobody reads it.
    param([string] $Arguments, [string] $Template)
    $file = [IO.Path]::Combine((Get-LogFolder), 'secedit-' + [Guid]::NewGuid().ToString('N'))
    try {
        if ($Template) { [IO.File]::WriteAllText("$file.inf", $Template, [Text.Encoding]::Unicode) }
        $start = [Diagnostics.ProcessStartInfo]::new("$([Environment]::GetFolderPath('System'))\secedit.exe", ($Arguments -f $file))
        $start.UseShellExecute = $false
        $start.CreateNoWindow = $true
        $process = [Diagnostics.Process]::Start($start)
        if (-not $process.WaitForExit(120000)) { $process.Kill() }
        # 3 is success with warnings. Whether it is one, the next reading tells.
        if ($process.ExitCode -ne 0 -and $process.ExitCode -ne 3) { throw "secedit ended with $($process.ExitCode)" }
        if (-not $Template) { return [IO.File]::ReadAllText("$file.inf") }
    } finally {
        foreach ($left in [IO.Directory]::GetFiles((Get-LogFolder), [IO.Path]::GetFileName($file) + '*')) { [IO.File]::Delete($left) }
    }
}

function Export-SecurityPolicy {
    # Its sections, and in each the lines by key, all without regard to case. A right that nobody has isn't listed: half a file would
    # be read as nobody having any, so its last section has to be there.
    for ($attempt = 1; $attempt -lt 4; $attempt++) {
        try {
            $text = Invoke-Secedit '/export /cfg "{0}.inf" /areas SECURITYPOLICY USER_RIGHTS /quiet'
            break
        } catch {
            # Windows runs one at a time: Group Policy's own run, or another script's, is over soon.
            if ($attempt -eq 3) { throw }
            [Threading.Thread]::Sleep(1000)
        }
    }
    $sections = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($line in $text.Split("`n")) {
        if ($line -match '\A\s*\[(.+)\]\s*\z') {
            $lines = $sections[$Matches[1]] = [hashtable]::new([StringComparer]::OrdinalIgnoreCase)
        } elseif ($line -match '\A\s*([^;=]+?)\s*=\s*(.*?)\s*\z') {
            $lines[$Matches[1]] = $Matches[2]
        }
    }
    foreach ($section in 'System Access', 'Privilege Rights', 'Version') { if (-not $sections[$section]) { throw "secedit wrote no [$section]" } }
    return $sections
}

function Read-SecurityPolicy {
    # Lines of a section of the local security policy, read once; also that it can't be read is found once.
    param([string] $Section)
    if ($SecurityPolicy.Failure) { throw $SecurityPolicy.Failure }
    try {
        if ($null -eq $SecurityPolicy.Sections) { $SecurityPolicy.Sections = Export-SecurityPolicy }
    } catch {
        $SecurityPolicy.Failure = $_.Exception.GetBaseException().Message
        throw
    }
    return $SecurityPolicy.Sections[$Section]
}

function Clear-SecurityPolicy {
    # What was read before doesn't count any more.
    $SecurityPolicy.Sections, $SecurityPolicy.Failure = $null, ''
}

function Write-SecurityPolicy {
    # One run of secedit with the lines that change and no other, in a new database: Windows leaves all that they don't name.
    param([string] $Section, [string[]] $Lines, [string] $Area)
    if (Test-DomainController) { throw 'this is a domain controller, where Group Policy decides' }
    $template = @('[Unicode]', 'Unicode=yes', '[Version]', 'signature="$CHICAGO$"', 'Revision=1', "[$Section]") + $Lines
    try {
        Invoke-Secedit -Template ([string]::Join("`r`n", $template) + "`r`n") -Arguments ('/configure /cfg "{0}.inf" /db "{0}.sdb" /log "{0}.log" /quiet /areas ' + $Area)
    } finally {
        Clear-SecurityPolicy
    }
}
