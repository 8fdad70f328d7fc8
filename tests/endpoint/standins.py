"""Stand-ins for programs of Windows that Wine lacks or only pretends to have: auditpol.exe and secedit.exe.

POLICYC_STANDINS is the folder that has them. They keep their state below `HKLM\\SOFTWARE\\standins`, and fail on demand by
variables of the environment (`STANDIN_LANGUAGE`, `STANDIN_IGNORE`, ...).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from endpoint.device import Device
from endpoint.registry import dword, sz

STATE = r"HKLM\SOFTWARE\standins"
AUDIT = STATE + r"\auditpol"
PROGRAMS = ("auditpol.exe", "secedit.exe")


def folder() -> Path | None:
    """Where the programs lie; None where nobody says."""
    named = os.environ.get("POLICYC_STANDINS", "")
    return Path(named) if named and all(Path(named, program).is_file() for program in PROGRAMS) else None


class StandIns:
    """The programs in an endpoint of ours."""

    def __init__(self, device: Device, programs: Path) -> None:
        self.device = device
        system = device.file(r"C:\windows\system32")
        for program in PROGRAMS:
            # The prefix's files are links to Wine's own: never written to, but replaced.
            (system / program).unlink(missing_ok=True)
            shutil.copyfile(programs / program, system / program)
            (system / program).chmod(0o755)
        # Without it Wine's own secedit runs, ends with 0 and does nothing.
        device.install({r"HKCU\Software\Wine\DllOverrides": {"secedit.exe": sz("native")}})

    def reset(self) -> None:
        """Windows as installed."""
        batch = self.device.batch()
        batch.wipe(STATE)
        batch.execute()

    def audit(self, numbers: Mapping[str, int]) -> None:
        """Bring subcategories, by GUID, to these numbers."""
        self.device.install({AUDIT: {guid: dword(number) for guid, number in numbers.items()}})

    def audited(self, guids: Iterable[str]) -> dict[str, int]:
        """The numbers of subcategories that were once written."""
        found = self.device.dump(AUDIT)[AUDIT].get(AUDIT, {})
        return {guid: int.from_bytes(found[guid].data, "little") for guid in guids if guid in found}

    def calls(self, program: str = "auditpol") -> dict[str, int]:
        """How often the program was called, by its verb, since the reset."""
        key = rf"{STATE}\{program}\calls"
        found = self.device.dump(key)[key].get(key, {})
        return {verb: int.from_bytes(number.data, "little") for verb, number in found.items()}

    @contextmanager
    def told(self, **variables: str) -> Iterator[None]:
        """With variables of the environment, as in `FAIL="set:1"` for STANDIN_FAIL."""
        self._say(variables)
        try:
            yield
        finally:
            self._say(dict.fromkeys(variables, ""))

    def _say(self, variables: Mapping[str, str]) -> None:
        lines = [f"[Environment]::SetEnvironmentVariable('STANDIN_{name}', '{text}')" for name, text in variables.items()]
        assert self.device.session.run(script="\n".join(lines)).failure is None
