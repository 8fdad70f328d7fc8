"""PC05xx and PC1401: what a policy asks for and ConfigMgr doesn't take, or takes otherwise than it was meant."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic
from policyc.model import Project
from policyc.targets.configmgr.checks.names import names
from policyc.targets.configmgr.checks.native import native
from policyc.targets.configmgr.checks.programs import programs
from policyc.targets.configmgr.checks.scripts import scripts
from policyc.targets.configmgr.checks.windows import windows
from policyc.targets.configmgr.own_scripts import own_scripts

__all__ = ["check"]


def check(project: Project) -> Iterator[Diagnostic]:
    """All findings of the target about a project."""
    yield from names(project)
    yield from native(project)
    yield from programs(project)
    yield from scripts(project)
    yield from own_scripts(project)
    yield from windows(project)
