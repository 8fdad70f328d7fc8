"""deploy.ps1, and what the policy says of the deployments."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Action, Collection, Deployment, MaintenanceWindow, Project, Purpose, Rerun, Span
from policyc.targets.configmgr.package_data import moment
from policyc.targets.configmgr.runbook.phrases import phrases
from policyc.targets.text import code, markdown

_RERUN = {
    Rerun.NEVER: "never",
    Rerun.ALWAYS: "always",
    Rerun.IF_FAILED: "if it failed",
    Rerun.IF_SUCCEEDED: "if it succeeded",
}


def deploy_steps(project: Project, collection: Collection) -> Iterator[str]:
    """How deploy.ps1 brings the collection's objects to the site, and everything that the policy asks of it."""
    command = f".\\deploy.ps1 -Collection {collection.slug}"
    yield from ("", "## Deploy", "", phrases()["Deploy, here"], "")
    yield from ("```powershell", f"{command} -WhatIf", command, "```")
    yield from ("", phrases()[_whose(collection)])
    if collection.members is None and (collection.deployment.maintenance_windows or _offboards(collection)):
        yield phrases()["Collection left, with a mark"]
    facts = list(_facts(project, collection))
    if facts:
        yield from ("", "What the policy says of the deployments:", "", *facts)


def _whose(collection: Collection) -> str:
    if collection.members is None:
        return "Collection left"
    return "Collection made" if collection.id is None else "Collection taken"


def _offboards(collection: Collection) -> bool:
    return any(script.action is Action.OFFBOARD for script in collection.packages)


def span_text(span: Span) -> str:
    """A length of time as people say it.

    >>> from policyc.model import Interval
    >>> span_text(Span(1, Interval.DAYS)), span_text(Span(12, Interval.HOURS))
    ('1 day', '12 hours')
    """
    unit = span.interval.lower()
    return f"{span.count} {unit if span.count != 1 else unit.removesuffix('s')}"


def zone(deployment: Deployment) -> str:
    """Whose time is meant."""
    return "UTC" if deployment.utc else "each device's own time"


def _facts(project: Project, collection: Collection) -> Iterator[str]:
    """A line for each thing that the policy says otherwise than nothing."""
    deployment = collection.deployment
    if deployment.phase != 1:
        yield f"- Phase: {deployment.phase}"
    if deployment.start is not None:
        yield f"- Start: {moment(deployment.start)}, {zone(deployment)}"
    if deployment.purpose is Purpose.AVAILABLE:
        yield "- Purpose of packages and applications: Available"
    if deployment.rerun is not None:
        yield f"- A program that has run runs again when its assignment recurs: {_RERUN[deployment.rerun]}"
    if deployment.outside_maintenance_windows:
        yield "- Remediation and programs also run outside maintenance windows"
    if deployment.maintenance_windows:
        yield "- Maintenance windows:"
        yield from (f"  - {line}" for line in window_lines(deployment))
    if _offboards(collection):
        yield f"- Wait between the end of a device's onboarding and its offboarding: {span_text(project.offboarding_wait)}"
    if deployment.co_managed:
        yield "- Always apply this baseline even for co-managed clients: on"
    yield from _places(project, deployment)


def _places(project: Project, deployment: Deployment) -> Iterator[str]:
    if project.content_source is not None:
        yield f"- Content source: a folder for the collection below {code(project.content_source)}"
    if deployment.distribution_point_groups:
        yield f"- Distribution point groups: {', '.join(map(markdown, deployment.distribution_point_groups))}"
    if deployment.folder is not None:
        yield f"- Console folder: {markdown(deployment.folder)}"
    if deployment.security_scopes:
        yield f"- Security scopes: {', '.join(map(markdown, deployment.security_scopes))}"


def window_lines(deployment: Deployment) -> Iterator[str]:
    """The maintenance windows in words."""
    yield from (_window(window, deployment) for window in deployment.maintenance_windows)


def _window(window: MaintenanceWindow, deployment: Deployment) -> str:
    again = "" if window.every is None else f", again every {span_text(window.every)}"
    when = f"from {moment(window.start)} ({zone(deployment)}) for {span_text(window.duration)}"
    return f"{markdown(window.name)}: {when}{again}"
