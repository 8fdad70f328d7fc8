"""Packages: the content source of each, and its package, programs and deployments as data and as text.

Below a collection's folder: `packages/<id>/source/` holds what goes to the distribution points, and nothing else;
`<id>.sms` (for the wizard that makes a package of it) and `package.txt` (everything that the wizards ask) lie beside it. An
application lies below `applications/<id>/` instead, with its detection script and `application.txt`. The content source of
the settings package is `scripts/`, where a console finds the same files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from policyc.model import Action, Collection, ExecutionPolicy, Project, ScriptPackage, log_name
from policyc.targets.configmgr import exit_codes
from policyc.targets.configmgr.application import detection_script
from policyc.targets.configmgr.console import console_text
from policyc.targets.configmgr.definition import definition_file
from policyc.targets.configmgr.package import SETTINGS_PROGRAMS, Package


def package_files(project: Project, collection: Collection, package: Package) -> Iterator[tuple[str, bytes]]:
    """(Path below the collection's folder, content) of a package, without the console scripts."""
    source = package.source_folder
    if package.staged is not None:
        yield f"{source}/launch.ps1", _launcher(package.staged, log_name(collection.estate, collection.identity))
        yield f"{source}/run.cmd", _command_file(project.execution_policy)
    else:
        yield f"{source}/run.cmd", _command_file(project.execution_policy, package.content)
    if package.is_application and package.staged is not None:
        yield f"{package.folder}/detection.ps1", detection_script(collection, package.staged.vocabulary)
        yield f"{package.folder}/application.txt", console_text(collection, package)
    else:
        yield f"{package.folder}/{package.id}.sms", definition_file(package)
        yield f"{package.folder}/package.txt", console_text(collection, package)


def _launcher(script: ScriptPackage, log: str) -> bytes:
    from policyc.powershell import render
    from policyc.powershell.linker import engine

    text = render(
        "launch.ps1.j2",
        engine=engine("Get-Refusal", "Write-PolicyLog"),
        codes={name: own.code for name, own in exit_codes.LAUNCHER.items()},
        log_name=log,
        label=f"{script.id} ({script.product})",
        script=script.script,
        sha256=script.sha256,
        time_limit_seconds=script.time_limit_seconds,
        vendor_codes=[entry for entry in script.exit_codes if entry.code != 0],
        other_exit_code=script.other_exit_code,
        valid_until=script.valid_until if script.action is Action.OFFBOARD else None,
        waits_for_setup=script.waits_for_setup,
    )
    return text.encode("ascii")


@lru_cache(maxsize=16)
def _command_file(execution_policy: ExecutionPolicy, scripts: tuple[str, ...] = ()) -> bytes:
    """Run.cmd: CRLF, which cmd.exe needs to find its labels and which every editor of Windows shows."""
    from policyc.powershell import render

    text = render(
        "run.cmd.j2",
        choices=[one for one in SETTINGS_PROGRAMS if one.script in scripts],
        execution_policy=execution_policy.value,
        no_powershell=exit_codes.NO_POWERSHELL.code,
        wrong_argument=exit_codes.WRONG_ARGUMENT.code,
    )
    return text.replace("\n", "\r\n").encode("ascii")
