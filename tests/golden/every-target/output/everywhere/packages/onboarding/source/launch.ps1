# Runs the vendor's script that lies beside this file, hidden and without anyone to answer it, and ends with an
# exit code that ConfigMgr reads as plain success or failure. The runbook says what each code means.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$LogName = 'policyc-everywhere-8ee4ffd4.log'
$Label = 'onboarding (Windows Defender ATP)'
$ScriptName = 'WindowsDefenderATPOnboardingScript.cmd'
$TimeLimit = 600
$VendorCodes = @(
    @{ Code = 5; Exit = 205; Meaning = 'Offboarding data was found and could not be deleted' }
    @{ Code = 10; Exit = 210; Meaning = 'The onboarding data could not be written to the registry' }
    @{ Code = 15; Exit = 215; Meaning = 'The sensor service could not be started' }
    @{ Code = 30; Exit = 230; Meaning = 'Waiting for the sensor service failed' }
    @{ Code = 35; Exit = 235; Meaning = 'The service did not write its onboarding state' }
    @{ Code = 40; Exit = 240; Meaning = 'The onboarding state is there, but is not 1' }
    @{ Code = 65; Exit = 265; Meaning = 'The script lacked administrative rights' }
    @{ Code = 70; Exit = 270; Meaning = 'The device belongs to another organisation' }
)

