"""What a setting asks of a service, and where the service is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from policyc.kinds.service.installed import DISABLED, STARTS, Installed
from policyc.model import Hive, Place, View

KEY = r"SYSTEM\CurrentControlSet\Services"
"""Where Windows keeps its services, each in a key of its name."""


class Startup(StrEnum):
    """When Windows starts a service, as the console of services says it."""

    AUTOMATIC = "automatic"
    DELAYED = "delayed"
    """Automatic, some two minutes after the others."""
    MANUAL = "manual"
    DISABLED = "disabled"


class Running(StrEnum):
    """Whether a service runs. One that is starting, stopping or paused isn't stopped, and so counts as running."""

    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A service by its name: that of its key, not what consoles show."""

    name: str

    @property
    def value(self) -> Place:
        """The registry's value that holds its start type."""
        return Place(Hive.MACHINE, View.BITS_64, f"{KEY}\\{self.name}", "Start")

    @property
    def identity(self) -> tuple[str, int, str, str | None]:
        """That of the value `Start`, so that a setting of the registry on it meets the service."""
        return self.value.identity

    @property
    def parts(self) -> dict[str, str]:
        """The name."""
        return {"service": self.name}

    def shown(self, user: str | None) -> str:
        """As scripts write it."""
        return str(self)

    def __str__(self) -> str:
        """As people write it: `service Spooler`."""
        return f"service {self.name}"


@dataclass(frozen=True, slots=True)
class Service:
    """A start type, a state or both; None is not asked for."""

    word: ClassVar[str] = "service"
    place: ServicePlace
    startup: Startup | None
    running: Running | None
    missing: bool
    """Whether a service that isn't installed complies."""
    writes: bool = True

    @property
    def asked(self) -> str:
        """Where findings about the condition stand."""
        return "startup" if self.startup is not None else "state"

    @property
    def start(self) -> tuple[int, bool] | None:
        """The start type as Windows has it, and whether it is delayed."""
        return None if self.startup is None else STARTS[self.startup.value]

    def holds(self, service: Installed) -> bool:
        """Whether an installed service is as it must be."""
        return self._starts_so(service) and (self.running is None or service.running is (self.running is Running.RUNNING))

    def change(self, service: Installed) -> Installed:
        """The service after the least change that satisfies. Where its start type stays disabled, nobody can start it."""
        start, delayed = (service.start, service.delayed) if self.start is None else self.start
        running = service.running
        if self.running is not None and running is not None and not (self.running is Running.RUNNING and start == DISABLED):
            running = self.running is Running.RUNNING
        return Installed(start, delayed, running)

    def _starts_so(self, service: Installed) -> bool:
        return self.start is None or (service.start, service.delayed) == self.start


def fights(one: Service, other: Service) -> bool:
    """Whether no installed service is as both want it, and stays so: a disabled one can't be started."""
    for first, second in ((one, other), (other, one)):
        if first.startup is Startup.DISABLED and second.running is Running.RUNNING:
            return True
    return _differ(one.startup, other.startup) or _differ(one.running, other.running)


def _differ(one: StrEnum | None, other: StrEnum | None) -> bool:
    return one is not None and other is not None and one is not other
