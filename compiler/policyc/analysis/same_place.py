"""Settings of one collection on the same place."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.analysis.compatibility import contradict
from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, Related, error, note
from policyc.evaluation import ABSENT, Verdict, verdict
from policyc.model import Append, Collection, CreateKey, Location, Operator, Project, Setting

_Identity = tuple[str, int, str, str | None]


def same_place(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Two settings on one place must be satisfiable together and agree on what is written."""
    for collection in project.collections:
        by_place: dict[_Identity, list[Setting]] = {}
        absent_keys: dict[tuple[str, int, str], Setting] = {}
        for setting in collection.settings:
            identity = setting.subject.place.identity
            by_place.setdefault(identity, []).append(setting)
            if identity[3] is None and setting.subject.condition.operator is Operator.ABSENT:
                absent_keys.setdefault(identity[:3], setting)
        if len(by_place) < len(collection.settings):
            for settings in by_place.values():
                if len(settings) > 1:
                    yield from _on_one_place(settings)
        if absent_keys:
            yield from _below_absent_keys(collection, absent_keys)


def _on_one_place(settings: list[Setting]) -> Iterator[Diagnostic]:
    """At most one finding a setting: against the first one that says the same, or else the first one that it fights."""
    different: dict[tuple[object, ...], Setting] = {}
    for setting in settings:
        says = meaning(setting)
        earlier = [different[says]] if says in different else different.values()
        found = next((finding for one in earlier for finding in _pair(one, setting)), None)
        if found is not None:
            yield found
        different.setdefault(says, setting)


def meaning(setting: Setting) -> tuple[object, ...]:
    """All that decides when a setting holds and what it writes; its title and weight don't count."""
    subject = setting.subject
    return (subject.condition, subject.kind, subject.default, subject.pin, subject.write)


def condition_of(setting: Setting) -> Location:
    """Where a setting's condition stands: a vocabulary's setting is one node."""
    if setting.from_vocabulary is not None:
        return setting.origin
    return setting.origin.below("registry", setting.subject.condition.operator.value)


def _pair(one: Setting, other: Setting) -> Iterator[Diagnostic]:
    if one.from_vocabulary is None and other.from_vocabulary is not None:
        one, other = other, one  # the finding stands at the setting of one's own
    related = [Related(condition_of(one), f"'{one.id}' is about the same place")]
    location = condition_of(other)
    both = f"'{one.id}' and '{other.id}'"
    if contradict(one, other):
        yield error(
            "PC0415",
            f"{both} can't both hold at {other.subject.place}",
            location,
            help=_way_out(one, other) + ", or change one of the conditions",
            related=related,
        )
    elif one.subject.write is not None and other.subject.write is not None and not agree(one, other):
        yield error(
            "PC0416",
            f"{both} would write different data at {other.subject.place}",
            location,
            help=_way_out(one, other) + ", let both write the same, or let one only report: 'remediate: false'",
            related=related,
        )
    elif meaning(one) == meaning(other):
        message = f"{both} say the same of {other.subject.place}"
        yield note("PC0417", message, location, help=_way_out(one, other), related=related)


def agree(one: Setting, other: Setting) -> bool:
    """Whether it doesn't matter which of two remediations comes last: each list is completed, or the same is written."""
    if isinstance(one.subject.write, Append) and isinstance(other.subject.write, Append):
        # What is completed where the value is absent is the default.
        return one.subject.default == other.subject.default
    return one.subject.write == other.subject.write and one.subject.kind is other.subject.kind


def _way_out(one: Setting, other: Setting) -> str:
    if one.from_vocabulary is not None:
        option = next((str(step) for step in reversed(one.origin.path)), one.id)
        return f"remove '{other.id}': '{one.from_vocabulary}: {option}:' sets this value"
    return f"remove '{other.id}' or '{one.id}'"


def needs_its_key(setting: Setting) -> bool:
    """Whether the key has to be there for the setting to hold, or is made by what it writes."""
    return verdict(setting, ABSENT) is not Verdict.COMPLIANT or isinstance(setting.subject.write, CreateKey)


def _below_absent_keys(collection: Collection, absent_keys: dict[tuple[str, int, str], Setting]) -> Iterator[Diagnostic]:
    """Settings that need a key which, or above which one, must not be there."""
    for setting in collection.settings:
        if not needs_its_key(setting):
            continue
        hive, view, key, name = setting.subject.place.identity
        steps = key.split("\\")
        # A setting on the absent key itself is a pair of one place.
        for depth in range(len(steps) if name is not None else len(steps) - 1, 0, -1):
            absent = absent_keys.get((hive, view, "\\".join(steps[:depth])))
            if absent is not None:
                yield error(
                    "PC0418",
                    f"'{setting.id}' needs a value or key below {absent.subject.place}, which '{absent.id}' wants absent",
                    condition_of(setting),
                    help=f"remove '{setting.id}' or '{absent.id}'",
                    related=[Related(condition_of(absent), f"'{absent.id}' wants the key absent")],
                )
                break
