"""What a setting of the audit policy is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

SUCCESS, FAILURE = 1, 2
FLAGS = {"success": SUCCESS, "failure": FAILURE}
"""The words of a policy as the bits in which Windows counts (auditpol's column "Setting Value")."""


def flag_words(flags: int) -> list[str]:
    """The words of these bits, in their order."""
    return [word for word, bit in FLAGS.items() if flags & bit]


def flag_text(flags: int) -> str:
    """For people.

    >>> flag_text(3), flag_text(0)
    ('success and failure', 'none')
    """
    return " and ".join(flag_words(flags)) or "none"


@dataclass(frozen=True, slots=True)
class Subcategory:
    """Its place: one number on a device."""

    guid: str
    """In upper case and braces."""
    name: str
    """In English, as auditpol prints it."""

    @property
    def identity(self) -> tuple[str, str]:
        """By the GUID."""
        return ("audit_policy", self.guid)

    @property
    def parts(self) -> dict[str, str]:
        """As a policy says it, and as Windows knows it."""
        return {"subcategory": self.name, "guid": self.guid}

    def shown(self, user: str | None) -> str:
        """There is one for all users."""
        return str(self) if user is None else f"{self} of {user}"

    def __str__(self) -> str:
        return f"the audit policy of {self.name}"


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """Which events of a subcategory are audited."""

    word: ClassVar[str] = "audit_policy"
    place: Subcategory
    asked: str
    """`equals` or `at_least`."""
    flags: int
    """0 to 3."""
    writes: bool

    def holds(self, flags: int) -> bool:
        """Whether what a device audits satisfies."""
        return flags == self.flags if self.asked == "equals" else flags & self.flags == self.flags

    def next(self, flags: int) -> int:
        """The least change that satisfies."""
        if self.holds(flags):
            return flags
        return self.flags if self.asked == "equals" else flags | self.flags
