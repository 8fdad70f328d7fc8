"""Whether a setting is about a device: by its Windows, read from the registry as the scripts do, and by what is there."""

from __future__ import annotations

import re

from policyc.evaluation.device import Device
from policyc.evaluation.state import ABSENT, UNREADABLE, Held, State
from policyc.model import EVERYWHERE, Applicability, Fact, Hive, Kind, Place, Role, View, upper

_KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
BUILD = Place(Hive.MACHINE, View.BITS_64, _KEY, "CurrentBuildNumber")
INSTALLATION_TYPE = Place(Hive.MACHINE, View.BITS_64, _KEY, "InstallationType")
CLIENT = "Client"
SERVER = "Server"
_INTEGER = re.compile(r"[ \t-\r]*([+-]?[0-9]+)[ \t-\r]*\0*")


class UnknownWindowsError(Exception):
    """A setting is about some devices only, and the device doesn't say which one it is: the scripts judge nothing then."""

    def __init__(self, what: str, place: Place) -> None:
        super().__init__(f"the {what} of Windows could not be read")
        self.place = place


def applies(limits: Applicability, device: Device) -> bool:
    """Whether a setting is about this device. Raises UnknownWindowsError."""
    if limits == EVERYWHERE:
        return True
    if limits.of_windows and not _is_about(limits, device):
        return False
    return limits.only_if is None or is_so(limits.only_if, device) is not False


def is_so(fact: Fact, device: Device) -> bool | None:
    """Whether a fact holds on this device; None where the device doesn't tell. What can't be read is there."""
    state = device.state(fact.where)
    if fact.feature is None:
        return state is not ABSENT
    if state is UNREADABLE:
        return None
    if not isinstance(state, Held) or not isinstance(state.data, str):
        return False  # a Windows that knows no such feature has it neither enabled nor disabled
    return (state.data.partition(";")[0] == "enabled") is fact.enabled


def _is_about(limits: Applicability, device: Device) -> bool:
    build = _integer(device.state(BUILD))
    if build is None:
        raise UnknownWindowsError("build", BUILD)
    if not Applicability(limits.from_build, limits.before_build).includes(build, Role.WORKSTATION):
        return False
    if limits.role is None:
        return True
    kind = device.state(INSTALLATION_TYPE)
    if not isinstance(kind, Held):
        raise UnknownWindowsError("kind", INSTALLATION_TYPE)
    return limits.role is (Role.WORKSTATION if upper(_text(kind)) == upper(CLIENT) else Role.SERVER)


def _integer(state: State) -> int | None:
    found = _INTEGER.fullmatch(_text(state)) if isinstance(state, Held) else None
    number = int(found[1]) if found else None
    return number if number is not None and -(2**31) <= number < 2**31 else None


def _text(held: Held) -> str:
    """Data as PowerShell makes text of it."""
    data = held.data
    if isinstance(data, tuple):
        return " ".join(data)
    if isinstance(data, bytes):
        return " ".join(map(str, data))
    if isinstance(data, int):
        width = 32 if held.kind is Kind.DWORD else 64
        return str(data - 2**width if data >= 2 ** (width - 1) else data)
    return data or ""
