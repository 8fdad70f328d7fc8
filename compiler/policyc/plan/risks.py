"""What a change may do to devices beyond what it says: severity, restarts, connections, and what no journal takes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from policyc.analysis.consequences import way_back
from policyc.kinds import by_program
from policyc.kinds.effects import effect
from policyc.model import Action as PackageAction
from policyc.model import Collection, Registry, Setting, upper
from policyc.plan.model import Action, Plan, Subject


@dataclass(frozen=True, slots=True)
class Risk:
    """A setting that a change adds or alters, and that remediation writes."""

    name: str
    title: str
    severity: str
    effect: str = ""
    """What it takes until it counts; empty: nothing."""
    reaches: str = ""
    """What of the network it decides; empty: nothing that is known."""
    stays: str = ""
    """Why rollback doesn't take it back, or not wholly."""
    undo: str = ""
    program: bool = False
    """Whether a program alone changes it."""
    collections: int = 1


def risks(plan: Plan, after: Mapping[str, Collection]) -> Iterator[Risk]:
    """One for each setting that is written otherwise, however many collections it reaches. `after` is by slug."""
    found: dict[Risk, int] = {}
    for one in plan.collections:
        collection = after.get(one.slug)
        if collection is None or one.held:
            continue
        settings = {setting.id: setting for setting in collection.settings}
        for change in one.changes:
            setting = settings.get(change.name) if change.subject is Subject.SETTING else None
            if setting is not None and setting.remediated and change.action is not Action.REMOVED:
                risk = _risk(setting)
                found[risk] = found.get(risk, 0) + 1
    for risk, number in found.items():
        yield replace(risk, collections=number)


def _risk(setting: Setting) -> Risk:
    stays, undo = way_back(setting)
    program = by_program(setting)
    return Risk(
        setting.id, setting.title, setting.severity.value, effect(setting) or "", _connection(setting), stays, undo, program
    )


def _connection(setting: Setting) -> str:
    if not isinstance(setting.subject, Registry):
        return ""
    key, name = upper(setting.subject.place.key), upper(setting.subject.place.name or "")
    for start, names, what in _connections():
        if (key == start and (not names or name in names)) or (not names and key.startswith(f"{start}\\")):
            return what
    return ""


def unreached(plan: Plan, after: Mapping[str, Collection], before: Mapping[str, Collection]) -> Iterator[tuple[str, str, str]]:
    """(What, why, what takes it back) of the vendors' scripts that a change starts: no journal knows what they do.

    `after` is by slug, `before` by identity.
    """
    told: set[tuple[str, PackageAction]] = set()
    for one in plan.collections:
        collection = after.get(one.slug)
        if collection is None or one.held:
            continue
        known = before.get(collection.identity)
        old = {(package.id, package.action) for package in known.packages} if known else set()
        for package in collection.packages:
            key = package.product, package.action
            if (package.id, package.action) in old or key in told:
                continue
            told.add(key)
            onboards = package.action is PackageAction.ONBOARD
            undo = (
                "a collection with 'state: offboarded' and its package" if onboards else "a collection with 'state: onboarded'"
            )
            word = "Onboarding" if onboards else "Offboarding"
            yield f"{word} of {package.product}", "the vendor's own script does it, and keeps no journal", undo


@cache
def _connections() -> tuple[tuple[str, frozenset[str], str], ...]:
    """(Start of a key, names of values; none: all of it and what is below, what they decide), keys and names upper-cased."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree = yaml.load(Path(__file__).with_name("connectivity.yaml").read_bytes(), loader)  # noqa: S506 - both loaders are safe ones
    return tuple((upper(entry["key"]), frozenset(map(upper, entry.get("names", ()))), entry["what"]) for entry in tree)
