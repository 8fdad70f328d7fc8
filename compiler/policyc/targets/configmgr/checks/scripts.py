"""Compliance scripts: what the site must allow for them, and how long they may be."""

from __future__ import annotations

from collections.abc import Iterator

from policyc.diagnostics import Diagnostic, error, note
from policyc.model import Append, Collection, Data, Project, Registry, Setting, SetValue
from policyc.targets.configmgr.limits import SCRIPT_BUDGET

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
    for collection in project.collections:
        for setting in collection.settings:
            if not setting.native and _size(setting) > _SMALL:
                yield from _too_long(collection, setting)


def _too_long(collection: Collection, setting: Setting) -> Iterator[Diagnostic]:
    from policyc.powershell.scripts import Script, collection_script, entry

    rows = [entry(setting)]
    wanted = [Script.DISCOVERY, Script.REMEDIATION] if setting.remediated else [Script.DISCOVERY]
    longest = max(len(collection_script(one, collection, rows)) for one in wanted)
    if longest > SCRIPT_BUDGET:
        yield error(
            "PC0506",
            f"The setting '{setting.id}' alone makes a compliance script of {longest:,} bytes; {SCRIPT_BUDGET:,} are allowed",
            setting.origin.below(setting.subject.word),
            help="shorten its data, say it with a shorter condition such as 'matches', or split it into settings of their own",
            holds=collection.slug,
        )


def _size(setting: Setting) -> int:
    """Characters of all that the setting's row holds: a quick measure that looks at no text."""
    subject = setting.subject
    if not isinstance(subject, Registry):
        return len(repr(subject))
    write, place = subject.write, subject.place
    size = len(place.key) + len(place.name or "") + sum(map(_length, subject.condition.operands))
    if isinstance(write, SetValue):
        size += _length(write.data)
    elif isinstance(write, Append):
        size += _length(write.elements)
    return size if subject.default is None else size + _length(subject.default)


def _length(data: Data) -> int:
    if isinstance(data, int):
        return _NUMBER
    return sum(map(len, data)) + len(data) if isinstance(data, tuple) else len(data) + 1
