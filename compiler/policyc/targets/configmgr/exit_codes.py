"""What the programs' own exit codes mean: one list for launchers, command files, package data and runbooks.

None is on ConfigMgr's lists of success, restart and retry codes but the one for "try again", and none is what a
vocabulary makes of a vendor's code.
"""

from __future__ import annotations

from policyc.model.records import dataclass
from policyc.targets.configmgr.limits import TRY_AGAIN_CODE


@dataclass(frozen=True, slots=True)
class ExitCode:
    """An exit code of a program, what it says, and what an administrator does about it."""

    code: int
    meaning: str
    action: str


SUCCESS = ExitCode(0, "Done", "Nothing")
CONSTRAINED = ExitCode(
    220,
    "PowerShell runs in a constrained language mode",
    "Let the application control policy trust launch.ps1 (sign it, or allow the client's cache folder)",
)
NOT_ELEVATED = ExitCode(
    221,
    "Not started as SYSTEM or as an elevated administrator",
    "Check the run mode of the program: Run with administrative rights",
)
NOT_64_BIT = ExitCode(
    222,
    "PowerShell runs as a 32-bit process on 64-bit Windows",
    "Start run.cmd, not launch.ps1; it finds the 64-bit PowerShell",
)
SCRIPT_MISSING = ExitCode(
    223,
    "The vendor's script is not beside the launcher",
    "Stage the script into the content source and update the distribution points",
)
SCRIPT_CHANGED = ExitCode(
    224,
    "The vendor's script has another SHA-256 than the policy says",
    "Stage the right script, or correct sha256 in the policy, and update the distribution points",
)
EXPIRED = ExitCode(
    225,
    "The offboarding package is past its last day (UTC); nothing was run",
    "Download a new offboarding package and change the policy to it",
)
NOT_STARTED = ExitCode(
    226,
    "The vendor's script could not be started",
    "Read the reason in the log on the device; often an application control policy",
)
TIMED_OUT = ExitCode(
    227,
    "The vendor's script did not end within the launcher's time limit and was ended",
    "Check that it is the script for ConfigMgr: the local script asks questions that nobody can answer",
)
UNEXPECTED = ExitCode(
    228,
    "The launcher failed in a way that it does not know",
    "Read the message in the log on the device",
)
NO_POWERSHELL = ExitCode(
    229,
    "run.cmd found no Windows PowerShell",
    "Repair Windows PowerShell on the device",
)
WRONG_ARGUMENT = ExitCode(
    232,
    "run.cmd was started with an argument that it does not know",
    "Correct the program's command line",
)
NOT_TOLD = ExitCode(
    233,
    "rollback.ps1 was not told what to roll back; nothing was changed",
    "Give it -OnlyRetired, for what has left the policy, or -All",
)
UNREADABLE = ExitCode(
    231,
    "The vendor's script is there but can't be opened",
    "See whether another program has it open, or an antivirus product blocks it",
)
REFUSED = ExitCode(
    1,
    "PowerShell refused to run the script",
    "Group Policy's execution policy wins over the one on the command line: sign the scripts, or change that policy",
)
TRY_AGAIN = ExitCode(
    TRY_AGAIN_CODE,
    "Windows Setup or the out-of-box experience is not over; ConfigMgr tries again by itself",
    "Nothing, unless it stays so for days: then finish the out-of-box experience on the device",
)

LAUNCHER: dict[str, ExitCode] = {
    "constrained": CONSTRAINED,
    "not_elevated": NOT_ELEVATED,
    "not_64_bit": NOT_64_BIT,
    "script_missing": SCRIPT_MISSING,
    "script_changed": SCRIPT_CHANGED,
    "expired": EXPIRED,
    "not_started": NOT_STARTED,
    "timed_out": TIMED_OUT,
    "unexpected": UNEXPECTED,
    "unreadable": UNREADABLE,
    "try_again": TRY_AGAIN,
}
"""The launcher's own codes by the name that its template uses."""

COMMAND_FILE: tuple[ExitCode, ...] = (REFUSED, NO_POWERSHELL)
"""How a program ends before its script runs."""

SETTINGS: tuple[ExitCode, ...] = (
    SUCCESS,
    ExitCode(
        1,
        "Something is left: a setting still fails, or a value that someone else has changed was not rolled back; or "
        "PowerShell refused to run the script",
        "Read the log on the device; nothing in it means that Group Policy's execution policy refused the script",
    ),
    ExitCode(
        2,
        "The script could not do its work: a constrained language mode, no elevation, a locked or unreadable registry",
        "Read the message in the log on the device",
    ),
    ExitCode(
        3,
        "Rolled back, but for places that another collection relies on: they stay as they are until it lets go",
        "Read in the log which collection keeps them, and roll that one back too where they shall go back",
    ),
    ExitCode(
        6,
        "The journal on the device has a broken entry: nothing was done with it, everything else was rolled back",
        "Take the entry's id from the log; rollback.ps1 -ShowEntry shows it there, -DropEntry drops it",
    ),
    ExitCode(
        TRY_AGAIN_CODE,
        "Another run of policyc was busy on the device; nothing was changed, and ConfigMgr tries again by itself",
        "Nothing, unless it stays so for hours: then see in the log which run does not end",
    ),
    NO_POWERSHELL,
    WRONG_ARGUMENT,
    NOT_TOLD,
)
"""The console scripts `remediate.ps1` and `rollback.ps1`, run as programs."""
