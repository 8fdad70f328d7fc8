"""Packages and applications as an administrator enters them in the console, page for page of its wizards."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Collection, Purpose
from policyc.targets.configmgr.application import application_parameters, deployment_type
from policyc.targets.configmgr.exit_codes import ExitCode
from policyc.targets.configmgr.package import Package, Program
from policyc.targets.configmgr.package_data import moment, result
from policyc.targets.text import visible

_RERUN = {
    "RerunIfFailedPreviousAttempt": "Rerun if failed previous attempt",
    "RerunIfSucceededOnPreviousAttempt": "Rerun if succeeded on previous attempt",
    "AlwaysRerunProgram": "Always rerun program",
    "NeverRerunDeployedProgram": "Never rerun deployed program",
}

Section = tuple[str, tuple[tuple[str, str], ...]]
"""A page of a wizard: its title, and (field, what to enter)."""


def package_sections(collection: Collection, package: Package) -> Iterator[Section]:
    """Everything about a package, in the order of the wizards."""
    yield (
        "Create Package and Program Wizard: Package",
        (
            ("Name", package.name),
            ("Description", package.description),
            ("Manufacturer", package.manufacturer),
            ("Language, Version", "(empty)"),
            ("This package contains source files", f"on: {_source(package)}"),
        ),
    )
    for program in package.programs:
        yield from _program_sections(program)
        yield program_deployment(collection, program)


def _source(package: Package) -> str:
    return package.source or "the UNC path of this package's own folder in the content source"


def _program_sections(program: Program) -> Iterator[Section]:
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
            *unsaid_in_a_definition(),
            ("Advanced: Disable this program on computers where it is deployed", "off"),
        ),
    )


def unsaid_in_a_definition() -> tuple[tuple[str, str], ...]:
    """The properties of a program for which a package definition file has no word."""
    return (
        ("Advanced: Suppress program notifications", "on"),
        ("Advanced: Allow this program to be installed from the Install Package task sequence", "off"),
    )


def program_deployment(collection: Collection, program: Program) -> Section:
    """The Deploy Software Wizard for a program."""
    deployment = collection.deployment
    required = deployment.purpose is Purpose.REQUIRED
    expiry = "off" if program.last_day is None else f"on: {program.last_day.isoformat()} 23:59, UTC"
    assignment = _start(collection) + (", and a custom one that recurs every day" if program.recurs_daily else "")
    available = () if deployment.start is None else (("Available", _start(collection)),)
    return (
        f"Program {program.name}: Deploy Software Wizard",
        (
            *_whom(collection),
            *available,
            ("Assignment schedule", assignment if required else "(none)"),
            ("This deployment will expire", expiry),
            ("Rerun behavior", _RERUN[program.rerun]),
            ("Allow users to run the program independently of assignments", "off" if required else "on"),
            _outside(collection),
            ("Distribution points, fast network", "Download content from distribution point and run locally"),
            ("Distribution points, slow network", "Download content from distribution point and run locally"),
        ),
    )


def application_sections(collection: Collection, package: Package) -> Iterator[Section]:
    """Everything about an application, in the order of the wizards."""
    parameters = application_parameters(collection, package)
    kind = deployment_type(package)
    yield (
        "Create Application Wizard",
        (
            ("General", "Manually specify the application information"),
            ("Name", str(parameters["Name"])),
            ("Administrator comments", str(parameters["Description"])),
            ("Publisher", str(parameters["Publisher"])),
            ("Allow this application to be installed from the Install Application task sequence", "off"),
        ),
    )
    yield (
        "Create Deployment Type Wizard",
        (
            ("Type", "Script Installer"),
            ("Name", str(kind["DeploymentTypeName"])),
            ("Content location", _source(package)),
            ("Installation program", str(kind["InstallCommand"])),
            ("Detection method", f"Use a custom script: PowerShell, opened from {package.folder}/detection.ps1"),
            ("Run script as 32-bit process on 64-bit clients", "off"),
            ("Installation behavior", "Install for system"),
            ("Logon requirement", "Whether or not a user is logged on"),
            ("Installation program visibility", "Hidden"),
            ("Maximum allowed run time (minutes)", str(kind["MaximumRuntimeMins"])),
            ("Should Configuration Manager enforce specific behavior", "No specific action"),
            ("Content, deployment options on a slow network", "Download content from distribution point and run locally"),
        ),
    )
    yield application_deployment_section(collection)


def application_deployment_section(collection: Collection) -> Section:
    """The Deploy Software Wizard for an application."""
    required = collection.deployment.purpose is Purpose.REQUIRED
    start = _start(collection)
    schedule = (("Available", start), ("Installation deadline", start)) if required else (("Available", start),)
    shown = "Display in Software Center, and only show notifications for computer restarts"
    return (
        "Deploy Software Wizard",
        (
            *_whom(collection),
            ("Action", "Install"),
            *schedule,
            ("User notifications", "Hide in Software Center and all notifications" if required else shown),
            _outside(collection),
        ),
    )


def _whom(collection: Collection) -> tuple[tuple[str, str], ...]:
    purpose = "Required" if collection.deployment.purpose is Purpose.REQUIRED else "Available"
    return (
        ("Collection", collection.name + (f" ({collection.id})" if collection.id else "")),
        ("Purpose", purpose),
    )


def _start(collection: Collection) -> str:
    deployment = collection.deployment
    if deployment.start is None:
        return "As soon as possible"
    return f"{moment(deployment.start)}, {'UTC' if deployment.utc else 'the time of the device'}"


def _outside(collection: Collection) -> tuple[str, str]:
    outside = "on" if collection.deployment.outside_maintenance_windows else "off"
    return "Outside a maintenance window: software installation, system restart", f"{outside}, off"


def console_text(collection: Collection, package: Package) -> bytes:
    """The pages of the wizards as plain text, a field a line."""
    pages = application_sections if package.is_application else package_sections
    lines = []
    for title, fields in pages(collection, package):
        lines += [title, "", *(f"  {field}: {visible(value)}" for field, value in fields), ""]
    programs: dict[tuple[ExitCode, ...], list[str]] = {}
    for program in package.programs:
        programs.setdefault(program.exit_codes, []).append(program.name)
    for codes, names in programs.items():
        lines += [f"Program {', '.join(names)}: exit codes", ""]
        lines += [f"  {entry.code} ({result(entry.code)}): {visible(entry.meaning)}" for entry in codes]
        lines.append("")
    return "\n".join(lines).encode("utf-8", "backslashreplace")
