"""Compliance scripts: what the site must allow for them, and how long they may be."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error, note
from policyc.kinds import by_program
from policyc.model import Append, Collection, Data, Project, Registry, Setting, SetValue
from policyc.targets.configmgr.limits import SCRIPT_BUDGET, SCRIPT_OVERRUN
from policyc.targets.configmgr.own_scripts import has_own

_SMALL = 400
"""Characters with which no script reaches the budget, whatever they are."""
_NUMBER = 8
"""A number counts as so many."""


def scripts(project: Project) -> Iterator[Diagnostic]:
    """A note where nothing is said of signatures, an error for each setting that fills a script by itself."""
    if project.signing is None and any(not one.native for collection in project.collections for one in collection.settings):
        yield note(
            "PC0504",
            "Nothing says whether the scripts are signed, and a site runs only signed ones unless it is told otherwise",
            project.origin.below("configmgr"),
            help="sign them with 'policyc sign' and write 'signing: required' below 'configmgr'; or allow unsigned ones "
            "(client settings > Computer Agent > PowerShell execution policy: Bypass) and write 'signing: none'",
        )
    yield from _longer_than_seen(project)
    for collection in project.collections:
        for setting in collection.settings:
            if not setting.native and _size(setting) > _SMALL and not has_own(setting):
                yield from _too_long(collection, setting)


def _longer_than_seen(project: Project) -> Iterator[Diagnostic]:
    """A note where what a setting needs is longer by itself than the budget, once for each kind and what else it needs."""
    told: set[tuple[str, bool, bool]] = set()
    for collection in project.collections:
        for setting in collection.settings:
            word, of = setting.subject.word, setting.applies_to
            needs = (word, of.of_windows, of.only_if is not None)
            if word == Registry.word or needs in told or not setting.remediated or by_program(setting):
                continue
            told.add(needs)
            size = _longest(collection, setting)
            if size > SCRIPT_BUDGET:
                yield note(
                    "PC0509",
                    f"A compliance script that changes settings such as '{setting.id}' has {size:,} bytes or more; "
                    "ConfigMgr documents no limit, and the longest that is known to work has 43,968",
                    setting.origin.below(word),
                    help="try it on one device before it goes to many",
                )


def _too_long(collection: Collection, setting: Setting) -> Iterator[Diagnostic]:
    from policyc.powershell.scripts import Script, entry, row_size

    longest = _longest(collection, setting)
    functions = longest - row_size(Script.REMEDIATION, entry(setting))
    if longest > max(SCRIPT_BUDGET, functions + SCRIPT_OVERRUN):
        yield error(
            "PC0506",
            f"The setting '{setting.id}' alone makes a compliance script of {longest:,} bytes; "
            f"{max(SCRIPT_BUDGET, functions + SCRIPT_OVERRUN):,} are allowed",
            setting.origin.below(setting.subject.word),
            help="shorten its data, say it with a shorter condition such as 'matches', or split it into settings of their own",
            holds=collection.slug,
        )


def _longest(collection: Collection, setting: Setting) -> int:
    """Bytes of the longest compliance script with this setting alone."""
    from policyc.powershell.scripts import Script, collection_script, entry

    changed = setting.remediated and not by_program(setting)
    wanted = [Script.DISCOVERY, Script.REMEDIATION] if changed else [Script.DISCOVERY]
    return max(len(collection_script(one, collection, [entry(setting)])) for one in wanted)


def _size(setting: Setting) -> int:
    """Characters of all that the setting's row holds: a quick measure that looks at no text."""
    subject = setting.subject
    if not isinstance(subject, Registry):
        return len(repr(subject))
    write, place = subject.write, subject.place
    size = len(place.key) + len(place.name or "") + sum(map(_length, subject.condition.operands))
    size += sum(len(value.name) + _length(value.data) for value in subject.values)
    if isinstance(write, SetValue):
        size += _length(write.data)
    elif isinstance(write, Append):
        size += _length(write.elements)
    return size if subject.default is None else size + _length(subject.default)


def _length(data: Data) -> int:
    if isinstance(data, int):
        return _NUMBER
    return sum(map(len, data)) + len(data) if isinstance(data, tuple) else len(data) + 1
