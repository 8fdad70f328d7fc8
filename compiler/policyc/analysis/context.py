"""What a pass may know besides the project."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """The day and the place of a run: they decide findings, never what is written."""

    as_of: date
    """The day (UTC) on which packages and exceptions must be valid."""
    root: Path
    """The policies folder; a relative package source starts here."""
    read_packages: bool = False
    """Package sources on the network may be read."""
