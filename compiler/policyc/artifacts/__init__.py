"""Writing artifacts: all of them or none.

What writes and compares is imported when it is first used: `validate` needs no more than the word for an artifact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyc.artifacts.artifact import Artifact
from policyc.artifacts.build import Build

if TYPE_CHECKING:
    from policyc.artifacts.comparison import Comparison, Difference, compare
    from policyc.artifacts.writer import WriteResult, write

_COMPARING = ("Comparison", "Difference", "compare")
_WRITING = ("WriteResult", "write")


def __getattr__(name: str) -> object:
    if name in _COMPARING:
        from policyc.artifacts import comparison

        return getattr(comparison, name)
    if name in _WRITING:
        from policyc.artifacts import writer

        return getattr(writer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Artifact", "Build", "Comparison", "Difference", "WriteResult", "compare", "write"]
