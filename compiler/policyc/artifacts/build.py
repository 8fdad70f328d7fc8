"""What a target may ask about the output that it writes for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from policyc.artifacts.collections import Known
from policyc.artifacts.revisions import Ledger
from policyc.model.records import dataclass


def _as_it_is(_path: str, content: bytes) -> bytes:
    return content


@dataclass(frozen=True, slots=True)
class Build:
    """One output: its revisions, and its signatures."""

    ledger: Ledger = field(default_factory=Ledger)
    sealed: Callable[[str, bytes], bytes] = _as_it_is
    """(path below the output, script or cabinet) to the file as it is distributed: signed, or as it is."""
    signed: bool = False
    """Whether this is a signed output: what is packed in it can't be made again, so it is kept as everything else."""
    collections: tuple[Known, ...] = ()
    """Those that the output was compiled with: what a run isn't about stays as it is."""
    only_of: str | None = None
    """The target that the run is about; None: all. What others have written stays as it is."""
