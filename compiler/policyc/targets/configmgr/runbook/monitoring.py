"""Rollback, how to see that it worked, exit codes and logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from policyc.model import Collection, log_name
from policyc.targets.configmgr.exit_codes import ExitCode
from policyc.targets.configmgr.package import Package
from policyc.targets.configmgr.package_data import result
from policyc.targets.configmgr.runbook.phrases import Topics, phrases
from policyc.targets.configmgr.text import markdown

_RESULTS = {"success": "success", "restart": "success, restart", "retry": "the client tries again", "failure": "failure"}


def rollback(collection: Collection, *, programs: Sequence[str]) -> Iterator[str]:
    """What rollback does, and how to deploy it; `programs` are the scripts that the settings package runs."""
    if collection.settings or programs:
        yield from ("", "## Rollback", "", phrases()["Rollback"])
    if programs:
        command = f".\\deploy.ps1 -RollBack {collection.slug} -Device PC-0001, PC-0002"
        yield from ("", phrases()["Rollback of many"], "")
        yield from ("```powershell", f"{command} -WhatIf", command, "```")
        yield from ("", "### What left the policy", "", phrases()["What left"])


def monitoring(collection: Collection, packages: Sequence[Package], product: Topics, *, groups: bool) -> Iterator[str]:
    """Both parts: whether the deployments ran, and whether the devices are as they should be."""
    if not (packages or groups or collection.packages):
        return
    yield from ("", "## Monitor", "", phrases()["Monitor"])
    yield from ("", "```powershell", f".\\monitor.ps1 -Collection {collection.slug} -As Table", "```")
    if packages:
        yield from ("", "### Whether the programs ran", "", phrases()["Deployments"])
    if groups:
        yield from ("", "### Whether the devices comply", "", phrases()["Compliance"], "")
        yield phrases()["Console" if any(setting.remediated for setting in collection.settings) else "Console, reported"]
    about = [product[topic] for topic in _product_topics(collection) if topic in product]
    if about:
        yield from ("", "### Whether the service has them", "", "\n".join(about))
    for package in packages:
        yield from _exit_codes(package)


def _exit_codes(package: Package) -> Iterator[str]:
    # Programs that end alike share a table.
    tables: dict[tuple[ExitCode, ...], list[str]] = {}
    for program in package.programs:
        tables.setdefault(program.exit_codes, []).append(program.name)
    for codes, names in tables.items():
        yield from ("", f"### Exit codes of {', '.join(names)} ({markdown(package.name)})", "")
        yield "| Code | To the client | Meaning | What to do |"
        yield "|---|---|---|---|"
        yield from map(_row, codes)


@lru_cache(maxsize=256)
def _row(entry: ExitCode) -> str:
    return f"| {entry.code} | {_RESULTS[result(entry.code)]} | {markdown(entry.meaning)} | {markdown(entry.action)} |"


def _product_topics(collection: Collection) -> tuple[str, ...]:
    return ("Built-in policy monitoring", "Monitor") if collection.built_in_policy else ("Monitor",)


def logs(collection: Collection, packages: Sequence[Package]) -> Iterator[str]:
    """Where a device says what was done to it."""
    if not (collection.settings or packages):
        return
    yield from ("", "## Logs and journal", "")
    log = log_name(collection.estate, collection.identity)
    yield f"- Log of this collection, for CMTrace run as an administrator: `%windir%\\Logs\\policyc\\{log}`."
    if collection.settings:
        yield phrases()["Journal"]
    if packages:
        if any(not package.is_application for package in packages):
            yield "- The client's own log of programs: `execmgr.log`."
        if any(package.is_application for package in packages):
            yield "- The client's own logs of applications: `AppDiscovery.log` (detection) and `AppEnforce.log` (installation)."
