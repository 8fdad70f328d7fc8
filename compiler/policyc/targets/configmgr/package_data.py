"""A package as parameters of the ConfigurationManager cmdlets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from policyc.model import Collection, Deployment, Purpose, Span
from policyc.model.deployment import A_DAY
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.exit_codes import ExitCode
from policyc.targets.configmgr.package import Program


def program_parameters(program: Program) -> dict[str, object]:
    """New-CMProgram, but for the package.

    The drive mode stays at its default, to run with the UNC name: consoles before 2010 spell that otherwise.
    """
    return {
        "StandardProgramName": program.name,
        "CommandLine": program.command_line,
        "RunType": "Hidden",
        "ProgramRunType": "WhetherOrNotUserIsLoggedOn",
        "RunMode": "RunWithAdministrativeRights",
        "UserInteraction": False,
        "Reconnect": False,
        "Duration": program.duration_minutes,
        "DiskSpaceRequirement": "1",
        "DiskSpaceUnit": "MB",
    }


def after_parameters(program: Program) -> dict[str, object]:
    """Set-CMProgram, but for the package: what New-CMProgram has no parameter for."""
    return {
        "StandardProgram": True,
        "Comment": program.comment,
        "AfterRunningType": "NoActionRequired",
        "SuppressProgramNotification": True,
        "RunOnAnyPlatform": True,
        "EnableTaskSequence": False,
        "DisableProgram": False,
    }


def deployment_parameters(collection: Collection, program: Program) -> dict[str, object]:
    """New-CMPackageDeployment, but for package, program, collection and schedule."""
    deployment = collection.deployment
    required = deployment.purpose is Purpose.REQUIRED
    # An assignment starts as soon as possible, unless the policy says from when.
    event = {"ScheduleEvent": "AsSoonAsPossible"} if required and deployment.start is None else {}
    available = {}
    if deployment.start is not None:
        available = {"AvailableDateTime": moment(deployment.start), "UseUtcForAvailableSchedule": deployment.utc}
    return {
        "StandardProgram": True,
        "DeployPurpose": "Required" if required else "Available",
        **event,
        **available,
        "RerunBehavior": program.rerun,
        "FastNetworkOption": "DownloadContentFromDistributionPointAndRunLocally",
        "SlowNetworkOption": "DownloadContentFromDistributionPointAndLocally",
        "RunFromSoftwareCenter": not required,
        "SoftwareInstallation": deployment.outside_maintenance_windows,
        "SystemRestart": False,
        "SendWakeupPacket": False,
        "UseMeteredNetwork": False,
        **_expiry(program),
    }


def deployment_schedule(collection: Collection, program: Program) -> dict[str, object] | None:
    """New-CMSchedule of the assignment, in the words of deployment.json; None: the start as soon as possible is all."""
    deployment = collection.deployment
    if deployment.purpose is not Purpose.REQUIRED or (deployment.start is None and not program.recurs_daily):
        return None
    return schedule(deployment, A_DAY if program.recurs_daily else None)


def schedule(deployment: Deployment, every: Span | None) -> dict[str, object]:
    """From the policy's start on, every so often."""
    return {
        "start": None if deployment.start is None else moment(deployment.start),
        "every": None if every is None else span(every),
        "utc": deployment.utc,
    }


def moment(when: datetime) -> str:
    """A day and time that `[datetime]` reads in every language."""
    return when.isoformat(timespec="seconds")


def span(length: Span) -> dict[str, object]:
    """A length of time, as `-RecurInterval` and `-RecurCount` take it."""
    return {"interval": length.interval.value, "count": length.count}


def _expiry(program: Program) -> dict[str, object]:
    # DeadlineDateTime is when a package's deployment expires; what starts it is its schedule.
    if program.last_day is None:
        return {}
    return {"DeadlineDateTime": f"{program.last_day.isoformat()}T23:59:00", "UseUtcForExpireSchedule": True}


def result(code: int) -> str:
    """How the client reads an exit code: success, restart, retry or failure.

    >>> result(0), result(3010), result(1618), result(220)
    ('success', 'restart', 'retry', 'failure')
    """
    if code in limits.SUCCESS_CODES:
        return "success"
    if code in limits.RESTART_CODES:
        return "restart"
    return "retry" if code in limits.RETRY_CODES else "failure"


OF_SETTINGS = "settings"
"""What `site.json` calls the exit codes of the programs that run console scripts, and `deployment.json` names them by."""


def codes(those: Iterable[ExitCode]) -> list[dict[str, object]]:
    """Exit codes as monitor.ps1 reads them."""
    return [
        {"code": entry.code, "result": result(entry.code), "meaning": entry.meaning, "remedy": entry.action} for entry in those
    ]
