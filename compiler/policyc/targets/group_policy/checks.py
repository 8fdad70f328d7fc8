"""PC22xx: what a Group Policy object can't say, and what it says otherwise than a policy does."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, note
from policyc.model import Collection, Location, Mode, Project, Setting
from policyc.targets.group_policy.change import Unsaid
from policyc.targets.group_policy.taken import change, taken
from policyc.targets.group_policy.task import command
from policyc.targets.group_policy.words import asks, does, is_exact
from policyc.targets.refusal import Refusal


def refusals(collection: Collection) -> Iterator[Refusal]:
    """What no object can say of a collection."""
    if collection.mode is Mode.AUDIT:
        yield Refusal(
            "",
            "Group Policy only writes and reports nothing, and the collection is in audit mode",
            "let the collection go by configmgr or intune, or take 'mode: audit' out",
            collection.origin.below("collection", "mode"),
        )
        return
    for package in collection.packages:
        path = command(package)
        if isinstance(path, Unsaid):
            yield Refusal(package.id, path.reason, path.way_out, package.origin)
    for setting in collection.settings:
        if setting.observed:
            continue
        found = change(setting)
        if isinstance(found, Unsaid):
            yield Refusal(setting.id, found.reason, found.way_out, _where(setting))


def check(project: Project) -> Iterator[Diagnostic]:
    """Notes of what comes out otherwise. What comes of a baseline is told once."""
    told: set[Location] = set()
    for collection in project.collections:
        for finding in (*_values(collection), *_left_out(collection)):
            if finding.location not in told:
                told.add(finding.location)
                yield finding


def _values(collection: Collection) -> Iterator[Diagnostic]:
    for one in taken(collection):
        if not is_exact(one.setting):
            yield note(
                "PC2201",
                f"Group Policy knows no conditions: '{one.setting.id}' must {asks(one)}, and on every device "
                f"the object {does(one)}",
                _where(one.setting).below(one.setting.subject.asked),
                help="nothing has to be done where that is meant; otherwise let the collection go by configmgr or intune",
            )


def _left_out(collection: Collection) -> Iterator[Diagnostic]:
    for setting in collection.settings:
        if setting.observed and collection.mode is not Mode.AUDIT:
            yield note(
                "PC2202",
                f"Group Policy reports nothing, so '{setting.id}' is left out: {setting.why[:1].lower()}{setting.why[1:]}",
                setting.origin,
                help="nothing has to be done: the product's portal shows it. Another target of the collection reports it",
            )
    for package in collection.packages:
        if package.sha256 is not None and collection.mode is not Mode.AUDIT and isinstance(command(package), str):
            yield note(
                "PC2203",
                f"a task of Group Policy starts '{package.script}' as it lies on its share: nothing compares it with 'sha256'",
                package.origin.below("sha256"),
                help="nothing has to be done where administrators alone write to that share; ConfigMgr's launcher compares it",
            )


def _where(setting: Setting) -> Location:
    return setting.origin if setting.from_vocabulary else setting.origin.below(setting.subject.word)
