"""A setting: its head, which all kinds have, and what it is about."""

from __future__ import annotations

from enum import StrEnum

from policyc.model.layer import EVERYWHERE, Applicability, Layer, TakesEffect
from policyc.model.location import Location
from policyc.model.records import dataclass
from policyc.model.registry import Registry
from policyc.model.subject import Subject
from policyc.model.variable import Named


class Severity(StrEnum):
    """Noncompliance severity of a compliance rule, as the ConfigMgr console offers it."""

    NONE = "none"
    INFORMATIONAL = "informational"
    WARNING = "warning"
    CRITICAL = "critical"
    CRITICAL_WITH_EVENT = "critical-with-event"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a collection, with every default explicit."""

    id: str
    title: str
    subject: Subject
    """What it is about."""
    origin: Location
    """The setting's own node; the word of its kind below it for a setting of the language."""
    severity: Severity = Severity.WARNING
    sensitive: bool = False
    """Data is masked in logs and console output."""
    why: str = ""
    references: tuple[str, ...] = ()
    observed: bool = False
    """Only the product itself writes it: an onboarding state. No policy can have it remediated."""
    native: bool = False
    """Judged by ConfigMgr's own registry setting, where the target has one."""
    applies_to: Applicability = EVERYWHERE
    takes_effect: TakesEffect | None = None
    layer: Layer | None = None
    """The baselines that it comes through; None: it stands in the collection's own file."""
    from_vocabulary: str | None = None
    """The vocabulary that unfolded to it, None for a setting of one's own."""
    variables: tuple[Named, ...] = ()
    """Which of its values came from variables."""
    part_of: str | None = None
    """The id of the setting in a policy file that unfolded to this one among others; None: it stands there itself."""

    @property
    def whole(self) -> str:
        """The id by which policies speak of it, in overrides and exceptions."""
        return self.id if self.part_of is None else self.part_of

    @property
    def remediated(self) -> bool:
        """Whether a remediation changes it."""
        return self.subject.writes


def of_registry(setting: Setting) -> Registry:
    """What a setting of the registry is about, for what only the registry has. Raises TypeError for another kind's."""
    if not isinstance(setting.subject, Registry):
        raise TypeError(f"'{setting.id}' is no setting of the registry")
    return setting.subject
