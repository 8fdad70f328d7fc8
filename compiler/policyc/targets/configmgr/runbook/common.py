"""README.md of the output folder: what holds for every collection of a project, once."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import CSP, INTUNE, Project, Signing
from policyc.targets.configmgr import exit_codes, limits
from policyc.targets.configmgr.console import unsaid_in_a_definition
from policyc.targets.configmgr.runbook.monitoring import exit_code_table
from policyc.targets.configmgr.runbook.phrases import phrases
from policyc.targets.text import code, markdown

_SIGNING = {Signing.REQUIRED: "Signing required", Signing.NONE: "Signing not required", None: "Signing unsaid"}


def project_page(project: Project) -> bytes:
    """The page as UTF-8 Markdown."""
    return ("\n".join(_lines(project)) + "\n").encode("utf-8", "backslashreplace")


def _lines(project: Project) -> Iterator[str]:
    said = phrases()
    yield f"# {markdown(project.name)}"
    yield from ("", f"Made by policyc from the policies beside {code(project.origin.file)}. Change those, not this folder.")
    yield from ("", "## What is where", "", said["Files"])
    if INTUNE in project.targets:
        yield from ("", said["Intune"])
    if CSP in project.targets:
        yield from ("", said["CSP"])
    yield from ("", "## Deploy", "", said["Deploy"], "")
    yield from ("```powershell", ".\\deploy.ps1 -WhatIf", ".\\deploy.ps1", "```", "", said["What deploy.ps1 does"])
    yield from ("", "## Signing", "", said[_SIGNING[project.signing]])
    yield from ("", "## Client settings", "", said["Client settings"], "", said[project.execution_policy.value])
    yield from _by_hand()
    yield from ("", "## Rollback", "", said["Rollback"], "", said["Rollback of many"])
    yield from ("", "### What left the policy", "", said["What left"])
    yield from ("", "### What is left behind", "", said["Left behind"])
    yield from ("", "## Monitor", "", said["Monitor"], "", "```powershell", ".\\monitor.ps1 -As Table", "```")
    yield from ("", "### Whether the programs ran", "", said["Deployments"])
    yield from ("", "### Whether the devices comply", "", said["Compliance"], "", said["Console"])
    yield from ("", "### Exit codes of Remediate, Roll back what left, Roll back", "")
    yield from exit_code_table(exit_codes.SETTINGS)
    yield from ("", "### Exit codes of launchers", "", said["Launchers"], "")
    yield from exit_code_table((*exit_codes.LAUNCHER.values(), *exit_codes.COMMAND_FILE))
    yield from ("", "## Logs and journal", "", said["Journal"])


def _by_hand() -> Iterator[str]:
    """The steps of the console that every collection takes with its own names and values."""
    said = phrases()
    yield from ("", "## The same by hand", "", said["By hand"])
    yield from ("", "### Content sources", "", said["Content source"].format(longest=limits.SOURCE_PATH))
    yield from ("", "### Packages", "", said["Definition"], "")
    yield from (f"- Properties of each program, {field}: {value}." for field, value in unsaid_in_a_definition())
    yield from ("", said["Distribute"], "", "### Applications", "", said["Application"])
    yield from ("", "### Configuration items and baselines", "", said["Import"], "", said["Native"])
