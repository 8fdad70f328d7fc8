"""Where a setting of a collection comes from, and what holds only for some devices or for a time."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from policyc.model.fact import Fact
from policyc.model.location import Location
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """What one layer changed of a setting that came from a baseline."""

    by: str
    """Name of the collection or baseline whose `override` it is."""
    location: Location
    """The override's own node."""
    reason: str
    replaced: tuple[tuple[str, str], ...]
    """(word, what stood there before as YAML text; empty: nothing), in the order of the override."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The way by which a setting came into a collection."""

    baselines: tuple[str, ...]
    """From the one that the collection lists to the one that declares the setting."""
    changes: tuple[Change, ...] = ()
    """From the declaration outwards."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """Settings that a collection goes without for a time: an entry of `exceptions`."""

    settings: tuple[str, ...]
    reason: str
    owner: str
    expires: date
    """The last day (UTC) on which it holds."""
    location: Location
    ticket: str | None = None


class Role(StrEnum):
    """Kinds of Windows."""

    WORKSTATION = "workstation"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Applicability:
    """The devices that a setting is about."""

    from_build: int | None = None
    before_build: int | None = None
    role: Role | None = None
    only_if: Fact | None = None
    """What must be there on the device."""

    @property
    def of_windows(self) -> bool:
        """Whether it asks which Windows the device runs."""
        return (self.from_build, self.before_build, self.role) != (None, None, None)

    def includes(self, build: int, role: Role) -> bool:
        """Whether a device with this build of Windows and this role is one of them."""
        return (
            (self.from_build is None or build >= self.from_build)
            and (self.before_build is None or build < self.before_build)
            and self.role in (None, role)
        )

    def meets(self, other: Applicability) -> bool:
        """Whether a device can be of both. Of a fact nobody knows before: it may be so on any, but a feature isn't two things.

        >>> Applicability(from_build=22000).meets(Applicability(before_build=22000))
        False
        """
        if self.only_if is not None and other.only_if is not None and self.only_if.excludes(other.only_if):
            return False
        roles = {self.role, other.role} - {None}
        start = max(self.from_build or 0, other.from_build or 0)
        ends = [end for end in (self.before_build, other.before_build) if end is not None]
        return len(roles) < 2 and (not ends or start < min(ends))


EVERYWHERE = Applicability()


class TakesEffect(StrEnum):
    """What it takes after a change until a setting counts."""

    RESTART = "restart"
    SIGN_OUT = "sign-out"
    SERVICE = "service"
