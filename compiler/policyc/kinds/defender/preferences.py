"""What of Microsoft Defender a policy can set: rules of attack surface reduction, and preferences with their words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from policyc.source.wording import nearest, plain

RULE_WORDS: Mapping[str, int | None] = {"not_configured": None, "off": 0, "block": 1, "audit": 2, "warn": 6}
"""Words of a policy as AttackSurfaceReductionRules_Actions has them (Set-MpPreference)."""
_GUID = re.compile(r"\{?([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})\}?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preference:
    """A preference, as Set-MpPreference documents it."""

    words: Mapping[str, int]
    """The words of a policy as its numbers."""
    default: str
    """What it is where nobody has set it."""
    refused: frozenset[str]
    """Words that would turn a protection off."""
    value: str
    """Where it lies below the key of the policies, and below Defender's own."""


def _switch(value: str, **more: int) -> Preference:
    return Preference({"disabled": 0, "enabled": 1, "audit": 2, **more}, "disabled", frozenset({"disabled"}), value)


_GUARD = "Windows Defender Exploit Guard"
PREFERENCES: Mapping[str, Preference] = {
    "PUAProtection": _switch("PUAProtection"),
    "EnableNetworkProtection": _switch(rf"{_GUARD}\Network Protection\EnableNetworkProtection"),
    "EnableControlledFolderAccess": _switch(
        rf"{_GUARD}\Controlled Folder Access\EnableControlledFolderAccess",
        block_disk_modification_only=3,
        audit_disk_modification_only=4,
    ),
    "MAPSReporting": Preference(
        {"disabled": 0, "basic": 1, "advanced": 2}, "advanced", frozenset({"disabled"}), r"Spynet\SpynetReporting"
    ),
    "SubmitSamplesConsent": Preference(
        {"always_prompt": 0, "send_safe": 1, "never_send": 2, "send_all": 3},
        "send_safe",
        frozenset(),
        r"Spynet\SubmitSamplesConsent",
    ),
    "CloudBlockLevel": Preference(
        {"default": 0, "moderate": 1, "high": 2, "high_plus": 4, "zero_tolerance": 6},
        "default",
        frozenset(),
        r"MpEngine\MpCloudBlockLevel",
    ),
}
"""By the name of the parameter. Those called Disable... are left out: a script that names them looks like malware."""


@lru_cache(maxsize=1)
def rules() -> Mapping[str, str]:
    """GUID, in upper case, to the name of each rule that Microsoft documents."""
    from importlib.resources import files

    text = (files("policyc.kinds.defender") / "asr_rules.txt").read_text("ascii")
    rows = (line.split("|") for line in text.splitlines() if not line.startswith("#"))
    return dict(rows)


def rule_id(said: str) -> str | None:
    """The GUID of a rule by its GUID or by its name; a GUID that isn't known may be that of a new rule.

    >>> rule_id("{c1db55ab-c21a-4637-bb3f-a12568109d35}"), rule_id("use Advanced protection against ransomware")
    ('C1DB55AB-C21A-4637-BB3F-A12568109D35', 'C1DB55AB-C21A-4637-BB3F-A12568109D35')
    """
    found = _GUID.fullmatch(said.strip())
    if found is not None:
        return found[1].upper()
    return next((guid for guid, name in rules().items() if plain(name) == plain(said)), None)


def nearest_rule(said: str) -> str | None:
    """The name that was likely meant."""
    by_name = {name.lower(): name for name in rules().values()}
    near = nearest(said.lower(), by_name)
    if near is not None:
        return by_name[near]
    held = [name for name in rules().values() if len(plain(said)) > 5 and plain(said) in plain(name)]
    return held[0] if len(held) == 1 else None
