"""Settings that only a program changes, in a collection that deploys none."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, warning
from policyc.kinds import by_program
from policyc.model import Mode, Project


def programs(project: Project) -> Iterator[Diagnostic]:
    """A warning for each collection that shall change them and doesn't."""
    for collection in project.collections:
        deployment = collection.deployment
        if collection.mode is Mode.AUDIT or not deployment.remediate or deployment.remediate_program:
            continue
        left = [setting.id for setting in collection.settings if by_program(setting)]
        if left:
            more = f" and {len(left) - 1} more" if len(left) > 1 else ""
            verb = "are" if len(left) > 1 else "is"
            yield warning(
                "PC1401",
                f"'{left[0]}'{more} of '{collection.name}' {verb} changed by a program alone, which nothing deploys",
                collection.origin.below("collection", "name"),
                help="write 'remediate_program: true' below 'deployment', or have it reported alone with 'remediate: false'; "
                "whoever deploys the program Remediate of the settings package by hand has nothing to do",
            )