#region policyc engine, SHA-256 049051f93d6f1250905d75bf9de6304c44b1949bb4271230683b87f3c3b321db
function Test-Elevation {
    # Whether this runs as SYSTEM or as an elevated administrator.
    $user = [Security.Principal.WindowsPrincipal]::new([Security.Principal.WindowsIdentity]::GetCurrent())
    return $user.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Get-Refusal {
    # Why nothing can be done here; nothing where it can. The mode comes first: in a constrained one most calls fail.
    $mode = $ExecutionContext.SessionState.LanguageMode
    if ($mode -ne 'FullLanguage') {
        return "policyc: PowerShell runs in $mode mode here, and this script needs FullLanguage. An application control policy must trust the script: sign it, or allow its folder."
    }
    if ([Environment]::OSVersion.Platform -ne 'Win32NT') { return 'policyc: this script configures Windows; nothing was done.' }
    if (-not (Test-Elevation)) { return 'policyc: this script must run as SYSTEM or as an administrator with elevation; nothing was done.' }
}

$LogFolder = @{ Path = ''; Problem = '' }

function Get-FolderProblem {
    # Why a folder that was there already is not ours to use, by its attributes and owner; empty where it is.
    param([IO.FileAttributes] $Attributes, [string] $Owner, [string] $User)
    if ($Attributes -band [IO.FileAttributes]::ReparsePoint) { return 'it is a link to another place' }
    # SYSTEM, Administrators, TrustedInstaller, or who runs this.
    $trusted = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464', $User
    if ([Array]::IndexOf($trusted, $Owner) -lt 0) { return "it belongs to $Owner, who is neither SYSTEM nor Administrators" }
    return ''
}

function Get-LogFolder {
    # %windir%\Logs\policyc, closed to all but SYSTEM and administrators: elsewhere SYSTEM would follow the links of others,
    # and read what others have put there. Throws where it can't be trusted.
    if ($LogFolder.Problem) { throw $LogFolder.Problem }
    if ($LogFolder.Path) { return $LogFolder.Path }
    $path = [IO.Path]::Combine([Environment]::GetFolderPath('Windows'), 'Logs\policyc')
    try {
        $info = [IO.DirectoryInfo]::new($path)
        $security = [Security.AccessControl.DirectorySecurity]::new()
        $security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
        # .NET Framework has these as methods of the folder, .NET as functions of this class.
        $beside = 'System.IO.FileSystemAclExtensions' -as [type]
        if (-not $info.Exists) {
            if ($beside) { $beside::Create($info, $security) } else { $info.Create($security) }
            $info.Refresh()
        }
        $sections = 'Owner, Access'
        $found = if ($beside) { $beside::GetAccessControl($info, $sections) } else { $info.GetAccessControl($sections) }
        $owner = $found.GetOwner([Security.Principal.SecurityIdentifier]).Value
        $problem = Get-FolderProblem -Attributes $info.Attributes -Owner $owner -User ([Security.Principal.WindowsIdentity]::GetCurrent().User.Value)
        if ($problem) { throw $problem }
        # One that an older release made lets users read, and so hold, what is in it.
        if (-not $found.AreAccessRulesProtected) {
            if ($beside) { $beside::SetAccessControl($info, $security) } else { $info.SetAccessControl($security) }
        }
    } catch {
        $LogFolder.Problem = "the folder $path can't be used: $($_.Exception.GetBaseException().Message)"
        throw $LogFolder.Problem
    }
    $LogFolder.Path = $path
    return $path
}

function Write-PolicyLog {
    # A line in the form that CMTrace reads. Type 2 is a warning, 3 an error.
    param([string] $Message, [int] $Type = 1)
    try {
        $file = [IO.FileInfo]::new([IO.Path]::Combine((Get-LogFolder), $LogName))
        if ($file.Exists -and $file.Length -gt 1000000) {
            $old = [IO.Path]::ChangeExtension($file.FullName, '.lo_')
            [IO.File]::Delete($old)
            [IO.File]::Move($file.FullName, $old)
        }
        $now = [DateTime]::Now
        $form = '<![LOG[{0}]LOG]!><time="{1:HH:mm:ss.fff}{2:+000;-000;+000}" date="{1:MM-dd-yyyy}" component="policyc" context="" type="{3}" thread="{4}" file="">{5}'
        $text = (ConvertTo-VisibleText -Text $Message -Hidden '[^ -~]').Replace(']LOG]!', ']LOG] !')
        $bias = -[int][TimeZoneInfo]::Local.GetUtcOffset($now).TotalMinutes
        $parts = @($text, $now, $bias, $Type, [Threading.Thread]::CurrentThread.ManagedThreadId, [Environment]::NewLine)
        [IO.File]::AppendAllText($file.FullName, [string]::Format([Globalization.CultureInfo]::InvariantCulture, $form, $parts))
    } catch {
        # A full or locked log must not keep a device from its policy.
        Write-Verbose -Message "The log could not be written: $($_.Exception.Message)"
    }
}

function ConvertTo-VisibleText {
    # Line ends, control characters (a console obeys some), and what is invisible or turns the direction of writing, as \u and four digits.
    param([string] $Text, [string] $Hidden = '[\p{C}\p{Zl}\p{Zp}]')
    return [regex]::Replace($Text, $Hidden, { param($Match) '\u{0:x4}' -f [int]$Match.Value[0] })
}
#endregion

function Exit-Launcher {
    param([int] $Code, [string] $Reason, [int] $Type = 3)
    Write-PolicyLog -Message "${Label}: $Reason. Exit code $Code." -Type $Type
    if ($Code -ne 0) { Write-Error -ErrorAction Continue -Message "policyc: $Reason" }
    exit $Code
}

function Test-SetupComplete {
    # False also in doubt: the client tries again.
    $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    try {
        $state = $machine.OpenSubKey('SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State')
        if ($null -eq $state) { return $false }
        $image = $state.GetValue('ImageState')
        $state.Dispose()
        if ($image -isnot [string]) { return $false }
        if (-not [string]::Equals($image, 'IMAGE_STATE_COMPLETE', [StringComparison]::OrdinalIgnoreCase)) { return $false }
        $setup = $machine.OpenSubKey('SYSTEM\Setup')
        if ($null -eq $setup) { return $true }
        $running = @($setup.GetValue('OOBEInProgress', 0), $setup.GetValue('SystemSetupInProgress', 0))
        $setup.Dispose()
        foreach ($value in $running) {
            if ($value -isnot [int] -or $value -ne 0) { return $false }
        }
        return $true
    } catch {
        Write-PolicyLog -Message "${Label}: the state of Windows Setup can't be read: $($_.Exception.GetBaseException().Message)" -Type 2
        return $false
    } finally {
        $machine.Dispose()
    }
}

function Get-StreamHash {
    param([IO.Stream] $Stream)
    # Where only validated algorithms are allowed, the managed one of the .NET Framework refuses to work.
    $algorithm = if ($PSVersionTable.PSVersion.Major -lt 6) {
        [Security.Cryptography.SHA256CryptoServiceProvider]::new()
    } else {
        [Security.Cryptography.SHA256]::Create()
    }
    try {
        return [BitConverter]::ToString($algorithm.ComputeHash($Stream)).Replace('-', '').ToLowerInvariant()
    } finally {
        $algorithm.Dispose()
    }
}

function Invoke-Hidden {
    # A program of Windows without a window, its input at the end already (a question is answered by nothing), its
    # output read and dropped.
    param([string] $Program, [string] $Arguments)
    $start = [Diagnostics.ProcessStartInfo]::new()
    $start.FileName = [IO.Path]::Combine([Environment]::SystemDirectory, $Program)
    $start.Arguments = $Arguments
    $start.WorkingDirectory = $PSScriptRoot
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $null = $process.StandardOutput.BaseStream.CopyToAsync([IO.Stream]::Null)
    $null = $process.StandardError.BaseStream.CopyToAsync([IO.Stream]::Null)
    return $process
}

$refusal = Get-Refusal
if ($refusal) {
    Write-Error -ErrorAction Continue -Message $refusal
    if ($ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage') { exit 221 } else { exit 220 }
}
$vendorScript = [IO.Path]::Combine($PSScriptRoot, $ScriptName)
$file = $null
try {
    if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) {
        Exit-Launcher -Code 222 -Reason 'PowerShell runs as a 32-bit process on 64-bit Windows'
    }
    if (-not (Test-SetupComplete)) {
        Exit-Launcher -Code 1618 -Type 2 -Reason 'Windows Setup or the out-of-box experience is not over; the client tries again'
    }
    if (-not [IO.File]::Exists($vendorScript)) {
        Exit-Launcher -Code 223 -Reason "the script '$ScriptName' is not beside the launcher"
    }
    # Held open until the script has ended: others may read it, nobody can change or replace it after the check.
    try {
        $file = [IO.FileStream]::new($vendorScript, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]::Read)
    } catch {
        Exit-Launcher -Code 231 -Reason "the script '$ScriptName' can't be opened: $($_.Exception.GetBaseException().Message)"
    }
    $hash = Get-StreamHash -Stream $file
    Write-PolicyLog -Message "${Label}: running '$ScriptName', SHA-256 $hash."
    # The path comes to cmd.exe in a variable: no character of it is read as a part of the command line.
    [Environment]::SetEnvironmentVariable('POLICYC_SCRIPT', $vendorScript)
    try {
        $process = Invoke-Hidden -Program 'cmd.exe' -Arguments '/d /e:on /v:off /s /c ""%POLICYC_SCRIPT%""'
    } catch {
        Exit-Launcher -Code 226 -Reason "the script '$ScriptName' can't be started: $($_.Exception.GetBaseException().Message)"
    }
    if (-not $process.WaitForExit($TimeLimit * 1000)) {
        $killer = Invoke-Hidden -Program 'taskkill.exe' -Arguments "/T /F /PID $($process.Id)"
        $null = $killer.WaitForExit(30000)
        if (-not $process.WaitForExit(5000)) { $process.Kill() }
        Exit-Launcher -Code 227 -Reason "the script '$ScriptName' had not ended after $TimeLimit seconds and was ended"
    }
    $code = $process.ExitCode
    if ($code -eq 0) {
        Exit-Launcher -Code 0 -Type 1 -Reason "the script '$ScriptName' has ended well"
    }
    foreach ($entry in $VendorCodes) {
        if ($entry.Code -eq $code) {
            Exit-Launcher -Code $entry.Exit -Reason "the script '$ScriptName' ended with ${code}: $($entry.Meaning)"
        }
    }
    Exit-Launcher -Code 299 -Reason "the script '$ScriptName' ended with $code, which its vendor does not document"
} catch {
    Exit-Launcher -Code 228 -Reason "the launcher failed: $($_.Exception.GetBaseException().Message)"
} finally {
    if ($null -ne $file) { $file.Dispose() }
}
