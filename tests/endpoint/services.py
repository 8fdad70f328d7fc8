"""Services of an endpoint in tests, below a service manager to be spoilt (`services.ps1`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from endpoint.device import ROOT, Batch
from endpoint.registry import State, Value, dword, multi_sz
from policyc.kinds.service.installed import Installed
from policyc.kinds.service.subject import Running, Service, ServicePlace, Startup
from policyc.model import Location, Setting

MANAGER = Path(__file__).with_name("services.ps1")
SERVICES = r"HKLM\SYSTEM\CurrentControlSet\Services"
MANAGED = rf"{ROOT}\services"
STOPPED, STOPPING, RUNNING = 1, 3, 4
PROCESS, DRIVER = 0x10, 0x1


@dataclass(frozen=True, slots=True)
class One:
    """A service that is installed; `manager` holds what its manager does with it."""

    name: str = "policyc-test-fax"
    start: int = 2
    delayed: int | None = None
    status: int = RUNNING
    type: int = PROCESS
    depends: tuple[str, ...] = ()
    triggers: bool = False
    more: dict[str, Value] = field(default_factory=dict)
    manager: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Where Windows keeps it."""
        return rf"{SERVICES}\{self.name}"

    @property
    def managed(self) -> str:
        """Where the manager keeps what it knows of it."""
        return rf"{MANAGED}\{self.name}"

    def install(self, batch: Batch) -> None:
        """Make it; what was there of it goes."""
        values = {"Start": dword(self.start), "Type": dword(self.type)}
        if self.delayed is not None:
            values["DelayedAutostart"] = dword(self.delayed)
        if self.depends:
            values["DependOnService"] = multi_sz(*self.depends)
        batch.wipe(self.key, self.managed)
        batch.install({self.key: {**values, **self.more}})
        if self.triggers:
            batch.key(rf"{self.key}\TriggerInfo\0")
        batch.install({self.managed: {"Status": dword(self.status), **{name: dword(n) for name, n in self.manager.items()}}})

    def is_now(self, here: State) -> Installed:
        """What a dump of `key` and of `managed` says of it."""
        start = _number(here[self.key]["Start"])
        delayed = start == 2 and "DelayedAutostart" in here[self.key] and _number(here[self.key]["DelayedAutostart"]) == 1
        return Installed(start, delayed, None if self.type == DRIVER else _number(here[self.managed]["Status"]) != STOPPED)


def calls(here: State, one: One) -> list[str]:
    """What sc.exe was told about it."""
    told = here[one.managed].get("Calls")
    return [] if told is None else [line for line in told.data.decode("utf-16-le").split("\0") if line]


def asked(
    startup: str | None = None,
    state: str | None = None,
    *,
    name: str = "policyc-test-fax",
    missing: bool = False,
    writes: bool = True,
    id: str = "fax",
) -> Setting:
    """A setting of a service."""
    subject = Service(
        ServicePlace(name),
        None if startup is None else Startup(startup),
        None if state is None else Running(state),
        missing,
        writes,
    )
    return Setting(id=id, title=f"Title of {id}", subject=subject, origin=Location("test.yaml", ("settings", id)))


def _number(value: Value) -> int:
    return int.from_bytes(value.data, "little")
