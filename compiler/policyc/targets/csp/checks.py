"""PC21xx, and what has no node."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, note
from policyc.model import CONFIGMGR, CSP, Collection, Project
from policyc.targets.csp.profile import blob, unsaid
from policyc.targets.refusal import Refusal
from policyc.targets.tenant import only_servers, servers_left_out

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
    """PC2101: a package that two systems bring; and servers, which no profile reaches."""
    yield from servers_left_out(project, CSP)
    for collection in project.collections:
        package = next(iter(collection.packages), None)
        if package is not None and CONFIGMGR in collection.targets and blob(collection) is not None:
            yield note(
                "PC2101",
                f"{CONFIGMGR} and {CSP} both bring the {package.id} package of '{collection.name}', to some devices twice",
                package.origin,
                help="nothing has to be done where no device is reached by both; otherwise let one system bring it, "
                f"to a collection of its own where the rest goes by both ('targets: [{CSP}]')",
            )
