"""The scripts for the administrator's machine: constant text, the same for every project.

Whatever a policy says comes to them as JSON in the files beside them, and reaches the site as the value of a parameter.
"""

from __future__ import annotations

from functools import lru_cache

from policyc.powershell.rendering import render


@lru_cache(maxsize=1)
def deploy_script() -> bytes:
    """`deploy.ps1`, ASCII with LF: brings an output folder to a site."""
    return render("site/deploy.ps1.j2").encode("ascii")


@lru_cache(maxsize=1)
def deploy_intune_script() -> bytes:
    """`deploy-intune.ps1`, ASCII with LF: brings an output folder to a tenant."""
    return render("tenant/deploy-intune.ps1.j2").encode("ascii")
