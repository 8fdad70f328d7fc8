<#
.SYNOPSIS
    Tells Intune whether this device holds anything that the collection has changed: the detection script of its rollback.
.DESCRIPTION
    Looks into the device's journal, and changes nothing. Writes one line. Ends with 1 where there is a place to bring back, which starts
    the rollback; with 0 where there is none; with 2 where a broken entry may be of this collection, or the journal could not be read.
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
    $counts = Measure-OwnEntry
    $broken = if ($counts.Broken) { "; broken entries: $($counts.Broken)" }
    if ($counts.Own) {
        "Changed: $($counts.Own) places in the journal$broken"
        exit 1
    }
    if ($broken) {
        Format-Reason -Text "the journal has broken entries: $($counts.Broken)"
        exit 2
    }
    'Nothing of this collection is in the journal'
    exit 0
} catch {
    Format-Reason -Text $_.Exception.GetBaseException().Message
    exit 2
}
