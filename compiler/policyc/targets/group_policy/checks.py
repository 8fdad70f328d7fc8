"""PC22xx: what a Group Policy object can't say, and what it says otherwise than a policy does."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, note
from policyc.kinds import must, written
from policyc.model import Collection, Location, Mode, Operator, Project, Setting
from policyc.targets.group_policy.change import Unsaid
from policyc.targets.group_policy.taken import change, taken
from policyc.targets.refusal import Refusal

_EXACT = frozenset({Operator.EQUALS, Operator.PRESENT, Operator.ABSENT, Operator.ONLY_VALUES, Operator.SET_EQUALS})
"""Conditions that are satisfied by just what is written, in any order, or by anything that is left alone."""


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
        yield Refusal(
            package.id,
            "what starts a vendor's script isn't written",
            "let the collection go by configmgr too",
            package.origin,
        )
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


def is_exact(setting: Setting) -> bool:
    """Whether a device that complies keeps what it has."""
    return setting.subject.asked in {operator.value for operator in _EXACT}


def _values(collection: Collection) -> Iterator[Diagnostic]:
    for one in taken(collection):
        if not is_exact(one.setting):
            yield note(
                "PC2201",
                f"Group Policy knows no conditions: '{one.setting.id}' must {must(one.setting)}, and it "
                f"{written(one.setting)} on every device, whatever is there",
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


def _where(setting: Setting) -> Location:
    return setting.origin if setting.from_vocabulary else setting.origin.below(setting.subject.word)
