"""How a collection's objects are deployed on the site."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum

from policyc.model.location import Location
from policyc.model.records import dataclass


class Interval(StrEnum):
    """A unit of time as `New-CMSchedule` names it."""

    MINUTES = "Minutes"
    HOURS = "Hours"
    DAYS = "Days"


_MINUTES = {Interval.MINUTES: 1, Interval.HOURS: 60, Interval.DAYS: 24 * 60}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: 4 hours, 7 days."""

    count: int
    interval: Interval

    @property
    def minutes(self) -> int:
        """The length in minutes.

        >>> Span(4, Interval.HOURS).minutes
        240
        """
        return self.count * _MINUTES[self.interval]


A_DAY = Span(1, Interval.DAYS)


class Purpose(StrEnum):
    """Purpose of the deployment of a package or application."""

    REQUIRED = "required"
    AVAILABLE = "available"


class Rerun(StrEnum):
    """Whether a client runs a program again."""

    NEVER = "never"
    ALWAYS = "always"
    IF_FAILED = "if_failed"
    IF_SUCCEEDED = "if_succeeded"


class DeployAs(StrEnum):
    """Which of ConfigMgr's ways takes a product's package to devices."""

    PACKAGE = "package"
    APPLICATION = "application"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A maintenance window of the collection."""

    name: str
    start: datetime
    """Without a time zone: see `Deployment.utc`."""
    duration: Span
    every: Span | None = None
    """None: once."""
    origin: Location = field(default=Location(""), compare=False)
    """Its node, in the project's file where the collection has no windows of its own."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The `deployment` block, with every default explicit."""

    purpose: Purpose = Purpose.REQUIRED
    remediate: bool = True
    """Whether the baseline's deployment remediates, where settings are remediated at all."""
    remediate_program: bool = False
    """Whether the program that remediates is deployed too, which changes also what isn't bounded in time."""
    start: datetime | None = None
    """Nothing starts before it; None: as soon as possible. Without a time zone: see `utc`."""
    utc: bool = False
    """Times are UTC; otherwise they are the device's own."""
    evaluate_every: Span = A_DAY
    outside_maintenance_windows: bool = False
    maintenance_windows: tuple[MaintenanceWindow, ...] = ()
    rerun: Rerun | None = None
    """None: as it suits the program."""
    distribution_point_groups: tuple[str, ...] = ()
    folder: str | None = None
    """Console folder, parts separated by `/`."""
    security_scopes: tuple[str, ...] = ()
    phase: int = 1
    co_managed: bool = False
    """Whether co-managed clients evaluate the baseline even where another service owns their configuration."""


AS_IT_COMES = Deployment()
"""What holds where a policy says nothing."""
