"""What kinds share that `secedit.exe` reads and writes: user rights, account policies, security options."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=8)
def functions(kind: str, *shared: str) -> str:
    """The functions for devices of this kind; before them those of `secedit`, and further files of this folder."""
    from importlib.resources import files

    own = [files("policyc.kinds.secedit") / f"{name}.ps1" for name in ("functions", *shared)]
    return "\n".join(file.read_text("ascii") for file in (*own, files(f"policyc.kinds.{kind}") / "functions.ps1"))
