"""What the policies prove about who is in a collection, whatever a query finds and whatever the site knows besides.

A device that a direct rule names is taken to be there, and to be one of that name: a policy names devices that exist. It has a
client too, as nothing reaches a device without one. Everything else that isn't known may keep it out.
"""

from __future__ import annotations

from policyc.analysis.memberships import Memberships
from policyc.model import Members, upper

_EVERY_DEVICE = frozenset({"ALL SYSTEMS", "ALL DESKTOP AND SERVER CLIENTS"})
"""The site's own collections that have every device that a policy can reach."""
_DEEPEST = 100
"""Rules that are followed one below the other; beyond, nothing is certain."""


class Certainty:
    """Which devices are in which collection, for sure."""

    def __init__(self, memberships: Memberships) -> None:
        self._memberships = memberships
        self._devices: dict[str, dict[str, str]] = {}
        self._listed: dict[str, dict[str, str]] = {}
        self._known: dict[tuple[str, str], bool | None] = {}

    def devices(self, name: str) -> dict[str, str]:
        """The devices that are in the collection for sure: in upper case, and as the policy spells them."""
        found = self._devices.get(name)
        if found is None:
            listed = self.listed(name)
            found = self._devices[name] = {device: listed[device] for device in listed if self.has(name, device)}
        return found

    def listed(self, name: str) -> dict[str, str]:
        """The devices that direct rules name: the collection's own, and those of all that it includes."""
        found = self._listed.get(name)
        if found is None:
            found = {}
            waiting, seen = [name], {name}
            while waiting:
                collection = self._memberships.named(waiting.pop())
                if collection is None or collection.members is None:
                    continue
                for device in collection.members.devices:
                    found.setdefault(upper(device), device)
                included = [upper(include) for include in collection.members.include]
                waiting += [include for include in included if include not in seen]
                seen.update(included)
            self._listed[name] = found
        return found

    def has(self, name: str, device: str, depth: int = 0) -> bool | None:
        """Whether the device, in upper case, is in the collection; None: it depends on what isn't known."""
        key = (name, device)
        if key not in self._known:
            if depth > _DEEPEST:
                return None
            self._known[key] = self._judge(name, device, depth + 1)
        return self._known[key]

    def _judge(self, name: str, device: str, depth: int) -> bool | None:
        collection = self._memberships.named(name)
        if collection is None:
            return True if name in _EVERY_DEVICE else None
        if self._memberships.in_a_circle(name):
            return None  # the order in which a site evaluates its rules decides
        limit = None if collection.limited_to is None else self.has(upper(collection.limited_to), device, depth)
        members = collection.members
        if members is None:
            return False if limit is False else None
        excluded = [self.has(upper(exclude), device, depth) for exclude in members.exclude]
        return _all((limit, self._comes_in(members, device, depth), *(None if out is None else not out for out in excluded)))

    def _comes_in(self, members: Members, device: str, depth: int) -> bool | None:
        """Whether a rule brings the device in."""
        if device in map(upper, members.devices):
            return True
        included = [self.has(upper(include), device, depth) for include in members.include]
        if True in included:
            return True
        # Members without a source are taken for not said, not for nobody.
        unsaid = not members.devices and not members.include
        return None if members.query is not None or unsaid or None in included else False


def _all(parts: tuple[bool | None, ...]) -> bool | None:
    """Whether all hold; what isn't known matters only where nothing fails."""
    if False in parts:
        return False
    return None if None in parts else True
