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

function Assert-Time {
    # The client ends a compliance script after 60 seconds: what isn't reached by then is said, not lost.
    param([double] $Share)
    if ($Clock.Elapsed.TotalSeconds -gt $Share * $TimeLimit) { throw "it was not reached in the $TimeLimit seconds that this script takes" }
}
