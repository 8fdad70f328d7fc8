"""PC21xx, and what has no node."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error
from policyc.model import Collection, Project
from policyc.targets.csp.limits import SETTINGS
from policyc.targets.csp.profile import all_said, unsaid
from policyc.targets.refusal import Refusal
from policyc.targets.tenant import only_servers

_OTHERS = "let the collection go by intune or configmgr too, which bring it by a script"


def refusals(collection: Collection) -> Iterator[Refusal]:
    """What a custom profile can't have of a collection."""
    if only_servers(collection):
        yield Refusal(
            "",
            "Windows Server takes no profile of Intune, and all of the collection's platforms are servers",
            "let the collection go by configmgr or group_policy, or add a platform of workstations",
            collection.origin.below("collection", "platforms"),
        )
        return
    for one in unsaid(collection):
        yield Refusal(one.setting.id, one.reason, _OTHERS, one.setting.origin.below(one.setting.subject.word))


def check(project: Project) -> Iterator[Diagnostic]:
    """PC2101: more nodes than a profile takes."""
    for collection in project.collections:
        number = len(all_said(collection))
        if number > SETTINGS:
            yield error(
                "PC2101",
                f"'{collection.name}' sets {number:,} nodes, and a custom profile of Intune takes {SETTINGS:,}",
                collection.origin.below("collection", "name"),
                help="split the collection, or let a part of its settings go by another target",
            )
