"""A report of a project that was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from policyc.analysis.consequences import way_back
from policyc.kinds import must
from policyc.matrix import Matrix
from policyc.model import Collection, Project, Setting, Severity
from policyc.report.benchmarks import Benchmark, Member, coverage
from policyc.report.model import CollectionRow, Ending, Fight, Report, SettingRow, Statement
from policyc.source.wording import visible

_GRAVEST_FIRST = tuple(one.value for one in reversed(Severity))


def gather(project: Project, matrix: Matrix, benchmarks: Iterable[Benchmark], day: date) -> Report:
    """Everything about an estate on a day. `matrix` is the project's own."""
    fights = tuple(_fights(matrix))
    settings = tuple(_settings(project))
    members = [Member(visible(one.name), one.settings, one.exempted) for one in project.collections]
    return Report(
        visible(project.name),
        day,
        tuple(_collection(one, fights) for one in project.collections),
        settings,
        tuple(coverage(one, members) for one in benchmarks),
        tuple(sorted(_endings(project, day), key=lambda one: (one.ends, one.collection, one.what))),
        fights,
        tuple(_statements(project)),
        _by_severity(one.severity for one in settings),
        _by_number(one.kind for one in settings),
    )


def _by_severity(severities: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(severities)
    return tuple((one, counted[one]) for one in _GRAVEST_FIRST if counted[one])


def _by_number(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items(), key=lambda one: (-one[1], one[0])))


def _collection(one: Collection, fights: Iterable[Fight]) -> CollectionRow:
    name = visible(one.name)
    return CollectionRow(
        name,
        one.slug,
        visible(one.origin.file),
        one.targets,
        one.mode.value,
        tuple(map(visible, one.baselines)),
        tuple(f"{word}: {state}" for word, state in one.vocabulary_states),
        len(one.settings),
        sum(setting.remediated for setting in one.settings),
        len(one.exempted),
        len(one.packages),
        _by_severity(setting.severity.value for setting in one.settings),
        _by_number(setting.subject.word for setting in one.settings),
        sum(name in (fight.one, fight.other) for fight in fights),
    )


def _settings(project: Project) -> Iterator[SettingRow]:
    """Each once for all collections that have it just so, in the order in which collections come to it."""
    having: dict[tuple[object, ...], tuple[Setting, list[str], list[str]]] = {}
    for collection in project.collections:
        name = visible(collection.name)
        for settings, excepted in ((collection.settings, False), (collection.exempted, True)):
            for setting in settings:
                # Of a vocabulary, each collection's own node is the origin, and what comes of it the same.
                origin = setting.from_vocabulary or (setting.origin.file, setting.origin.path)
                known = having.setdefault((setting.id, origin, setting.subject, setting.severity), (setting, [], []))
                _, holders, without = known
                (without if excepted else holders).append(name)
    for setting, holders, without in having.values():
        yield _setting(setting, tuple(dict.fromkeys(holders)), tuple(dict.fromkeys(without)))


def _setting(one: Setting, collections: tuple[str, ...], excepted_in: tuple[str, ...]) -> SettingRow:
    stays, undo = way_back(one) if one.remediated else ("", "")
    return SettingRow(
        one.id,
        visible(one.title),
        one.subject.word,
        visible(str(one.subject.place)),
        visible(must(one)),
        one.severity.value,
        one.remediated,
        visible(one.why),
        tuple(map(visible, one.references)),
        _source(one),
        collections,
        excepted_in,
        stays,
        undo,
        "" if one.takes_effect is None else one.takes_effect.value,
    )


def _source(one: Setting) -> str:
    if one.from_vocabulary is not None:
        return one.from_vocabulary
    return visible(one.layer.baselines[-1] if one.layer is not None else one.origin.file)


def _endings(project: Project, day: date) -> Iterator[Ending]:
    for collection in project.collections:
        name = visible(collection.name)
        for one in collection.exemptions:
            says = f"goes without {', '.join(one.settings)}: {one.reason}"
            left = (one.expires - day).days
            yield Ending("exception", name, one.expires, left, visible(says), visible(one.owner), visible(one.ticket or ""))
        for package in collection.packages:
            if package.valid_until is not None:
                says = f"{package.action.value}s with {package.script}"
                yield Ending("package", name, package.valid_until, (package.valid_until - day).days, visible(says))


def _fights(matrix: Matrix) -> Iterator[Fight]:
    for cell in matrix.conflicts:
        one, other = (matrix.collections[number][0] for number in (cell.one, cell.other))
        places = tuple(dict.fromkeys(clash.place for clash, _, _ in matrix.sides(cell)))
        yield Fight(one, other, cell.answer.value, cell.reason, places)


def _statements(project: Project) -> Iterator[Statement]:
    for apart in project.disjoint:
        yield Statement("share no device", tuple(map(visible, apart.collections)), visible(apart.reason))
    for order in project.precedence:
        yield Statement("the earlier one wins", tuple(map(visible, order.collections)), "")
