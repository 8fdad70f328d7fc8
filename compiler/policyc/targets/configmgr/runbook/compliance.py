"""Configuration items, the baseline and its deployment, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Collection, Severity
from policyc.targets.configmgr import limits
from policyc.targets.configmgr.groups import Group
from policyc.targets.configmgr.runbook.phrases import phrases
from policyc.targets.configmgr.text import markdown

_SEVERITIES = {
    Severity.NONE: "None",
    Severity.INFORMATIONAL: "Information",
    Severity.WARNING: "Warning",
    Severity.CRITICAL: "Critical",
    Severity.CRITICAL_WITH_EVENT: "Critical with event",
}


def item_name(collection: Collection, group: Group) -> str:
    """The name of a group's configuration item."""
    room = limits.CONFIGURATION_ITEM_NAME - len(group.id) - 3
    return f"{limits.shorten(collection.name, room)} - {group.id}"


def compliance_steps(collection: Collection, groups: tuple[Group, ...]) -> Iterator[str]:
    """From the scripts of the groups to a deployed baseline."""
    remediates = any(group.remediated for group in groups)
    yield from ("", "## Compliance settings", "", "### 1. Client settings", "", phrases()["Client settings"])
    yield from ("", "### 2. Create the configuration items", "", phrases()["Configuration items"], "")
    yield "| Configuration item | Discovery script | Remediation script | Severity |"
    yield "|---|---|---|---|"
    for group in groups:
        folder = f"compliance/{group.id}"
        script = f"`{folder}/remediation.ps1`, on" if group.remediated else "none, off"
        name = markdown(item_name(collection, group))
        yield f"| {name} | `{folder}/discovery.ps1` | {script} | {_SEVERITIES[group.severity]} |"
    yield from ("", "### 3. Create the baseline", "")
    yield "Assets and Compliance > Compliance Settings > Configuration Baselines > Create Configuration Baseline:"
    yield ""
    yield f"- Name: {markdown(limits.shorten(collection.name, limits.BASELINE_NAME))}"
    yield f"- Configuration data: {_all(groups)}, purpose Required."
    yield "- Always apply this baseline even for co-managed clients, where the site offers it: on for co-managed devices."
    yield from ("", "### 4. Deploy the baseline", "")
    yield f"- Collection: {markdown(collection.name)}"
    if remediates:
        yield "- Remediate noncompliant rules when supported: on. Items without a remediation script are reported all the same."
        yield "- Allow remediation outside the maintenance window: off, unless the settings can't wait."
    else:
        yield "- Remediate noncompliant rules when supported: off. Nothing here is remediated."
    yield "- Schedule: every day."


def _all(groups: tuple[Group, ...]) -> str:
    return "the configuration item above" if len(groups) == 1 else f"the {len(groups)} configuration items above"
