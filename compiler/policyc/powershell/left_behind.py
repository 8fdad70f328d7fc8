"""The discovery script that says whose changes are on a device. It is the project's, and reads only."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.model import is_derived
from policyc.powershell.rendering import render
from policyc.powershell.scripts import comment


def left_behind_script(estate: str, source: str, departed: Iterable[str]) -> bytes:
    """ASCII with LF. `departed` are the identities of collections that are gone for good, `source` says where they stand.

    It prints one line: `Compliant`, or `NonCompliant: ` and the departed ones that own something; then `; others: ` and the
    other collections of the project that do. At most 1,000 characters; what has no room is counted.
    """
    text = render(
        "left_behind.ps1.j2",
        estate=estate,
        source=comment(source),
        departed=tuple(sorted(departed)),
        bare=is_derived(estate),
    )
    return text.encode("ascii")
