"""What a setting meets on a device: of several, the surest."""

from __future__ import annotations

from policyc.analysis.meetings import Answer, Meetings
from policyc.model import Collection, Setting

Having = list[tuple[Collection, Setting]]
"""Settings, each with a collection that has it."""


class Met:
    """Of what a setting meets, the surest."""

    def __init__(self, meetings: Meetings) -> None:
        self._meetings = meetings

    def surely(self, collection: Collection, setting: Setting, found: Having) -> tuple[Setting, str, bool] | None:
        """The first that surely shares a device with it, or else that may: with whose it is, and whether it is sure."""
        perhaps: tuple[Setting, str, bool] | None = None
        for other, policy in found:
            if not setting.applies_to.meets(policy.applies_to):
                continue
            if other is collection:
                return policy, "", True
            answer = self._meetings.of(collection, other).answer
            if answer is Answer.SURELY:
                return policy, f" of '{other.name}', which has devices of '{collection.name}',", True
            if answer is Answer.PERHAPS and perhaps is None:
                perhaps = (policy, f" of '{other.name}', which can have the same devices,", False)
        return perhaps
