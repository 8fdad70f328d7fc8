"""Optional features of Windows: enabled, or disabled."""

from __future__ import annotations

from typing import ClassVar

from policyc.kinds.dism.part import Part
from policyc.kinds.dism.part_kind import PartKind


class OptionalFeature(Part):
    """Whether an optional feature is enabled."""

    __slots__ = ()
    word: ClassVar[str] = "optional_feature"
    there: ClassVar[str] = "enabled"
    gone: ClassVar[str] = "disabled"


class OptionalFeatureKind(PartKind[OptionalFeature]):
    """What `policyc.kinds.kind.SettingKind` asks."""

    word = OptionalFeature.word
    subject = OptionalFeature
    place_words: tuple[str, ...] = ("optional_feature.name",)
    note = (
        "Optional features: Windows is never restarted for one; where it waits for its next restart, the feature counts "
        "as it will be then, and the line says so. What Windows enables or disables along with a feature is named in the "
        "log and goes back with it. A parent is never enabled by itself: where it is disabled, the setting fails until a "
        "setting of its own enables it. Behind WSUS Windows may find no source for what it hasn't got (0x800f081f, "
        "0x800f0954): a Group Policy says from where (Specify settings for optional component installation and component "
        "repair)."
    )

    def remediation(self, subject: OptionalFeature) -> str:
        """Enabled or disabled, without a restart."""
        if not subject.writes:
            return "no, it is only reported"
        return f"{'enable' if subject.wanted else 'disable'} the feature, without a restart"

    def written(self, subject: OptionalFeature, *, masked: bool) -> str:
        """What is done, as one part of a sentence."""
        if not subject.writes:
            return "only reported"
        return "does what the policy says" if masked else f"{'enables' if subject.wanted else 'disables'} it, without a restart"


said_by = OptionalFeatureKind().said_by
