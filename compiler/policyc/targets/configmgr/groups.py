"""Configuration items of a collection, and in each the groups of settings that one compliance rule can speak for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyc.kinds import OTHERS, by_program
from policyc.kinds.registry.trees import removes_tree
from policyc.lowering.slugs import slug
from policyc.model import Collection, Granularity, Setting, Severity
from policyc.model.records import dataclass
from policyc.powershell.scripts import Script, entry, row_size, script_size
from policyc.targets.configmgr.limits import SCRIPT_BUDGET, SCRIPT_OVERRUN
from policyc.targets.configmgr.own_scripts import has_own, own_group
from policyc.targets.lengths import shorten
from policyc.vocabularies import load_vocabulary

ITEM_BUDGET = 40
"""Settings (of ConfigMgr: a script with its rule) of a configuration item. ConfigMgr documents no limit."""
ITEM_TITLE = 100
"""Characters of the part of an item's name that follows the collection's."""
OWN_SETTINGS = "settings"
"""The item of the settings that a policy writes itself."""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings with one severity that are all remediated or all reported: a rule has one severity and one remediation."""

    id: str
    """The folder below that of its item."""
    severity: Severity
    remediated: bool
    """By the client, within the minute that it gives to a script."""
    settings: tuple[Setting, ...]
    native: bool = False
    """One setting that ConfigMgr's own registry setting judges; it has no scripts."""
    number: int = 1
    """Which of several with the same severity and remediation, as one script's budget didn't hold them all."""
    alone: bool = False
    """It stands for its one setting, and is called as that is."""
    program: bool = False
    """Its settings are changed by the settings package's program alone, as their change isn't bounded in time."""


@dataclass(frozen=True, slots=True)
class Item:
    """A configuration item."""

    key: str
    """The folder below `compliance/`."""
    title: str
    """What it is about, behind the collection's name."""
    groups: tuple[Group, ...]

    @property
    def remediated(self) -> bool:
        """Whether the client changes anything of it."""
        return any(group.remediated for group in self.groups)

    @property
    def program(self) -> bool:
        """Whether only a program changes something of it."""
        return any(group.program for group in self.groups)


def items(collection: Collection, granularity: Granularity) -> tuple[Item, ...]:
    """The items of a collection: what only the product writes by itself, the rest of the product's, the policy's own.

    An item with more groups than the budget goes on in `<key>--2`, `<key>--3`: no baseline's name gives two hyphens.
    """
    return tuple(
        Item(key if number == 1 else f"{key}--{number}", title if number == 1 else f"{title} ({number})", part)
        for key, title, settings in _sorted_out(collection)
        for number, part in enumerate(_portions(groups(collection, settings, granularity)), 1)
    )


def _sorted_out(collection: Collection) -> Iterator[tuple[str, str, list[Setting]]]:
    """(Key, title, settings) of each item, in the order in which their first settings stand."""
    found: dict[str, tuple[str, list[Setting]]] = {}
    for setting in collection.settings:
        key, title = _item_of(setting)
        found.setdefault(key, (title, []))[1].append(setting)
    for key, (title, settings) in found.items():
        yield key, title, settings


def _item_of(setting: Setting) -> tuple[str, str]:
    """Key and title of the item that a setting belongs to: its product's, its baseline's, or that of the policy's own."""
    if setting.from_vocabulary is not None:
        key, product = setting.from_vocabulary.replace("_", "-"), load_vocabulary(setting.from_vocabulary).product
        return (f"{key}-state", f"{product}, state") if setting.observed else (key, product)
    if setting.layer is not None and setting.layer.baselines:
        name = setting.layer.baselines[0]
        # Names that give one key share an item: nothing is lost but its title.
        return f"baseline-{slug(name)}", shorten(name, ITEM_TITLE)
    return OWN_SETTINGS, "settings"


def _portions(whole: tuple[Group, ...]) -> Iterator[tuple[Group, ...]]:
    for start in range(0, len(whole), ITEM_BUDGET):
        yield whole[start : start + ITEM_BUDGET]


