"""Configuration items, the baseline and its deployment, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Collection
from policyc.targets.configmgr.compliance import NATIVE_LACKS, Compliance
from policyc.targets.configmgr.groups import Item
from policyc.targets.configmgr.runbook.phrases import phrases
from policyc.targets.configmgr.text import markdown


def compliance_steps(collection: Collection, made: Compliance, items: tuple[Item, ...]) -> Iterator[str]:
    """From the cabinets to a deployed baseline."""
    yield from ("", "## Compliance settings", "", "### 1. Client settings", "", phrases()["Client settings"])
    yield from ("", "### 2. Import the configuration items and the baseline", "", phrases()["Import"], "")
    yield "| Cabinet | Name | Settings | Remediated |"
    yield "|---|---|---|---|"
    for item, of in zip(items, made.items, strict=True):
        number = sum(len(group.settings) for group in item.groups)
        yield f"| `{of.cabinet}` | {markdown(of.name)} | {number} | {'yes' if item.remediated else 'no, reported'} |"
    if made.baseline is not None:
        yield f"| `{made.baseline.cabinet}` | {markdown(made.baseline.name)} | the items above | |"
    if any(group.native for item in items for group in item.groups):
        yield from (
            "",
            f"{NATIVE_LACKS}: a value of another type that reads as the same number complies. `detect.ps1` does look.",
        )
    yield from ("", "### 3. Deploy the baseline", "")
    deployment = collection.deployment
    yield f"- Collection: {markdown(collection.name)}"
    if not any(item.remediated for item in items):
        yield "- Remediate noncompliant rules when supported: off. Nothing here is remediated."
    elif not deployment.remediate:
        yield "- Remediate noncompliant rules when supported: off, as the policy says. What isn't compliant is only reported."
    else:
        yield "- Remediate noncompliant rules when supported: on. Items without a remediation script are reported all the same."
        outside = "on" if deployment.outside_maintenance_windows else "off"
        yield f"- Allow remediation outside the maintenance window: {outside}."
    every = deployment.evaluate_every
    yield f"- Schedule: every {every.count} {every.interval.lower() if every.count != 1 else every.interval.lower()[:-1]}."
