"""Groups of settings that one compliance rule of ConfigMgr can speak for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policyc.model import Collection, Granularity, Setting, Severity
from policyc.powershell.scripts import Script, entry, script_text

SCRIPT_BUDGET = 32_000
"""Bytes of a compliance script. ConfigMgr documents no limit for them; 32 KB is that of detection scripts."""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings with one severity that are all remediated or all reported: a rule has one severity and one remediation."""

    id: str
    """The folder below `compliance/`."""
    severity: Severity
    remediated: bool
    settings: tuple[Setting, ...]


def groups(collection: Collection, granularity: Granularity) -> tuple[Group, ...]:
    """The groups of a collection, the gravest first; one a setting with `Granularity.SETTING`.

    A group whose scripts would pass the budget goes on in `<id>-2`, `<id>-3`.
    """
    if granularity is Granularity.SETTING:
        return tuple(Group(one.id, one.severity, one.remediated, (one,)) for one in collection.settings)
    sorted_out: dict[tuple[Severity, bool], list[Setting]] = {}
    for one in collection.settings:
        sorted_out.setdefault((one.severity, one.remediated), []).append(one)
    gravest_first = {severity: -rank for rank, severity in enumerate(Severity)}
    found: list[Group] = []
    for (severity, remediated), members in sorted(
        sorted_out.items(), key=lambda item: (gravest_first[item[0][0]], not item[0][1])
    ):
        name = f"{severity}-{'remediated' if remediated else 'reported'}"
        for number, part in enumerate(_parts(collection, members, remediated=remediated), 1):
            found.append(Group(name if number == 1 else f"{name}-{number}", severity, remediated, part))
    return tuple(found)


def _parts(collection: Collection, members: list[Setting], *, remediated: bool) -> Iterator[tuple[Setting, ...]]:
    """The members in runs whose largest script stays within the budget, judged with the code that all of them need."""
    script = Script.REMEDIATION if remediated else Script.DISCOVERY
    rows = [entry(one) for one in members]
    frame = len(script_text(script, slug=collection.slug, source=collection.origin.file, entries=rows))
    sizes = [len(row.text(script)) for row in rows]
    if frame <= SCRIPT_BUDGET:
        yield tuple(members)
        return
    budget = SCRIPT_BUDGET - (frame - sum(sizes))
    part: list[Setting] = []
    used = 0
    for one, size in zip(members, sizes, strict=True):
        if part and used + size > budget:
            yield tuple(part)
            part, used = [], 0
        part.append(one)
        used += size
    yield tuple(part)
