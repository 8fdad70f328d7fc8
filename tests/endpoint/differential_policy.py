"""Families as a project of YAML files, and the settings that policyc's own front makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from endpoint import differential_data as some
from endpoint.differential_cases import Family
from policyc.analysis import Context, analyse
from policyc.diagnostics import Diagnostic
from policyc.lowering import lower
from policyc.model import Data, Setting, SetValue
from policyc.source import load_project
from registry_settings import altered

HALF = "\ud800"


@dataclass(frozen=True, slots=True)
class Lowered:
    """What policyc makes of the families."""

    families: tuple[Family, ...]
    """Those that it takes."""
    settings: tuple[Setting, ...]
    refused: tuple[str, ...]
    """Findings on settings that it doesn't take: two on one place that fight each other."""


class _Quoted(yaml.SafeDumper):
    """Text always in double quotes: it reads as text by the rules of YAML 1.2 too."""


_Quoted.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))
_Quoted.ignore_aliases = lambda *_: True


def settings_of(families: Sequence[Family], folder: Path) -> Lowered:
    """Write the policies, load and lower them. Raises AssertionError where the language refuses what it should take."""
    refused: list[str] = []
    while True:
        settings, found = _compiled(families, folder)
        names = {family.number for family in families}
        bad = {number: one.message for one in found if one.is_error and (number := _number(one)) in names}
        lowering = [one for one in found if one.is_error and not one.code.startswith("PC04")]
        assert not lowering, [(one.code, one.message, one.location) for one in lowering[:5]]
        if not bad:
            return Lowered(tuple(families), _as_made(settings, families), tuple(refused))
        refused += bad.values()
        families = [family for family in families if family.number not in bad]


def _compiled(families: Iterable[Family], folder: Path) -> tuple[Sequence[Setting], list[Diagnostic]]:
    """Every other family comes by a baseline."""
    folder.mkdir(parents=True, exist_ok=True)
    trees: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for family in families:
        trees[family.number % 2].update(family.trees)
    texts = {
        "project.yaml": {"project": {"name": "Differential run", "id": "440e0b02-76f5-5702-8ba9-ad91eede3eff"}},
        "base.yaml": {"baseline": {"name": "Base"}, "settings": trees[0]},
        "own.yaml": {"collection": {"name": "Own"}, "baselines": ["Base"], "settings": trees[1]},
    }
    for name, tree in texts.items():
        folder.joinpath(name).write_text(yaml.dump(tree, Dumper=_Quoted, width=10**6), encoding="utf-8", newline="\n")
    sources = load_project(folder)
    assert not [one for one in sources.diagnostics if one.is_error], sources.diagnostics[:3]
    project, found = lower(sources)
    assert project is not None
    found += analyse(project, Context(as_of=date(2026, 1, 1), root=folder))
    return project.collections[0].settings, found


def _number(finding: Diagnostic) -> int | None:
    """The family of the setting that a finding names."""
    names = [str(step) for step in finding.location.path if str(step).startswith("g")]
    return int(names[0][1:].partition("-")[0]) if names else None


def _as_made(settings: Sequence[Setting], families: Iterable[Family]) -> tuple[Setting, ...]:
    """With what no file can say."""
    by_number = {family.number: family for family in families}
    made = []
    for setting in settings:
        family = by_number[int(setting.id[1:].partition("-")[0])]
        one = altered(setting, clear_on_undo=True) if setting.id in family.cleared else setting
        made.append(_with_halves(one) if family.lone else one)
    return tuple(made)


def _with_halves(setting: Setting) -> Setting:
    condition = setting.subject.condition
    return altered(
        setting,
        condition=replace(condition, operands=tuple(map(_halved, condition.operands))),
        values=tuple(replace(one, data=_halved(one.data)) for one in setting.subject.values),
        default=None if setting.subject.default is None else _halved(setting.subject.default),
        write=SetValue(_halved(setting.subject.write.data))
        if isinstance(setting.subject.write, SetValue)
        else setting.subject.write,
    )


def _halved(data: Data) -> Data:
    if isinstance(data, str):
        return data.replace(some.LONE, HALF)
    return tuple(one.replace(some.LONE, HALF) for one in data) if isinstance(data, tuple) else data
