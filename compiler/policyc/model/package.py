"""A package around a vendor's script."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from policyc.model.deployment import DeployAs
from policyc.model.location import Location
from policyc.model.records import dataclass


class Action(StrEnum):
    """What the vendor's script does to a device."""

    ONBOARD = "onboard"
    OFFBOARD = "offboard"


@dataclass(frozen=True, slots=True)
class VendorExitCode:
    """An exit code of the vendor's script, and the plain failure that the launcher makes of it."""

    code: int
    meaning: str
    program_code: int
    """On none of ConfigMgr's lists of success, restart and retry codes (0 stays 0)."""


@dataclass(frozen=True, slots=True)
class ScriptPackage:
    """A vendor's script, the launcher's knowledge of it, and where the administrator keeps it."""

    id: str
    """`onboarding` or `offboarding`: the folder below `packages/`."""
    product: str
    action: Action
    script: str
    """File name of the vendor's script, beside the launcher in the content source."""
    exit_codes: tuple[VendorExitCode, ...]
    other_exit_code: int
    """What the launcher ends with for a code that the vendor doesn't document."""
    event_source: str
    """Source of the script's events in the Application log; the event's id is the exit code."""
    waits_for_setup: bool
    """Nothing runs before the out-of-box experience is over."""
    time_limit_seconds: int
    """The launcher ends the vendor's script after this."""
    duration_minutes: int
    """Maximum run time of the program."""
    origin: Location
    """The `package` node."""
    local_script: str = ""
    """What the vendor calls the script for single devices, which a person runs; a day in it stands as YYYY-MM-DD."""
    source: str | None = None
    """Folder, .zip or UNC path from which the administrator stages the script."""
    configuration_file: str | None = None
    """What the built-in policy of 1606 and later takes instead of the script."""
    sha256: str | None = None
    """Lower-case hex; the launcher runs nothing else."""
    valid_until: date | None = None
    """Last day (UTC) of an offboarding package, from the script's name."""
    longest_validity_days: int | None = None
    """The most days that the service gives an offboarding package."""
    deploy_as: DeployAs = DeployAs.PACKAGE
    vocabulary: str = ""
    """The vocabulary that it comes from: `defender_atp`."""
    built_in_settings: tuple[tuple[str, str], ...] = ()
    """(word, value) of what the built-in policy writes too: `sample_collection`, `reporting_frequency`."""
    route_given: bool = False
    """The policy says how it is deployed."""
    script_given: bool = True
    """The policy names the script; otherwise it is what the vendor calls it."""
