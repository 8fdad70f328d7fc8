"""How Intune brings a collection's scripts to devices."""

from __future__ import annotations

from policyc.model.deployment import A_DAY, Span
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Intune:
    """Whom its scripts are assigned to, and when they run."""

    groups: tuple[str, ...] = ()
    """Object ids of Entra ID groups, in small letters."""
    excluded_groups: tuple[str, ...] = ()
    all_devices: bool = False
    every: Span = A_DAY
    """1 to 23 hours or days."""
    at: str = "12:00"
    """Time of day; where it runs every few hours, nothing reads it."""
    utc: bool = False
    remediate: bool = True
    """False: its assignments only detect."""
    more_info: str | None = None
    """What a user is sent to whose device fails custom compliance; None: none is made."""
    layout: str | None = None
    """Of which tool its packages are written once more; None: of none."""
