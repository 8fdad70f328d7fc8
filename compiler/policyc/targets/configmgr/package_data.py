"""A package as data (`package.json`, by the names of the ConfigurationManager cmdlets) and as text for the console."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policyc.model import Collection, Project, Version
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.package import Package, Program
from policyc.targets.configmgr.text import visible

_RENAMED_DRIVE_MODE = Version("2010")
"""From here on `RunWithUnc`; before it the same value was called `RenameWithUnc`."""

_RERUN_IN_CONSOLE = {
    "RerunIfFailedPreviousAttempt": "Rerun if failed previous attempt",
    "NeverRerunDeployedProgram": "Never rerun deployed program",
}

Section = tuple[str, tuple[tuple[str, str], ...]]
"""A page of a wizard: its title, and (field, what to enter)."""


def package_json(project: Project, collection: Collection, package: Package) -> bytes:
    """The parameters of each cmdlet, and what else the package needs."""
    data: dict[str, object] = {
        "New-CMPackage": {
            "Name": package.name,
            "Description": package.description,
            "Manufacturer": package.manufacturer,
        },
        "content": _content(package),
        "programs": [_program(project, collection, package, program) for program in package.programs],
    }
    # A lone surrogate becomes \udxxx, which JSON reads.
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _content(package: Package) -> dict[str, object]:
    content: dict[str, object] = {"folder": "source", "files": list(package.content)}
    if package.staged is not None:
        staged = package.staged
        content["staged"] = {
            "file": staged.script,
            "from": staged.source,
            "sha256": staged.sha256,
            "last_day_utc": None if staged.valid_until is None else staged.valid_until.isoformat(),
        }
    return content


def _program(project: Project, collection: Collection, package: Package, program: Program) -> dict[str, object]:
    version = project.server_version
    old = version is not None and version < _RENAMED_DRIVE_MODE
    target = {"CollectionId": collection.id} if collection.id else {"CollectionName": collection.name}
    data: dict[str, object] = {
        "New-CMProgram": {
            "PackageName": package.name,
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
        },
        "Set-CMProgram": {
            "PackageName": package.name,
            "ProgramName": program.name,
            "StandardProgram": True,
            "Comment": program.comment,
            "AfterRunningType": "NoActionRequired",
            "SuppressProgramNotification": True,
            "RunOnAnyPlatform": True,
            "EnableTaskSequence": False,
            "DisableProgram": False,
        },
        "New-CMPackageDeployment": {
            "StandardProgram": True,
            "PackageName": package.name,
            "ProgramName": program.name,
            **target,
            "DeployPurpose": "Required",
            "ScheduleEvent": "AsSoonAsPossible",
            "RerunBehavior": program.rerun,
            "FastNetworkOption": "DownloadContentFromDistributionPointAndRunLocally",
            "SlowNetworkOption": "DownloadContentFromDistributionPointAndLocally",
            "RunFromSoftwareCenter": False,
            "SoftwareInstallation": False,
            "SystemRestart": False,
            "SendWakeupPacket": False,
            "UseMeteredNetwork": False,
            **_expiry(program),
        },
    }
    if program.recurs_daily:
        data["New-CMSchedule"] = {"RecurInterval": "Days", "RecurCount": 1}
    data["exit_codes"] = [
        {"code": entry.code, "result": result(entry.code), "meaning": entry.meaning} for entry in program.exit_codes
    ]
    return data


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
    schedule = "As soon as possible" + (", and a custom one that recurs every day" if program.recurs_daily else "")
    expiry = "off" if program.last_day is None else f"on: {program.last_day.isoformat()} 23:59, UTC"
    yield (
        f"Program {program.name}: Deploy Software Wizard",
        (
            ("Collection", collection.name + (f" ({collection.id})" if collection.id else "")),
            ("Purpose", "Required"),
            ("Assignment schedule", schedule),
            ("This deployment will expire", expiry),
            ("Rerun behavior", _RERUN_IN_CONSOLE[program.rerun]),
            ("Allow users to run the program independently of assignments", "off"),
            ("Outside a maintenance window: software installation, system restart", "off, off"),
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
