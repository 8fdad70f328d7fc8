"""What HardeningKitty reads and sets elsewhere than in a value of the registry, and who could set it instead."""

from __future__ import annotations

ELSEWHERE = {
    "bcdedit": "an element of the boot configuration; bcdedit.exe sets it",
    "bitlockervolume": "the state of an encrypted volume, and no setting; policies for BitLocker lie in the registry below"
    r" HKLM\SOFTWARE\Policies\Microsoft\FVE",
    "ciminstance": "a property that WMI reports, and no value that could be written",
    "firewallrule": "a rule of Windows Defender Firewall; Group Policy sets it"
    " (Windows Defender Firewall with Advanced Security)",
    "languagemode": "the language mode of the PowerShell session that asks; application control decides it",
    "mpcomputerstatus": "a state that Microsoft Defender Antivirus reports, and no setting",
    "mppreference": "a preference that Microsoft Defender Antivirus keeps to itself; the policy of the same purpose lies in the"
    r" registry below HKLM\SOFTWARE\Policies\Microsoft\Windows Defender",
    "mppreferenceexclusion": "a list among the preferences of Microsoft Defender Antivirus that no policy sets; as policies"
    r" lists lie in the registry below HKLM\SOFTWARE\Policies\Microsoft\Windows Defender",
    "registrylist": "an entry of a list in the registry, under whatever name it has there (HardeningKitty takes the next free"
    " number); a policy names the value: write one setting a number, as in name: '1'",
    "scheduledtask": "the state of a scheduled task; Enable-ScheduledTask and Disable-ScheduledTask set it",
}
"""By the method in small letters: what the finding is about."""


def why_elsewhere(method: str) -> str:
    """Why a finding of this method can't be a registry setting."""
    what = ELSEWHERE.get(method.lower())
    if what is not None:
        return f"{method}: {what}"
    return f"HardeningKitty's method '{method}' isn't known" if method else "the finding has no method"
