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

$LockSeconds = 20

function Lock-Journal {
    # One run at a time on a device, whichever estate it is of: two would take each other's values for previous ones. A file that is
    # held open and lies where only administrators open files: no user can hold it, and Windows lets go of it when a run is killed.
    $path = [IO.Path]::Combine((Get-LogFolder), 'policyc.lock')
    $waited = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        try {
            return [IO.FileStream]::new($path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::ReadWrite, [IO.FileShare]::None)
        } catch {
            # 32, a sharing violation: somebody has it open.
            if (($_.Exception.GetBaseException().HResult -band 0xFFFF) -ne 32) { throw }
        }
        if ($waited.Elapsed.TotalSeconds -ge $LockSeconds) { break }
        [Threading.Thread]::Sleep(200)
    }
    $busy = "policyc: another run has been busy on this device for $LockSeconds seconds; nothing was changed"
    Write-PolicyLog -Message $busy -Type 2
    throw [TimeoutException]::new($busy)
}
