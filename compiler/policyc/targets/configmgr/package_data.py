"""A package as parameters of the ConfigurationManager cmdlets, and as text for the console."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from policyc.model import Collection, Deployment, Project, Purpose, Span, Version
from policyc.model.deployment import A_DAY
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.package import Package, Program
from policyc.targets.configmgr.text import visible

_RENAMED_DRIVE_MODE = Version("2010")
"""From here on `RunWithUnc`; before it the same value was called `RenameWithUnc`."""

_RERUN_IN_CONSOLE = {
    "RerunIfFailedPreviousAttempt": "Rerun if failed previous attempt",
    "RerunIfSucceededOnPreviousAttempt": "Rerun if succeeded on previous attempt",
    "AlwaysRerunProgram": "Always rerun program",
    "NeverRerunDeployedProgram": "Never rerun deployed program",
}

Section = tuple[str, tuple[tuple[str, str], ...]]
"""A page of a wizard: its title, and (field, what to enter)."""


def program_parameters(project: Project, program: Program) -> dict[str, object]:
    """New-CMProgram, but for the package."""
    version = project.server_version
    old = version is not None and version < _RENAMED_DRIVE_MODE
    return {
        "StandardProgramName": program.name,
        "CommandLine": program.command_line,
        "RunType": "Hidden",
        "ProgramRunType": "WhetherOrNotUserIsLoggedOn",
        "RunMode": "RunWithAdministrativeRights",
        "UserInteraction": False,
        "DriveMode": "RenameWithUnc" if old else "RunWithUnc",
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


def console_sections(collection: Collection, package: Package) -> Iterator[Section]:
    """What to enter on which page of the console's wizards, in their order."""
    yield (
        "Create Package and Program Wizard: Package",
        (
            ("Name", package.name),
            ("Description", package.description),
            ("Manufacturer", package.manufacturer),
            ("Language, Version", "(empty)"),
            ("This package contains source files", "on: the UNC path of the content source"),
        ),
    )
    for program in package.programs:
        yield from _program_sections(collection, program)


def _program_sections(collection: Collection, program: Program) -> Iterator[Section]:
    yield (
        f"Program {program.name}: Standard Program",
        (
            ("Program type", "Standard program"),
            ("Name", program.name),
            ("Command line", program.command_line),
            ("Startup folder", "(empty)"),
            ("Run", "Hidden"),
            ("Program can run", "Whether or not a user is logged on"),
            ("Run mode", "Run with administrative rights"),
            ("Allow users to view and interact with the program installation", "off"),
            ("Drive mode", "Runs with UNC name"),
            ("Reconnect to distribution point at log on", "off"),
        ),
    )
    yield (
        f"Program {program.name}: Requirements",
        (
            ("Run another program first", "off"),
            ("Platform requirements", "This program can run on any platform"),
            ("Estimated disk space", "1 MB"),
            ("Maximum allowed run time (minutes)", str(program.duration_minutes)),
        ),
    )
    yield (
        f"Program {program.name}: Properties, after it is made",
        (
            ("General: Comment", program.comment),
            ("General: After running", "No action required"),
            ("Advanced: Suppress program notifications", "on"),
            ("Advanced: Disable this program on computers where it is deployed", "off"),
            ("Advanced: Allow this program to be installed from the Install Package task sequence", "off"),
        ),
    )
    deployment = collection.deployment
    required = deployment.purpose is Purpose.REQUIRED
    zone = "UTC" if deployment.utc else "the device's time"
    start = "As soon as possible" if deployment.start is None else f"{moment(deployment.start)}, {zone}"
    assignment = start + (", and a custom one that recurs every day" if program.recurs_daily else "")
    expiry = "off" if program.last_day is None else f"on: {program.last_day.isoformat()} 23:59, UTC"
    outside = "on" if deployment.outside_maintenance_windows else "off"
    yield (
        f"Program {program.name}: Deploy Software Wizard",
        (
            ("Collection", collection.name + (f" ({collection.id})" if collection.id else "")),
            ("Purpose", "Required" if required else "Available"),
            ("Assignment schedule", assignment if required else "(none)"),
            ("This deployment will expire", expiry),
            ("Rerun behavior", _RERUN_IN_CONSOLE[program.rerun]),
            ("Allow users to run the program independently of assignments", "off" if required else "on"),
            ("Outside a maintenance window: software installation, system restart", f"{outside}, off"),
            ("Distribution points, fast network", "Download content from distribution point and run locally"),
            ("Distribution points, slow network", "Download content from distribution point and run locally"),
        ),
    )


def package_text(collection: Collection, package: Package) -> bytes:
    """The pages of the wizards as plain text, a field a line."""
    lines = []
    for title, fields in console_sections(collection, package):
        lines += [title, "", *(f"  {field}: {visible(value)}" for field, value in fields), ""]
    for program in package.programs:
        lines += [f"Program {program.name}: exit codes", ""]
        lines += [f"  {entry.code} ({result(entry.code)}): {visible(entry.meaning)}" for entry in program.exit_codes]
        lines.append("")
    return "\n".join(lines).encode("utf-8", "backslashreplace")
