"""What the devices of one collection would lose if they were left to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyc.analysis.conflict import same_declaration
from policyc.analysis.fights import Fight
from policyc.analysis.same_place import condition_of
from policyc.kinds import kind_of
from policyc.model import Applicability, Collection, Location, Setting, Version, included
from policyc.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that only the loser has."""

    what: str
    location: Location


def losses(loser: Collection, winner: Collection, fought: Iterable[Fight], site: Version | None) -> Iterator[Loss]:
    """What the loser gives its devices and the winner doesn't: settings, packages, maintenance windows, platforms.

    Where the two fight, the winner's setting is meant to stand in the other's place. What the winner goes without by an
    exception is meant, too: somebody has decided that its devices don't get it. The site's version decides what a platform
    includes.
    """
    yield from _settings(loser, winner, fought)
    if loser.settings:
        for platform in loser.platforms:
            if not included(platform, winner.platforms, site):
                yield Loss(f"all settings on the platform {platform}", loser.origin.below("collection", "platforms"))
    packages = {(package.vocabulary, package.action) for package in winner.packages}
    for package in loser.packages:
        if (package.vocabulary, package.action) not in packages:
            yield Loss(f"the {package.id} package of {package.product}", package.origin)
    if any(setting.remediated for setting in loser.settings) and loser.deployment.remediate and not winner.deployment.remediate:
        yield Loss("all remediation", loser.origin.below("collection", "name"))
    if loser.settings and loser.deployment.co_managed and not winner.deployment.co_managed:
        yield Loss("all settings on co-managed devices", loser.origin.below("deployment", "co_managed"))
    windows = set(winner.deployment.maintenance_windows)
    for window in loser.deployment.maintenance_windows:
        if window not in windows:
            yield Loss(f"the maintenance window '{window.name}'", window.origin)


def _settings(loser: Collection, winner: Collection, fought: Iterable[Fight]) -> Iterator[Loss]:
    settled = {id(setting) for fight in fought for setting in _settled(fight, loser, winner)}
    by_place: dict[object, list[Setting]] = {}
    for setting in winner.settings:
        by_place.setdefault(setting.subject.place.identity, []).append(setting)
    for setting in loser.settings:
        if id(setting) in settled or any(_covers(one, setting) for one in by_place.get(setting.subject.place.identity, ())):
            continue
        if not any(same_declaration(one, setting) or _covers(one, setting) for one in winner.exempted):
            yield Loss(f"'{setting.id}'", condition_of(setting))


def _settled(fight: Fight, loser: Collection, winner: Collection) -> Iterator[Setting]:
    """The loser's setting of a conflict, where the winner's one reaches all of its devices."""
    for pair in fight.pairs:
        if pair.one is winner and pair.other is loser and _reaches(fight.one.applies_to, fight.other.applies_to):
            yield fight.other
        elif pair.one is loser and pair.other is winner and _reaches(fight.other.applies_to, fight.one.applies_to):
            yield fight.one


def _covers(winner: Setting, loser: Setting) -> bool:
    """Whether the winner's setting asks for the same, and writes the same where the loser's one writes."""
    same = winner.subject.word == loser.subject.word and kind_of(winner.subject).covers(winner.subject, loser.subject)
    return same and _reaches(winner.applies_to, loser.applies_to)


def _reaches(outer: Applicability, inner: Applicability) -> bool:
    """Whether each device that the inner one is about is one of the outer one's."""
    return (
        (outer.from_build or 0) <= (inner.from_build or 0)
        and (outer.before_build is None or (inner.before_build is not None and inner.before_build <= outer.before_build))
        and outer.role in (None, inner.role)
        and outer.only_if in (None, inner.only_if)
    )
