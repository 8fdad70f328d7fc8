"""A user right, and what a policy asks of who has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policyc.kinds.accounts import Account
from policyc.model import Operator, upper


@dataclass(frozen=True, slots=True)
class Right:
    """A right of this device: a place that holds the accounts that have it."""

    constant: str
    """`SeDebugPrivilege`, as Windows spells it."""

    @property
    def identity(self) -> tuple[str, str]:
        """Windows doesn't tell capitals apart."""
        return ("user_right", upper(self.constant))

    @property
    def parts(self) -> dict[str, str]:
        """As a policy says it."""
        return {"right": self.constant}

    def shown(self, user: str | None) -> str:
        """A right is the device's."""
        return str(self)

    def __str__(self) -> str:
        return f"the user right {self.constant}"


@dataclass(frozen=True, slots=True)
class UserRight:
    """Who must have a right, who must not, or who alone."""

    word: ClassVar[str] = "user_right"
    place: Right
    operator: Operator
    """CONTAINS, NONE_OF or SET_EQUALS."""
    members: tuple[Account, ...]
    also_allowed: tuple[Account, ...] = ()
    """Of SET_EQUALS: may have it, and are neither added nor taken away."""
    accept_lockout: str = ""
    """Why a change that shuts administrators out is wanted."""
    writes: bool = True

    @property
    def asked(self) -> str:
        """The operator."""
        return self.operator.value

    @property
    def sids(self) -> frozenset[str]:
        """Of the members."""
        return frozenset(account.sid for account in self.members)

    @property
    def allowed(self) -> frozenset[str] | None:
        """All who may have it; None where anybody else may, too."""
        if self.operator is not Operator.SET_EQUALS:
            return None
        return self.sids | {account.sid for account in self.also_allowed}

    @property
    def required(self) -> frozenset[str]:
        """All who must have it."""
        return frozenset() if self.operator is Operator.NONE_OF else self.sids

    @property
    def refused(self) -> frozenset[str]:
        """All who must not have it, whoever else may."""
        return self.sids if self.operator is Operator.NONE_OF else frozenset()
