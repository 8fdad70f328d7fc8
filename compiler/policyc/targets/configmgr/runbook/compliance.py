"""Configuration items, the baseline and its deployment, by hand."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Collection
from policyc.targets.configmgr.compliance import Compliance
from policyc.targets.configmgr.groups import Item
from policyc.targets.configmgr.package_data import moment
from policyc.targets.configmgr.runbook.deploying import span_text, zone
from policyc.targets.text import markdown

BY_PROGRAM = "changed by the program Remediate alone"


def compliance_steps(collection: Collection, made: Compliance, items: tuple[Item, ...]) -> Iterator[str]:
    """From the cabinets to a deployed baseline."""
    yield from ("", "### Configuration items and baseline", "")
    yield "| Cabinet | Name | Settings | Remediated |"
    yield "|---|---|---|---|"
    for item, of in zip(items, made.items, strict=True):
        number = sum(len(group.settings) for group in item.groups)
        yield f"| `{of.cabinet}` | {markdown(of.name)} | {number} | {_remediated(item)} |"
    if made.baseline is not None:
        yield f"| `{made.baseline.cabinet}` | {markdown(made.baseline.name)} | the items above | |"
    yield from ("", "Then deploy the baseline:", "", *_deployment(collection, items))


def _remediated(item: Item) -> str:
    if item.remediated:
        return f"yes, what isn't {BY_PROGRAM}" if item.program else "yes"
    return f"no, {BY_PROGRAM}" if item.program else "no, reported"


def _deployment(collection: Collection, items: tuple[Item, ...]) -> Iterator[str]:
    deployment = collection.deployment
    yield f"- Collection: {markdown(collection.name)}"
    if not any(item.remediated for item in items):
        program = any(item.program for item in items)
        what = f"What isn't only reported is {BY_PROGRAM}." if program else "Nothing here is remediated."
        yield f"- Remediate noncompliant rules when supported: off. {what}"
    elif not deployment.remediate:
        yield "- Remediate noncompliant rules when supported: off, as the policy says. What isn't compliant is only reported."
    else:
        yield "- Remediate noncompliant rules when supported: on. Items without a remediation script are reported all the same."
        outside = "on" if deployment.outside_maintenance_windows else "off"
        yield f"- Allow remediation outside the maintenance window: {outside}."
    start = "" if deployment.start is None else f", from {moment(deployment.start)} on ({zone(deployment)})"
    yield f"- Schedule: every {span_text(deployment.evaluate_every)}{start}."
    if deployment.co_managed:
        yield "- In the baseline's properties, always apply this baseline even for co-managed clients: on."
