"""A file that a target writes."""

from __future__ import annotations

from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """A path below the output folder, and its bytes."""

    path: str
    """POSIX, relative to the output folder: `pilot-workstations/detect.ps1`."""
    content: bytes
    source: str
    """Policy file that it comes from, POSIX, relative to the policies folder."""
    target: str
    """The target that made it: `configmgr`."""
    built: bool = False
    """Packed from what lies beside it as text, so git doesn't keep it: each clone makes its own, of the same bytes."""
    offered: bool = False
    """Written where there is none, or the one that policyc wrote. One that a user has put or edited there is the user's."""
