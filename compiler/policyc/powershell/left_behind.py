"""The discovery script that says whose changes are on a device. It is the project's, and reads only."""

from __future__ import annotations

from collections.abc import Iterable

from policyc.model import is_derived
from policyc.powershell.linker import link
from policyc.powershell.literals import literal
from policyc.powershell.scripts import comment


def left_behind_script(estate: str, source: str, departed: Iterable[str]) -> bytes:
    """ASCII with LF. `departed` are the identities of collections that are gone for good, `source` says where they stand.

    It prints one line: `Compliant`, or `NonCompliant: ` and the departed ones that own something; then `; others: ` and the
    other collections of the project that do. At most 1,000 characters; what has no room is counted.
    """
    frame = link("left_behind", frozenset())
    return frame.whole(
        f"For the project, made by policyc from {comment(source)}: change it there, not here.",
        f"$Estate = {literal(estate)}\n$Departed = {literal(tuple(sorted(departed)))}\n"
        "# Whether owners without an id are this project's too: journals had none before there were ids.\n"
        f"$Bare = {literal(is_derived(estate))}\n",
    )
