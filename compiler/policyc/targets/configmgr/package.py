"""What ConfigMgr is told of a package: its programs, their command lines, deployments and exit codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from policyc.kinds import by_program, may_take_long
from policyc.model import Action, Collection, DeployAs, Mode, Project, Rerun, ScriptPackage
from policyc.model.records import dataclass
from policyc.targets.configmgr import exit_codes, limits
from policyc.targets.configmgr.exit_codes import ExitCode
from policyc.targets.configmgr.own_scripts import own_files
from policyc.targets.lengths import shorten

LAUNCHER_COMMAND = "cmd.exe /d /c run.cmd"
"""Found in the package's folder, which is where the client starts a program."""
SCRIPTS = "scripts"
"""The folder of what a console starts, and the content source of the programs that do the same; below the collection's."""
SETTINGS_DURATION_MINUTES = 15
LONG_DURATION_MINUTES = 60
"""Where something is changed, or was, whose change isn't bounded in time: the client ends a program that takes longer."""


class SettingsProgram(NamedTuple):
    """A program of the settings package: a console script, and what it is told."""

    name: str
    """On the site, where it stays."""
    script: str
    switch: str = ""

    @property
    def words(self) -> str:
        """What stands behind `run.cmd`, and all that `run.cmd` knows."""
        return f"{self.script.removesuffix('.ps1')} {self.switch}".rstrip()


SETTINGS_PROGRAMS = (
    SettingsProgram("Remediate", "remediate.ps1"),
    SettingsProgram("Roll back what left", "rollback.ps1", "-OnlyRetired"),
    SettingsProgram("Roll back", "rollback.ps1", "-All"),
)


RERUNS = {
    Rerun.NEVER: "NeverRerunDeployedProgram",
    Rerun.ALWAYS: "AlwaysRerunProgram",
    Rerun.IF_FAILED: "RerunIfFailedPreviousAttempt",
    Rerun.IF_SUCCEEDED: "RerunIfSucceededOnPreviousAttempt",
}
"""`RerunBehavior` for each word of a policy."""


@dataclass(frozen=True, slots=True)
class Program:
    """A standard program and its deployment; what is the same for all of them is in `package_data.py`."""

    name: str
    command_line: str
    comment: str
    duration_minutes: int
    rerun: str
    """`RerunBehavior` of the deployment."""
    recurs_daily: bool
    """Whether the assignment recurs; without that a rerun behaviour has no occasion."""
    exit_codes: tuple[ExitCode, ...]
    last_day: date | None = None
    """The deployment expires with this day (UTC)."""
    deployed: bool = True
    """deploy.ps1 deploys it by itself; otherwise it is there for an administrator to deploy."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package as ConfigMgr keeps it."""

    id: str
    name: str
    description: str
    manufacturer: str
    content: tuple[str, ...]
    """Files of ours in the content source."""
    programs: tuple[Program, ...]
    staged: ScriptPackage | None = None
    """Whose script the administrator puts beside them."""
    source: str | None = None
    """UNC path of its content source, where the project says where these are kept."""
    alone: bool = False
    """Its scripts are for no console, and lie in the package's own folder."""

    @property
    def is_application(self) -> bool:
        """It is deployed as an application, which is tried again until it is detected."""
        return self.staged is not None and self.staged.deploy_as is DeployAs.APPLICATION

    @property
    def folder(self) -> str:
        """Below the collection's folder."""
        return f"{'applications' if self.is_application else 'packages'}/{self.id}"

    @property
    def source_folder(self) -> str:
        """What goes to the distribution points, and nothing else; below the collection's folder."""
        return SCRIPTS if self.staged is None and not self.alone else f"{self.folder}/source"


def package_name(kind: str, collection: Collection) -> str:
    """`kind - collection`, shortened with a mark of the whole name where ConfigMgr has no room for it."""
    return f"{kind} - {shorten(collection.name, limits.PACKAGE_NAME - len(kind) - 3)}"


def package_source(project: Project, collection: Collection, package: str) -> str | None:
    """The folder of this package alone: two in one folder would overwrite each other's files."""
    root = project.content_source
    return None if root is None else f"{root}\\{collection.slug}\\{package}"


def package_kind(script: ScriptPackage) -> str:
    """The first word of the package's name."""
    return "Onboarding" if script.action is Action.ONBOARD else "Offboarding"


