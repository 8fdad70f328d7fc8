"""Settings of one collection on the same place."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from policyc.analysis.context import Context
from policyc.diagnostics import Diagnostic, Related, error, note
from policyc.kinds import Together, in_parts, kind_of, together
from policyc.model import Collection, Location, Project, Setting

_Identity = tuple[Hashable, ...]


def same_place(project: Project, _context: Context) -> Iterator[Diagnostic]:
    """Two settings on one place must be satisfiable together and agree on what is written."""
    for collection in project.collections:
        by_place: dict[_Identity, list[Setting]] = {}
        emptied: dict[_Identity, Setting] = {}
        lists: dict[_Identity, Setting] = {}
        for setting in collection.settings:
            identity = setting.subject.place.identity
            by_place.setdefault(identity, []).append(setting)
            if kind_of(setting.subject).empties(setting.subject):
                emptied.setdefault(identity, setting)
            if in_parts(setting.subject) is not None:
                lists.setdefault(identity, setting)
        if len(by_place) < len(collection.settings):
            for settings in by_place.values():
                if len(settings) > 1:
                    yield from _on_one_place(settings)
        if emptied:
            yield from _below_absent_keys(collection, emptied)
        if lists:
            yield from _in_lists(collection, lists)


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


def part_in(whole: Setting, setting: Setting) -> Setting | None:
    """What a setting about all that lies in a place says of what another one is about; None: nothing."""
    kind = in_parts(whole.subject)
    part = None if kind is None else kind.part_at(whole.subject, setting.subject.place.identity)
    return None if part is None else replace(whole, subject=part)


def right_above(setting: Setting) -> _Identity | None:
    """The place in which a setting's own one lies."""
    return next(iter(kind_of(setting.subject).above(setting.subject)), None)


def _in_lists(collection: Collection, lists: dict[_Identity, Setting]) -> Iterator[Diagnostic]:
    """Settings of what lies in a place of which another one says all."""
    for setting in collection.settings:
        above = right_above(setting)
        whole = None if above is None else lists.get(above)
        part = None if whole is None else part_in(whole, setting)
        if whole is not None and part is not None:
            yield from _pair(whole, setting, part)


def meaning(setting: Setting) -> tuple[object, ...]:
    """All that decides when a setting holds and what it writes; its title and weight don't count."""
    subject = setting.subject
    return (subject.word, *kind_of(subject).meaning(subject))


def condition_of(setting: Setting) -> Location:
    """Where a setting's condition stands: a vocabulary's setting is one node."""
    if setting.from_vocabulary is not None:
        return setting.origin
    return setting.origin.below(setting.subject.word, setting.subject.asked)


def contradict(one: Setting, other: Setting) -> bool:
    """Whether surely nothing satisfies both. Of two kinds that mean one place, one may know."""
    if one.subject.word != other.subject.word:
        return together(one.subject, other.subject) is Together.NEVER
    return kind_of(one.subject).contradict(one.subject, other.subject)


def _pair(one: Setting, other: Setting, part: Setting | None = None) -> Iterator[Diagnostic]:
    """`part`: what `one`, which is about more, says of the place of `other`."""
    if one.from_vocabulary is None and other.from_vocabulary is not None:
        one, other = other, one  # the finding stands at the setting of one's own
    judged = one if part is None else part
    about = "is about the same place" if part is None else "says what the key holds"
    related = [Related(condition_of(one), f"'{one.id}' {about}")]
    location = condition_of(other)
    both = f"'{one.id}' and '{other.id}'"
    if contradict(judged, other):
        yield error(
            "PC0415",
            f"{both} can't both hold at {other.subject.place}",
            location,
            help=_way_out(one, other) + ", or change one of the conditions",
            related=related,
        )
    elif one.subject.writes and other.subject.writes and not agree(judged, other):
        yield error(
            "PC0416",
            f"{both} would write different data at {other.subject.place}",
            location,
            help=_way_out(one, other) + ", let both write the same, or let one only report: 'remediate: false'",
            related=related,
        )
    elif meaning(judged) == meaning(other):
        message = f"{both} say the same of {other.subject.place}"
        yield note("PC0417", message, location, help=_way_out(one, other), related=related)


def agree(one: Setting, other: Setting) -> bool:
    """Whether it doesn't matter which of two remediations comes last."""
    if one.subject.word != other.subject.word:
        return together(one.subject, other.subject) is Together.ALWAYS
    return kind_of(one.subject).agree(one.subject, other.subject)


def _way_out(one: Setting, other: Setting) -> str:
    if one.from_vocabulary is not None:
        option = next((str(step) for step in reversed(one.origin.path)), one.id)
        return f"remove '{other.id}': '{one.from_vocabulary}: {option}:' sets this value"
    return f"remove '{other.id}' or '{one.id}'"


def needs_above(setting: Setting) -> bool:
    """Whether what lies above its place has to be there for the setting to hold, or is made by what it writes."""
    return kind_of(setting.subject).needs_above(setting.subject)


def _below_absent_keys(collection: Collection, emptied: dict[_Identity, Setting]) -> Iterator[Diagnostic]:
    """Settings that need a key which, or above which one, must not be there."""
    for setting in collection.settings:
        if not needs_above(setting):
            continue
        # A setting on the absent key itself is a pair of one place.
        for place in kind_of(setting.subject).above(setting.subject):
            absent = emptied.get(place)
            if absent is not None:
                yield error(
                    "PC0418",
                    f"'{setting.id}' needs a value or key below {absent.subject.place}, which '{absent.id}' wants absent",
                    condition_of(setting),
                    help=f"remove '{setting.id}' or '{absent.id}'",
                    related=[Related(condition_of(absent), f"'{absent.id}' wants the key absent")],
                )
                break
