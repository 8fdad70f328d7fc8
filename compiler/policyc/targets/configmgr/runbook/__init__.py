"""README.md of a collection: what is special to it. What all collections have alike stands in the page of the project.

Both are for an administrator: what is there, how to bring it to a site, and how to see that it worked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyc.model import Collection, DeployAs, Project
from policyc.targets.configmgr.compliance import Compliance
from policyc.targets.configmgr.groups import Group, Item
from policyc.targets.configmgr.package import Package, built_packages, script_package, settings_programs, settings_scripts
from policyc.targets.configmgr.runbook.collection import collection_steps, exceptions, membership
from policyc.targets.configmgr.runbook.common import project_page
from policyc.targets.configmgr.runbook.compliance import BY_PROGRAM, compliance_steps
from policyc.targets.configmgr.runbook.deploying import deploy_steps
from policyc.targets.configmgr.runbook.monitoring import logs, monitoring, rollback
from policyc.targets.configmgr.runbook.packages import (
    application_steps,
    package_steps,
    policy_steps,
    settings_package_steps,
    vendor_files,
)
from policyc.targets.configmgr.runbook.phrases import Topics, phrases, topics
from policyc.targets.configmgr.runbook.settings import group_lines, kind_notes
from policyc.targets.text import code, markdown

__all__ = ["project_page", "runbook"]


def runbook(project: Project, collection: Collection, made: Compliance, items: tuple[Item, ...]) -> bytes:
    """The runbook as UTF-8 Markdown; `made` is what was made of the items."""
    return ("\n".join(_lines(project, collection, made, items)) + "\n").encode("utf-8", "backslashreplace")


def _lines(project: Project, collection: Collection, made: Compliance, items: tuple[Item, ...]) -> Iterator[str]:
    product = topics(collection.vocabulary_states)
    packages = [script_package(project, collection, script) for script in built_packages(collection)]
    programs = settings_scripts(collection)
    if programs:
        packages.append(settings_programs(project, collection, programs))
    yield from _head(collection)
    yield from membership(collection, items)
    yield from exceptions(collection, undone=bool(programs))
    yield from _before(product)
    if collection.vocabulary_states and not collection.packages:
        yield from ("", "## No package", "", phrases()["No package"])
    yield from vendor_files(collection, product)
    yield from deploy_steps(project, collection)
    yield from _by_hand(collection, packages, made, items)
    if items:
        yield from _settings(items)
    if programs:
        yield from rollback(collection)
    yield from monitoring(collection, packages, product, groups=bool(items))
    yield from logs(collection, packages)


def _by_hand(collection: Collection, packages: Sequence[Package], made: Compliance, items: tuple[Item, ...]) -> Iterator[str]:
    """The same in the console."""
    steps_of_collection = list(collection_steps(collection))
    if not (packages or items or collection.packages or steps_of_collection):
        return
    yield from ("", "## The same by hand", "", phrases()["By hand, here"], *steps_of_collection)
    product = topics(collection.vocabulary_states)
    for script in collection.packages:
        if script.deploy_as is DeployAs.POLICY:
            yield from policy_steps(collection, script, product)
    for package in packages:
        if package.staged is None:
            continue
        steps = application_steps if package.is_application else package_steps
        yield from steps(collection, package)
    if items:
        yield from compliance_steps(collection, made, items)
    for package in packages:
        if package.staged is None:
            yield from settings_package_steps(collection, package)


def _head(collection: Collection) -> Iterator[str]:
    yield f"# {markdown(collection.name)}"
    yield ""
    yield f"Made by policyc from {code(collection.origin.file)}. Change the policy, not this file."
    yield phrases()["Alike"]


def _before(product: Topics) -> Iterator[str]:
    text = product.get("Before")
    if text:
        yield from ("", "## Before you start", "", text)


def _settings(items: tuple[Item, ...]) -> Iterator[str]:
    yield from ("", "## Settings")
    if any(item.program for item in items):
        yield from ("", phrases()["Changed by a program"])
    yield from kind_notes(setting for item in items for group in item.groups for setting in group.settings)
    for item in items:
        for group in item.groups:
            yield from ("", f"### `{item.key}/{group.id}`: {_what(group)}", "")
            yield from group_lines(group.settings)


def _what(group: Group) -> str:
    what = "remediated" if group.remediated else BY_PROGRAM if group.program else "reported, never changed"
    return f"severity {group.severity}, {what}{', judged by ConfigMgr itself' if group.native else ''}"
