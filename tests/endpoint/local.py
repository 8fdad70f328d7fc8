"""What a person at a machine, or a batch file of theirs, reads of `policy.ps1`; written from its contract, not from its code.

0 is well in every mode, 2 that a setting doesn't hold, 3 that something is left, 4 that nobody can say, 65 (as the vendor's own
script for single devices has it) that nobody was elevated. 1 is PowerShell's own for what it couldn't run, and 1618, 1641 and
3010 mean something to installers: none of them may come. Lines begin with a word; the last one names the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from endpoint.device import Device

MEANS = {0: "well", 2: "not compliant", 3: "left", 4: "unknown", 65: "not elevated", 233: "usage"}
LOG = "Log: "


@dataclass(frozen=True, slots=True)
class Told:
    """A run, as its reader has it."""

    outcome: str
    """By the exit code."""
    settings: dict[str, set[str]]
    """Ids by the word that their lines begin with."""
    summary: str
    """The last line, but for the one that names the log."""
    log: str
    error: str


def run_local(device: Device, script: Path, *arguments: str) -> Told:
    """Run the script, and read what it said."""
    answer = device.run(script, *arguments)
    lines = answer.lines
    assert answer.stdout.isascii()
    assert answer.exit_code in MEANS, answer
    log = lines.pop().removeprefix(LOG) if lines and lines[-1].startswith(LOG) else ""
    settings: dict[str, set[str]] = {}
    for line in lines[:-1]:
        word, _, rest = line.partition(" ")
        if word in ("Compliant", "NonCompliant", "Error", "NotApplicable", "Changed", "Failed"):
            settings.setdefault(word, set()).add(rest.strip().partition(":")[0])
    return Told(MEANS[answer.exit_code], settings, lines[-1] if lines else "", log, answer.stderr)
