<#
.SYNOPSIS
    Brings back what was there before the collection changed this device, for Intune: the remediation script of its rollback.
.DESCRIPTION
    Works from the device's journal: every place of this collection goes back, but what somebody else has changed since. Each is in the log.
    Writes one line. Ends with 0 where all went back or is kept for another collection, 1 where something is left, 2 where it could not do
    its work, 6 where the journal has a broken entry, 1618 where another run was busy.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# <table>

# <engine>

try {
    $refusal = Get-Refusal
    if ($refusal) {
        "NotJudged: $refusal"
        exit 2
    }
    $ConfirmPreference = 'None'
    $results = @{ All = 0; Chosen = 0; Done = 0; Kept = 0; Gone = 0; Hives = @{} }
    foreach ($list in 'Left', 'Broken', 'Settled', 'Others') { $results[$list] = [Collections.Generic.List[object]]::new() }
    # What it says of each place is in the log; Intune would take it for errors.
    $null = Invoke-Rollback -Results $results 2> $null
    "Places in the journal: $($results.All); done: $($results.Done); kept for another: $($results.Kept); of users who left: $($results.Gone); broken: $($results.Broken.Count); left: $($results.Left.Count)"
    if ($results.Broken.Count) { exit 6 }
    if ($results.Left.Count) { exit 1 }
    exit 0
} catch [TimeoutException] {
    Format-Reason -Text $_.Exception.Message
    exit 1618
} catch {
    Format-Reason -Text $_.Exception.GetBaseException().Message
    exit 2
}
