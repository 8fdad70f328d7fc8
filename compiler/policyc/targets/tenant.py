"""What a collection's `intune` block comes to, for each target that an Intune tenant brings to devices."""

from __future__ import annotations

from typing import Any

from policyc.model import CONFIGMGR, Collection, Intune, Mode, Platform

_GRAPH = "#microsoft.graph."
_SERVERS = frozenset({Platform.SERVER_2016, Platform.SERVER_2019, Platform.SERVER_2022})


def only_servers(collection: Collection) -> bool:
    """Whether all of its platforms are servers, which Intune doesn't manage."""
    return set(collection.platforms) <= _SERVERS


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
