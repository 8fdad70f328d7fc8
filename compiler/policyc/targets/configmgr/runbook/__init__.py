"""README.md of a collection: what it is, what an administrator does for it in the console, and how to see that it worked."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.model import Collection, Mode, Project
from policyc.targets.configmgr.compliance import Compliance
from policyc.targets.configmgr.groups import Group, Item
from policyc.targets.configmgr.package import built_packages, script_package, settings_programs
from policyc.targets.configmgr.runbook.compliance import compliance_steps
from policyc.targets.configmgr.runbook.monitoring import logs, monitoring, rollback
from policyc.targets.configmgr.runbook.packages import package_steps, policy_steps, settings_package_steps
from policyc.targets.configmgr.runbook.phrases import Topics, phrases, topics
from policyc.targets.configmgr.runbook.settings import setting_lines
from policyc.targets.configmgr.text import block, code, markdown

__all__ = ["runbook"]


def runbook(project: Project, collection: Collection, made: Compliance, items: tuple[Item, ...]) -> bytes:
    """The runbook as UTF-8 Markdown; `made` is what was made of the items."""
    return ("\n".join(_lines(project, collection, made, items)) + "\n").encode("utf-8", "backslashreplace")


def _lines(project: Project, collection: Collection, made: Compliance, items: tuple[Item, ...]) -> Iterator[str]:
    product = topics(collection.vocabulary_states)
    yield from _head(collection)
    yield from _membership(collection)
    yield from _before(product)
    if collection.built_in_policy:
        for script in collection.packages:
            yield from policy_steps(collection, script, product)
    if collection.vocabulary_states and not collection.packages:
        yield from ("", "## No package", "", phrases()["No package"])
    packages = [script_package(project, collection, script) for script in built_packages(collection)]
    for package in packages:
        yield from package_steps(project, collection, package, product)
    if items:
        yield from _settings(items)
        yield from compliance_steps(collection, made, items)
    remediates = any(item.remediated for item in items)
    if remediates:
        package = settings_programs(project, collection, ("remediate.ps1", "rollback.ps1"))
        packages.append(package)
        yield from settings_package_steps(project, collection, package)
    yield from rollback(collection, remediates=remediates)
    yield from monitoring(collection, packages, product, groups=bool(items))
    yield from logs(collection, packages)


def _head(collection: Collection) -> Iterator[str]:
    yield f"# {markdown(collection.name)}"
    yield ""
    yield f"Made by policyc from {code(collection.origin.file)}. Change the policy, not this file."


def _membership(collection: Collection) -> Iterator[str]:
    yield from ("", "## The collection", "")
    yield f"- Name: {markdown(collection.name)}"
    if collection.id:
        yield f"- CollectionID: {code(collection.id)}"
    if collection.limited_to:
        yield f"- Limiting collection: {markdown(collection.limited_to)}"
    if collection.mode is Mode.AUDIT:
        yield "- Mode: audit. Everything is reported, nothing is changed."
    members = collection.members
    if members is None:
        yield "- Membership: as it is on the site; the policy doesn't say."
        return
    yield "- Membership rules, and no others:"
    if members.query is not None:
        yield from _query(members.query)
    for title, names in (("Direct", members.devices), ("Include", members.include), ("Exclude", members.exclude)):
        if names:
            yield f"  - {title}: {', '.join(map(markdown, names))}"


def _query(query: str) -> Iterator[str]:
    lines = query.strip().splitlines()
    if len(lines) == 1:
        yield f"  - Query: {code(query)}"
    else:
        yield from ("  - Query:", "", *block(lines, indent="    "), "")


def _before(product: Topics) -> Iterator[str]:
    text = product.get("Before")
    if text:
        yield from ("", "## Before you start", "", text)


def _settings(items: tuple[Item, ...]) -> Iterator[str]:
    yield from ("", "## Settings")
    for item in items:
        for group in item.groups:
            yield from ("", f"### `{item.key}/{group.id}`: {_what(group)}", "")
            for setting in group.settings:
                yield from setting_lines(setting)


def _what(group: Group) -> str:
    what = "remediated" if group.remediated else "reported, never changed"
    return f"severity {group.severity}, {what}{', judged by ConfigMgr itself' if group.native else ''}"