def script_package(project: Project, collection: Collection, script: ScriptPackage) -> Package:
    """The package around a vendor's script."""
    onboards = script.action is Action.ONBOARD
    program = Program(
        name="Onboard" if onboards else "Offboard",
        command_line=LAUNCHER_COMMAND,
        comment=shorten(f"From {collection.origin.file}", limits.COMMENT),
        duration_minutes=script.duration_minutes,
        rerun=RERUNS[collection.deployment.rerun or Rerun.IF_FAILED] if onboards else RERUNS[Rerun.NEVER],
        recurs_daily=onboards,
        exit_codes=tuple(sorted(_script_exit_codes(script), key=lambda entry: entry.code)),
        last_day=script.valid_until,
    )
    kind = package_kind(script)
    return Package(
        id=script.id,
        name=package_name(kind, collection),
        description=shorten(f"{kind} for {script.product}", limits.PACKAGE_DESCRIPTION),
        manufacturer=project.publisher,
        content=("launch.ps1", "run.cmd"),
        programs=(program,),
        staged=script,
        source=package_source(project, collection, script.id),
    )


def settings_scripts(collection: Collection) -> tuple[str, ...]:
    """The console scripts that run as programs. Those that undo stay when the last remediated setting has left the policy.

    A collection in audit mode has none, as it changes nothing.
    """
    if collection.mode is Mode.AUDIT:
        return ()
    remediates = any(setting.remediated for setting in collection.settings)
    return ("remediate.ps1", "rollback.ps1") if remediates else ("rollback.ps1",)


def settings_minutes(collection: Collection) -> int:
    """How long the programs of the settings package may run."""
    long = any(map(may_take_long, collection.past_kinds)) or any(map(by_program, collection.settings))
    return LONG_DURATION_MINUTES if long else SETTINGS_DURATION_MINUTES


def settings_programs(project: Project, collection: Collection, scripts: Iterable[str]) -> Package:
    """The package around the console scripts named."""
    names = sorted({one.script for one in SETTINGS_PROGRAMS}.intersection(scripts))
    own = [name for name, _ in own_files(collection)]
    programs = []
    for one in SETTINGS_PROGRAMS:
        if one.script not in names:
            continue
        remediates = one.script == "remediate.ps1"
        programs.append(
            Program(
                name=one.name,
                command_line=f"{LAUNCHER_COMMAND} {one.words}",
                comment=shorten(f"From {collection.origin.file}", limits.COMMENT),
                duration_minutes=settings_minutes(collection),
                rerun=RERUNS[_settings_rerun(collection, one.script)],
                recurs_daily=remediates,
                exit_codes=exit_codes.SETTINGS,
                # Without the policy's word the baseline alone remediates.
                deployed=remediates and _is_deployed(collection),
            )
        )
    return Package(
        id="settings",
        name=package_name("Settings", collection),
        description=f"{'Remediation and rollback' if 'remediate.ps1' in names else 'Rollback'} of the settings, as programs",
        manufacturer=project.publisher,
        content=tuple(sorted((*(["detect.ps1"] if collection.settings else []), *names, *own, "run.cmd"))),
        programs=tuple(programs),
        source=package_source(project, collection, "settings"),
    )


def _settings_rerun(collection: Collection, script: str) -> Rerun:
    if script == "remediate.ps1":
        # Deployed for good, it is what brings a device back: also one on which it succeeded once.
        return collection.deployment.rerun or (Rerun.ALWAYS if _is_deployed(collection) else Rerun.IF_FAILED)
    # Both undo by a new deployment each time, and are safe to run twice. A client looks at the program's earlier runs under
    # any deployment: with the other behaviours, one on which it succeeded once would never run it again.
    return Rerun.ALWAYS


def _is_deployed(collection: Collection) -> bool:
    """Whether deploy.ps1 deploys the program that remediates; never where the policy only wants a first look."""
    return collection.deployment.remediate_program and collection.deployment.remediate


def built_packages(collection: Collection) -> tuple[ScriptPackage, ...]:
    """The vendor's scripts that get a package: none where the site's built-in policy takes their place."""
    return tuple(script for script in collection.packages if script.deploy_as is not DeployAs.POLICY)


def _script_exit_codes(script: ScriptPackage) -> Iterator[ExitCode]:
    yield exit_codes.SUCCESS
    for entry in script.exit_codes:
        if entry.code != 0:
            meaning = f"The vendor's script ended with {entry.code}: {entry.meaning}"
            yield ExitCode(entry.program_code, meaning, f"See the event {entry.code} of {script.event_source} on the device")
    other = "The vendor's script ended with a code that its vendor does not document"
    yield ExitCode(script.other_exit_code, other, "Read the code in the log on the device")
    for own in exit_codes.LAUNCHER.values():
        if _can_happen(own, script):
            yield own
    yield from exit_codes.COMMAND_FILE


def _can_happen(code: ExitCode, script: ScriptPackage) -> bool:
    if code is exit_codes.EXPIRED:
        return script.valid_until is not None
    if code is exit_codes.SCRIPT_CHANGED:
        return script.sha256 is not None
    if code is exit_codes.TRY_AGAIN:
        return script.waits_for_setup
    return True
