"""What a collection's `intune` block comes to, for each target that an Intune tenant brings to devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyc.diagnostics import Diagnostic, warning
from policyc.model import CONFIGMGR, GROUP_POLICY, Collection, Intune, Mode, Platform, Project

_GRAPH = "#microsoft.graph."
_SERVERS = frozenset({Platform.SERVER_2016, Platform.SERVER_2019, Platform.SERVER_2022})


def only_servers(collection: Collection) -> bool:
    """Whether all of its platforms are servers, which Intune doesn't manage."""
    return set(collection.platforms) <= _SERVERS


def servers_left_out(project: Project, target: str) -> Iterator[Diagnostic]:
    """PC2009: collections with workstations and servers, of which a tenant reaches the workstations alone."""
    for one in project.collections:
        servers = [platform.value for platform in one.platforms if platform in _SERVERS]
        others = [other for other in one.targets if other in (CONFIGMGR, GROUP_POLICY)]
        if servers and not only_servers(one) and not others:
            yield warning(
                "PC2009",
                f"{target} reaches no Windows Server, so the servers of '{one.name}' ({', '.join(servers)}) get nothing",
                one.origin.below("collection", "platforms"),
                help=f"let the collection go by {CONFIGMGR} or {GROUP_POLICY} too, or take the servers out of 'platforms'",
            )


def remediates(collection: Collection) -> bool:
    """Whether its assignments change devices: a first look that a collection asks for on the site is one here too."""
    of = collection.intune
    first_look = CONFIGMGR in collection.targets and not collection.deployment.remediate
    return of is not None and of.remediate and not first_look and collection.mode is not Mode.AUDIT


def included(of: Intune | None) -> list[dict[str, Any]]:
    """The targets of assignments, as Graph has them; none where the policy names nobody, and a person assigns."""
    if of is None:
        return []
    everybody = [{"@odata.type": f"{_GRAPH}allDevicesAssignmentTarget"}] if of.all_devices else []
    return [*everybody, *({"@odata.type": f"{_GRAPH}groupAssignmentTarget", "groupId": group} for group in of.groups)]


def excluded(of: Intune) -> list[dict[str, Any]]:
    """The targets of the groups that are left out."""
    return [{"@odata.type": f"{_GRAPH}exclusionGroupAssignmentTarget", "groupId": group} for group in of.excluded_groups]
