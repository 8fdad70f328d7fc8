function Get-NativeEngine {
    # Windows PowerShell as a 64-bit process, where this is a 32-bit one on 64-bit Windows; nothing elsewhere. A 32-bit process sees
    # neither the files nor all the cmdlets that Windows has.
    if (-not [Environment]::Is64BitOperatingSystem -or [Environment]::Is64BitProcess) { return }
    return [IO.Path]::Combine([Environment]::GetFolderPath('Windows'), 'sysnative\WindowsPowerShell\v1.0\powershell.exe')
}

function Format-Parameter {
    # What this script was told, for another process that runs it.
    param($Bound)
    foreach ($one in $Bound.GetEnumerator()) {
        if ($one.Value -isnot [switch]) {
            if ("$($one.Value)") { "-$($one.Key)", "$($one.Value)" }
        } elseif ($one.Value) {
            "-$($one.Key)"
        }
    }
}

function Write-Said {
    # A line for the console, and one for the log.
    param([string] $Text, [int] $Type = 1)
    Write-PolicyLog -Message $Text -Type $Type
    $Text
}

function Write-Outcome {
    # The last lines of a run: what came of it, and where a person reads more.
    param([string] $Text, [int] $Type)
    Write-Said -Text $Text -Type $Type
    try { "Log: $([IO.Path]::Combine((Get-LogFolder), $LogName))" } catch { "There is no log: $($_.Exception.GetBaseException().Message)" }
}

function Invoke-Audit {
    # A line for each setting and each place that it has; gives the counts to Counts.
    param($Counts)
    if (Test-ForUser) { foreach ($note in & 'Get-NobodyNote') { Write-Said -Text $note } }
    foreach ($setting in $Settings) {
        if ($setting.Contains('Applies') -and -not (& 'Test-Applies' -Limits $setting.Applies)) { "NotApplicable $($setting.Id): $($setting.Title)" }
        elseif ($setting.Contains('OnlyIf')) { & 'Format-Apart' -Setting $setting }
    }
    foreach ($finding in @(Get-Finding)) {
        $setting = $finding.Setting
        $result = if ($finding.Failure) { 'Error' } elseif ($finding.Holds) { 'Compliant' } else { 'NonCompliant' }
        $Counts[$result]++
        $reported = if (-not $finding.Holds -and $setting['ReportOnly']) { ' (reported only)' }
        '{0,-13} {1}: {2}{3}' -f $result, $setting.Id, $setting.Title, $reported
        if ($finding.Holds) { continue }
        $since = if (-not $finding.Failure -and (Test-ChangedSince $finding.Place $finding.State)) { '; changed by someone else since policyc wrote it' }
        $said = "$(Format-Finding $finding)$since"
        "              $said"
        Write-PolicyLog -Message "$($setting.Id): not compliant$reported, $said" -Type $(if ($finding.Failure) { 3 } else { 2 })
    }
}

function Find-Left {
    # What is left after a remediation, a line each; the ids to Left, those of settings that are only reported to Reported.
    param($Left, $Reported)
    foreach ($finding in @(Get-Finding)) {
        if ($finding.Holds) { continue }
        $id = $finding.Setting.Id
        $list = $Left
        if ($finding.Setting['ReportOnly']) { $list = $Reported }
        if (-not $list.Contains($id)) { $list.Add($id) }
        if (-not $finding.Setting['ReportOnly']) { Write-Said -Text "NonCompliant  ${id}: $(Format-Finding $finding)" -Type 3 }
    }
}

function Get-StreamHash {
    # The SHA-256 of a file. Where only validated algorithms are allowed, the managed one of the .NET Framework refuses to work.
    param([IO.Stream] $Stream)
    $algorithm = if ($PSVersionTable.PSVersion.Major -lt 6) { [Security.Cryptography.SHA256CryptoServiceProvider]::new() } else { [Security.Cryptography.SHA256]::Create() }
    try { return [BitConverter]::ToString($algorithm.ComputeHash($Stream)).Replace('-', '').ToLowerInvariant() } finally { $algorithm.Dispose() }
}

function Get-VendorProblem {
    # Why a file is not what the policy means; nothing where it is. What is run is what was looked at: the stream keeps others from writing.
    param([string] $Name, [IO.Stream] $Stream)
    if ($Vendor.Names -notcontains $Name) { return "'$Name' is not called $([string]::Join(' or ', $Vendor.Names))" }
    if ($Vendor['ValidUntil'] -and [DateTime]::UtcNow.ToString('yyyy-MM-dd', [Globalization.CultureInfo]::InvariantCulture) -gt $Vendor.ValidUntil) {
        return "the package was valid until $($Vendor.ValidUntil) (UTC)"
    }
    $expected = if ($Vendor['Hash']) { $Vendor.Hash[$Name] }
    if (-not $expected) { return }
    $hash = Get-StreamHash -Stream $Stream
    if ($hash -ne $expected) { return "'$Name' has the SHA-256 $hash, the policy asks for $expected" }
}

function Invoke-Vendor {
    # Runs the vendor's script, if a person named one, in this window: it may ask something. What failed goes to Left by the product's name.
    [CmdletBinding(SupportsShouldProcess)]
    param([string] $Path, $Left)
    if (-not $Path) { return }
    $failure = ''
    $stream = $null
    try {
        $whole = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path)
        $stream = [IO.FileStream]::new($whole, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::Read)
        $failure = Get-VendorProblem -Name ([IO.Path]::GetFileName($whole)) -Stream $stream
        if ($failure) { $failure += '; it was not run' }
        elseif (-not $PSCmdlet.ShouldProcess($whole, 'Run the script of the vendor')) { return }
        else {
            $start = [Diagnostics.ProcessStartInfo]::new([IO.Path]::Combine([Environment]::SystemDirectory, 'cmd.exe'))
            # The path comes to cmd.exe in a variable: no character of it is read as a part of the command line.
            $start.Arguments = '/d /e:on /v:off /s /c ""%POLICYC_SCRIPT%""'
            $start.UseShellExecute = $false
            $start.EnvironmentVariables['POLICYC_SCRIPT'] = $whole
            $process = [Diagnostics.Process]::Start($start)
            $process.WaitForExit()
            $code = $process.ExitCode
            $meaning = $Vendor.Codes[$code]
            if ($code) { $failure = "the script ended with ${code}: $(if ($meaning) { $meaning } else { 'its vendor does not document that' })" }
        }
    } catch {
        $failure = $_.Exception.GetBaseException().Message
    } finally {
        if ($stream) { $stream.Dispose() }
    }
    if (-not $failure) { return Write-Said -Text "Changed       $($Vendor.Product): the script of the vendor ended well" }
    $Left.Add($Vendor.Product)
    Write-Said -Text "Failed        $($Vendor.Product): $failure" -Type 3
}

function Get-FolderFinding {
    # A line where a folder below %ProgramData% holds a file, or can't be looked into; nothing where it holds none. Counts as the rows do.
    param([string] $Folder, $Counts)
    $path = [IO.Path]::Combine([Environment]::GetFolderPath('CommonApplicationData'), $Folder)
    try {
        foreach ($file in [IO.Directory]::EnumerateFiles($path, '*', 'AllDirectories')) {
            $Counts.NonCompliant++
            return "NonCompliant  there are files in $path, $file among them"
        }
    } catch [IO.DirectoryNotFoundException] {
        Write-Verbose -Message "$path is not there."
    } catch {
        $Counts.Error++
        return "Error         ${path}: $($_.Exception.GetBaseException().Message)"
    }
    $Counts.Compliant++
    "Compliant     there are no files in $path"
}
