"""What is special to a collection of rollback, of how to see that it worked, of exit codes and logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from policyc.model import Collection, log_name
from policyc.targets.configmgr import exit_codes
from policyc.targets.configmgr.exit_codes import ExitCode
from policyc.targets.configmgr.package import Package
from policyc.targets.configmgr.package_data import result
from policyc.targets.configmgr.runbook.phrases import Topics, phrases
from policyc.targets.text import markdown

_RESULTS = {"success": "success", "restart": "success, restart", "retry": "the client tries again", "failure": "failure"}


def rollback(collection: Collection) -> Iterator[str]:
    """How rollback is deployed, of a collection that has the programs for it."""
    command = f".\\deploy.ps1 -RollBack {collection.slug} -Device PC-0001, PC-0002"
    retire = f".\\deploy.ps1 -Retire {collection.slug}"
    yield from ("", "## Rollback", "", phrases()["Rollback, here"], "", "```powershell")
    yield from (f"{command} -WhatIf", command, f"{retire} -WhatIf", retire, "```")


def monitoring(collection: Collection, packages: Sequence[Package], product: Topics, *, groups: bool) -> Iterator[str]:
    """Whether the deployments ran, and whether the devices are as they should be; `groups`: it has settings."""
    if not (packages or groups or collection.packages):
        return
    yield from ("", "## Monitor", "", phrases()["Monitor, here"])
    yield from ("", "```powershell", f".\\monitor.ps1 -Collection {collection.slug} -As Table", "```")
    about = [product[topic] for topic in _product_topics(collection) if topic in product]
    if about:
        yield from ("", "### Whether the service has them", "", "\n".join(about))
    for package in packages:
        if package.staged is not None:
            yield from ("", f"### Exit codes of the vendor's script ({markdown(package.name)})", "")
            yield from exit_code_table(code for program in package.programs for code in program.exit_codes if code not in _OURS)


_OURS = frozenset((*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE, *exit_codes.SETTINGS))
"""Those stand in the page of the project."""


def exit_code_table(codes: Iterable[ExitCode]) -> Iterator[str]:
    """A row for each."""
    yield from ("| Code | To the client | Meaning | What to do |", "|---|---|---|---|", *map(_row, codes))


@lru_cache(maxsize=256)
def _row(entry: ExitCode) -> str:
    return f"| {entry.code} | {_RESULTS[result(entry.code)]} | {markdown(entry.meaning)} | {markdown(entry.action)} |"


def _product_topics(collection: Collection) -> tuple[str, ...]:
    return ("Built-in policy monitoring", "Monitor") if collection.built_in_policy else ("Monitor",)


def logs(collection: Collection, packages: Sequence[Package]) -> Iterator[str]:
    """Where a device says what was done to it."""
    if not (collection.settings or packages):
        return
    log = log_name(collection.estate, collection.identity)
    yield from ("", "## Log", "", f"On a device, for CMTrace run as an administrator: `%windir%\\Logs\\policyc\\{log}`.")
