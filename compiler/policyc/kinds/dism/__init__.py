"""What optional features and capabilities share, which the cmdlets of Windows' module Dism list, install and remove."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=2)
def functions(kind: str) -> str:
    """The functions for devices of this kind, behind those that both share."""
    from importlib.resources import files

    both = (files("policyc.kinds.dism") / "functions.ps1", files(f"policyc.kinds.{kind}") / "functions.ps1")
    return "\n".join(file.read_text("ascii") for file in both)
