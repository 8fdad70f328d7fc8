"""Capabilities of Windows (features on demand): present, or absent."""

from __future__ import annotations

from typing import ClassVar

from policyc.kinds.dism.part import Part
from policyc.kinds.dism.part_kind import PartKind


class Capability(Part):
    """Whether a capability is installed."""

    __slots__ = ()
    word: ClassVar[str] = "capability"
    there: ClassVar[str] = "present"
    gone: ClassVar[str] = "absent"


class CapabilityKind(PartKind[Capability]):
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = Capability.word
    subject = Capability
    place_words: tuple[str, ...] = ("capability.name",)
    note = (
        "Capabilities: to add one, Windows fetches its files from Windows Update or from where a Group Policy says "
        "(Specify settings for optional component installation and component repair), also when a rollback brings one "
        "back; behind WSUS it may find no source (0x800f081f, 0x800f0954). Windows is never restarted for one; what waits "
        "for a restart counts as it will be then, and the line says so."
    )

    def remediation(self, subject: Capability) -> str:
        """Added or removed."""
        if not subject.writes:
            return "no, it is only reported"
        return f"{'add' if subject.wanted else 'remove'} the capability, without a restart"

    def written(self, subject: Capability, *, masked: bool) -> str:
        """What is done, as one part of a sentence."""
        if not subject.writes:
            return "only reported"
        return "does what the policy says" if masked else f"{'adds' if subject.wanted else 'removes'} it, without a restart"


said_by = CapabilityKind().said_by