def groups(collection: Collection, settings: Sequence[Setting], granularity: Granularity) -> tuple[Group, ...]:
    """The groups of these settings, the gravest first; one a setting with `Granularity.SETTING`, and for native ones.

    A group whose scripts would pass the budget goes on in `<id>-2`, `<id>-3`.
    """
    if granularity is Granularity.SETTING:
        return tuple(_alone(one) for one in settings)
    sorted_out: dict[tuple[Severity, str], list[Setting]] = {}
    for one in settings:
        if not one.native and not has_own(one):
            sorted_out.setdefault((one.severity, _changed(one)), []).append(one)
    gravest_first = {severity: -rank for rank, severity in enumerate(Severity)}
    found: list[Group] = []
    for (severity, changed), members in sorted(
        sorted_out.items(), key=lambda item: (gravest_first[item[0][0]], _WAYS.index(item[0][1]))
    ):
        name = f"{severity}-{changed}"
        remediated, program = changed == _REMEDIATED, changed == _BY_PROGRAM
        for number, part in enumerate(_parts(collection, members, remediated=remediated), 1):
            own = name if number == 1 else f"{name}-{number}"
            found.append(Group(own, severity, remediated, part, number=number, program=program))
    return (*found, *(_alone(one) for one in settings if one.native or has_own(one)))


_REMEDIATED, _BY_PROGRAM, _REPORTED = _WAYS = ("remediated", "by-program", "reported")


def _changed(setting: Setting) -> str:
    """Who changes it, as the ids of groups say it."""
    if by_program(setting):
        return _BY_PROGRAM
    return _REMEDIATED if setting.remediated else _REPORTED


def _alone(setting: Setting) -> Group:
    program = by_program(setting)
    # A native one stands beside groups, and a setting may be called as one of them; a colon is in no id.
    return Group(
        f"native:{setting.id}" if setting.native else own_group(setting) if has_own(setting) else setting.id,
        setting.severity,
        setting.remediated and not program,
        (setting,),
        setting.native,
        alone=True,
        program=program,
    )


def _parts(collection: Collection, members: list[Setting], *, remediated: bool) -> Iterator[tuple[Setting, ...]]:
    """The members in runs whose largest script stays within the budget, judged with the code that all of them need.

    Where it doesn't hold them all, those of each kind of setting come first by themselves.
    """
    script = Script.REMEDIATION if remediated else Script.DISCOVERY
    rows = [entry(one) for one in members]
    whole = script_size(script, collection, rows)
    if whole <= SCRIPT_BUDGET:
        yield tuple(members)
        return
    needs = {id(one): (one.subject.word, removes_tree(one.subject), *_ways(one, members)) for one in members}
    words = dict.fromkeys(needs.values())
    if len(words) > 1:
        # Each kind has functions of its own: apart, a script holds those of one.
        for word in words:
            yield from _parts(collection, [one for one in members if needs[id(one)] == word], remediated=remediated)
        return
    sizes = [row_size(script, row) for row in rows]
    # Where a kind's functions alone fill the budget, settings of their own would make no script shorter.
    budget = max(SCRIPT_BUDGET - (whole - sum(sizes)), SCRIPT_OVERRUN)
    part: list[Setting] = []
    used = 0
    for one, size in zip(members, sizes, strict=True):
        if part and used + size > budget:
            yield tuple(part)
            part, used = [], 0
        part.append(one)
        used += size
    yield tuple(part)


def _ways(setting: Setting, members: Sequence[Setting]) -> Iterator[frozenset[str]]:
    """What it asks of its kind, where every setting of the kind asks for some functions, and other ones for other ones."""
    word = setting.subject.word
    if word not in OTHERS:
        return
    asked = {OTHERS[word].needs(one.subject) for one in members if one.subject.word == word}
    if all(asked) and sum(map(len, asked)) == len(frozenset().union(*asked)):
        yield OTHERS[word].needs(setting.subject)
