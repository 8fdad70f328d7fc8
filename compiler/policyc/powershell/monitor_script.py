"""`monitor.ps1`: how far the site and its devices have come. Constant text, the same for every project, as `deploy.ps1` is."""

from __future__ import annotations

from functools import lru_cache

from policyc.powershell.rendering import render
from policyc.vocabularies.codes import code_sources


@lru_cache(maxsize=1)
def monitor_script() -> bytes:
    """`monitor.ps1`, ASCII with LF: reads the site, and shows what the output folder beside it asked for."""
    return render("site/monitor.ps1.j2", codes=code_sources()["ConfigMgr"].codes).encode("ascii")
